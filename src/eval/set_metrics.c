#include "eval/set_metrics.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "tensor/multilabel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int tx_set_is_call(double probability, double least)
{
  return probability > 0.5 && floor(probability * 1e4 + 1e-8) / 1e4 >= least;
}

static double ratio(double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

static double f1_of(double right, double called, double present)
{
  return ratio(2 * right, called + present);
}

static const int8_t *states_of(const tx_set_records *records, size_t record)
{
  return records->states + record * records->nodes;
}

static const float *probabilities_of(const tx_set_records *records, size_t record)
{
  return records->probabilities + (records->constant ? 0 : record * records->nodes);
}

/* ---- average precision ---- */

/* An entry with its probability, to be sorted. */
typedef struct ranked {
  float probability;
  uint64_t entry;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  if (x->probability != y->probability) return x->probability < y->probability ? 1 : -1;
  return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Ranks the known entries of one node, or of all if node is records->nodes. */
static tx_status rank_entries(const tx_set_records *records, size_t node, tx_set_ranking *ranking,
                              tx_error *error)
{
  const size_t nodes = records->nodes, all = node == nodes;
  const size_t first = all ? 0 : node, last = all ? nodes : node + 1;
  size_t count = 0;
  ranked *order = calloc(records->count * (last - first) + 1, sizeof *order);
  ranking->entries = calloc(records->count * (last - first) + 1, sizeof *ranking->entries);
  ranking->count = 0;
  if (!order || !ranking->entries) {
    free(order);
    return tx_fail_memory(error, "the scores");
  }
  for (size_t i = 0; i < records->count; i++)
    for (size_t n = first; n < last; n++)
      if (states_of(records, i)[n] != TX_NODE_UNKNOWN)
        order[count++] = (ranked){probabilities_of(records, i)[n], (uint64_t)i * nodes + n};
  qsort(order, count, sizeof *order, compare_ranked);
  for (size_t i = 0; i < count; i++) ranking->entries[i] = order[i].entry;
  ranking->count = count;
  free(order);
  return TX_OK;
}

tx_status tx_set_ranking_create(const tx_set_records *records, tx_set_ranking *ranking, tx_error *error)
{
  return rank_entries(records, records->nodes, ranking, error);
}

void tx_set_ranking_free(tx_set_ranking *ranking)
{
  free(ranking->entries);
  *ranking = (tx_set_ranking){0};
}

static float probability_at(const tx_set_records *records, uint64_t entry)
{
  return records->probabilities[records->constant ? entry % records->nodes : entry];
}

double tx_set_average_precision(const tx_set_records *records, const tx_set_ranking *ranking,
                                const uint32_t *opt_weights)
{
  double right = 0, seen = 0, counted = 0, sum = 0;
  for (size_t i = 0; i < ranking->count; i++) {
    const uint64_t entry = ranking->entries[i];
    const double weight = opt_weights ? (double)opt_weights[entry / records->nodes] : 1;
    seen += weight;
    if (records->states[entry] == TX_NODE_PRESENT) right += weight;
    if (i + 1 < ranking->count &&
        probability_at(records, entry) == probability_at(records, ranking->entries[i + 1]))
      continue;
    /* the entries of one probability come in together */
    sum += (right - counted) * ratio(right, seen);
    counted = right;
  }
  return ratio(sum, right);
}

double tx_set_micro_f1(const tx_set_records *records, const uint32_t *opt_weights)
{
  double right = 0, called = 0, present = 0;
  for (size_t i = 0; i < records->count; i++) {
    const double weight = opt_weights ? (double)opt_weights[i] : 1;
    for (size_t n = 0; n < records->nodes && weight > 0; n++) {
      const int8_t state = states_of(records, i)[n];
      const bool call = tx_set_is_call((double)probabilities_of(records, i)[n], records->least);
      if (state == TX_NODE_UNKNOWN) continue;
      called += call ? weight : 0;
      present += state == TX_NODE_PRESENT ? weight : 0;
      right += call && state == TX_NODE_PRESENT ? weight : 0;
    }
  }
  return f1_of(right, called, present);
}

/* ---- overall ---- */

/* The mean, over the nodes with a present entry, of their average precision. */
static tx_status macro_average_precision(const tx_set_records *records, double *ret_mean, tx_error *error)
{
  double sum = 0;
  size_t counted = 0;
  for (size_t n = 0; n < records->nodes; n++) {
    tx_set_ranking ranking = {0};
    bool any = false;
    tx_status status;
    for (size_t i = 0; i < records->count && !any; i++) any = states_of(records, i)[n] == TX_NODE_PRESENT;
    if (!any) continue;
    status = rank_entries(records, n, &ranking, error);
    if (status == TX_OK) sum += tx_set_average_precision(records, &ranking, NULL);
    tx_set_ranking_free(&ranking);
    if (status != TX_OK) return status;
    counted++;
  }
  *ret_mean = ratio(sum, (double)counted);
  return TX_OK;
}

/* Sums over the entries of a record. */
typedef struct tally {
  double right, called, present;                    /* known entries */
  size_t depth_present, depth_called, depth_right; /* from 1 */
  bool exact;
} tally;

static void deepen(size_t *depth, bool holds, size_t at)
{
  if (holds && *depth < at + 1) *depth = at + 1;
}

/* `threshold`: a call is above it, and no other condition holds; below 0: a call. */
static tally tally_of(const tx_set_records *records, size_t record, double threshold)
{
  tally sums = {.exact = true};
  for (size_t n = 0; n < records->nodes; n++) {
    const int8_t state = states_of(records, record)[n];
    const double probability = (double)probabilities_of(records, record)[n];
    const bool present = state == TX_NODE_PRESENT;
    const bool call = threshold < 0 ? tx_set_is_call(probability, records->least) : probability > threshold;
    deepen(&sums.depth_present, present, records->depths[n]);
    deepen(&sums.depth_called, call, records->depths[n]);
    deepen(&sums.depth_right, call && present, records->depths[n]);
    if (state == TX_NODE_UNKNOWN) continue;
    sums.right += call && present;
    sums.called += call;
    sums.present += present;
    sums.exact = sums.exact && call == present;
  }
  return sums;
}

static void count_entries(const tx_set_records *records, tx_set_overall *scores)
{
  scores->records = records->count;
  scores->entries = scores->present = 0;
  for (size_t i = 0; i < records->count * records->nodes; i++) {
    scores->entries += records->states[i] != TX_NODE_UNKNOWN;
    scores->present += records->states[i] == TX_NODE_PRESENT;
  }
}

tx_status tx_set_overall_scores(const tx_set_records *records, tx_set_overall *scores, tx_error *error)
{
  const double count = (double)records->count;
  double right = 0, called = 0, present = 0, exact = 0;
  tx_set_ranking ranking = {0};
  tx_status status;
  *scores = (tx_set_overall){0};
  count_entries(records, scores);
  for (size_t i = 0; i < records->count; i++) {
    const tally sums = tally_of(records, i, -1);
    right += sums.right;
    called += sums.called;
    present += sums.present;
    exact += sums.exact;
    scores->depth_present += (double)sums.depth_present / count;
    scores->depth_called += (double)sums.depth_called / count;
    scores->depth_right += (double)sums.depth_right / count;
  }
  scores->precision = ratio(right, called);
  scores->recall = ratio(right, present);
  scores->micro_f1 = f1_of(right, called, present);
  scores->exact = ratio(exact, count);
  status = tx_set_ranking_create(records, &ranking, error);
  if (status == TX_OK) scores->micro_ap = tx_set_average_precision(records, &ranking, NULL);
  tx_set_ranking_free(&ranking);
  return status == TX_OK ? macro_average_precision(records, &scores->macro_ap, error) : status;
}

void tx_set_threshold_scores(const tx_set_records *records, double threshold, tx_set_threshold *scores)
{
  const double count = (double)records->count;
  double right = 0, called = 0, present = 0;
  *scores = (tx_set_threshold){.threshold = threshold};
  for (size_t i = 0; i < records->count; i++) {
    const tally sums = tally_of(records, i, threshold);
    right += sums.right;
    called += sums.called;
    present += sums.present;
    scores->called += sums.depth_called > 0;
    scores->depth_called += (double)sums.depth_called / count;
    scores->depth_right += (double)sums.depth_right / count;
  }
  scores->precision = ratio(right, called);
  scores->recall = ratio(right, present);
}
