/* Closing the gaps of lineages against the plain reading of its rule: pairs compared one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "taxon/resolve.h"

enum { COUNT_MAX = 40, RANKS = 5 };

typedef struct table {
  uint32_t labels[COUNT_MAX][RANKS];
  uint8_t cut[COUNT_MAX];
  size_t count;
} table;

/* Same name at `rank`, and no two different names above it. */
static bool agree(const table *given, size_t a, size_t b, size_t rank)
{
  if (!given->labels[a][rank] || given->labels[a][rank] != given->labels[b][rank]) return false;
  for (size_t q = 0; q < rank; q++)
    if (given->labels[a][q] && given->labels[b][q] && given->labels[a][q] != given->labels[b][q])
      return false;
  return true;
}

static bool is_ambiguous(const table *given, size_t a, size_t rank)
{
  for (size_t b = 0; b < given->count; b++)
    for (size_t c = 0; c < b; c++)
      if (agree(given, a, b, rank) && agree(given, a, c, rank) && !agree(given, b, c, rank)) return true;
  return false;
}

static bool fill_rank(table *given, size_t rank)
{
  table before = *given;
  bool changed = false;
  for (size_t a = 0; a < given->count; a++)
    for (size_t b = 0; b < given->count; b++) {
      if (!agree(&before, a, b, rank) || is_ambiguous(&before, a, rank) || is_ambiguous(&before, b, rank))
        continue;
      for (size_t q = 0; q < rank; q++) {
        if (given->labels[a][q] || !before.labels[b][q]) continue;
        given->labels[a][q] = before.labels[b][q];
        changed = true;
      }
    }
  return changed;
}

static void fill(table *given)
{
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t r = 1; r < RANKS; r++) changed |= fill_rank(given, r);
    for (size_t r = RANKS; r-- > 1;) changed |= fill_rank(given, r);
  }
}

static bool cut(table *given)
{
  table before = *given;
  for (size_t r = 1; r < RANKS; r++) {
    bool any = false;
    for (size_t a = 0; a < given->count; a++) {
      if (!is_ambiguous(&before, a, r)) continue;
      any = true;
      given->cut[a] = (uint8_t)r;
      for (size_t q = r; q < RANKS; q++) given->labels[a][q] = 0;
    }
    if (any) return true;
  }
  return false;
}

static void test_against_pairs(void **state)
{
  size_t cuts = 0;
  (void)state;
  for (uint64_t trial = 0; trial < 600; trial++) {
    table expected = {0};
    table given;
    tx_random random;
    tx_error error;
    tx_random_seed(&random, 5, trial, 0, 0);
    expected.count = 2 + tx_random_below(&random, 2 + trial % (COUNT_MAX - 3));
    for (size_t i = 0; i < expected.count; i++)
      for (size_t r = 0; r < RANKS; r++)
        if (tx_random_below(&random, 4))
          expected.labels[i][r] = (uint32_t)(1 + r * 3 + tx_random_below(&random, 2 + trial % 2));
    given = expected;
    memset(expected.cut, RANKS, sizeof expected.cut);
    memset(given.cut, RANKS, sizeof given.cut);
    do fill(&expected);
    while (cut(&expected));
    assert_int_equal(tx_resolve_lineages(&given.labels[0][0], given.count, RANKS, 20, given.cut, &error),
                     TX_OK);
    assert_memory_equal(given.labels, expected.labels, sizeof given.labels);
    assert_memory_equal(given.cut, expected.cut, sizeof given.cut);
    for (size_t i = 0; i < given.count; i++) cuts += given.cut[i] < RANKS;
  }
  assert_true(cuts > 100); /* the trials do meet ambiguous lineages */
}

/* A name under as many parents as there are lineages, each with and without a gap, must not take quadratic
   time. */
static void test_one_name_everywhere(void **state)
{
  enum { MANY = 100000 };
  static uint32_t labels[MANY][3];
  static uint8_t cuts[MANY];
  tx_error error;
  (void)state;
  for (uint32_t i = 0; i < MANY; i++) {
    labels[i][0] = i % 3 == 2 ? 0 : 10 + i / 3;
    labels[i][1] = i % 3 == 1 ? 0 : 200000 + i / 3;
    labels[i][2] = 1;
  }
  assert_int_equal(tx_resolve_lineages(&labels[0][0], MANY, 3, 300000, cuts, &error), TX_OK);
  for (uint32_t i = 0; i < MANY; i++) {
    assert_int_equal(cuts[i], 3);
    assert_int_equal(labels[i][0], 10 + i / 3);
    assert_int_equal(labels[i][1], i % 3 == 1 ? 200000 + i / 3 : labels[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_pairs),
      cmocka_unit_test(test_one_name_everywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
