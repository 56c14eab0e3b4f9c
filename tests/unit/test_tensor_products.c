/* Products of packed weights at every CPU level and precision against products in double, and the scan of the
   state-space part against the reference. */
#include "tensor/products.h"

#include "base/cpu.h"
#include "base/memory.h"
#include "base/random.h"
#include "tensor/kernels.h"
#include "tensor/quantise.h"
#include "tensor/scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static tx_random stream;

static float *normal(size_t count, double scale)
{
  float *values = tx_calloc_aligned(count + 1, sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < count; i++) values[i] = (float)(scale * tx_random_normal(&stream));
  return values;
}

/* c (rows, n) = x (rows, k) w^T by the blocks of k. */
static void multiply(const tx_product *p, size_t rows, size_t n, size_t k, const float *x,
                     const void *weights, float *c)
{
  void *panel = tx_malloc_aligned(p->rows_size(rows), 1);
  assert_non_null(panel);
  for (size_t block = 0; block < tx_product_blocks(k); block++) {
    const size_t start = tx_product_block_start(k, block);
    p->pack_rows(rows, tx_product_block_start(k, block + 1) - start, x + start, k, panel);
    p->multiply(rows, 0, n, n, k, block, panel, weights, block > 0, c, n);
  }
  free(panel);
}

static void *pack(const tx_product *p, size_t n, size_t k, const float *w)
{
  void *packed = tx_malloc_aligned(p->weights_size(n, k), 1);
  assert_non_null(packed);
  p->pack_weights(n, k, w, packed);
  return packed;
}

static void for_each(void (*test)(const tx_product *p, tx_precision precision))
{
  size_t products = 0;
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  for (size_t i = 0; i < count; i++)
    for (int precision = TX_PRECISION_FLOAT32; precision <= TX_PRECISION_INT8; precision++) {
      const tx_product *p = tx_product_with(sets[i].features, (tx_precision)precision);
      if (!tx_cpu_has(tx_cpu_found(), sets[i].features)) continue;
      tx_random_seed(&stream, 7, (uint64_t)i, (uint64_t)precision, 0);
      test(p, (tx_precision)precision);
      products++;
    }
  assert_true(products >= 3);
}

static const size_t shapes[][3] = {{1, 1, 1},      {14, 32, 8},   {15, 33, 257},  {3, 100, 300},
                                   {110, 48, 110}, {29, 164, 32}, {126, 70, 385}, {6, 8, 1000},
                                   {7, 17, 3},     {28, 65, 768}};

/* The root mean square of the error, relative to that of the result. */
static void product_is_near(const tx_product *p, tx_precision precision)
{
  static const double bounds[] = {
      [TX_PRECISION_FLOAT32] = 2e-6, [TX_PRECISION_BF16] = 5e-3, [TX_PRECISION_INT8] = 3e-2};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    const size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
    float *x = normal(m * k, 1), *w = normal(n * k, 0.1), *c = normal(m * n, 1);
    void *packed = pack(p, n, k, w);
    double squares = 0, errors = 0;
    multiply(p, m, n, k, x, packed, c);
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++) {
        double exact = 0;
        for (size_t q = 0; q < k; q++) exact += (double)x[i * k + q] * (double)w[j * k + q];
        squares += exact * exact;
        errors += ((double)c[i * n + j] - exact) * ((double)c[i * n + j] - exact);
      }
    if (!(sqrt(errors) <= bounds[precision] * sqrt(squares)))
      fail_msg("%s (%zu x %zu x %zu): error %.3g, allowed %.3g", p->name, m, n, k, sqrt(errors / squares),
               bounds[precision]);
    free(x);
    free(w);
    free(c);
    free(packed);
  }
}

static void products_are_near(void **state)
{
  (void)state;
  for_each(product_is_near);
}

