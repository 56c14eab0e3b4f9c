/* Products for AVX-512 (F, DQ, BW, VL) in float32, and bf16 as rounded floats; the scan of the state-space
   part. */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

#include <immintrin.h>

#define SUM __m512
#define SUM_ZERO _mm512_setzero_ps()
#define SUM_LOAD(mask, pointer) _mm512_maskz_loadu_ps(mask, (const float *)(const void *)(pointer))
#define SUM_STEP(sum, word, b) _mm512_fmadd_ps(_mm512_set1_ps(word_float(word)), b, sum)
#include "tensor/micro_avx512.h"

#define FLOAT32_NAME(x) tx_avx512_float32_##x
#define FLOAT32_TEXT "avx512 float32"
#define BF16_NAME(x) tx_avx512_bf16_##x
#define BF16_TEXT "avx512 bf16 in float32"
#include "tensor/products_float.h"

#define REAL float
#include "tensor/math_body.h"
#define SCAN_NAME tx_avx512_scan
#include "tensor/scan_body.h"
