#include "report/markup.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Characters that change the direction of the writing around them: U+200E, U+200F, U+202A to U+202E, U+2066
   to U+2069. */
static bool turns_direction(const char *text, size_t length)
{
  const unsigned char *u = (const unsigned char *)text;
  if (length != 3 || u[0] != 0xe2) return false;
  return (u[1] == 0x80 && (u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xaa && u[2] <= 0xae))) ||
         (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
}

/* Appends the character at `text`, and returns its length. */
static size_t put_character(tx_bytes *out, const char *text, size_t left)
{
  const size_t length = tx_utf8_length(text, left);
  const char *reference = NULL;
  switch (*text) {
  case '&':
    reference = "&amp;";
    break;
  case '<':
    reference = "&lt;";
    break;
  case '>':
    reference = "&gt;";
    break;
  case '"':
    reference = "&quot;";
    break;
  case '\'':
    reference = "&#39;";
    break;
  default:
    break;
  }
  if (!length || tx_control_length(text) || turns_direction(text, length)) reference = REPLACEMENT;
  if (reference)
    tx_bytes_text(out, reference);
  else
    tx_bytes_append(out, text, length);
  return length ? length : 1;
}

void tx_markup_short(tx_bytes *out, const char *text, size_t most)
{
  size_t left = strlen(text), characters = 0;
  for (size_t i = 0; i < left; i++) characters += ((unsigned char)text[i] & 0xc0) != 0x80;
  if (characters > most)
    characters = most ? most - 1 : 0;
  else
    characters = left;
  for (size_t i = 0; i < characters && left; i++) {
    const size_t length = put_character(out, text, left);
    text += length;
    left -= length;
  }
  if (left) tx_bytes_text(out, "\xe2\x80\xa6");
}

void tx_markup_text(tx_bytes *out, const char *text)
{
  for (size_t left = strlen(text); left;) {
    const size_t length = put_character(out, text, left);
    text += length;
    left -= length;
  }
}

static void put_coordinate(tx_bytes *out, double value)
{
  const double tenths = isfinite(value) ? round(value * 10) : 0;
  if (fmod(tenths, 10) == 0)
    tx_bytes_printf(out, "%.0f", tenths / 10 + 0.0);
  else
    tx_bytes_printf(out, "%.1f", tenths / 10);
}

void tx_markup(tx_bytes *out, const char *template, ...)
{
  va_list arguments;
  va_start(arguments, template);
  while (*template) {
    const size_t length = strcspn(template, "%");
    tx_bytes_append(out, template, length);
    template += length;
    if (!*template) break;
    switch (template[1]) {
    case 's':
      tx_markup_text(out, va_arg(arguments, const char *));
      break;
    case 'm':
      tx_bytes_text(out, va_arg(arguments, const char *));
      break;
    case 'd':
      tx_bytes_printf(out, "%d", va_arg(arguments, int));
      break;
    case 'u':
      tx_bytes_printf(out, "%zu", va_arg(arguments, size_t));
      break;
    case 'c':
      put_coordinate(out, va_arg(arguments, double));
      break;
    default:
      tx_bytes_text(out, "%");
      break;
    }
    template += template[1] ? 2 : 1;
  }
  va_end(arguments);
}
