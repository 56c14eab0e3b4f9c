/* The taxonomy behind <taxamba/taxonomy.h>, for the builder and the reader of the text form. */
#ifndef TX_TAXON_TREE_H
#define TX_TAXON_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/taxonomy.h>

typedef struct tx_taxon {
  const char *name;
  int32_t parent;      /* class, -1 under the root */
  int32_t parent_rank; /* -1 under the root */
} tx_taxon;

/* An entry of the index by name: per rank sorted by name, then parent. */
typedef struct tx_taxon_entry {
  const char *name;
  int32_t parent;
  int32_t parent_rank;
  int32_t class_index;
} tx_taxon_entry;

struct tx_taxonomy {
  size_t rank_count;
  const char *rank_names[TX_RANKS_MAX];
  size_t first[TX_RANKS_MAX + 1]; /* where the taxa of each rank begin in `taxa` and `entries` */
  tx_taxon *taxa;
  tx_taxon_entry *entries;
  char *text; /* memory of all names */
};

/* Checks the rank names: 1..TX_RANKS_MAX, none empty or with control characters, none twice. */
tx_status tx_ranks_check(const char *const *ranks, size_t rank_count, tx_status code, tx_error *error);

/* Makes a taxonomy of taxa in rank-major order, counts[rank_count] of each rank; everything is copied.
   Parents must be valid. Two taxa of one rank with the same name and the same parent are an error `code`. */
tx_status tx_taxonomy_assemble(const char *const *ranks, size_t rank_count, const size_t *counts,
                               const tx_taxon *taxa, tx_status code, tx_taxonomy **ret_taxonomy,
                               tx_error *error);

#endif
