/* How points are added: what reading an array and embedding records share. */
#ifndef TX_CLUSTER_POINTS_H
#define TX_CLUSTER_POINTS_H

#include <taxamba/points.h>

#include "base/input.h"

/* The next record: its vector, which the caller fills, `width` doubles. *ret_vector is borrowed until the
   next call. */
tx_status tx_points_add(tx_points *points, double **ret_vector, tx_error *error);
/* The name of the first record that has none yet. */
tx_status tx_points_name(tx_points *points, const char *id, size_t length, tx_error *error);
/* Notes whether the last record added has a vector. */
void tx_points_judge(tx_points *points);

/* tx_points_read from open inputs, which are closed in any case. */
tx_status tx_points_read_inputs(tx_input *array, tx_input *ids, tx_points **ret_points, tx_error *error);

#endif
