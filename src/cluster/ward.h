/* Ward's agglomerative clustering without a matrix of distances. */
#ifndef TX_CLUSTER_WARD_H
#define TX_CLUSTER_WARD_H

#include "cluster/rows.h"
#include "cluster/tree.h"

/* The tree of Ward's method (Ward 1963; heights as in Murtagh & Legendre 2014, Ward2: the square
   root of 2ab/(a+b) times the distance of the centroids of clusters of sizes a and b).

   The rows become the centroids and are no longer the points. Rounds: every cluster knows its nearest one,
   and all pairs that are each other's nearest are joined at once, which gives the same tree as the nearest
   pair after the other (the distances are reducible: Murtagh 1983; a chain of nearest neighbours finds the
   same pairs one by one). A cluster keeps a short list of the nearest ones and a bound on all others, so that
   most joins need no search. Equal points are joined before. Memory: the rows twice, 600 bytes a point, and a
   few rows of distances for each thread.

   Ties go to the pair with the lower first points. The same bits for any number of threads. TX_STOPPED after
   *opt_stop; TX_ERROR_MEMORY. */
tx_status tx_ward(tx_rows *rows, tx_pool *pool, const volatile int *opt_stop, tx_tree *ret_tree,
                  tx_error *error);

#endif
