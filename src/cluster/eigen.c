#include "cluster/eigen.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "tensor/blas.h"

enum { DENSE_ROWS = 1500, SPARE = 12, DEGREE = 24, ROUNDS = 40 };

static const double tolerance = 1e-4;

static tx_status no_vectors(tx_error *error)
{
  return tx_fail(error, TX_ERROR_NUMERIC, "LAPACK finds no eigenvectors of the graph of neighbours");
}

static tx_status solve_dense(const tx_sparse *matrix, size_t wanted, double *values, double *vectors,
                             tx_error *error)
{
  const size_t n = matrix->count;
  double *dense = tx_calloc_aligned(n, n * sizeof *dense),
         *found = tx_malloc_aligned(wanted, (n + 1) * sizeof *found),
         *scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(n), sizeof *scratch);
  tx_status status = dense && found && scratch ? TX_OK : tx_fail_memory(error, "eigenvectors");
  if (status == TX_OK) {
    for (size_t i = 0; i < n; i++)
      for (size_t e = matrix->starts[i]; e < matrix->starts[i + 1]; e++)
        dense[i * n + matrix->columns[e]] = matrix->values[e];
    if (!tx_blas_symmetric(n, dense, n - wanted, wanted, found, found + wanted, scratch))
      status = no_vectors(error);
  }
  for (size_t v = 0; v < wanted && status == TX_OK; v++) {
    values[v] = found[wanted - 1 - v];
    memcpy(vectors + v * n, found + wanted + (wanted - 1 - v) * n, n * sizeof *vectors);
  }
  free(dense);
  free(found);
  free(scratch);
  return status;
}

/* The block of vectors that turns to those wanted. */
typedef struct subspace {
  const tx_sparse *matrix;
  size_t width;                /* vectors */
  double *x, *product, *spare; /* (width, count) */
  double low, high;            /* what the filter takes out lies between */
  double *small, *values, *turn, *scratch;
} subspace;

static void multiply(const tx_sparse *matrix, const double *x, double *product)
{
  for (size_t i = 0; i < matrix->count; i++) {
    double sum = 0;
    for (size_t e = matrix->starts[i]; e < matrix->starts[i + 1]; e++)
      sum += matrix->values[e] * x[matrix->columns[e]];
    product[i] = sum;
  }
}

static void multiply_one(void *context, size_t vector, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count;
  (void)thread;
  multiply(s->matrix, s->x + vector * n, s->product + vector * n);
}

/* Chebyshev's polynomial of the matrix, applied to one vector: large above `high`, small in between. */
static void filter_one(void *context, size_t vector, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count;
  const double centre = (s->low + s->high) / 2, half = (s->high - s->low) / 2;
  double *before = s->x + vector * n, *now = s->product + vector * n, *next = s->spare + vector * n;
  (void)thread;
  multiply(s->matrix, before, now);
  for (size_t i = 0; i < n; i++) now[i] = (now[i] - centre * before[i]) / half;
  for (int degree = 2; degree <= DEGREE; degree++) {
    double *oldest = before;
    multiply(s->matrix, now, next);
    for (size_t i = 0; i < n; i++) next[i] = 2 * (next[i] - centre * now[i]) / half - before[i];
    before = now;
    now = next;
    next = oldest;
  }
  if (now != s->x + vector * n) memcpy(s->x + vector * n, now, n * sizeof *now);
}

static double product_of(size_t n, const double *a, const double *b)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* Makes the vectors orthonormal, each against those before, twice. */
static void orthonormalise(const subspace *s)
{
  const size_t n = s->matrix->count;
  for (size_t v = 0; v < s->width; v++) {
    double *own = s->x + v * n, length;
    for (int twice = 0; twice < 2; twice++) {
      length = sqrt(product_of(n, own, own));
      for (size_t i = 0; i < n && length > 0; i++) own[i] /= length;
      for (size_t u = 0; u < v; u++) {
        const double *other = s->x + u * n;
        const double along = product_of(n, own, other);
        for (size_t i = 0; i < n; i++) own[i] -= along * other[i];
      }
    }
    length = sqrt(product_of(n, own, own));
    for (size_t i = 0; i < n && length > 0; i++) own[i] /= length;
  }
}

