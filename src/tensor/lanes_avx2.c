/* The products for AVX2 with FMA: plain C that the compiler vectorises. */
/* Options: -mavx2 -mfma */
#include "tensor/lanes_levels.h"

#define LANES_MULTIPLY tx_lanes_multiply_avx2
#include "tensor/lanes_body.h"
