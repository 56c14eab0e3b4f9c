/* Eigenvectors of a sparse symmetric matrix. */
#ifndef TX_CLUSTER_EIGEN_H
#define TX_CLUSTER_EIGEN_H

#include "base/pool.h"
#include "cluster/nearest.h"

/* The eigenvectors of the `wanted` largest eigenvalues of a matrix whose eigenvalues lie in -1 .. 1: vectors
   (wanted, count), the largest first, length 1; values (wanted). Up to 1500 rows by LAPACK; above by a
   Chebyshev-filtered subspace iteration from random vectors (Zhou et al. 2006), until the residuals are at
   most 1e-4 or for 40 rounds: it serves as the start of a layout, which needs no more. The same bits for any
   number of threads. tx_blas_load must have succeeded. TX_ERROR_NUMERIC, TX_ERROR_MEMORY. */
tx_status tx_sparse_largest(const tx_sparse *matrix, size_t wanted, uint64_t seed, tx_pool *pool,
                            double *values, double *vectors, tx_error *error);

#endif
