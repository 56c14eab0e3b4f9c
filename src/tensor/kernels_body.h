/* Template of the element-wise and row-wise kernels, forward and backward side by side. The including file
   defines REAL and includes math_body.h first. Plain loops: each file that includes this is compiled for one
   instruction set. */

static void add_bias(size_t rows, size_t columns, const REAL *bias, REAL *x)
{
  for (size_t i = 0; i < rows; i++, x += columns) {
#pragma omp simd
    for (size_t j = 0; j < columns; j++) x[j] += bias[j];
  }
}

static void add_column_sums(size_t rows, size_t columns, const REAL *x, REAL *sums)
{
  for (size_t i = 0; i < rows; i++, x += columns) {
#pragma omp simd
    for (size_t j = 0; j < columns; j++) sums[j] += x[j];
  }
}

static void add(size_t count, const REAL *x, REAL *y)
{
#pragma omp simd
  for (size_t j = 0; j < count; j++) y[j] += x[j];
}

static REAL dot(size_t count, const REAL *a, const REAL *b)
{
  REAL sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t j = 0; j < count; j++) sum += a[j] * b[j];
  return sum;
}

/* The factor of one channel under inverted dropout: a hash of (seed, row, column) against the threshold. */
static inline REAL dropout_factor(uint32_t row_seed, uint32_t column, uint32_t threshold, REAL keep_scale)
{
  uint32_t hash = (column + 1u) * 0x9E3779B1u + row_seed;
  hash ^= hash >> 16;
  hash *= 0x85EBCA6Bu;
  hash ^= hash >> 13;
  hash *= 0xC2B2AE35u;
  hash ^= hash >> 16;
  return hash >= threshold ? keep_scale : (REAL)0;
}

static inline uint32_t dropout_row_seed(uint64_t seed, size_t row)
{
  uint64_t mixed = (seed + row * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
  mixed ^= mixed >> 32;
  mixed *= 0xD6E8FEB86659FD93u;
  return (uint32_t)(mixed >> 32);
}

static void embed(size_t rows, size_t width, const REAL *table, const int32_t *ids, REAL dropout,
                  uint64_t seed, REAL *out)
{
  const uint32_t threshold = (uint32_t)((double)dropout * 4294967295.0);
  const REAL keep = dropout < (REAL)1 ? (REAL)1 / ((REAL)1 - dropout) : (REAL)0;
  for (size_t i = 0; i < rows; i++, out += width) {
    const REAL *row = table + (size_t)ids[i] * width;
    if (dropout > 0) {
      const uint32_t row_seed = dropout_row_seed(seed, i);
#pragma omp simd
      for (uint32_t j = 0; j < (uint32_t)width; j++)
        out[j] = row[j] * dropout_factor(row_seed, j, threshold, keep);
    } else {
      memcpy(out, row, width * sizeof *out);
    }
  }
}

static void embed_backward(size_t rows, size_t width, const REAL *gradient, const int32_t *ids, REAL dropout,
                           uint64_t seed, REAL *table_gradient)
{
  const uint32_t threshold = (uint32_t)((double)dropout * 4294967295.0);
  const REAL keep = dropout < (REAL)1 ? (REAL)1 / ((REAL)1 - dropout) : (REAL)0;
  for (size_t i = 0; i < rows; i++, gradient += width) {
    REAL *row = table_gradient + (size_t)ids[i] * width;
    if (dropout > 0) {
      const uint32_t row_seed = dropout_row_seed(seed, i);
#pragma omp simd
      for (uint32_t j = 0; j < (uint32_t)width; j++)
        row[j] += gradient[j] * dropout_factor(row_seed, j, threshold, keep);
    } else {
      add(width, gradient, row);
    }
  }
}

#define NORM_EPSILON ((REAL)1e-5)

static void layer_norm(size_t rows, size_t width, const REAL *x, const REAL *weight, const REAL *bias,
                       REAL *y, REAL *statistics)
{
  for (size_t i = 0; i < rows; i++, x += width, y += width) {
    REAL sum = 0, squares = 0, mean, scale;
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < width; j++) sum += x[j];
    mean = sum / (REAL)width;
#pragma omp simd reduction(+ : squares)
    for (size_t j = 0; j < width; j++) squares += (x[j] - mean) * (x[j] - mean);
    scale = (REAL)1 / (REAL)sqrt((double)(squares / (REAL)width + NORM_EPSILON));
#pragma omp simd
    for (size_t j = 0; j < width; j++) y[j] = (x[j] - mean) * scale * weight[j] + bias[j];
    if (statistics) {
      statistics[2 * i] = mean;
      statistics[2 * i + 1] = scale;
    }
  }
}

