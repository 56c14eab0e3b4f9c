#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool tx_is_ascii(const char *text, size_t length)
{
  uint64_t high = 0, word;
  size_t i = 0;
  for (; i + sizeof word <= length; i += sizeof word) {
    memcpy(&word, text + i, sizeof word);
    high |= word;
  }
  for (; i < length; i++) high |= (unsigned char)text[i];
  return (high & UINT64_C(0x8080808080808080)) == 0;
}

/* The letter of a byte in Windows-1252; the five bytes that it does not define are control characters. */
static uint32_t windows_letter(unsigned char byte)
{
  static const uint16_t letters[32] = {
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  return byte >= 0x80 && byte < 0xA0 ? letters[byte - 0x80] : byte;
}

/* The letter of a valid sequence of two or three bytes; of a longer one 0, as none of these is special. */
static uint32_t decode(const unsigned char *at, size_t length)
{
  if (length == 2) return (at[0] & 0x1FU) << 6 | (at[1] & 0x3FU);
  return length == 3 ? (at[0] & 0x0FU) << 12 | (at[1] & 0x3FU) << 6 | (at[2] & 0x3FU) : 0;
}

static bool is_blank(uint32_t letter)
{
  return letter == 0xA0 || letter == 0x1680 || (letter >= 0x2000 && letter <= 0x200A) || letter == 0x2028 ||
         letter == 0x2029 || letter == 0x202F || letter == 0x205F || letter == 0x3000;
}

/* Appends a letter of Windows-1252 beyond ASCII. */
static void append_letter(tx_bytes *bytes, uint32_t letter)
{
  char text[3];
  size_t length = 0;
  if (letter >= 0x800) {
    text[length++] = (char)(0xE0 | letter >> 12);
    text[length++] = (char)(0x80 | (letter >> 6 & 0x3F));
  } else {
    text[length++] = (char)(0xC0 | letter >> 6);
  }
  text[length++] = (char)(0x80 | (letter & 0x3F));
  tx_bytes_append(bytes, text, length);
}

bool tx_bytes_utf8(tx_bytes *bytes, const char *text, size_t length)
{
  bool valid = true;
  tx_bytes_clear(bytes);
  tx_bytes_append(bytes, "", 0);
  while (length) {
    size_t step = 0;
    uint32_t letter;
    while (step < length && (unsigned char)text[step] < 0x80) step++;
    tx_bytes_append(bytes, text, step);
    text += step;
    length -= step;
    if (!length) break;
    step = tx_utf8_length(text, length);
    letter = step ? decode((const unsigned char *)text, step) : windows_letter((unsigned char)*text);
    if (is_blank(letter))
      tx_bytes_append(bytes, " ", 1);
    else if (step && letter != 0xFEFF && letter != 0x200B)
      tx_bytes_append(bytes, text, step);
    else if (!step)
      append_letter(bytes, letter);
    if (!step) {
      valid = false;
      step = 1;
    }
    text += step;
    length -= step;
  }
  return valid;
}

void tx_utf8_line(tx_bytes *bytes, const char *text, size_t length, uint64_t line, tx_foreign_lines *foreign)
{
  if (tx_bytes_utf8(bytes, text, length)) return;
  if (!foreign->count++) foreign->first = line;
}

bool tx_foreign_lines_describe(const tx_foreign_lines *foreign, char *text, size_t size)
{
  if (!foreign->count) return false;
  snprintf(text, size,
           "not UTF-8, read as Latin-1 (Windows-1252): %" PRIu64 " line%s, the first is line %" PRIu64,
           foreign->count, foreign->count == 1 ? "" : "s", foreign->first);
  return true;
}
