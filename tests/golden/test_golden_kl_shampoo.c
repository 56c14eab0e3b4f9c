/* KL-Shampoo and KL-SOAP against golden/kl_shampoo.safetensors: 25 steps of the authors' code, five variants. */
#include "golden/golden.h"

#include "base/memory.h"
#include "optim/kl_matrix.h"

enum { STEPS = 25 };
static const double weight_bound = 1e-5, state_bound = 1e-4;

typedef struct variant {
  const char *prefix;
  size_t rows, columns;
  uint64_t frequency;
  bool soap, normalise;
} variant;

static const variant variants[] = {{"wide.", 6, 10, 3, false, false},
                                   {"tall.", 12, 5, 3, false, false},
                                   {"square.", 8, 8, 10, false, false},
                                   {"klsoap.", 7, 9, 3, true, false},
                                   {"normed.", 6, 6, 4, false, true}};

/* Turns each column of the vectors (side, side) to the side of the reference's. */
static void align_columns(size_t side, const float *reference, float *vectors)
{
  for (size_t j = 0; j < side; j++) {
    float product = 0;
    for (size_t i = 0; i < side; i++) product += reference[i * side + j] * vectors[i * side + j];
    for (size_t i = 0; i < side && product < 0; i++) vectors[i * side + j] = -vectors[i * side + j];
  }
}

static void compare_side(const tx_safetensors *file, const variant *v, char which, size_t side, double clamp, const float *values,
                         float *vectors)
{
  char name[8];
  float scales[16];
  const double most = fmax(10.0, fmin((double)side, clamp));
  const float *reference;
  snprintf(name, sizeof name, "q%c25", which);
  reference = golden_floats(file, v->prefix, name, side * side);
  align_columns(side, reference, vectors);
  golden_compare(name, vectors, reference, side * side, state_bound);
  snprintf(name, sizeof name, "s%c25", which);
  for (size_t i = 0; i < side; i++) scales[i] = (float)fmin(1.0 / sqrt((double)values[i]), most);
  golden_compare(name, scales, golden_floats(file, v->prefix, name, side), side, state_bound);
}

static void run(const tx_safetensors *file, const variant *v)
{
  const size_t m = v->rows, n = v->columns, count = m * n;
  const tx_kl_options options = {.soap = v->soap,
                                 .normalise = v->normalise,
                                 .beta1 = 0.9,
                                 .beta2 = 0.98,
                                 .epsilon = 1e-8,
                                 .clamp = 4000,
                                 .frequency = v->frequency,
                                 .weight_decay = 0.01};
  const float *gradients = golden_floats(file, v->prefix, "grads", STEPS * count);
  const float *after = golden_floats(file, v->prefix, "w", STEPS * count), *start = golden_floats(file, v->prefix, "w0", count);
  float *state = tx_calloc_aligned(tx_kl_matrix_elements(&options, m, n), sizeof *state);
  float *scratch = tx_malloc_aligned(tx_kl_matrix_scratch(m, n), sizeof *scratch), weights[64 * 2];
  const char *fault = "";
  tx_kl_matrix matrix;
  assert_non_null(state);
  assert_non_null(scratch);
  memcpy(weights, start, count * sizeof *weights);
  tx_kl_matrix_place(&options, m, n, state, &matrix);
  assert_int_equal(tx_kl_matrix_start(&options, &matrix, 1.0F, gradients, scratch, &fault), TX_OK);
  /* Of the smaller side every eigenvector is determined by one gradient, but for its sign. */
  if (m <= n) align_columns(m, golden_floats(file, v->prefix, "ql0", m * m), matrix.left_vectors);
  if (n <= m) align_columns(n, golden_floats(file, v->prefix, "qr0", n * n), matrix.right_vectors);
  if (m <= n) golden_compare("ql0", matrix.left_vectors, golden_floats(file, v->prefix, "ql0", m * m), m * m, 1e-3);
  if (n <= m) golden_compare("qr0", matrix.right_vectors, golden_floats(file, v->prefix, "qr0", n * n), n * n, 1e-3);
  memcpy(matrix.left_vectors, golden_floats(file, v->prefix, "ql0", m * m), m * m * sizeof *weights);
  memcpy(matrix.right_vectors, golden_floats(file, v->prefix, "qr0", n * n), n * n * sizeof *weights);
  for (size_t s = 1; s < STEPS; s++) {
    char name[32];
    assert_int_equal(tx_kl_matrix_step(&options, &matrix, s, 1e-2, true, 1.0F, gradients + s * count, weights, scratch, &fault), TX_OK);
    snprintf(name, sizeof name, "%sw after step %zu", v->prefix, s + 1);
    golden_compare(name, weights, after + s * count, count, weight_bound);
  }
  compare_side(file, v, 'l', m, options.clamp, matrix.left_values, matrix.left_vectors);
  compare_side(file, v, 'r', n, options.clamp, matrix.right_values, matrix.right_vectors);
  free(scratch);
  free(state);
}

static void test_trajectories(void **state)
{
  tx_safetensors *file = NULL;
  tx_error error;
  (void)state;
  if (tx_safetensors_open(TX_TESTS_DIR "/golden/kl_shampoo.safetensors", 0, &file, &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    run(file, &variants[i]);
    /* The first step changes nothing. */
    assert_memory_equal(golden_floats(file, variants[i].prefix, "w0", variants[i].rows * variants[i].columns),
                        golden_floats(file, variants[i].prefix, "w", STEPS * variants[i].rows * variants[i].columns),
                        variants[i].rows * variants[i].columns * sizeof(float));
  }
  tx_safetensors_close(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_trajectories)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
