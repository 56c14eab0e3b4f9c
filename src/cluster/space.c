#include "cluster/space.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct silhouette_work {
  size_t count; /* rows */
  tx_space_metric metric;
  const tx_partitions *partitions;
  size_t *sizes;  /* of the clusters of each partition, one after the other */
  size_t *starts; /* per partition: its first cluster there */
  size_t total;   /* clusters of all partitions */
  double *sums;   /* (threads, total) */
  double *each;   /* (partitions, rows) */
} silhouette_work;

static bool has_silhouette(size_t clusters, size_t rows)
{
  return clusters >= 2 && clusters < rows;
}

static double distance_from(tx_space_metric metric, double raw)
{
  if (metric == TX_SPACE_EUCLIDEAN || metric == TX_SPACE_ARCCOS) return sqrt(raw);
  return metric == TX_SPACE_COSINE ? raw / 2 : raw;
}

static void visit(void *context, size_t row, const double *distances, size_t thread)
{
  const silhouette_work *work = context;
  double *sums = work->sums + thread * work->total;
  memset(sums, 0, work->total * sizeof *sums);
  for (size_t j = 0; j < work->count; j++) {
    const double distance = distance_from(work->metric, distances[j]);
    for (size_t p = 0; p < work->partitions->count; p++)
      sums[work->starts[p] + (size_t)work->partitions->labels[p][j]] += distance;
  }
  for (size_t p = 0; p < work->partitions->count; p++) {
    const size_t own = (size_t)work->partitions->labels[p][row], *sizes = work->sizes + work->starts[p];
    const double *own_sums = sums + work->starts[p];
    double inside, outside = INFINITY, larger;
    if (sizes[own] > 1) {
      inside = own_sums[own] / (double)(sizes[own] - 1);
      for (size_t c = 0; c < work->partitions->clusters[p]; c++)
        if (c != own && sizes[c]) outside = fmin(outside, own_sums[c] / (double)sizes[c]);
      larger = fmax(inside, outside);
      work->each[p * work->count + row] = larger > 0 && isfinite(outside) ? (outside - inside) / larger : 0;
    } else {
      work->each[p * work->count + row] = 0;
    }
  }
}

static void free_work(silhouette_work *work)
{
  free(work->sizes);
  free(work->starts);
  free(work->sums);
  free(work->each);
}

static tx_status prepare(const tx_rows *rows, const tx_partitions *partitions, size_t threads,
                         silhouette_work *work, tx_error *error)
{
  for (size_t p = 0; p < partitions->count; p++) work->total += partitions->clusters[p];
  work->sizes = tx_calloc_aligned(work->total + 1, sizeof *work->sizes);
  work->starts = tx_calloc_aligned(partitions->count + 1, sizeof *work->starts);
  work->sums = tx_calloc_aligned(threads, (work->total + 1) * sizeof *work->sums);
  work->each = tx_calloc_aligned(partitions->count, rows->count * sizeof *work->each);
  if (!work->sizes || !work->starts || !work->sums || !work->each)
    return tx_fail_memory(error, "silhouettes");
  for (size_t p = 0, start = 0; p < partitions->count; p++) {
    work->starts[p] = start;
    for (size_t i = 0; i < rows->count; i++) work->sizes[start + (size_t)partitions->labels[p][i]]++;
    start += partitions->clusters[p];
  }
  return TX_OK;
}

