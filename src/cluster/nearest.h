/* The nearest neighbours of each row. */
#ifndef TX_CLUSTER_NEAREST_H
#define TX_CLUSTER_NEAREST_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster/rows.h"

typedef struct tx_neighbour {
  uint32_t row;
  double distance;
} tx_neighbour;

typedef struct tx_neighbour_lists {
  size_t count, k;
  tx_neighbour *of; /* (count, k): by rising distance, then row; owned */
} tx_neighbour_lists;

/* The k rows that are nearest to each row, itself among them (at distance 0, so it comes first unless an
   equal row stands before it); k is at most the number of rows. Euclidean distance, or 1 less the cosine.
   Exact. The same bits for any number of threads. tx_blas_load must have succeeded. */
tx_status tx_nearest_rows_of(const tx_rows *rows, size_t k, bool cosine, tx_pool *pool,
                             tx_neighbour_lists *ret_lists, tx_error *error);
void tx_neighbour_lists_free(tx_neighbour_lists *lists);

/* A sparse symmetric matrix: row i has the entries starts[i] .. starts[i + 1], with rising columns. */
typedef struct tx_sparse {
  size_t count;
  size_t *starts;    /* (count + 1); owned */
  uint32_t *columns; /* owned */
  double *values;    /* owned */
} tx_sparse;

/* Makes matrix A of the lists, with A_ij = weights[i k + n] for the n-th neighbour j of i (an entry of 0 is
   none), symmetric: (A + A') / 2, or with `either` A + A' - A A' (element by element). TX_ERROR_MEMORY. */
tx_status tx_sparse_symmetric(const tx_neighbour_lists *lists, const double *weights, bool either,
                              tx_sparse *ret_matrix, tx_error *error);
void tx_sparse_free(tx_sparse *matrix);

/* Divides each entry by the square roots of the sums of its row and its column, the diagonal left out, which
   becomes 0; roots (count) are these square roots, 1 of a row without entries. */
void tx_sparse_normalise(tx_sparse *matrix, double *roots);

/* The connected components: of each row its number, from 0 by first appearance. Returns how many. opt_scratch
   of `count` numbers. */
size_t tx_sparse_components(const tx_sparse *matrix, uint32_t *components, uint32_t *scratch);

#endif
