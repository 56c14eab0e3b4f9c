/* Principal components. */
#ifndef TX_CLUSTER_PCA_H
#define TX_CLUSTER_PCA_H

#include "cluster/rows.h"

typedef struct tx_pca {
  size_t count;       /* components */
  double *variances;  /* (count) of the rows along each, divided by rows - 1; falling */
  double total;       /* variance of all */
  tx_rows components; /* (count, width), length 1; the number of largest size is above 0 */
  tx_rows scores;     /* (rows, count) */
} tx_pca;

/* The principal components of the rows: `wanted` of them if that is 1 or more, otherwise as many as it takes
   for that share of the variance. Eigenvectors by LAPACK of the covariance, or of the products of rows if
   there are fewer of those. TX_ERROR_USAGE: more components than columns or rows; TX_ERROR_NUMERIC: LAPACK
   fails; those of tx_blas_load; TX_ERROR_MEMORY. The same bits for any number of threads. */
tx_status tx_pca_fit(const tx_rows *rows, double wanted, tx_pool *pool, tx_pca *ret_pca, tx_error *error);
void tx_pca_free(tx_pca *pca);

#endif