static void layer_norm_backward(size_t rows, size_t width, const REAL *x, const REAL *weight,
                                const REAL *statistics, const REAL *y_gradient, REAL *x_gradient,
                                REAL *weight_gradient, REAL *bias_gradient)
{
  for (size_t i = 0; i < rows; i++, x += width, y_gradient += width, x_gradient += width) {
    const REAL mean = statistics[2 * i], scale = statistics[2 * i + 1];
    REAL sum = 0, product = 0;
#pragma omp simd reduction(+ : sum, product)
    for (size_t j = 0; j < width; j++) {
      const REAL normal = (x[j] - mean) * scale, g = y_gradient[j] * weight[j];
      sum += g;
      product += g * normal;
      weight_gradient[j] += y_gradient[j] * normal;
      bias_gradient[j] += y_gradient[j];
    }
    sum /= (REAL)width;
    product /= (REAL)width;
#pragma omp simd
    for (size_t j = 0; j < width; j++) {
      const REAL normal = (x[j] - mean) * scale;
      x_gradient[j] += scale * (y_gradient[j] * weight[j] - sum - normal * product);
    }
  }
}

/* Value of the convolution at one row before the SiLU. `weight` is read as (width, channels): see
   conv_transpose. */
static inline void conv_row(size_t channels, size_t taps, const REAL *x, size_t ldx,
                            const REAL *const *weight, const REAL *bias, REAL *y)
{
  /* Tap j of the kernel reads the row (taps - 1 - j) before this one; rows before the sequence are zero,
     hence left out. */
  const REAL *w0 = weight[0], *w1 = weight[1], *w2 = weight[2], *w3 = weight[3];
  switch (taps) {
  case 1:
#pragma omp simd
    for (size_t c = 0; c < channels; c++) y[c] = bias[c] + w0[c] * x[c];
    break;
  case 2:
#pragma omp simd
    for (size_t c = 0; c < channels; c++) y[c] = bias[c] + w0[c] * x[c] + w1[c] * (x - ldx)[c];
    break;
  case 3:
#pragma omp simd
    for (size_t c = 0; c < channels; c++)
      y[c] = bias[c] + w0[c] * x[c] + w1[c] * (x - ldx)[c] + w2[c] * (x - 2 * ldx)[c];
    break;
  default:
#pragma omp simd
    for (size_t c = 0; c < channels; c++)
      y[c] =
          bias[c] + w0[c] * x[c] + w1[c] * (x - ldx)[c] + w2[c] * (x - 2 * ldx)[c] + w3[c] * (x - 3 * ldx)[c];
    break;
  }
}

#define CONV_BLOCK 256 /* channels at once, so that the transposed weights fit on the stack */
#define CONV_TAPS 4

/* The weights of a block of channels by distance: transposed[d][c] is the weight of the row d before the
   present one. */
static void conv_transpose(size_t channels, size_t width, const REAL *weight,
                           REAL transposed[CONV_TAPS][CONV_BLOCK])
{
  for (size_t c = 0; c < channels; c++)
    for (size_t d = 0; d < CONV_TAPS; d++)
      transposed[d][c] = d < width ? weight[c * width + width - 1 - d] : (REAL)0;
}

