/* Template of the state-space part of Mamba-2 in its chunked matrix form ("state-space duality", Dao & Gu
   2024, sections 6 and 7), after kernels_body.h and a `gemm` of the same REAL.

   Per head, with a_t = dt_t A and A = -exp(a_log): S_t = exp(a_t) S_{t-1} + dt_t x_t B_t^T, y_t = S_t C_t +
   skip x_t. Inside a chunk, with c_t the running sum of a: Y = W X + diag(exp c) C S0^T where
   W[t,s] = exp(c_t - c_s) (C_t . B_s) dt_s for s <= t, else 0. At its end: S = exp(c_end) S0 + sum_s
   exp(c_end - c_s) dt_s x_s B_s^T. */

/* Parts of the scratch, each of a fixed size per dims. */
typedef struct ssd_scratch {
  REAL *products;   /* (chunk, chunk) C B^T */
  REAL *weights;    /* (chunk, chunk) W of one head, or dY X^T */
  REAL *gradients;  /* (chunk, chunk) gradient of products */
  REAL *running;    /* (heads, chunk) c_t */
  REAL *state;      /* (heads, P, N) */
  REAL *rows_n;     /* (chunk, N) */
  REAL *rows_p;     /* (chunk, P) */
  REAL *more_p;     /* (chunk, P) */
  REAL *sums;       /* (3, chunk) */
  REAL *gemm;
} ssd_scratch;

static ssd_scratch ssd_scratch_parts(const tx_ssd_dims *dims, REAL *memory)
{
  const size_t square = (size_t)TX_SSD_CHUNK * TX_SSD_CHUNK;
  ssd_scratch parts;
  parts.products = memory;
  parts.weights = parts.products + square;
  parts.gradients = parts.weights + square;
  parts.running = parts.gradients + square;
  parts.state = parts.running + dims->heads * TX_SSD_CHUNK;
  parts.rows_n = parts.state + dims->heads * dims->head_width * dims->state;
  parts.rows_p = parts.rows_n + TX_SSD_CHUNK * dims->state;
  parts.more_p = parts.rows_p + TX_SSD_CHUNK * dims->head_width;
  parts.sums = parts.more_p + TX_SSD_CHUNK * dims->head_width;
  parts.gemm = parts.sums + (size_t)3 * TX_SSD_CHUNK;
  return parts;
}

/* Tokens of a chunk of a sequence of `length` tokens, which is divided into equal chunks of at most
   TX_SSD_CHUNK. */
static size_t ssd_chunk_length(size_t length)
{
  const size_t chunks = (length + TX_SSD_CHUNK - 1) / TX_SSD_CHUNK;
  return (length + chunks - 1) / chunks;
}

/* Computes c_t of every head of a chunk. */
static void ssd_running(const tx_ssd_dims *dims, size_t length, const REAL *dt, const REAL *a_log,
                        REAL *running)
{
  for (size_t h = 0; h < dims->heads; h++) {
    const REAL a = -(REAL)exp((double)a_log[h]);
    REAL sum = 0;
    for (size_t t = 0; t < length; t++) {
      sum += dt[t * dims->heads + h] * a;
      running[h * TX_SSD_CHUNK + t] = sum;
    }
  }
}

/* Computes W of one head from C B^T. */
static void ssd_weights(const tx_ssd_dims *dims, size_t h, size_t length, const REAL *dt,
                        const ssd_scratch *s)
{
  const REAL *running = s->running + h * TX_SSD_CHUNK;
  REAL *step = s->sums;
  for (size_t t = 0; t < length; t++) step[t] = dt[t * dims->heads + h];
  for (size_t t = 0; t < length; t++) {
    const REAL *product = s->products + t * length;
    REAL *weight = s->weights + t * length;
    const REAL now = running[t];
#pragma omp simd
    for (size_t j = 0; j <= t; j++) weight[j] = product[j] * real_exp(now - running[j]) * step[j];
    for (size_t j = t + 1; j < length; j++) weight[j] = 0;
  }
}

/* Computes the state at the end of a chunk, S = exp(c_end) S + sum_s exp(c_end - c_s) dt_s x_s B_s^T of one
   head; S is zero at the start of a sequence. */
