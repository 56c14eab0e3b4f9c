/* Scores of clusters from the points alone. */
#ifndef TX_CLUSTER_SPACE_H
#define TX_CLUSTER_SPACE_H

#include "cluster/rows.h"

typedef enum tx_space_metric {
  TX_SPACE_EUCLIDEAN,
  TX_SPACE_MANHATTAN,
  TX_SPACE_CHEBYSHEV,
  TX_SPACE_ARCCOS, /* euclidean, of rows of length 1 */
  TX_SPACE_COSINE  /* 1 less the cosine */
} tx_space_metric;

/* Some partitions of the rows: labels[p][i] in 0..clusters[p]-1. */
typedef struct tx_partitions {
  size_t count;
  const int32_t *const *labels;
  const size_t *clusters;
} tx_partitions;

/* The mean silhouette of each partition (Rousseeuw 1987), in one pass over the distances: (b - a) / max(a, b)
   where a is the mean distance to the others of the own cluster and b the least mean distance to another
   cluster; 0 for a record alone in its cluster. NaN unless 2 <= clusters <= rows - 1. opt_each (partitions,
   rows): that of each row. */
tx_status tx_silhouettes(const tx_rows *rows, tx_space_metric metric, const tx_partitions *partitions,
                         tx_pool *pool, double *ret_means, double *opt_each, tx_error *error);

/* Calinski & Harabasz 1974: variance between clusters by variance within; Davies & Bouldin 1979: the mean
   over clusters of the worst ratio of spreads to the distance of the centroids. NaN unless 2 <= clusters <=
   rows - 1. */
typedef struct tx_variance_scores {
  double calinski_harabasz, davies_bouldin;
} tx_variance_scores;
tx_status tx_variance_of_clusters(const tx_rows *rows, const int32_t *labels, size_t clusters,
                                  tx_variance_scores *ret_scores, tx_error *error);

#endif
