/* HDBSCAN: density-based clusters of any density (Campello, Moulavi & Sander 2013). */
#ifndef TX_CLUSTER_HDBSCAN_H
#define TX_CLUSTER_HDBSCAN_H

#include <stdbool.h>

#include "cluster/rows.h"
#include "cluster/tree.h"

typedef struct tx_hdbscan_options {
  size_t min_cluster_size; /* >= 2 */
  size_t min_samples;      /* neighbours, the point itself counted, that make its core distance; >= 1 */
  size_t max_cluster_size; /* 0: none */
  bool leaves;             /* the leaves of the tree of clusters; otherwise excess of mass */
} tx_hdbscan_options;

/* The results; arrays are made for the caller and freed by tx_hdbscan_free. */
typedef struct tx_hdbscan {
  size_t clusters;
  int32_t *labels;       /* (rows) from 0, -1 = noise */
  double *probabilities; /* (rows) how far a point holds on to its cluster, 0 of noise */
  double *stabilities;   /* (clusters) */
  double *core;          /* (rows) core distances */
  tx_tree tree;          /* single linkage of the mutual reachability distances */
} tx_hdbscan;

/* Clusters the rows under euclidean distance. The minimum spanning tree is Prim's, from the first row, with
   distances computed when they are needed: memory is that of the rows twice. The whole is never a cluster.
   The same bits for any number of threads. TX_STOPPED after *opt_stop; TX_ERROR_MEMORY. */
tx_status tx_hdbscan_run(const tx_rows *rows, const tx_hdbscan_options *options, tx_pool *pool,
                         const volatile int *opt_stop, tx_hdbscan *ret_result, tx_error *error);
void tx_hdbscan_free(tx_hdbscan *result);

#endif
