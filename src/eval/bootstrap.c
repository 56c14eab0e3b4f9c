/* Intervals of accuracies by the percentile bootstrap over queries (Efron 1979, "Bootstrap methods: another look at the jackknife"). */
#include "eval/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/random.h"

#define OUTCOME_NONE UINT32_MAX
#define TAIL 0.025 /* left out at each end of a 95 % interval */

enum { FIGURE_ACCURACY, FIGURE_MACRO_ACCURACY, FIGURE_COUNT };

/* The queries of one true taxon: those called rightly stand in queries[first .. wrong - 1], the others up to end - 1. */
typedef struct taxon_cell {
  uint32_t first, wrong, end;
  bool known;
} taxon_cell;

typedef struct rank_cells {
  uint32_t *queries; /* in the order of the cells */
  taxon_cell *taxa;  /* those with a query */
  size_t taxon_count;
} rank_cells;

typedef struct bootstrap {
  const tx_evaluation *evaluation;
  rank_cells *ranks;
  uint32_t *weights; /* (threads, queries) how often a resample has each query */
  double *figures;   /* (ranks, TX_SET_COUNT, FIGURE_COUNT, resamples), NaN where a resample has no query of the rank and set */
} bootstrap;

tx_status tx_evaluation_bootstrap(tx_evaluation *evaluation, size_t resamples, uint64_t seed, size_t threads, tx_error *error)
{
  if (evaluation->queries) return tx_fail(error, TX_ERROR_USAGE, "intervals must be asked for before the first query");
  evaluation->resamples = resamples;
  evaluation->seed = seed;
  evaluation->threads = threads ? threads : 1;
  return TX_OK;
}

tx_status tx_outcomes_reserve(tx_evaluation *evaluation, tx_error *error)
{
  size_t needed;
  if (!evaluation->resamples) return TX_OK;
  if (evaluation->outcome_count >= UINT32_MAX - 1 || !tx_multiply(evaluation->outcome_count + 1, evaluation->rank_count, &needed) ||
      !tx_reserve(&evaluation->outcomes, &evaluation->outcome_capacity, needed, sizeof *evaluation->outcomes))
    return tx_fail_memory(error, "the outcomes of the queries");
  for (size_t r = 0; r < evaluation->rank_count; r++) evaluation->outcomes[needed - evaluation->rank_count + r] = OUTCOME_NONE;
  return TX_OK;
}

void tx_outcome_set(tx_evaluation *evaluation, size_t rank, uint32_t true_taxon, bool correct)
{
  if (!evaluation->resamples) return;
  evaluation->outcomes[evaluation->outcome_count * evaluation->rank_count + rank] = true_taxon * 2 + (correct ? 0 : 1);
}

/* Sorts the queries of a rank by taxon, right before wrong: a counting sort by outcome. */
static tx_status sort_rank(const tx_evaluation *evaluation, size_t rank, rank_cells *cells, tx_error *error)
{
  const tx_rank_entry *entry = &evaluation->ranks[rank];
  const size_t taxa = tx_names_count(entry->names);
  const uint32_t *outcomes = evaluation->outcomes + rank;
  uint32_t *ends = calloc(2 * taxa + 1, sizeof *ends), *next = ends;
  cells->queries = malloc((evaluation->outcome_count + 1) * sizeof *cells->queries);
  cells->taxa = calloc(taxa + 1, sizeof *cells->taxa);
  if (!ends || !cells->queries || !cells->taxa) {
    free(ends);
    return tx_fail_memory(error, "the bootstrap");
  }
  /* next[o] counts, then is where outcome o begins, and at last where it ends */
  for (size_t q = 0; q < evaluation->outcome_count; q++)
    if (outcomes[q * evaluation->rank_count] != OUTCOME_NONE) next[outcomes[q * evaluation->rank_count]]++;
  for (size_t o = 0, sum = 0; o < 2 * taxa; o++) {
    uint32_t count = next[o];
    next[o] = (uint32_t)sum;
    sum += count;
  }
  for (size_t q = 0; q < evaluation->outcome_count; q++) {
    uint32_t outcome = outcomes[q * evaluation->rank_count];
    if (outcome != OUTCOME_NONE) cells->queries[next[outcome]++] = (uint32_t)q;
  }
  for (size_t t = 0; t < taxa; t++) {
    taxon_cell cell = {t ? ends[2 * t - 1] : 0, ends[2 * t], ends[2 * t + 1], entry->taxa[t].known};
    if (cell.end > cell.first) cells->taxa[cells->taxon_count++] = cell;
  }
  free(ends);
  return TX_OK;
}

/* As many draws as there are queries, each of any query (with replacement). */
static void draw(const tx_evaluation *evaluation, size_t resample, uint32_t *weights)
{
  const size_t count = evaluation->outcome_count;
  tx_random random;
  tx_random_seed(&random, evaluation->seed, resample, 0, 0);
  memset(weights, 0, count * sizeof *weights);
  for (size_t i = 0; i < count; i++) weights[tx_random_below(&random, count)]++;
}

static uint64_t add_weights(const uint32_t *weights, const uint32_t *queries, uint32_t first, uint32_t end)
{
  uint64_t sum = 0;
  for (uint32_t i = first; i < end; i++) sum += weights[queries[i]];
  return sum;
}

