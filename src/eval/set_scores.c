#include "eval/set_scores.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/wait.h"
#include "eval/evaluation.h"
#include "taxon/nodes.h"
#include "tensor/multilabel.h"

#include <stdlib.h>
#include <string.h>

tx_status tx_set_scores_create(const tx_taxonomy *taxonomy, double min_confidence, size_t resamples,
                               uint64_t seed, const volatile int *opt_stop, tx_set_scores **ret_scores,
                               tx_error *error)
{
  tx_set_scores *scores = calloc(1, sizeof *scores);
  tx_status status;
  *ret_scores = NULL;
  if (!scores) return tx_fail_memory(error, "the scores");
  scores->taxonomy = taxonomy;
  scores->nodes = tx_taxonomy_node_count(taxonomy);
  scores->resamples = resamples;
  scores->seed = seed;
  scores->opt_stop = opt_stop;
  scores->least = min_confidence;
  scores->parents = calloc(scores->nodes + 1, sizeof *scores->parents);
  scores->depths = calloc(scores->nodes + 1, sizeof *scores->depths);
  scores->known = calloc(scores->nodes + 1, sizeof *scores->known);
  scores->present = calloc(scores->nodes + 1, sizeof *scores->present);
  status = scores->parents && scores->depths && scores->known && scores->present
               ? tx_names_create(&scores->sets, error)
               : tx_fail_memory(error, "the scores");
  if (status != TX_OK) {
    tx_set_scores_free(scores);
    return status;
  }
  tx_taxonomy_node_parents(taxonomy, scores->parents);
  for (size_t n = 0; n < scores->nodes; n++)
    scores->depths[n] = (uint8_t)tx_taxonomy_node_rank(taxonomy, n);
  *ret_scores = scores;
  return TX_OK;
}

void tx_set_scores_free(tx_set_scores *scores)
{
  if (!scores) return;
  free(scores->parents);
  free(scores->depths);
  free(scores->states);
  free(scores->probabilities);
  free(scores->known);
  free(scores->present);
  tx_names_free(scores->sets);
  free(scores->set_counts);
  free(scores);
}

uint64_t tx_set_scores_records(const tx_set_scores *scores)
{
  return scores->count;
}

tx_status tx_set_scores_add_training(tx_set_scores *scores, const signed char *states, tx_error *error)
{
  uint32_t number = 0;
  const size_t known = tx_names_count(scores->sets);
  tx_status status;
  if (!states) return TX_OK;
  if (!tx_reserve(&scores->set_counts, &scores->set_counts_capacity, known + 1, sizeof *scores->set_counts))
    return tx_fail_memory(error, "the scores");
  status = tx_names_add(scores->sets, states, scores->nodes, &number, error);
  if (status != TX_OK) return status;
  if (number == known) scores->set_counts[number] = 0;
  scores->set_counts[number]++;
  scores->training++;
  for (size_t n = 0; n < scores->nodes; n++) {
    scores->known[n] += states[n] != TX_NODE_UNKNOWN;
    scores->present[n] += states[n] == TX_NODE_PRESENT;
  }
  return TX_OK;
}

tx_status tx_set_scores_put(void *context, const tx_record *record, const tx_prediction *prediction,
                            tx_error *error)
{
  tx_set_scores *scores = context;
  const signed char *states = record->tag;
  const size_t nodes = scores->nodes, at = scores->count * nodes;
  scores->unlabelled += !states;
  if (!states) return TX_OK;
  if (!tx_reserve(&scores->states, &scores->states_capacity, at + nodes, sizeof *scores->states) ||
      !tx_reserve(&scores->probabilities, &scores->probabilities_capacity, at + nodes,
                  sizeof *scores->probabilities))
    return tx_fail_memory(error, "the scores");
  memcpy(scores->states + at, states, nodes);
  for (size_t n = 0; n < nodes; n++)
    scores->probabilities[at + n] = (float)tx_prediction_probability(prediction, n);
  scores->count++;
  return TX_OK;
}

/* ---- baselines ---- */

static void fill_baselines(const tx_set_scores *scores, tx_set_systems *systems)
{
  uint32_t best = 0;
  const signed char *states;
  for (uint32_t i = 1; i < tx_names_count(scores->sets); i++)
    if (scores->set_counts[i] > scores->set_counts[best]) best = i;
  states = (const signed char *)tx_names_key(scores->sets, best, NULL);
  for (size_t n = 0; n < scores->nodes; n++) {
    systems->constant[TX_SET_SHARES][n] =
        scores->known[n] ? (float)((double)scores->present[n] / (double)scores->known[n]) : 0.0F;
    systems->constant[TX_SET_FREQUENT][n] = states[n] == TX_NODE_PRESENT ? 1.0F : 0.0F;
  }
}

