/* Lines of any length from an input, in stretches that fit into one fixed buffer: nothing else is kept, and
   nothing is read before it is needed. Used by one thread. */
#ifndef TX_SEQ_SCANNER_H
#define TX_SEQ_SCANNER_H

#include "base/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tx_scanner {
  tx_input *input;
  char *buffer; /* capacity bytes; those from position to limit are not yet taken */
  size_t capacity, position, limit;
  uint64_t line;   /* 1-based number of the line of the last byte peeked at or taken */
  bool line_ended; /* the newline of `line` was taken */
  bool at_end;     /* the input has no more bytes */
} tx_scanner;

/* Opens a path, "-" for standard input, and allocates a buffer of `capacity` bytes (at least 1). Reads
   nothing yet. */
tx_status tx_scanner_open(tx_scanner *scanner, const char *path, const tx_input_hooks *opt_hooks,
                          size_t capacity, tx_error *error);
/* The same for an input that is already open; the scanner owns it from now on, and it is closed if this
   fails. */
tx_status tx_scanner_adopt(tx_scanner *scanner, tx_input *input, size_t capacity, tx_error *error);
/* *ret_byte: the next byte (0..255), left in place, or -1 at the end of the input. */
tx_status tx_scanner_peek(tx_scanner *scanner, int *ret_byte, tx_error *error);
/* Takes the byte that tx_scanner_peek has just shown (not the end). */
void tx_scanner_take(tx_scanner *scanner);
/* Takes the next stretch of the current line; borrowed until the next call. *ret_ended tells that the line is
   finished: its newline was taken and is not part of the stretch, or the input ended. */
tx_status tx_scanner_stretch(tx_scanner *scanner, const char **ret_text, size_t *ret_length, bool *ret_ended,
                             tx_error *error);
/* Takes the rest of the current line; all of it if none of its bytes was taken. */
tx_status tx_scanner_skip_line(tx_scanner *scanner, tx_error *error);
/* Takes up to `most` (> 0) bytes of any kind; *ret_count 0 only at the end. Lines are not counted. Borrowed
   until the next call. */
tx_status tx_scanner_bytes(tx_scanner *scanner, size_t most, const char **ret_data, size_t *ret_count,
                           tx_error *error);
/* Closes and frees; a zeroed scanner is allowed. The scanner is zeroed. */
void tx_scanner_close(tx_scanner *scanner);

#endif
