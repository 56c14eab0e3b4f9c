/* Where the layout of UMAP begins. */
#include "cluster/umap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "cluster/eigen.h"
#include "cluster/pca.h"

/* Of the eigenvectors: the start of a layout needs no more. */
#define TOLERANCE 1e-4

/* The components of a graph and where each is put. */
typedef struct components {
  size_t count;
  uint32_t *of;    /* (rows) component */
  uint32_t *place; /* (rows) number of the row within its component */
  size_t *sizes;   /* (count) */
  tx_rows centres; /* (count, width) */
  uint32_t *scratch;
} components;

static void free_components(components *c)
{
  free(c->of);
  free(c->place);
  free(c->sizes);
  free(c->scratch);
  tx_rows_free(&c->centres);
}

static tx_status find_components(const tx_sparse *graph, size_t width, components *c, tx_error *error)
{
  c->of = tx_malloc_aligned(graph->count, sizeof *c->of);
  c->place = tx_malloc_aligned(graph->count, sizeof *c->place);
  c->scratch = tx_malloc_aligned(graph->count, sizeof *c->scratch);
  if (!c->of || !c->place || !c->scratch) return tx_fail_memory(error, "UMAP");
  c->count = tx_sparse_components(graph, c->of, c->scratch);
  c->sizes = tx_calloc_aligned(c->count, sizeof *c->sizes);
  if (!c->sizes) return tx_fail_memory(error, "UMAP");
  for (size_t i = 0; i < graph->count; i++) c->place[i] = (uint32_t)c->sizes[c->of[i]]++;
  return tx_rows_create(c->count, width, &c->centres, error);
}

/* Few components stand on the axes, on both sides of 0. */
static void place_on_axes(components *c)
{
  const size_t half = (c->count + 1) / 2;
  for (size_t i = 0; i < c->count; i++) c->centres.x[i * c->centres.width + i % half] = i < half ? 1 : -1;
}

/* Many stand as the principal components of their mean points, the largest coordinate being 1. */
static tx_status place_by_means(const tx_rows *rows, components *c, tx_pool *pool, tx_error *error)
{
  const size_t side = rows->width < c->count ? rows->width : c->count,
               width = c->centres.width < side ? c->centres.width : side;
  double largest = 0;
  tx_rows means = {0};
  tx_pca pca = {0};
  tx_status status = tx_rows_create(c->count, rows->width, &means, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < rows->count; i++)
    for (size_t k = 0; k < rows->width; k++)
      means.x[c->of[i] * rows->width + k] += rows->x[i * rows->width + k] / (double)c->sizes[c->of[i]];
  status = tx_pca_fit(&means, (double)width, pool, &pca, error);
  for (size_t i = 0; status == TX_OK && i < c->count * width; i++)
    largest = fmax(largest, fabs(pca.scores.x[i]));
  for (size_t i = 0; status == TX_OK && largest > 0 && i < c->count; i++)
    for (size_t k = 0; k < width; k++)
      c->centres.x[i * c->centres.width + k] = pca.scores.x[i * width + k] / largest;
  tx_pca_free(&pca);
  tx_rows_free(&means);
  return status;
}

/* Half the distance to the nearest other centre. */
static double room_of(const components *c, size_t component)
{
  double least = INFINITY;
  for (size_t i = 0; i < c->count; i++) {
    const double squared = tx_squared_distance(c->centres.width, c->centres.x + component * c->centres.width,
                                               c->centres.x + i * c->centres.width);
    if (i != component && squared > 0) least = fmin(least, squared);
  }
  return isfinite(least) ? sqrt(least) / 2 : 1;
}

/* The part of the graph within one component. */
static tx_status take_part(const tx_sparse *graph, const components *c, size_t component, tx_sparse *ret_part,
                           tx_error *error)
{
  const size_t count = c->sizes[component];
  size_t entries = 0;
  tx_sparse part = {.count = count};
  for (size_t i = 0; i < graph->count; i++)
    if (c->of[i] == component) entries += graph->starts[i + 1] - graph->starts[i];
  part.starts = tx_calloc_aligned(count + 1, sizeof *part.starts);
  part.columns = tx_malloc_aligned(entries + 1, sizeof *part.columns);
  part.values = tx_malloc_aligned(entries + 1, sizeof *part.values);
  if (!part.starts || !part.columns || !part.values) {
    tx_sparse_free(&part);
    return tx_fail_memory(error, "UMAP");
  }
  entries = 0;
  for (size_t i = 0; i < graph->count; i++) {
    if (c->of[i] != component) continue;
    for (size_t e = graph->starts[i]; e < graph->starts[i + 1]; e++) {
      part.columns[entries] = c->place[graph->columns[e]];
      part.values[entries++] = graph->values[e];
    }
    part.starts[c->place[i] + 1] = entries;
  }
  *ret_part = part;
  return TX_OK;
}