static void conv_silu(size_t sequences, const uint32_t *starts, size_t channels, size_t width, const REAL *x,
                      size_t ldx, const REAL *weight, const REAL *bias, REAL *y)
{
  REAL transposed[CONV_TAPS][CONV_BLOCK];
  const REAL *const taps[CONV_TAPS] = {transposed[0], transposed[1], transposed[2], transposed[3]};
  for (size_t c0 = 0; c0 < channels; c0 += CONV_BLOCK) {
    const size_t block = channels - c0 < CONV_BLOCK ? channels - c0 : CONV_BLOCK;
    conv_transpose(block, width, weight + c0 * width, transposed);
    for (size_t s = 0; s < sequences; s++) {
      for (size_t t = starts[s]; t < starts[s + 1]; t++) {
        const size_t before = t - starts[s] + 1;
        REAL *row = y + t * channels + c0;
        conv_row(block, before < width ? before : width, x + t * ldx + c0, ldx, taps, bias + c0, row);
#pragma omp simd
        for (size_t c = 0; c < block; c++) row[c] = row[c] * real_sigmoid(row[c]);
      }
    }
  }
}

static void conv_silu_row(size_t channels, size_t width, const REAL *const *x, const REAL *taps,
                          const REAL *bias, REAL *y)
{
  const REAL *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
  const REAL *w0 = taps, *w1 = taps + channels, *w2 = width > 2 ? taps + 2 * channels : NULL,
             *w3 = width > 3 ? taps + 3 * channels : NULL;
  if (width > 3) {
#pragma omp simd
    for (size_t c = 0; c < channels; c++) {
      const REAL v = bias[c] + w0[c] * x0[c] + w1[c] * x1[c] + w2[c] * x2[c] + w3[c] * x3[c];
      y[c] = v * real_sigmoid(v);
    }
  } else {
    for (size_t c = 0; c < channels; c++) {
      const REAL v = bias[c] + w0[c] * x0[c] + w1[c] * x1[c] + (width > 2 ? w2[c] * x2[c] : (REAL)0);
      y[c] = v * real_sigmoid(v);
    }
  }
}

static void conv_silu_backward(size_t sequences, const uint32_t *starts, size_t channels, size_t width,
                               const REAL *x, size_t ldx, const REAL *weight, const REAL *bias,
                               REAL *y_gradient, REAL *x_gradient, size_t ldxg, REAL *weight_gradient,
                               REAL *bias_gradient)
{
  REAL transposed[CONV_TAPS][CONV_BLOCK], sums[CONV_TAPS][CONV_BLOCK], before_silu[CONV_BLOCK];
  const REAL *const taps[CONV_TAPS] = {transposed[0], transposed[1], transposed[2], transposed[3]};
  for (size_t c0 = 0; c0 < channels; c0 += CONV_BLOCK) {
    const size_t block = channels - c0 < CONV_BLOCK ? channels - c0 : CONV_BLOCK;
    conv_transpose(block, width, weight + c0 * width, transposed);
    memset(sums, 0, sizeof sums);
    for (size_t s = 0; s < sequences; s++) {
      const size_t first = starts[s], last = starts[s + 1];
      for (size_t t = first; t < last; t++) {
        REAL *gradient = y_gradient + t * channels + c0;
        const size_t count = t - first + 1 < width ? t - first + 1 : width;
        conv_row(block, count, x + t * ldx + c0, ldx, taps, bias + c0, before_silu);
#pragma omp simd
        for (size_t c = 0; c < block; c++) {
          const REAL gate = real_sigmoid(before_silu[c]);
          gradient[c] *= gate * ((REAL)1 + before_silu[c] * ((REAL)1 - gate));
          bias_gradient[c0 + c] += gradient[c];
        }
        for (size_t d = 0; d < count; d++) {
          const REAL *source = x + (t - d) * ldx + c0;
          REAL *sum = sums[d];
#pragma omp simd
          for (size_t c = 0; c < block; c++) sum[c] += gradient[c] * source[c];
        }
      }
      for (size_t t = first; t < last; t++) {
        REAL *target = x_gradient + t * ldxg + c0;
        const size_t count = last - t < width ? last - t : width;
        for (size_t d = 0; d < count; d++) {
          const REAL *gradient = y_gradient + (t + d) * channels + c0, *tap = transposed[d];
          if (d == 0) {
#pragma omp simd
            for (size_t c = 0; c < block; c++) target[c] = gradient[c] * tap[c];
          } else {
#pragma omp simd
            for (size_t c = 0; c < block; c++) target[c] += gradient[c] * tap[c];
          }
        }
      }
    }
    for (size_t c = 0; c < block; c++)
      for (size_t d = 0; d < width; d++) weight_gradient[(c0 + c) * width + width - 1 - d] += sums[d][c];
  }
}

