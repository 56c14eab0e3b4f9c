/* The products for AVX-512: plain C that the compiler vectorises. */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 */
#include "tensor/lanes_levels.h"

#define LANES_MULTIPLY tx_lanes_multiply_avx512
#include "tensor/lanes_body.h"
