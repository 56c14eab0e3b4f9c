#include "cluster/eigen.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/subspace.h"
#include "tensor/blas.h"

enum { DENSE_ROWS = 1500 };

static bool is_dense(size_t count, size_t wanted)
{
  return count <= DENSE_ROWS || tx_subspace_width(wanted) > count / 3;
}

static size_t width_of(size_t count, size_t wanted)
{
  return is_dense(count, wanted) ? wanted : tx_subspace_width(wanted);
}

size_t tx_eigen_vectors_memory(size_t count, size_t wanted)
{
  size_t bytes;
  return tx_multiply(width_of(count, wanted), count, &bytes) && tx_multiply(bytes, sizeof(double), &bytes)
             ? bytes
             : SIZE_MAX;
}

size_t tx_eigen_memory(size_t count, size_t wanted)
{
  const bool dense = is_dense(count, wanted);
  const size_t vectors = tx_eigen_vectors_memory(count, wanted),
               side = dense ? count : width_of(count, wanted), scratch = tx_blas_symmetric_scratch(side);
  size_t bytes;
  return vectors < SIZE_MAX && tx_multiply(side, side, &bytes) && tx_multiply(bytes, dense ? 1 : 2, &bytes) &&
                 tx_add(bytes, scratch, &bytes) && tx_multiply(bytes, sizeof(double), &bytes) &&
                 tx_add(bytes, vectors, &bytes)
             ? bytes
             : SIZE_MAX;
}

void tx_eigen_free(tx_eigen *eigen)
{
  free(eigen->values);
  free(eigen->vectors);
  *eigen = (tx_eigen){0};
}

/* LAPACK has the smallest first. */
static void reverse(tx_eigen *eigen)
{
  for (size_t v = 0; v < eigen->found / 2; v++) {
    const size_t other = eigen->found - 1 - v, n = eigen->count;
    double *a = eigen->vectors + v * n, *b = eigen->vectors + other * n, kept = eigen->values[v];
    eigen->values[v] = eigen->values[other];
    eigen->values[other] = kept;
    for (size_t i = 0; i < n; i++) {
      kept = a[i];
      a[i] = b[i];
      b[i] = kept;
    }
  }
}

static tx_status solve_dense(const tx_sparse *matrix, size_t wanted, tx_eigen *ret_eigen, tx_error *error)
{
  const size_t n = matrix->count;
  double *dense = tx_calloc_aligned(n, n * sizeof *dense),
         *scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(n), sizeof *scratch);
  tx_eigen own = {n, wanted, tx_malloc_aligned(wanted, sizeof *own.values),
                  tx_malloc_aligned(wanted, n * sizeof *own.vectors)};
  tx_status status =
      dense && scratch && own.values && own.vectors ? TX_OK : tx_fail_memory(error, "eigenvectors");
  if (status == TX_OK) {
    for (size_t i = 0; i < n; i++)
      for (size_t e = matrix->starts[i]; e < matrix->starts[i + 1]; e++)
        dense[i * n + matrix->columns[e]] = matrix->values[e];
    if (!tx_blas_symmetric(n, dense, n - wanted, wanted, own.values, own.vectors, scratch))
      status = tx_fail(error, TX_ERROR_NUMERIC, "LAPACK finds no eigenvectors of the graph");
  }
  free(dense);
  free(scratch);
  if (status == TX_OK) {
    reverse(&own);
    *ret_eigen = own;
  } else {
    tx_eigen_free(&own);
  }
  return status;
}

/* Rows in the order in which they are reached from each other, so that what a row is multiplied with lies
   near: order[place] is the row, place_of[row] its place. */
static void reach(const tx_sparse *matrix, uint32_t *order, uint32_t *place_of)
{
  size_t reached = 0;
  for (size_t i = 0; i < matrix->count; i++) place_of[i] = UINT32_MAX;
  for (size_t start = 0, next = 0; start < matrix->count; start++) {
    if (place_of[start] != UINT32_MAX) continue;
    place_of[start] = (uint32_t)reached;
    order[reached++] = (uint32_t)start;
    for (; next < reached; next++)
      for (size_t e = matrix->starts[order[next]]; e < matrix->starts[order[next] + 1]; e++) {
        const uint32_t other = matrix->columns[e];
        if (place_of[other] != UINT32_MAX) continue;
        place_of[other] = (uint32_t)reached;
        order[reached++] = other;
      }
  }
}

/* The matrix with its rows and columns in another order. */
static tx_status rearrange(const tx_sparse *matrix, const uint32_t *order, const uint32_t *place_of,
                           tx_sparse *ret_matrix, tx_error *error)
{
  const size_t n = matrix->count, entries = matrix->starts[n];
  tx_sparse own = {n, tx_calloc_aligned(n + 1, sizeof *own.starts),
                   tx_malloc_aligned(entries + 1, sizeof *own.columns),
                   tx_malloc_aligned(entries + 1, sizeof *own.values)};
  size_t used = 0;
  if (!own.starts || !own.columns || !own.values) {
    tx_sparse_free(&own);
    return tx_fail_memory(error, "eigenvectors");
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t e = matrix->starts[order[i]]; e < matrix->starts[order[i] + 1]; e++, used++) {
      own.columns[used] = place_of[matrix->columns[e]];
      own.values[used] = matrix->values[e];
    }
    own.starts[i + 1] = used;
  }
  *ret_matrix = own;
  return TX_OK;
}

static tx_status iterate(const tx_sparse *matrix, const tx_eigen_options *options, tx_pool *pool,
                         tx_eigen *ret_eigen, tx_error *error)
{
  const size_t n = matrix->count;
  uint32_t *order = tx_malloc_aligned(n, sizeof *order), *place_of = tx_malloc_aligned(n, sizeof *place_of);
  double *vector = tx_malloc_aligned(n, sizeof *vector);
  tx_sparse near = {0};
  tx_status status = order && place_of && vector ? TX_OK : tx_fail_memory(error, "eigenvectors");
  if (status == TX_OK) {
    reach(matrix, order, place_of);
    status = rearrange(matrix, order, place_of, &near, error);
  }
  if (status == TX_OK) status = tx_subspace_largest(&near, options, pool, ret_eigen, error);
  for (size_t v = 0; status == TX_OK && v < ret_eigen->found; v++) {
    double *to = ret_eigen->vectors + v * n;
    memcpy(vector, to, n * sizeof *vector);
    for (size_t i = 0; i < n; i++) to[order[i]] = vector[i];
  }
  tx_sparse_free(&near);
  free(order);
  free(place_of);
  free(vector);
  return status;
}

tx_status tx_sparse_largest(const tx_sparse *matrix, const tx_eigen_options *options, tx_pool *pool,
                            tx_eigen *ret_eigen, tx_error *error)
{
  return is_dense(matrix->count, options->wanted) ? solve_dense(matrix, options->wanted, ret_eigen, error)
                                                  : iterate(matrix, options, pool, ret_eigen, error);
}
