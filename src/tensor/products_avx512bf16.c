/* bf16 for AVX-512 with BF16: two products a word, added in float32 (vdpbf16ps). */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 -mavx512bf16 */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

static inline __m512 step_bf16(__m512 sum, uint32_t word, __m512i b)
{
  return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32((int)word), (__m512bh)b);
}

#define SUM __m512
#define OPERAND __m512i
#define SUM_ZERO _mm512_setzero_ps()
#define SUM_LOAD(mask, pointer) _mm512_maskz_loadu_epi32(mask, pointer)
#define SUM_STEP(sum, word, b) step_bf16(sum, word, b)
#include "tensor/micro_avx512.h"

#define NAME(x) tx_avx512bf16_bf16_##x
#define PRODUCT_NAME "avx512bf16 bf16"
#define STEP 2
#define SCALED 0
#define CORRECTION(count, words) 0
#define weights_scale(k, w) 1.0f
#define GENERAL
#define along encode_bf16_pairs
#define across bf16_pairs_across
#define encode_row(depth, x, words, ret_scale) ((void)(ret_scale), encode_bf16_pairs(depth, x, words))
#define encode_weights(depth, w, scale, words) ((void)(scale), encode_bf16_pairs(depth, w, words))
#include "tensor/products_body.h"
