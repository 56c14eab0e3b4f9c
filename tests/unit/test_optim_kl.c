/* KL-Shampoo and KL-SOAP: one matrix of any shape against the formulas in double, and all matrices of a
   network. */
#include "optim/kl.h"

#include "base/memory.h"
#include "base/random.h"
#include "optim/adamw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/load_blas.h"

static void *must(void *pointer)
{
  assert_non_null(pointer);
  return pointer;
}

static void fill(size_t count, uint64_t seed, double size, float *values)
{
  tx_random random;
  tx_random_seed(&random, seed, 0, 0, 0);
  for (size_t i = 0; i < count; i++) values[i] = (float)(size * tx_random_normal(&random));
}

static float *random_floats(size_t count, uint64_t seed, double size)
{
  float *values = must(tx_calloc_aligned(count, sizeof *values));
  fill(count, seed, size, values);
  return values;
}

static double *zeros(size_t count)
{
  return must(calloc(count, sizeof(double)));
}

/* c (m, n) = op(a) op(b) in double; k terms. */
static void multiply(bool at, bool bt, size_t m, size_t n, size_t k, const double *a, const double *b,
                     double *c)
{
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t l = 0; l < k; l++)
        sum += (at ? a[l * m + i] : a[i * k + l]) * (bt ? b[j * k + l] : b[l * n + j]);
      c[i * n + j] = sum;
    }
}

/* The reference: everything in double, the moment M of KL-Shampoo in the weights' own basis, as the formulas
   have it. */
typedef struct reference {
  const tx_kl_options *options;
  size_t m, n;
  double *w, *moment, *second, *l, *r, *ql, *qr, *ll, *lr;
} reference;

static void copy_in(size_t count, const float *from, double *to)
{
  for (size_t i = 0; i < count; i++) to[i] = (double)from[i];
}

static double bounded(double value, size_t side, double clamp)
{
  return fmin(1 / sqrt(value), fmax(10, fmin((double)side, clamp)));
}

/* The kept eigenvalue: that of the bounded inverse root. */
static double kept(double value, size_t side, double clamp)
{
  return pow(bounded(value, side, clamp), -2);
}

/* q = orthonormalised columns of factor q, by modified Gram-Schmidt twice. */
static void renew(size_t side, const double *factor, double *q)
{
  double *x = zeros(side * side);
  multiply(false, false, side, side, side, factor, q, x);
  for (size_t j = 0; j < side; j++) {
    double norm = 0;
    for (int pass = 0; pass < 2; pass++)
      for (size_t p = 0; p < j; p++) {
        double sum = 0;
        for (size_t i = 0; i < side; i++) sum += x[i * side + p] * x[i * side + j];
        for (size_t i = 0; i < side; i++) x[i * side + j] -= sum * x[i * side + p];
      }
    for (size_t i = 0; i < side; i++) norm += x[i * side + j] * x[i * side + j];
    for (size_t i = 0; i < side; i++) x[i * side + j] /= sqrt(norm);
  }
  memcpy(q, x, side * side * sizeof *q);
  free(x);
}

static void reference_factors(reference *f, const double *g, const double *h)
{
  const size_t m = f->m, n = f->n;
  const double b2 = f->options->beta2;
  double *a = zeros(m * n), *b = zeros(m * n), *square = zeros((m > n ? m : n) * (m > n ? m : n)),
         *dl = zeros(m), *dr = zeros(n);
  multiply(false, false, m, n, n, g, f->qr, a);
  multiply(true, false, m, n, m, f->ql, g, b);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      const double sl = bounded(f->ll[i], m, f->options->clamp), sr = bounded(f->lr[j], n, f->options->clamp);
      a[i * n + j] *= sr;
      b[i * n + j] *= sl;
      dl[i] += pow(h[i * n + j] * sr, 2) / (double)n;
      dr[j] += pow(h[i * n + j] * sl, 2) / (double)m;
    }
  multiply(false, true, m, m, n, a, a, square);
  for (size_t i = 0; i < m * m; i++) f->l[i] = b2 * f->l[i] + (1 - b2) / (double)n * square[i];
  multiply(true, false, n, n, m, b, b, square);
  for (size_t i = 0; i < n * n; i++) f->r[i] = b2 * f->r[i] + (1 - b2) / (double)m * square[i];
  for (size_t i = 0; i < m; i++) f->ll[i] = kept(b2 * f->ll[i] + (1 - b2) * dl[i], m, f->options->clamp);
  for (size_t j = 0; j < n; j++) f->lr[j] = kept(b2 * f->lr[j] + (1 - b2) * dr[j], n, f->options->clamp);
  free(a);
  free(b);
  free(square);
  free(dl);
  free(dr);
}