static void ssd_carry(const tx_ssd_dims *dims, size_t h, size_t length, const REAL *x, const REAL *b,
                      size_t ld, const REAL *dt, bool first, const ssd_scratch *s)
{
  const size_t p = dims->head_width, n = dims->state;
  const REAL *running = s->running + h * TX_SSD_CHUNK;
  const REAL end = running[length - 1], decay = real_exp(end);
  REAL *state = s->state + h * p * n;
  for (size_t t = 0; t < length; t++) {
    const REAL factor = real_exp(end - running[t]) * dt[t * dims->heads + h];
#pragma omp simd
    for (size_t j = 0; j < p; j++) s->rows_p[t * p + j] = x[t * ld + j] * factor;
  }
  if (!first)
#pragma omp simd
    for (size_t j = 0; j < p * n; j++) state[j] *= decay;
  gemm(true, false, p, n, length, s->rows_p, p, b, ld, !first, state, n, s->gemm);
}

static void ssd(const tx_ssd_dims *dims, size_t sequences, const uint32_t *starts, const REAL *xbc,
                const REAL *dt, const REAL *a_log, const REAL *skip, REAL *y, REAL *states, REAL *scratch)
{
  const size_t n = dims->state, p = dims->head_width, inner = p * dims->heads, ld = inner + 2 * n;
  const ssd_scratch s = ssd_scratch_parts(dims, scratch);
  for (size_t q = 0; q < sequences; q++) {
    const size_t chunk = ssd_chunk_length(starts[q + 1] - starts[q]);
    for (size_t t0 = starts[q]; t0 < starts[q + 1]; t0 += chunk) {
      const size_t length = starts[q + 1] - t0 < chunk ? starts[q + 1] - t0 : chunk;
      const bool first = t0 == starts[q], last = t0 + length == starts[q + 1];
      const REAL *x = xbc + t0 * ld, *b = x + inner, *c = b + n, *step = dt + t0 * dims->heads;
      if (!first && states) {
        memcpy(states, s.state, inner * n * sizeof *states);
        states += inner * n;
      }
      ssd_running(dims, length, step, a_log, s.running);
      gemm(false, true, length, length, n, c, ld, b, ld, false, s.products, length, s.gemm);
      for (size_t h = 0; h < dims->heads; h++) {
        const REAL *running = s.running + h * TX_SSD_CHUNK, *xh = x + h * p;
        REAL *yh = y + t0 * inner + h * p;
        ssd_weights(dims, h, length, step, &s);
        gemm(false, false, length, p, length, s.weights, length, xh, ld, false, yh, inner, s.gemm);
        if (!first) {
          for (size_t t = 0; t < length; t++) {
            const REAL factor = real_exp(running[t]);
#pragma omp simd
            for (size_t j = 0; j < n; j++) s.rows_n[t * n + j] = c[t * ld + j] * factor;
          }
          gemm(false, true, length, p, n, s.rows_n, n, s.state + h * p * n, n, true, yh, inner, s.gemm);
        }
        for (size_t t = 0; t < length; t++)
#pragma omp simd
          for (size_t j = 0; j < p; j++) yh[t * inner + j] += skip[h] * xh[t * ld + j];
        if (!last) ssd_carry(dims, h, length, xh, b, ld, step, first, &s);
      }
    }
  }
}

/* Pointers into one chunk of ssd_backward. */
typedef struct ssd_chunk {
  size_t length;
  /* position in the sequence: the first chunk has no state before it, the last no gradient after it */
  bool first, last;
  const REAL *x, *b, *c, *dt, *state, *y_gradient;
  REAL *x_gradient, *b_gradient, *c_gradient, *dt_gradient;
} ssd_chunk;

/* The gradient inside the chunk, of one head: x_gradient, gradient of C B^T, and into sums: 0 gradient of
   c_t, 1 that of dt. */
