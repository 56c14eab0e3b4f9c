/* Which epoch is kept: saturated and equal accuracies, noise, drift, losses that are no numbers; and when
   nothing gets better. */
#include "train/selection.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { EPOCHS = 8 };

typedef struct course {
  const char *name;
  uint64_t judged;
  size_t epochs;
  double metric[EPOCHS], loss[EPOCHS];
  uint64_t kept[EPOCHS], stale[EPOCHS]; /* after each epoch */
  double error;                         /* standard error of each loss */
} course;

/* The noise is 2.6 records of 61 at an accuracy of 1, 5.0 of 61 at 0.9, 5.4 of 61 at 0.85, and 0.006 of
   10,000 records at 0.9. */
static const course courses[] = {
    {"saturated: the loss goes on falling",
     61,
     6,
     {0.5, 0.9, 1, 1, 1, 1},
     {2, 1, 0.6, 0.5, 0.3, 0.4},
     {1, 2, 3, 4, 5, 5},
     {0, 0, 0, 0, 0, 1},
     0},
    {"saturated: a record or two less, and half the loss",
     61,
     5,
     {0.9, 1, 60.0 / 61, 59.0 / 61, 58.0 / 61},
     {1, 0.6, 0.3, 0.2, 0.1},
     {1, 2, 3, 4, 4},
     {0, 0, 0, 0, 0},
     0},
    {"equal figures: the first", 61, 3, {0.9, 0.9, 0.9}, {1, 1, 1}, {1, 1, 1}, {0, 1, 2}, 0},
    {"equal accuracies: the lower loss", 61, 3, {0.9, 0.9, 0.9}, {1, 0.8, 0.9}, {1, 2, 2}, {0, 0, 1}, 0},
    {"a higher accuracy within the noise, at a higher loss",
     61,
     3,
     {55.0 / 61, 56.0 / 61, 57.0 / 61},
     {0.5, 0.6, 0.7},
     {1, 1, 1},
     {0, 0, 0},
     0},
    {"a higher accuracy beyond the noise, at a higher loss",
     61,
     3,
     {50.0 / 61, 58.0 / 61, 58.0 / 61},
     {0.5, 0.6, 0.7},
     {1, 2, 2},
     {0, 0, 1},
     0},
    {"many records: a difference counts",
     10000,
     3,
     {0.9, 0.91, 0.904},
     {0.5, 0.6, 0.4},
     {1, 2, 2},
     {0, 0, 0},
     0},
    {"many records: noise is small, but there",
     10000,
     3,
     {0.9, 0.901, 0.896},
     {0.5, 0.6, 0.4},
     {1, 1, 3},
     {0, 0, 0},
     0},
    /* Each is within the noise of the one before, but not of the highest. */
    {"no drift downwards",
     61,
     6,
     {1, 60.0 / 61, 59.0 / 61, 58.0 / 61, 57.0 / 61, 56.0 / 61},
     {1, 0.9, 0.8, 0.7, 0.6, 0.5},
     {1, 2, 3, 3, 3, 3},
     {0, 0, 0, 0, 0, 0},
     0},
    /* Up by small steps, each within the noise of the highest: the first falls out when it is too far from
       it. */
    {"up by small steps: the first falls out",
     61,
     5,
     {50.0 / 61, 52.0 / 61, 54.0 / 61, 56.0 / 61, 58.0 / 61},
     {0.5, 0.6, 0.7, 0.8, 0.9},
     {1, 1, 1, 4, 4},
     {0, 0, 0, 0, 0},
     0},
    {"a loss", 0, 4, {1, 0.8, 0.9, 0.7}, {1, 0.8, 0.9, 0.7}, {1, 2, 2, 4}, {0, 0, 1, 0}, 0},
    {"perplexity", 0, 3, {4, 5, 3}, {1.386, 1.609, 1.099}, {1, 1, 3}, {0, 1, 0}, 0},
    {"a loss that is no number is above all",
     61,
     5,
     {0.9, 0.9, 0.9, 0.9, 0.9},
     {NAN, NAN, 2, NAN, 3},
     {1, 1, 3, 3, 3},
     {0, 1, 0, 1, 2},
     0},
    {"nothing right at all", 5, 3, {0, 0, 0}, {3, 2, 2.5}, {1, 2, 2}, {0, 0, 1}, 0},
    {"within a standard error of the lowest loss: the last",
     61,
     6,
     {0.9, 0.9, 0.9, 0.9, 0.9, 0.9},
     {0.5, 0.3, 0.35, 0.38, 0.41, 0.4},
     {1, 2, 3, 4, 4, 6},
     {0, 0, 1, 2, 3, 4},
     0.1},
    /* Each is within an error of the one before, but not of the lowest. */
    {"no drift upwards",
     61,
     6,
     {0.9, 0.9, 0.9, 0.9, 0.9, 0.9},
     {0.3, 0.35, 0.45, 0.5, 0.6, 0.36},
     {1, 2, 2, 2, 2, 6},
     {0, 1, 2, 3, 4, 5},
     0.1},
    {"within an error of the loss, not within chance of the accuracy",
     61,
     3,
     {1, 57.0 / 61, 59.0 / 61},
     {0.3, 0.3, 0.35},
     {1, 1, 3},
     {0, 1, 2},
     0.1},
    /* The third raises the accuracy so far that its loss is the one to compare with. */
    {"the accuracy first",
     61,
     5,
     {0.5, 0.5, 0.9, 0.9, 0.9},
     {0.3, 0.35, 0.8, 0.85, 0.95},
     {1, 2, 3, 4, 4},
     {0, 1, 0, 1, 2},
     0.1},
    {"equal figures with an error: the last", 61, 3, {0.9, 0.9, 0.9}, {1, 1, 1}, {1, 2, 3}, {0, 1, 2}, 0.1},
    {"a loss has no such error", 0, 3, {0.9, 0.95, 0.8}, {0.9, 0.95, 0.8}, {1, 1, 3}, {0, 1, 0}, 0.1},
    {"an error that is no number is none", 61, 2, {0.9, 0.9}, {1, 1.1}, {1, 1}, {0, 1}, NAN},
    {"a loss that is no number is not within an error",
     61,
     3,
     {0.9, 0.9, 0.9},
     {1, NAN, 1.05},
     {1, 1, 3},
     {0, 1, 2},
     0.1}};

