#include "tensor/kernels.h"

#include "base/cpu.h"
#include "tensor/levels.h"
#include "tensor/loss.h"

#include <string.h>

const tx_kernels *tx_kernels_level(int level)
{
  if (level > (int)tx_cpu_best()) return NULL;
#if defined(__x86_64__)
  if (level == TX_CPU_AVX512) return &tx_kernels_avx512;
  if (level == TX_CPU_AVX2) return &tx_kernels_avx2;
#elif defined(__aarch64__)
  if (level == TX_CPU_NEON) return &tx_kernels_neon;
#endif
  return level == TX_CPU_SCALAR ? &tx_kernels_scalar : NULL;
}

const tx_kernels *tx_kernels_current(void)
{
  return tx_kernels_level((int)tx_cpu_current());
}

const tx_kernels_double *tx_kernels_reference(void)
{
  return &tx_kernels_double_table;
}

size_t tx_ssd_scratch(const tx_ssd_dims *dims, size_t gemm_scratch)
{
  const size_t chunk = TX_SSD_CHUNK;
  return 3 * chunk * chunk + dims->heads * chunk + dims->heads * dims->head_width * dims->state + chunk * dims->state +
         2 * chunk * dims->head_width + 3 * chunk + gemm_scratch;
}

size_t tx_ssd_states(const tx_ssd_dims *dims, size_t tokens)
{
  return (tokens + TX_SSD_CHUNK - 1) / TX_SSD_CHUNK * dims->heads * dims->head_width * dims->state;
}

double tx_cross_entropy(float *logits, const int32_t *labels, size_t rows, size_t classes, float smoothing, float scale, size_t *opt_correct)
{
  const tx_kernels *kernels = tx_kernels_current();
  double sum = 0;
  size_t correct = 0;
  for (size_t i = 0; i < rows; i++, logits += classes) {
    if (labels[i] < 0) {
      memset(logits, 0, classes * sizeof *logits);
      continue;
    }
    if (opt_correct) {
      size_t best = 0;
      for (size_t c = 1; c < classes; c++)
        if (logits[c] > logits[best]) best = c;
      correct += best == (size_t)labels[i];
    }
    sum += kernels->cross_entropy_row(classes, logits, labels[i], smoothing, scale);
  }
  if (opt_correct) *opt_correct = correct;
  return sum;
}
