#include "cluster/spectral.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/nearest.h"
#include "tensor/blas.h"

static const char *const advice = "choose another --method than spectral";

size_t tx_spectrum_memory(size_t count, size_t wanted)
{
  size_t cells, scratch = tx_blas_symmetric_scratch(count), bytes;
  return tx_add(count, wanted, &cells) && tx_multiply(cells, count, &cells) &&
                 tx_add(cells, scratch, &cells) && tx_multiply(cells, sizeof(double), &bytes)
             ? bytes
             : SIZE_MAX;
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

static tx_status solve(const tx_sparse *graph, const double *roots, tx_spectrum *own, tx_error *error)
{
  const size_t n = own->count;
  double *laplacian = tx_calloc_aligned(n, n * sizeof *laplacian),
         *scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(n), sizeof *scratch);
  tx_status status = laplacian && scratch ? TX_OK : tx_fail_memory(error, "spectral clustering");
  if (status == TX_OK) {
    for (size_t i = 0; i < n; i++) {
      for (size_t e = graph->starts[i]; e < graph->starts[i + 1]; e++)
        laplacian[i * n + graph->columns[e]] = -graph->values[e];
      laplacian[i * n + i] = 1;
    }
    if (!tx_blas_symmetric(n, laplacian, 0, own->found, own->values, own->vectors, scratch))
      status = tx_fail(error, TX_ERROR_NUMERIC, "LAPACK finds no eigenvectors of the graph of neighbours");
  }
  for (size_t v = 0; v < own->found && status == TX_OK; v++)
    for (size_t i = 0; i < n; i++) own->vectors[v * n + i] /= roots[i];
  free(laplacian);
  free(scratch);
  return status;
}

tx_status tx_spectrum_find(const tx_rows *rows, size_t neighbours, size_t wanted, tx_pool *pool,
                           tx_spectrum *ret_spectrum, tx_error *error)
{
  tx_spectrum own = {rows->count, wanted, tx_malloc_aligned(wanted, sizeof *own.values),
                     tx_malloc_aligned(wanted, rows->count * sizeof *own.vectors)};
  double *roots = tx_malloc_aligned(rows->count, sizeof *roots);
  tx_sparse graph = {0};
  tx_status status =
      own.values && own.vectors && roots ? TX_OK : tx_fail_memory(error, "spectral clustering");
  if (status == TX_OK) status = tx_blas_load(advice, error);
  if (status == TX_OK) status = neighbour_graph(rows, neighbours, pool, &graph, error);
  if (status == TX_OK) {
    tx_sparse_normalise(&graph, roots);
    status = solve(&graph, roots, &own, error);
  }
  tx_sparse_free(&graph);
  free(roots);
  if (status == TX_OK)
    *ret_spectrum = own;
  else
    tx_spectrum_free(&own);
  return status;
}

/* Chooses `clusters` columns of rest (clusters, count), the coordinates of rows, by the pivots of a QR
   factorisation: each time the longest, whose direction is then taken out of all. */
static void choose_pivots(double *rest, size_t clusters, size_t count, double *direction, size_t *pivots)
{
  for (size_t step = 0; step < clusters; step++) {
    double longest = -1;
    for (size_t i = 0; i < count; i++) {
      double squares = 0;
      for (size_t v = 0; v < clusters; v++) squares += rest[v * count + i] * rest[v * count + i];
      if (squares > longest) {
        longest = squares;
        pivots[step] = i;
      }
    }
    for (size_t v = 0; v < clusters; v++)
      direction[v] = longest > 0 ? rest[v * count + pivots[step]] / sqrt(longest) : 0;
    for (int twice = 0; twice < 2; twice++) { /* once leaves what rounding has added */
      double *products = direction + clusters;
      memset(products, 0, count * sizeof *products);
      for (size_t v = 0; v < clusters; v++)
        for (size_t i = 0; i < count; i++) products[i] += direction[v] * rest[v * count + i];
      for (size_t v = 0; v < clusters; v++)
        for (size_t i = 0; i < count; i++) rest[v * count + i] -= direction[v] * products[i];
    }
  }
}

/* The orthogonal polar factor of m (k, k): m (m' m)^(-1/2), in its place. work: 3 k k + k doubles. */
static bool polar_factor(double *m, size_t k, double *work, double *scratch)
{
  double *square = work, *vectors = square + k * k, *inverse = vectors + k * k, *values = inverse + k * k;
  for (size_t a = 0; a < k; a++)
    for (size_t b = 0; b < k; b++) {
      double sum = 0;
      for (size_t i = 0; i < k; i++) sum += m[i * k + a] * m[i * k + b];
      square[a * k + b] = sum;
    }
  if (!tx_blas_symmetric(k, square, 0, k, values, vectors, scratch)) return false;
  memset(inverse, 0, k * k * sizeof *inverse);
  for (size_t v = 0; v < k; v++) {
    const double factor = values[v] > values[k - 1] * 1e-14 ? 1 / sqrt(values[v]) : 0;
    for (size_t a = 0; a < k; a++)
      for (size_t b = 0; b < k; b++) inverse[a * k + b] += factor * vectors[v * k + a] * vectors[v * k + b];
  }
  memcpy(square, m, k * k * sizeof *square);
  memset(m, 0, k * k * sizeof *m);
  for (size_t a = 0; a < k; a++)
    for (size_t i = 0; i < k; i++)
      for (size_t b = 0; b < k; b++) m[a * k + b] += square[a * k + i] * inverse[i * k + b];
  return true;
}

/* Puts each row to the axis of its largest coordinate after the turn. */
static void take_axes(const tx_spectrum *spectrum, const double *turn, size_t k, double *turned,
                      int32_t *labels)
{
  for (size_t i = 0; i < spectrum->count; i++) {
    memset(turned, 0, k * sizeof *turned);
    for (size_t v = 0; v < k; v++)
      for (size_t a = 0; a < k; a++)
        turned[a] += spectrum->vectors[v * spectrum->count + i] * turn[v * k + a];
    labels[i] = 0;
    for (size_t a = 1; a < k; a++)
      if (fabs(turned[a]) > fabs(turned[labels[i]])) labels[i] = (int32_t)a;
  }
}

tx_status tx_spectrum_cut(const tx_spectrum *spectrum, size_t clusters, int32_t *labels, tx_error *error)
{
  const size_t k = clusters, n = spectrum->count;
  double *rest = tx_malloc_aligned(k, n * sizeof *rest), *direction = tx_malloc_aligned(k + n, sizeof *rest),
         *turn = tx_malloc_aligned(k, k * sizeof *turn),
         *work = tx_malloc_aligned(3 * k + 1, k * sizeof *work),
         *scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(k), sizeof *scratch);
  size_t *pivots = tx_malloc_aligned(k, sizeof *pivots);
  tx_status status = rest && direction && turn && work && scratch && pivots
                         ? TX_OK
                         : tx_fail_memory(error, "spectral clustering");
  if (status == TX_OK) {
    memcpy(rest, spectrum->vectors, k * n * sizeof *rest);
    choose_pivots(rest, k, n, direction, pivots);
    for (size_t v = 0; v < k; v++)
      for (size_t p = 0; p < k; p++) turn[v * k + p] = spectrum->vectors[v * n + pivots[p]];
    if (polar_factor(turn, k, work, scratch))
      take_axes(spectrum, turn, k, direction, labels);
    else
      status = tx_fail(error, TX_ERROR_NUMERIC, "LAPACK does not turn the eigenvectors to clusters");
  }
  free(rest);
  free(direction);
  free(turn);
  free(work);
  free(scratch);
  free(pivots);
  return status;
}
