/* Distances of rows at each CPU level against their definition, and the promise that a distance is the same
   bits wherever its rows stand. */
#include "tensor/distances.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double *random_rows(size_t count, size_t width, uint64_t seed)
{
  double *rows = tx_calloc_aligned(count * width + 1, sizeof *rows);
  tx_random random;
  assert_non_null(rows);
  tx_random_seed(&random, seed, 0, 0, 0);
  for (size_t i = 0; i < count * width; i++) rows[i] = tx_random_normal(&random);
  return rows;
}

static double by_definition(tx_row_distance distance, size_t width, const double *a, const double *b)
{
  double sum = 0;
  for (size_t i = 0; i < width; i++) {
    const double x = fabs(a[i] - b[i]);
    if (distance == TX_ROW_CHEBYSHEV)
      sum = fmax(sum, x);
    else
      sum += distance == TX_ROW_SQUARED ? x * x : x;
  }
  return sum;
}

static void check(size_t count, size_t width, size_t row_count)
{
  double *x = random_rows(count, width, count), *panels = tx_calloc_aligned(tx_panels_size(count, width), 8),
         *out = tx_calloc_aligned(row_count * tx_panels_size(count, 1), sizeof *out);
  const double **rows = calloc(row_count, sizeof *rows);
  const size_t ldd = tx_panels_size(count, 1);
  assert_non_null(panels);
  assert_non_null(out);
  assert_non_null(rows);
  tx_panels_fill(x, count, width, width, panels);
  for (size_t r = 0; r < row_count; r++) rows[r] = x + r % count * width;
  for (int d = TX_ROW_SQUARED; d <= TX_ROW_CHEBYSHEV; d++) {
    tx_distances((tx_row_distance)d, &(tx_distance_block){rows, row_count, panels, count, width, out, ldd});
    for (size_t r = 0; r < row_count; r++)
      for (size_t j = 0; j < count; j++) {
        const double want = by_definition((tx_row_distance)d, width, rows[r], x + j * width);
        assert_true(fabs(out[r * ldd + j] - want) <= 1e-14 * want * (double)(width + 1));
        if (d != TX_ROW_SQUARED) continue;
        assert_true(out[r * ldd + j] == tx_squared_distance(width, rows[r], x + j * width));
        assert_true(out[r * ldd + j] == tx_squared_distance(width, x + j * width, rows[r]));
      }
  }
  free(x);
  free(panels);
  free(out);
  free(rows);
}

static void test_shapes(void **state)
{
  (void)state;
  check(1, 1, 1);
  check(7, 3, 2);
  check(8, 16, 4);
  check(33, 5, 9);
  check(71, 40, 1);
  check(100, 31, 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
