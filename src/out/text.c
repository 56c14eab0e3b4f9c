#include "out/text.h"

#include <stdbool.h>

static bool breaks_field(char letter)
{
  return letter == '\t' || letter == '\n' || letter == '\r' || letter == '\0';
}

void tx_text_field(tx_bytes *out, const char *text, size_t length)
{
  while (length) {
    size_t plain = 0, step = 1;
    while (plain < length && step && !breaks_field(text[plain])) {
      step = (unsigned char)text[plain] < 0x80 ? 1 : tx_utf8_length(text + plain, length - plain);
      plain += step;
    }
    tx_bytes_append(out, text, plain);
    text += plain;
    length -= plain;
    if (!length) break;
    if (step)
      tx_bytes_append(out, " ", 1);
    else
      tx_bytes_append(out, "\xEF\xBF\xBD", 3);
    text++;
    length--;
  }
}

void tx_text_confidence(tx_bytes *row, double confidence)
{
  char text[6];
  unsigned parts = confidence >= 1 ? 10000u : confidence > 0 ? (unsigned)(confidence * 1e4 + 1e-6) : 0u;
  text[0] = (char)('0' + parts / 10000);
  text[1] = '.';
  for (int i = 5; i > 1; i--, parts /= 10) text[i] = (char)('0' + parts % 10);
  tx_bytes_append(row, text, sizeof text);
}
