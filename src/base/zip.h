/* Zip archives in memory: reading (stored and deflated entries, zip64) and writing (stored entries). Only
   what PyTorch's files need: no encryption, no archive in several parts. */
#ifndef TX_BASE_ZIP_H
#define TX_BASE_ZIP_H

#include "base/bytes.h"
#include "base/file.h"

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

typedef struct tx_zip tx_zip;

/* An entry of the directory. Its bytes lie within the archive: that is checked when the archive is opened. */
typedef struct tx_zip_entry {
  const char *name;          /* owned by the archive */
  const unsigned char *data; /* the stored bytes, borrowed from the archive */
  size_t stored;             /* bytes in the archive */
  size_t size;               /* bytes of the content */
  uint32_t crc;
  bool deflated;
} tx_zip_entry;

/* Reads the directory of an archive of `size` bytes, which are borrowed until the close; `name` is for
   messages. Every offset and length is checked against the bytes. TX_ERROR_DATA: no archive, damaged,
   encrypted, two entries of one name, another method of compression; TX_ERROR_MEMORY. */
tx_status tx_zip_open(const char *name, const void *data, size_t size, tx_zip **ret_zip, tx_error *error);
size_t tx_zip_count(const tx_zip *zip);
/* The entry of that index in the order of the directory; NULL past the end. */
const tx_zip_entry *tx_zip_at(const tx_zip *zip, size_t index);
/* The entry of that name, NULL if absent. */
const tx_zip_entry *tx_zip_find(const tx_zip *zip, const char *name);
/* Decompresses an entry and compares its checksum. *ret_data has entry->size bytes: those of the archive for
   a stored entry, else the memory *ret_owned, which the caller frees (NULL for a stored entry). An entry of
   more than `limit` bytes is refused before memory is taken. TX_ERROR_DATA, TX_ERROR_MEMORY. */
tx_status tx_zip_read(const tx_zip *zip, const tx_zip_entry *entry, size_t limit,
                      const unsigned char **ret_data, unsigned char **ret_owned, tx_error *error);
/* NULL is allowed. */
void tx_zip_close(tx_zip *zip);

/* An archive that is written: entries, then the directory. Zero before the first entry. */
typedef struct tx_zip_writer {
  tx_bytes directory;
  uint64_t offset;
  size_t count;
} tx_zip_writer;

/* Appends an entry, stored, its content at a multiple of 64 bytes. TX_ERROR_USAGE when the archive would have
   4 GiB or more; those of tx_output_write; TX_ERROR_MEMORY. */
tx_status tx_zip_put(tx_zip_writer *writer, tx_output *output, const char *name, const void *data,
                     size_t size, tx_error *error);
/* Appends the directory. */
tx_status tx_zip_end(tx_zip_writer *writer, tx_output *output, tx_error *error);
/* Frees the directory, also after a failure. */
void tx_zip_writer_free(tx_zip_writer *writer);

#endif
