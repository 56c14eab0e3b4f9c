/* The portable products: plain C. */
#include "tensor/lanes_levels.h"

#define LANES_MULTIPLY tx_lanes_multiply_scalar
#include "tensor/lanes_body.h"
