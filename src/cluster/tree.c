#include "cluster/tree.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct ordered_join {
  double height;
  size_t index;
} ordered_join;

static int compare(const void *a, const void *b)
{
  const ordered_join *x = a, *y = b;
  if (x->height != y->height) return x->height < y->height ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

/* The representative of a set of points; paths are halved on the way. */
static uint32_t root_of(uint32_t *parent, uint32_t point)
{
  while (parent[point] != point) {
    parent[point] = parent[parent[point]];
    point = parent[point];
  }
  return point;
}

/* Work of making a tree: per set of points its node. */
typedef struct making {
  uint32_t *parent, *node;
  ordered_join *order;
} making;

static void free_making(making *work)
{
  free(work->parent);
  free(work->node);
  free(work->order);
}

static void number_nodes(making *work, size_t count, const tx_join *found, tx_tree *tree)
{
  for (size_t i = 0; i < count; i++) work->parent[i] = work->node[i] = (uint32_t)i;
  for (size_t i = 0; i + 1 < count; i++) {
    const tx_join *join = &found[work->order[i].index];
    const uint32_t a = root_of(work->parent, join->left), b = root_of(work->parent, join->right);
    const uint32_t x = work->node[a], y = work->node[b];
    const uint32_t sizes =
        (x < count ? 1 : tree->joins[x - count].size) + (y < count ? 1 : tree->joins[y - count].size);
    tree->joins[i] = (tx_join){x < y ? x : y, x < y ? y : x, sizes, work->order[i].height};
    work->parent[b] = a;
    work->node[a] = (uint32_t)(count + i);
  }
}

tx_status tx_tree_create(size_t count, const tx_join *found, tx_tree *ret_tree, tx_error *error)
{
  making work = {tx_malloc_aligned(count, sizeof *work.parent), tx_malloc_aligned(count, sizeof *work.node),
                 tx_malloc_aligned(count, sizeof *work.order)};
  *ret_tree = (tx_tree){count, tx_malloc_aligned(count, sizeof *ret_tree->joins)};
  if (!work.parent || !work.node || !work.order || !ret_tree->joins) {
    free_making(&work);
    tx_tree_free(ret_tree);
    return tx_fail_memory(error, "the tree of a clustering");
  }
  for (size_t i = 0; i + 1 < count; i++) work.order[i] = (ordered_join){found[i].height, i};
  if (count > 1) {
    qsort(work.order, count - 1, sizeof *work.order, compare);
    number_nodes(&work, count, found, ret_tree);
  }
  free_making(&work);
  return TX_OK;
}

void tx_tree_free(tx_tree *tree)
{
  free(tree->joins);
  *tree = (tx_tree){0};
}

tx_status tx_tree_cut(const tx_tree *tree, size_t clusters, int32_t *labels, tx_error *error)
{
  const size_t count = tree->count, nodes = 2 * count;
  int32_t *of_node = tx_malloc_aligned(nodes, sizeof *of_node);
  int32_t next = 0;
  uint32_t *up = tx_malloc_aligned(nodes, sizeof *up);
  if (!of_node || !up) {
    free(of_node);
    free(up);
    return tx_fail_memory(error, "the tree of a clustering");
  }
  for (size_t i = 0; i < nodes; i++) {
    of_node[i] = -1;
    up[i] = (uint32_t)i;
  }
  for (size_t i = 0; i + clusters < count; i++) {
    up[tree->joins[i].left] = (uint32_t)(count + i);
    up[tree->joins[i].right] = (uint32_t)(count + i);
  }
  for (size_t i = nodes; i-- > 0;) up[i] = up[up[i]]; /* a node above has a higher number, and is done */
  for (size_t i = 0; i < count; i++) {
    if (of_node[up[i]] < 0) of_node[up[i]] = next++;
    labels[i] = of_node[up[i]];
  }
  free(of_node);
  free(up);
  return TX_OK;
}

size_t tx_tree_clusters_below(const tx_tree *tree, double height)
{
  size_t joins = 0;
  while (joins + 1 < tree->count && tree->joins[joins].height < height) joins++;
  return tree->count - joins;
}
