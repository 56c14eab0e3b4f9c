#include "base/bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Makes space for `size` more bytes and the closing NUL. */
static bool make_room(tx_bytes *bytes, size_t size)
{
  size_t needed;
  if (bytes->failed) return false;
  if (!tx_add(bytes->size, size, &needed) || !tx_add(needed, 1, &needed) ||
      !tx_reserve(&bytes->data, &bytes->capacity, needed, 1)) {
    bytes->failed = true;
    return false;
  }
  return true;
}

void tx_bytes_append(tx_bytes *bytes, const void *data, size_t size)
{
  if (!make_room(bytes, size)) return;
  if (size) memcpy(bytes->data + bytes->size, data, size);
  bytes->size += size;
  bytes->data[bytes->size] = '\0';
}

void tx_bytes_text(tx_bytes *bytes, const char *text)
{
  tx_bytes_append(bytes, text, strlen(text));
}

void tx_bytes_field(tx_bytes *bytes, const char *text)
{
  for (; *text; text++) {
    const char letter = *text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text;
    tx_bytes_append(bytes, &letter, 1);
  }
}

void tx_bytes_printf(tx_bytes *bytes, const char *format, ...)
{
  va_list arguments;
  va_list again;
  int length;
  if (!make_room(bytes, 64)) return;
  va_start(arguments, format);
  va_copy(again, arguments);
  length = vsnprintf(bytes->data + bytes->size, bytes->capacity - bytes->size, format, arguments);
  if (length < 0) {
    bytes->failed = true;
  } else if ((size_t)length < bytes->capacity - bytes->size) {
    bytes->size += (size_t)length;
  } else if (make_room(bytes, (size_t)length)) {
    vsnprintf(bytes->data + bytes->size, (size_t)length + 1, format, again);
    bytes->size += (size_t)length;
  }
  if (bytes->failed && bytes->data) bytes->data[bytes->size] = '\0';
  va_end(again);
  va_end(arguments);
}

size_t tx_utf8_length(const char *text, size_t left)
{
  const unsigned char *at = (const unsigned char *)text;
  size_t length;
  if (!left) return 0;
  length = at[0] < 0x80 ? 1 : at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : at[0] < 0xF5 ? 4 : 0;
  if (!length || length > left) return 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  if (at[0] == 0xE0 && at[1] < 0xA0) return 0; /* overlong */
  if (at[0] == 0xED && at[1] > 0x9F) return 0; /* surrogate */
  if (at[0] == 0xF0 && at[1] < 0x90) return 0; /* overlong */
  if (at[0] == 0xF4 && at[1] > 0x8F) return 0; /* above U+10FFFF */
  return length;
}

size_t tx_control_length(const char *text)
{
  const unsigned char *at = (const unsigned char *)text;
  if ((at[0] && at[0] < 32) || at[0] == 127) return 1;
  return at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F ? 2 : 0;
}

/* Whether the text at `at` is U+200E, U+200F, U+202A to U+202E or U+2066 to U+2069, which change the order in
   which the text after them is displayed. */
static bool turns_direction(const unsigned char *at)
{
  if (at[0] != 0xE2) return false;
  if (at[1] == 0x80) return at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xAA && at[2] <= 0xAE);
  return at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9;
}

void tx_bytes_plain(tx_bytes *bytes, const char *text)
{
  size_t left = strlen(text);
  while (left) {
    const unsigned char *at = (const unsigned char *)text;
    const size_t control = tx_control_length(text), valid = tx_utf8_length(text, left);
    const size_t step = valid ? valid : 1;
    if (!valid || control == 1)
      tx_bytes_printf(bytes, "\\x%02x", (unsigned)at[0]);
    else if (control)
      tx_bytes_printf(bytes, "\\u%04x", (unsigned)at[1]);
    else if (turns_direction(at))
      tx_bytes_printf(bytes, "\\u%04x", 0x2000U | (at[1] & 0x3FU) << 6 | (at[2] & 0x3FU));
    else
      tx_bytes_append(bytes, text, step);
    text += step;
    left -= step;
  }
}

static void append_escaped(tx_bytes *bytes, unsigned char letter)
{
  switch (letter) {
  case '"':
    tx_bytes_append(bytes, "\\\"", 2);
    break;
  case '\\':
    tx_bytes_append(bytes, "\\\\", 2);
    break;
  case '\n':
    tx_bytes_append(bytes, "\\n", 2);
    break;
  case '\r':
    tx_bytes_append(bytes, "\\r", 2);
    break;
  case '\t':
    tx_bytes_append(bytes, "\\t", 2);
    break;
  default:
    tx_bytes_printf(bytes, "\\u%04x", (unsigned)letter);
  }
}

void tx_bytes_json_string(tx_bytes *bytes, const char *text, size_t length)
{
  const char *at = text;
  tx_bytes_append(bytes, "\"", 1);
  while (length) {
    size_t plain = 0;
    size_t step;
    while (plain < length && at[plain] >= 0x20 && at[plain] < 0x7F && at[plain] != '"' && at[plain] != '\\')
      plain++;
    tx_bytes_append(bytes, at, plain);
    at += plain;
    length -= plain;
    if (!length) break;
    step = tx_utf8_length(at, length);
    if (!step) {
      tx_bytes_append(bytes, "\xEF\xBF\xBD", 3);
      step = 1;
    } else if (step == 1) {
      append_escaped(bytes, (unsigned char)*at);
    } else if (tx_control_length(at)) {
      append_escaped(bytes, (unsigned char)at[1]);
    } else {
      tx_bytes_append(bytes, at, step);
    }
    at += step;
    length -= step;
  }
  tx_bytes_append(bytes, "\"", 1);
}

void tx_bytes_clear(tx_bytes *bytes)
{
  bytes->size = 0;
  bytes->failed = false;
  if (bytes->data) bytes->data[0] = '\0';
}

void tx_bytes_free(tx_bytes *bytes)
{
  free(bytes->data);
  memset(bytes, 0, sizeof *bytes);
}
