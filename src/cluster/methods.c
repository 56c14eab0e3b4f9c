#include "cluster/methods.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/affinity.h"
#include "cluster/choose.h"
#include "cluster/hdbscan.h"
#include "cluster/kmeans.h"
#include "cluster/linkage.h"
#include "cluster/spectral.h"
#include "cluster/ward.h"

enum { SPECTRAL_NEIGHBOURS = 10, AFFINITY_ITERATIONS = 1000, AFFINITY_STABLE = 15 };

/* The most clusters that a method without a tree is asked for when the silhouette decides. */
static size_t most_clusters(size_t rows)
{
  return rows / 2;
}

/* Memory of the matrix that a method needs, 0 for none. */
static size_t matrix_of(size_t rows, const tx_cluster_options *options)
{
  switch (options->method) {
  case TX_CLUSTER_AVERAGE:
  case TX_CLUSTER_COMPLETE:
    return tx_pairs_memory(rows);
  case TX_CLUSTER_SPECTRAL:
    return tx_spectrum_memory(rows, options->clusters ? options->clusters : most_clusters(rows));
  case TX_CLUSTER_AFFINITY:
    return tx_affinity_memory(rows);
  case TX_CLUSTER_WARD:
  case TX_CLUSTER_KMEANS:
  case TX_CLUSTER_HDBSCAN:
    break;
  }
  return 0;
}

tx_status tx_method_check(size_t rows, const tx_cluster_options *options, tx_error *error)
{
  const size_t needed = matrix_of(rows, options);
  if (rows < 2)
    return tx_fail(error, TX_ERROR_DATA, "%zu records with a vector: clustering needs at least two", rows);
  if (rows > UINT32_MAX / 4)
    return tx_fail(error, TX_ERROR_USAGE, "%zu records are too many to cluster", rows);
  if (options->clusters > rows)
    return tx_fail(error, TX_ERROR_USAGE, "%zu clusters cannot be made of %zu records", options->clusters,
                   rows);
  if (options->matrix_bytes && needed > options->matrix_bytes)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the matrices of %zu records take %" PRIu64 " MiB, more than the limit of "
                   "%" PRIu64
                   " MiB: raise it (--max-matrix), or use Ward's method, k-means or HDBSCAN, which "
                   "have none",
                   rows, (uint64_t)(needed >> 20) + 1, (uint64_t)(options->matrix_bytes >> 20));
  return TX_OK;
}

/* What a method needs to make any number of clusters. */
typedef struct cutting {
  const tx_rows *rows;
  const tx_cluster_options *options;
  tx_pool *pool;
  const tx_tree *tree;
  const tx_spectrum *spectrum;
} cutting;

static tx_status cut_tree(void *context, size_t clusters, int32_t *labels, tx_error *error)
{
  const cutting *own = context;
  return tx_tree_cut(own->tree, clusters, labels, error);
}

static tx_status cut_spectrum(void *context, size_t clusters, int32_t *labels, tx_error *error)
{
  const cutting *own = context;
  return tx_spectrum_cut(own->spectrum, clusters, labels, error);
}

static tx_status run_kmeans(void *context, size_t clusters, int32_t *labels, tx_error *error)
{
  const cutting *own = context;
  const tx_cluster_options *options = own->options;
  tx_kmeans result = {0};
  tx_status status =
      tx_kmeans_start(own->rows, clusters, options->seed, options->stop, &result.centres, error);
  if (status == TX_OK) status = tx_kmeans_run(own->rows, own->pool, options->stop, &result, labels, error);
  tx_rows_free(&result.centres);
  return status;
}

/* Makes the number of clusters that the options say or the silhouette chooses. */
static tx_status cut(cutting *own, const tx_cutter *cutter, int32_t *labels, tx_error *error)
{
  size_t clusters = own->options->clusters;
  if (!clusters) {
    const tx_status status = tx_choose(cutter, own->rows, own->pool, &clusters, error);
    if (status != TX_OK) return status;
  }
  return cutter->cut(cutter->context, clusters, labels, error);
}

static tx_status make_tree(const tx_rows *rows, const tx_cluster_options *options, tx_pool *pool,
                           tx_tree *tree, tx_error *error)
{
  tx_rows centroids = {0};
  tx_status status;
  if (options->method != TX_CLUSTER_WARD)
    return tx_link(rows,
                   (tx_linkage){options->method == TX_CLUSTER_COMPLETE, options->metric == TX_CLUSTER_COSINE},
                   pool, options->stop, tree, error);
  status = tx_rows_copy(rows, &centroids, error);
  if (status == TX_OK) status = tx_ward(&centroids, pool, options->stop, tree, error);
  tx_rows_free(&centroids);
  return status;
}

