#include "cluster/spectral.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/eigen.h"
#include "cluster/nearest.h"
#include "tensor/blas.h"

/* Rows that are put to axes together. */
enum { BLOCK = 256 };

/* Of the eigenvectors. */
#define TOLERANCE 1e-8

static const char *const advice = "choose another --method than spectral";

size_t tx_spectrum_memory(size_t count, size_t wanted)
{
  const size_t eigen = tx_eigen_memory(count, wanted);
  size_t rows, square, cut;
  if (eigen == SIZE_MAX || !tx_multiply(count, wanted, &rows) || !tx_multiply(wanted, wanted, &square) ||
      !tx_multiply(square, 3, &square) || !tx_add(rows, square, &cut) ||
      !tx_multiply(cut, sizeof(double), &cut) || !tx_add(cut, tx_eigen_vectors_memory(count, wanted), &cut))
    return SIZE_MAX;
  return cut > eigen ? cut : eigen;
}

void tx_spectrum_free(tx_spectrum *spectrum)
{
  free(spectrum->values);
  free(spectrum->vectors);
  *spectrum = (tx_spectrum){0};
}

static tx_status neighbour_graph(const tx_rows *rows, size_t neighbours, tx_pool *pool, tx_sparse *ret_graph,
                                 tx_error *error)
{
  tx_neighbour_lists lists = {0};
  double *weights = NULL;
  tx_status status = tx_nearest_rows_of(rows, neighbours, false, pool, &lists, error);
  if (status == TX_OK) {
    weights = tx_malloc_aligned(lists.count, lists.k * sizeof *weights);
    if (!weights) status = tx_fail_memory(error, "the graph of neighbours");
  }
  for (size_t i = 0; status == TX_OK && i < lists.count * lists.k; i++) weights[i] = 1;
  if (status == TX_OK) status = tx_sparse_symmetric(&lists, weights, false, ret_graph, error);
  free(weights);
  tx_neighbour_lists_free(&lists);
  return status;
}

tx_status tx_spectrum_find(const tx_rows *rows, const tx_spectrum_options *options, tx_pool *pool,
                           tx_spectrum *ret_spectrum, tx_error *error)
{
  const tx_eigen_options how = {options->wanted, TOLERANCE, 0, options->stop};
  double *roots = tx_malloc_aligned(rows->count, sizeof *roots);
  uint32_t *component_of = tx_malloc_aligned(rows->count, sizeof *component_of),
           *scratch = tx_malloc_aligned(rows->count, sizeof *scratch);
  size_t components = 0;
  tx_sparse graph = {0};
  tx_eigen eigen = {0};
  tx_status status = roots && component_of && scratch ? TX_OK : tx_fail_memory(error, "spectral clustering");
  if (status == TX_OK) status = tx_blas_load(advice, error);
  if (status == TX_OK) status = neighbour_graph(rows, options->neighbours, pool, &graph, error);
  if (status == TX_OK) {
    components = tx_sparse_components(&graph, component_of, scratch);
    tx_sparse_normalise(&graph, roots);
    status = tx_sparse_largest(&graph, &how, pool, &eigen, error);
  }
  if (status == TX_OK) {
    for (size_t v = 0; v < eigen.found; v++) {
      eigen.values[v] = 1 - eigen.values[v];
      for (size_t i = 0; i < eigen.count; i++) eigen.vectors[v * eigen.count + i] /= roots[i];
    }
    *ret_spectrum = (tx_spectrum){eigen.count, eigen.found, components, eigen.values, eigen.vectors};
  }
  tx_sparse_free(&graph);
  free(roots);
  free(component_of);
  free(scratch);
  return status;
}

/* c = a b or a' b, all (k, k). */
static void multiply_square(size_t k, const double *a, bool transpose_a, const double *b, double *c)
{
  tx_blas_multiply(&(tx_blas_product){.m = k,
                                      .n = k,
                                      .k = k,
                                      .a = a,
                                      .lda = k,
                                      .transpose_a = transpose_a,
                                      .b = b,
                                      .ldb = k,
                                      .factor = 1,
                                      .c = c,
                                      .ldc = k});
}

