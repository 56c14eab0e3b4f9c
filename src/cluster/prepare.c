#include "cluster/prepare.h"

#include "cluster/pca.h"
#include "cluster/umap.h"

static void scale(tx_rows *rows, tx_cluster_scaling scaling)
{
  if (scaling == TX_SCALING_ZSCORE) tx_rows_zscore(rows);
  if (scaling == TX_SCALING_AVERAGE) tx_rows_average_scale(rows);
  if (scaling == TX_SCALING_UNIT) tx_rows_unit(rows);
}

/* Puts the scores of principal components in the place of the rows. */
static tx_status reduce(tx_rows *rows, double components, tx_pool *pool, tx_error *error)
{
  tx_pca pca;
  const tx_status status = tx_pca_fit(rows, components, pool, &pca, error);
  if (status != TX_OK) return status;
  tx_rows_free(rows);
  *rows = pca.scores;
  pca.scores = (tx_rows){0};
  tx_pca_free(&pca);
  return TX_OK;
}

/* Puts the layout of UMAP in the place of the rows. */
static tx_status lay_out(tx_rows *rows, const tx_cluster_options *options, tx_pool *pool, tx_error *error)
{
  const tx_umap_options settings = {.width = options->umap_width,
                                    .neighbours = options->umap_neighbours,
                                    .min_dist = options->umap_min_dist,
                                    .cosine = options->umap_metric == TX_CLUSTER_COSINE,
                                    .seed = options->seed};
  tx_rows layout = {0};
  const tx_status status = tx_umap_run(rows, &settings, pool, options->stop, &layout, error);
  if (status != TX_OK) return status;
  tx_rows_free(rows);
  *rows = layout;
  return TX_OK;
}

tx_status tx_prepare(const tx_points *points, const tx_cluster_options *options, tx_pool *pool,
                     tx_rows *ret_rows, tx_error *error)
{
  tx_rows rows = {0};
  tx_status status = tx_rows_of_points(points, &rows, error);
  if (status == TX_OK) {
    scale(&rows, options->scaling);
    if (options->components > 0) status = reduce(&rows, options->components, pool, error);
    if (status == TX_OK && options->umap_width) status = lay_out(&rows, options, pool, error);
  }
  if (status == TX_OK) {
    scale(&rows, options->rescaling);
    *ret_rows = rows;
  } else {
    tx_rows_free(&rows);
  }
  return status;
}
