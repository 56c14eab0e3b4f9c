/* int8 for AVX-512 without VNNI: pairs of 16-bit numbers (vpmaddwd). */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m512i
#define INTEGER_SUMS
#define SUM_ZERO _mm512_setzero_si512()
#define SUM_LOAD(mask, pointer) _mm512_maskz_loadu_epi32(mask, pointer)
#define SUM_STEP(sum, word, b) _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_set1_epi32((int)(word)), b))
#include "tensor/micro_avx512.h"

#define NAME(x) tx_avx512_int8_##x
#define PRODUCT_NAME "avx512 int8 in 16 bits"
#define STEP 2
#define SCALED 1
#define CORRECTION(count, words) 0
#define weights_scale(k, w) tx_row_scale(k, w)
#define encode_row encode_int16_pairs
#define encode_weights encode_weights_int16_pairs
#include "tensor/products_body.h"
