/* Nearest neighbours against brute force in double, and the promises about ties, NaN and threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <taxamba/neighbours.h>

static float *random_rows(size_t count, size_t width, uint64_t seed)
{
  float *rows = malloc((count * width + 1) * sizeof *rows);
  assert_non_null(rows);
  for (size_t i = 0; i < count * width; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    rows[i] = (float)((double)(seed >> 33) / 2147483648.0 - 0.5);
  }
  return rows;
}

static double cosine(const float *a, const float *b, size_t width)
{
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < width; i++) {
    ab += (double)a[i] * (double)b[i];
    aa += (double)a[i] * (double)a[i];
    bb += (double)b[i] * (double)b[i];
  }
  return ab / sqrt(aa * bb);
}

/* The answer must be a best one up to the rounding of float sums. */
static void check_shape(size_t query_count, size_t reference_count, size_t width)
{
  float *queries = random_rows(query_count, width, 1), *references = random_rows(reference_count, width, 2);
  int64_t *index = malloc(query_count * sizeof *index);
  float *cosines = malloc(query_count * sizeof *cosines);
  tx_error error;
  assert_non_null(index);
  assert_non_null(cosines);
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, query_count, references, reference_count, width}, 2,
                              index, cosines, &error),
                   TX_OK);
  for (size_t q = 0; q < query_count; q++) {
    double best = -2;
    assert_in_range(index[q], 0, reference_count - 1);
    for (size_t r = 0; r < reference_count; r++) {
      double value = cosine(queries + q * width, references + r * width, width);
      if (value > best) best = value;
    }
    assert_true(fabs(cosine(queries + q * width, references + (size_t)index[q] * width, width) - best) <=
                1e-6);
    assert_true(fabs((double)cosines[q] - best) <= 1e-5);
  }
  free(queries);
  free(references);
  free(index);
  free(cosines);
}

static void test_brute_force(void **state)
{
  (void)state;
  check_shape(1, 1, 1);
  check_shape(3, 7, 5);
  check_shape(64, 8, 16);
  check_shape(65, 9, 33);
  check_shape(200, 131, 48);
}

static void test_ties_go_to_the_lower_index(void **state)
{
  /* the direction is the same, the lengths are powers of two: equal to the last bit */
  const float references[] = {1, 1, 0.5f, 0, 3, 0, 2, 0, 8, 0};
  const float queries[] = {4, 0, 1, 1, -1, 0};
  int64_t index[3];
  tx_error error;
  (void)state;
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, 3, references, 5, 2}, 1, index, NULL, &error),
                   TX_OK);
  assert_int_equal(index[0], 1);
  assert_int_equal(index[1], 0);
  assert_int_equal(index[2], 0); /* all cosines are negative: the largest still wins */
}

static void test_rows_without_direction(void **state)
{
  const float references[] = {NAN, 1, 0, 0, 1, 1, INFINITY, 0};
  const float queries[] = {1, 1, NAN, 0, 0, 0, 1, INFINITY};
  int64_t index[4];
  float cosines[4];
  tx_error error;
  (void)state;
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, 4, references, 4, 2}, 1, index, cosines, &error),
                   TX_OK);
  assert_int_equal(index[0], 2);
  assert_true(fabs((double)cosines[0] - 1) <= 1e-6);
  for (int q = 1; q < 4; q++) {
    assert_int_equal(index[q], -1);
    assert_true(cosines[q] == 0);
  }
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, 1, references, 2, 2}, 1, index, cosines, &error),
                   TX_OK);
  assert_int_equal(index[0], -1); /* no reference has a direction */
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, 1, references, 0, 2}, 1, index, cosines, &error),
                   TX_OK);
  assert_int_equal(index[0], -1);
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, 0, references, 4, 2}, 1, index, cosines, &error),
                   TX_OK);
  assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, 1, references, 1, 0}, 1, index, cosines, &error),
                   TX_ERROR_USAGE);
}

static void test_threads_change_nothing(void **state)
{
  enum { QUERIES = 333, REFERENCES = 100, WIDTH = 37 };
  float *queries = random_rows(QUERIES, WIDTH, 3), *references = random_rows(REFERENCES, WIDTH, 4);
  int64_t index[4][QUERIES];
  float cosines[4][QUERIES];
  tx_error error;
  (void)state;
  for (size_t t = 0; t < 4; t++)
    assert_int_equal(tx_nearest(&(tx_nearest_rows){queries, QUERIES, references, REFERENCES, WIDTH}, t,
                                index[t], cosines[t], &error),
                     TX_OK);
  for (size_t t = 1; t < 4; t++) {
    assert_memory_equal(index[0], index[t], sizeof index[0]);
    assert_memory_equal(cosines[0], cosines[t], sizeof cosines[0]);
  }
  free(queries);
  free(references);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_brute_force),
      cmocka_unit_test(test_ties_go_to_the_lower_index),
      cmocka_unit_test(test_rows_without_direction),
      cmocka_unit_test(test_threads_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