/* Adding to what is there, and a range of the columns. */
static void parts_of_a_product(const tx_product *p, tx_precision precision)
{
  enum { M = 17, N = 100, K = 90 };
  float *x = normal(M * K, 1), *w = normal(N * K, 1), *all = normal(M * N, 1), *sum = normal(M * N, 1),
        *before = normal(M * N, 0), *some = normal(M * 36, 1);
  void *packed = pack(p, N, K, w), *panel = tx_malloc_aligned(p->rows_size(M), 1);
  (void)precision;
  assert_non_null(panel);
  multiply(p, M, N, K, x, packed, all);
  memcpy(before, sum, M * N * sizeof *sum);
  p->pack_rows(M, K, x, K, panel);
  p->multiply(M, 0, N, N, K, 0, panel, packed, true, sum, N);
  for (size_t i = 0; i < M * N; i++)
    if (sum[i] != before[i] + all[i])
      fail_msg("%s: %.9g added to %.9g gives %.9g", p->name, (double)all[i], (double)before[i],
               (double)sum[i]);
  p->multiply(M, 64, 36, N, K, 0, panel, packed, false, some, 36);
  for (size_t i = 0; i < M; i++) assert_memory_equal(some + i * 36, all + i * N + 64, 36 * sizeof *some);
  free(x), free(w), free(all), free(sum), free(before), free(some), free(packed), free(panel);
}

static void parts_add_up(void **state)
{
  (void)state;
  for_each(parts_of_a_product);
}

/* A row's bits are the same alone and among others. */
static void row_alone(const tx_product *p, tx_precision precision)
{
  enum { M = 37, N = 50, K = 800 };
  float *x = normal(M * K, 1), *w = normal(N * K, 1), *all = normal(M * N, 0), one[N];
  void *packed = pack(p, N, K, w);
  (void)precision;
  multiply(p, M, N, K, x, packed, all);
  for (size_t i = 0; i < M; i++) {
    multiply(p, 1, N, K, x + i * K, packed, one);
    if (memcmp(one, all + i * N, sizeof one))
      fail_msg("%s: row %zu alone is not what it is among others", p->name, i);
  }
  free(x), free(w), free(all), free(packed);
}

static void rows_are_invariant(void **state)
{
  (void)state;
  for_each(row_alone);
}

/* A whole number of -63..63; in every third row the largest, of one sign or the other, so that no sum of 16
   bits has room to spare. */
static int seven_bits(size_t row, size_t column, int first)
{
  if (column == 0) return first; /* fixes the scale */
  if (row % 3 == 0) return row % 2 ? -63 : 63;
  return (int)tx_random_below(&stream, 127) - 63;
}

/* On activations and weights of 63 steps int8 rounds nothing: the sums are those of whole numbers, to the
   last bit, at every level. */
static void whole_numbers(const tx_product *p, tx_precision precision)
{
  enum { M = 19, N = 35, K = 383 };
  const float step = 127.0f / 63.0f; /* the scale of weights up to 127 in magnitude */
  float *x = normal(M * K, 0), *w = normal(N * K, 0), *c = normal(M * N, 0);
  void *packed;
  if (precision == TX_PRECISION_INT8) {
    for (size_t i = 0; i < M * K; i++) x[i] = (float)seven_bits(i / K, i % K, 63);
    for (size_t i = 0; i < N * K; i++) w[i] = (float)seven_bits(i / K, i % K, -63) * step;
    packed = pack(p, N, K, w);
    multiply(p, M, N, K, x, packed, c);
    for (size_t i = 0; i < M; i++)
      for (size_t j = 0; j < N; j++) {
        long sum = 0;
        for (size_t q = 0; q < K; q++) sum += (long)x[i * K + q] * lrintf(w[j * K + q] / step);
        if (c[i * N + j] != (float)sum * step)
          fail_msg("%s: %.9g, exactly %.9g", p->name, (double)c[i * N + j], (double)((float)sum * step));
      }
    free(packed);
  }
  free(x), free(w), free(c);
}