static void softplus(size_t rows, size_t heads, const REAL *x, size_t ldx, const REAL *bias, REAL *dt)
{
  for (size_t i = 0; i < rows; i++)
#pragma omp simd
    for (size_t h = 0; h < heads; h++) dt[i * heads + h] = real_softplus(x[i * ldx + h] + bias[h]);
}

static void softplus_backward(size_t rows, size_t heads, const REAL *x, size_t ldx, const REAL *bias,
                              const REAL *dt_gradient, REAL *x_gradient, size_t ldxg, REAL *bias_gradient)
{
  for (size_t i = 0; i < rows; i++)
    for (size_t h = 0; h < heads; h++) {
      const REAL v = x[i * ldx + h] + bias[h];
      const REAL g = dt_gradient[i * heads + h] * (v > (REAL)20 ? (REAL)1 : real_sigmoid(v));
      x_gradient[i * ldxg + h] = g;
      bias_gradient[h] += g;
    }
}

static void gated_norm(size_t rows, size_t width, const REAL *y, const REAL *z, size_t ldz,
                       const REAL *weight, REAL *out, REAL *scale)
{
  for (size_t i = 0; i < rows; i++, y += width, z += ldz, out += width) {
    REAL squares = 0, factor;
#pragma omp simd reduction(+ : squares)
    for (size_t j = 0; j < width; j++) {
      const REAL g = y[j] * (z[j] * real_sigmoid(z[j]));
      out[j] = g;
      squares += g * g;
    }
    factor = (REAL)1 / (REAL)sqrt((double)(squares / (REAL)width + NORM_EPSILON));
#pragma omp simd
    for (size_t j = 0; j < width; j++) out[j] = out[j] * factor * weight[j];
    if (scale) scale[i] = factor;
  }
}

static void gated_norm_backward(size_t rows, size_t width, const REAL *y, const REAL *z, size_t ldz,
                                const REAL *weight, const REAL *scale, const REAL *out_gradient,
                                REAL *y_gradient, REAL *z_gradient, size_t ldzg, REAL *weight_gradient)
{
  for (size_t i = 0; i < rows;
       i++, y += width, z += ldz, out_gradient += width, y_gradient += width, z_gradient += ldzg) {
    const REAL factor = scale[i];
    REAL product = 0, share;
#pragma omp simd reduction(+ : product)
    for (size_t j = 0; j < width; j++) {
      const REAL gate = real_sigmoid(z[j]), silu = z[j] * gate, g = y[j] * silu;
      weight_gradient[j] += out_gradient[j] * g * factor;
      product += out_gradient[j] * weight[j] * g;
      /* Kept for the second pass: silu and its derivative would cost the exponential again. */
      y_gradient[j] = silu;
      z_gradient[j] = gate * ((REAL)1 + z[j] * ((REAL)1 - gate));
    }
    share = product * factor * factor / (REAL)width;
#pragma omp simd
    for (size_t j = 0; j < width; j++) {
      const REAL g = y[j] * y_gradient[j], gradient = factor * (out_gradient[j] * weight[j] - g * share);
      z_gradient[j] *= gradient * y[j];
      y_gradient[j] *= gradient;
    }
  }
}

/* gelu_tanh(v) = v sigmoid(2 u), u = sqrt(2/pi) (v + 0.044715 v^3), because (1 + tanh u) / 2 = sigmoid(2
   u). */
#define GELU_SLOPE ((REAL)1.5957691216057308) /* 2 sqrt(2/pi) */
#define GELU_CUBE ((REAL)0.044715)

