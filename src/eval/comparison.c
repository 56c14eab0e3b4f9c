#include "eval/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/predictions.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the comparison");
}

tx_status tx_comparison_create(const char *const *ranks, size_t rank_count, tx_comparison **ret_comparison,
                               tx_error *error)
{
  tx_comparison *comparison;
  tx_status status;
  *ret_comparison = NULL;
  if (!rank_count || rank_count > TX_RANKS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "%zu ranks to compare; 1 to %d are possible", rank_count,
                   TX_RANKS_MAX);
  comparison = calloc(1, sizeof *comparison);
  if (!comparison) return out_of_memory(error);
  comparison->rank_count = rank_count;
  status = tx_names_create(&comparison->sites, error);
  for (size_t r = 0; r < rank_count && status == TX_OK; r++) {
    tx_compared_rank *rank = &comparison->ranks[r];
    rank->name = tx_copy_text(ranks[r], strlen(ranks[r]));
    if (!rank->name) status = out_of_memory(error);
    if (status == TX_OK) status = tx_names_create(&rank->taxa, error);
    if (status == TX_OK) status = tx_names_create(&rank->keys, error);
  }
  if (status == TX_OK)
    *ret_comparison = comparison;
  else
    tx_comparison_free(comparison);
  return status;
}

void tx_comparison_free(tx_comparison *comparison)
{
  if (!comparison) return;
  for (size_t r = 0; r < comparison->rank_count; r++) {
    tx_compared_rank *rank = &comparison->ranks[r];
    tx_names_free(rank->taxa);
    tx_names_free(rank->keys);
    free(rank->name);
    free(rank->known);
    free(rank->cells);
    free(rank->unassigned);
    free(rank->listed);
    free(rank->starts);
    free(rank->abundance);
  }
  tx_names_free(comparison->sites);
  free(comparison->has_bulk);
  free(comparison->has_specimens);
  free(comparison->compared);
  free(comparison);
}

tx_status tx_comparison_add_site(tx_comparison *comparison, const char *name, uint32_t *ret_site,
                                 tx_error *error)
{
  const size_t known = tx_names_count(comparison->sites);
  tx_status status;
  if (!tx_reserve(&comparison->has_bulk, &comparison->bulk_capacity, known + 1,
                  sizeof *comparison->has_bulk) ||
      !tx_reserve(&comparison->has_specimens, &comparison->specimens_capacity, known + 1,
                  sizeof *comparison->has_specimens))
    return out_of_memory(error);
  for (size_t r = 0; r < comparison->rank_count; r++)
    if (!tx_reserve(&comparison->ranks[r].unassigned, &comparison->ranks[r].unassigned_capacity, known + 1,
                    sizeof(double)))
      return out_of_memory(error);
  status = tx_names_add(comparison->sites, name, strlen(name), ret_site, error);
  if (status != TX_OK || *ret_site < known) return status;
  comparison->has_bulk[known] = comparison->has_specimens[known] = false;
  for (size_t r = 0; r < comparison->rank_count; r++) comparison->ranks[r].unassigned[known] = 0;
  return TX_OK;
}

/* The number of a taxon of a rank, which is added if it is new. */
static tx_status add_taxon(tx_compared_rank *rank, const char *name, uint32_t *ret_number, tx_error *error)
{
  const size_t known = tx_names_count(rank->taxa);
  tx_status status;
  if (!tx_reserve(&rank->known, &rank->known_capacity, known + 1, sizeof *rank->known))
    return out_of_memory(error);
  status = tx_names_add_spaced(rank->taxa, name, ret_number, error);
  if (status == TX_OK && *ret_number == known) rank->known[known] = false;
  return status;
}

tx_status tx_comparison_add_cell(tx_comparison *comparison, size_t rank_index, const char *taxon,
                                 const tx_compared_cell *added, tx_error *error)
{
  tx_compared_rank *rank = &comparison->ranks[rank_index];
  const size_t known = tx_names_count(rank->keys);
  uint32_t key[2] = {added->site, 0}, number = 0;
  tx_status status = add_taxon(rank, taxon, &key[1], error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&rank->cells, &rank->cell_capacity, known + 1, sizeof *rank->cells))
    return out_of_memory(error);
  status = tx_names_add(rank->keys, key, sizeof key, &number, error);
  if (status != TX_OK) return status;
  if (number == known) rank->cells[number] = (tx_compared_cell){.site = key[0], .taxon = key[1]};
  rank->cells[number].reads += added->reads;
  rank->cells[number].specimens += added->specimens;
  return TX_OK;
}

