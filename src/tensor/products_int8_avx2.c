/* int8 for AVX2: four products a word in 16 bits (vpmaddubsw), two words at once. */
/* Options: -mavx2 -mfma */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m256i
#define INTEGER_SUMS
#define SUM_ZERO _mm256_setzero_si256()
#define SUM_LOAD(pointer) _mm256_loadu_si256((const __m256i *)(const void *)(pointer))

/* The sums of two products each, in 16 bits. */
static inline __m256i word_products(uint32_t word, __m256i b)
{
  return _mm256_maddubs_epi16(_mm256_set1_epi32((int)word), b);
}

static inline __m256i add_pairs(__m256i sum, __m256i products)
{
  return _mm256_add_epi32(sum, _mm256_madd_epi16(products, _mm256_set1_epi16(1)));
}

#define SUM_STEP(sum, word, b) add_pairs(sum, word_products(word, b))
#define SUM_TWO_STEPS(sum, word_1, b_1, word_2, b_2) \
  add_pairs(sum, _mm256_add_epi16(word_products(word_1, b_1), word_products(word_2, b_2)))
/* Accumulators and four operands of two words fill the sixteen registers. */
#define MR 4
#define AP 4
#define EACH_ROW(X) X(0) X(1) X(2) X(3)
#include "tensor/micro_avx2.h"

#define NAME(x) tx_avx2_int8_##x
#define PRODUCT_NAME "avx2 int8 in 16 bits"
#define STEP 4
#define SCALED 1
#define CORRECTION uint8_correction
#define weights_scale weights_scale_int8
#define encode_row encode_uint8_quads
#define encode_weights encode_weights_int8_quads
#include "tensor/products_body.h"
