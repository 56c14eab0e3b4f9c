#include "cluster/pca.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "tensor/blas.h"

static const char *const advice = "leave out --pca";

/* A symmetric matrix of products: of the columns of x, or of its rows. */
typedef struct products {
  const tx_rows *x; /* centred */
  bool of_rows;
  size_t side;
  double *matrix; /* (side, side) */
} products;

/* One row of the matrix, from the diagonal on. */
static void fill_products(void *context, size_t item, size_t thread)
{
  const products *p = context;
  const size_t width = p->x->width;
  double *out = p->matrix + item * p->side;
  (void)thread;
  if (p->of_rows) {
    const double *a = p->x->x + item * width;
    for (size_t j = item; j < p->side; j++) {
      const double *b = p->x->x + j * width;
      double sum = 0;
      for (size_t k = 0; k < width; k++) sum += a[k] * b[k];
      out[j] = sum;
    }
    return;
  }
  for (size_t i = 0; i < p->x->count; i++) {
    const double *row = p->x->x + i * width, a = row[item];
    for (size_t j = item; j < width; j++) out[j] += a * row[j];
  }
}

static void mirror(products *p)
{
  for (size_t i = 0; i < p->side; i++)
    for (size_t j = 0; j < i; j++) p->matrix[i * p->side + j] = p->matrix[j * p->side + i];
}

static void centre(tx_rows *rows)
{
  for (size_t c = 0; c < rows->width; c++) {
    double mean = 0;
    for (size_t i = 0; i < rows->count; i++) mean += rows->x[i * rows->width + c];
    mean /= (double)rows->count;
    for (size_t i = 0; i < rows->count; i++) rows->x[i * rows->width + c] -= mean;
  }
}

/* Length 1, and the number of largest size above 0, so that the direction is the same everywhere. */
static void settle_direction(double *component, size_t width)
{
  double squares = 0, largest = 0;
  for (size_t k = 0; k < width; k++) {
    squares += component[k] * component[k];
    if (fabs(component[k]) > fabs(largest)) largest = component[k];
  }
  for (size_t k = 0; k < width && squares > 0; k++) component[k] *= (largest < 0 ? -1 : 1) / sqrt(squares);
}

/* Components from the eigenvectors, which come with the smallest eigenvalue first. */
static void take_components(const products *p, const double *vectors, size_t found, tx_pca *pca)
{
  const size_t width = p->x->width;
  for (size_t c = 0; c < pca->count; c++) {
    const double *vector = vectors + (found - 1 - c) * p->side;
    double *component = pca->components.x + c * width;
    if (p->of_rows) {
      for (size_t i = 0; i < p->side; i++)
        for (size_t k = 0; k < width; k++) component[k] += vector[i] * p->x->x[i * width + k];
    } else {
      memcpy(component, vector, width * sizeof *component);
    }
    settle_direction(component, width);
  }
}

static void score_rows(const tx_rows *centred, tx_pca *pca)
{
  for (size_t i = 0; i < centred->count; i++)
    for (size_t c = 0; c < pca->count; c++) {
      const double *component = pca->components.x + c * centred->width;
      double sum = 0;
      for (size_t k = 0; k < centred->width; k++) sum += centred->x[i * centred->width + k] * component[k];
      pca->scores.x[i * pca->count + c] = sum;
    }
}

static size_t count_components(double wanted, const double *values, size_t side, double total)
{
  double sum = 0;
  if (wanted >= 1) return (size_t)wanted;
  for (size_t c = 0; c < side; c++) {
    sum += values[side - 1 - c];
    if (sum > wanted * total) return c + 1;
  }
  return side;
}

static tx_status solve(products *p, double wanted, tx_pca *pca, tx_error *error)
{
  const double divisor = (double)(p->x->count - 1);
  const size_t found = wanted >= 1 ? (size_t)wanted : p->side;
  double *values = tx_malloc_aligned(p->side, sizeof *values),
         *vectors = tx_malloc_aligned(found, p->side * sizeof *vectors),
         *scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(p->side), sizeof *scratch);
  tx_status status = values && vectors && scratch ? TX_OK : tx_fail_memory(error, "principal components");
  pca->total = 0;
  for (size_t i = 0; i < p->side; i++) pca->total += p->matrix[i * p->side + i] / divisor;
  if (status == TX_OK &&
      !tx_blas_symmetric(p->side, p->matrix, p->side - found, found, values, vectors, scratch))
    status = tx_fail(error, TX_ERROR_NUMERIC, "LAPACK finds no principal components of the points");
  if (status == TX_OK) {
    pca->count = count_components(wanted, values, found, pca->total * divisor);
    pca->variances = tx_malloc_aligned(pca->count, sizeof *pca->variances);
    status = pca->variances ? tx_rows_create(pca->count, p->x->width, &pca->components, error)
                            : tx_fail_memory(error, "principal components");
  }
  if (status == TX_OK) status = tx_rows_create(p->x->count, pca->count, &pca->scores, error);
  if (status == TX_OK) {
    for (size_t c = 0; c < pca->count; c++) pca->variances[c] = fmax(0, values[found - 1 - c] / divisor);
    take_components(p, vectors, found, pca);
    score_rows(p->x, pca);
  }
  free(values);
  free(vectors);
  free(scratch);
  return status;
}

void tx_pca_free(tx_pca *pca)
{
  free(pca->variances);
  tx_rows_free(&pca->components);
  tx_rows_free(&pca->scores);
}

tx_status tx_pca_fit(const tx_rows *rows, double wanted, tx_pool *pool, tx_pca *ret_pca, tx_error *error)
{
  const bool of_rows = rows->count < rows->width;
  tx_rows centred = {0};
  products p = {&centred, of_rows, of_rows ? rows->count : rows->width, NULL};
  tx_status status;
  *ret_pca = (tx_pca){0};
  if (wanted >= 1 && wanted > (double)p.side)
    return tx_fail(error, TX_ERROR_USAGE,
                   "%.0f principal components of %zu points of %zu numbers: at most %zu", wanted, rows->count,
                   rows->width, p.side);
  status = tx_blas_load(advice, error);
  if (status == TX_OK) status = tx_rows_copy(rows, &centred, error);
  if (status == TX_OK) {
    centre(&centred);
    p.matrix = tx_calloc_aligned(p.side, p.side * sizeof *p.matrix);
    if (!p.matrix) status = tx_fail_memory(error, "principal components");
  }
  if (status == TX_OK) {
    tx_pool_run(pool, p.side, fill_products, &p);
    mirror(&p);
    status = solve(&p, wanted, ret_pca, error);
  }
  free(p.matrix);
  tx_rows_free(&centred);
  if (status != TX_OK) {
    tx_pca_free(ret_pca);
    *ret_pca = (tx_pca){0};
  }
  return status;
}
