/* Spectral clustering. */
#ifndef TX_CLUSTER_SPECTRAL_H
#define TX_CLUSTER_SPECTRAL_H

#include "cluster/rows.h"

/* Coordinates of the rows by the eigenvectors of a graph: the nearest neighbours of each row, itself the
   first, symmetric (A + A') / 2; normalised Laplacian (tx_sparse_largest, to 1e-8). */
typedef struct tx_spectrum {
  size_t count, found; /* rows, eigenvectors */
  size_t components;   /* parts of the graph that no edge connects: as often is 0 an eigenvalue */
  double *values;      /* (found) smallest eigenvalues, rising; owned */
  double *vectors;     /* (found, count), each divided by the square roots of the degrees; owned */
} tx_spectrum;

typedef struct tx_spectrum_options {
  size_t neighbours, wanted;
  const volatile int *stop; /* may be NULL; looked at where the eigenvectors are iterated */
} tx_spectrum_options;

/* Bytes that the matrices take. */
size_t tx_spectrum_memory(size_t count, size_t wanted);
tx_status tx_spectrum_find(const tx_rows *rows, const tx_spectrum_options *options, tx_pool *pool,
                           tx_spectrum *ret_spectrum, tx_error *error);
void tx_spectrum_free(tx_spectrum *spectrum);

/* Labels (count) from the first `clusters` eigenvectors (Damle, Minden & Ying 2019): as many rows chosen by a
   QR factorisation with pivots, the coordinates turned so that these come close to the axes, and each row put
   to the axis of its largest coordinate. No random start. TX_ERROR_NUMERIC, TX_ERROR_MEMORY. */
tx_status tx_spectrum_cut(const tx_spectrum *spectrum, size_t clusters, int32_t *labels, tx_error *error);

#endif
