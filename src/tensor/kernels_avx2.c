/* The kernels for AVX2 with FMA: products of 6 x 16 in 12 accumulators. */
#include "tensor/levels.h"

#include <immintrin.h>

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

#define MR 6
#define NR 16

#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5)

/* A whole tile with ldc as given; a part of one goes through a tile on the stack. */
static void micro(size_t k, const float *a, const float *b, float *c, size_t ldc, size_t rows, size_t columns, bool accumulate)
{
#define CLEAR(i) __m256 low##i = _mm256_setzero_ps(), high##i = _mm256_setzero_ps();
  EACH_ROW(CLEAR)
  for (size_t j = 0; j < k; j++) {
    const __m256 b_low = _mm256_loadu_ps(b), b_high = _mm256_loadu_ps(b + 8);
#define MULTIPLY(i)                                                                                                                        \
  {                                                                                                                                        \
    const __m256 x = _mm256_broadcast_ss(a + i);                                                                                           \
    low##i = _mm256_fmadd_ps(x, b_low, low##i);                                                                                            \
    high##i = _mm256_fmadd_ps(x, b_high, high##i);                                                                                         \
  }
    EACH_ROW(MULTIPLY)
    a += MR;
    b += NR;
  }
  if (rows == MR && columns == NR) {
#define STORE(i)                                                                                                                           \
  {                                                                                                                                        \
    float *row = c + i * ldc;                                                                                                              \
    if (accumulate) {                                                                                                                      \
      low##i = _mm256_add_ps(low##i, _mm256_loadu_ps(row));                                                                                \
      high##i = _mm256_add_ps(high##i, _mm256_loadu_ps(row + 8));                                                                          \
    }                                                                                                                                      \
    _mm256_storeu_ps(row, low##i);                                                                                                         \
    _mm256_storeu_ps(row + 8, high##i);                                                                                                    \
  }
    EACH_ROW(STORE)
  } else {
    float tile[MR * NR];
#define SPILL(i)                                                                                                                           \
  _mm256_storeu_ps(tile + i * NR, low##i);                                                                                                 \
  _mm256_storeu_ps(tile + i * NR + 8, high##i);
    EACH_ROW(SPILL)
    for (size_t i = 0; i < rows; i++)
      for (size_t n = 0; n < columns; n++) c[i * ldc + n] = accumulate ? tile[i * NR + n] + c[i * ldc + n] : tile[i * NR + n];
  }
}

#include "tensor/gemm_body.h"
#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_avx2
#define TABLE_LEVEL "avx2"
#include "tensor/table_body.h"
