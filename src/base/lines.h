/* Text input, line by line. */
#ifndef TX_BASE_LINES_H
#define TX_BASE_LINES_H

#include "base/input.h"

/* Lines over an input: strips "\n" and "\r\n", any length. TX_END after the last. The line is borrowed until
   the next call. A NUL byte in a line is TX_ERROR_DATA (binary file). A line is valid UTF-8
   (tx_bytes_utf8); lines that were not cause a warning at the end. */
typedef struct tx_lines tx_lines;
tx_status tx_lines_open(const char *path, const tx_input_hooks *opt_hooks, tx_lines **ret_lines,
                        tx_error *error);
/* The same for an input that is already open; the lines own it from now on, and it is closed if this
   fails. */
tx_status tx_lines_adopt(tx_input *input, tx_lines **ret_lines, tx_error *error);
tx_status tx_lines_next(tx_lines *lines, const char **ret_line, size_t *ret_length, tx_error *error);
/* 1-based number of the line last returned. */
unsigned long long tx_lines_number(const tx_lines *lines);
const char *tx_lines_name(const tx_lines *lines);
void tx_lines_close(tx_lines *lines);

#endif
