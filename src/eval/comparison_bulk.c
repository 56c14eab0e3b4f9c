/* Bulk samples: replicates become sites, sequences become taxa. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/table.h"
#include "eval/comparison.h"

#define NO_SITE UINT32_MAX

typedef struct bulk {
  tx_comparison *comparison;
  const tx_count_table *counts;
  const tx_replicates *replicates;
  uint32_t *sites; /* (samples of the table), NO_SITE = left out */
} bulk;

static tx_status set_site(const bulk *state, const tx_table *table, const char *replicate, const char *site,
                          tx_error *error)
{
  const int64_t sample = tx_count_table_find_sample(state->counts, replicate);
  uint32_t number = 0;
  tx_status status;
  if (!*replicate || !*site)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(table), tx_table_line(table), 0,
                      "a replicate or sample without a name");
  if (sample < 0) return TX_OK;
  status = tx_comparison_add_site(state->comparison, site, &number, error);
  if (status == TX_OK && state->sites[sample] != NO_SITE && state->sites[sample] != number)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(table), tx_table_line(table), 0,
                      "replicate '%.100s' is of a second sample", replicate);
  if (status == TX_OK) state->sites[sample] = number;
  return status;
}

static tx_status read_replicates(const bulk *state, tx_error *error)
{
  tx_input *input = NULL;
  tx_table *table = NULL;
  char **fields;
  int replicate, site;
  tx_status status = tx_input_open(state->replicates->path, &state->replicates->hooks, &input, error);
  if (status == TX_OK) status = tx_table_open(input, &table, error);
  if (status != TX_OK) return status;
  replicate = tx_table_find_first(table, "replicate|replicate_id");
  site = tx_table_find_first(table, "sample|sample_id|site");
  if ((replicate < 0 || site < 0) && tx_table_column_count(table) == 2) {
    replicate = 0;
    site = 1;
  }
  if (replicate < 0 || site < 0) {
    char list[600];
    tx_table_list_columns(table, list, sizeof list);
    status = tx_fail(error, TX_ERROR_DATA, "%s: expected columns 'replicate' and 'sample'%s",
                     tx_table_name(table), list);
  }
  while (status == TX_OK) {
    status = tx_table_next(table, &fields, error);
    if (status == TX_OK) status = set_site(state, table, fields[replicate], fields[site], error);
  }
  tx_table_close(table);
  return status == TX_END ? TX_OK : status;
}

static tx_status find_sites(const bulk *state, tx_bulk_counts *counts, tx_error *error)
{
  const bool map = state->replicates->path && *state->replicates->path;
  tx_status status = TX_OK;
  counts->samples = tx_count_table_sample_count(state->counts);
  for (size_t s = 0; s < counts->samples && status == TX_OK; s++) {
    state->sites[s] = NO_SITE;
    if (!map)
      status = tx_comparison_add_site(state->comparison, tx_count_table_sample(state->counts, s),
                                      &state->sites[s], error);
  }
  if (status == TX_OK && map) status = read_replicates(state, error);
  for (size_t s = 0; s < counts->samples && status == TX_OK; s++) {
    if (state->sites[s] != NO_SITE) {
      state->comparison->has_bulk[state->sites[s]] = true;
    } else if (!counts->without_site++) {
      counts->example_sample = tx_count_table_sample(state->counts, s);
    }
  }
  if (status == TX_OK && counts->samples && counts->without_site == counts->samples)
    return tx_fail(error, TX_ERROR_DATA,
                   "%s: none of the %zu samples of the counts is in it, such as '%.100s'",
                   state->replicates->path, (size_t)counts->samples, counts->example_sample);
  return status;
}

/* What a sequence has in each site. */
typedef struct site_sums {
  double *reads;        /* (sites) */
  uint64_t *replicates; /* (sites) with enough reads */
} site_sums;

