/* The softmax over outcomes: its fit finds what made the examples, and stands still there. */
#include "evidence/softmax.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

enum { KINDS = 3, OUTCOMES = 4, EXAMPLES = 20000 };

static void make_outcomes(tx_random *random, tx_outcome outcomes[OUTCOMES])
{
  for (size_t o = 0; o < OUTCOMES; o++) {
    memset(&outcomes[o], 0, sizeof outcomes[o]);
    outcomes[o].kind = o < KINDS ? o : 0;
    for (size_t f = 0; f < TX_FEATURES; f++) outcomes[o].features[f] = f ? tx_random_normal(random) : 1;
  }
}

static size_t draw(tx_random *random, const double *probabilities)
{
  double left = tx_random_real(random);
  size_t o = 0;
  while (o + 1 < OUTCOMES && left >= probabilities[o]) left -= probabilities[o++];
  return o;
}

static double loss(const tx_outcome_examples *examples, const tx_outcome_weights *weights)
{
  double sum = 0, probabilities[OUTCOMES];
  for (size_t i = 0; i < examples->count; i++) {
    const struct tx_outcome_example *e = &examples->examples[i];
    tx_outcome_probabilities(weights, examples->outcomes + e->first, e->count, NULL, probabilities);
    sum -= e->weight * log(probabilities[e->truth]);
  }
  return sum;
}

static void fit_finds_the_weights(void **state)
{
  tx_outcome_weights made = {0}, found = {0};
  tx_outcome_examples examples = {0};
  tx_outcome outcomes[OUTCOMES];
  double probabilities[OUTCOMES], reached, least;
  tx_random random;
  tx_error error = {0};
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t k = 0; k < KINDS; k++)
    for (size_t f = 0; f < TX_FEATURES; f++) made.of[k][f] = tx_random_normal(&random) / 2;
  for (size_t i = 0; i < EXAMPLES; i++) {
    make_outcomes(&random, outcomes);
    tx_outcome_probabilities(&made, outcomes, OUTCOMES, NULL, probabilities);
    assert_true(tx_outcome_examples_add(&examples, outcomes, OUTCOMES, draw(&random, probabilities)));
  }
  assert_int_equal(tx_outcome_weights_fit(&examples, KINDS, 1e-3, &found, &reached, &error), TX_OK);
  for (size_t k = 0; k < KINDS; k++)
    for (size_t f = 1; f < TX_FEATURES; f++) assert_true(fabs(found.of[k][f] - made.of[k][f]) < 0.1);
  /* Any step away from it costs. */
  least = loss(&examples, &found);
  assert_true(least < loss(&examples, &made));
  for (size_t k = 0; k < KINDS; k++)
    for (size_t f = 0; f < TX_FEATURES; f++)
      for (double step = -0.02; step < 0.03; step += 0.04) {
        tx_outcome_weights other = found;
        other.of[k][f] += step;
        if (f) assert_true(loss(&examples, &other) > least);
      }
  tx_outcome_examples_free(&examples);
}

/* Few examples that can be told apart: without the penalty the weights would grow for ever. */
static void the_penalty_holds_the_weights(void **state)
{
  tx_outcome_examples examples = {0};
  tx_outcome_weights weights = {0}, start = {0};
  tx_outcome outcomes[OUTCOMES];
  double reached;
  tx_error error = {0};
  tx_random random;
  (void)state;
  tx_random_seed(&random, 2, 0, 0, 0);
  for (size_t i = 0; i < 5; i++) {
    make_outcomes(&random, outcomes);
    assert_true(tx_outcome_examples_add(&examples, outcomes, OUTCOMES, 1));
  }
  start.of[2][3] = 5;
  weights = start;
  assert_int_equal(tx_outcome_weights_fit(&examples, KINDS, 1e6, &weights, &reached, &error), TX_OK);
  for (size_t k = 0; k < KINDS; k++)
    for (size_t f = 0; f < TX_FEATURES; f++) assert_true(fabs(weights.of[k][f] - start.of[k][f]) < 1e-3);
  assert_int_equal(tx_outcome_weights_fit(&examples, KINDS, 0.1, &weights, &reached, &error), TX_OK);
  assert_true(isfinite(reached) && reached < 3);
  tx_outcome_examples_free(&examples);
}

static void shifts_are_priors(void **state)
{
  tx_outcome_weights weights = {0};
  tx_outcome outcomes[OUTCOMES];
  double usual[OUTCOMES], shifted[OUTCOMES];
  const double shift[KINDS] = {log(2), 0, 0};
  tx_random random;
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  make_outcomes(&random, outcomes);
  weights.of[1][1] = 1;
  tx_outcome_probabilities(&weights, outcomes, OUTCOMES, NULL, usual);
  tx_outcome_probabilities(&weights, outcomes, OUTCOMES, shift, shifted);
  assert_true(fabs(shifted[0] / shifted[1] - 2 * usual[0] / usual[1]) < 1e-12);
  assert_true(fabs(shifted[1] / shifted[2] - usual[1] / usual[2]) < 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fit_finds_the_weights),
      cmocka_unit_test(the_penalty_holds_the_weights),
      cmocka_unit_test(shifts_are_priors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
