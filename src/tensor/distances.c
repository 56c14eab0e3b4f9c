#include "tensor/distances.h"

#include "base/cpu.h"
#include "tensor/distances_levels.h"

#include <string.h>

size_t tx_panels_size(size_t count, size_t width)
{
  return (count + TX_PANEL_ROWS - 1) / TX_PANEL_ROWS * TX_PANEL_ROWS * width;
}

void tx_panels_fill(const double *x, size_t count, size_t width, size_t ldx, double *panels)
{
  memset(panels, 0, tx_panels_size(count, width) * sizeof *panels);
  for (size_t j = 0; j < count; j++) {
    double *lane = panels + (j - j % TX_PANEL_ROWS) * width + j % TX_PANEL_ROWS;
    for (size_t i = 0; i < width; i++) lane[i * TX_PANEL_ROWS] = x[j * ldx + i];
  }
}

void tx_distances(tx_row_distance distance, const tx_distance_block *block)
{
#if defined(__x86_64__)
  const tx_cpu_features features = tx_cpu_current();
  if (tx_cpu_has(features, TX_CPU_AVX512)) {
    tx_distances_avx512(distance, block);
    return;
  }
  if (tx_cpu_has(features, TX_CPU_AVX2)) {
    tx_distances_avx2(distance, block);
    return;
  }
#endif
  tx_distances_scalar(distance, block);
}

double tx_squared_distance(size_t width, const double *a, const double *b)
{
#if defined(__x86_64__)
  const tx_cpu_features features = tx_cpu_current();
  if (tx_cpu_has(features, TX_CPU_AVX512)) return tx_squared_distance_avx512(width, a, b);
  if (tx_cpu_has(features, TX_CPU_AVX2)) return tx_squared_distance_avx2(width, a, b);
#endif
  return tx_squared_distance_scalar(width, a, b);
}
