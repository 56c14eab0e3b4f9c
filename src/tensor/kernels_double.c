/* The reference in double: the same template with the C library's functions and products by definition. */
#include "tensor/levels.h"

#define TX_REAL_IS_DOUBLE
#define REAL double
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

static void gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const double *a,
                 size_t lda, const double *b, size_t ldb, bool accumulate, double *c, size_t ldc,
                 double *scratch)
{
  (void)scratch;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t q = 0; q < k; q++)
        sum +=
            (transpose_a ? a[q * lda + i] : a[i * lda + q]) * (transpose_b ? b[j * ldb + q] : b[q * ldb + j]);
      c[i * ldc + j] = accumulate ? c[i * ldc + j] + sum : sum;
    }
}

#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels_double
#define TABLE_NAME tx_kernels_double_table
#define TABLE_LEVEL "double"
#include "tensor/table_body.h"