static void int8_sums_are_exact(void **state)
{
  (void)state;
  for_each(whole_numbers);
}

/* A value that is not finite reaches the result. */
static void not_finite(const tx_product *p, tx_precision precision)
{
  enum { M = 3, N = 4, K = 40 };
  float *x = normal(M * K, 1), *w = normal(N * K, 1), c[M * N];
  void *packed = pack(p, N, K, w);
  (void)precision;
  x[K + 7] = NAN;
  x[2 * K + 9] = INFINITY;
  multiply(p, M, N, K, x, packed, c);
  for (size_t j = 0; j < N; j++)
    assert_true(isfinite(c[j]) && !isfinite(c[N + j]) && !isfinite(c[2 * N + j]));
  free(x), free(w), free(packed);
}

static void what_is_not_finite_shows(void **state)
{
  (void)state;
  for_each(not_finite);
}

/* The general product in its eight forms, with gaps between the rows. */
static void general_forms(const tx_product *p, tx_precision precision)
{
  if (!p->gemm) {
    assert_int_equal(precision, TX_PRECISION_INT8);
    return;
  }
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s += TX_LIGHT_TESTS ? 3 : 1)
    for (int form = 0; form < 8; form++) {
      const bool ta = form & 1, tb = form & 2, accumulate = form & 4;
      const size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2], lda = (ta ? m : k) + 3,
                   ldb = (tb ? k : n) + 2, ldc = n + 1;
      float *a = normal((ta ? k : m) * lda, 1), *b = normal((tb ? n : k) * ldb, 1), *c = normal(m * ldc, 1),
            *before = normal(m * ldc, 0);
      float *scratch = normal(*p->gemm_scratch, 1);
      double squares = 0, errors = 0;
      memcpy(before, c, m * ldc * sizeof *c);
      p->gemm(ta, tb, m, n, k, a, lda, b, ldb, accumulate, c, ldc, scratch);
      for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
          double exact = accumulate ? (double)before[i * ldc + j] : 0;
          squares += exact * exact; /* what is added to is rounded too */
          for (size_t q = 0; q < k; q++) {
            const double term = (double)(ta ? a[q * lda + i] : a[i * lda + q]) *
                                (double)(tb ? b[j * ldb + q] : b[q * ldb + j]);
            exact += term;
            squares += term * term;
          }
          errors += ((double)c[i * ldc + j] - exact) * ((double)c[i * ldc + j] - exact);
        }
        assert_memory_equal(c + i * ldc + n, before + i * ldc + n, sizeof *c);
      }
      if (!(sqrt(errors) <= (precision == TX_PRECISION_BF16 ? 8e-3 : 2e-6) * sqrt(squares)))
        fail_msg("%s gemm (%zu x %zu x %zu), form %d: error %.3g", p->name, m, n, k, form,
                 sqrt(errors / squares));
      free(a), free(b), free(c), free(before), free(scratch);
    }
}

static void general_products_are_near(void **state)
{
  (void)state;
  for_each(general_forms);
}

