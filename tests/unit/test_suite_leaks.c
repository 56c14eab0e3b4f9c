/* Duplicates between made sequences, against comparing every pair letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "suite/leaks.h"

enum { QUERIES = 8 };

static void note(void *context, size_t query, tx_leak_kind kind)
{
  bool(*found)[TX_LEAK_KINDS] = context;
  found[query][kind] = true;
}

static uint32_t seed;

static void randomise(char *letters, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    seed = seed * 1664525u + 1013904223u;
    letters[i] = "ACGT"[seed >> 30];
  }
  letters[count] = '\0';
}

static void reverse(const char *letters, char *to)
{
  const size_t count = strlen(letters);
  for (size_t i = 0; i < count; i++) {
    const char letter = letters[count - 1 - i];
    to[i] = letter == 'A' ? 'T' : letter == 'C' ? 'G' : letter == 'G' ? 'C' : letter == 'T' ? 'A' : 'N';
  }
  to[count] = '\0';
}

/* The kinds of one query and one reference. */
static void compare(const char *query, const char *reference, bool ret_kinds[TX_LEAK_KINDS])
{
  bool found[1][TX_LEAK_KINDS] = {{false}};
  tx_leak_index *index = NULL;
  tx_error error;
  assert_int_equal(tx_leak_index_create(&index, &error), TX_OK);
  assert_int_equal(tx_leak_index_add(index, query, strlen(query), &error), TX_OK);
  assert_int_equal(tx_leak_index_compare(index, reference, strlen(reference), note, found, &error), TX_OK);
  memcpy(ret_kinds, found[0], sizeof found[0]);
  tx_leak_index_free(index);
}

static void check(const char *query, const char *reference, int expected)
{
  bool kinds[TX_LEAK_KINDS];
  compare(query, reference, kinds);
  for (int k = 0; k < TX_LEAK_KINDS; k++)
    if (kinds[k] != (k == expected)) fail_msg("kind %d: %d, in place of kind %d", k, kinds[k], expected);
}

static void test_kinds(void **state)
{
  char whole[200], turned[200], other[200], piece[200], text[220];
  (void)state;
  seed = 7;
  randomise(whole, 150);
  randomise(other, 150);
  reverse(whole, turned);
  check(whole, whole, TX_LEAK_EXACT);
  check(whole, turned, TX_LEAK_REVERSE_EXACT);
  check(whole, other, -1);
  /* every place and length of a piece, whichever of the two it is */
  for (size_t start = 0; start < 150; start += 7)
    for (size_t count = TX_LEAK_LEAST; start + count <= 150; count += 13) {
      if (count == 150) continue;
      memcpy(piece, whole + start, count);
      piece[count] = '\0';
      check(piece, whole, TX_LEAK_CONTAINED);
      check(whole, piece, TX_LEAK_CONTAINED);
      check(piece, turned, TX_LEAK_REVERSE_CONTAINED);
      check(turned, piece, TX_LEAK_REVERSE_CONTAINED);
      piece[count / 2] = piece[count / 2] == 'A' ? 'C' : 'A';
      check(piece, whole, -1);
      check(whole, piece, -1);
    }
  /* a piece that hangs over is in none */
  memcpy(piece, whole + 100, 50);
  strcpy(piece + 50, "ACGTTGCA");
  check(piece, whole, -1);
  check(whole, piece, -1);
  /* writing does not count: small letters, U, gaps, N at the end */
  for (size_t i = 0; i < 150; i++)
    text[i] = whole[i] == 'T' ? 'u' : (char)(whole[i] - 'A' + 'a');
  strcpy(text + 150, "--NNN");
  check(text, whole, TX_LEAK_EXACT);
  check(whole, text, TX_LEAK_EXACT);
  check(text, turned, TX_LEAK_REVERSE_EXACT);
  /* N is a letter */
  strcpy(text, whole);
  text[75] = 'N';
  check(text, whole, -1);
  check(text, text, TX_LEAK_EXACT);
}

