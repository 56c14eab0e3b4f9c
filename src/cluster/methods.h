/* The methods of clustering, by their options. */
#ifndef TX_CLUSTER_METHODS_H
#define TX_CLUSTER_METHODS_H

#include "cluster/clustering.h"
#include "cluster/rows.h"

/* Whether the options can be met for so many rows: TX_ERROR_DATA, TX_ERROR_USAGE. */
tx_status tx_method_check(size_t rows, const tx_cluster_options *options, tx_error *error);
/* Clusters the rows: labels (rows), negative for noise. Notes in `own` whether it settled, and its tree. */
tx_status tx_method_run(const tx_rows *rows, const tx_cluster_options *options, tx_pool *pool,
                        tx_clustering *own, int32_t *labels, tx_error *error);

#endif