static tx_status know(tx_comparison *comparison, size_t rank_index, const char *name, tx_error *error)
{
  tx_compared_rank *rank = &comparison->ranks[rank_index];
  uint32_t number = 0;
  const tx_status status = add_taxon(rank, name, &number, error);
  if (status == TX_OK) rank->known[number] = rank->knows = true;
  return status;
}

tx_status tx_comparison_know_taxonomy(tx_comparison *comparison, const tx_taxonomy *taxonomy, tx_error *error)
{
  for (size_t r = 0; r < comparison->rank_count; r++) {
    size_t other = 0;
    while (other < tx_taxonomy_rank_count(taxonomy) &&
           strcmp(tx_taxonomy_rank_name(taxonomy, other), comparison->ranks[r].name) != 0)
      other++;
    if (other == tx_taxonomy_rank_count(taxonomy)) continue;
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, other); c++) {
      const tx_status status =
          know(comparison, r, tx_taxonomy_class_name(taxonomy, other, (int32_t)c), error);
      if (status != TX_OK) return status;
    }
  }
  return TX_OK;
}

tx_status tx_comparison_know_lineages(tx_comparison *comparison, const tx_predictions *lineages,
                                      tx_error *error)
{
  const char *called[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  tx_status status = TX_OK;
  for (size_t row = 0; row < tx_predictions_count(lineages); row++) {
    (void)tx_predictions_find(lineages, tx_predictions_id(lineages, row), called, confidence);
    for (size_t r = 0; r < comparison->rank_count && status == TX_OK; r++)
      for (size_t other = 0; other < tx_predictions_rank_count(lineages) && status == TX_OK; other++)
        if (called[other] &&
            strcmp(tx_predictions_rank_name(lineages, other), comparison->ranks[r].name) == 0)
          status = know(comparison, r, called[other], error);
  }
  return status;
}

tx_status tx_comparison_add_specimens(tx_comparison *comparison, tx_labelled *reader,
                                      const volatile int *opt_stop, uint64_t *ret_without_site,
                                      tx_error *error)
{
  const size_t ranks = tx_labelled_rank_count(reader);
  tx_labelled_record record;
  tx_status status = TX_OK;
  *ret_without_site = 0;
  while (status == TX_OK) {
    tx_compared_cell cell = {.specimens = 1};
    status = opt_stop && *opt_stop ? TX_STOPPED : tx_labelled_next(reader, &record, error);
    if (status != TX_OK) break;
    if (!record.split || !*record.split) {
      ++*ret_without_site;
      continue;
    }
    status = tx_comparison_add_site(comparison, record.split, &cell.site, error);
    if (status != TX_OK) break;
    comparison->has_specimens[cell.site] = true;
    for (size_t r = 0; r < comparison->rank_count; r++)
      for (size_t other = 0; other < ranks && status == TX_OK; other++)
        if (record.taxa[other] &&
            strcmp(tx_labelled_rank_name(reader, other), comparison->ranks[r].name) == 0)
          status = tx_comparison_add_cell(comparison, r, record.taxa[other], &cell, error);
  }
  return status == TX_END ? TX_OK : status;
}

size_t tx_comparison_site_count(const tx_comparison *comparison)
{
  return comparison->site_count;
}

const char *tx_comparison_site(const tx_comparison *comparison, size_t site)
{
  return tx_names_key(comparison->sites, comparison->compared[site], NULL);
}

size_t tx_comparison_lone_sites(const tx_comparison *comparison, bool bulk, const char **ret_example)
{
  size_t count = 0;
  *ret_example = NULL;
  for (size_t s = 0; s < tx_names_count(comparison->sites); s++) {
    if (comparison->has_bulk[s] == comparison->has_specimens[s] || comparison->has_bulk[s] != bulk) continue;
    if (!count++) *ret_example = tx_names_key(comparison->sites, (uint32_t)s, NULL);
  }
  return count;
}

size_t tx_comparison_rank_count(const tx_comparison *comparison)
{
  return comparison->rank_count;
}

const char *tx_comparison_rank_name(const tx_comparison *comparison, size_t rank)
{
  return comparison->ranks[rank].name;
}
