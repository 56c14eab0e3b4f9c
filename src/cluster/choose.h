/* The number of clusters by the silhouette. */
#ifndef TX_CLUSTER_CHOOSE_H
#define TX_CLUSTER_CHOOSE_H

#include "cluster/rows.h"

enum { TX_CHOICES_MAX = 512 };

/* Numbers of clusters to try: 2, 3, ... and, further up, each 15 % above the one before, up to `most`.
   Returns how many (0 for most < 2). */
size_t tx_choices(size_t most, size_t choices[TX_CHOICES_MAX]);

/* A way to make any number of clusters: labels (rows) from 0. */
typedef struct tx_cutter {
  tx_status (*cut)(void *context, size_t clusters, int32_t *labels, tx_error *error);
  void *context;
  size_t most; /* clusters */
} tx_cutter;

/* The number of clusters with the largest mean silhouette (euclidean), the smaller of equals: of tx_choices,
   and then of up to 32 numbers between the neighbours of the best. 1 if 2 are too many. */
tx_status tx_choose(const tx_cutter *cutter, const tx_rows *rows, tx_pool *pool, size_t *ret_clusters,
                    tx_error *error);

#endif
