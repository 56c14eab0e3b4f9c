/* The kernels for 64-bit ARM, every processor of which has NEON: products of 8 x 12 in 24 accumulators. The other loops need no
   hand: the compiler makes NEON of them here as in kernels_scalar.c. */
#include "tensor/levels.h"

#include <arm_neon.h>

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

#define MR 8
#define NR 12

/* Row i of the tile and the lane of `a_low` or `a_high` that holds its factor. */
#define EACH_ROW(X) X(0, low, 0) X(1, low, 1) X(2, low, 2) X(3, low, 3) X(4, high, 0) X(5, high, 1) X(6, high, 2) X(7, high, 3)

/* A whole tile with ldc as given; a part of one goes through a tile on the stack. */
static void micro(size_t k, const float *a, const float *b, float *c, size_t ldc, size_t rows, size_t columns, bool accumulate)
{
#define CLEAR(i, half, lane) float32x4_t first##i = vdupq_n_f32(0), second##i = first##i, third##i = first##i;
  EACH_ROW(CLEAR)
  for (size_t j = 0; j < k; j++) {
    const float32x4_t a_low = vld1q_f32(a), a_high = vld1q_f32(a + 4);
    const float32x4_t b_first = vld1q_f32(b), b_second = vld1q_f32(b + 4), b_third = vld1q_f32(b + 8);
#define MULTIPLY(i, half, lane)                                                                                                            \
  first##i = vfmaq_laneq_f32(first##i, b_first, a_##half, lane);                                                                           \
  second##i = vfmaq_laneq_f32(second##i, b_second, a_##half, lane);                                                                        \
  third##i = vfmaq_laneq_f32(third##i, b_third, a_##half, lane);
    EACH_ROW(MULTIPLY)
    a += MR;
    b += NR;
  }
  if (rows == MR && columns == NR) {
#define STORE(i, half, lane)                                                                                                               \
  {                                                                                                                                        \
    float *row = c + i * ldc;                                                                                                              \
    if (accumulate) {                                                                                                                      \
      first##i = vaddq_f32(first##i, vld1q_f32(row));                                                                                      \
      second##i = vaddq_f32(second##i, vld1q_f32(row + 4));                                                                                \
      third##i = vaddq_f32(third##i, vld1q_f32(row + 8));                                                                                  \
    }                                                                                                                                      \
    vst1q_f32(row, first##i);                                                                                                              \
    vst1q_f32(row + 4, second##i);                                                                                                         \
    vst1q_f32(row + 8, third##i);                                                                                                          \
  }
    EACH_ROW(STORE)
  } else {
    float tile[MR * NR];
#define SPILL(i, half, lane)                                                                                                               \
  vst1q_f32(tile + i * NR, first##i);                                                                                                      \
  vst1q_f32(tile + i * NR + 4, second##i);                                                                                                 \
  vst1q_f32(tile + i * NR + 8, third##i);
    EACH_ROW(SPILL)
    for (size_t i = 0; i < rows; i++)
      for (size_t n = 0; n < columns; n++) c[i * ldc + n] = accumulate ? tile[i * NR + n] + c[i * ldc + n] : tile[i * NR + n];
  }
}

#include "tensor/gemm_body.h"
#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_neon
#define TABLE_LEVEL "neon"
#define TABLE_PACK(function) function
#define TABLE_ROW_INVARIANT true
#include "tensor/table_body.h"
