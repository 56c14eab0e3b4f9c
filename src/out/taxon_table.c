#include "out/taxon_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "out/taxon_table_parts.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the table of taxa");
}

tx_status tx_taxon_table_create(const char *const *ranks, size_t rank_count, tx_taxon_table **ret_table,
                                tx_error *error)
{
  tx_taxon_table *table;
  tx_status status;
  *ret_table = NULL;
  if (!rank_count || rank_count > TX_RANKS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "a table of %zu ranks: expected 1 to %d", rank_count, TX_RANKS_MAX);
  table = calloc(1, sizeof *table);
  if (!table) return out_of_memory(error);
  status = tx_names_create(&table->lineages, error);
  if (status == TX_OK) status = tx_names_create(&table->cells, error);
  for (; status == TX_OK && table->rank_count < rank_count; table->rank_count++) {
    const char *name = ranks[table->rank_count];
    table->ranks[table->rank_count] = tx_copy_text(name, strlen(name));
    if (!table->ranks[table->rank_count]) status = out_of_memory(error);
  }
  if (status == TX_OK)
    *ret_table = table;
  else
    tx_taxon_table_free(table);
  return status;
}

static tx_status add_share(tx_taxon_table *table, uint32_t lineage, const tx_share *share, tx_error *error)
{
  const uint32_t key[2] = {lineage, share->sample};
  const size_t count = tx_names_count(table->cells);
  uint32_t cell = 0;
  tx_status status;
  if (!(share->reads >= 0) || isinf(share->reads))
    return tx_fail(error, TX_ERROR_DATA, "a number of reads is negative or not finite");
  if (share->reads <= 0) return TX_OK;
  if (!tx_reserve(&table->reads, &table->read_capacity, count + 1, sizeof *table->reads))
    return out_of_memory(error);
  status = tx_names_add(table->cells, key, sizeof key, &cell, error);
  if (status != TX_OK) return status;
  if (cell == count) table->reads[cell] = 0;
  table->reads[cell] += share->reads;
  table->total += share->reads;
  return TX_OK;
}

tx_status tx_taxon_table_add(tx_taxon_table *table, const char *const *taxa, const tx_share *shares,
                             size_t count, tx_error *error)
{
  size_t depth = table->rank_count;
  uint32_t lineage = 0;
  size_t some = 0;
  tx_status status;
  while (some < count && shares[some].reads == 0) some++;
  if (some == count) return TX_OK; /* no row for a lineage without reads */
  while (depth && !(taxa[depth - 1] && *taxa[depth - 1])) depth--;
  tx_bytes_clear(&table->key);
  for (size_t rank = 0; rank < depth; rank++) {
    const char *name = taxa[rank] ? taxa[rank] : "";
    tx_bytes_append(&table->key, name, strlen(name) + 1);
  }
  if (table->key.failed) return out_of_memory(error);
  status = tx_names_add(table->lineages, table->key.size ? table->key.data : "", table->key.size, &lineage,
                        error);
  for (size_t i = 0; i < count && status == TX_OK; i++) status = add_share(table, lineage, &shares[i], error);
  return status;
}

tx_status tx_taxon_table_add_prediction(tx_taxon_table *table, const tx_taxonomy *taxonomy,
                                        const tx_prediction *prediction, const tx_share *shares, size_t count,
                                        tx_error *error)
{
  const char *taxa[TX_RANKS_MAX] = {NULL};
  for (size_t rank = 0; rank < table->rank_count; rank++) {
    const int32_t taxon = tx_prediction_taxon(prediction, rank);
    if (taxon >= 0) taxa[rank] = tx_taxonomy_class_name(taxonomy, rank, taxon);
  }
  return tx_taxon_table_add(table, taxa, shares, count, error);
}

size_t tx_taxon_table_rank_count(const tx_taxon_table *table)
{
  return table->rank_count;
}

const char *const *tx_taxon_table_ranks(const tx_taxon_table *table)
{
  return (const char *const *)table->ranks;
}

tx_status tx_taxon_table_depth(const tx_taxon_table *table, const char *opt_rank, size_t *ret_depth,
                               tx_error *error)
{
  tx_bytes known = {0};
  size_t rank = 0;
  *ret_depth = table->rank_count;
  if (!opt_rank || !*opt_rank) return TX_OK;
  while (rank < table->rank_count && strcmp(table->ranks[rank], opt_rank) != 0) rank++;
  if (rank < table->rank_count) {
    *ret_depth = rank + 1;
    return TX_OK;
  }
  for (rank = 0; rank < table->rank_count; rank++)
    tx_bytes_printf(&known, "%s%s", rank ? ", " : "", table->ranks[rank]);
  tx_fail(error, TX_ERROR_USAGE, "there is no rank '%.100s'; the ranks are %.400s", opt_rank,
          known.failed ? "others" : known.data);
  tx_bytes_free(&known);
  return TX_ERROR_USAGE;
}

double tx_taxon_table_reads(const tx_taxon_table *table)
{
  return table->total;
}

void tx_taxon_table_free(tx_taxon_table *table)
{
  if (!table) return;
  for (size_t rank = 0; rank < table->rank_count; rank++) free(table->ranks[rank]);
  tx_names_free(table->lineages);
  tx_names_free(table->cells);
  tx_bytes_free(&table->key);
  free(table->reads);
  free(table);
}