static void test_courses(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
    const course *s = &courses[i];
    tx_selection selection = {0};
    for (size_t e = 0; e < s->epochs; e++) {
      const uint64_t before = selection.epoch;
      const bool taken = tx_selection_offer(
          &selection, &(tx_selection_figures){e + 1, s->judged, s->metric[e], s->loss[e], s->error});
      if (selection.epoch != s->kept[e] || selection.stale != s->stale[e] ||
          taken != (selection.epoch == e + 1))
        fail_msg("%s: after epoch %zu %d is kept (before: %d), stale %d", s->name, e + 1,
                 (int)selection.epoch, (int)before, (int)selection.stale);
      assert_true(selection.metric == s->metric[selection.epoch - 1]);
      assert_true(selection.loss == s->loss[selection.epoch - 1] || isnan(s->loss[selection.epoch - 1]));
    }
  }
}

/* By hand: 61 of 61 are taken as 63 of 65, 30 of 60 as 32 of 64. */
static void test_noise(void **state)
{
  (void)state;
  assert_true(fabs(tx_selection_noise(1, 61) - 2 * sqrt(63.0 / 65 * (2.0 / 65) / 65)) < 1e-15);
  assert_true(fabs(tx_selection_noise(0.5, 60) - 2 * 0.5 / 8) < 1e-15);
  assert_true(fabs(tx_selection_noise(0, 61) - tx_selection_noise(1, 61)) < 1e-15);
  assert_true(tx_selection_noise(1, 1000000) > 0 && tx_selection_noise(1, 1000000) < 4e-6);
  assert_true(tx_selection_noise(0.9, 0) > DBL_MAX);
}

/* Whatever comes, the kept epoch is within the noise of the highest accuracy, and within the standard error
   of the lowest loss of the epochs that were so. */
