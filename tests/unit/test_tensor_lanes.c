/* A sparse matrix times vectors that lie side by side, against the plain sums. */
#include "tensor/lanes.h"

#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 37, EACH = 5 };

static void test_products(void **state)
{
  static const tx_lanes_factors factors[] = {{1, 0, 0}, {0.5, -2, 0}, {3, 0.25, -1}};
  size_t starts[ROWS + 1] = {0};
  uint32_t columns[ROWS * EACH];
  double values[ROWS * EACH], x[ROWS * TX_LANES], y[ROWS * TX_LANES], before[ROWS * TX_LANES];
  tx_random random;
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t i = 0, used = 0; i < ROWS; i++) { /* row 0 has no entry */
    for (size_t e = 0; e < i % (EACH + 1); e++, used++) {
      columns[used] = (uint32_t)tx_random_below(&random, ROWS);
      values[used] = tx_random_normal(&random);
    }
    starts[i + 1] = used;
  }
  for (size_t i = 0; i < ROWS * TX_LANES; i++) {
    x[i] = tx_random_normal(&random);
    before[i] = tx_random_normal(&random);
  }
  for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
    memcpy(y, before, sizeof y);
    if (factors[f].kept == 0) y[5] = NAN; /* is not read */
    tx_lanes_multiply(&(tx_lanes_matrix){ROWS, starts, columns, values}, factors[f], x, y);
    for (size_t i = 0; i < ROWS; i++)
      for (size_t l = 0; l < TX_LANES; l++) {
        double want = factors[f].own * x[i * TX_LANES + l], image = 0;
        for (size_t e = starts[i]; e < starts[i + 1]; e++) image += values[e] * x[columns[e] * TX_LANES + l];
        want += factors[f].image * image;
        if (factors[f].kept != 0) want += factors[f].kept * before[i * TX_LANES + l];
        assert_true(fabs(y[i * TX_LANES + l] - want) <= 1e-13 * (1 + fabs(want)));
      }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_products)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
