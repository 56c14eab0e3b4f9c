/* The portable kernels: plain C, and OpenBLAS for the products (on other processors than x86-64 it has good ones). */
#include "tensor/levels.h"

#include "tensor/blas.h"

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

static void gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                 bool accumulate, float *c, size_t ldc, float *scratch)
{
  (void)scratch;
  tx_blas_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
}

enum { GEMM_SCRATCH = 0 };

#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_scalar
#define TABLE_LEVEL "scalar"
#include "tensor/table_body.h"
