/* The taxa of all ranks as one tree of nodes, for classes of which a record may have several. */
#ifndef TX_TAXON_NODES_H
#define TX_TAXON_NODES_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/taxonomy.h>

/* Sets parents (tx_taxonomy_node_count) to the node of the parent of each node, -1 for none. */
void tx_taxonomy_node_parents(const tx_taxonomy *taxonomy, int32_t *parents);
/* Returns the rank of a node. */
size_t tx_taxonomy_node_rank(const tx_taxonomy *taxonomy, size_t node);
/* Finds the one taxon of a name, whatever its rank: returns its node; -1: there is none, -2: there are
   several. '_' and a blank are one letter. */
int64_t tx_taxonomy_find_node(const tx_taxonomy *taxonomy, const char *name);

#endif
