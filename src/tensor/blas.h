/* OpenBLAS and the LAPACK in it. Both are loaded when a training or a clustering first needs them: nothing
   else maps the library or starts its threads. Only blas.c includes cblas.h. Everything runs on the calling
   thread alone. */
#ifndef TX_TENSOR_BLAS_H
#define TX_TENSOR_BLAS_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

enum { TX_BLAS_VERSION_SIZE = 96 };

/* Loads OpenBLAS and sets it to one thread for the process, because Taxamba runs its own threads over
   matrices. Any thread may call it, any number of times; it must have succeeded before any of the functions
   below except the two that return sizes. TX_ERROR_IO when the library is missing or lacks a routine,
   TX_ERROR_MEMORY when the process may not have the address space that OpenBLAS needs: it would retry a
   failed mapping for ever. `advice` ends their message: what else the user can do, "train with ...". */
tx_status tx_blas_load(const char *advice, tx_error *error);

/* The file that is loaded: a name that the loader looks up, or a whole path. Static storage. */
const char *tx_blas_library(void);

/* "OpenBLAS 0.3.21 Prescott": version and the kernels it chose, shorter than TX_BLAS_VERSION_SIZE. Static
   storage. */
const char *tx_blas_version(void);

/* Eigenvectors of the symmetric a (n, n), by LAPACK's ssyevd: row i of a becomes the eigenvector of the i-th
   smallest eigenvalue. scratch: tx_blas_eigen_scratch(n) floats. False if the iteration does not converge; a
   is then invalid. All of a must be finite. */
bool tx_blas_eigenvectors(size_t n, float *a, float *scratch);
size_t tx_blas_eigen_scratch(size_t n);

/* The orthogonal factor of a QR factorisation by Householder reflections (LAPACK's sgeqrf and sorgqr),
   transposed in and out: the rows of a (n, n) are the columns of the matrix to factorise, and become the
   columns of Q. A matrix that does not have full rank gives a full Q too. scratch: tx_blas_qr_scratch(n)
   floats. */
void tx_blas_qr(size_t n, float *a, float *scratch);
size_t tx_blas_qr_scratch(size_t n);

/* Eigenvalues first..first + count - 1, from the smallest, of the symmetric a (n, n), with their
   eigenvectors, by LAPACK's dsyevr. values (count), rising; row i of vectors (count, n) is that of values[i].
   a is overwritten. scratch: tx_blas_symmetric_scratch(n) doubles. False if LAPACK does not find them. All of
   a must be finite. */
bool tx_blas_symmetric(size_t n, double *a, size_t first, size_t count, double *values, double *vectors,
                       double *scratch);
size_t tx_blas_symmetric_scratch(size_t n);

/* c (m, n) = a b, by rows; ld: numbers from one row to the next. With transpose_a, a is read as its transpose
   (k, m), b likewise (n, k); with add, c = c + factor a b, otherwise c = factor a b. */
typedef struct tx_blas_product {
  size_t m, n, k;
  const double *a, *b;
  double *c;
  size_t lda, ldb, ldc;
  double factor;
  bool transpose_a, transpose_b, add;
} tx_blas_product;
void tx_blas_multiply(const tx_blas_product *product);

/* Makes the rows of x (rows, n), rows <= n, orthonormal, each by those before it (LAPACK's dgeqrf and
   dorgqr). Rows that depend on others give some orthonormal rows too. scratch:
   tx_blas_orthonormal_scratch(rows) doubles. */
void tx_blas_orthonormal(size_t rows, size_t n, double *x, double *scratch);
size_t tx_blas_orthonormal_scratch(size_t rows);

/* The order of the rows of x (n, m), m <= n, by the pivots of a QR factorisation of its transpose (LAPACK's
   dgeqp3): each time the row that is longest after the directions of those before are taken out. pivots (m):
   the first m. x is overwritten. scratch: tx_blas_pivots_scratch(n, m) doubles. */
void tx_blas_pivots(size_t n, size_t m, double *x, size_t *pivots, double *scratch);
size_t tx_blas_pivots_scratch(size_t n, size_t m);

#endif
