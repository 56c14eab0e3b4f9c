#include "taxon/nodes.h"

#include "taxon/taxonomy.h"
#include "taxon/tree.h"

size_t tx_taxonomy_node_count(const tx_taxonomy *taxonomy)
{
  return taxonomy->first[taxonomy->rank_count];
}

size_t tx_taxonomy_node(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index)
{
  return taxonomy->first[rank] + (size_t)class_index;
}

void tx_taxonomy_node_parents(const tx_taxonomy *taxonomy, int32_t *parents)
{
  for (size_t i = 0; i < tx_taxonomy_node_count(taxonomy); i++) {
    const tx_taxon *taxon = &taxonomy->taxa[i];
    parents[i] =
        taxon->parent < 0 ? -1
                          : (int32_t)tx_taxonomy_node(taxonomy, (size_t)taxon->parent_rank, taxon->parent);
  }
}

size_t tx_taxonomy_node_rank(const tx_taxonomy *taxonomy, size_t node)
{
  size_t rank = 0;
  while (rank + 1 < taxonomy->rank_count && node >= taxonomy->first[rank + 1]) rank++;
  return rank;
}

int64_t tx_taxonomy_find_node(const tx_taxonomy *taxonomy, const char *name)
{
  int64_t found = -1;
  for (size_t rank = 0; rank < taxonomy->rank_count; rank++) {
    const char *taxa[TX_RANKS_MAX] = {NULL};
    int32_t labels[TX_RANKS_MAX];
    if (!tx_taxonomy_knows(taxonomy, rank, name)) continue;
    taxa[rank] = name;
    tx_taxonomy_match(taxonomy, taxa, labels);
    if (labels[rank] < 0 || found >= 0) return -2;
    found = (int64_t)tx_taxonomy_node(taxonomy, rank, labels[rank]);
  }
  return found;
}
