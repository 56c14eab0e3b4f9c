/* Intervals of accuracies against the exact distribution of what is resampled. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <taxamba/evaluate.h>

enum { RESAMPLES = 20000 };

static tx_evaluation *create(size_t resamples, uint64_t seed, size_t threads)
{
  const char *ranks[2] = {"genus", "species"};
  tx_evaluation *evaluation = NULL;
  tx_error error;
  assert_int_equal(tx_evaluation_create(ranks, 2, &evaluation, &error), TX_OK);
  assert_int_equal(tx_evaluation_bootstrap(evaluation, resamples, seed, threads, NULL, &error), TX_OK);
  return evaluation;
}

/* So many queries with a species only. */
static void add(tx_evaluation *evaluation, size_t count, const char *species, const char *called)
{
  const char *truth[2] = {NULL, species}, *predicted[2] = {NULL, called};
  tx_error error;
  for (size_t i = 0; i < count; i++)
    assert_int_equal(tx_evaluation_add(evaluation, truth, predicted, NULL, &error), TX_OK);
}

static tx_rank_intervals species_intervals(tx_evaluation *evaluation)
{
  tx_rank_intervals intervals[2];
  tx_error error;
  assert_int_equal(tx_evaluation_intervals(evaluation, intervals, &error), TX_OK);
  assert_int_equal(intervals[0].all.resamples, 0);
  tx_evaluation_free(evaluation);
  return intervals[1];
}

static void assert_interval(tx_interval got, double low, double high, double tolerance)
{
  if (!(fabs(got.low - low) <= tolerance && fabs(got.high - high) <= tolerance))
    fail_msg("%.6f-%.6f, expected %.6f-%.6f", got.low, got.high, low, high);
}

static void test_nothing_varies(void **state)
{
  tx_evaluation *evaluation = create(100, 1, 1);
  tx_rank_intervals intervals;
  (void)state;
  add(evaluation, 7, "A", "A");
  intervals = species_intervals(evaluation);
  assert_int_equal(intervals.all.resamples, 100);
  assert_interval(intervals.all.accuracy, 1, 1, 0);
  assert_int_equal(intervals.known.resamples, 0);
  evaluation = create(100, 1, 1);
  add(evaluation, 3, "A", NULL);
  add(evaluation, 3, "B", "A");
  intervals = species_intervals(evaluation);
  assert_interval(intervals.all.accuracy, 0, 0, 0);
}

/* The number of right calls in a resample is binomial. Only the wrong ones are of a known taxon. */
static void test_binomial(void **state)
{
  const double n = 400, p = 0.75;
  tx_evaluation *evaluation = create(RESAMPLES, 1, 2);
  tx_rank_intervals intervals;
  tx_error error;
  double below = 0, low = -1, high = -1;
  (void)state;
  for (double k = 0; k <= n && high < 0; k++) {
    below += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p));
    if (low < 0 && below >= 0.025) low = k / n;
    if (below >= 0.975) high = k / n;
  }
  assert_int_equal(tx_evaluation_know(evaluation, 1, "B", &error), TX_OK);
  add(evaluation, 300, "A", "A");
  add(evaluation, 100, "B", "A");
  intervals = species_intervals(evaluation);
  assert_interval(intervals.all.accuracy, low, high, 1.01 / n);
  assert_int_equal(intervals.known.resamples, RESAMPLES);
  assert_interval(intervals.known.accuracy, 0, 0, 0);
}

/* A, one query, right; B, 399 queries, wrong. A is in a resample k times with Poisson's probabilities
   (nearly): 0 to 3 at 2.5 % and 97.5 %. Only A is known, so resamples without it, 36.74 %, say nothing of the
   known. */
static void test_rare_taxon(void **state)
{
  tx_evaluation *evaluation = create(RESAMPLES, 1, 1);
  tx_rank_intervals intervals;
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_know(evaluation, 1, "A", &error), TX_OK);
  add(evaluation, 200, "B", "A");
  add(evaluation, 1, "A", "A");
  add(evaluation, 199, "B", "A");
  intervals = species_intervals(evaluation);
  assert_int_equal(intervals.all.resamples, RESAMPLES);
  assert_interval(intervals.all.accuracy, 0, 3.0 / 400, 1e-12);
  assert_true(fabs((double)intervals.known.resamples / RESAMPLES - (1 - pow(399.0 / 400, 400))) < 0.015);
  assert_interval(intervals.known.accuracy, 1, 1, 0);
}

