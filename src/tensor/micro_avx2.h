/* The micro-kernel of AVX2: tiles of 6 x 16 words in 12 accumulators. Define SUM (__m256 or __m256i),
   SUM_ZERO, SUM_STEP(sum, word, b) and SUM_LOAD(pointer), and INTEGER_SUMS for products of whole numbers, as
   for micro_avx512.h; SUM_LOAD_LANES(pointer, mask) for others. Optional: SUM_TWO_STEPS(sum, word_1, b_1,
   word_2, b_2), then with MR, AP and EACH_ROW, of fewer rows. */

#ifndef MR
#define MR 6
#define AP 8
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5)
#endif
#define NR 16

/* A mask of the first `count` of eight lanes. */
static inline __m256i lanes(size_t count)
{
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count < 8 ? (int)count : 8),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#ifdef INTEGER_SUMS
static inline __m256 finish(__m256i sum, __m256i correction, __m256 column_scale, float row_scale)
{
  const __m256 value = _mm256_cvtepi32_ps(_mm256_sub_epi32(sum, correction));
  return _mm256_mul_ps(_mm256_mul_ps(value, column_scale), _mm256_set1_ps(row_scale));
}
#define FINISH(sum, half, i) finish(sum, correction_##half, scale_##half, tile->row_scales[i])
#else
#define FINISH(sum, half, i) sum
#endif

#define STORE_HALF(i, half, at) \
  { \
    __m256 value = FINISH(half##i, half, i); \
    if (tile->accumulate) \
      value = _mm256_add_ps(value, _mm256_maskload_ps(tile->c + i * tile->ldc + at, mask_##half)); \
    _mm256_maskstore_ps(tile->c + i * tile->ldc + at, mask_##half, value); \
  }

/* Keeps a sum in its register from one step to the next: gcc 12 reorders the steps of whole numbers until
   half of the sums are stored and loaded in every turn of the loop (a third slower). */
#ifdef INTEGER_SUMS
#define KEEP(sum) __asm__("" : "+x"(sum))
#else
#define KEEP(sum) (void)0
#endif
#define STEP_ROW(i) \
  low##i = SUM_STEP(low##i, a[i], b_low); \
  high##i = SUM_STEP(high##i, a[i], b_high); \
  KEEP(low##i); \
  KEEP(high##i);
#define TWO_STEPS_ROW(i) \
  low##i = SUM_TWO_STEPS(low##i, a[i], b_low, a[AP + i], next_low); \
  high##i = SUM_TWO_STEPS(high##i, a[i], b_high, a[AP + i], next_high); \
  KEEP(low##i); \
  KEEP(high##i);

static void micro(size_t words, const uint32_t *a, const uint32_t *b, const struct tile *tile)
{
  const __m256i mask_low = lanes(tile->columns), mask_high = lanes(tile->columns > 8 ? tile->columns - 8 : 0);
  const size_t ldb = tile->ldb;
#define CLEAR(i) SUM low##i = SUM_ZERO, high##i = SUM_ZERO;
  EACH_ROW(CLEAR)
#undef CLEAR
#ifdef SUM_TWO_STEPS
  for (; words >= 2; words -= 2, a += 2 * AP, b += 2 * ldb) {
    const SUM b_low = SUM_LOAD(b), b_high = SUM_LOAD(b + 8), next_low = SUM_LOAD(b + ldb),
              next_high = SUM_LOAD(b + ldb + 8);
    EACH_ROW(TWO_STEPS_ROW)
  }
#endif
#ifndef INTEGER_SUMS
  if (ldb != NR && tile->columns != NR) { /* b is not packed */
    for (size_t j = 0; j < words; j++, a += AP, b += ldb) {
      const SUM b_low = SUM_LOAD_LANES(b, mask_low), b_high = SUM_LOAD_LANES(b + 8, mask_high);
      EACH_ROW(STEP_ROW)
    }
    words = 0;
  }
#endif
  for (size_t j = 0; j < words; j++, a += AP, b += ldb) { /* packed strips are filled up: no need for masks */
    const SUM b_low = SUM_LOAD(b), b_high = SUM_LOAD(b + 8);
    EACH_ROW(STEP_ROW)
  }
  {
#ifdef INTEGER_SUMS
    const __m256i correction_low = _mm256_loadu_si256((const __m256i *)(const void *)tile->corrections);
    const __m256i correction_high =
        _mm256_loadu_si256((const __m256i *)(const void *)(tile->corrections + 8));
    const __m256 scale_low = _mm256_loadu_ps(tile->column_scales),
                 scale_high = _mm256_loadu_ps(tile->column_scales + 8);
#endif
#define STORE(i) \
  if (i < tile->rows) { \
    STORE_HALF(i, low, 0) \
    STORE_HALF(i, high, 8) \
  }
    EACH_ROW(STORE)
#undef STORE
  }
}

#include "tensor/transpose_x86.h"
