/* Intervals of accuracies by the percentile bootstrap over queries (Efron 1979, "Bootstrap methods: another
   look at the jackknife"). */
#include "eval/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/wait.h"

#define TAIL 0.025 /* share of the resamples beyond each end of a 95 % interval */

/* An outcome is the sum of the values that apply to a query at a rank: 0 without a label. */
enum { OUTCOME_COUNTS = 1, OUTCOME_KNOWN = 2, OUTCOME_RIGHT = 4, OUTCOME_KINDS = 8 };

typedef struct bootstrap {
  const tx_evaluation *evaluation;
  /* (threads, ranks, OUTCOME_KINDS) draws of a resample by outcome; a cache line per rank */
  uint64_t *tallies;
  /* (ranks, TX_SET_COUNT, resamples), NaN where a resample has no query of the rank and set */
  double *accuracies;
} bootstrap;

tx_status tx_evaluation_bootstrap(tx_evaluation *evaluation, size_t resamples, uint64_t seed, size_t threads,
                                  const volatile int *opt_stop, tx_error *error)
{
  if (evaluation->queries)
    return tx_fail(error, TX_ERROR_USAGE,
                   "intervals must be asked for before the first query");
  evaluation->resamples = resamples;
  evaluation->seed = seed;
  evaluation->threads = threads ? threads : 1;
  evaluation->opt_stop = opt_stop;
  return TX_OK;
}

tx_status tx_outcomes_reserve(tx_evaluation *evaluation, tx_error *error)
{
  const size_t ranks = evaluation->rank_count;
  size_t needed;
  if (!evaluation->resamples) return TX_OK;
  if (!tx_multiply(evaluation->outcome_count + 1, ranks, &needed) ||
      !tx_reserve(&evaluation->outcomes, &evaluation->outcome_capacity, needed, sizeof *evaluation->outcomes))
    return tx_fail_memory(error, "the outcomes of the queries");
  memset(evaluation->outcomes + (needed - ranks), 0, ranks * sizeof *evaluation->outcomes);
  return TX_OK;
}

void tx_outcome_set(tx_evaluation *evaluation, size_t rank, bool known, bool right)
{
  if (!evaluation->resamples) return;
  evaluation->outcomes[evaluation->outcome_count * evaluation->rank_count + rank] =
      (uint8_t)(OUTCOME_COUNTS + (known ? OUTCOME_KNOWN : 0) + (right ? OUTCOME_RIGHT : 0));
}

/* Draws as many queries as there are, with replacement, and counts them by outcome:
   tallies[rank][outcome]. */
static void draw(const tx_evaluation *evaluation, size_t resample, uint64_t *tallies)
{
  const size_t count = evaluation->outcome_count, ranks = evaluation->rank_count;
  tx_random random;
  tx_random_seed(&random, evaluation->seed, resample, 0, 0);
  memset(tallies, 0, ranks * OUTCOME_KINDS * sizeof *tallies);
  for (size_t i = 0; i < count; i++) {
    const uint8_t *outcomes = evaluation->outcomes + tx_random_below(&random, count) * ranks;
    for (size_t r = 0; r < ranks; r++) tallies[r * OUTCOME_KINDS + outcomes[r]]++;
  }
}

static double accuracy_of(const uint64_t *tally, int set)
{
  uint64_t queries = 0, right = 0;
  for (int outcome = 0; outcome < OUTCOME_KINDS; outcome++) {
    if (!(outcome & OUTCOME_COUNTS) || (set == TX_SET_KNOWN && !(outcome & OUTCOME_KNOWN))) continue;
    queries += tally[outcome];
    if (outcome & OUTCOME_RIGHT) right += tally[outcome];
  }
  return queries ? (double)right / (double)queries : NAN;
}

/* The accuracies of one rank and set over all resamples. */
static double *accuracies_of(const bootstrap *b, size_t rank, int set)
{
  return b->accuracies + (rank * TX_SET_COUNT + (size_t)set) * b->evaluation->resamples;
}

