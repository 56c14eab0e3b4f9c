/* Agglomerative clustering by average and complete linkage, from the distances of all pairs of points. */
#ifndef TX_CLUSTER_LINKAGE_H
#define TX_CLUSTER_LINKAGE_H

#include <stdbool.h>

#include "cluster/rows.h"
#include "cluster/tree.h"

typedef struct tx_linkage {
  bool complete; /* the largest distance between two clusters; otherwise the mean (UPGMA) */
  bool cosine;   /* 1 less the cosine; otherwise euclidean */
} tx_linkage;

/* Bytes of the distances of all pairs; SIZE_MAX when there is no such number. */
size_t tx_pairs_memory(size_t count);

/* The tree, by a chain of nearest neighbours (Murtagh 1983) over the distances of all pairs, which take
   tx_pairs_memory bytes. Ties go to the earlier cluster of the chain, then to the lower point. The same bits
   for any number of threads. TX_STOPPED after *opt_stop; TX_ERROR_MEMORY. */
tx_status tx_link(const tx_rows *rows, tx_linkage linkage, tx_pool *pool, const volatile int *opt_stop,
                  tx_tree *ret_tree, tx_error *error);

#endif
