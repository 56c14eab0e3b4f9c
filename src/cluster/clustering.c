/* From points to clusters: scaling, the method, the number of clusters. */
#include "cluster/clustering.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/choose.h"
#include "cluster/linkage.h"
#include "cluster/rows.h"
#include "cluster/space.h"
#include "cluster/ward.h"

void tx_cluster_defaults(tx_cluster_options *options)
{
  *options = (tx_cluster_options){.matrix_bytes = (size_t)4 << 30, .threads = 1};
}

void tx_clustering_free(tx_clustering *clustering)
{
  if (!clustering) return;
  tx_tree_free(&clustering->tree);
  free(clustering->record_of);
  free(clustering->labels);
  free(clustering);
}

const int32_t *tx_clustering_labels(const tx_clustering *clustering)
{
  return clustering->labels;
}

size_t tx_clustering_records(const tx_clustering *clustering)
{
  return clustering->records;
}

size_t tx_clustering_count(const tx_clustering *clustering)
{
  return clustering->count;
}

double tx_clustering_silhouette(const tx_clustering *clustering)
{
  return clustering->silhouette;
}

bool tx_clustering_has_tree(const tx_clustering *clustering)
{
  return clustering->has_tree;
}

static tx_status create(const tx_points *points, tx_clustering **ret_clustering, tx_error *error)
{
  const size_t records = tx_points_count(points);
  tx_clustering *own = calloc(1, sizeof *own);
  if (!own) return tx_fail_memory(error, "the clusters");
  *ret_clustering = own;
  own->records = records;
  own->record_of = tx_calloc_aligned(records + 1, sizeof *own->record_of);
  own->labels = tx_calloc_aligned(records + 1, sizeof *own->labels);
  if (!own->record_of || !own->labels) return tx_fail_memory(error, "the clusters");
  for (size_t i = 0; i < records; i++)
    if (tx_points_vector(points, i)) own->record_of[own->rows++] = (uint32_t)i;
  return TX_OK;
}

static tx_status check(const tx_points *points, const tx_cluster_options *options, tx_error *error)
{
  const size_t rows = tx_points_usable(points);
  const bool matrix = options->method == TX_CLUSTER_AVERAGE || options->method == TX_CLUSTER_COMPLETE;
  const size_t needed = tx_pairs_memory(rows);
  if (rows < 2)
    return tx_fail(error, TX_ERROR_DATA, "%zu records with a vector: clustering needs at least two", rows);
  if (rows > UINT32_MAX / 4)
    return tx_fail(error, TX_ERROR_USAGE, "%zu records are too many to cluster", rows);
  if (options->clusters > rows)
    return tx_fail(error, TX_ERROR_USAGE, "%zu clusters cannot be made of %zu records", options->clusters,
                   rows);
  if (matrix && options->matrix_bytes && needed > options->matrix_bytes)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the distances of all pairs of %zu records take %" PRIu64 " MiB, more than the limit of "
                   "%" PRIu64 " MiB: raise it (--max-matrix), or use Ward's method, which has no such "
                   "matrix",
                   rows, (uint64_t)(needed >> 20) + 1, (uint64_t)(options->matrix_bytes >> 20));
  return TX_OK;
}

static void scale(tx_rows *rows, tx_cluster_scaling scaling)
{
  if (scaling == TX_SCALING_ZSCORE) tx_rows_zscore(rows);
  if (scaling == TX_SCALING_AVERAGE) tx_rows_average_scale(rows);
  if (scaling == TX_SCALING_UNIT) tx_rows_unit(rows);
}

