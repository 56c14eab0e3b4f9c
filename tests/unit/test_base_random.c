/* base/random: the published generator, streams, bounds, moments. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

/* The first outputs of the authors' xoshiro256starstar.c for the state 1, 2, 3, 4. */
static void follows_the_reference(void **state)
{
  (void)state;
  const uint64_t wanted[] = {11520u,
                             0u,
                             1509978240u,
                             1215971899390074240u,
                             1216172134540287360u,
                             607988272756665600u,
                             16172922978634559625u,
                             8476171486693032832u,
                             10595114339597558777u,
                             2904607092377533576u};
  tx_random random = {.state = {1, 2, 3, 4}};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    assert_true(tx_random_next(&random) == wanted[i]);
}

/* Resumed runs and recorded seeds rely on these streams: they must never change. */
static void streams_stay_the_same(void **state)
{
  (void)state;
  const uint64_t wanted[3] = {10551037463479562567u, 14564929078008973420u, 10584694370515592713u};
  const uint64_t names[3][4] = {{0, 0, 0, 0}, {42, 1, 2, 3}, {UINT64_MAX, UINT64_MAX, 0, 1}};
  for (int i = 0; i < 3; i++) {
    tx_random random;
    tx_random_seed(&random, names[i][0], names[i][1], names[i][2], names[i][3]);
    assert_true(tx_random_next(&random) == wanted[i]);
  }
}

static void streams_differ(void **state)
{
  (void)state;
  enum { SIDE = 6, COUNT = SIDE * SIDE * SIDE * SIDE };
  static uint64_t first[COUNT];
  size_t count = 0;
  for (uint64_t seed = 0; seed < SIDE; seed++)
    for (uint64_t a = 0; a < SIDE; a++)
      for (uint64_t b = 0; b < SIDE; b++)
        for (uint64_t c = 0; c < SIDE; c++) {
          tx_random random;
          tx_random_seed(&random, seed, a, b, c);
          first[count++] = tx_random_next(&random);
        }
  for (size_t i = 0; i < COUNT; i++)
    for (size_t j = 0; j < i; j++) assert_true(first[i] != first[j]);
}

static void stays_below_the_bound(void **state)
{
  (void)state;
  tx_random random;
  size_t seen[6] = {0};
  tx_random_seed(&random, 1, 2, 3, 4);
  assert_true(tx_random_below(&random, 1) == 0);
  for (int i = 0; i < 60000; i++) seen[tx_random_below(&random, 6)]++;
  for (int i = 0; i < 6; i++) assert_true(seen[i] > 9600 && seen[i] < 10400); /* 4.4 standard deviations */
  for (int i = 0; i < 1000; i++) {
    assert_true(tx_random_below(&random, UINT64_MAX) < UINT64_MAX);
    assert_true(tx_random_below(&random, (UINT64_MAX >> 1) + 2) < (UINT64_MAX >> 1) + 2);
  }
}

/* A bound of 3/4 of the range: the remainder alone would draw the lowest third twice as often. */
static void has_no_bias(void **state)
{
  (void)state;
  const uint64_t bound = (uint64_t)3 << 62;
  tx_random random;
  size_t low = 0;
  tx_random_seed(&random, 9, 0, 0, 0);
  for (int i = 0; i < 30000; i++) low += tx_random_below(&random, bound) < bound / 3;
  assert_true(low > 9600 && low < 10400);
}

static void has_the_moments(void **state)
{
  (void)state;
  enum { COUNT = 200000 };
  tx_random random;
  double sum = 0;
  double sums[4] = {0};
  tx_random_seed(&random, 5, 0, 0, 0);
  for (int i = 0; i < COUNT; i++) {
    double x = tx_random_real(&random);
    assert_true(x >= 0 && x < 1);
    sum += x;
  }
  assert_true(fabs(sum / COUNT - 0.5) < 0.003);
  for (int i = 0; i < COUNT; i++) {
    double x = tx_random_normal(&random);
    assert_true(isfinite(x));
    for (int power = 0; power < 4; power++) sums[power] += pow(x, power + 1);
  }
  assert_true(fabs(sums[0] / COUNT) < 0.01);
  assert_true(fabs(sums[1] / COUNT - 1) < 0.015);
  assert_true(fabs(sums[2] / COUNT) < 0.04);
  assert_true(fabs(sums[3] / COUNT - 3) < 0.1);
}

static void shuffles_evenly(void **state)
{
  (void)state;
  tx_random random;
  size_t seen[4][4] = {{0}};
  uint32_t items[100];
  uint32_t one = 7;
  int present[100] = {0};
  tx_random_seed(&random, 3, 0, 0, 0);
  for (int round = 0; round < 40000; round++) {
    for (uint32_t i = 0; i < 4; i++) items[i] = i;
    tx_random_shuffle(&random, items, 4);
    for (int i = 0; i < 4; i++) seen[i][items[i]]++;
  }
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) assert_true(seen[i][j] > 9600 && seen[i][j] < 10400);
  for (uint32_t i = 0; i < 100; i++) items[i] = i;
  tx_random_shuffle(&random, items, 100);
  for (int i = 0; i < 100; i++) present[items[i]]++;
  for (int i = 0; i < 100; i++) assert_int_equal(present[i], 1);
  tx_random_shuffle(&random, &one, 1);
  tx_random_shuffle(&random, NULL, 0);
  assert_int_equal(one, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(follows_the_reference), cmocka_unit_test(streams_stay_the_same),
      cmocka_unit_test(streams_differ),        cmocka_unit_test(stays_below_the_bound),
      cmocka_unit_test(has_no_bias),           cmocka_unit_test(has_the_moments),
      cmocka_unit_test(shuffles_evenly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
