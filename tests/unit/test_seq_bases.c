/* Letters to codes, trimming, reverse complement and packing. */
#include "seq/bases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

static const char iupac[] = "ACGTURYSWKMBDHVNX-.";

static void assert_codes(const char *letters, const char *expected)
{
  uint8_t codes[64];
  size_t count = tx_bases_encode(letters, strlen(letters), codes);
  assert_int_equal(count, strlen(expected));
  for (size_t i = 0; i < count; i++) assert_int_equal("ACGTN"[codes[i]], expected[i]);
}

static void encodes_letters(void **state)
{
  (void)state;
  assert_codes("ACGTN", "ACGTN");
  assert_codes("acgtn", "ACGTN");
  assert_codes("UuTt", "TTTT");
  assert_codes("RYSWKMBDHVNX", "NNNNNNNNNNNN");
  assert_codes("ryswkmbdhvnx", "NNNNNNNNNNNN");
  assert_codes("-A.-C..G-", "ACG");
  assert_codes(" A\tC\r\nG\v\f", "ACG");
  assert_codes("A*E1", "ANNN");
  assert_codes("", "");
  assert_codes("--..", "");
}

static void scans_letters(void **state)
{
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    char letter = (char)byte;
    int upper = byte >= 'a' && byte <= 'z' ? byte - 32 : byte;
    tx_letters expected = TX_LETTERS_FOREIGN;
    if (byte && strchr(iupac, upper)) expected = TX_LETTERS_PURE;
    if (byte && strchr(" \t\r\n\v\f", byte)) expected = TX_LETTERS_SPACED;
    assert_int_equal(tx_letters_class(letter), expected);
    assert_int_equal(tx_letters_scan(&letter, 1), expected);
    /* At every place of a stretch, beside the unrolled loop's step of four. */
    for (size_t length = 1; length < 12; length++)
      for (size_t place = 0; place < length; place++) {
        char text[12];
        memset(text, 'A', sizeof text);
        text[place] = letter;
        assert_int_equal(tx_letters_scan(text, length), expected);
      }
  }
  assert_int_equal(tx_letters_scan("A C*", 4), TX_LETTERS_FOREIGN);
  assert_int_equal(tx_letters_scan("A C*", 3), TX_LETTERS_SPACED);
  assert_int_equal(tx_letters_scan("", 0), TX_LETTERS_PURE);
}

static void describes_foreign_bytes(void **state)
{
  char text[128];
  (void)state;
  for (const char *at = "EFILPQZJOefilpqzjo*"; *at; at++) {
    assert_non_null(strstr(tx_letters_describe(*at, text), "looks like protein"));
    assert_int_equal(text[1], *at);
  }
  assert_non_null(strstr(tx_letters_describe('\0', text), "0x00: this looks like binary data"));
  assert_non_null(strstr(tx_letters_describe('\x7f', text), "binary data"));
  assert_non_null(strstr(tx_letters_describe('\xff', text), "0xff"));
  assert_null(strstr(tx_letters_describe('1', text), "protein"));
  assert_non_null(strstr(text, "'1' is no nucleotide letter"));
}

static void expect_ends(const char *letters, size_t most, const char *first, const char *last)
{
  /* Exactly as large as asked for, so that a sanitizer sees any excess. */
  size_t length = strlen(letters), room = most && most < length ? most : length, count;
  uint8_t *codes = malloc(room ? room : 1);
  assert_non_null(codes);
  count = tx_bases_encode_first(letters, length, most, codes);
  assert_int_equal(count, strlen(first));
  for (size_t i = 0; i < count; i++) assert_int_equal("ACGTN"[codes[i]], first[i]);
  count = tx_bases_encode_last(letters, length, most, codes);
  assert_int_equal(count, strlen(last));
  for (size_t i = 0; i < count; i++) assert_int_equal("ACGTN"[codes[i]], last[i]);
  free(codes);
}

