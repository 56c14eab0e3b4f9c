#include "evidence/reference_set.h"

#include "base/error.h"

#include <stdlib.h>

tx_status tx_reference_set_create(tx_references *references, tx_reference_set **ret_set, tx_error *error)
{
  tx_reference_set *set = calloc(1, sizeof *set);
  tx_status status;
  *ret_set = NULL;
  if (!set) {
    tx_references_free(references);
    return tx_fail_memory(error, "the references");
  }
  set->references = references;
  status = tx_search_index_create(references, &set->index, error);
  if (status == TX_OK) status = tx_outcome_space_init(&set->space, set->index, error);
  if (status == TX_OK)
    *ret_set = set;
  else
    tx_reference_set_free(set);
  return status;
}

void tx_reference_set_free(tx_reference_set *set)
{
  if (!set) return;
  tx_outcome_space_clear(&set->space);
  tx_search_index_free(set->index);
  tx_references_free(set->references);
  free(set->provenance);
  free(set);
}

const tx_taxonomy *tx_reference_set_taxonomy(const tx_reference_set *set)
{
  return set->references->taxonomy;
}

size_t tx_reference_set_count(const tx_reference_set *set)
{
  return set->references->count;
}

uint64_t tx_reference_set_records(const tx_reference_set *set)
{
  return set->references->records;
}

size_t tx_reference_set_kinds(const tx_reference_set *set)
{
  return set->space.kinds;
}

int32_t tx_reference_set_taxon(const tx_reference_set *set, size_t index, size_t rank)
{
  return tx_references_lineage(set->references, index)[rank];
}

const char *tx_reference_set_id(const tx_reference_set *set, size_t index, size_t *ret_length)
{
  return tx_references_id(set->references, index, ret_length);
}
