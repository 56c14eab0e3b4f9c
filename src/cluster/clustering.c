/* From points to clusters: scaling, the method, the number of clusters. */
#include "cluster/clustering.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/methods.h"
#include "cluster/prepare.h"
#include "cluster/space.h"

void tx_cluster_defaults(tx_cluster_options *options)
{
  *options = (tx_cluster_options){.umap_neighbours = 15,
                                  .umap_min_dist = 0.1,
                                  .min_cluster_size = 5,
                                  .damping = 0.9,
                                  .matrix_bytes = (size_t)4 << 30,
                                  .threads = 1};
}

void tx_clustering_free(tx_clustering *clustering)
{
  if (!clustering) return;
  tx_tree_free(&clustering->tree);
  free(clustering->record_of);
  free(clustering->labels);
  free(clustering->opt_probabilities);
  free(clustering);
}

const int32_t *tx_clustering_labels(const tx_clustering *clustering)
{
  return clustering->labels;
}

const double *tx_clustering_probabilities(const tx_clustering *clustering)
{
  return clustering->opt_probabilities;
}

size_t tx_clustering_records(const tx_clustering *clustering)
{
  return clustering->records;
}

size_t tx_clustering_count(const tx_clustering *clustering)
{
  return clustering->count;
}

const tx_space_scores *tx_clustering_space(const tx_clustering *clustering)
{
  return &clustering->space;
}

bool tx_clustering_settled(const tx_clustering *clustering)
{
  return clustering->settled;
}

size_t tx_clustering_components(const tx_clustering *clustering)
{
  return clustering->components;
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
  own->settled = true;
  own->space = (tx_space_scores){NAN, NAN, NAN, NAN, NAN, NAN};
  own->record_of = tx_calloc_aligned(records + 1, sizeof *own->record_of);
  own->labels = tx_calloc_aligned(records + 1, sizeof *own->labels);
  if (!own->record_of || !own->labels) return tx_fail_memory(error, "the clusters");
  for (size_t i = 0; i < records; i++)
    if (tx_points_vector(points, i)) own->record_of[own->rows++] = (uint32_t)i;
  return TX_OK;
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

/* The labels of the rows, noise being one more cluster; returns how many there are. */
static size_t number_rows(const tx_clustering *own, int32_t *labels)
{
  size_t clusters = own->count;
  for (size_t i = 0; i < own->rows; i++) {
    const int32_t label = own->labels[own->record_of[i]];
    labels[i] = label < 0 ? (int32_t)own->count : label;
    if (label < 0) clusters = own->count + 1;
  }
  return clusters;
}

static tx_status score_space(tx_clustering *own, const tx_rows *rows, tx_space_wanted wanted, tx_pool *pool,
                             tx_error *error)
{
  static const tx_space_metric metrics[] = {TX_SPACE_EUCLIDEAN, TX_SPACE_MANHATTAN, TX_SPACE_CHEBYSHEV,
                                            TX_SPACE_ARCCOS};
  double *const silhouettes[] = {&own->space.silhouette, &own->space.silhouette_l1,
                                 &own->space.silhouette_chebyshev, &own->space.silhouette_arccos};
  int32_t *labels = tx_malloc_aligned(own->rows, sizeof *labels);
  const int32_t *const list[] = {labels};
  size_t clusters;
  tx_status status = TX_OK;
  if (!labels) return tx_fail_memory(error, "the clusters");
  clusters = number_rows(own, labels);
  for (size_t m = 0; m < (wanted == TX_SPACE_ALL ? 4 : 1) && status == TX_OK; m++)
    if (clusters >= 2 && clusters < own->rows)
      status = tx_silhouettes(rows, metrics[m], &(tx_partitions){1, list, &clusters}, pool, silhouettes[m],
                              NULL, error);
  if (status == TX_OK && wanted == TX_SPACE_ALL) {
    tx_variance_scores variance;
    status = tx_variance_of_clusters(rows, labels, clusters, &variance, error);
    own->space.calinski_harabasz = variance.calinski_harabasz;
    own->space.davies_bouldin = variance.davies_bouldin;
  }
  free(labels);
  return status;
}

tx_status tx_cluster(const tx_points *points, const tx_cluster_options *options,
                     tx_clustering **ret_clustering, tx_error *error)
{
  tx_clustering *own = NULL;
  tx_rows rows = {0};
  tx_pool *pool = NULL;
  int32_t *labels = NULL;
  tx_status status = tx_method_check(tx_points_usable(points), options, error);
  if (status == TX_OK) status = create(points, &own, error);
  if (status == TX_OK) status = tx_pool_create(options->threads, &pool, error);
  if (status == TX_OK) status = tx_prepare(points, options, pool, &rows, error);
  if (status == TX_OK) {
    labels = tx_malloc_aligned(own->rows, sizeof *labels);
    status = labels ? tx_method_run(&rows, options, pool, own, labels, error)
                    : tx_fail_memory(error, "the clusters");
  }
  if (status == TX_OK) status = take_labels(own, labels, error);
  if (status == TX_OK && options->space) status = score_space(own, &rows, options->space, pool, error);
  free(labels);
  tx_pool_free(pool);
  tx_rows_free(&rows);
  if (status == TX_OK)
    *ret_clustering = own;
  else
    tx_clustering_free(own);
  return status;
}
