/* Scores of sets of taxa by depth of the tree. */
#include "eval/set_metrics.h"

#include "base/error.h"
#include "base/names.h"
#include "tensor/multilabel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT, F1, AP, MCC, FIGURES };

static double ratio(double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

/* Calls against truth of a record, over its known nodes down to a depth. */
typedef struct table {
  double right, wrong, missed, absent; /* true and false calls, missed and rightly not called */
} table;

static void figures_of(const table *counts, double *figures)
{
  const double tp = counts->right, fp = counts->wrong, fn = counts->missed, tn = counts->absent;
  const double called = tp + fp, present = tp + fn, root = sqrt(called * present * (tn + fp) * (tn + fn));
  const double recall = ratio(tp, present), precision = ratio(tp, called);
  figures[EXACT] = fp == 0 && fn == 0;
  figures[F1] = (ratio(2 * tp, called + present) + ratio(2 * tn, 2 * tn + fp + fn)) / 2;
  /* of calls that are 0 or 1: the called nodes come in first, then all */
  figures[AP] = present > 0 ? recall * precision + (1 - recall) * present / (tp + fp + fn + tn) : 0;
  figures[MCC] = root > 0 ? (tp * tn - fp * fn) / root : 0;
}

/* The groups of records with the same present nodes. */
typedef struct groups {
  tx_names *names;
  double (*sums)[FIGURES]; /* (records) of the groups */
  uint64_t *sizes;         /* (records) */
  tx_bytes key;
} groups;

static bool is_call(const tx_set_records *records, size_t record, size_t node)
{
  const size_t row = records->constant ? 0 : record * records->nodes;
  return tx_set_is_call((double)records->probabilities[row + node], records->least);
}

/* Adds a record to its group, if it has a present node at the depth. */
static tx_status add_record(const tx_set_records *records, size_t record, size_t depth, groups *own,
                            tx_set_depth *scores, tx_error *error)
{
  const int8_t *states = records->states + record * records->nodes;
  table counts = {0};
  double figures[FIGURES];
  bool applies = false;
  uint32_t number = 0;
  tx_status status;
  tx_bytes_clear(&own->key);
  for (uint32_t n = 0; n < records->nodes; n++) {
    const bool present = states[n] == TX_NODE_PRESENT, call = is_call(records, record, n);
    if (records->depths[n] > depth || states[n] == TX_NODE_UNKNOWN) continue;
    applies = applies || (present && records->depths[n] == depth);
    if (present) tx_bytes_append(&own->key, (const char *)&n, sizeof n);
    counts.right += call && present;
    counts.wrong += call && !present;
    counts.missed += !call && present;
    counts.absent += !call && !present;
  }
  if (!applies) return TX_OK;
  if (own->key.failed) return tx_fail_memory(error, "the scores");
  status = tx_names_add(own->names, own->key.data, own->key.size, &number, error);
  if (status != TX_OK) return status;
  figures_of(&counts, figures);
  for (size_t f = 0; f < FIGURES; f++) own->sums[number][f] += figures[f];
  own->sizes[number]++;
  scores->records++;
  return TX_OK;
}

static tx_status score_sets(const tx_set_records *records, size_t depth, tx_set_depth *scores,
                            tx_error *error)
{
  groups own = {.sums = calloc(records->count + 1, sizeof *own.sums),
                .sizes = calloc(records->count + 1, sizeof *own.sizes)};
  tx_status status = own.sums && own.sizes ? TX_OK : tx_fail_memory(error, "the scores");
  double means[FIGURES] = {0};
  if (status == TX_OK) status = tx_names_create(&own.names, error);
  for (size_t i = 0; i < records->count && status == TX_OK; i++)
    status = add_record(records, i, depth, &own, scores, error);
  if (status == TX_OK) scores->sets = tx_names_count(own.names);
  for (size_t g = 0; g < scores->sets; g++)
    for (size_t f = 0; f < FIGURES; f++)
      means[f] += own.sums[g][f] / (double)own.sizes[g] / (double)scores->sets;
  scores->exact = means[EXACT];
  scores->f1 = means[F1];
  scores->ap = means[AP];
  scores->mcc = means[MCC];
  tx_names_free(own.names);
  tx_bytes_free(&own.key);
  free(own.sums);
  free(own.sizes);
  return status;
}

/* Counts the calls of the nodes at the depth, in records with a present node there. */
static void count_calls(const tx_set_records *records, size_t depth, uint64_t *counts)
{
  for (size_t i = 0; i < records->count; i++) {
    const int8_t *states = records->states + i * records->nodes;
    bool applies = false;
    for (size_t n = 0; n < records->nodes && !applies; n++)
      applies = records->depths[n] == depth && states[n] == TX_NODE_PRESENT;
    for (size_t n = 0; n < records->nodes && applies; n++) {
      const bool present = states[n] == TX_NODE_PRESENT, call = is_call(records, i, n);
      if (records->depths[n] != depth || states[n] == TX_NODE_UNKNOWN) continue;
      counts[3 * n] += call && present;
      counts[3 * n + 1] += call && !present;
      counts[3 * n + 2] += !call && present;
    }
  }
}

static void score_taxa(const tx_set_records *records, size_t depth, const uint64_t *counts,
                       tx_set_depth *scores)
{
  double touched = 0;
  for (size_t n = 0; n < records->nodes; n++) {
    const double right = (double)counts[3 * n], wrong = (double)counts[3 * n + 1],
                 missed = (double)counts[3 * n + 2];
    if (records->depths[n] != depth || right + wrong + missed == 0) continue;
    touched++;
    scores->taxa += counts[3 * n] + counts[3 * n + 2];
    scores->precision += ratio(right, right + wrong);
    scores->recall += ratio(right, right + missed);
    scores->macro_f1 += ratio(2 * right, 2 * right + wrong + missed);
  }
  scores->precision = ratio(scores->precision, touched);
  scores->recall = ratio(scores->recall, touched);
  scores->macro_f1 = ratio(scores->macro_f1, touched);
}

tx_status tx_set_depth_scores(const tx_set_records *records, size_t depths, tx_set_depth *scores,
                              uint64_t *counts, tx_error *error)
{
  tx_status status = TX_OK;
  memset(counts, 0, 3 * records->nodes * sizeof *counts);
  for (size_t d = 0; d < depths && status == TX_OK; d++) {
    scores[d] = (tx_set_depth){0};
    status = score_sets(records, d, &scores[d], error);
    count_calls(records, d, counts);
    score_taxa(records, d, counts, &scores[d]);
  }
  return status;
}