static void test_short(void **state)
{
  (void)state;
  check("ACGTTACG", "ACGTTACG", TX_LEAK_EXACT);
  check("ACGTTACG", "CGTAACGT", TX_LEAK_REVERSE_EXACT);
  check("ACGTTACG", "ACGTTACGA", -1);
  check("", "ACGTTACG", -1);
  check("NNN", "", -1);
  check("ACGTTACG", "NNNN", -1);
}

/* Pieces of every class of lengths. */
static void test_long(void **state)
{
  char whole[2001], piece[2001], turned[2001];
  (void)state;
  seed = 11;
  randomise(whole, 2000);
  reverse(whole, turned);
  check(whole, whole, TX_LEAK_EXACT);
  for (size_t count = 32; count < 1900; count += count / 5 + 1)
    for (size_t start = 0; start + count <= 2000; start += 211) {
      memcpy(piece, whole + start, count);
      piece[count] = '\0';
      check(piece, whole, TX_LEAK_CONTAINED);
      check(whole, piece, TX_LEAK_CONTAINED);
      check(turned, piece, TX_LEAK_REVERSE_CONTAINED);
      piece[count - 1] = piece[count - 1] == 'A' ? 'C' : 'A';
      check(piece, whole, -1);
      check(whole, piece, -1);
    }
}

/* Many queries, and references that share parts of them. */
static void test_many(void **state)
{
  char queries[QUERIES][400], reference[400];
  bool found[QUERIES][TX_LEAK_KINDS] = {{false}};
  tx_leak_index *index = NULL;
  tx_error error;
  (void)state;
  seed = 99;
  assert_int_equal(tx_leak_index_create(&index, &error), TX_OK);
  randomise(queries[0], 300);
  for (size_t q = 1; q < QUERIES; q++) {
    strcpy(queries[q], queries[0]);
    queries[q][10 * q + 200] = 'N'; /* the same start, but not the same barcode */
  }
  for (size_t q = 0; q < QUERIES; q++)
    assert_int_equal(tx_leak_index_add(index, queries[q], strlen(queries[q]), &error), TX_OK);
  memcpy(reference, queries[3] + 5, 290);
  reference[290] = '\0';
  assert_int_equal(tx_leak_index_compare(index, reference, 290, note, found, &error), TX_OK);
  for (size_t q = 0; q < QUERIES; q++) {
    assert_int_equal(found[q][TX_LEAK_CONTAINED], q == 3);
    assert_false(found[q][TX_LEAK_EXACT]);
  }
  assert_int_equal(tx_leak_index_add(index, queries[0], 300, &error), TX_ERROR_USAGE);
  tx_leak_index_free(index);
}

/* All barcodes of a gene start alike, and have other stretches in common: that alone must not make every
   pair of them be compared. */
static void test_alike(void **state)
{
  enum { ALIKE = 200, LENGTH = 600, COMMON = 150 };
  static char letters[2 * ALIKE][LENGTH + 1];
  bool found[ALIKE][TX_LEAK_KINDS] = {{false}};
  tx_leak_index *index = NULL;
  tx_error error;
  (void)state;
  seed = 5;
  for (size_t i = 0; i < 2 * ALIKE; i++) {
    randomise(letters[i], LENGTH);
    memcpy(letters[i], letters[0], COMMON);
    memcpy(letters[i] + 320, letters[0] + 320, COMMON);
  }
  assert_int_equal(tx_leak_index_create(&index, &error), TX_OK);
  for (size_t q = 0; q < ALIKE; q++)
    assert_int_equal(tx_leak_index_add(index, letters[q], LENGTH, &error), TX_OK);
  for (size_t r = ALIKE; r < 2 * ALIKE; r++)
    assert_int_equal(tx_leak_index_compare(index, letters[r], LENGTH, note, found, &error), TX_OK);
  assert_int_equal(tx_leak_index_compare(index, letters[7], LENGTH, note, found, &error), TX_OK);
  assert_true(tx_leak_index_compared(index) < 10);
  for (size_t q = 0; q < ALIKE; q++) assert_int_equal(found[q][TX_LEAK_EXACT], q == 7);
  tx_leak_index_free(index);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_short),
                                     cmocka_unit_test(test_long),
                                     cmocka_unit_test(test_many),
                                     cmocka_unit_test(test_alike)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
