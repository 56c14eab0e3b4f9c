/* The products of each level, defined in lanes_<level>.c. */
#ifndef TX_TENSOR_LANES_LEVELS_H
#define TX_TENSOR_LANES_LEVELS_H

#include "tensor/lanes.h"

void tx_lanes_multiply_scalar(const tx_lanes_matrix *matrix, tx_lanes_factors factors, const double *x,
                              double *y);
#if defined(__x86_64__)
void tx_lanes_multiply_avx2(const tx_lanes_matrix *matrix, tx_lanes_factors factors, const double *x,
                            double *y);
void tx_lanes_multiply_avx512(const tx_lanes_matrix *matrix, tx_lanes_factors factors, const double *x,
                              double *y);
#endif

#endif
