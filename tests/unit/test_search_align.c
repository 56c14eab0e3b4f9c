/* Alignment: the columns of a diagonal against a loop over letters, gaps, uncertain letters, codon
   positions. */
#include "search/align.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "seq/bases.h"

enum { MOST = 700 };

/* frame: of the barcode; below 0: none. */
static tx_alignment align(const char *query, const char *reference, int frame)
{
  tx_sequence_buffer q = {0}, r = {0};
  tx_aligner *aligner = tx_aligner_create(strlen(reference), false);
  tx_alignment alignment, again;
  assert_non_null(aligner);
  assert_true(tx_sequence_fill(&q, query, strlen(query), false));
  assert_true(tx_sequence_fill(&r, reference, strlen(reference), false));
  tx_aligner_set(aligner, &q.view);
  tx_align(aligner, &r.view, &alignment);
  tx_align(aligner, &r.view, &again); /* nothing is left over from the first */
  if (frame >= 0) tx_align_codons(aligner, &r.view, (size_t)frame, &alignment);
  if (frame >= 0) tx_align_codons(aligner, &r.view, (size_t)frame, &again);
  assert_memory_equal(&alignment, &again, sizeof alignment);
  tx_aligner_free(aligner);
  tx_sequence_buffer_free(&q);
  tx_sequence_buffer_free(&r);
  return alignment;
}

static void random_text(tx_random *random, char *text, size_t count)
{
  for (size_t i = 0; i < count; i++) text[i] = "ACGT"[tx_random_below(random, 4)];
  text[count] = '\0';
}

/* What a diagonal has, letter by letter. */
static tx_alignment plain_columns(const char *query, const char *reference, int shift, int frame)
{
  tx_alignment a = {0};
  for (size_t i = 0; i < strlen(query); i++) {
    const int at = (int)i + shift;
    uint32_t x, y;
    bool certain;
    if (at < 0 || at >= (int)strlen(reference)) continue;
    x = tx_bases_set(query[i]);
    y = tx_bases_set(reference[at]);
    certain = (x & (x - 1)) == 0 && (y & (y - 1)) == 0;
    if (!certain && (x & y)) continue;
    a.length++;
    if (x & y) continue;
    a.mismatches++;
    if (certain) a.transversions += (x | y) != 5 && (x | y) != 10; /* A G, C T */
    if (certain && frame >= 0) a.codon += ((int)i + 3 - frame) % 3 != 2;
  }
  return a;
}

static void columns_agree_with_letters(void **state)
{
  char reference[MOST], query[MOST];
  tx_random random;
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t round = 0; round < 1000; round++) {
    const size_t count = 150 + tx_random_below(&random, 400), first = tx_random_below(&random, 60);
    const int frame = (int)tx_random_below(&random, 4) - 1;
    tx_alignment found, expected;
    random_text(&random, reference, count);
    memcpy(query, reference + first, count - first + 1);
    for (size_t i = 0; i < strlen(query) / 30; i++)
      query[1 + tx_random_below(&random, strlen(query) - 2)] = "ACGTNRYK"[tx_random_below(&random, 8)];
    for (size_t i = 0; i < count / 60; i++)
      reference[1 + tx_random_below(&random, count - 2)] = "ACGTNRYK"[tx_random_below(&random, 8)];
    found = align(query, reference, frame);
    expected = plain_columns(query, reference, (int)first, frame);
    assert_int_equal(found.diagonal, (int)first);
    assert_int_equal(found.length, expected.length);
    assert_int_equal(found.mismatches, expected.mismatches);
    assert_int_equal(found.transversions, expected.transversions);
    assert_int_equal(found.codon, expected.codon);
  }
}

static void gaps_are_found(void **state)
{
  char reference[MOST], query[MOST];
  tx_random random;
  tx_alignment a;
  (void)state;
  tx_random_seed(&random, 4, 0, 0, 0);
  random_text(&random, reference, 500);
  /* Six bases less, twelve more, and a substitution. */
  memcpy(query, reference + 20, 150);
  memcpy(query + 150, reference + 176, 150);
  random_text(&random, query + 300, 12);
  memcpy(query + 312, reference + 326, 120);
  query[432] = '\0';
  query[50] = query[50] == 'A' ? 'C' : 'A';
  a = align(query, reference, -1);
  assert_in_range(a.mismatches, 15, 19); /* inserted bases may happen to equal a neighbour */
  assert_in_range(a.length, 426, 440);
  a = align(reference, query, -1);
  assert_in_range(a.mismatches, 15, 19);
}

/* ITS1 and ITS2 joined by N: the columns with N are left out once. */
static void long_runs_of_n_are_left_out_once(void **state)
{
  char reference[MOST], query[MOST];
  tx_random random;
  tx_alignment a;
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  random_text(&random, reference, 400);
  memcpy(query, reference, 401);
  memset(reference + 150, 'N', 100);
  a = align(query, reference, -1);
  assert_int_equal(a.length, 300);
  assert_int_equal(a.mismatches, 0);
  memset(query + 150, 'N', 100);
  a = align(query, reference, -1);
  assert_int_equal(a.length, 300);
  /* With a gap behind the N, so that the edit distance is taken. */
  memmove(query + 300, query + 306, 95);
  a = align(query, reference, -1);
  assert_int_equal(a.mismatches, 6);
  assert_in_range(a.length, 294, 300);
}

static void strangers_do_not_line_up(void **state)
{
  tx_alignment a;
  (void)state;
  a = align("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC", -1);
  assert_int_equal(a.length, 0);
  assert_int_equal(a.votes, 0);
  a = align("ACGT", "ACGTACGTACGT", -1); /* shorter than a vote */
  assert_int_equal(a.length, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_agree_with_letters),
      cmocka_unit_test(gaps_are_found),
      cmocka_unit_test(long_runs_of_n_are_left_out_once),
      cmocka_unit_test(strangers_do_not_line_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
