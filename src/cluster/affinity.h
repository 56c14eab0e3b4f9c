/* Affinity propagation. */
#ifndef TX_CLUSTER_AFFINITY_H
#define TX_CLUSTER_AFFINITY_H

#include <stdbool.h>

#include "cluster/rows.h"

typedef struct tx_affinity_options {
  double damping;    /* 0.5 <= damping < 1 */
  size_t iterations; /* at most */
  size_t stable;     /* iterations without a change of exemplars that end it */
} tx_affinity_options;

typedef struct tx_affinity {
  size_t clusters, iterations;
  bool settled;        /* the exemplars did not change at the end */
  int32_t *labels;     /* (rows) from 0, in the order of the exemplars; -1 if there is none; owned */
  uint32_t *exemplars; /* (clusters) rows; owned */
} tx_affinity;

/* Bytes of the three matrices; SIZE_MAX when there is no such number. */
size_t tx_affinity_memory(size_t count);

/* Clusters by messages between all pairs of rows (Frey & Dueck 2007). Similarity: minus the squared distance;
   preference: the median of the whole matrix, with the zeros of its diagonal. Distances are computed in
   double, everything else in single precision with sums in double. No noise is added against degenerate
   cases. The same bits for any number of threads. TX_STOPPED after *opt_stop; TX_ERROR_MEMORY. */
tx_status tx_affinity_run(const tx_rows *rows, const tx_affinity_options *options, tx_pool *pool,
                          const volatile int *opt_stop, tx_affinity *ret_result, tx_error *error);
void tx_affinity_free(tx_affinity *result);

#endif
