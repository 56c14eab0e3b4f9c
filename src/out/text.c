#include "out/text.h"

#include <stdbool.h>

static bool breaks_field(char letter)
{
  return letter == '\t' || letter == '\n' || letter == '\r' || letter == '\0';
}

void tx_text_field(tx_bytes *out, const char *text, size_t length)
{
  while (length) {
    size_t plain = 0;
    while (plain < length && !breaks_field(text[plain])) plain++;
    tx_bytes_append(out, text, plain);
    text += plain;
    length -= plain;
    if (!length) break;
    tx_bytes_append(out, " ", 1);
    text++;
    length--;
  }
}
