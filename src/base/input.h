/* Byte input from a path or standard input ("-"), decompressed by its content: plain, gzip, bgzip, bzip2, xz,
   zstd. Every reader that is built on it passes on the caller's tx_input_hooks, which say how a wait ends and
   where warnings go. */
#ifndef TX_BASE_INPUT_H
#define TX_BASE_INPUT_H

#include <stddef.h>
#include <taxamba/record.h>

typedef struct tx_input tx_input;

/* Errors: TX_ERROR_IO when the file is missing, a directory or unreadable; TX_ERROR_DATA when it begins like
   gzip and is not gzip, or is of a format whose library the program was built without. */
tx_status tx_input_open(const char *path, const tx_input_hooks *opt_hooks, tx_input **ret_input,
                        tx_error *error);
/* The same for `size` bytes in memory, which are copied; `name` is for messages. */
tx_status tx_input_open_memory(const char *name, const void *data, size_t size, tx_input **ret_input,
                               tx_error *error);
/* The name for messages: the path, or "standard input". Borrowed. */
const char *tx_input_name(const tx_input *input);
/* Reads up to `size` bytes; *ret_count 0 only at the true end. On plain pipes and terminals it returns the
   bytes that are available instead of waiting for `size`. A regular file whose size or time of change differs
   at its end is TX_ERROR_IO. Truncated or corrupt compressed data is TX_ERROR_DATA, never a normal end, and
   so is xz that asks for more than 512 MiB of memory and zstd for more than 128 MiB. Zeros after compressed
   data are padding; other bytes after them, and bgzip without the empty block that ends it, cause a warning.
   After TX_STOPPED it may be called again. */
tx_status tx_input_read(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error);
/* Sends "NAME: text" to the warnings of its hooks, if they take any. */
void tx_input_warn(const tx_input *input, const char *text);
/* Shows the bytes that the next read will return, without taking them: up to TX_INPUT_PEEK_MAX, fewer than
   `least` only at the true end. Does not wait for more than that. Borrowed until the next call. */
enum { TX_INPUT_PEEK_MAX = 64 };
tx_status tx_input_peek(tx_input *input, size_t least, const char **ret_data, size_t *ret_count,
                        tx_error *error);
void tx_input_close(tx_input *input);

#endif
