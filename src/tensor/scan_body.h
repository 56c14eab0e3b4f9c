/* Template of tx_scan after a micro-kernel over floats (products_encode.h, micro_*.h) and math_body.h.

   Inside a chunk Y = W X with W[t,s] = exp(c_t - c_s) (C_t . B_s) dt_s for s <= t, c_t the running sum of
   dt_t a. W is made strip by strip (MR tokens t) in the layout that the micro-kernel reads. For s before the
   strip the exponential is split at the strip's first token t0, exp(c_t - c_t0) exp(c_t0 - c_s), both at most
   1: one exponential per s instead of MR. The skip is added to W's diagonal, and the state before the chunk
   joins as further terms of the same sums: exp(c_t) C_t . S. */

#define SCAN_LD (TX_SCAN_CHUNK + 64) /* floats of a row of tokens, padded for whole tiles */

typedef struct scan_parts {
  float *c_columns; /* (N, SCAN_LD) C transposed, zero beyond the chunk */
  float *products;  /* (chunk, SCAN_LD) row s: C_t . B_s over t */
  float *panel;     /* (chunk or N, AP) */
  float *scaled;    /* (chunk, P) x_s exp(c_end - c_s) dt_s */
  float *running;   /* (SCAN_LD) c_t */
  float *step;      /* (SCAN_LD) dt_t of one head */
  float *factor;    /* (SCAN_LD) */
} scan_parts;

static scan_parts scan_parts_of(const tx_ssd_dims *dims, float *scratch)
{
  const size_t widest = dims->state > TX_SCAN_CHUNK ? dims->state : TX_SCAN_CHUNK;
  scan_parts p;
  p.c_columns = scratch;
  p.products = p.c_columns + dims->state * SCAN_LD;
  p.panel = p.products + (size_t)TX_SCAN_CHUNK * SCAN_LD;
  p.scaled = p.panel + widest * 16;
  p.running = p.scaled + TX_SCAN_CHUNK * dims->head_width;
  p.step = p.running + SCAN_LD;
  p.factor = p.step + SCAN_LD;
  return p;
}

/* c (rows, columns; ldc) = or += panel (words, AP) times b (words, columns; ldb). */
static void scan_multiply(size_t rows, size_t columns, size_t words, const float *panel, const float *b,
                          size_t ldb, bool accumulate, float *c, size_t ldc)
{
  for (size_t n0 = 0; n0 < columns; n0 += NR) {
    const struct tile tile = {.c = c + n0,
                              .ldc = ldc,
                              .rows = rows,
                              .columns = columns - n0 < NR ? columns - n0 : NR,
                              .accumulate = accumulate,
                              .ldb = ldb};
    micro(words, (const uint32_t *)(const void *)panel, (const uint32_t *)(const void *)(b + n0), &tile);
  }
}

/* Transposes C, and computes C_t . B_s where s can affect t. */
static void scan_products(const tx_ssd_dims *dims, const tx_scan_chunk *k, const scan_parts *p)
{
  const size_t n = dims->state, length = k->length, padded = (length + MR - 1) / MR * MR;
  for (size_t i = 0; i < n; i++)
    for (size_t t = length; t < padded; t++) p->c_columns[i * SCAN_LD + t] = 0;
  for (size_t t = 0; t < length; t++)
    for (size_t i = 0; i < n; i++) p->c_columns[i * SCAN_LD + t] = k->c[t * n + i];
  for (size_t s0 = 0; s0 < length; s0 += MR) {
    const size_t rows = length - s0 < MR ? length - s0 : MR, from = s0 / NR * NR;
    transpose(rows, AP, n, (const uint32_t *)(const void *)(k->b + s0 * n), n, (uint32_t *)(void *)p->panel);
    scan_multiply(rows, padded - from, n, p->panel, p->c_columns + from, SCAN_LD, false,
                  p->products + s0 * SCAN_LD + from, SCAN_LD);
  }
}

