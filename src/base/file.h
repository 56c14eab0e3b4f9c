/* Files: outputs that appear complete or not at all, and small inputs. */
#ifndef TX_BASE_FILE_H
#define TX_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* An output file. A path is written under a temporary name in the same folder, locked, and renamed by
   tx_output_commit; temporary files of the same name that killed runs have left are removed
   (base/temporary.h). "-" and "" are standard output. A path that exists and is not a regular file
   (/dev/full, a named pipe) is written directly. */
typedef struct tx_output tx_output;

/* opt_stop: while it is not 0, opening and writing do not wait for a reader but return TX_STOPPED within a
   tenth of a second; NULL waits as long as it takes. Regular files are always written. */
tx_status tx_output_open(const char *path, const volatile int *opt_stop, tx_output **ret_output,
                         tx_error *error);
/* Opens a file that grows line by line. Unlike the others it is visible from the start: it is written in
   place, after the existing content (`append`) or instead of it. The same functions write and end it. */
tx_status tx_output_open_journal(const char *path, bool append, const volatile int *opt_stop,
                                 tx_output **ret_output, tx_error *error);
/* Flushes and syncs, as far as the file can be synced. */
tx_status tx_output_sync(tx_output *output, tx_error *error);
/* Writes through a buffer. TX_ERROR_IO with the path and the reason; TX_ERROR_PIPE when the reader has closed
   the pipe (the tool handles SIGPIPE). */
tx_status tx_output_write(tx_output *output, const void *data, size_t size, tx_error *error);
tx_status tx_output_flush(tx_output *output, tx_error *error);
/* Overwrites bytes at an absolute position, for headers whose counts are known last; only for paths, not for
   standard output. */
tx_status tx_output_patch(tx_output *output, uint64_t position, const void *data, size_t size,
                          tx_error *error);
bool tx_output_seekable(const tx_output *output);
/* Flushes, syncs and renames. The output is closed whether or not this succeeds. */
tx_status tx_output_commit(tx_output *output, tx_error *error);
/* The same for outputs that belong together: all are flushed, synced and checked before the first of them is
   renamed; then they are renamed in the order given. After an error every old file is still there: outputs
   that were renamed already are renamed back, where the file system has hard links. A crash between two
   renames cannot be ruled out. The entries are NULL afterwards. */
tx_status tx_outputs_commit(tx_output **outputs, size_t count, tx_error *error);
/* Closes and removes the temporary file; an existing file stays as it was. NULL is allowed. */
void tx_output_abort(tx_output *output);

/* Opens for reading without waiting for the other end of a named pipe; a directory is TX_ERROR_IO. The caller
   checks what kind of file it is. */
struct stat;
tx_status tx_open_regular(const char *path, struct stat *ret_status, int *ret_descriptor, tx_error *error);

/* Reads a whole small file (a configuration), NUL-terminated; refuses more than `limit` bytes. The caller
   frees *ret_text. */
tx_status tx_read_file(const char *path, size_t limit, const volatile int *opt_stop, char **ret_text,
                       size_t *ret_length, tx_error *error);

#endif
