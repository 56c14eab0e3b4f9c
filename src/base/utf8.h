/* Lines of text files as valid UTF-8 with plain blanks. */
#ifndef TX_BASE_UTF8_H
#define TX_BASE_UTF8_H

#include "base/bytes.h"

#include <stdint.h>

/* Lines of one file that were not UTF-8. Zero-initialise. */
typedef struct tx_foreign_lines {
  uint64_t count;
  uint64_t first; /* 1-based line of the first of them */
} tx_foreign_lines;

/* Whether all bytes are below 128: such a text is not changed by tx_bytes_utf8. */
bool tx_is_ascii(const char *text, size_t length);
/* Replaces the content of `bytes` by the text as valid UTF-8. A byte that belongs to no UTF-8 sequence is a
   letter of Windows-1252, which has those of Latin-1. Blanks other than ASCII's (no-break, thin, wide, line
   separators) become ' '; byte order marks and zero-width blanks are left out. Returns whether the text was
   UTF-8. */
bool tx_bytes_utf8(tx_bytes *bytes, const char *text, size_t length);
/* The same for a line of a file, which is counted if it was none. */
void tx_utf8_line(tx_bytes *bytes, const char *text, size_t length, uint64_t line, tx_foreign_lines *foreign);
/* Writes a line about them; false: there are none. */
bool tx_foreign_lines_describe(const tx_foreign_lines *foreign, char *text, size_t size);

#endif