static void reference_step(reference *f, uint64_t step, double rate, const double *g)
{
  const tx_kl_options *o = f->options;
  const size_t m = f->m, n = f->n;
  double *half = zeros(m * n), *h = zeros(m * n), *p = zeros(m * n), *u = zeros(m * n), squares = 0;
  for (size_t i = 0; i < m * n; i++) f->moment[i] = o->beta1 * f->moment[i] + (1 - o->beta1) * g[i];
  multiply(true, false, m, n, m, f->ql, f->moment, half);
  multiply(false, false, m, n, n, half, f->qr, p);
  multiply(true, false, m, n, m, f->ql, g, half);
  multiply(false, false, m, n, n, half, f->qr, h);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double *v = &f->second[i * n + j], d = bounded(f->ll[i], m, o->clamp) * bounded(f->lr[j], n, o->clamp);
      *v = o->beta2 * *v + (1 - o->beta2) * h[i * n + j] * h[i * n + j];
      p[i * n + j] =
          o->soap ? p[i * n + j] / (sqrt(*v) + o->epsilon) : p[i * n + j] * d / (1 + o->epsilon * d);
    }
  multiply(false, false, m, n, m, f->ql, p, half);
  multiply(false, true, m, n, n, half, f->qr, u);
  for (size_t i = 0; i < m * n; i++) squares += u[i] * u[i] / (double)(m * n);
  for (size_t i = 0; i < m * n; i++)
    f->w[i] = (f->w[i] - rate * u[i] / (o->normalise ? sqrt(squares) : 1)) * (1 - rate * o->weight_decay);
  reference_factors(f, g, h);
  if (step % o->frequency == 0) renew(m, f->l, f->ql);
  if (step % o->frequency == 0) renew(n, f->r, f->qr);
  free(half);
  free(h);
  free(p);
  free(u);
}

static reference reference_new(const tx_kl_options *options, const tx_kl_matrix *matrix, const float *weights)
{
  const size_t m = matrix->rows, n = matrix->columns;
  reference f = {options,
                 m,
                 n,
                 zeros(m * n),
                 zeros(m * n),
                 zeros(m * n),
                 zeros(m * m),
                 zeros(n * n),
                 zeros(m * m),
                 zeros(n * n),
                 zeros(m),
                 zeros(n)};
  copy_in(m * n, weights, f.w);
  copy_in(m * m, matrix->left, f.l);
  copy_in(n * n, matrix->right, f.r);
  copy_in(m * m, matrix->left_vectors, f.ql);
  copy_in(n * n, matrix->right_vectors, f.qr);
  for (size_t i = 0; i < m; i++) f.ll[i] = 0.1;
  for (size_t i = 0; i < n; i++) f.lr[i] = 0.1;
  return f;
}