static void encodes_the_ends(void **state)
{
  (void)state;
  expect_ends("", 3, "", "");
  expect_ends("--.", 2, "", "");
  expect_ends("ac-GU", 0, "ACGT", "ACGT");
  expect_ends("ac-GU", 9, "ACGT", "ACGT");
  expect_ends("ac-GU", 4, "ACGT", "ACGT");
  expect_ends("ac-GU", 3, "ACG", "CGT");
  expect_ends("--a-cR-gt--", 3, "ACN", "NGT");
  expect_ends("--a-cR-gt--", 1, "A", "T");
}

static size_t trimmed(const char *letters, size_t max_bases)
{
  uint8_t codes[64];
  size_t count = tx_bases_encode(letters, strlen(letters), codes);
  return tx_bases_trim(codes, count, max_bases);
}

static void trims(void **state)
{
  (void)state;
  assert_int_equal(trimmed("ACGT", 0), 4);
  assert_int_equal(trimmed("ACGTNN", 0), 4);
  assert_int_equal(trimmed("NNACGT", 0), 6);
  assert_int_equal(trimmed("ACGTACGT", 5), 5);
  assert_int_equal(trimmed("ACNNNACGT", 5), 2); /* first the limit, then the N that it leaves at the end */
  assert_int_equal(trimmed("ACGT", 4), 4);
  assert_int_equal(trimmed("NNNN", 0), 0);
  assert_int_equal(trimmed("NNNNA", 4), 0);
  assert_int_equal(trimmed("", 9), 0);
}

static void reverses_and_complements(void **state)
{
  static const char *const cases[][2] = {{"", ""},
                                         {"A", "T"},
                                         {"N", "N"},
                                         {"AC", "GT"},
                                         {"AAC", "GTT"},
                                         {"ACGTN", "NACGT"},
                                         {"GATTACA", "TGTAATC"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint8_t codes[16];
    size_t count = tx_bases_encode(cases[i][0], strlen(cases[i][0]), codes);
    tx_bases_reverse_complement(codes, count);
    for (size_t j = 0; j < count; j++) assert_int_equal("ACGTN"[codes[j]], cases[i][1][j]);
    tx_bases_reverse_complement(codes, count);
    for (size_t j = 0; j < count; j++) assert_int_equal("ACGTN"[codes[j]], cases[i][0][j]);
  }
}

static void packs_any_length(void **state)
{
  tx_random random;
  (void)state;
  tx_random_seed(&random, 7, 0, 0, 0);
  for (size_t count = 0; count < 70; count++) {
    /* Exactly as large as promised, so that a sanitizer sees any excess. */
    uint8_t *codes = malloc(count + 1), *back = malloc(count + 1), *packed = malloc((count + 1) / 2 + 1);
    size_t certain = 0;
    assert_true(codes && back && packed);
    packed[(count + 1) / 2] = 0xa5;
    back[count] = 0xa5;
    for (size_t i = 0; i < count; i++) {
      codes[i] = (uint8_t)tx_random_below(&random, 5);
      certain += codes[i] != TX_BASE_N;
    }
    tx_bases_pack(codes, count, packed);
    tx_bases_unpack(packed, count, back);
    assert_memory_equal(codes, back, count);
    assert_int_equal(packed[(count + 1) / 2], 0xa5);
    assert_int_equal(back[count], 0xa5);
    assert_int_equal(tx_bases_certain(codes, count), certain);
    if (count >= 2) assert_int_equal(packed[0], codes[0] + 16 * codes[1]);
    free(codes);
    free(back);
    free(packed);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(encodes_letters),
      cmocka_unit_test(scans_letters),
      cmocka_unit_test(describes_foreign_bytes),
      cmocka_unit_test(encodes_the_ends),
      cmocka_unit_test(trims),
      cmocka_unit_test(reverses_and_complements),
      cmocka_unit_test(packs_any_length),
  };
  return cmocka_run_group_tests_name("seq_bases", tests, NULL, NULL);
}