static tx_status agglomerate(cutting *own, tx_clustering *clustering, int32_t *labels, tx_error *error)
{
  const tx_cutter cutter = {cut_tree, own, own->rows->count};
  const tx_status status = make_tree(own->rows, own->options, own->pool, &clustering->tree, error);
  if (status != TX_OK) return status;
  clustering->has_tree = true;
  own->tree = &clustering->tree;
  if (own->options->threshold > 0 && !own->options->clusters)
    return tx_tree_cut(own->tree, tx_tree_clusters_below(own->tree, own->options->threshold), labels, error);
  return cut(own, &cutter, labels, error);
}

static tx_status run_spectral(cutting *own, tx_clustering *clustering, int32_t *labels, tx_error *error)
{
  const size_t most = most_clusters(own->rows->count), wanted = own->options->clusters
                                                                    ? own->options->clusters
                                                                : most ? most
                                                                       : 1;
  const tx_cutter cutter = {cut_spectrum, own, wanted};
  const tx_spectrum_options settings = {SPECTRAL_NEIGHBOURS, wanted, own->options->stop};
  tx_spectrum spectrum;
  tx_status status = tx_spectrum_find(own->rows, &settings, own->pool, &spectrum, error);
  if (status != TX_OK) return status;
  own->spectrum = &spectrum;
  clustering->components = spectrum.components;
  status = cut(own, &cutter, labels, error);
  tx_spectrum_free(&spectrum);
  return status;
}

static tx_status run_hdbscan(const cutting *own, tx_clustering *clustering, int32_t *labels, tx_error *error)
{
  const tx_cluster_options *options = own->options;
  const tx_hdbscan_options settings = {
      .min_cluster_size = options->min_cluster_size,
      .min_samples = options->min_samples ? options->min_samples : options->min_cluster_size,
      .max_cluster_size = (size_t)nearbyint(options->max_cluster_share * (double)own->rows->count),
      .leaves = options->leaves};
  tx_hdbscan result;
  tx_status status = tx_hdbscan_run(own->rows, &settings, own->pool, options->stop, &result, error);
  if (status != TX_OK) return status;
  memcpy(labels, result.labels, own->rows->count * sizeof *labels);
  clustering->opt_probabilities = tx_calloc_aligned(clustering->records + 1, sizeof(double));
  if (clustering->opt_probabilities)
    for (size_t i = 0; i < own->rows->count; i++)
      clustering->opt_probabilities[clustering->record_of[i]] = result.probabilities[i];
  else
    status = tx_fail_memory(error, "HDBSCAN");
  tx_hdbscan_free(&result);
  return status;
}

static tx_status run_affinity(const cutting *own, tx_clustering *clustering, int32_t *labels, tx_error *error)
{
  const tx_affinity_options settings = {own->options->damping, AFFINITY_ITERATIONS, AFFINITY_STABLE};
  tx_affinity result;
  const tx_status status =
      tx_affinity_run(own->rows, &settings, own->pool, own->options->stop, &result, error);
  if (status != TX_OK) return status;
  clustering->settled = result.settled;
  memcpy(labels, result.labels, own->rows->count * sizeof *labels);
  tx_affinity_free(&result);
  return TX_OK;
}

tx_status tx_method_run(const tx_rows *rows, const tx_cluster_options *options, tx_pool *pool,
                        tx_clustering *own, int32_t *labels, tx_error *error)
{
  cutting work = {.rows = rows, .options = options, .pool = pool};
  switch (options->method) {
  case TX_CLUSTER_WARD:
  case TX_CLUSTER_AVERAGE:
  case TX_CLUSTER_COMPLETE:
    return agglomerate(&work, own, labels, error);
  case TX_CLUSTER_KMEANS:
    return cut(&work, &(tx_cutter){run_kmeans, &work, most_clusters(rows->count)}, labels, error);
  case TX_CLUSTER_HDBSCAN:
    return run_hdbscan(&work, own, labels, error);
  case TX_CLUSTER_SPECTRAL:
    return run_spectral(&work, own, labels, error);
  case TX_CLUSTER_AFFINITY:
    return run_affinity(&work, own, labels, error);
  }
  return tx_fail(error, TX_ERROR_USAGE, "method: %d is none", (int)options->method);
}