static void reference_free(reference *f)
{
  double *const all[] = {f->w, f->moment, f->second, f->l, f->r, f->ql, f->qr, f->ll, f->lr};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

/* First renewal once the gradients span both sides: before, the null space of a factor is arbitrary. */
static void compare(const tx_kl_options *options, size_t m, size_t n)
{
  const size_t count = m * n;
  float *state = must(tx_calloc_aligned(tx_kl_matrix_elements(options, m, n), sizeof *state));
  float *scratch = must(tx_malloc_aligned(tx_kl_matrix_scratch(m, n), sizeof *scratch));
  float *weights = random_floats(count, 3, 0.1), *g = random_floats(count, 100, 0.5);
  double *scaled = zeros(count);
  const char *fault = "";
  tx_kl_matrix matrix;
  reference f;
  tx_kl_matrix_place(options, m, n, state, &matrix);
  assert_int_equal(tx_kl_matrix_start(options, &matrix, &(tx_kl_update){0, 0.02, true, 0.5F, n, g, weights},
                                      scratch, &fault),
                   TX_OK);
  f = reference_new(options, &matrix, weights);
  for (uint64_t step = 1; step <= 2 * options->frequency; step++) {
    fill(count, 100 + step, 0.5, g);
    for (size_t i = 0; i < count; i++) scaled[i] = 0.5 * (double)g[i];
    assert_int_equal(tx_kl_matrix_step(options, &matrix,
                                       &(tx_kl_update){step, 0.02, true, 0.5F, n, g, weights}, scratch,
                                       &fault),
                     TX_OK);
    reference_step(&f, step, 0.02, scaled);
    for (size_t i = 0; i < count; i++)
      if (!(fabs((double)weights[i] - f.w[i]) <= 2e-4 * (0.05 + fabs(f.w[i]))))
        fail_msg("%zu x %zu, step %d, element %zu: %.9g, expected %.9g", m, n, (int)step, i,
                 (double)weights[i], f.w[i]);
  }
  for (size_t i = 0; i < m * m; i++)
    assert_true(fabs((double)matrix.left[i] - f.l[i]) <= 1e-4 * (1 + fabs(f.l[i])));
  for (size_t i = 0; i < n * n; i++)
    assert_true(fabs((double)matrix.right[i] - f.r[i]) <= 1e-4 * (1 + fabs(f.r[i])));
  reference_free(&f);
  free(scaled);
  free(state);
  free(scratch);
  free(weights);
  free(g);
}

static const tx_kl_options standard = {
    .beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-8, .clamp = 4000, .frequency = 10, .block = 4096,
    .weight_decay = 0.1};

static void test_shapes(void **state)
{
  static const size_t shapes[][2] = {{1, 5}, {5, 1}, {1, 1}, {2, 2}, {17, 33}, {40, 210}, {210, 40}};
  (void)state;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes - (TX_LIGHT_TESTS ? 1 : 0); i++)
    for (int kind = 0; kind < 4; kind++) {
      tx_kl_options options = standard;
      options.soap = kind & 1;
      options.normalise = kind & 2;
      options.clamp = kind == 2 ? 20 : 4000;
      options.epsilon = kind == 0 ? 1e-3 : 1e-8;
      compare(&options, shapes[i][0], shapes[i][1]);
    }
}

/* A matrix whose gradient is zero, as that of a head of one class: nothing moves but by its decay. */
static void test_zero_gradient(void **state)
{
  enum { M = 6, N = 9 };
  (void)state;
  for (int kind = 0; kind < 4; kind++) {
    tx_kl_options options = standard;
    float gradient[M * N] = {0}, weights[M * N], *memory,
                       *scratch = must(tx_malloc_aligned(tx_kl_matrix_scratch(M, N), sizeof *scratch));
    const char *fault = "";
    tx_kl_matrix matrix;
    options.soap = kind & 1;
    options.normalise = kind & 2;
    options.frequency = 2;
    memory = must(tx_calloc_aligned(tx_kl_matrix_elements(&options, M, N), sizeof *memory));
    tx_kl_matrix_place(&options, M, N, memory, &matrix);
    for (size_t i = 0; i < M * N; i++) weights[i] = 1;
    assert_int_equal(tx_kl_matrix_start(&options, &matrix,
                                        &(tx_kl_update){0, 0.1, true, 1, N, gradient, weights}, scratch,
                                        &fault),
                     TX_OK);
    for (uint64_t step = 1; step < 20; step++)
      assert_int_equal(tx_kl_matrix_step(&options, &matrix,
                                         &(tx_kl_update){step, 0.1, step % 2, 1, N, gradient, weights},
                                         scratch, &fault),
                       TX_OK);
    for (size_t i = 0; i < M * N; i++) assert_true(fabs((double)weights[i] - pow(0.99, 10)) <= 1e-5);
    free(memory);
    free(scratch);
  }
}

static const tx_dims network = {.vocabulary = 72,
                                .width = 48,
                                .layers = 2,
                                .state = 16,
                                .head_width = 16,
                                .expand = 2,
                                .kernel = 4,
                                .mlp = 192,
                                .head_count = 3,
                                .heads = {{TX_HEAD_TAXA, 1}, {TX_HEAD_TAXA, 30}, {TX_HEAD_TAXA, 400}}};

typedef struct both {
  tx_adamw adamw;
  tx_kl kl;
  tx_parameter_groups groups;
} both;

static void both_new(const tx_kl_options *options, size_t limit, size_t threads, both *b)
{
  const tx_group_rules rules = {.encoder_rate = 1, .preconditioner_limit = limit};
  const tx_adamw_options adamw = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1};
  tx_error error;
  assert_int_equal(tx_parameter_groups_create(&network, &rules, &b->groups, &error), TX_OK);
  assert_int_equal(tx_adamw_create(&b->groups, &adamw, &b->adamw, &error), TX_OK);
  assert_int_equal(tx_kl_create(&b->groups, options, threads, &b->kl, &error), TX_OK);
}

static void both_free(both *b)
{
  tx_adamw_free(&b->adamw);
  tx_kl_free(&b->kl);
  tx_parameter_groups_free(&b->groups);
}