/* A sequence in chunks of `chunk` tokens through the scan, against the reference in double. */
static void scan_sequence(const tx_cpu_set *set, size_t length, size_t chunk, const tx_ssd_dims *dims)
{
  const tx_scan *scan = tx_scan_with(set->features);
  const tx_kernels_double *r = tx_kernels_reference();
  const size_t n = dims->state, p = dims->head_width, h = dims->heads, inner = p * h,
               channels = inner + 2 * n;
  const uint32_t starts[2] = {0, (uint32_t)length};
  float *xbc = normal(length * channels, 1), *dt = normal(length * h, 0.3), *a_log = normal(h, 1),
        *skip = normal(h, 1), *a = normal(h, 0);
  float *x = normal(length * inner, 0), *b = normal(length * n, 0), *c = normal(length * n, 0),
        *y = normal(length * (inner + 3), 1);
  float *state = normal(inner * n, 1), *scratch = normal(tx_scan_scratch(dims), 1);
  double *xbc_d = calloc(length * channels, sizeof(double)), *dt_d = calloc(length * h, sizeof(double)),
         *y_d = calloc(length * inner, sizeof(double));
  double *a_d = calloc(h, sizeof(double)), *skip_d = calloc(h, sizeof(double)),
         *room = calloc(tx_ssd_scratch(dims, 0), sizeof(double));
  double squares = 0;
  assert_true(xbc_d && dt_d && y_d && a_d && skip_d && room);
  for (size_t i = 0; i < length * h; i++) dt_d[i] = (double)(dt[i] = fabsf(dt[i]) + 0.001f);
  for (size_t i = 0; i < h; i++) a[i] = -(float)exp(a_d[i] = (double)a_log[i]), skip_d[i] = (double)skip[i];
  for (size_t i = 0; i < length * channels; i++) xbc_d[i] = (double)xbc[i];
  for (size_t t = 0; t < length; t++) {
    for (size_t i = 0; i < inner; i++) x[(i / p * length + t) * p + i % p] = xbc[t * channels + i];
    memcpy(b + t * n, xbc + t * channels + inner, n * sizeof *b);
    memcpy(c + t * n, xbc + t * channels + inner + n, n * sizeof *c);
  }
  for (size_t t = 0; t < length; t += chunk) {
    const size_t rows = length - t < chunk ? length - t : chunk;
    const tx_scan_chunk k = {rows,      t == 0,    t + rows == length, x + t * p, length * p,
                             b + t * n, c + t * n, dt + t * h,         state,     y + t * (inner + 3),
                             inner + 3};
    scan->run(dims, a, skip, &k, scratch);
  }
  r->ssd(dims, 1, starts, xbc_d, dt_d, a_d, skip_d, y_d, NULL, room);
  for (size_t i = 0; i < length * inner; i++) squares += y_d[i] * y_d[i];
  for (size_t t = 0; t < length; t++)
    for (size_t i = 0; i < inner; i++) {
      const double got = (double)y[t * (inner + 3) + i], want = y_d[t * inner + i];
      if (!(fabs(got - want) <= 2e-5 * (fabs(want) + sqrt(squares / (double)(length * inner)))))
        fail_msg("scan at %s, %zu tokens in chunks of %zu: [%zu, %zu] %.9g, reference %.9g", set->name,
                 length, chunk, t, i, got, want);
    }
  free(xbc), free(dt), free(a_log), free(skip), free(a), free(x), free(b), free(c), free(y), free(state),
      free(scratch);
  free(xbc_d), free(dt_d), free(y_d), free(a_d), free(skip_d), free(room);
}

static void scans_match(void **state)
{
  static const tx_ssd_dims dims[] = {{.state = 64, .head_width = 48, .heads = 3},
                                     {.state = 5, .head_width = 7, .heads = 2},
                                     {.state = 130, .head_width = 16, .heads = 1}};
  static const size_t lengths[][2] = {{1, 128},   {6, 128}, {14, 128}, {15, 128}, {110, 128},
                                      {128, 128}, {64, 63}, {126, 63}, {300, 63}, {33, 1}};
  (void)state;
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  for (size_t s = 0; s < count; s++) {
    if (!tx_cpu_has(tx_cpu_found(), sets[s].features)) continue;
    tx_random_seed(&stream, 11, (uint64_t)s, 0, 0);
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
      for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i += TX_LIGHT_TESTS ? 2 : 1)
        scan_sequence(&sets[s], lengths[i][0], lengths[i][1], &dims[d]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_are_near),         cmocka_unit_test(parts_add_up),
      cmocka_unit_test(rows_are_invariant),        cmocka_unit_test(int8_sums_are_exact),
      cmocka_unit_test(what_is_not_finite_shows),  cmocka_unit_test(scans_match),
      cmocka_unit_test(general_products_are_near),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
