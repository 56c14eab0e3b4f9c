/* The micro-kernel of AVX-512: tiles of 14 x 32 words in 28 accumulators, and of 14 x 16 for what is left of
   the columns. Before including it define SUM (__m512 or __m512i), SUM_ZERO, SUM_STEP(sum, word, b): sum +=
   word (uint32_t, to all lanes) * b (SUM), and SUM_LOAD(mask, pointer); INTEGER_SUMS for products of whole
   numbers. Optional: SUM_TWO_STEPS(sum, word_1, b_1, word_2, b_2), then with MR, AP and EACH_ROW, of fewer
   rows. */

#ifndef OPERAND
#define OPERAND SUM
#endif

#ifndef MR
#define MR 14
#define AP 16
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)
#endif
#define NR 32

#ifdef INTEGER_SUMS
/* The sum without the correction, as a float, times both scales. */
static inline __m512 finish(__m512i sum, __m512i correction, __m512 column_scale, float row_scale)
{
  const __m512 value = _mm512_cvtepi32_ps(_mm512_sub_epi32(sum, correction));
  return _mm512_mul_ps(_mm512_mul_ps(value, column_scale), _mm512_set1_ps(row_scale));
}
#define FINISH(sum, half, i) finish(sum, correction_##half, scale_##half, tile->row_scales[i])
#else
#define FINISH(sum, half, i) sum
#endif

#define STORE_HALF(i, half, at) \
  { \
    __m512 value = FINISH(half##i, half, i); \
    if (tile->accumulate) \
      value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(mask_##half, tile->c + i * tile->ldc + at)); \
    _mm512_mask_storeu_ps(tile->c + i * tile->ldc + at, mask_##half, value); \
  }

static void micro_narrow(size_t words, const uint32_t *a, const uint32_t *b, const struct tile *tile)
{
  const __mmask16 mask_low = (__mmask16)((1u << tile->columns) - 1);
  const size_t ldb = tile->ldb;
#define CLEAR(i) SUM low##i = SUM_ZERO;
  EACH_ROW(CLEAR)
#undef CLEAR
#ifdef SUM_TWO_STEPS
  for (; words >= 2; words -= 2, a += 2 * AP, b += 2 * ldb) {
    const OPERAND b_low = SUM_LOAD(mask_low, b), next_low = SUM_LOAD(mask_low, b + ldb);
#define TWO_STEPS_ROW(i) low##i = SUM_TWO_STEPS(low##i, a[i], b_low, a[AP + i], next_low);
    EACH_ROW(TWO_STEPS_ROW)
#undef TWO_STEPS_ROW
  }
#endif
  for (size_t j = 0; j < words; j++, a += AP, b += ldb) {
    const OPERAND b_low = SUM_LOAD(mask_low, b);
#define STEP_ROW(i) low##i = SUM_STEP(low##i, a[i], b_low);
    EACH_ROW(STEP_ROW)
#undef STEP_ROW
  }
  {
#ifdef INTEGER_SUMS
    const __m512i correction_low = _mm512_maskz_loadu_epi32(mask_low, tile->corrections);
    const __m512 scale_low = _mm512_maskz_loadu_ps(mask_low, tile->column_scales);
#endif
#define STORE(i) \
  if (i < tile->rows) STORE_HALF(i, low, 0)
    EACH_ROW(STORE)
#undef STORE
  }
}

static void micro_wide(size_t words, const uint32_t *a, const uint32_t *b, const struct tile *tile)
{
  const __mmask16 mask_low = 0xFFFF, mask_high = (__mmask16)((1u << (tile->columns - 16)) - 1);
  const size_t ldb = tile->ldb;
#define CLEAR(i) SUM low##i = SUM_ZERO, high##i = SUM_ZERO;
  EACH_ROW(CLEAR)
#undef CLEAR
#ifdef SUM_TWO_STEPS
  for (; words >= 2; words -= 2, a += 2 * AP, b += 2 * ldb) {
    const OPERAND b_low = SUM_LOAD(mask_low, b), b_high = SUM_LOAD(mask_high, b + 16),
                  next_low = SUM_LOAD(mask_low, b + ldb), next_high = SUM_LOAD(mask_high, b + ldb + 16);
#define TWO_STEPS_ROW(i) \
  low##i = SUM_TWO_STEPS(low##i, a[i], b_low, a[AP + i], next_low); \
  high##i = SUM_TWO_STEPS(high##i, a[i], b_high, a[AP + i], next_high);
    EACH_ROW(TWO_STEPS_ROW)
#undef TWO_STEPS_ROW
  }
#endif
  for (size_t j = 0; j < words; j++, a += AP, b += ldb) {
    const OPERAND b_low = SUM_LOAD(mask_low, b), b_high = SUM_LOAD(mask_high, b + 16);
#define STEP_ROW(i) \
  low##i = SUM_STEP(low##i, a[i], b_low); \
  high##i = SUM_STEP(high##i, a[i], b_high);
    EACH_ROW(STEP_ROW)
#undef STEP_ROW
  }
  {
#ifdef INTEGER_SUMS
    const __m512i correction_low = _mm512_loadu_si512(tile->corrections);
    const __m512i correction_high = _mm512_maskz_loadu_epi32(mask_high, tile->corrections + 16);
    const __m512 scale_low = _mm512_loadu_ps(tile->column_scales),
                 scale_high = _mm512_maskz_loadu_ps(mask_high, tile->column_scales + 16);
#endif
#define STORE(i) \
  if (i < tile->rows) { \
    STORE_HALF(i, low, 0) \
    STORE_HALF(i, high, 16) \
  }
    EACH_ROW(STORE)
#undef STORE
  }
}

static void micro(size_t words, const uint32_t *a, const uint32_t *b, const struct tile *tile)
{
  if (tile->columns > 16)
    micro_wide(words, a, b, tile);
  else
    micro_narrow(words, a, b, tile);
}

#include "tensor/transpose_x86.h"
