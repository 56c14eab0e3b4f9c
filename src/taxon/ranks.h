/* What is known about the order of ranks by their names. */
#ifndef TX_TAXON_RANKS_H
#define TX_TAXON_RANKS_H

#include <stdbool.h>
#include <stddef.h>

/* The level of a rank, in any letter case: a lower rank has a greater level. Ranks of one level, as domain
   and kingdom, stand in either order. 0: a rank whose place is not known (a cluster of barcodes); -1: the
   name is none of a rank that is known. */
int tx_rank_level(const char *name);
/* Finds the first rank that stands below one of a greater level: *ret_above and *ret_below are their indices.
   False: the order is a possible one. */
bool tx_ranks_inverted(const char *const *ranks, size_t count, size_t *ret_above, size_t *ret_below);

#endif
