/* What the parts of the taxonomy builder share. */
#ifndef TX_TAXON_BUILDER_H
#define TX_TAXON_BUILDER_H

#include "base/names.h"
#include "taxon/reports.h"
#include "taxon/taxonomy.h"

/* The first occurrence of a lineage. */
typedef struct tx_lineage_place {
  uint64_t line;
  uint32_t file; /* number in `files` */
} tx_lineage_place;

struct tx_taxonomy_builder {
  size_t rank_count;
  char *ranks[TX_RANKS_MAX];
  tx_names *names; /* names of taxa; a label is the number of its name + 1 */
  tx_names *files;
  tx_names *lineages; /* keys are uint32_t[rank_count] labels, 0 = none */
  tx_lineage_place *places;   /* one per lineage */
  size_t place_capacity;
  tx_reports reports;
};

/* The labels of an added lineage: labels[rank_count]. */
void tx_taxonomy_builder_labels(const tx_taxonomy_builder *builder, size_t lineage, uint32_t *labels);

#endif
