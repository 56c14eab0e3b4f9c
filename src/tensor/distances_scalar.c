/* The portable distances: plain C. */
#include "tensor/distances_levels.h"

#ifdef __FP_FAST_FMA
#define FUSED
#endif
#define DISTANCES tx_distances_scalar
#define SQUARED_DISTANCE tx_squared_distance_scalar
#include "tensor/distances_body.h"
