/* The result of clustering; shared by the pipeline and the writers. */
#ifndef TX_CLUSTER_CLUSTERING_H
#define TX_CLUSTER_CLUSTERING_H

#include <taxamba/cluster.h>

#include "cluster/tree.h"

struct tx_clustering {
  size_t records, rows;      /* all, and those with a vector */
  uint32_t *record_of;       /* (rows) */
  int32_t *labels;           /* (records) */
  double *opt_probabilities; /* (records) of methods that have them, else NULL */
  size_t count;              /* clusters */
  tx_space_scores space;
  bool settled;
  size_t components; /* of the graph of spectral clustering, else 0 */
  bool has_tree;
  tx_tree tree; /* over the rows */
};

#endif
