/* The kernels for AVX-512 (F, DQ, BW, VL): plain C that the compiler vectorises. */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 */
#include "tensor/levels.h"

#include "tensor/products_levels.h"

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

#define gemm tx_avx512_float32_gemm
#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_avx512
#define TABLE_LEVEL "avx512"
#include "tensor/table_body.h"
