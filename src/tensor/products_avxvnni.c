/* int8 for AVX-VNNI: four products a word (vpdpbusd) on 256 bits. */
/* Options: -mavx2 -mfma -mavxvnni */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m256i
#define INTEGER_SUMS
#define SUM_ZERO _mm256_setzero_si256()
#define SUM_LOAD(pointer) _mm256_loadu_si256((const __m256i *)(const void *)(pointer))
#define SUM_STEP(sum, word, b) _mm256_dpbusd_avx_epi32(sum, _mm256_set1_epi32((int)(word)), b)
#include "tensor/micro_avx2.h"

#define NAME(x) tx_avxvnni_int8_##x
#define PRODUCT_NAME "avxvnni int8"
#define STEP 4
#define SCALED 1
#define CORRECTION uint8_correction
#define weights_scale weights_scale_int8
#define encode_row encode_uint8_quads
#define encode_weights encode_weights_int8_quads
#include "tensor/products_body.h"
