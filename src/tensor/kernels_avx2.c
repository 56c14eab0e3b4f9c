/* The kernels for AVX2 with FMA: plain C that the compiler vectorises. */
/* Options: -mavx2 -mfma */
#include "tensor/levels.h"

#include "tensor/products_levels.h"

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

#define gemm tx_avx2_float32_gemm
#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_avx2
#define TABLE_LEVEL "avx2"
#include "tensor/table_body.h"