static void train(both *b, size_t threads, size_t steps, float *weights)
{
  const size_t elements = tx_layout_elements(&network);
  float *g = random_floats(elements, 0, 1e-2);
  const tx_kl_entry *failed;
  tx_pool *pool = NULL;
  tx_error error;
  assert_int_equal(tx_pool_create(threads, &pool, &error), TX_OK);
  for (size_t s = 0; s < steps; s++) {
    fill(elements, 50 + s, 1e-2, g);
    tx_adamw_step(&b->adamw, pool, 1e-2, 0.5F, g, weights);
    assert_int_equal(tx_kl_step(&b->kl, pool, 1e-2, 0.5F, g, weights, &failed), TX_OK);
    assert_null(failed);
  }
  tx_pool_free(pool);
  free(g);
}

/* Which tensors they fit, and that AdamW does to the others what it does alone. */
static void test_choice(void **state)
{
  const size_t elements = tx_layout_elements(&network), limit = 300;
  float *weights = random_floats(elements, 9, 0.02), *alone = random_floats(elements, 9, 0.02),
        *start = random_floats(elements, 9, 0.02);
  both b, plain;
  size_t fitted = 0, taken = 0;
  (void)state;
  both_new(&standard, limit, 2, &b);
  both_new(&standard, 0, 2, &plain);
  train(&b, 2, 3, weights);
  train(&plain, 2, 3, alone);
  assert_int_equal(plain.kl.count, 0);
  assert_int_equal(plain.adamw.elements, elements);
  for (size_t i = 0; i < tx_layout_count(&network); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&network, i, &info);
    const bool expected = strstr(info.name, "_proj.weight") || strstr(info.name, "fc1.weight") ||
                          strstr(info.name, "fc2.weight") ||
                          /* heads.0 has one class, heads.2 more than the limit */
                          strcmp(info.name, "heads.1.weight") == 0;
    if (b.groups.groups[i].preconditioned != expected) fail_msg("%s", info.name);
    assert_memory_not_equal(weights + info.offset, start + info.offset, info.count * sizeof *weights);
    if (expected)
      assert_memory_not_equal(weights + info.offset, alone + info.offset, info.count * sizeof *weights);
    else
      assert_memory_equal(weights + info.offset, alone + info.offset, info.count * sizeof *weights);
    taken += expected;
    fitted += expected ? info.count : 0;
  }
  assert_int_equal(b.kl.count, taken);
  assert_int_equal(b.kl.matrices, taken);
  assert_int_equal(b.adamw.elements, elements - fitted);
  assert_true(tx_suits_preconditioner(&network, tx_layout_count(&network) - 2,
                                      400)); /* the last head's weight, just at the limit */
  assert_false(tx_suits_preconditioner(&network, tx_layout_count(&network) - 2, 399));
  both_free(&b);
  both_free(&plain);
  free(weights);
  free(alone);
  free(start);
}

/* A block of a matrix is updated as a matrix of its own, and nothing is left out or updated twice. */
static void test_blocks(void **state)
{
  enum { BLOCK = 40, STEPS = 3 };
  const size_t elements = tx_layout_elements(&network);
  float *weights = random_floats(elements, 9, 0.02), *alone = random_floats(elements, 9, 0.02),
        *g = random_floats(elements, 0, 1e-2);
  unsigned char *updates = must(calloc(elements, 1));
  tx_kl_options options = standard;
  const char *fault = "";
  both b;
  (void)state;
  options.soap = true;
  options.block = BLOCK;
  options.frequency = 2;
  both_new(&options, 4096, 2, &b);
  train(&b, 2, STEPS, weights);
  assert_true(b.kl.count > b.kl.matrices);
  for (size_t e = 0; e < b.kl.count; e++) {
    const tx_kl_entry *entry = &b.kl.entries[e];
    const size_t m = entry->state.rows, n = entry->state.columns;
    float *memory = must(tx_calloc_aligned(tx_kl_matrix_elements(&options, m, n), sizeof *memory)),
          *scratch = must(tx_malloc_aligned(tx_kl_matrix_scratch(m, n), sizeof *scratch)),
          *own = must(tx_calloc_aligned(m * n, sizeof *own)),
          *gradient = must(tx_calloc_aligned(m * n, sizeof *gradient));
    tx_kl_matrix matrix;
    assert_true(m >= BLOCK / 2 && m <= BLOCK && n >= BLOCK / 2 && n <= BLOCK);
    tx_kl_matrix_place(&options, m, n, memory, &matrix);
    for (size_t i = 0; i < m * n; i++) own[i] = alone[entry->offset + i / n * entry->stride + i % n];
    for (size_t s = 0; s < STEPS; s++) {
      const tx_kl_update update = {s, 1e-2 * entry->rate, entry->decay, 0.5F, n, gradient, own};
      fill(elements, 50 + s, 1e-2, g);
      for (size_t i = 0; i < m * n; i++) gradient[i] = g[entry->offset + i / n * entry->stride + i % n];
      assert_int_equal(s ? tx_kl_matrix_step(&options, &matrix, &update, scratch, &fault)
                         : tx_kl_matrix_start(&options, &matrix, &update, scratch, &fault),
                       TX_OK);
    }
    for (size_t i = 0; i < m * n; i++) {
      const size_t at = entry->offset + i / n * entry->stride + i % n;
      assert_memory_equal(&own[i], &weights[at], sizeof *own);
      updates[at]++;
    }
    free(memory);
    free(scratch);
    free(own);
    free(gradient);
  }
  for (size_t i = 0; i < tx_layout_count(&network); i++) {
    const tx_parameter_group *group = &b.groups.groups[i];
    for (size_t j = 0; j < group->tensor.count; j++)
      assert_int_equal(updates[group->tensor.offset + j], group->preconditioned);
  }
  both_free(&b);
  free(weights);
  free(alone);
  free(g);
  free(updates);
}

