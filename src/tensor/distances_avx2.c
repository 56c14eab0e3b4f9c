/* The distances for AVX2 with FMA: plain C that the compiler vectorises. */
/* Options: -mavx2 -mfma -ffp-contract=off */
#include "tensor/distances_levels.h"

#define FUSED
#define DISTANCES tx_distances_avx2
#define SQUARED_DISTANCE tx_squared_distance_avx2
#include "tensor/distances_body.h"
