/* The portable kernels: plain C. */
#include "tensor/levels.h"

#include "tensor/products_levels.h"

#define REAL float
#include "tensor/math_body.h"
#include "tensor/kernels_body.h"

#define gemm tx_portable_float32_gemm
#include "tensor/ssd_body.h"

#define TABLE_TYPE tx_kernels
#define TABLE_NAME tx_kernels_scalar
#define TABLE_LEVEL "scalar"
#include "tensor/table_body.h"
