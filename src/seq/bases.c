#include "seq/bases.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Values of tx_letters, chosen so that the class of a stretch is the bitwise AND over its bytes. Bytes not
   named are foreign. */
#define LETTER(upper, lower) [upper] = TX_LETTERS_PURE, [lower] = TX_LETTERS_PURE
static const unsigned char letter_classes[256] = {
    LETTER('A', 'a'),           LETTER('C', 'c'),           LETTER('G', 'g'),
    LETTER('T', 't'),           LETTER('U', 'u'),           LETTER('R', 'r'),
    LETTER('Y', 'y'),           LETTER('S', 's'),           LETTER('W', 'w'),
    LETTER('K', 'k'),           LETTER('M', 'm'),           LETTER('B', 'b'),
    LETTER('D', 'd'),           LETTER('H', 'h'),           LETTER('V', 'v'),
    LETTER('N', 'n'),           LETTER('X', 'x'),           ['-'] = TX_LETTERS_PURE,
    ['.'] = TX_LETTERS_PURE,    [' '] = TX_LETTERS_SPACED,  ['\t'] = TX_LETTERS_SPACED,
    ['\n'] = TX_LETTERS_SPACED, ['\v'] = TX_LETTERS_SPACED, ['\f'] = TX_LETTERS_SPACED,
    ['\r'] = TX_LETTERS_SPACED,
};
#undef LETTER

/* Code + 1 of a letter, SKIPPED for gaps and space, 0 for any other byte, which counts as N. */
enum { SKIPPED = 255 };
static const unsigned char letter_codes[256] = {
    ['A'] = TX_BASE_A + 1, ['a'] = TX_BASE_A + 1, ['C'] = TX_BASE_C + 1, ['c'] = TX_BASE_C + 1,
    ['G'] = TX_BASE_G + 1, ['g'] = TX_BASE_G + 1, ['T'] = TX_BASE_T + 1, ['t'] = TX_BASE_T + 1,
    ['U'] = TX_BASE_T + 1, ['u'] = TX_BASE_T + 1, ['-'] = SKIPPED,       ['.'] = SKIPPED,
    [' '] = SKIPPED,       ['\t'] = SKIPPED,      ['\n'] = SKIPPED,      ['\v'] = SKIPPED,
    ['\f'] = SKIPPED,      ['\r'] = SKIPPED,
};

tx_letters tx_letters_scan(const char *letters, size_t count)
{
  /* Four independent chains, so that the loads overlap: this loop bounds the speed of the FASTA reader. */
  unsigned a = TX_LETTERS_PURE, b = a, c = a, d = a;
  const unsigned char *bytes = (const unsigned char *)letters;
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    a &= letter_classes[bytes[i]];
    b &= letter_classes[bytes[i + 1]];
    c &= letter_classes[bytes[i + 2]];
    d &= letter_classes[bytes[i + 3]];
  }
  for (; i < count; i++) a &= letter_classes[bytes[i]];
  return (tx_letters)(a & b & c & d);
}

tx_letters tx_letters_class(char letter)
{
  return (tx_letters)letter_classes[(unsigned char)letter];
}

bool tx_letters_unknown(char letter)
{
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '?' ||
         letter == '!' || letter == '*';
}

void tx_foreign_begin(tx_foreign *foreign)
{
  foreign->letters = 0;
  foreign->first = '\0';
}

void tx_foreign_add(tx_foreign *foreign, char letter, uint64_t line)
{
  if (!foreign->first) {
    foreign->first = letter;
    foreign->first_line = line;
    foreign->sequences++;
  }
  if (!foreign->all++) {
    foreign->example = letter;
    foreign->example_line = line;
  }
  foreign->letters += letter != '?' && letter != '!';
}

bool tx_foreign_end(tx_foreign *foreign, uint64_t count)
{
  return foreign->letters <= count / 8;
}

bool tx_foreign_describe(const tx_foreign *foreign, char *text, size_t size)
{
  if (!foreign->all) return false;
  snprintf(text, size,
           "letters that are no bases were read as N: %" PRIu64 " in %" PRIu64
           " sequence%s, the first is '%c' in line %" PRIu64,
           foreign->all, foreign->sequences, foreign->sequences == 1 ? "" : "s", foreign->example,
           foreign->example_line);
  return true;
}

