/* Closing the gaps of lineages: which taxon a name means when ranks above it are blank. */
#ifndef TX_TAXON_RESOLVE_H
#define TX_TAXON_RESOLVE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* `labels` (count, rank_count), top rank first: numbers 1..name_count of names, 0 = no label. Two lineages
   that have the same name at a rank *agree* there if no rank above has two different names. A lineage is
   *ambiguous* at a rank if it agrees with two lineages that do not agree with each other. Lineages that agree
   and are not ambiguous mean one taxon, and what one of them says about the ranks above holds for all: their
   blanks are filled. This runs from the top and from the bottom until nothing changes; then the ambiguous
   labels of the highest rank that has any are removed, with all below them, and it runs again. At the end two
   lineages mean the same taxon at a rank if and only if they are equal from the top down to that rank. The
   result does not depend on the order of the lineages.

   cut[count]: the rank from which a lineage lost its labels, rank_count if it kept them.
   rank_count <= 16. Time: a few passes over the labels. Errors: TX_ERROR_MEMORY. */
tx_status tx_resolve_lineages(uint32_t *labels, size_t count, size_t rank_count, size_t name_count,
                              uint8_t *cut, tx_error *error);

#endif
