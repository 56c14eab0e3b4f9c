/* Whole files in memory: once a file is read, later changes of it have no effect. */
#ifndef TX_BASE_CONTENT_H
#define TX_BASE_CONTENT_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* The bytes of a file, aligned to 64; owned, freed by tx_content_free. */
typedef struct tx_content {
  unsigned char *data;
  size_t size;
} tx_content;

/* Judges a file by its first bytes (TX_CONTENT_START of them, fewer of a shorter file) and its size, before
   memory is taken for the rest: a large file of another kind is refused without being read. */
enum { TX_CONTENT_START = 64 };
typedef tx_status (*tx_content_judge)(const char *path, const unsigned char *start, size_t start_size,
                                      uint64_t size, tx_error *error);

/* Reads a regular file. opt_judge may be NULL. Does not wait for a named pipe.
   Errors: TX_ERROR_IO when the file cannot be read, is not a regular file, or has another size at the end of
   reading than at its beginning; TX_ERROR_DATA when it is empty; TX_ERROR_MEMORY; those of the judge. On
   failure *ret_content is empty. */
tx_status tx_content_read(const char *path, tx_content_judge opt_judge, tx_content *ret_content,
                          tx_error *error);
/* Frees the bytes; empty content is allowed. */
void tx_content_free(tx_content *content);

#endif