static tx_rank_intervals mixed(uint64_t seed, size_t threads, bool unlabelled)
{
  tx_evaluation *evaluation = create(501, seed, threads);
  for (size_t i = 0; i < 40; i++) {
    const char *const names[] = {"A", "B", "C", "D", "E"};
    add(evaluation, i % 3 + 1, names[i % 5], names[i * i % 4]);
    if (unlabelled) add(evaluation, 2, NULL, "A");
  }
  return species_intervals(evaluation);
}

/* Seed and labelled queries name the intervals; threads and records without a label do not matter. */
static void test_same_bits(void **state)
{
  const tx_rank_intervals one = mixed(5, 1, false), four = mixed(5, 4, false), more = mixed(5, 3, true),
                          other = mixed(6, 1, false);
  (void)state;
  assert_memory_equal(&one, &four, sizeof one);
  assert_memory_equal(&one, &more, sizeof one);
  assert_true(memcmp(&one, &other, sizeof one) != 0);
  assert_true(one.all.accuracy.low < one.all.accuracy.high);
}

/* All ranks see the same resample: a rank that agrees with another has its intervals. */
static void test_ranks_together(void **state)
{
  tx_evaluation *evaluation = create(200, 1, 1);
  tx_rank_intervals intervals[2];
  tx_error error;
  (void)state;
  for (size_t i = 0; i < 50; i++) {
    const char *const truth[2] = {"X", "X"}, *const right[2] = {"X", "X"}, *const wrong[2] = {"Y", "Y"};
    assert_int_equal(tx_evaluation_add(evaluation, truth, i % 3 ? right : wrong, NULL, &error), TX_OK);
  }
  assert_int_equal(tx_evaluation_intervals(evaluation, intervals, &error), TX_OK);
  assert_memory_equal(&intervals[0], &intervals[1], sizeof intervals[0]);
  tx_evaluation_free(evaluation);
}

static void test_asked_for_first(void **state)
{
  tx_evaluation *evaluation = create(0, 1, 0);
  tx_rank_intervals intervals[2];
  tx_error error;
  (void)state;
  add(evaluation, 1, "A", "A");
  assert_int_equal(tx_evaluation_bootstrap(evaluation, 10, 1, 1, NULL, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_evaluation_intervals(evaluation, intervals, &error), TX_OK);
  assert_int_equal(intervals[1].all.resamples, 0);
  tx_evaluation_free(evaluation);
}

static void test_reports(void **state)
{
  tx_evaluation *evaluation = create(50, 9, 2);
  char *text = NULL;
  tx_error error;
  (void)state;
  add(evaluation, 4, "A", "A");
  assert_int_equal(tx_evaluation_report(evaluation, "heads", false, &text, &error), TX_OK);
  assert_string_equal(text, "heads: 4 records; 95 % intervals from 50 resamples, seed 9\n"
                            "rank     taxa    queries  classes  coverage  accuracy   95%-interval  "
                            "macro-accuracy  macro-F1\n"
                            "genus    all           0        0         -         -              -           "
                            "    -         -\n"
                            "species  all           4        1    1.0000    1.0000  1.0000-1.0000          "
                            "1.0000    1.0000\n");
  free(text);
  assert_int_equal(tx_evaluation_report(evaluation, "heads", true, &text, &error), TX_OK);
  assert_non_null(
      strstr(text, "\"records\":4,\"bootstrap\":{\"resamples\":50,\"seed\":9,\"level\":0.95},\"ranks\":["));
  assert_non_null(
      strstr(text, "\"accuracy\":null,\"accuracy_interval\":null,\"macro_accuracy\":null,\"macro_f1\":null"));
  assert_non_null(strstr(
      text, "\"accuracy\":1.000000,\"accuracy_interval\":[1.000000,1.000000],\"macro_accuracy\":1.000000,"
            "\"macro_f1\":1.000000}}]}"));
  free(text);
  tx_evaluation_free(evaluation);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing_varies), cmocka_unit_test(test_binomial),
      cmocka_unit_test(test_rare_taxon),     cmocka_unit_test(test_same_bits),
      cmocka_unit_test(test_ranks_together), cmocka_unit_test(test_asked_for_first),
      cmocka_unit_test(test_reports),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
