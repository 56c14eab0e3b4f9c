/* State of a comparison; shared by its collection, scores and report. */
#ifndef TX_EVAL_COMPARISON_H
#define TX_EVAL_COMPARISON_H

#include "base/names.h"

#include <taxamba/compare.h>

/* What one site has of one taxon. */
typedef struct tx_compared_cell {
  uint32_t site, taxon;
  double reads, specimens;
} tx_compared_cell;

typedef struct tx_compared_rank {
  char *name;
  tx_names *taxa;
  bool knows;  /* known taxa were declared at this rank */
  bool *known; /* (taxa) */
  size_t known_capacity;
  tx_names *keys; /* of the cells: site and taxon */
  tx_compared_cell *cells;
  size_t cell_capacity;
  double *unassigned; /* (all sites) reads */
  size_t unassigned_capacity;
  /* after the end: taxa of the compared sites, and where those of a site begin (sites + 1) */
  tx_compared_taxon *listed;
  size_t *starts;
  tx_abundance_scores *abundance; /* (site_count) */
} tx_compared_rank;

struct tx_comparison {
  tx_compared_rank ranks[TX_RANKS_MAX];
  size_t rank_count;
  tx_names *sites;
  bool *has_bulk, *has_specimens; /* (sites) */
  size_t bulk_capacity, specimens_capacity;
  bool finished;
  uint32_t *compared; /* (site_count) numbers of the compared sites, in order of their names */
  size_t site_count;
};

/* The number of a site, which is added if it is new. */
tx_status tx_comparison_add_site(tx_comparison *comparison, const char *name, uint32_t *ret_site,
                                 tx_error *error);
/* Adds to what a site has of a taxon. */
tx_status tx_comparison_add_cell(tx_comparison *comparison, size_t rank, const char *taxon,
                                 const tx_compared_cell *added, tx_error *error);

#endif
