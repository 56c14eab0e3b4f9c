#include "tensor/lanes.h"

#include "base/cpu.h"
#include "tensor/lanes_levels.h"

void tx_lanes_multiply(const tx_lanes_matrix *matrix, tx_lanes_factors factors, const double *x, double *y)
{
#if defined(__x86_64__)
  const tx_cpu_features features = tx_cpu_current();
  if (tx_cpu_has(features, TX_CPU_AVX512)) {
    tx_lanes_multiply_avx512(matrix, factors, x, y);
    return;
  }
  if (tx_cpu_has(features, TX_CPU_AVX2)) {
    tx_lanes_multiply_avx2(matrix, factors, x, y);
    return;
  }
#endif
  tx_lanes_multiply_scalar(matrix, factors, x, y);
}
