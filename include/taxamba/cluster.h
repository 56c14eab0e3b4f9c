/* Clusters of points: zero-shot clustering of embeddings. */
#ifndef TAXAMBA_CLUSTER_H
#define TAXAMBA_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/points.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tx_cluster_method {
  TX_CLUSTER_WARD,     /* agglomerative, Ward 1963: euclidean */
  TX_CLUSTER_AVERAGE,  /* agglomerative, by the mean distance (UPGMA) */
  TX_CLUSTER_COMPLETE, /* agglomerative, by the largest distance */
  TX_CLUSTER_KMEANS,   /* k-means++ (greedy) and Lloyd's iterations */
  TX_CLUSTER_HDBSCAN,  /* Campello et al. 2013; it finds the number of clusters, and noise */
  TX_CLUSTER_SPECTRAL, /* 10 nearest neighbours, normalised Laplacian, QR with pivots (Damle et al. 2019) */
  TX_CLUSTER_AFFINITY  /* affinity propagation (Frey & Dueck 2007); it finds the number of clusters */
} tx_cluster_method;

typedef enum tx_cluster_metric { TX_CLUSTER_EUCLIDEAN, TX_CLUSTER_COSINE } tx_cluster_metric;

typedef enum tx_cluster_scaling {
  TX_SCALING_NONE,
  TX_SCALING_ZSCORE,  /* every column: mean 0, standard deviation 1 over all records (0 if it is constant) */
  TX_SCALING_AVERAGE, /* every column: mean 0; all divided by the mean of the standard deviations */
  TX_SCALING_UNIT     /* every row: length 1 */
} tx_cluster_scaling;

/* Each metric of the silhouette takes as long as all distances. */
typedef enum tx_space_wanted { TX_SPACE_NONE, TX_SPACE_SILHOUETTE, TX_SPACE_ALL } tx_space_wanted;

typedef struct tx_cluster_options {
  tx_cluster_method method;
  tx_cluster_metric metric; /* of AVERAGE and COMPLETE */
  tx_cluster_scaling scaling;
  double components; /* principal components after that: 1 or more, or a share of the variance; 0: none */
  /* UMAP after those, McInnes et al. 2018; 0 dimensions: none. The graph is exact, the layout depends on the
     seed */
  size_t umap_width;
  size_t umap_neighbours; /* the record itself being one */
  double umap_min_dist;   /* 0 to 1 */
  tx_cluster_metric umap_metric;
  tx_cluster_scaling rescaling; /* after that */
  /* the number of clusters, at most that of the records with a vector; 0: that with the largest silhouette,
     unless there is a threshold. HDBSCAN and AFFINITY do not use it */
  size_t clusters;
  /* above 0, only of agglomerative methods: joins at this height or above are not made */
  double threshold;
  uint64_t seed; /* of KMEANS and of UMAP */
  /* of HDBSCAN */
  size_t min_cluster_size;
  size_t min_samples;       /* 0: min_cluster_size */
  double max_cluster_share; /* of the records; a larger cluster is not chosen. 0: none is too large */
  bool leaves;              /* the leaves of the tree of clusters instead of the most stable ones */
  double damping;           /* of AFFINITY, 0.5 or more and below 1 */
  tx_space_wanted space;    /* scores of the space that are computed */
  size_t matrix_bytes;      /* most memory for matrices (of all pairs, of eigenvectors); 0: no limit */
  size_t threads;           /* >= 1; no effect on the results */
  const volatile int *stop; /* may be NULL; set to nonzero it ends the work with TX_STOPPED */
} tx_cluster_options;

/* WARD, euclidean, no scaling, no UMAP (otherwise 15 neighbours, min_dist 0.1), clusters of at least 5
   records, damping 0.9, matrices up to 4 GiB, 1 thread. */
TX_API void tx_cluster_defaults(tx_cluster_options *options);

/* Instead of a cluster's number. */
enum {
  TX_NOISE = -1,    /* in no cluster */
  TX_NO_VECTOR = -2 /* a record without a vector is not clustered */
};

/* The clusters of some points. Immutable. */
typedef struct tx_clustering tx_clustering;

/* Clusters the records that have a vector. The same bits for any number of threads. Errors: TX_ERROR_USAGE:
   more clusters than records with a vector, a matrix of distances above the limit (the message says how much
   it needs); TX_ERROR_DATA: fewer than two records with a vector; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_cluster(const tx_points *points, const tx_cluster_options *options,
                            tx_clustering **ret_clustering, tx_error *error);
TX_API void tx_clustering_free(tx_clustering *clustering);

/* Per record its cluster, numbered from 0 by first appearance, TX_NOISE or TX_NO_VECTOR. Borrowed. */
TX_API const int32_t *tx_clustering_labels(const tx_clustering *clustering);
/* Per record how firmly it belongs to its cluster, 1 its core, 0 noise and records without a vector; of
   HDBSCAN, NULL of the other methods. Borrowed. */
TX_API const double *tx_clustering_probabilities(const tx_clustering *clustering);
/* How many records, and how many clusters (noise is none). */
TX_API size_t tx_clustering_records(const tx_clustering *clustering);
TX_API size_t tx_clustering_count(const tx_clustering *clustering);
/* Scores of clusters in the space that was clustered; noise is one more cluster. NaN where there are not 2 to
   n - 1 clusters, or the options did not ask for it. */
typedef struct tx_space_scores {
  /* mean silhouettes (Rousseeuw 1987), 0 for a record alone in its cluster */
  double silhouette; /* euclidean */
  double silhouette_l1, silhouette_chebyshev;
  double silhouette_arccos; /* euclidean, of vectors of length 1 */
  double calinski_harabasz; /* 1974: variance between clusters by variance within */
  double davies_bouldin;    /* 1979: mean of the worst ratios of spreads to the distance of centroids */
} tx_space_scores;
/* Borrowed. */
TX_API const tx_space_scores *tx_clustering_space(const tx_clustering *clustering);
/* Whether the method came to its end: affinity propagation may not settle in 1000 iterations. */
TX_API bool tx_clustering_settled(const tx_clustering *clustering);
/* Parts of the graph of spectral clustering that no edge connects; 0 of other methods. With fewer clusters
   than parts, which of them are told apart is arbitrary. */
TX_API size_t tx_clustering_components(const tx_clustering *clustering);
/* Whether there is a tree: of agglomerative methods. */
TX_API bool tx_clustering_has_tree(const tx_clustering *clustering);

/* Writes a row `name <tab> cluster` for each record in their order, after a header line `id <tab> cluster`;
   noise is -1, no vector is NA. A third column, `probability`, where there are probabilities. `path`: "-" is
   standard output. A file appears when it is complete. opt_stop as in the hooks of record.h. TX_ERROR_IO,
   TX_ERROR_PIPE, TX_ERROR_MEMORY, TX_STOPPED. */
TX_API tx_status tx_clustering_write(const tx_clustering *clustering, const tx_points *points,
                                     const char *path, const volatile int *opt_stop, tx_error *error);
/* Writes the tree in Newick format. A join stands half its height above the records, so that the path between
   two records is as long as the height at which their clusters were joined. TX_ERROR_USAGE without a tree. */
TX_API tx_status tx_clustering_write_tree(const tx_clustering *clustering, const tx_points *points,
                                          const char *path, const volatile int *opt_stop, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