static void test_never_below(void **state)
{
  uint64_t random = 1;
  (void)state;
  for (int run = 0; run < 2000; run++) {
    tx_selection selection = {0};
    const uint64_t judged = 5 + (uint64_t)run % 300;
    const double error = run % 3 ? (run % 50) / 10.0 : 0;
    double lowest = INFINITY;
    for (uint64_t e = 1; e <= 30; e++) {
      double metric, loss, least;
      bool taken, renewed;
      random = random * 6364136223846793005U + 1442695040888963407U;
      metric = (double)((random >> 33) % (judged + 1)) / (double)judged;
      loss = (double)((random >> 13) % 1000) / 100;
      least = e == 1 ? 0 : fmax(metric, selection.highest_metric);
      renewed = e == 1 || selection.metric < least - tx_selection_noise(least, judged);
      taken = tx_selection_offer(&selection, &(tx_selection_figures){e, judged, metric, loss, error});
      least = selection.highest_metric - tx_selection_noise(selection.highest_metric, judged);
      if (metric >= least && (renewed || loss < lowest)) lowest = loss;
      assert_true(taken == (metric >= least && (loss <= lowest + error)) || (error <= 0 && !taken));
      assert_true(taken == (selection.epoch == e));
      assert_true(selection.metric >= least);
      assert_true(selection.loss >= lowest && selection.loss <= lowest + error);
      assert_true(selection.reference_loss == lowest);
      assert_true(tx_selection_possible(&selection, false));
    }
  }
}

/* What a damaged file may hold. */
static void test_possible(void **state)
{
  const tx_selection none = {0}, accuracy = {3, 0, 0.9, 0.5, 0.95, 0.4, 0.45, 0.1},
                     loss = {3, 0, 7, 7, 9, 7, 7, 0};
  const tx_selection unknown = {3, 0, 0.9, NAN, 0.9, NAN, NAN, 0}, known = {3, 0, 0.9, NAN, 0.9, 2, NAN, 0};
  const tx_selection wrong[] = {
      {3, 0, 0.96, 0.5, 0.95, 0.4, 0.5, 0},      {3, 0, -0.1, 0.5, 0.95, 0.4, 0.5, 0},
      {3, 0, 0.9, 0.5, 1.1, 0.4, 0.5, 0},        {3, 0, NAN, 0.5, 0.95, 0.4, 0.5, 0},
      {3, 0, 0.9, 0.5, NAN, 0.4, 0.5, 0},        {3, 0, 0.9, 0.5, 0.95, 0.6, 0.5, 0},
      {3, 0, 0.9, 0.5, 0.95, NAN, 0.5, 0},       {3, 0, 0.9, 0.5, 0.95, 0.4, 0.45, 0},
      {3, 0, 0.9, 0.5, 0.95, 0.4, 0.45, 0.04},   {3, 0, 0.9, 0.5, 0.95, 0.4, 0.55, 0.1},
      {3, 0, 0.9, 0.5, 0.95, 0.4, 0.35, 0.2},    {3, 0, 0.9, 0.5, 0.95, 0.4, 0.5, -0.1},
      {3, 0, 0.9, 0.5, 0.95, 0.4, 0.5, NAN},     {3, 0, 0.9, 0.5, 0.95, 0.4, NAN, 0},
      {3, 0, 0.9, 0.5, 0.95, 0.4, 0.5, INFINITY}};
  (void)state;
  assert_true(tx_selection_possible(&none, false) && tx_selection_possible(&none, true));
  assert_true(tx_selection_possible(&accuracy, false));
  assert_true(tx_selection_possible(&loss, true) && !tx_selection_possible(&loss, false));
  assert_true(tx_selection_possible(&unknown, false) && tx_selection_possible(&known, false));
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (tx_selection_possible(&wrong[i], false)) fail_msg("figures %zu are taken as possible", i);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_courses), cmocka_unit_test(test_noise),
                                     cmocka_unit_test(test_never_below), cmocka_unit_test(test_possible)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
