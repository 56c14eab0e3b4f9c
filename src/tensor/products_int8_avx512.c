/* int8 for AVX-512 without VNNI: four products a word in 16 bits (vpmaddubsw), two words at once. */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m512i
#define INTEGER_SUMS
#define SUM_ZERO _mm512_setzero_si512()
#define SUM_LOAD(mask, pointer) _mm512_maskz_loadu_epi32(mask, pointer)

/* The sums of two products each, in 16 bits. */
static inline __m512i word_products(uint32_t word, __m512i b)
{
  return _mm512_maddubs_epi16(_mm512_set1_epi32((int)word), b);
}

static inline __m512i add_pairs(__m512i sum, __m512i products)
{
  return _mm512_add_epi32(sum, _mm512_madd_epi16(products, _mm512_set1_epi16(1)));
}

#define SUM_STEP(sum, word, b) add_pairs(sum, word_products(word, b))
#define SUM_TWO_STEPS(sum, word_1, b_1, word_2, b_2) \
  add_pairs(sum, _mm512_add_epi16(word_products(word_1, b_1), word_products(word_2, b_2)))
/* Accumulators and four operands of two words fill the registers. */
#define MR 10
#define AP 12
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#include "tensor/micro_avx512.h"

#define NAME(x) tx_avx512_int8_##x
#define PRODUCT_NAME "avx512 int8 in 16 bits"
#define STEP 4
#define SCALED 1
#define CORRECTION uint8_correction
#define weights_scale weights_scale_int8
#define encode_row encode_uint8_quads
#define encode_weights encode_weights_int8_quads
#include "tensor/products_body.h"
