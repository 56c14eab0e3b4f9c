/* int8 for AVX-512 with VNNI: four products a word (vpdpbusd). */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 -mavx512vnni */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m512i
#define INTEGER_SUMS
#define SUM_ZERO _mm512_setzero_si512()
#define SUM_LOAD(mask, pointer) _mm512_maskz_loadu_epi32(mask, pointer)
#define SUM_STEP(sum, word, b) _mm512_dpbusd_epi32(sum, _mm512_set1_epi32((int)(word)), b)
#include "tensor/micro_avx512.h"

#define NAME(x) tx_avx512vnni_int8_##x
#define PRODUCT_NAME "avx512vnni int8"
#define STEP 4
#define SCALED 1
#define CORRECTION uint8_correction
#define weights_scale weights_scale_int8
#define encode_row encode_uint8_quads
#define encode_weights encode_weights_int8_quads
#include "tensor/products_body.h"