/* Puts the rows of a component around its centre: by eigenvectors, or at random if it is small. */
static tx_status place_rows(const tx_sparse *graph, const components *c, size_t component,
                            const tx_umap_options *options, tx_pool *pool, tx_rows *start, tx_error *error)
{
  const size_t count = c->sizes[component], width = options->width;
  const double room = c->count > 1 ? room_of(c, component) : 1;
  double *vectors = tx_calloc_aligned(width, count * sizeof *vectors), largest = 0;
  tx_random random;
  tx_status status = vectors ? TX_OK : tx_fail_memory(error, "UMAP");
  if (status == TX_OK && count >= 2 * width && count > width + 1) {
    const tx_eigen_options how = {width + 1, TOLERANCE, options->seed, NULL};
    tx_sparse part = {0};
    tx_eigen eigen = {0};
    status = take_part(graph, c, component, &part, error);
    if (status == TX_OK) status = tx_sparse_largest(&part, &how, pool, &eigen, error);
    if (status == TX_OK)
      memcpy(vectors, eigen.vectors + count, width * count * sizeof *vectors); /* but the first */
    tx_eigen_free(&eigen);
    tx_sparse_free(&part);
  } else if (status == TX_OK) {
    tx_random_seed(&random, options->seed, component, 0, 2);
    for (size_t i = 0; i < width * count; i++) vectors[i] = 2 * tx_random_real(&random) - 1;
    largest = 1;
  }
  if (status == TX_OK && largest == 0)
    for (size_t i = 0; i < width * count; i++) largest = fmax(largest, fabs(vectors[i]));
  for (size_t i = 0; status == TX_OK && i < start->count; i++)
    for (size_t k = 0; c->of[i] == component && k < width; k++)
      start->x[i * width + k] = c->centres.x[component * width + k] +
                                (largest > 0 ? vectors[k * count + c->place[i]] / largest * room : 0);
  free(vectors);
  return status;
}

/* The whole to at most 10 from 0, a little noise, then each axis to 0 .. 10. */
static void stretch(tx_rows *start, uint64_t seed)
{
  const size_t size = start->count * start->width;
  double largest = 0;
  tx_random random;
  tx_random_seed(&random, seed, 0, 0, 3);
  for (size_t i = 0; i < size; i++) largest = fmax(largest, fabs(start->x[i]));
  for (size_t i = 0; i < size; i++)
    start->x[i] = (largest > 0 ? start->x[i] * 10 / largest : 0) + 1e-4 * tx_random_normal(&random);
  for (size_t k = 0; k < start->width; k++) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < start->count; i++) {
      low = fmin(low, start->x[i * start->width + k]);
      high = fmax(high, start->x[i * start->width + k]);
    }
    for (size_t i = 0; i < start->count; i++) {
      double *x = &start->x[i * start->width + k];
      *x = high > low ? 10 * (*x - low) / (high - low) : 0;
    }
  }
}

tx_status tx_umap_start(const tx_rows *rows, tx_sparse *graph, const tx_umap_options *options, tx_pool *pool,
                        tx_rows *ret_start, tx_error *error)
{
  components c = {0};
  tx_rows start = {0};
  double *roots = tx_malloc_aligned(rows->count, sizeof *roots);
  tx_status status = roots ? TX_OK : tx_fail_memory(error, "UMAP");
  if (status == TX_OK) {
    tx_sparse_normalise(graph, roots);
    status = find_components(graph, options->width, &c, error);
  }
  if (status == TX_OK) status = tx_rows_create(rows->count, options->width, &start, error);
  if (status == TX_OK && c.count > 1) {
    if (c.count <= 2 * options->width)
      place_on_axes(&c);
    else
      status = place_by_means(rows, &c, pool, error);
  }
  for (size_t i = 0; i < c.count && status == TX_OK; i++)
    status = place_rows(graph, &c, i, options, pool, &start, error);
  free(roots);
  free_components(&c);
  if (status == TX_OK) {
    stretch(&start, options->seed);
    *ret_start = start;
  } else {
    tx_rows_free(&start);
  }
  return status;
}
