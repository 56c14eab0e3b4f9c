/* Core distances and the minimum spanning tree of mutual reachability distances. */
#ifndef TX_CLUSTER_SPANNING_H
#define TX_CLUSTER_SPANNING_H

#include "cluster/rows.h"
#include "cluster/tree.h"

/* core (rows): the distance of each row to its min_samples-th nearest, itself being the first. */
tx_status tx_core_distances(const tx_rows *rows, size_t min_samples, tx_pool *pool, double *core,
                            tx_error *error);

/* The edges of the minimum spanning tree of max(core_a, core_b, distance), in the order in which Prim's
   algorithm finds them from row 0: left is the row inside, right the new one. Ties go to the lower new row
   and to the row that was inside first. */
tx_status tx_spanning_tree(const tx_rows *rows, const double *core, tx_pool *pool,
                           const volatile int *opt_stop, tx_join *edges, tx_error *error);

#endif