tx_status tx_set_systems_create(const tx_set_scores *scores, tx_set_systems *systems, tx_error *error)
{
  const tx_set_records own = {.nodes = scores->nodes,
                              .count = scores->count,
                              .parents = scores->parents,
                              .depths = scores->depths,
                              .states = scores->states,
                              .probabilities = scores->probabilities,
                              .least = scores->least};
  *systems = (tx_set_systems){.records = {own, own, own}, .count = scores->training ? TX_SET_SYSTEMS : 1};
  for (size_t s = 1; s < systems->count; s++) {
    systems->constant[s] = calloc(scores->nodes + 1, sizeof **systems->constant);
    if (!systems->constant[s]) return tx_fail_memory(error, "the scores");
    systems->records[s].probabilities = systems->constant[s];
    systems->records[s].constant = 1;
    systems->records[s].least = 0; /* of the model only */
  }
  if (systems->count > 1) fill_baselines(scores, systems);
  return TX_OK;
}

void tx_set_systems_free(tx_set_systems *systems)
{
  for (size_t s = 0; s < TX_SET_SYSTEMS; s++) free(systems->constant[s]);
}

/* ---- intervals ---- */

enum { AP, F1, FIGURES };

/* Computes the figures of all systems in all resamples: values[figure][system][resample]. */
static tx_status resample(const tx_set_scores *scores, const tx_set_systems *systems,
                          const tx_set_ranking *rankings, uint32_t *weights, double *values)
{
  const size_t resamples = scores->resamples;
  for (size_t r = 0; r < resamples; r++) {
    tx_random random;
    if (tx_is_stopped(scores->opt_stop)) return TX_STOPPED;
    tx_random_seed(&random, scores->seed, r, 0, 0);
    memset(weights, 0, scores->count * sizeof *weights);
    for (size_t i = 0; i < scores->count; i++) weights[tx_random_below(&random, scores->count)]++;
    for (size_t s = 0; s < systems->count; s++) {
      values[(AP * TX_SET_SYSTEMS + s) * resamples + r] =
          tx_set_average_precision(&systems->records[s], &rankings[s], weights);
      values[(F1 * TX_SET_SYSTEMS + s) * resamples + r] = tx_set_micro_f1(&systems->records[s], weights);
    }
  }
  return TX_OK;
}

/* The intervals of one figure; `own` (resamples) is scratch. */
static void fill_intervals(const tx_set_scores *scores, size_t systems, double *values, double *own,
                           tx_interval *intervals, tx_interval *gains)
{
  const size_t resamples = scores->resamples;
  for (size_t s = 1; s < systems; s++) {
    for (size_t r = 0; r < resamples; r++) own[r] = values[r] - values[s * resamples + r];
    tx_percentile_interval(own, resamples, &gains[s]);
  }
  for (size_t s = 0; s < systems; s++)
    tx_percentile_interval(values + s * resamples, resamples, &intervals[s]);
}

tx_status tx_set_bootstrap(const tx_set_scores *scores, const tx_set_systems *systems,
                           tx_set_intervals *intervals, tx_error *error)
{
  const size_t resamples = scores->resamples;
  tx_set_ranking rankings[TX_SET_SYSTEMS] = {{0}};
  uint32_t *weights = calloc(scores->count + 1, sizeof *weights);
  double *values = calloc((FIGURES * TX_SET_SYSTEMS + 1) * resamples, sizeof *values);
  tx_status status = weights && values ? TX_OK : tx_fail_memory(error, "the intervals");
  for (size_t s = 0; s < systems->count && status == TX_OK; s++)
    status = tx_set_ranking_create(&systems->records[s], &rankings[s], error);
  if (status == TX_OK) status = resample(scores, systems, rankings, weights, values);
  if (status == TX_OK) {
    double *own = values + FIGURES * TX_SET_SYSTEMS * resamples;
    fill_intervals(scores, systems->count, values, own, intervals->ap, intervals->ap_gain);
    fill_intervals(scores, systems->count, values + F1 * TX_SET_SYSTEMS * resamples, own, intervals->f1,
                   intervals->f1_gain);
  }
  for (size_t s = 0; s < TX_SET_SYSTEMS; s++) tx_set_ranking_free(&rankings[s]);
  free(weights);
  free(values);
  return status;
}