tx_status tx_silhouettes(const tx_rows *rows, tx_space_metric metric, const tx_partitions *partitions,
                         tx_pool *pool, double *ret_means, double *opt_each, tx_error *error)
{
  static const tx_row_distance raw[] = {TX_ROW_SQUARED, TX_ROW_MANHATTAN, TX_ROW_CHEBYSHEV, TX_ROW_SQUARED,
                                        TX_ROW_SQUARED};
  const bool unit = metric == TX_SPACE_ARCCOS || metric == TX_SPACE_COSINE;
  silhouette_work work = {.count = rows->count, .metric = metric, .partitions = partitions};
  tx_rows scaled = {0};
  tx_status status = prepare(rows, partitions, tx_pool_threads(pool), &work, error);
  if (status == TX_OK && unit) status = tx_rows_copy(rows, &scaled, error);
  if (status == TX_OK) {
    if (unit) tx_rows_unit(&scaled);
    status = tx_rows_scan(unit ? &scaled : rows, raw[metric], false, pool, visit, &work, error);
  }
  for (size_t p = 0; p < partitions->count && status == TX_OK; p++) {
    double sum = 0;
    for (size_t i = 0; i < rows->count; i++) sum += work.each[p * rows->count + i];
    ret_means[p] = has_silhouette(partitions->clusters[p], rows->count) ? sum / (double)rows->count : NAN;
  }
  if (status == TX_OK && opt_each)
    memcpy(opt_each, work.each, partitions->count * rows->count * sizeof *opt_each);
  tx_rows_free(&scaled);
  free_work(&work);
  return status;
}

/* Centroids and sizes. */
static void find_centroids(const tx_rows *rows, const int32_t *labels, tx_rows *centroids, double *sizes)
{
  for (size_t i = 0; i < rows->count; i++) {
    double *centroid = centroids->x + (size_t)labels[i] * rows->width;
    sizes[labels[i]]++;
    for (size_t k = 0; k < rows->width; k++) centroid[k] += rows->x[i * rows->width + k];
  }
  for (size_t c = 0; c < centroids->count; c++)
    for (size_t k = 0; sizes[c] > 0 && k < rows->width; k++) centroids->x[c * rows->width + k] /= sizes[c];
}

static double between_clusters(const tx_rows *rows, const tx_rows *centroids, const double *sizes)
{
  double sum = 0;
  for (size_t k = 0; k < rows->width; k++) {
    double mean = 0;
    for (size_t i = 0; i < rows->count; i++) mean += rows->x[i * rows->width + k];
    mean /= (double)rows->count;
    for (size_t c = 0; c < centroids->count; c++) {
      const double difference = centroids->x[c * rows->width + k] - mean;
      sum += sizes[c] * difference * difference;
    }
  }
  return sum;
}

static double worst_ratios(const tx_rows *centroids, const double *spreads)
{
  double sum = 0;
  for (size_t a = 0; a < centroids->count; a++) {
    double worst = 0;
    for (size_t b = 0; b < centroids->count; b++) {
      const double distance = sqrt(tx_squared_distance(centroids->width, centroids->x + a * centroids->width,
                                                       centroids->x + b * centroids->width));
      if (a != b && distance > 0) worst = fmax(worst, (spreads[a] + spreads[b]) / distance);
    }
    sum += worst;
  }
  return sum / (double)centroids->count;
}

tx_status tx_variance_of_clusters(const tx_rows *rows, const int32_t *labels, size_t clusters,
                                  tx_variance_scores *ret_scores, tx_error *error)
{
  tx_rows centroids = {0};
  double *sizes = tx_calloc_aligned(clusters + 1, sizeof *sizes),
         *spreads = tx_calloc_aligned(clusters + 1, sizeof *spreads), within = 0;
  tx_status status = sizes && spreads ? tx_rows_create(clusters, rows->width, &centroids, error)
                                      : tx_fail_memory(error, "scores of clusters");
  *ret_scores = (tx_variance_scores){NAN, NAN};
  if (status == TX_OK && has_silhouette(clusters, rows->count)) {
    find_centroids(rows, labels, &centroids, sizes);
    for (size_t i = 0; i < rows->count; i++) {
      const double squared = tx_squared_distance(rows->width, rows->x + i * rows->width,
                                                 centroids.x + (size_t)labels[i] * rows->width);
      within += squared;
      spreads[labels[i]] += sqrt(squared);
    }
    for (size_t c = 0; c < clusters; c++) spreads[c] /= fmax(sizes[c], 1);
    ret_scores->calinski_harabasz = within > 0
                                        ? between_clusters(rows, &centroids, sizes) / within *
                                              ((double)(rows->count - clusters) / (double)(clusters - 1))
                                        : 1;
    ret_scores->davies_bouldin = worst_ratios(&centroids, spreads);
  }
  tx_rows_free(&centroids);
  free(sizes);
  free(spreads);
  return status;
}
