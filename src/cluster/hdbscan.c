#include "cluster/hdbscan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/spanning.h"

#define NONE UINT32_MAX

/* A cluster of the condensed tree. Clusters are numbered from above: a parent before its children. */
typedef struct branch {
  uint32_t parent;   /* NONE of the root */
  uint32_t children; /* the first of the two; 0: a leaf */
  size_t size;
  double birth;         /* lambda, 1 / height, at which it came to be */
  double death;         /* largest lambda among what left it */
  double stability;     /* summed (lambda - birth) of what left it */
  double under;         /* the same, or the sum of the chosen ones below */
  bool chosen, covered; /* covered: below a chosen one */
} branch;

/* The condensed tree (Campello et al. 2013; McInnes & Healy 2017): from above, a join whose two parts both
   have the least size makes two clusters; of another, the small parts leave the cluster as points. */
typedef struct condensed {
  const tx_tree *tree;
  size_t least;
  branch *branches;
  uint32_t branch_count;
  uint32_t *cluster_of; /* (nodes) the cluster that a node belongs to */
  uint32_t *left;       /* (points) the cluster that a point leaves */
  double *leave;        /* (points) the lambda at which it does */
  uint32_t *stack;
} condensed;

static size_t size_of(const tx_tree *tree, uint32_t node)
{
  return node < tree->count ? 1 : tree->joins[node - tree->count].size;
}

static double span(double from, double to)
{
  return from == to ? 0 : to - from; /* both may be infinite */
}

static void leave_cluster(condensed *c, uint32_t cluster, double lambda, size_t count)
{
  branch *own = &c->branches[cluster];
  own->stability += span(own->birth, lambda) * (double)count;
  if (lambda > own->death) own->death = lambda;
}

/* All points below a node leave a cluster. */
static void drop(condensed *c, uint32_t node, uint32_t cluster, double lambda)
{
  size_t depth = 1;
  c->stack[0] = node;
  while (depth) {
    const uint32_t at = c->stack[--depth];
    if (at < c->tree->count) {
      c->left[at] = cluster;
      c->leave[at] = lambda;
      leave_cluster(c, cluster, lambda, 1);
    } else {
      c->stack[depth++] = c->tree->joins[at - c->tree->count].right;
      c->stack[depth++] = c->tree->joins[at - c->tree->count].left;
    }
  }
}

static void add_branch(condensed *c, uint32_t parent, uint32_t node, double lambda)
{
  c->branches[c->branch_count] =
      (branch){.parent = parent, .size = size_of(c->tree, node), .birth = lambda, .chosen = true};
  c->cluster_of[node] = c->branch_count++;
}

static void condense(condensed *c)
{
  const tx_tree *tree = c->tree;
  const uint32_t root = (uint32_t)(2 * tree->count - 2);
  for (uint32_t node = 0; node <= root; node++) c->cluster_of[node] = NONE;
  add_branch(c, NONE, root, 0);
  for (uint32_t node = root; node >= tree->count; node--) {
    const tx_join *join = &tree->joins[node - tree->count];
    const uint32_t cluster = c->cluster_of[node], parts[] = {join->left, join->right};
    const double lambda = join->height > 0 ? 1 / join->height : INFINITY;
    if (cluster == NONE) continue; /* its points have left */
    if (size_of(tree, parts[0]) >= c->least && size_of(tree, parts[1]) >= c->least) {
      c->branches[cluster].children = c->branch_count;
      for (int i = 0; i < 2; i++) {
        leave_cluster(c, cluster, lambda, size_of(tree, parts[i]));
        add_branch(c, cluster, parts[i], lambda);
      }
      continue;
    }
    for (int i = 0; i < 2; i++) {
      if (size_of(tree, parts[i]) >= c->least)
        c->cluster_of[parts[i]] = cluster;
      else
        drop(c, parts[i], cluster, lambda);
    }
  }
}

/* Excess of mass: from below, a cluster is chosen unless the chosen ones below it have more stability, or it
   is too large. The root is never chosen. */