static void ssd_backward_inside(const tx_ssd_dims *dims, size_t h, const ssd_chunk *k, const ssd_scratch *s)
{
  const size_t p = dims->head_width, inner = p * dims->heads, ld = inner + 2 * dims->state,
               length = k->length;
  const REAL *running = s->running + h * TX_SSD_CHUNK;
  REAL *running_gradient = s->sums, *step_gradient = s->sums + TX_SSD_CHUNK,
       *step = s->sums + 2 * TX_SSD_CHUNK;
  for (size_t t = 0; t < length; t++) {
    running_gradient[t] = step_gradient[t] = 0;
    step[t] = k->dt[t * dims->heads + h];
  }
  gemm(false, true, length, length, p, k->y_gradient + h * p, inner, k->x + h * p, ld, false, s->weights,
       length, s->gemm);
  for (size_t t = 0; t < length; t++) {
    const REAL *product = s->products + t * length;
    REAL *weight = s->weights + t * length, *gradient = s->gradients + t * length;
    const REAL now = running[t];
    REAL row = 0;
#pragma omp simd reduction(+ : row)
    for (size_t j = 0; j <= t; j++) {
      const REAL decay = real_exp(now - running[j]), without_step = decay * product[j], g = weight[j];
      gradient[j] += g * decay * step[j];
      step_gradient[j] += g * without_step;
      weight[j] = without_step * step[j];
      row += g * weight[j];
    }
    running_gradient[t] += row;
    for (size_t j = t + 1; j < length; j++) weight[j] = 0;
  }
#pragma omp simd
  for (size_t t = 0; t < length; t++) running_gradient[t] -= step_gradient[t] * step[t];
  gemm(true, false, length, p, length, s->weights, length, k->y_gradient + h * p, inner, false,
       k->x_gradient + h * p, ld, s->gemm);
}

/* The gradient through the state before the chunk (state, with its gradient in s->state on return) and
   through the state after it. */
static void ssd_backward_states(const tx_ssd_dims *dims, size_t h, const ssd_chunk *k, const ssd_scratch *s)
{
  const size_t p = dims->head_width, n = dims->state, inner = p * dims->heads, ld = inner + 2 * n,
               length = k->length;
  const REAL *running = s->running + h * TX_SSD_CHUNK, *state = k->first ? NULL : k->state + h * p * n;
  REAL *gradient = s->state + h * p * n, *running_gradient = s->sums, *step_gradient = s->sums + TX_SSD_CHUNK;
  if (!k->last) { /* state after the chunk */
    const REAL end = running[length - 1], decay = real_exp(end);
    gemm(false, true, length, p, n, k->b, ld, gradient, n, false, s->more_p, p, s->gemm);
    for (size_t t = 0; t < length; t++) {
      const REAL factor = real_exp(end - running[t]), step = k->dt[t * dims->heads + h];
      const REAL *x = k->x + t * ld + h * p, *v = s->more_p + t * p;
      REAL *x_gradient = k->x_gradient + t * ld + h * p, product = 0;
#pragma omp simd reduction(+ : product)
      for (size_t j = 0; j < p; j++) {
        product += x[j] * v[j];
        x_gradient[j] += factor * step * v[j];
        s->rows_p[t * p + j] = x[j] * factor * step;
      }
      step_gradient[t] += factor * product;
      running_gradient[t] -= factor * product * step;
      running_gradient[length - 1] += factor * product * step;
    }
    gemm(false, false, length, n, p, s->rows_p, p, gradient, n, true, k->b_gradient, ld, s->gemm);
    if (state) running_gradient[length - 1] += decay * dot(p * n, state, gradient);
#pragma omp simd
    for (size_t j = 0; j < p * n; j++) gradient[j] *= decay;
  } else {
    memset(gradient, 0, p * n * sizeof *gradient);
  }
  if (state) { /* state before the chunk */
    gemm(false, true, length, p, n, k->c, ld, state, n, false, s->more_p, p, s->gemm);
    for (size_t t = 0; t < length; t++) {
      const REAL factor = real_exp(running[t]), *y_gradient = k->y_gradient + t * inner + h * p,
                 *v = s->more_p + t * p;
      REAL product = 0;
#pragma omp simd reduction(+ : product)
      for (size_t j = 0; j < p; j++) {
        s->rows_p[t * p + j] = y_gradient[j] * factor;
        product += s->rows_p[t * p + j] * v[j];
      }
      running_gradient[t] += product;
    }
    gemm(false, false, length, n, p, s->rows_p, p, state, n, true, k->c_gradient, ld, s->gemm);
    gemm(true, false, p, n, length, s->rows_p, p, k->c, ld, true, gradient, n, s->gemm);
  }
}

