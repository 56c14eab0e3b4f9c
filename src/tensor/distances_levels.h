/* The distances of each level, defined in distances_<level>.c. */
#ifndef TX_TENSOR_DISTANCES_LEVELS_H
#define TX_TENSOR_DISTANCES_LEVELS_H

#include "tensor/distances.h"

void tx_distances_scalar(tx_row_distance distance, const tx_distance_block *block);
double tx_squared_distance_scalar(size_t width, const double *a, const double *b);
#if defined(__x86_64__)
void tx_distances_avx2(tx_row_distance distance, const tx_distance_block *block);
double tx_squared_distance_avx2(size_t width, const double *a, const double *b);
void tx_distances_avx512(tx_row_distance distance, const tx_distance_block *block);
double tx_squared_distance_avx512(size_t width, const double *a, const double *b);
#endif

#endif
