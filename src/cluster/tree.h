/* The tree of an agglomerative clustering. */
#ifndef TX_CLUSTER_TREE_H
#define TX_CLUSTER_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Nodes 0..count-1 are the points; join i makes node count + i of two earlier nodes. */
typedef struct tx_join {
  uint32_t left, right;
  uint32_t size; /* points below */
  double height;
} tx_join;

typedef struct tx_tree {
  size_t count;   /* points */
  tx_join *joins; /* (count - 1), by rising height; owned */
} tx_tree;

/* Makes a tree of the edges of a spanning tree of the points, or of joins, of which left and right are any
   two points that the two clusters contain: by rising height, equal ones in the order given. */
tx_status tx_tree_create(size_t count, const tx_join *found, tx_tree *ret_tree, tx_error *error);
void tx_tree_free(tx_tree *tree);
/* The clusters that there are before the last `clusters` - 1 joins: labels (count), numbered by first
   appearance. 1 <= clusters <= count. */
tx_status tx_tree_cut(const tx_tree *tree, size_t clusters, int32_t *labels, tx_error *error);
/* How many clusters are left when only joins below this height are made. */
size_t tx_tree_clusters_below(const tx_tree *tree, double height);

#endif
