/* The search and the scores of a retrieval. */
#include "eval/retrieval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/neighbours.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/wait.h"
#include "eval/evaluation.h"

static const size_t tops[TX_TOPS] = {1, 3, 5};

/* What queries and keys are: a modality, or several. */
typedef enum view_kind { SINGLE, AVERAGED, CONCATENATED, ALL } view_kind;
typedef struct view {
  view_kind kind;
  const char *name;
  size_t space; /* of SINGLE */
  size_t width;
} view;

/* A run over the combinations. */
typedef struct search {
  tx_retrieval *own;
  const tx_retrieval_options *options;
  size_t pair[2]; /* modalities of AVERAGED and CONCATENATED */
  view views[TX_SPACES_MAX + 3];
  size_t view_count;
  /* (ranks, TX_TOPS, queries) how right each query of a set is, 0 to 1; NaN: not scored */
  double *values[TX_QUERY_SETS];
} search;

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the retrieval");
}

static void list_views(search *in)
{
  const tx_retrieval *own = in->own;
  size_t dna = 0, other = 0;
  for (size_t m = 0; m < own->spaces; m++)
    in->views[in->view_count++] = (view){SINGLE, own->names[m], m, own->widths[m]};
  while (dna < own->spaces && strcmp(own->names[dna], TX_MODALITY_DNA) != 0) dna++;
  while (other < own->spaces && strcmp(own->names[other], "image") != 0) other++;
  if (other == own->spaces) other = dna == 0 ? 1 : 0;
  if (dna == own->spaces || other >= own->spaces) return;
  in->pair[0] = other;
  in->pair[1] = dna;
  if (own->widths[dna] == own->widths[other])
    in->views[in->view_count++] = (view){AVERAGED, "averaged", 0, own->widths[dna]};
  in->views[in->view_count++] =
      (view){CONCATENATED, "concatenated", 0, own->widths[dna] + own->widths[other]};
}

/* Where all modalities have one width their keys can be searched together. */
static void add_all(search *in)
{
  const tx_retrieval *own = in->own;
  for (size_t m = 1; m < own->spaces; m++)
    if (own->widths[m] != own->widths[0]) return;
  if (own->spaces > 1) in->views[in->view_count++] = (view){ALL, "all", 0, own->widths[0]};
}

/* Writes a row times `factor` over its length; NaN where it has no direction. */
static void put_unit(const float *row, size_t width, double factor, double *target, bool adds)
{
  double square = 0;
  for (size_t i = 0; i < width; i++) square += (double)row[i] * (double)row[i];
  for (size_t i = 0; i < width; i++) {
    const double unit = square > 0 ? factor * (double)row[i] / sqrt(square) : (double)NAN;
    target[i] = adds ? target[i] + unit : unit;
  }
}

/* The rows of a set in a view, (count, width), or (modalities, count, width) of ALL: a new array. */
static float *rows_of(const search *in, const view *what, const tx_retrieval_records *set)
{
  const size_t copies = what->kind == ALL ? in->own->spaces : 1, width = what->width;
  const size_t first = in->own->widths[in->pair[0]], second = in->own->widths[in->pair[1]];
  size_t count = 0, rows = 0;
  float *made;
  double *row = calloc(width + 1, sizeof *row);
  const bool fits = tx_multiply(copies, set->count, &rows) && tx_multiply(rows + 1, width, &count);
  made = fits && row ? tx_malloc_aligned(count, sizeof *made) : NULL;
  for (size_t i = 0; made && i < rows; i++) {
    const size_t record = i % set->count;
    if (what->kind == SINGLE || what->kind == ALL) {
      const size_t m = what->kind == ALL ? i / set->count : what->space;
      memcpy(made + i * width, set->vectors[m] + record * width, width * sizeof *made);
      continue;
    }
    put_unit(set->vectors[in->pair[0]] + record * first, first, 0.5, row, false);
    put_unit(set->vectors[in->pair[1]] + record * second, second, 0.5,
             what->kind == AVERAGED ? row : row + first, what->kind == AVERAGED);
    for (size_t d = 0; d < width; d++) made[i * width + d] = (float)row[d];
  }
  free(row);
  return made;
}

static int32_t label_of(const search *in, const tx_retrieval_records *set, size_t record, size_t rank)
{
  return set->labels[record * in->own->rank_count + rank];
}

