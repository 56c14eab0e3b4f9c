/* The loss of the strand against its definition and against finite differences. */
#include "objective/strand.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 9 };

static const float logits[ROWS] = {0, 0, 0.5F, -0.5F, 3, -3, 8, -20, 0.25F};
static const uint8_t reversed[ROWS] = {0, 1, 0, 0, 1, 1, 0, 0, 1};

static double define(const double *values, double share)
{
  double sum = 0;
  for (size_t i = 0; i < ROWS; i++) {
    const double p = 1 / (1 + exp(-values[i]));
    sum -= reversed[i] ? log(1 - p) * 0.5 / share : log(p) * 0.5 / (1 - share);
  }
  return sum;
}

static bool is_near(double got, double want)
{
  return fabs(got - want) <= 1e-6 + 1e-5 * fabs(want);
}

static void loss_is_its_definition_and_the_gradient_its_slope(void **state)
{
  static const double shares[] = {0.5, 0.1, 0.75};
  (void)state;
  for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
    double values[ROWS];
    float gradient[ROWS];
    const double scale = 0.3, step = 1e-5;
    memcpy(gradient, logits, sizeof gradient);
    for (size_t i = 0; i < ROWS; i++) values[i] = (double)logits[i];
    assert_true(
        is_near(tx_strand_loss(gradient, reversed, ROWS, shares[s], scale), define(values, shares[s])));
    for (size_t i = 0; i < ROWS; i++) {
      double above, below;
      values[i] = (double)logits[i] + step;
      above = define(values, shares[s]);
      values[i] = (double)logits[i] - step;
      below = define(values, shares[s]);
      values[i] = (double)logits[i];
      assert_true(is_near((double)gradient[i], scale * (above - below) / (2 * step)));
    }
  }
}

/* As many of either kind as the share says count alike: at a logit of 0 the gradients cancel. */
static void kinds_count_alike(void **state)
{
  const uint8_t kinds[10] = {1};
  float gradient[10] = {0};
  double sum = 0;
  (void)state;
  assert_true(is_near(tx_strand_loss(gradient, kinds, 10, 0.1, 1), 10 * log(2)));
  for (size_t i = 0; i < 10; i++) sum += (double)gradient[i];
  assert_true(fabs(sum) < 1e-6);
}

static void extreme_logits(void **state)
{
  const uint8_t kinds[3] = {0, 1, 0};
  float far[3] = {1e4F, 1e4F, -1e4F}, none = NAN;
  (void)state;
  assert_true(is_near(tx_strand_loss(far, kinds, 3, 0.5, 1), 2e4));
  assert_true(far[0] == 0.0F && far[1] == 1.0F && far[2] == -1.0F);
  assert_true(isnan(tx_strand_loss(&none, kinds, 1, 0.5, 1)) && isnan(none));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loss_is_its_definition_and_the_gradient_its_slope),
      cmocka_unit_test(kinds_count_alike),
      cmocka_unit_test(extreme_logits),
  };
  return cmocka_run_group_tests_name("objective/strand", tests, NULL, NULL);
}