/* W of the strip t0.. of one head into the panel; s runs to the end of the strip. */
static void scan_weights(size_t t0, size_t end, float skip, const scan_parts *p)
{
  const float *running = p->running, *step = p->step, base = running[t0];
  float *factor = p->factor, decay[AP];
#pragma omp simd
  for (size_t s = 0; s < t0; s++) factor[s] = real_exp(base - running[s]) * step[s];
#pragma omp simd
  for (size_t i = 0; i < AP; i++) decay[i] = real_exp(running[t0 + i] - base);
  for (size_t s = 0; s < t0; s++) {
    const float *product = p->products + s * SCAN_LD + t0, f = factor[s];
    float *w = p->panel + s * AP;
#pragma omp simd
    for (size_t i = 0; i < AP; i++) w[i] = product[i] * (decay[i] * f);
  }
  for (size_t s = t0; s < end; s++) {
    const float *product = p->products + s * SCAN_LD + t0, now = running[s], f = step[s];
    float *w = p->panel + s * AP;
#pragma omp simd
    for (size_t i = 0; i < AP; i++) {
      const float value = product[i] * (real_exp(running[t0 + i] - now) * f);
      w[i] = t0 + i >= s ? value : 0.0f;
    }
    w[s - t0] += skip;
  }
}

/* The state at the end of the chunk: S = exp(c_end) S + sum over s of exp(c_end - c_s) dt_s B_s x_s^T. */
static void scan_carry(const tx_ssd_dims *dims, const tx_scan_chunk *k, const float *x, float *state,
                       const scan_parts *p)
{
  const size_t n = dims->state, width = dims->head_width, length = k->length;
  const float end = p->running[length - 1], decay = real_exp(end);
#pragma omp simd
  for (size_t s = 0; s < length; s++) p->factor[s] = real_exp(end - p->running[s]) * p->step[s];
  for (size_t s = 0; s < length; s++)
#pragma omp simd
    for (size_t j = 0; j < width; j++) p->scaled[s * width + j] = x[s * width + j] * p->factor[s];
  if (!k->first)
#pragma omp simd
    for (size_t j = 0; j < n * width; j++) state[j] *= decay;
  for (size_t n0 = 0; n0 < n; n0 += MR) {
    const size_t rows = n - n0 < MR ? n - n0 : MR;
    for (size_t s = 0; s < length; s++)
      for (size_t i = 0; i < MR; i++) p->panel[s * AP + i] = k->b[s * n + n0 + (i < rows ? i : 0)];
    scan_multiply(rows, width, length, p->panel, p->scaled, width, !k->first, state + n0 * width, width);
  }
}

static void scan_head(const tx_ssd_dims *dims, size_t h, float a, float skip, const tx_scan_chunk *k,
                      const scan_parts *p)
{
  const size_t n = dims->state, width = dims->head_width, length = k->length;
  const float *x = k->x + h * k->x_head;
  float *state = k->state + h * n * width, sum = 0;
  for (size_t t = 0; t < length; t++) {
    p->step[t] = k->dt[t * dims->heads + h];
    sum += p->step[t] * a;
    p->running[t] = sum;
  }
  for (size_t t = length; t < length + AP; t++) p->running[t] = sum;
  for (size_t t0 = 0; t0 < length; t0 += MR) {
    const size_t rows = length - t0 < MR ? length - t0 : MR;
    float *y = k->y + t0 * k->ldy + h * width;
    scan_weights(t0, t0 + rows, skip, p);
    scan_multiply(rows, width, t0 + rows, p->panel, x, width, false, y, k->ldy);
    if (k->first) continue;
    {
      float decay[AP];
#pragma omp simd
      for (size_t i = 0; i < AP; i++) decay[i] = real_exp(p->running[t0 + i]);
      for (size_t j = 0; j < n; j++)
#pragma omp simd
        for (size_t i = 0; i < AP; i++) p->panel[j * AP + i] = p->c_columns[j * SCAN_LD + t0 + i] * decay[i];
    }
    scan_multiply(rows, width, n, p->panel, state, width, true, y, k->ldy);
  }
  if (!k->last) scan_carry(dims, k, x, state, p);
}

static void scan_run(const tx_ssd_dims *dims, const float *a, const float *skip, const tx_scan_chunk *chunk,
                     float *scratch)
{
  const scan_parts parts = scan_parts_of(dims, scratch);
  scan_products(dims, chunk, &parts);
  for (size_t h = 0; h < dims->heads; h++) scan_head(dims, h, a[h], skip[h], chunk, &parts);
}

const tx_scan SCAN_NAME = {.run = scan_run};