static double *value_of(const search *in, size_t set, size_t rank, size_t top)
{
  return in->values[set] + (rank * TX_TOPS + top) * in->own->sets[1 + set].count;
}

/* Fills the values of a set from the nearest keys (count, TX_NEAREST). */
static void judge(const search *in, size_t number, const int64_t *nearest)
{
  const tx_retrieval_records *set = &in->own->sets[1 + number], *keys = &in->own->sets[TX_SET_KEYS];
  for (size_t i = 0; i < set->count; i++)
    for (size_t r = 0; r < in->own->rank_count; r++) {
      const int64_t *found = nearest + i * TX_NEAREST;
      const int32_t label = label_of(in, set, i, r);
      size_t place = 0;
      while (place < TX_NEAREST && found[place] >= 0 &&
             label_of(in, keys, (size_t)found[place] % keys->count, r) != label)
        place++;
      if (place < TX_NEAREST && found[place] < 0) place = TX_NEAREST;
      for (size_t t = 0; t < TX_TOPS; t++)
        value_of(in, number, r, t)[i] = found[0] < 0 || (label < 0 && in->options->labelled_only)
                                            ? (double)NAN
                                            : place < tops[t] ? 1.0 : 0.0;
    }
}

/* Micro and macro accuracy of a set at a rank. NaN without a query. */
static tx_status average(const search *in, size_t number, size_t rank, tx_retrieval_scores *scores,
                         tx_error *error)
{
  const tx_retrieval_records *set = &in->own->sets[1 + number];
  const size_t labels = tx_names_count(in->own->taxa[rank]) + 1; /* the last: none */
  double *sums = calloc(labels, sizeof *sums), *counts = calloc(labels, sizeof *counts);
  if (!sums || !counts) {
    free(sums);
    free(counts);
    return out_of_memory(error);
  }
  for (size_t t = 0; t < TX_TOPS; t++) {
    const double *values = value_of(in, number, rank, t);
    double sum = 0, macro = 0, classes = 0;
    uint64_t queries = 0;
    memset(sums, 0, labels * sizeof *sums);
    memset(counts, 0, labels * sizeof *counts);
    for (size_t i = 0; i < set->count; i++) {
      const int32_t label = label_of(in, set, i, rank);
      const size_t at = label < 0 ? labels - 1 : (size_t)label;
      if (isnan(values[i])) continue;
      sums[at] += values[i];
      counts[at]++;
      sum += values[i];
      queries++;
    }
    for (size_t c = 0; c < labels; c++) {
      if (counts[c] > 0) macro += sums[c] / counts[c];
      classes += counts[c] > 0;
    }
    scores->queries[number] = queries;
    scores->micro[t][number] = queries ? sum / (double)queries : (double)NAN;
    scores->macro[t][number] = queries ? macro / classes : (double)NAN;
  }
  free(sums);
  free(counts);
  return TX_OK;
}

static double harmonic(const double *figures)
{
  if (isnan(figures[0]) || isnan(figures[1])) return (double)NAN;
  return figures[0] > 0 && figures[1] > 0 ? 2 / (1 / figures[0] + 1 / figures[1]) : 0;
}

/* The micro accuracies of a resample of each set: figures (ranks, TX_TOPS, TX_FIGURES). */
static void resample(const search *in, size_t number, double *figures)
{
  const size_t ranks = in->own->rank_count;
  for (size_t q = 0; q < TX_QUERY_SETS; q++) {
    const size_t count = in->own->sets[1 + q].count;
    double sums[TX_RANKS_MAX][TX_TOPS] = {{0}}, counts[TX_RANKS_MAX] = {0};
    tx_random random;
    tx_random_seed(&random, in->options->seed, number, q, 0);
    for (size_t i = 0; i < count; i++) {
      const size_t drawn = (size_t)tx_random_below(&random, count);
      for (size_t r = 0; r < ranks; r++) {
        if (isnan(value_of(in, q, r, 0)[drawn])) continue;
        counts[r]++;
        for (size_t t = 0; t < TX_TOPS; t++) sums[r][t] += value_of(in, q, r, t)[drawn];
      }
    }
    for (size_t r = 0; r < ranks; r++)
      for (size_t t = 0; t < TX_TOPS; t++)
        figures[(r * TX_TOPS + t) * TX_FIGURES + q] = counts[r] > 0 ? sums[r][t] / counts[r] : (double)NAN;
  }
  for (size_t k = 0; k < ranks * TX_TOPS; k++)
    figures[k * TX_FIGURES + 2] = harmonic(figures + k * TX_FIGURES);
}

