/* Leading eigenvectors of a large sparse matrix by iteration. */
#ifndef TX_CLUSTER_SUBSPACE_H
#define TX_CLUSTER_SUBSPACE_H

#include "cluster/eigen.h"

/* Vectors that are iterated for so many wanted. */
size_t tx_subspace_width(size_t wanted);
/* The iteration of tx_sparse_largest; three times the width is at most the rows. */
tx_status tx_subspace_largest(const tx_sparse *matrix, const tx_eigen_options *options, tx_pool *pool,
                              tx_eigen *ret_eigen, tx_error *error);

#endif
