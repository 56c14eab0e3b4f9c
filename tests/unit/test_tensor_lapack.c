/* Eigenvectors and QR: what training asks of LAPACK, on matrices with and without full rank. */
#include "tensor/blas.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/load_blas.h"

static const size_t sides[] = {1, 2, 7, 33, 130};
enum { SIDES = sizeof sides / sizeof *sides };

static float *floats(size_t count)
{
  float *values = tx_calloc_aligned(count, sizeof *values);
  assert_non_null(values);
  return values;
}

static float *random_floats(size_t count, uint64_t seed)
{
  float *values = floats(count);
  tx_random random;
  tx_random_seed(&random, seed, 0, 0, 0);
  for (size_t i = 0; i < count; i++) values[i] = (float)tx_random_normal(&random);
  return values;
}

/* Rows of q (n, n) are orthonormal. */
static void assert_orthonormal(size_t n, const float *q)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t k = 0; k < n; k++) sum += (double)q[i * n + k] * (double)q[j * n + k];
      assert_true(fabs(sum - (i == j)) <= 2e-5);
    }
}

/* a = g g^T with g (n, rank): a v = lambda v, with the lambdas rising. */
static void check_eigenvectors(size_t n, size_t rank)
{
  float *g = random_floats(n * rank, n + rank), *a = floats(n * n), *v = floats(n * n),
        *scratch = floats(tx_blas_eigen_scratch(n));
  double before = -1e-3;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      for (size_t k = 0; k < rank; k++) a[i * n + j] += g[i * rank + k] * g[j * rank + k];
  memcpy(v, a, n * n * sizeof *v);
  assert_true(tx_blas_eigenvectors(n, v, scratch));
  assert_orthonormal(n, v);
  for (size_t e = 0; e < n; e++) {
    double value = 0, error = 0;
    for (int pass = 0; pass < 2; pass++)
      for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++) sum += (double)a[i * n + j] * (double)v[e * n + j];
        if (pass == 0) value += sum * (double)v[e * n + i];
        if (pass == 1) error = fmax(error, fabs(sum - value * (double)v[e * n + i]));
      }
    assert_true(value >= before - 1e-4 * (double)n);
    assert_true(error <= 1e-5 * (double)(n + rank) * 4);
    before = value;
  }
  free(g);
  free(a);
  free(v);
  free(scratch);
}

static void test_eigenvectors(void **state)
{
  (void)state;
  for (size_t i = 0; i < SIDES; i++) {
    check_eigenvectors(sides[i], sides[i]);
    check_eigenvectors(sides[i], 1);
  }
}

/* Columns of the matrix, the rows of a, are combinations of the first columns of Q. */
static void test_qr(void **state)
{
  (void)state;
  for (size_t s = 0; s < SIDES; s++) {
    const size_t n = sides[s];
    float *a = random_floats(n * n, 5 + n), *q = floats(n * n), *scratch = floats(tx_blas_qr_scratch(n));
    memcpy(q, a, n * n * sizeof *q);
    tx_blas_qr(n, q, scratch);
    assert_orthonormal(n, q);
    for (size_t j = 0; j < n; j++)
      for (size_t k = j + 1; k < n; k++) { /* R is upper triangular */
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += (double)q[k * n + i] * (double)a[j * n + i];
        assert_true(fabs(sum) <= 1e-4);
      }
    for (size_t i = 0; i < n * n; i++) q[i] = a[i % n]; /* rank 1 */
    tx_blas_qr(n, q, scratch);
    assert_orthonormal(n, q);
    memset(q, 0, n * n * sizeof *q); /* rank 0 */
    tx_blas_qr(n, q, scratch);
    assert_orthonormal(n, q);
    free(a);
    free(q);
    free(scratch);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_eigenvectors), cmocka_unit_test(test_qr)};
  return cmocka_run_group_tests(tests, load_blas, NULL);
}
