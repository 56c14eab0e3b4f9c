/* The number of clusters by the silhouette. */
#ifndef TX_CLUSTER_CHOOSE_H
#define TX_CLUSTER_CHOOSE_H

#include "cluster/rows.h"
#include "cluster/tree.h"

enum { TX_CHOICES_MAX = 512 };

/* Numbers of clusters to try for `count` rows, rising: 2, 3, ... and, further up, each 15 % above the one
   before, up to count - 1. Returns how many (0 for fewer than 3 rows). */
size_t tx_choices(size_t count, size_t choices[TX_CHOICES_MAX]);

/* The number of clusters of a cut of the tree with the largest mean silhouette (euclidean), the smaller of
   equals: of tx_choices, and then of up to 32 numbers between the neighbours of the best. 1 for fewer than 3
   rows. */
tx_status tx_choose_cut(const tx_tree *tree, const tx_rows *rows, tx_pool *pool, size_t *ret_clusters,
                        tx_error *error);

#endif
