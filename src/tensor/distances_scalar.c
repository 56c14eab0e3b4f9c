/* The portable distances: plain C. */
#include "tensor/distances_levels.h"

#define DISTANCES tx_distances_scalar
#define SQUARED_DISTANCE tx_squared_distance_scalar
#include "tensor/distances_body.h"