/* figures[set][figure] of one resample; as of score() in metrics.c, with every query counted as often as it was drawn. */
static void figure_rank(const rank_cells *cells, const uint32_t *weights, double figures[TX_SET_COUNT][FIGURE_COUNT])
{
  uint64_t queries[TX_SET_COUNT] = {0}, correct[TX_SET_COUNT] = {0}, classes[TX_SET_COUNT] = {0};
  double accuracies[TX_SET_COUNT] = {0};
  for (size_t t = 0; t < cells->taxon_count; t++) {
    const taxon_cell *taxon = &cells->taxa[t];
    const uint64_t right = add_weights(weights, cells->queries, taxon->first, taxon->wrong);
    const uint64_t all = right + add_weights(weights, cells->queries, taxon->wrong, taxon->end);
    const double accuracy = all ? (double)right / (double)all : 0;
    if (!all) continue;
    for (int set = TX_SET_ALL; set < TX_SET_COUNT; set++) {
      if (set == TX_SET_KNOWN && !taxon->known) continue;
      queries[set] += all;
      correct[set] += right;
      classes[set]++;
      accuracies[set] += accuracy;
    }
  }
  for (int set = TX_SET_ALL; set < TX_SET_COUNT; set++) {
    figures[set][FIGURE_ACCURACY] = queries[set] ? (double)correct[set] / (double)queries[set] : NAN;
    figures[set][FIGURE_MACRO_ACCURACY] = classes[set] ? accuracies[set] / (double)classes[set] : NAN;
  }
}

/* The values of one figure over all resamples. */
static double *values_of(const bootstrap *b, size_t rank, int set, int figure)
{
  return b->figures + ((rank * TX_SET_COUNT + (size_t)set) * FIGURE_COUNT + (size_t)figure) * b->evaluation->resamples;
}

static void resample_once(void *context, size_t resample, size_t thread)
{
  const bootstrap *b = context;
  uint32_t *weights = b->weights + thread * b->evaluation->outcome_count;
  draw(b->evaluation, resample, weights);
  for (size_t r = 0; r < b->evaluation->rank_count; r++) {
    double figures[TX_SET_COUNT][FIGURE_COUNT];
    figure_rank(&b->ranks[r], weights, figures);
    for (int set = TX_SET_ALL; set < TX_SET_COUNT; set++)
      for (int figure = 0; figure < FIGURE_COUNT; figure++) values_of(b, r, set, figure)[resample] = figures[set][figure];
  }
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
  if (below + 1 >= count) return values[count - 1];
  return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

/* The interval of the values that are there; moves and sorts them in place. */
static tx_interval interval_of(double *values, size_t count, uint64_t *ret_count)
{
  tx_interval interval = {0};
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!isnan(values[i])) values[kept++] = values[i];
  *ret_count = kept;
  if (!kept) return interval;
  qsort(values, kept, sizeof *values, compare);
  interval.low = quantile(values, kept, TAIL);
  interval.high = quantile(values, kept, 1 - TAIL);
  return interval;
}

static tx_score_intervals intervals_of(const bootstrap *b, size_t rank, int set)
{
  tx_score_intervals intervals;
  const size_t count = b->evaluation->resamples;
  intervals.macro_accuracy = interval_of(values_of(b, rank, set, FIGURE_MACRO_ACCURACY), count, &intervals.resamples);
  intervals.accuracy = interval_of(values_of(b, rank, set, FIGURE_ACCURACY), count, &intervals.resamples);
  return intervals;
}

static tx_status allocate(bootstrap *b, size_t threads, tx_error *error)
{
  const tx_evaluation *evaluation = b->evaluation;
  size_t weights, figures;
  tx_status status = TX_OK;
  if (!tx_multiply(threads, evaluation->outcome_count, &weights) ||
      !tx_multiply(evaluation->rank_count * TX_SET_COUNT * FIGURE_COUNT, evaluation->resamples, &figures))
    return tx_fail_memory(error, "the bootstrap");
  b->weights = tx_malloc_aligned(weights + 1, sizeof *b->weights);
  b->figures = tx_malloc_aligned(figures, sizeof *b->figures);
  b->ranks = calloc(evaluation->rank_count, sizeof *b->ranks);
  if (!b->weights || !b->figures || !b->ranks) return tx_fail_memory(error, "the bootstrap");
  for (size_t r = 0; r < evaluation->rank_count && status == TX_OK; r++) status = sort_rank(evaluation, r, &b->ranks[r], error);
  return status;
}

tx_status tx_evaluation_intervals(const tx_evaluation *evaluation, tx_rank_intervals *ret_intervals, tx_error *error)
{
  bootstrap b = {.evaluation = evaluation};
  const size_t threads = evaluation->threads < evaluation->resamples ? evaluation->threads : evaluation->resamples;
  tx_pool *pool = NULL;
  tx_status status;
  memset(ret_intervals, 0, evaluation->rank_count * sizeof *ret_intervals);
  if (!evaluation->resamples || !evaluation->outcome_count) return TX_OK;
  status = allocate(&b, threads, error);
  if (status == TX_OK) status = tx_pool_create(threads, &pool, error);
  if (status == TX_OK) {
    tx_pool_run(pool, evaluation->resamples, resample_once, &b);
    for (size_t r = 0; r < evaluation->rank_count; r++) {
      ret_intervals[r].all = intervals_of(&b, r, TX_SET_ALL);
      ret_intervals[r].known = intervals_of(&b, r, TX_SET_KNOWN);
    }
  }
  tx_pool_free(pool);
  for (size_t r = 0; b.ranks && r < evaluation->rank_count; r++) {
    free(b.ranks[r].queries);
    free(b.ranks[r].taxa);
  }
  free(b.ranks);
  free(b.weights);
  free(b.figures);
  return status;
}
