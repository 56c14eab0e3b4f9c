/* The linear probe against the optimum that scikit-learn 1.2.1 finds (LogisticRegression, C = 1, tol 1e-12)
   on the same scaled data, and its promises about threads and odd input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "suite/probe.h"

enum { COUNT = 60, WIDTH = 3, CLASSES = 3 };

static const tx_probe_options two_threads = {.threads = 2};

static void fill(float *vectors, int32_t *labels)
{
  uint32_t x = 12345;
  for (size_t i = 0; i < COUNT; i++) {
    labels[i] = (int32_t)(i % CLASSES);
    for (size_t j = 0; j < WIDTH; j++) {
      x = (x * 1103515245u + 12345u) & 0x7fffffffu;
      vectors[i * WIDTH + j] = (float)((double)(x >> 8) / (1 << 23) * 2 - 1 +
                                       (j == (size_t)labels[i] ? 0.6 : 0.0) + 5.0 * (double)j);
    }
  }
}

static void assert_near(double value, double expected, double tolerance)
{
  if (!(fabs(value - expected) <= tolerance)) fail_msg("%.9g is not %.9g", value, expected);
}

static void test_optimum(void **state)
{
  static const double weights[CLASSES][WIDTH] = {{0.77093682, -0.18477368, -0.63342798},
                                                 {-0.37262659, 0.4181052, -0.01764757},
                                                 {-0.39831023, -0.23333152, 0.65107554}};
  static const double biases[CLASSES] = {-0.16265903, 0.1749153, -0.01225628};
  static const double first[CLASSES] = {0.53952415, 0.17249955, 0.2879763};
  float vectors[COUNT * WIDTH];
  int32_t labels[COUNT];
  const tx_probe_data data = {vectors, labels, COUNT, WIDTH, CLASSES};
  double scratch[CLASSES + WIDTH], probability, mean = 0;
  tx_probe *probe = NULL;
  tx_probe_fit fit;
  tx_error error;
  size_t right = 0;
  (void)state;
  fill(vectors, labels);
  assert_int_equal(tx_probe_create(&data, &two_threads, &probe, &fit, &error), TX_OK);
  assert_near(fit.objective, 0.8344182294936386, 1e-6);
  assert_true(fit.gradient <= TX_PROBE_TOLERANCE);
  for (size_t k = 0; k < CLASSES; k++) mean += tx_probe_bias(probe, k) / CLASSES;
  for (size_t k = 0; k < CLASSES; k++) {
    assert_near(tx_probe_bias(probe, k) - mean, biases[k], 2e-3);
    for (size_t c = 0; c < WIDTH; c++) assert_near(tx_probe_weight(probe, k, c), weights[k][c], 2e-3);
  }
  assert_int_equal(tx_probe_predict(probe, vectors, scratch, &probability), 0);
  assert_near(probability, first[0], 1e-3);
  for (size_t i = 0; i < COUNT; i++)
    right += tx_probe_predict(probe, vectors + i * WIDTH, scratch, &probability) == labels[i];
  assert_int_equal(right, 35);
  tx_probe_free(probe);
}

/* More rows than one pass has, so that parts are added. */
static void test_threads(void **state)
{
  enum { ROWS = 2500, COLUMNS = 20, KINDS = 150 };
  float *vectors = malloc(ROWS * COLUMNS * sizeof *vectors);
  int32_t *labels = malloc(ROWS * sizeof *labels);
  const tx_probe_data data = {vectors, labels, ROWS, COLUMNS, KINDS};
  tx_probe *one = NULL, *three = NULL;
  tx_probe_fit fit, other;
  tx_error error;
  uint32_t x = 1;
  (void)state;
  for (size_t i = 0; i < ROWS; i++) {
    labels[i] = (int32_t)(i % KINDS);
    for (size_t c = 0; c < COLUMNS; c++) {
      x = x * 1664525u + 1013904223u;
      vectors[i * COLUMNS + c] =
          (float)((double)(x >> 8) / (1 << 24) + (c == i % COLUMNS ? 1.0 : 0) + (c == i % 7 ? 0.5 : 0));
    }
  }
  assert_int_equal(tx_probe_create(&data, &(tx_probe_options){.threads = 1}, &one, &fit, &error), TX_OK);
  assert_int_equal(tx_probe_create(&data, &(tx_probe_options){.threads = 3}, &three, &other, &error), TX_OK);
  assert_memory_equal(&fit, &other, sizeof fit);
  assert_true(fit.gradient <= TX_PROBE_TOLERANCE);
  for (size_t k = 0; k < KINDS; k++)
    for (size_t c = 0; c <= COLUMNS; c++)
      assert_true(tx_probe_weight(one, k, c) == tx_probe_weight(three, k, c));
  tx_probe_free(one);
  tx_probe_free(three);
  free(vectors);
  free(labels);
}

static void test_odd(void **state)
{
  float vectors[] = {1, 7, 2, 7, 3, 7, 10, 7};
  int32_t labels[] = {0, 0, 0, 0};
  double scratch[4], probability;
  const volatile int stop = 1;
  tx_probe *probe = NULL;
  tx_probe_fit fit;
  tx_error error;
  (void)state;
  /* one class, and a column that is constant */
  assert_int_equal(tx_probe_create(&(tx_probe_data){vectors, labels, 4, 2, 1}, &two_threads, &probe, &fit,
                                   &error),
                   TX_OK);
  assert_int_equal(tx_probe_predict(probe, vectors, scratch, &probability), 0);
  assert_near(probability, 1, 0);
  vectors[0] = NAN;
  assert_int_equal(tx_probe_predict(probe, vectors, scratch, &probability), -1);
  vectors[0] = 1;
  tx_probe_free(probe);
  assert_int_equal(tx_probe_create(&(tx_probe_data){vectors, labels, 0, 2, 1}, &two_threads, &probe, &fit,
                                   &error),
                   TX_ERROR_USAGE);
  labels[3] = 1;
  assert_int_equal(tx_probe_create(&(tx_probe_data){vectors, labels, 4, 2, 2},
                                   &(tx_probe_options){.threads = 1, .stop = &stop}, &probe, &fit, &error),
                   TX_STOPPED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_optimum), cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_odd)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
