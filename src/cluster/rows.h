/* The points that are clustered, as rows of a matrix, and how they are scaled. */
#ifndef TX_CLUSTER_ROWS_H
#define TX_CLUSTER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/points.h>

#include "base/pool.h"
#include "tensor/distances.h"

typedef struct tx_rows {
  size_t count, width;
  double *x; /* (count, width); owned */
} tx_rows;

/* Takes memory for rows, zeroed. TX_ERROR_MEMORY. */
tx_status tx_rows_create(size_t count, size_t width, tx_rows *ret_rows, tx_error *error);
tx_status tx_rows_copy(const tx_rows *rows, tx_rows *ret_rows, tx_error *error);
/* The records that have a vector, in their order. */
tx_status tx_rows_of_points(const tx_points *points, tx_rows *ret_rows, tx_error *error);
void tx_rows_free(tx_rows *rows);

/* Every column less its mean, divided by its standard deviation over the rows (divided by their number); a
   column that does not vary becomes 0. */
void tx_rows_zscore(tx_rows *rows);
/* Every column less its mean, all divided by the mean of the columns' standard deviations. */
void tx_rows_average_scale(tx_rows *rows);
/* Every row divided by its length; a row of zeros stays one. */
void tx_rows_unit(tx_rows *rows);

/* Calls `visit` with all distances of each row in turn: from row `row` of rows to each of the rows. Rows are
   shared out among the threads of the pool; visit(context, row, distances (count), thread). `later`: only
   those to the row itself and later ones are computed. */
typedef void (*tx_row_visit)(void *context, size_t row, const double *distances, size_t thread);
tx_status tx_rows_scan(const tx_rows *rows, tx_row_distance distance, bool later, tx_pool *pool,
                       tx_row_visit visit, void *context, tx_error *error);

#endif
