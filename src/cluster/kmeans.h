/* k-means. */
#ifndef TX_CLUSTER_KMEANS_H
#define TX_CLUSTER_KMEANS_H

#include "cluster/rows.h"

typedef struct tx_kmeans {
  tx_rows centres; /* (clusters, width) */
  double inertia;  /* sum of the squared distances to them */
  size_t iterations;
} tx_kmeans;

/* Centres by greedy k-means++ (Arthur & Vassilvitskii 2007): each next centre is the one of 2 + ln k points,
   drawn with probability proportional to the squared distance to the nearest centre, that leaves the smallest
   sum of these distances. The centres are made for the caller. */
tx_status tx_kmeans_start(const tx_rows *rows, size_t clusters, uint64_t seed, const volatile int *opt_stop,
                          tx_rows *ret_centres, tx_error *error);

/* Lloyd's iterations from the centres in `own`: until no label changes, or the summed squared shift of the
   centres is at most 1e-4 times the mean variance of the columns, or after 1000. A cluster that loses all
   points takes the point farthest from its centre. labels (rows); ties go to the lower centre. The same bits
   for any number of threads. */
tx_status tx_kmeans_run(const tx_rows *rows, tx_pool *pool, const volatile int *opt_stop, tx_kmeans *own,
                        int32_t *labels, tx_error *error);

#endif
