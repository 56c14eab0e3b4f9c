/* A sparse matrix times some vectors at once, which lie side by side: number j of vector v at j LANES + v. */
#ifndef TX_TENSOR_LANES_H
#define TX_TENSOR_LANES_H

#include <stddef.h>
#include <stdint.h>

enum { TX_LANES = 16 };

/* Row i has the entries starts[i] .. starts[i + 1]. Borrowed. */
typedef struct tx_lanes_matrix {
  size_t count;
  const size_t *starts;
  const uint32_t *columns;
  const double *values;
} tx_lanes_matrix;

/* y = image A x + own x + kept y; y and x (count, LANES) do not overlap, and y is not read if kept is 0. */
typedef struct tx_lanes_factors {
  double image, own, kept;
} tx_lanes_factors;
void tx_lanes_multiply(const tx_lanes_matrix *matrix, tx_lanes_factors factors, const double *x, double *y);

#endif
