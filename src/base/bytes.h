/* A growing byte buffer. A failed append sets `failed` and later appends do nothing, so that one check at the
   end is enough. */
#ifndef TX_BASE_BYTES_H
#define TX_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

typedef struct tx_bytes {
  char *data; /* NUL after data[size - 1] once anything was appended */
  size_t size;
  size_t capacity;
  bool failed;
} tx_bytes;

void tx_bytes_append(tx_bytes *bytes, const void *data, size_t size);
void tx_bytes_text(tx_bytes *bytes, const char *text);
/* A text as a field of a TSV file: what would end it, a tab or an end of line, becomes a blank. */
void tx_bytes_field(tx_bytes *bytes, const char *text);
void tx_bytes_printf(tx_bytes *bytes, const char *format, ...) TX_PRINTF(2, 3);
/* Appends a JSON string with its quotes; bytes that are not valid UTF-8 become U+FFFD. */
void tx_bytes_json_string(tx_bytes *bytes, const char *text, size_t length);
/* Length (1 to 4) of the valid UTF-8 sequence at `text` (RFC 3629), or 0 when there is none in the `left`
   bytes. */
size_t tx_utf8_length(const char *text, size_t left);
/* Length in bytes of the control character at `text`: 1 for those below 32 (but not for the closing NUL) and
   127, 2 for U+0080 to U+009F, which terminals obey too; 0 when there is none. */
size_t tx_control_length(const char *text);
/* Appends text for a terminal, on one line: control characters, characters that change the direction of
   writing, and bytes that are not valid UTF-8 are written as \x1b or \u009b. */
void tx_bytes_plain(tx_bytes *bytes, const char *text);
void tx_bytes_clear(tx_bytes *bytes); /* keeps the memory */
void tx_bytes_free(tx_bytes *bytes);

#endif
