#include "tensor/kernels.h"

#include "base/cpu.h"
#include "tensor/levels.h"

#include <math.h>
#include <string.h>

const tx_kernels *tx_kernels_with(tx_cpu_features features)
{
#if defined(__x86_64__)
  if (tx_cpu_has(features, TX_CPU_AVX512)) return &tx_kernels_avx512;
  if (tx_cpu_has(features, TX_CPU_AVX2)) return &tx_kernels_avx2;
#endif
  (void)features;
  return &tx_kernels_scalar;
}

const tx_kernels *tx_kernels_current(void)
{
  return tx_kernels_with(tx_cpu_current());
}

const tx_kernels_double *tx_kernels_reference(void)
{
  return &tx_kernels_double_table;
}

size_t tx_ssd_scratch(const tx_ssd_dims *dims, size_t gemm_scratch)
{
  const size_t chunk = TX_SSD_CHUNK;
  return 3 * chunk * chunk + dims->heads * chunk + dims->heads * dims->head_width * dims->state +
         chunk * dims->state + 2 * chunk * dims->head_width + 3 * chunk + gemm_scratch;
}

size_t tx_ssd_states(const tx_ssd_dims *dims, size_t tokens)
{
  return (tokens + TX_SSD_CHUNK - 1) / TX_SSD_CHUNK * dims->heads * dims->head_width * dims->state;
}

double tx_cross_entropy(float *logits, const int32_t *labels, size_t rows, size_t classes, float smoothing,
                        float scale, size_t *opt_correct)
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

size_t tx_loss_parts(const tx_class_span *spans, size_t levels, size_t classes, const float *const *used,
                     tx_loss_part *parts)
{
  tx_class_span done = {0, 0}; /* classes that a deeper level has taken */
  size_t count = 0;
  for (size_t level = levels; level-- > 0;) {
    const tx_class_span span = spans[level];
    const uint32_t table = (uint32_t)level;
    if (span.begin == span.end) {
      if (used[levels + level])
        parts[count++] = (tx_loss_part){0, (uint32_t)classes, (uint32_t)levels + table};
    } else if (used[level]) {
      if (done.begin == done.end) {
        parts[count++] = (tx_loss_part){span.begin, span.end, table};
      } else {
        if (span.begin < done.begin) parts[count++] = (tx_loss_part){span.begin, done.begin, table};
        if (done.end < span.end) parts[count++] = (tx_loss_part){done.end, span.end, table};
      }
      done = span;
    }
  }
  return count;
}

/* The generalised cross-entropy of a row from its cross-entropy, and its gradient in place. */
static double make_robust(double loss, float robustness, size_t classes, float *gradient)
{
  const double trust = exp(-(double)robustness * loss);
  for (size_t c = 0; c < classes; c++) gradient[c] *= (float)trust;
  return (1.0 - trust) / (double)robustness;
}

double tx_cross_entropy_targets(float *logits, const int32_t *labels, size_t rows, size_t classes,
                                const tx_targets *targets, float scale)
{
  const tx_kernels *kernels = tx_kernels_current();
  tx_loss_part parts[TX_LOSS_PARTS_MAX];
  double sum = 0;
  for (size_t i = 0; i < rows; i++, logits += classes) {
    const int32_t label = labels[i];
    size_t count = 0;
    float weight;
    double loss;
    if (label < 0) {
      memset(logits, 0, classes * sizeof *logits);
      continue;
    }
    weight = targets->class_weights ? targets->class_weights[label] : 1.0F;
    if (targets->row_weights) weight *= targets->row_weights[i];
    if (targets->levels)
      count = tx_loss_parts(targets->spans + (size_t)label * targets->levels, targets->levels, classes,
                            targets->shares, parts);
    loss = kernels->cross_entropy_target_row(classes, logits, label, targets->on_true, targets->other, parts,
                                             count, targets->shares, scale * weight);
    if (targets->robustness > 0) loss = make_robust(loss, targets->robustness, classes, logits);
    sum += (double)weight * loss;
  }
  return sum;
}
