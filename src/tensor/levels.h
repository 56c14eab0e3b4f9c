/* The tables of the levels, each defined in kernels_<level>.c. */
#ifndef TX_TENSOR_LEVELS_H
#define TX_TENSOR_LEVELS_H

#include "tensor/kernels.h"

extern const tx_kernels tx_kernels_scalar;
extern const tx_kernels_double tx_kernels_double_table;
#if defined(__x86_64__)
extern const tx_kernels tx_kernels_avx2;
extern const tx_kernels tx_kernels_avx512;
#elif defined(__aarch64__)
extern const tx_kernels tx_kernels_neon;
#endif

#endif