static bool is_stopped(const tx_evaluation *evaluation)
{
  return tx_is_stopped(evaluation->opt_stop);
}

static void resample_once(void *context, size_t resample, size_t thread)
{
  const bootstrap *b = context;
  const size_t ranks = b->evaluation->rank_count;
  uint64_t *tallies = b->tallies + thread * ranks * OUTCOME_KINDS;
  if (is_stopped(b->evaluation)) return; /* the intervals are not used then */
  draw(b->evaluation, resample, tallies);
  for (size_t r = 0; r < ranks; r++)
    for (int set = TX_SET_ALL; set < TX_SET_COUNT; set++)
      accuracies_of(b, r, set)[resample] = accuracy_of(tallies + r * OUTCOME_KINDS, set);
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The quantile of sorted values by linear interpolation: Hyndman & Fan (1996), definition 7. */
static double quantile(const double *values, size_t count, double share)
{
  const double at = share * (double)(count - 1);
  const size_t below = (size_t)at;
  if (below + 1 >= count || values[below] == values[below + 1]) return values[below]; /* also infinite ones */
  return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

size_t tx_percentile_interval(double *values, size_t count, tx_interval *ret_interval)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!isnan(values[i])) values[kept++] = values[i];
  *ret_interval = (tx_interval){NAN, NAN};
  if (!kept) return 0;
  qsort(values, kept, sizeof *values, compare);
  ret_interval->low = quantile(values, kept, TAIL);
  ret_interval->high = quantile(values, kept, 1 - TAIL);
  return kept;
}

static tx_score_intervals intervals_of(const bootstrap *b, size_t rank, int set)
{
  tx_score_intervals intervals = {0};
  tx_interval interval;
  const size_t kept =
      tx_percentile_interval(accuracies_of(b, rank, set), b->evaluation->resamples, &interval);
  intervals.resamples = kept;
  if (kept) intervals.accuracy = interval;
  return intervals;
}

static tx_status allocate(bootstrap *b, size_t threads, tx_error *error)
{
  const tx_evaluation *evaluation = b->evaluation;
  size_t tallies, accuracies;
  if (!tx_multiply(threads, evaluation->rank_count * OUTCOME_KINDS, &tallies) ||
      !tx_multiply(evaluation->rank_count * TX_SET_COUNT, evaluation->resamples, &accuracies))
    return tx_fail_memory(error, "the bootstrap");
  b->tallies = tx_malloc_aligned(tallies, sizeof *b->tallies);
  b->accuracies = tx_malloc_aligned(accuracies, sizeof *b->accuracies);
  return b->tallies && b->accuracies ? TX_OK : tx_fail_memory(error, "the bootstrap");
}

tx_status tx_evaluation_intervals(const tx_evaluation *evaluation, tx_rank_intervals *ret_intervals,
                                  tx_error *error)
{
  bootstrap b = {.evaluation = evaluation};
  const size_t threads =
      evaluation->threads < evaluation->resamples ? evaluation->threads : evaluation->resamples;
  tx_pool *pool = NULL;
  tx_status status;
  memset(ret_intervals, 0, evaluation->rank_count * sizeof *ret_intervals);
  if (!evaluation->resamples || !evaluation->outcome_count) return TX_OK;
  status = allocate(&b, threads, error);
  if (status == TX_OK) status = tx_pool_create(threads, &pool, error);
  if (status == TX_OK) {
    tx_pool_run(pool, evaluation->resamples, resample_once, &b);
    if (is_stopped(evaluation)) status = TX_STOPPED;
    for (size_t r = 0; status == TX_OK && r < evaluation->rank_count; r++) {
      ret_intervals[r].all = intervals_of(&b, r, TX_SET_ALL);
      ret_intervals[r].known = intervals_of(&b, r, TX_SET_KNOWN);
    }
  }
  tx_pool_free(pool);
  free(b.tallies);
  free(b.accuracies);
  return status;
}