static void test_threads(void **state)
{
  static const size_t threads[] = {1, 2, 5, 16};
  const size_t elements = tx_layout_elements(&network);
  (void)state;
  for (int soap = 0; soap < 2; soap++) {
    float *first = NULL, *first_state = NULL;
    tx_kl_options options = standard;
    options.soap = soap;
    options.frequency = 3;
    options.block = soap ? 64 : 4096;
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
      float *weights = random_floats(elements, 9, 0.02);
      both b;
      both_new(&options, 4096, threads[i], &b);
      train(&b, threads[i], 8, weights);
      if (!first) {
        first = weights;
        first_state = b.kl.state;
        b.kl.state = NULL;
      } else {
        assert_memory_equal(weights, first, elements * sizeof *weights);
        assert_memory_equal(b.kl.state, first_state, b.kl.elements * sizeof *weights);
        free(weights);
      }
      both_free(&b);
    }
    free(first);
    free(first_state);
  }
}

/* What is not finite is told, with the matrix's name. */
static void test_not_finite(void **state)
{
  const size_t elements = tx_layout_elements(&network);
  float *weights = random_floats(elements, 9, 0.02), *g = random_floats(elements, 1, 1e25),
        *small = random_floats(elements, 1, 1e-2);
  const tx_kl_entry *failed = NULL;
  tx_pool *pool = NULL;
  tx_error error;
  both b;
  (void)state;
  assert_int_equal(tx_pool_create(2, &pool, &error), TX_OK);
  both_new(&standard, 4096, 2, &b);
  /* the first: squares overflow */
  assert_int_equal(tx_kl_step(&b.kl, pool, 1e-2, 1, g, weights, &failed), TX_ERROR_NUMERIC);
  assert_non_null(failed);
  assert_non_null(strstr(failed->name, ".weight"));
  assert_non_null(strstr(failed->fault, "factor"));
  both_free(&b);
  both_new(&standard, 4096, 2, &b);
  assert_int_equal(tx_kl_step(&b.kl, pool, 1e-2, 1, small, weights, &failed), TX_OK);
  assert_int_equal(tx_kl_step(&b.kl, pool, 1e-2, 1, g, weights, &failed), TX_ERROR_NUMERIC); /* a later one */
  both_free(&b);
  both_new(&standard, 4096, 2, &b);
  assert_int_equal(tx_kl_step(&b.kl, pool, 1e-2, 1, small, weights, &failed), TX_OK);
  b.kl.entries[1].state.left_values[2] = NAN;
  assert_int_equal(tx_kl_step(&b.kl, pool, 1e-2, 1, small, weights, &failed), TX_ERROR_NUMERIC);
  assert_ptr_equal(failed, &b.kl.entries[1]);
  both_free(&b);
  tx_pool_free(pool);
  free(weights);
  free(g);
  free(small);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes), cmocka_unit_test(test_zero_gradient),
                                     cmocka_unit_test(test_choice), cmocka_unit_test(test_blocks),
                                     cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_not_finite)};
  return cmocka_run_group_tests(tests, load_blas, NULL);
}
