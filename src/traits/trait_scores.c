/* Scores of predicted traits, and their intervals by the percentile bootstrap over taxa (Efron 1979). */
#include "traits/trait_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/wait.h"
#include "eval/evaluation.h"


/* Every score is a function of these sums, so that a resample adds those of the taxa that it draws. */
enum {
  SUM_RECORDS,
  SUM_ERROR,
  SUM_SIZE,
  SUM_SQUARE,
  SUM_Y, /* less the mean of the set, against cancellation */
  SUM_Y_SQUARE,
  SUM_WITHIN,
  SUM_WIDTH,
  SUM_COVERED,
  SUM_BASES = SUM_COVERED + TX_TRAIT_LEVELS, /* squares of the errors of the three baselines */
  SUMS = SUM_BASES + 3
};

static void add_record(const tx_trait_tests *tests, size_t i, double centre,
                       const double half_width[TX_TRAIT_LEVELS], double tolerance, double *sums)
{
  const double error = tests->predicted[i] - tests->measured[i], y = tests->measured[i] - centre;
  const double *const bases[3] = {tests->mean, tests->given, tests->called};
  sums[SUM_RECORDS] += 1;
  sums[SUM_ERROR] += error;
  sums[SUM_SIZE] += fabs(error);
  sums[SUM_SQUARE] += error * error;
  sums[SUM_Y] += y;
  sums[SUM_Y_SQUARE] += y * y;
  sums[SUM_WITHIN] += fabs(error) < tolerance;
  sums[SUM_WIDTH] += tests->high[i] - tests->low[i];
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++)
    sums[SUM_COVERED + l] += fabs(tests->regressed[i] - tests->target[i]) <= half_width[l];
  for (size_t b = 0; b < 3; b++) {
    const double off = bases[b] ? bases[b][i] - tests->measured[i] : NAN;
    sums[SUM_BASES + b] += off * off;
  }
}

static void scores_of(const double *sums, double *score)
{
  const double n = sums[SUM_RECORDS], around = sums[SUM_Y_SQUARE] - sums[SUM_Y] * sums[SUM_Y] / n;
  score[TX_TRAIT_RMSE] = sqrt(sums[SUM_SQUARE] / n);
  score[TX_TRAIT_MAE] = sums[SUM_SIZE] / n;
  score[TX_TRAIT_R2] = around > 0 ? 1 - sums[SUM_SQUARE] / around : NAN;
  score[TX_TRAIT_BIAS] = sums[SUM_ERROR] / n;
  score[TX_TRAIT_WITHIN] = sums[SUM_WITHIN] / n;
  score[TX_TRAIT_WIDTH] = sums[SUM_WIDTH] / n;
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++) score[TX_TRAIT_COVERAGE + l] = sums[SUM_COVERED + l] / n;
  for (size_t b = 0; b < 3; b++) {
    score[TX_TRAIT_BASE_MEAN + b] = sqrt(sums[SUM_BASES + b] / n);
    score[TX_TRAIT_GAIN_MEAN + b] = score[TX_TRAIT_BASE_MEAN + b] - score[TX_TRAIT_RMSE];
  }
}

/* sums (groups, SUMS) of the groups that the set has. */
static tx_status resample(const double *sums, size_t groups, const tx_trait_study_options *options,
                          tx_trait_set_scores *scores, tx_error *error)
{
  const size_t resamples = options->resamples;
  double *drawn = tx_malloc_aligned(resamples + 1, TX_TRAIT_SCORES * sizeof *drawn);
  tx_status status = drawn ? TX_OK : tx_fail_memory(error, "the bootstrap");
  for (size_t b = 0; b < resamples && status == TX_OK; b++) {
    double total[SUMS] = {0}, score[TX_TRAIT_SCORES];
    tx_random random;
    tx_random_seed(&random, options->seed, b, 0, 0);
    for (size_t g = 0; g < groups; g++) {
      const double *own = sums + tx_random_below(&random, groups) * SUMS;
      for (size_t s = 0; s < SUMS; s++) total[s] += own[s];
    }
    scores_of(total, score);
    for (size_t s = 0; s < TX_TRAIT_SCORES; s++) drawn[s * resamples + b] = score[s];
    if (tx_is_stopped(options->stop)) status = TX_STOPPED;
  }
  for (size_t s = 0; s < TX_TRAIT_SCORES && status == TX_OK; s++) {
    tx_interval interval;
    tx_percentile_interval(drawn + s * resamples, resamples, &interval);
    scores->low[s] = interval.low;
    scores->high[s] = interval.high;
  }
  free(drawn);
  return status;
}

static double mean_of(const tx_trait_tests *tests, const bool *in)
{
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < tests->count; i++)
    if (in[i]) {
      sum += tests->measured[i];
      count++;
    }
  return count ? sum / (double)count : NAN;
}

tx_status tx_trait_score_set(const tx_trait_tests *tests, const bool *in,
                             const double half_width[TX_TRAIT_LEVELS], const tx_trait_study_options *options,
                             tx_trait_set_scores *ret_scores, tx_error *error)
{
  const double centre = mean_of(tests, in);
  double *sums = tx_calloc_aligned(tests->count + 1, SUMS * sizeof *sums), total[SUMS] = {0};
  size_t groups = 0;
  tx_status status = TX_OK;
  *ret_scores = (tx_trait_set_scores){0};
  for (size_t s = 0; s < TX_TRAIT_SCORES; s++)
    ret_scores->score[s] = ret_scores->low[s] = ret_scores->high[s] = NAN;
  if (!sums) return tx_fail_memory(error, "the scores of traits");
  for (size_t i = 0; i < tests->count; i++)
    if (in[i]) {
      add_record(tests, i, centre, half_width, options->tolerance, sums + (size_t)tests->groups[i] * SUMS);
      add_record(tests, i, centre, half_width, options->tolerance, total);
      ret_scores->records++;
    }
  for (size_t g = 0; g < tests->count; g++)
    if (sums[g * SUMS + SUM_RECORDS] > 0) {
      if (g != groups) memcpy(sums + groups * SUMS, sums + g * SUMS, SUMS * sizeof *sums);
      groups++;
    }
  ret_scores->taxa = groups;
  if (groups) scores_of(total, ret_scores->score);
  if (groups > 1 && options->resamples) status = resample(sums, groups, options, ret_scores, error);
  free(sums);
  return status;
}
