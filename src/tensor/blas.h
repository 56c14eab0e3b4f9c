/* OpenBLAS and the LAPACK in it; blas.c is the only includer of cblas. Everything runs on the calling thread alone. */
#ifndef TX_TENSOR_BLAS_H
#define TX_TENSOR_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* As tx_kernels.gemm, by cblas_sgemm on the calling thread alone: the first call sets OpenBLAS to one thread for the process,
   because Taxamba runs its own threads over records. */
void tx_blas_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                  bool accumulate, float *c, size_t ldc);

/* Eigenvectors of the symmetric a (n, n), by LAPACK's ssyevd: row i of a becomes the eigenvector of the i-th smallest eigenvalue.
   scratch: tx_blas_eigen_scratch(n) floats. False if the iteration does not converge; a is then of no use. All of a must be finite. */
bool tx_blas_eigenvectors(size_t n, float *a, float *scratch);
size_t tx_blas_eigen_scratch(size_t n);

/* The orthogonal factor of a QR factorisation by Householder reflections (LAPACK's sgeqrf and sorgqr), transposed in and out: the rows
   of a (n, n) are the columns of the matrix to factorise, and become the columns of Q. A matrix that lacks rank gives a full Q too.
   scratch: tx_blas_qr_scratch(n) floats. */
void tx_blas_qr(size_t n, float *a, float *scratch);
size_t tx_blas_qr_scratch(size_t n);

/* "OpenBLAS 0.3.21 Prescott": version and the kernels it chose. Static storage. */
const char *tx_blas_version(void);

#endif
