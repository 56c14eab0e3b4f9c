/* The kernels for AVX-512 (F, DQ, BW, VL): products of 14 x 32 in 28 accumulators. */
#include "tensor/levels.h"

#include <immintrin.h>

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

#define MR 14
#define NR 32

#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)

static void micro(size_t k, const float *a, const float *b, float *c, size_t ldc, size_t rows, size_t columns, bool accumulate)
{
#define CLEAR(i) __m512 low##i = _mm512_setzero_ps(), high##i = _mm512_setzero_ps();
  EACH_ROW(CLEAR)
  for (size_t j = 0; j < k; j++) {
    const __m512 b_low = _mm512_loadu_ps(b), b_high = _mm512_loadu_ps(b + 16);
#define MULTIPLY(i)                                                                                                                        \
  {                                                                                                                                        \
    const __m512 x = _mm512_set1_ps(a[i]);                                                                                                 \
    low##i = _mm512_fmadd_ps(x, b_low, low##i);                                                                                            \
    high##i = _mm512_fmadd_ps(x, b_high, high##i);                                                                                         \
  }
    EACH_ROW(MULTIPLY)
    a += MR;
    b += NR;
  }
  {
    const __mmask16 mask_low = (__mmask16)((1u << (columns < 16 ? columns : 16)) - 1);
    const __mmask16 mask_high = (__mmask16)((1u << (columns < 16 ? 0 : columns < 32 ? columns - 16 : 16)) - 1);
#define STORE(i)                                                                                                                           \
  if (i < rows) {                                                                                                                          \
    float *row = c + i * ldc;                                                                                                              \
    if (accumulate) {                                                                                                                      \
      low##i = _mm512_add_ps(low##i, _mm512_maskz_loadu_ps(mask_low, row));                                                                \
      if (mask_high) high##i = _mm512_add_ps(high##i, _mm512_maskz_loadu_ps(mask_high, row + 16));                                         \
    }                                                                                                                                      \
    _mm512_mask_storeu_ps(row, mask_low, low##i);                                                                                          \
    if (mask_high) _mm512_mask_storeu_ps(row + 16, mask_high, high##i);                                                                    \
  }
    EACH_ROW(STORE)
  }
}

#include "tensor/gemm_body.h"
#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_avx512
#define TABLE_LEVEL "avx512"
#include "tensor/table_body.h"