static void ssd_backward_chunk(const tx_ssd_dims *dims, const ssd_chunk *k, const REAL *a_log,
                               const REAL *skip, REAL *a_log_gradient, REAL *skip_gradient,
                               const ssd_scratch *s)
{
  const size_t p = dims->head_width, n = dims->state, inner = p * dims->heads, ld = inner + 2 * n,
               length = k->length;
  ssd_running(dims, length, k->dt, a_log, s->running);
  gemm(false, true, length, length, n, k->c, ld, k->b, ld, false, s->products, length, s->gemm);
  memset(s->gradients, 0, length * length * sizeof *s->gradients);
  for (size_t t = 0; t < length; t++) {
    memset(k->b_gradient + t * ld, 0, n * sizeof *k->b_gradient);
    memset(k->c_gradient + t * ld, 0, n * sizeof *k->c_gradient);
  }
  for (size_t h = 0; h < dims->heads; h++) {
    const REAL a = -(REAL)exp((double)a_log[h]);
    REAL sum = 0, a_gradient = 0;
    ssd_backward_inside(dims, h, k, s);
    ssd_backward_states(dims, h, k, s);
    for (size_t t = length; t-- > 0;) {
      const REAL step = k->dt[t * dims->heads + h];
      sum += s->sums[t];
      a_gradient += sum * step;
      k->dt_gradient[t * dims->heads + h] = s->sums[TX_SSD_CHUNK + t] + sum * a;
    }
    a_log_gradient[h] += a_gradient * a;
    for (size_t t = 0; t < length; t++) {
      const REAL *x = k->x + t * ld + h * p, *g = k->y_gradient + t * inner + h * p;
      REAL *x_gradient = k->x_gradient + t * ld + h * p, product = 0;
#pragma omp simd reduction(+ : product)
      for (size_t j = 0; j < p; j++) {
        product += x[j] * g[j];
        x_gradient[j] += skip[h] * g[j];
      }
      skip_gradient[h] += product;
    }
  }
  gemm(false, false, length, n, length, s->gradients, length, k->b, ld, true, k->c_gradient, ld, s->gemm);
  gemm(true, false, length, n, length, s->gradients, length, k->c, ld, true, k->b_gradient, ld, s->gemm);
}

static void ssd_backward(const tx_ssd_dims *dims, size_t sequences, const uint32_t *starts, const REAL *xbc,
                         const REAL *dt, const REAL *a_log, const REAL *skip, const REAL *states,
                         const REAL *y_gradient, REAL *xbc_gradient, REAL *dt_gradient, REAL *a_log_gradient,
                         REAL *skip_gradient, REAL *scratch)
{
  const size_t n = dims->state, inner = dims->head_width * dims->heads, ld = inner + 2 * n;
  const ssd_scratch s = ssd_scratch_parts(dims, scratch);
  for (size_t q = 0; q < sequences; q++) {
    const size_t total = starts[q + 1] - starts[q], chunk = ssd_chunk_length(total),
                 chunks = (total + chunk - 1) / chunk;
    for (size_t i = chunks; i-- > 0;) {
      const size_t t0 = starts[q] + i * chunk;
      ssd_chunk k;
      k.length = starts[q + 1] - t0 < chunk ? starts[q + 1] - t0 : chunk;
      k.first = i == 0;
      k.last = i + 1 == chunks;
      k.x = xbc + t0 * ld;
      k.b = k.x + inner;
      k.c = k.b + n;
      k.dt = dt + t0 * dims->heads;
      k.state = i ? states + (i - 1) * inner * n : NULL;
      k.y_gradient = y_gradient + t0 * inner;
      k.x_gradient = xbc_gradient + t0 * ld;
      k.b_gradient = k.x_gradient + inner;
      k.c_gradient = k.b_gradient + n;
      k.dt_gradient = dt_gradient + t0 * dims->heads;
      ssd_backward_chunk(dims, &k, a_log, skip, a_log_gradient, skip_gradient, &s);
    }
    states += (chunks - 1) * inner * n;
  }
}
