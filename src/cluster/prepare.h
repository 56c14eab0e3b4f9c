/* From points to the rows that are clustered. */
#ifndef TX_CLUSTER_PREPARE_H
#define TX_CLUSTER_PREPARE_H

#include <taxamba/cluster.h>

#include "cluster/rows.h"

/* The records with a vector, scaled and reduced as the options say. */
tx_status tx_prepare(const tx_points *points, const tx_cluster_options *options, tx_pool *pool,
                     tx_rows *ret_rows, tx_error *error);

#endif