/* The orthogonal polar factor of m (k, k), m (m' m)^(-1/2), to ret_factor. work: 2 k k + k doubles. */
static bool polar_factor(const double *m, size_t k, double *ret_factor, double *work, double *scratch)
{
  double *square = work, *vectors = square + k * k, *values = vectors + k * k;
  multiply_square(k, m, true, m, square);
  if (!tx_blas_symmetric(k, square, 0, k, values, vectors, scratch)) return false;
  for (size_t v = 0; v < k; v++) { /* (m' m)^(-1/4), twice */
    const double factor = values[v] > values[k - 1] * 1e-14 ? pow(values[v], -0.25) : 0;
    for (size_t a = 0; a < k; a++) vectors[v * k + a] *= factor;
  }
  multiply_square(k, vectors, true, vectors, square);
  multiply_square(k, m, false, square, ret_factor);
  return true;
}

/* Puts each row to the axis of its largest coordinate after the turn. turned: BLOCK k doubles. */
static void take_axes(const tx_spectrum *spectrum, const double *turn, size_t k, double *turned,
                      int32_t *labels)
{
  for (size_t first = 0; first < spectrum->count; first += BLOCK) {
    const size_t left = spectrum->count - first, count = left < BLOCK ? left : BLOCK;
    tx_blas_multiply(&(tx_blas_product){.m = count,
                                        .n = k,
                                        .k = k,
                                        .a = spectrum->vectors + first,
                                        .lda = spectrum->count,
                                        .transpose_a = true,
                                        .b = turn,
                                        .ldb = k,
                                        .factor = 1,
                                        .c = turned,
                                        .ldc = k});
    for (size_t i = 0; i < count; i++) {
      const double *row = turned + i * k;
      int32_t best = 0;
      for (size_t a = 1; a < k; a++)
        if (fabs(row[a]) > fabs(row[best])) best = (int32_t)a;
      labels[first + i] = best;
    }
  }
}

tx_status tx_spectrum_cut(const tx_spectrum *spectrum, size_t clusters, int32_t *labels, tx_error *error)
{
  const size_t k = clusters, n = spectrum->count, pivots_scratch = tx_blas_pivots_scratch(n, k),
               symmetric_scratch = tx_blas_symmetric_scratch(k);
  double *rows = tx_malloc_aligned(k, n * sizeof *rows), *chosen = tx_malloc_aligned(k, k * sizeof *chosen),
         *turn = tx_malloc_aligned(k, k * sizeof *turn),
         *turned = tx_malloc_aligned(k, BLOCK * sizeof *turned),
         *work = tx_malloc_aligned(2 * k + 1, k * sizeof *work),
         *scratch = tx_malloc_aligned(pivots_scratch + symmetric_scratch, sizeof *scratch);
  size_t *pivots = tx_malloc_aligned(k, sizeof *pivots);
  tx_status status = rows && chosen && turn && turned && work && scratch && pivots
                         ? TX_OK
                         : tx_fail_memory(error, "spectral clustering");
  if (status == TX_OK) {
    for (size_t v = 0; v < k; v++)
      for (size_t i = 0; i < n; i++) rows[i * k + v] = spectrum->vectors[v * n + i];
    tx_blas_pivots(n, k, rows, pivots, scratch);
    for (size_t v = 0; v < k; v++)
      for (size_t p = 0; p < k; p++) chosen[v * k + p] = spectrum->vectors[v * n + pivots[p]];
    if (polar_factor(chosen, k, turn, work, scratch))
      take_axes(spectrum, turn, k, turned, labels);
    else
      status = tx_fail(error, TX_ERROR_NUMERIC, "LAPACK does not turn the eigenvectors to clusters");
  }
  free(rows);
  free(chosen);
  free(turn);
  free(turned);
  free(work);
  free(scratch);
  free(pivots);
  return status;
}