/* Turns the vectors, and their products, to the best approximations within the subspace, the largest value
   first. */
static bool turn(subspace *s)
{
  const size_t n = s->matrix->count, m = s->width;
  for (size_t a = 0; a < m; a++)
    for (size_t b = 0; b <= a; b++)
      s->small[a * m + b] = s->small[b * m + a] = product_of(n, s->x + a * n, s->product + b * n);
  if (!tx_blas_symmetric(m, s->small, 0, m, s->values, s->turn, s->scratch)) return false;
  for (int which = 0; which < 2; which++) {
    double *from = which ? s->product : s->x, *to = s->spare;
    memset(to, 0, m * n * sizeof *to);
    for (size_t v = 0; v < m; v++)
      for (size_t u = 0; u < m; u++) {
        const double share = s->turn[(m - 1 - v) * m + u];
        for (size_t i = 0; i < n; i++) to[v * n + i] += share * from[u * n + i];
      }
    memcpy(from, to, m * n * sizeof *to);
  }
  return true;
}

static bool is_close(const subspace *s, size_t wanted)
{
  const size_t n = s->matrix->count;
  for (size_t v = 0; v < wanted; v++) {
    const double value = s->values[s->width - 1 - v];
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
      const double left = s->product[v * n + i] - value * s->x[v * n + i];
      squares += left * left;
    }
    if (!(sqrt(squares) <= tolerance)) return false;
  }
  return true;
}

static tx_status solve_sparse(subspace *s, size_t wanted, tx_pool *pool, tx_error *error)
{
  for (int round = 0;; round++) {
    orthonormalise(s);
    tx_pool_run(pool, s->width, multiply_one, s);
    if (!turn(s)) return no_vectors(error);
    if (round == ROUNDS || is_close(s, wanted)) return TX_OK;
    s->low = -1;
    s->high = s->values[0] < 1 - 1e-6 ? s->values[0] : 1 - 1e-6;
    if (s->high < -0.5) s->high = -0.5;
    tx_pool_run(pool, s->width, filter_one, s);
  }
}

tx_status tx_sparse_largest(const tx_sparse *matrix, size_t wanted, uint64_t seed, tx_pool *pool,
                            double *values, double *vectors, tx_error *error)
{
  const size_t n = matrix->count, width = wanted + SPARE < n ? wanted + SPARE : n;
  subspace s = {.matrix = matrix, .width = width};
  tx_random random;
  tx_status status;
  if (n <= DENSE_ROWS || width == n) return solve_dense(matrix, wanted, values, vectors, error);
  s.x = tx_malloc_aligned(width, n * sizeof *s.x);
  s.product = tx_malloc_aligned(width, n * sizeof *s.product);
  s.spare = tx_malloc_aligned(width, n * sizeof *s.spare);
  s.small = tx_malloc_aligned(2 * width + 1, width * sizeof *s.small);
  s.scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(width), sizeof *s.scratch);
  status =
      s.x && s.product && s.spare && s.small && s.scratch ? TX_OK : tx_fail_memory(error, "eigenvectors");
  if (status == TX_OK) {
    s.turn = s.small + width * width;
    s.values = s.turn + width * width;
    tx_random_seed(&random, seed, n, 0, 1);
    for (size_t i = 0; i < width * n; i++) s.x[i] = tx_random_normal(&random);
    status = solve_sparse(&s, wanted, pool, error);
  }
  for (size_t v = 0; v < wanted && status == TX_OK; v++) {
    values[v] = s.values[width - 1 - v];
    memcpy(vectors + v * n, s.x + v * n, n * sizeof *vectors);
  }
  free(s.x);
  free(s.product);
  free(s.spare);
  free(s.small);
  free(s.scratch);
  return status;
}
