/* The loss of the head of traits against its definition and against finite differences. */
#include "objective/traits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 7 };

static const float outputs[COLUMNS] = {0, 0.5F, -2, 3, 1.25F, -0.75F, 4};
static const float targets[COLUMNS] = {0.25F, 0.5F, 1, NAN, -0.5F, 2, -3};

static double define(const double *values, double bound)
{
  double sum = 0;
  for (size_t c = 0; c < COLUMNS; c++) {
    const double size = fabs(values[c] - (double)targets[c]);
    if (isnan(targets[c])) continue;
    sum += bound > 0 && size > bound ? bound * (size - bound / 2) : size * size / 2;
  }
  return sum;
}

static bool is_near(double got, double want)
{
  return fabs(got - want) <= 1e-6 + 1e-6 * fabs(want);
}

static void loss_is_its_definition_and_the_gradient_its_slope(void **state)
{
  static const double bounds[] = {0, 1, 2.6};
  (void)state;
  for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
    const double scale = 0.3, step = 1e-5;
    double values[COLUMNS];
    float gradient[COLUMNS];
    memcpy(gradient, outputs, sizeof gradient);
    for (size_t c = 0; c < COLUMNS; c++) values[c] = (double)outputs[c];
    assert_true(
        is_near(tx_traits_loss(gradient, targets, COLUMNS, bounds[b], scale), define(values, bounds[b])));
    for (size_t c = 0; c < COLUMNS; c++) {
      double above, below;
      values[c] = (double)outputs[c] + step;
      above = define(values, bounds[b]);
      values[c] = (double)outputs[c] - step;
      below = define(values, bounds[b]);
      values[c] = (double)outputs[c];
      assert_true(is_near((double)gradient[c], scale * (above - below) / (2 * step)));
    }
    assert_true(gradient[3] == 0.0F); /* missing */
  }
}

/* A record of which nothing is known has no loss, whatever its outputs; a number that is none passes. */
static void nothing_known(void **state)
{
  float gradient[COLUMNS], none = NAN;
  const float target = 1;
  (void)state;
  memcpy(gradient, outputs, sizeof gradient);
  assert_true(tx_traits_loss(gradient, NULL, COLUMNS, 0, 1) == 0);
  for (size_t c = 0; c < COLUMNS; c++) assert_true(gradient[c] == 0.0F);
  assert_true(isnan(tx_traits_loss(&none, &target, 1, 1, 1)) && isnan(none));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loss_is_its_definition_and_the_gradient_its_slope),
      cmocka_unit_test(nothing_known),
  };
  return cmocka_run_group_tests_name("objective/traits", tests, NULL, NULL);
}
