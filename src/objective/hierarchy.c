#include "objective/hierarchy.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The tree above one rank. */
typedef struct tree {
  const tx_taxonomy *taxonomy;
  size_t rank, classes;
  size_t first[TX_RANKS_MAX + 1]; /* where the taxa of each rank begin in the arrays below */
  /* number of children of a taxon that are of the rank or above a class of it */
  uint32_t *children;
  tx_class_span *ranges;          /* classes of the rank below a taxon */
} tree;

static void free_tree(tree *t)
{
  free(t->children);
  free(t->ranges);
}

static tx_status make_tree(const tx_taxonomy *taxonomy, size_t rank, tree *t, tx_error *error)
{
  *t = (tree){.taxonomy = taxonomy, .rank = rank, .classes = tx_taxonomy_class_count(taxonomy, rank)};
  for (size_t r = 0; r <= rank; r++) t->first[r + 1] = t->first[r] + tx_taxonomy_class_count(taxonomy, r);
  t->children = calloc(t->first[rank + 1] + 1, sizeof *t->children);
  t->ranges = calloc(t->first[rank + 1] + 1, sizeof *t->ranges);
  if (!t->children || !t->ranges) return tx_fail_memory(error, "the smoothing of labels");
  /* From the lowest rank up, so that the children of a taxon are counted before the taxon itself is. */
  for (size_t r = rank + 1; r-- > 0;)
    for (size_t i = t->first[r]; i < t->first[r + 1]; i++) {
      size_t up = 0;
      const int32_t parent = tx_taxonomy_parent(taxonomy, r, (int32_t)(i - t->first[r]), &up);
      if (parent >= 0 && (r == rank || t->children[i] > 0)) t->children[t->first[up] + (size_t)parent]++;
    }
  return TX_OK;
}

/* Sets the ancestors of a class, and the share of each ancestor's probability that the class receives: -1 and
   0 at levels without an ancestor. */
static void climb(const tree *t, size_t class_index, int32_t *ancestors, double *shares)
{
  size_t at = t->rank, up = 0;
  int32_t taxon = (int32_t)class_index;
  double share = 1;
  for (size_t l = 0; l < t->rank; l++) ancestors[l] = -1, shares[l] = 0;
  while ((taxon = tx_taxonomy_parent(t->taxonomy, at, taxon, &up)) >= 0) {
    share /= (double)t->children[t->first[up] + (size_t)taxon];
    ancestors[up] = taxon;
    shares[up] = share;
    at = up;
  }
}

static void fill_uniform(const tree *t, size_t level, double *shares)
{
  const size_t next = level + 1;
  int32_t ancestors[TX_RANKS_MAX];
  double all[TX_RANKS_MAX];
  size_t children = 0;
  for (size_t i = t->first[next]; i < t->first[next + 1] && next < t->rank; i++)
    children += t->children[i] > 0;
  for (size_t c = 0; c < t->classes; c++) {
    climb(t, c, ancestors, all);
    shares[c] = children ? all[next] / (double)children : 1.0 / (double)t->classes;
  }
}

tx_status tx_hierarchy_uniform(const tx_taxonomy *taxonomy, size_t level, size_t rank, double *shares,
                               tx_error *error)
{
  tree t;
  tx_status status = make_tree(taxonomy, rank, &t, error);
  if (status == TX_OK) fill_uniform(&t, level, shares);
  free_tree(&t);
  return status;
}

/* Finds the classes below each taxon, which are consecutive, and marks the levels at which a class has no
   ancestor. */
static tx_status find_ranges(const tree *t, bool *gaps, tx_error *error)
{
  int32_t ancestors[TX_RANKS_MAX];
  double shares[TX_RANKS_MAX];
  for (size_t c = 0; c < t->classes; c++) {
    climb(t, c, ancestors, shares);
    for (size_t l = 0; l < t->rank; l++) {
      tx_class_span *range = &t->ranges[t->first[l] + (size_t)(ancestors[l] < 0 ? 0 : ancestors[l])];
      if (ancestors[l] < 0) {
        gaps[l] = true;
        continue;
      }
      if (range->begin == range->end) range->begin = range->end = (uint32_t)c;
      if (range->end != c)
        return tx_fail(error, TX_ERROR_DATA,
                       "the taxa of rank %s are not sorted by lineage: labels cannot "
                       "be smoothed down the tree",
                       tx_taxonomy_rank_name(t->taxonomy, t->rank));
      range->end = (uint32_t)c + 1;
    }
  }
  return TX_OK;
}

static tx_status fill_tables(const tree *t, const double *smoothing, tx_hierarchy *hierarchy, tx_error *error)
{
  double *uniform = malloc(t->classes * sizeof *uniform);
  if (!uniform) return tx_fail_memory(error, "the smoothing of labels");
  for (size_t c = 0; c < t->classes; c++) {
    int32_t ancestors[TX_RANKS_MAX];
    double shares[TX_RANKS_MAX], sum = 0;
    climb(t, c, ancestors, shares);
    for (size_t l = 0; l < t->rank; l++) {
      sum += smoothing[l] * shares[l];
      if (hierarchy->shares[l]) hierarchy->shares[l][c] = (float)sum;
      if (ancestors[l] >= 0)
        hierarchy->spans[c * t->rank + l] = t->ranges[t->first[l] + (size_t)ancestors[l]];
    }
  }
  for (size_t l = 0; l < t->rank; l++) {
    float *table = hierarchy->shares[t->rank + l];
    if (!table) continue;
    fill_uniform(t, l, uniform);
    for (size_t c = 0; c < t->classes; c++) table[c] = (float)(smoothing[l] * uniform[c]);
  }
  free(uniform);
  return TX_OK;
}

tx_status tx_hierarchy_create(const tx_taxonomy *taxonomy, size_t rank, const double *smoothing,
                              tx_hierarchy *hierarchy, tx_error *error)
{
  bool gaps[TX_RANKS_MAX] = {false};
  tree t;
  tx_status status = make_tree(taxonomy, rank, &t, error);
  memset(hierarchy, 0, sizeof *hierarchy);
  hierarchy->levels = rank;
  if (status == TX_OK) status = find_ranges(&t, gaps, error);
  if (status == TX_OK) {
    hierarchy->spans = tx_calloc_aligned(t.classes * rank + 1, sizeof *hierarchy->spans);
    if (!hierarchy->spans) status = tx_fail_memory(error, "the smoothing of labels");
  }
  for (size_t l = 0; l < rank && status == TX_OK; l++) {
    if (!(smoothing[l] > 0)) continue;
    hierarchy->shares[l] = tx_calloc_aligned(t.classes, sizeof(float));
    if (gaps[l]) hierarchy->shares[rank + l] = tx_calloc_aligned(t.classes, sizeof(float));
    if (!hierarchy->shares[l] || (gaps[l] && !hierarchy->shares[rank + l]))
      status = tx_fail_memory(error, "the smoothing of labels");
  }
  if (status == TX_OK) status = fill_tables(&t, smoothing, hierarchy, error);
  free_tree(&t);
  if (status != TX_OK) tx_hierarchy_free(hierarchy);
  return status;
}

void tx_hierarchy_free(tx_hierarchy *hierarchy)
{
  if (!hierarchy) return;
  free(hierarchy->spans);
  for (size_t i = 0; i < 2 * TX_RANKS_MAX; i++) free(hierarchy->shares[i]);
  memset(hierarchy, 0, sizeof *hierarchy);
}
