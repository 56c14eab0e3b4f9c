/* Template of the products. The including file defines LANES_MULTIPLY. */

void LANES_MULTIPLY(const tx_lanes_matrix *matrix, tx_lanes_factors factors, const double *x, double *y)
{
  for (size_t i = 0; i < matrix->count; i++) {
    const double *restrict own = x + i * TX_LANES;
    double *restrict to = y + i * TX_LANES, sums[TX_LANES] = {0};
    for (size_t e = matrix->starts[i]; e < matrix->starts[i + 1]; e++) {
      const double value = matrix->values[e], *restrict from = x + (size_t)matrix->columns[e] * TX_LANES;
#pragma omp simd
      for (int l = 0; l < TX_LANES; l++) sums[l] += value * from[l];
    }
    if (factors.kept != 0) {
#pragma omp simd
      for (int l = 0; l < TX_LANES; l++)
        to[l] = factors.image * sums[l] + factors.own * own[l] + factors.kept * to[l];
    } else {
#pragma omp simd
      for (int l = 0; l < TX_LANES; l++) to[l] = factors.image * sums[l] + factors.own * own[l];
    }
  }
}