/* Gives each record its label; the clusters are numbered by first appearance. */
static tx_status take_labels(tx_clustering *own, const int32_t *labels, tx_error *error)
{
  int32_t *numbers = tx_malloc_aligned(own->rows, sizeof *numbers);
  if (!numbers) return tx_fail_memory(error, "the clusters");
  for (size_t i = 0; i < own->rows; i++) numbers[i] = -1;
  for (size_t i = 0; i < own->records; i++) own->labels[i] = TX_NO_VECTOR;
  for (size_t i = 0; i < own->rows; i++) {
    int32_t label = labels[i];
    if (label >= 0 && numbers[label] < 0) numbers[label] = (int32_t)own->count++;
    own->labels[own->record_of[i]] = label < 0 ? TX_NOISE : numbers[label];
  }
  free(numbers);
  return TX_OK;
}

/* The silhouette of the labels of rows, noise being one more cluster. */
static tx_status score_space(tx_clustering *own, const tx_rows *rows, tx_pool *pool, tx_error *error)
{
  size_t clusters = own->count;
  int32_t *labels = tx_malloc_aligned(own->rows, sizeof *labels);
  const int32_t *const list[] = {labels};
  tx_status status;
  if (!labels) return tx_fail_memory(error, "the clusters");
  for (size_t i = 0; i < own->rows; i++) {
    const int32_t label = own->labels[own->record_of[i]];
    labels[i] = label < 0 ? (int32_t)own->count : label;
    if (label < 0) clusters = own->count + 1;
  }
  own->silhouette = NAN;
  status = clusters < 2 || clusters >= own->rows
               ? TX_OK
               : tx_silhouettes(rows, TX_SPACE_EUCLIDEAN, &(tx_partitions){1, list, &clusters}, pool,
                                &own->silhouette, NULL, error);
  free(labels);
  return status;
}

static tx_status make_tree(tx_clustering *own, const tx_rows *rows, const tx_cluster_options *options,
                           tx_pool *pool, tx_error *error)
{
  tx_rows centroids = {0};
  tx_status status;
  own->has_tree = true;
  if (options->method != TX_CLUSTER_WARD)
    return tx_link(rows,
                   (tx_linkage){options->method == TX_CLUSTER_COMPLETE, options->metric == TX_CLUSTER_COSINE},
                   pool, options->stop, &own->tree, error);
  status = tx_rows_copy(rows, &centroids, error);
  if (status == TX_OK) status = tx_ward(&centroids, pool, options->stop, &own->tree, error);
  tx_rows_free(&centroids);
  return status;
}

static tx_status agglomerate(tx_clustering *own, const tx_rows *rows, const tx_cluster_options *options,
                             tx_pool *pool, tx_error *error)
{
  size_t clusters = options->clusters;
  int32_t *labels = tx_malloc_aligned(own->rows, sizeof *labels);
  tx_status status =
      labels ? make_tree(own, rows, options, pool, error) : tx_fail_memory(error, "the clusters");
  if (status == TX_OK && !clusters) {
    if (options->threshold > 0)
      clusters = tx_tree_clusters_below(&own->tree, options->threshold);
    else
      status = tx_choose_cut(&own->tree, rows, pool, &clusters, error);
  }
  if (status == TX_OK) status = tx_tree_cut(&own->tree, clusters, labels, error);
  if (status == TX_OK) status = take_labels(own, labels, error);
  free(labels);
  return status;
}

tx_status tx_cluster(const tx_points *points, const tx_cluster_options *options,
                     tx_clustering **ret_clustering, tx_error *error)
{
  tx_clustering *own = NULL;
  tx_rows rows = {0};
  tx_pool *pool = NULL;
  tx_status status = check(points, options, error);
  if (status == TX_OK) status = create(points, &own, error);
  if (status == TX_OK) status = tx_rows_of_points(points, &rows, error);
  if (status == TX_OK) status = tx_pool_create(options->threads, &pool, error);
  if (status == TX_OK) {
    scale(&rows, options->scaling);
    status = agglomerate(own, &rows, options, pool, error);
  }
  if (status == TX_OK) status = score_space(own, &rows, pool, error);
  tx_pool_free(pool);
  tx_rows_free(&rows);
  if (status == TX_OK)
    *ret_clustering = own;
  else
    tx_clustering_free(own);
  return status;
}
