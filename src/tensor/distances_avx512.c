/* The distances for AVX-512: plain C that the compiler vectorises. */
/* Options: -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 -ffp-contract=off */
#include "tensor/distances_levels.h"

#define FUSED
#define DISTANCES tx_distances_avx512
#define SQUARED_DISTANCE tx_squared_distance_avx512
#include "tensor/distances_body.h"
