/* Eigenvectors of a sparse symmetric matrix. */
#ifndef TX_CLUSTER_EIGEN_H
#define TX_CLUSTER_EIGEN_H

#include "base/pool.h"
#include "cluster/nearest.h"

typedef struct tx_eigen_options {
  size_t wanted;            /* >= 1, at most the rows */
  double tolerance;         /* largest length of A x - value x of the vectors that are returned */
  uint64_t seed;            /* of the vectors that the iteration starts from */
  const volatile int *stop; /* may be NULL; looked at between the rounds */
} tx_eigen_options;

typedef struct tx_eigen {
  size_t count, found; /* rows, vectors */
  double *values;      /* (found) the largest first; owned */
  double *vectors;     /* (found, count) of length 1; owned */
} tx_eigen;

/* Bytes that the matrices of tx_sparse_largest take, and what is left of them with the vectors; SIZE_MAX when
   there is no such number. */
size_t tx_eigen_memory(size_t count, size_t wanted);
size_t tx_eigen_vectors_memory(size_t count, size_t wanted);

/* The eigenvectors of the largest eigenvalues of a matrix whose eigenvalues lie in -1 .. 1, each as often as
   its multiplicity. Up to 1500 rows, or where more than about a fifth of all are wanted, by LAPACK of the
   whole matrix; otherwise by a Chebyshev-filtered subspace iteration (Zhou et al. 2006) of a quarter more
   vectors than are wanted, at least 16 more, from random ones. The iteration ends at the tolerance, or after
   100 rounds if it has then come to the root of the tolerance; the rounds take as long as the eigenvalues
   about the last one lie close. The same bits for any number of threads. tx_blas_load must have succeeded.
   TX_ERROR_NUMERIC, TX_ERROR_MEMORY; TX_STOPPED. */
tx_status tx_sparse_largest(const tx_sparse *matrix, const tx_eigen_options *options, tx_pool *pool,
                            tx_eigen *ret_eigen, tx_error *error);
void tx_eigen_free(tx_eigen *eigen);

#endif