static void choose(condensed *c, const tx_hdbscan_options *options)
{
  c->branches[0].chosen = false;
  for (uint32_t i = c->branch_count; i-- > 1;) {
    branch *own = &c->branches[i];
    const double below =
        own->children ? c->branches[own->children].under + c->branches[own->children + 1].under : 0;
    own->under = own->stability;
    if (options->leaves) {
      own->chosen = !own->children;
    } else if (below > own->stability ||
               (options->max_cluster_size && own->size > options->max_cluster_size)) {
      own->chosen = false;
      own->under = below;
    }
  }
  for (uint32_t i = 1; i < c->branch_count; i++) { /* below a chosen cluster none is */
    branch *own = &c->branches[i];
    const branch *above = &c->branches[own->parent];
    own->covered = above->covered || above->chosen;
    if (own->covered) own->chosen = false;
  }
}

static tx_status label_points(const condensed *c, tx_hdbscan *result, tx_error *error)
{
  int32_t *numbers = tx_malloc_aligned(c->branch_count, sizeof *numbers);
  result->stabilities = tx_calloc_aligned(c->branch_count, sizeof *result->stabilities);
  if (!numbers || !result->stabilities) {
    free(numbers);
    return tx_fail_memory(error, "HDBSCAN");
  }
  for (uint32_t i = 0; i < c->branch_count; i++) {
    const branch *own = &c->branches[i];
    numbers[i] = own->chosen ? (int32_t)result->clusters : own->parent == NONE ? -1 : numbers[own->parent];
    if (own->chosen) result->stabilities[result->clusters++] = own->stability;
  }
  for (size_t i = 0; i < c->tree->count; i++) {
    uint32_t cluster = c->left[i];
    double last;
    result->labels[i] = numbers[cluster];
    if (numbers[cluster] < 0) continue;
    while (!c->branches[cluster].chosen) cluster = c->branches[cluster].parent;
    last = c->branches[cluster].death;
    result->probabilities[i] =
        last == 0 || isinf(c->leave[i]) ? 1 : (c->leave[i] < last ? c->leave[i] : last) / last;
  }
  free(numbers);
  return TX_OK;
}

static void free_condensed(condensed *c)
{
  free(c->branches);
  free(c->cluster_of);
  free(c->left);
  free(c->leave);
  free(c->stack);
}

static tx_status extract(const tx_hdbscan_options *options, tx_hdbscan *result, tx_error *error)
{
  const size_t count = result->tree.count;
  condensed c = {.tree = &result->tree, .least = options->min_cluster_size};
  tx_status status = TX_OK;
  c.branches = tx_malloc_aligned(count + 2, sizeof *c.branches);
  c.cluster_of = tx_malloc_aligned(2 * count, sizeof *c.cluster_of);
  c.left = tx_malloc_aligned(count, sizeof *c.left);
  c.leave = tx_malloc_aligned(count, sizeof *c.leave);
  c.stack = tx_malloc_aligned(count + 2, sizeof *c.stack);
  if (!c.branches || !c.cluster_of || !c.left || !c.leave || !c.stack)
    status = tx_fail_memory(error, "HDBSCAN");
  if (status == TX_OK) {
    condense(&c);
    choose(&c, options);
    status = label_points(&c, result, error);
  }
  free_condensed(&c);
  return status;
}

void tx_hdbscan_free(tx_hdbscan *result)
{
  free(result->labels);
  free(result->probabilities);
  free(result->stabilities);
  free(result->core);
  tx_tree_free(&result->tree);
}

tx_status tx_hdbscan_run(const tx_rows *rows, const tx_hdbscan_options *options, tx_pool *pool,
                         const volatile int *opt_stop, tx_hdbscan *ret_result, tx_error *error)
{
  tx_join *edges = tx_malloc_aligned(rows->count, sizeof *edges);
  tx_hdbscan own = {.labels = tx_calloc_aligned(rows->count, sizeof *own.labels),
                    .probabilities = tx_calloc_aligned(rows->count, sizeof *own.probabilities),
                    .core = tx_calloc_aligned(rows->count, sizeof *own.core)};
  tx_status status =
      edges && own.labels && own.probabilities && own.core ? TX_OK : tx_fail_memory(error, "HDBSCAN");
  if (status == TX_OK) status = tx_core_distances(rows, options->min_samples, pool, own.core, error);
  if (status == TX_OK) status = tx_spanning_tree(rows, own.core, pool, opt_stop, edges, error);
  if (status == TX_OK) status = tx_tree_create(rows->count, edges, &own.tree, error);
  if (status == TX_OK) status = extract(options, &own, error);
  free(edges);
  if (status == TX_OK)
    *ret_result = own;
  else
    tx_hdbscan_free(&own);
  return status;
}
