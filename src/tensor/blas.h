/* OpenBLAS behind one function; blas.c is the only includer of cblas. */
#ifndef TX_TENSOR_BLAS_H
#define TX_TENSOR_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* As tx_kernels.gemm, by cblas_sgemm on the calling thread alone: the first call sets OpenBLAS to one thread for the process,
   because Taxamba runs its own threads over records. */
void tx_blas_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                  bool accumulate, float *c, size_t ldc);

/* "OpenBLAS 0.3.21 Prescott": version and the kernels it chose. Static storage. */
const char *tx_blas_version(void);

#endif