static tx_status intervals(const search *in, tx_retrieval_result *result, tx_error *error)
{
  const size_t resamples = in->options->resamples;
  const size_t kinds = in->own->rank_count * TX_TOPS * TX_FIGURES;
  double *figures, *column;
  size_t cells;
  if (!resamples) return TX_OK;
  figures = tx_multiply(resamples, kinds, &cells) ? calloc(cells, sizeof *figures) : NULL;
  column = calloc(resamples, sizeof *column);
  if (!figures || !column) {
    free(figures);
    free(column);
    return out_of_memory(error);
  }
  for (size_t i = 0; i < resamples; i++) resample(in, i, figures + i * kinds);
  for (size_t k = 0; k < kinds; k++) {
    const size_t rank = k / (TX_TOPS * TX_FIGURES), top = k / TX_FIGURES % TX_TOPS;
    for (size_t i = 0; i < resamples; i++) column[i] = figures[i * kinds + k];
    tx_percentile_interval(column, resamples, &result->scores[rank].intervals[top][k % TX_FIGURES]);
  }
  free(figures);
  free(column);
  return TX_OK;
}

/* Adds a result from the values. */
static tx_status add_result(search *in, const char *query, const char *key, tx_error *error)
{
  tx_retrieval_result *result = &in->own->results[in->own->result_count];
  tx_status status = TX_OK;
  *result = (tx_retrieval_result){.query = query, .key = key};
  for (size_t r = 0; r < in->own->rank_count; r++) {
    tx_retrieval_scores *scores = &result->scores[r];
    for (size_t q = 0; q < TX_QUERY_SETS && status == TX_OK; q++) status = average(in, q, r, scores, error);
    for (size_t t = 0; t < TX_TOPS; t++) {
      scores->micro[t][2] = harmonic(scores->micro[t]);
      scores->macro[t][2] = harmonic(scores->macro[t]);
    }
  }
  if (status == TX_OK) status = intervals(in, result, error);
  if (status == TX_OK) in->own->result_count++;
  return status;
}

static tx_status combine(search *in, const view *query, const view *key, const float *keys, tx_error *error)
{
  const size_t copies = key->kind == ALL ? in->own->spaces : 1;
  tx_status status = TX_OK;
  for (size_t q = 0; q < TX_QUERY_SETS && status == TX_OK; q++) {
    const tx_retrieval_records *set = &in->own->sets[1 + q];
    float *queries = rows_of(in, query, set);
    int64_t *nearest = calloc(set->count * TX_NEAREST + 1, sizeof *nearest);
    const tx_nearest_run run = {.threads = in->options->threads, .stop = in->options->stop};
    const tx_nearest_rows rows = {queries, set->count, keys, copies * in->own->sets[TX_SET_KEYS].count,
                                  key->width};
    if (!queries || !nearest)
      status = out_of_memory(error);
    else if (set->count)
      status = tx_nearest_several(&rows, TX_NEAREST, &run, nearest, NULL, error);
    if (status == TX_OK) judge(in, q, nearest);
    free(queries);
    free(nearest);
  }
  if (status == TX_OK && tx_is_stopped(in->options->stop)) return TX_STOPPED;
  return status == TX_OK ? add_result(in, query->name, key->name, error) : status;
}

static int by_count(const void *a, const void *b)
{
  const size_t *x = a, *y = b;
  if (x[0] != y[0]) return x[0] < y[0] ? 1 : -1;
  return (x[1] > y[1]) - (x[1] < y[1]);
}

/* What a query would reach without any search: by the most frequent labels of the keys, or by keys drawn at
   random without putting them back. */
