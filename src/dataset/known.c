/* Taxa that a model has already learnt: they are targets beside those of the training records. */
#include "dataset/dataset.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t find_name(const char *const *names, size_t count, const char *name)
{
  size_t i = 0;
  while (i < count && strcmp(names[i], name) != 0) i++;
  return i;
}

tx_status tx_dataset_join_ranks(const tx_taxonomy *known, const char **names, size_t *count, tx_error *error)
{
  const size_t own = tx_taxonomy_rank_count(known);
  const char *joined[2 * TX_RANKS_MAX];
  size_t joined_count = own, place = 0;
  for (size_t r = 0; r < own; r++) joined[r] = tx_taxonomy_rank_name(known, r);
  for (size_t i = 0; i < *count; i++) {
    const size_t found = find_name(joined, joined_count, names[i]);
    if (found < joined_count) {
      place = found + 1;
      continue;
    }
    memmove(joined + place + 1, joined + place, (joined_count - place) * sizeof *joined);
    joined[place++] = names[i];
    joined_count++;
  }
  if (joined_count > TX_RANKS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "the ranks of the model and of the input are %zu: at most %d are "
                   "possible", joined_count, TX_RANKS_MAX);
  memcpy(names, joined, joined_count * sizeof *joined);
  *count = joined_count;
  return TX_OK;
}

/* Adds the lineage of a taxon to the builder, and keeps its number. */
static tx_status add_taxon(tx_dataset *dataset, const tx_known_taxa *known, size_t rank, int32_t number,
                           tx_error *error)
{
  const char *taxa[TX_RANKS_MAX] = {NULL};
  int32_t lineage[TX_RANKS_MAX], added = 0;
  tx_status status;
  tx_taxonomy_lineage(known->taxonomy, rank, number, lineage);
  for (size_t r = 0; r < tx_dataset_input_ranks(dataset); r++)
    for (size_t k = 0; k <= rank; k++)
      if (lineage[k] >= 0 && !strcmp(tx_taxonomy_rank_name(known->taxonomy, k),
                                     tx_taxonomy_builder_rank_name(dataset->builder, r)))
        taxa[r] = tx_taxonomy_class_name(known->taxonomy, k, lineage[k]);
  status = tx_taxonomy_builder_add(dataset->builder, taxa, known->file, 0, &added, error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&dataset->known, &dataset->known_capacity, dataset->known_count + 1,
                  sizeof *dataset->known))
    return tx_fail_memory(error, "the taxa of the model");
  dataset->known[dataset->known_count++] = (uint32_t)added;
  return TX_OK;
}

tx_status tx_dataset_add_known(tx_dataset *dataset, const tx_known_taxa *known, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t r = 0; r < tx_taxonomy_rank_count(known->taxonomy); r++)
    for (size_t c = 0; status == TX_OK && c < tx_taxonomy_class_count(known->taxonomy, r); c++)
      status = add_taxon(dataset, known, r, (int32_t)c, error);
  return status;
}