static void bias_gelu(size_t rows, size_t width, const REAL *x, const REAL *bias, REAL *y)
{
  for (size_t i = 0; i < rows; i++, x += width, y += width) {
#pragma omp simd
    for (size_t j = 0; j < width; j++) {
      const REAL v = x[j] + bias[j];
      y[j] = v * real_sigmoid(GELU_SLOPE * (v + GELU_CUBE * v * v * v));
    }
  }
}

static void bias_gelu_backward(size_t rows, size_t width, const REAL *x, const REAL *bias, REAL *gradient,
                               REAL *bias_gradient)
{
  for (size_t i = 0; i < rows; i++, x += width, gradient += width) {
#pragma omp simd
    for (size_t j = 0; j < width; j++) {
      const REAL v = x[j] + bias[j], gate = real_sigmoid(GELU_SLOPE * (v + GELU_CUBE * v * v * v));
      const REAL slope = GELU_SLOPE * ((REAL)1 + (REAL)3 * GELU_CUBE * v * v);
      gradient[j] *= gate * ((REAL)1 + v * slope * ((REAL)1 - gate));
      bias_gradient[j] += gradient[j];
    }
  }
}

/* Largest logit, and the sum of exp(logit - largest) in double. */
static double softmax_sum(size_t classes, const REAL *logits, REAL *ret_largest)
{
  REAL largest = logits[0];
  double total = 0;
  for (size_t c = 0; c < classes; c++) largest = logits[c] > largest ? logits[c] : largest;
  /* Blocks of float sums, added in double: fast and exact enough for tens of thousands of classes. */
  for (size_t c0 = 0; c0 < classes; c0 += 1024) {
    const size_t block = classes - c0 < 1024 ? classes - c0 : 1024;
    REAL sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t c = 0; c < block; c++) sum += real_exp(logits[c0 + c] - largest);
    total += (double)sum;
  }
  *ret_largest = largest;
  return total;
}

/* Cross-entropy against targets that sum to 1: `other` on every class, more on the true one, and the shares
   of the parts in addition. */
static double cross_entropy_target_row(size_t classes, REAL *logits, int32_t label, REAL on_true, REAL other,
                                       const tx_loss_part *parts, size_t part_count,
                                       const REAL *const *shares, REAL scale)
{
  REAL largest, normaliser;
  double total = softmax_sum(classes, logits, &largest), log_total = log(total), loss, sum = 0, spread = 0;
  const double true_logit = (double)logits[label];
  if (other > 0)
    for (size_t c = 0; c < classes; c++) sum += (double)logits[c];
  for (size_t i = 0; i < part_count; i++) {
    const REAL *table = shares[parts[i].table];
#pragma omp simd reduction(+ : spread)
    for (size_t c = parts[i].begin; c < parts[i].end; c++) spread += (double)table[c] * (double)logits[c];
  }
  loss = (double)largest + log_total;
  /* sum over c of target_c * (log_total + largest - logit_c). */
  loss -= (double)on_true * true_logit + (double)other * (other > 0 ? sum - true_logit : 0.0);
  loss -= spread;
  normaliser = (REAL)(1.0 / total);
#pragma omp simd
  for (size_t c = 0; c < classes; c++)
    logits[c] = scale * (real_exp(logits[c] - largest) * normaliser - other);
  logits[label] += scale * (other - on_true);
  for (size_t i = 0; i < part_count; i++) {
    const REAL *table = shares[parts[i].table];
#pragma omp simd
    for (size_t c = parts[i].begin; c < parts[i].end; c++) logits[c] -= scale * table[c];
  }
  return loss;
}

static double cross_entropy_row(size_t classes, REAL *logits, int32_t label, REAL smoothing, REAL scale)
{
  const REAL other = classes > 1 ? smoothing / (REAL)(classes - 1) : (REAL)0;
  return cross_entropy_target_row(classes, logits, label, classes > 1 ? (REAL)1 - smoothing : (REAL)1, other,
                                  NULL, 0, NULL, scale);
}