static tx_status baseline(search *in, bool drawn, tx_error *error)
{
  const tx_retrieval_records *keys = &in->own->sets[TX_SET_KEYS];
  for (size_t r = 0; r < in->own->rank_count; r++) {
    const size_t labels = tx_names_count(in->own->taxa[r]) + 1;
    size_t(*counts)[2] = calloc(labels, sizeof *counts), *order = calloc(labels, sizeof *order);
    if (!counts || !order) {
      free(counts);
      free(order);
      return out_of_memory(error);
    }
    for (size_t c = 0; c < labels; c++) counts[c][1] = c;
    for (size_t i = 0; i < keys->count; i++) {
      const int32_t label = label_of(in, keys, i, r);
      if (label >= 0 || !in->options->labelled_only) counts[label < 0 ? labels - 1 : (size_t)label][0]++;
    }
    for (size_t c = 0; c < labels; c++) order[c] = counts[c][0]; /* by label */
    qsort(counts, labels, sizeof *counts, by_count);
    for (size_t q = 0; q < TX_QUERY_SETS; q++)
      for (size_t i = 0; i < in->own->sets[1 + q].count; i++) {
        const int32_t label = label_of(in, &in->own->sets[1 + q], i, r);
        const size_t own = label < 0 ? labels - 1 : (size_t)label;
        double missed = 1;
        size_t place = 0, left = keys->count, tried = 0;
        while (place < labels && counts[place][1] != own) place++;
        for (size_t t = 0; t < TX_TOPS; t++) {
          for (; tried < tops[t] && left > 0; tried++, left--)
            missed *= (double)(left - (order[own] < left ? order[own] : left)) / (double)left;
          value_of(in, q, r, t)[i] = label < 0 && in->options->labelled_only ? (double)NAN
                                     : drawn                                 ? 1 - missed
                                     : place < tops[t] && order[own]         ? 1.0
                                                                             : 0.0;
        }
      }
    free(counts);
    free(order);
  }
  return add_result(in, "baseline", drawn ? "chance" : "most-common", error);
}

/* Puts the embedded DNA to the records. */
static void place_dna(tx_retrieval *own)
{
  const size_t width = own->dna < own->spaces ? own->widths[own->dna] : 0;
  for (size_t i = 0; width && i < own->embedded_count && i < own->place_count; i++)
    memcpy(own->sets[own->places[i].set].vectors[own->dna] + own->places[i].row * width,
           own->embedded + i * width, width * sizeof *own->embedded);
}

static tx_status check_sets(const tx_retrieval *own, tx_error *error)
{
  if (!own->sets[TX_SET_KEYS].count)
    return tx_fail(error, TX_ERROR_DATA, "no record is of a split of the keys");
  if (!own->sets[TX_SET_SEEN].count && !own->sets[TX_SET_UNSEEN].count)
    return tx_fail(error, TX_ERROR_DATA, "no record is of a split of the queries");
  return TX_OK;
}

static tx_status search_all(search *in, tx_error *error)
{
  const size_t queries = in->view_count;
  tx_status status = baseline(in, true, error);
  if (status == TX_OK) status = baseline(in, false, error);
  add_all(in);
  for (size_t k = 0; k < in->view_count && status == TX_OK; k++) {
    float *keys = rows_of(in, &in->views[k], &in->own->sets[TX_SET_KEYS]);
    if (!keys) status = out_of_memory(error);
    for (size_t q = 0; q < queries && status == TX_OK; q++)
      if (in->views[q].width == in->views[k].width)
        status = combine(in, &in->views[q], &in->views[k], keys, error);
    free(keys);
  }
  return status;
}

tx_status tx_retrieval_run(tx_retrieval *retrieval, const tx_retrieval_options *options, tx_error *error)
{
  search in = {.own = retrieval, .options = options};
  tx_status status = check_sets(retrieval, error);
  if (status != TX_OK) return status;
  place_dna(retrieval);
  list_views(&in);
  free(retrieval->results);
  retrieval->result_count = 0;
  retrieval->resamples = options->resamples;
  retrieval->results = calloc(TX_RETRIEVAL_RESULTS, sizeof *retrieval->results);
  if (!retrieval->results) status = out_of_memory(error);
  for (size_t q = 0; q < TX_QUERY_SETS && status == TX_OK; q++) {
    in.values[q] =
        calloc(retrieval->sets[1 + q].count * retrieval->rank_count * TX_TOPS + 1, sizeof *in.values[q]);
    if (!in.values[q]) status = out_of_memory(error);
  }
  if (status == TX_OK) status = search_all(&in, error);
  for (size_t q = 0; q < TX_QUERY_SETS; q++) free(in.values[q]);
  return status;
}