static void sum_replicates(const bulk *state, size_t sequence, site_sums *sums)
{
  const double least = state->replicates->min_reads > 0 ? state->replicates->min_reads : 1;
  const uint32_t *samples;
  const double *counts;
  const size_t count = tx_count_table_row(state->counts, sequence, &samples, &counts);
  memset(sums->reads, 0, tx_names_count(state->comparison->sites) * sizeof *sums->reads);
  memset(sums->replicates, 0, tx_names_count(state->comparison->sites) * sizeof *sums->replicates);
  for (size_t i = 0; i < count; i++) {
    const uint32_t site = state->sites[samples[i]];
    if (site == NO_SITE) continue;
    sums->reads[site] += counts[i];
    sums->replicates[site] += counts[i] >= least;
  }
}

static tx_status add_sequence(const bulk *state, const tx_predictions *predictions, const char *const *called,
                              const site_sums *sums, tx_error *error)
{
  const uint64_t least = state->replicates->min_count ? state->replicates->min_count : 1;
  tx_comparison *comparison = state->comparison;
  tx_status status = TX_OK;
  for (size_t r = 0; r < comparison->rank_count; r++) {
    const char *taxon = NULL;
    for (size_t other = 0; other < tx_predictions_rank_count(predictions); other++)
      if (strcmp(tx_predictions_rank_name(predictions, other), comparison->ranks[r].name) == 0)
        taxon = called[other];
    for (uint32_t site = 0; site < tx_names_count(comparison->sites) && status == TX_OK; site++) {
      const tx_compared_cell cell = {.site = site, .reads = sums->reads[site]};
      if (sums->replicates[site] < least || !(cell.reads > 0)) continue;
      if (taxon)
        status = tx_comparison_add_cell(comparison, r, taxon, &cell, error);
      else
        comparison->ranks[r].unassigned[site] += cell.reads;
    }
  }
  return status;
}

static tx_status add_sequences(const bulk *state, const tx_predictions *predictions, tx_bulk_counts *counts,
                               tx_error *error)
{
  const size_t sites = tx_names_count(state->comparison->sites);
  site_sums sums = {calloc(sites + 1, sizeof *sums.reads), calloc(sites + 1, sizeof *sums.replicates)};
  tx_status status = sums.reads && sums.replicates ? TX_OK : tx_fail_memory(error, "the comparison");
  counts->sequences = tx_count_table_sequence_count(state->counts);
  for (size_t i = 0; i < counts->sequences && status == TX_OK; i++) {
    const char *id = tx_count_table_sequence(state->counts, i), *called[TX_RANKS_MAX];
    double confidence[TX_RANKS_MAX];
    if (!tx_predictions_find(predictions, id, called, confidence) && !counts->without_prediction++)
      counts->example_sequence = id;
    sum_replicates(state, i, &sums);
    status = add_sequence(state, predictions, called, &sums, error);
  }
  free(sums.reads);
  free(sums.replicates);
  if (status == TX_OK && counts->sequences && counts->without_prediction == counts->sequences)
    return tx_fail(error, TX_ERROR_DATA,
                   "none of the %zu sequences of the counts has a prediction: '%.100s' "
                   "is no id of them",
                   (size_t)counts->sequences, counts->example_sequence);
  return status;
}

tx_status tx_comparison_add_bulk(tx_comparison *comparison, const tx_count_table *counts,
                                 const tx_predictions *predictions, const tx_replicates *replicates,
                                 tx_bulk_counts *ret_counts, tx_error *error)
{
  bulk state = {comparison, counts, replicates, NULL};
  tx_status status;
  *ret_counts = (tx_bulk_counts){0};
  state.sites = calloc(tx_count_table_sample_count(counts) + 1, sizeof *state.sites);
  if (!state.sites) return tx_fail_memory(error, "the comparison");
  status = find_sites(&state, ret_counts, error);
  if (status == TX_OK) status = add_sequences(&state, predictions, ret_counts, error);
  free(state.sites);
  return status;
}