const char *tx_letters_describe(char letter, char *text)
{
  unsigned char byte = (unsigned char)letter;
  if (byte < 32 || byte > 126)
    snprintf(text, 128, "byte 0x%02x: this looks like binary data, not sequence text", (unsigned)byte);
  else if (strchr("EFILPQZJOefilpqzjo*", letter))
    snprintf(text, 128, "'%c' is no nucleotide letter: this looks like protein, expected DNA", letter);
  else
    snprintf(text, 128, "'%c' is no nucleotide letter (ACGTU, IUPAC codes, '-' and '.' are)", letter);
  return text;
}

size_t tx_bases_encode(const char *letters, size_t count, uint8_t *codes)
{
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    unsigned char code = letter_codes[(unsigned char)letters[i]];
    if (code == SKIPPED) continue;
    codes[used++] = code ? (uint8_t)(code - 1) : TX_BASE_N;
  }
  return used;
}

uint32_t tx_bases_set(char letter)
{
  /* 15 minus the set, so that bytes not named have 15. */
  static const unsigned char missing[256] = {
      ['A'] = 14, ['a'] = 14, ['C'] = 13, ['c'] = 13, ['G'] = 11, ['g'] = 11, ['T'] = 7,  ['t'] = 7,
      ['U'] = 7,  ['u'] = 7,  ['R'] = 10, ['r'] = 10, ['Y'] = 5,  ['y'] = 5,  ['S'] = 9,  ['s'] = 9,
      ['W'] = 6,  ['w'] = 6,  ['K'] = 3,  ['k'] = 3,  ['M'] = 12, ['m'] = 12, ['B'] = 1,  ['b'] = 1,
      ['D'] = 2,  ['d'] = 2,  ['H'] = 4,  ['h'] = 4,  ['V'] = 8,  ['v'] = 8,
  };
  const unsigned char byte = (unsigned char)letter;
  return letter_codes[byte] == SKIPPED ? 0 : 15u - missing[byte];
}

size_t tx_bases_encode_first(const char *letters, size_t count, size_t most, uint8_t *codes)
{
  size_t used = 0;
  if (!most || most >= count) return tx_bases_encode(letters, count, codes);
  for (size_t i = 0; i < count && used < most; i++) used += tx_bases_encode(letters + i, 1, codes + used);
  return used;
}

size_t tx_bases_encode_last(const char *letters, size_t count, size_t most, uint8_t *codes)
{
  size_t start = count, used = 0;
  if (!most || most >= count) return tx_bases_encode(letters, count, codes);
  while (start > 0 && used < most) used += letter_codes[(unsigned char)letters[--start]] != SKIPPED;
  return tx_bases_encode(letters + start, count - start, codes);
}

size_t tx_bases_trim(const uint8_t *codes, size_t count, size_t max_bases)
{
  if (max_bases && count > max_bases) count = max_bases;
  while (count && codes[count - 1] > TX_BASE_T) count--;
  return count;
}

static uint8_t complement(uint8_t code)
{
  return code <= TX_BASE_T ? (uint8_t)(TX_BASE_T - code) : TX_BASE_N;
}

void tx_bases_reverse_complement(uint8_t *codes, size_t count)
{
  size_t low = 0, high = count;
  while (low + 1 < high) {
    uint8_t first = codes[low];
    high--;
    codes[low++] = complement(codes[high]);
    codes[high] = complement(first);
  }
  if (low < high) codes[low] = complement(codes[low]);
}

size_t tx_bases_certain(const uint8_t *codes, size_t count)
{
  size_t certain = 0;
  for (size_t i = 0; i < count; i++) certain += codes[i] <= TX_BASE_T;
  return certain;
}

void tx_bases_pack(const uint8_t *codes, size_t count, uint8_t *packed)
{
  size_t pairs = count / 2;
  for (size_t i = 0; i < pairs; i++) packed[i] = (uint8_t)(codes[2 * i] | (codes[2 * i + 1] << 4));
  if (count & 1) packed[pairs] = codes[count - 1];
}

void tx_bases_unpack(const uint8_t *packed, size_t count, uint8_t *codes)
{
  size_t pairs = count / 2;
  for (size_t i = 0; i < pairs; i++) {
    codes[2 * i] = packed[i] & 15;
    codes[2 * i + 1] = packed[i] >> 4;
  }
  if (count & 1) codes[count - 1] = packed[pairs] & 15;
}
