/* UMAP: uniform manifold approximation and projection (McInnes, Healy & Melville 2018). */
#ifndef TX_CLUSTER_UMAP_H
#define TX_CLUSTER_UMAP_H

#include <stdbool.h>

#include "cluster/nearest.h"
#include "cluster/rows.h"

typedef struct tx_umap_options {
  size_t width;      /* dimensions of the result, >= 1 */
  size_t neighbours; /* >= 2, the point itself being one; fewer if there are not so many points */
  double min_dist;   /* 0 <= min_dist <= 1 */
  bool cosine;       /* distance of the neighbours; otherwise euclidean */
  uint64_t seed;
} tx_umap_options;

/* The fuzzy graph. */
typedef struct tx_fuzzy {
  double *rho, *sigma; /* (rows): distance to the nearest other point, and scale of the rest; owned */
  tx_sparse graph;     /* weights of the union a + b - a b; owned */
} tx_fuzzy;

/* Makes the fuzzy graph of exact neighbours: sigma by at most 64 halvings to a sum of log2(k) within 1e-5. */
tx_status tx_fuzzy_create(const tx_rows *rows, const tx_umap_options *options, tx_pool *pool,
                          tx_fuzzy *ret_fuzzy, tx_error *error);
void tx_fuzzy_free(tx_fuzzy *fuzzy);

/* a and b of the curve 1 / (1 + a x^2b) that is nearest, in least squares over 300 points of [0, 3], to 1 up
   to min_dist and exp(min_dist - x) beyond. */
void tx_umap_curve(double min_dist, double *ret_a, double *ret_b);

/* Where the layout begins: the eigenvectors of the normalised Laplacian with the smallest eigenvalues, but
   the first; of each component alone when there are several, which are put side by side. Scaled to 0 .. 10.
   The graph is normalised in place. */
tx_status tx_umap_start(const tx_rows *rows, tx_sparse *graph, const tx_umap_options *options, tx_pool *pool,
                        tx_rows *ret_start, tx_error *error);

/* The whole: a layout of the rows, (rows, width). Stochastic gradient descent by one thread, which is the
   same bits for any number of threads: attraction along the edges, each as often as its weight says, and
   repulsion from 5 points drawn for each; 500 epochs up to 10,000 points, otherwise 200. TX_STOPPED after
   *opt_stop. */
tx_status tx_umap_run(const tx_rows *rows, const tx_umap_options *options, tx_pool *pool,
                      const volatile int *opt_stop, tx_rows *ret_layout, tx_error *error);

#endif
