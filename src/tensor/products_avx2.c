/* Products for AVX2 with FMA in float32, and bf16 as rounded floats; the scan of the state-space part. */
/* Options: -mavx2 -mfma */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m256
#define SUM_ZERO _mm256_setzero_ps()
#define SUM_LOAD(pointer) _mm256_loadu_ps((const float *)(const void *)(pointer))
#define SUM_LOAD_LANES(pointer, mask) _mm256_maskload_ps((const float *)(const void *)(pointer), mask)
#define SUM_STEP(sum, word, b) _mm256_fmadd_ps(_mm256_set1_ps(word_float(word)), b, sum)
#include "tensor/micro_avx2.h"

#define FLOAT32_NAME(x) tx_avx2_float32_##x
#define FLOAT32_TEXT "avx2 float32"
#define BF16_NAME(x) tx_avx2_bf16_##x
#define BF16_TEXT "avx2 bf16 in float32"
#include "tensor/products_float.h"

#define REAL float
#include "tensor/math_body.h"
#define SCAN_NAME tx_avx2_scan
#include "tensor/scan_body.h"
