#include "cluster/ward.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum {
  LIST = 16,       /* neighbours that a cluster remembers */
  SEARCH_ROWS = 16 /* clusters that are searched for together */
};
#define NONE UINT32_MAX

/* Rounding that the bound on clusters outside a list allows for. */
static const double slack = 1 - 1e-9;

typedef struct entry {
  uint32_t slot, version;
  double distance; /* squared, of that version */
} entry;

/* A cluster stands in the slot of its first point. */
typedef struct cluster {
  uint32_t size, version, count; /* points, changes, entries of the list */
  uint32_t nearest;              /* slot, NONE: not known */
  uint32_t nearest_version;
  double distance; /* to the nearest, squared */
  double bound;    /* every cluster that is not in the list is at least so far, squared */
} cluster;

typedef struct forest {
  tx_rows *rows; /* centroids, by slot */
  cluster *clusters;
  entry *lists;    /* (count, 2 LIST) */
  uint32_t *owner; /* of a slot: the slot of the cluster that has its points, found through others */
  uint32_t *active;
  size_t active_count;
  uint32_t *wanted; /* clusters to look at in this step */
  size_t wanted_count;
  bool *failed; /* by place in `wanted`: the list does not tell the nearest */
  double *panels, *distances;
  size_t ldd;
  tx_join *joins;
  size_t join_count;
} forest;

static entry *list_of(const forest *f, uint32_t slot)
{
  return f->lists + (size_t)slot * 2 * LIST;
}

/* Without halving of paths: threads read it together. */
static uint32_t owner_of(const forest *f, uint32_t slot)
{
  while (f->owner[slot] != slot) slot = f->owner[slot];
  return slot;
}

/* The squared height at which two clusters would be joined. */
static double height_of(double squared, uint32_t a, uint32_t b)
{
  const double x = (double)a, y = (double)b;
  return squared * (2 * x * y / (x + y));
}

/* Order of two candidates for the nearest of `slot`: by distance, then by the slots of the pair, so that the
   nearest pair of all is always each other's nearest. */
static bool nearer(double a, uint32_t a_slot, double b, uint32_t b_slot, uint32_t slot)
{
  uint32_t a_low, b_low;
  if (a != b) return a < b;
  a_low = a_slot < slot ? a_slot : slot;
  b_low = b_slot < slot ? b_slot : slot;
  if (a_low != b_low) return a_low < b_low;
  return a_slot < b_slot;
}

/* Adds a candidate to a sorted list of at most LIST; what falls out lowers the bound. */
static void keep(cluster *own, entry *list, entry candidate, uint32_t slot)
{
  size_t at;
  if (own->count == LIST) {
    const entry *last = &list[LIST - 1];
    if (!nearer(candidate.distance, candidate.slot, last->distance, last->slot, slot)) {
      own->bound = fmin(own->bound, candidate.distance);
      return;
    }
    own->bound = fmin(own->bound, last->distance);
    own->count--;
  }
  for (at = own->count++;
       at > 0 && nearer(candidate.distance, candidate.slot, list[at - 1].distance, list[at - 1].slot, slot);
       at--)
    list[at] = list[at - 1];
  list[at] = candidate;
}

static void take_nearest(const forest *f, uint32_t slot)
{
  cluster *own = &f->clusters[slot];
  const entry *list = list_of(f, slot);
  own->nearest = own->count ? list[0].slot : NONE;
  own->nearest_version = own->count ? list[0].version : 0;
  own->distance = own->count ? list[0].distance : INFINITY;
}

/* Brings a list up to date: who owns the slots now, each once, with its distance. Whether the nearest of all
   clusters is in it. */
static bool refresh(const forest *f, uint32_t slot)
{
  cluster *own = &f->clusters[slot];
  entry *list = list_of(f, slot), old[2 * LIST];
  const size_t count = own->count, width = f->rows->width;
  const double *centroid = f->rows->x + (size_t)slot * width;
  memcpy(old, list, count * sizeof *old);
  own->count = 0;
  for (size_t i = 0; i < count; i++) {
    entry candidate = old[i];
    bool seen = false, changed;
    candidate.slot = owner_of(f, candidate.slot);
    changed = candidate.slot != old[i].slot || candidate.version != f->clusters[candidate.slot].version;
    for (size_t j = 0; j < i && !seen; j++) seen = old[j].slot == candidate.slot;
    old[i].slot = candidate.slot;
    if (seen || candidate.slot == slot) continue;
    if (changed || isnan(candidate.distance)) {
      candidate.version = f->clusters[candidate.slot].version;
      candidate.distance =
          height_of(tx_squared_distance(width, centroid, f->rows->x + (size_t)candidate.slot * width),
                    own->size, f->clusters[candidate.slot].size);
    }
    keep(own, list, candidate, slot);
  }
  take_nearest(f, slot);
  return own->distance < own->bound * slack;
}

static void refresh_item(void *context, size_t item, size_t thread)
{
  const forest *f = context;
  (void)thread;
  f->failed[item] = !refresh(f, f->wanted[item]);
}

/* Compares some of the wanted clusters with all active ones. */
static void search_item(void *context, size_t item, size_t thread)
{
  const forest *f = context;
  const size_t first = item * SEARCH_ROWS, left = f->wanted_count - first, width = f->rows->width,
               count = left < SEARCH_ROWS ? left : SEARCH_ROWS;
  double *distances = f->distances + thread * SEARCH_ROWS * f->ldd;
  const double *rows[SEARCH_ROWS];
  for (size_t r = 0; r < count; r++) rows[r] = f->rows->x + (size_t)f->wanted[first + r] * width;
  tx_distances(TX_ROW_SQUARED, &(tx_distance_block){.rows = rows,
                                                    .row_count = count,
                                                    .panels = f->panels,
                                                    .count = f->active_count,
                                                    .width = width,
                                                    .distances = distances,
                                                    .ldd = f->ldd});
  for (size_t r = 0; r < count; r++) {
    const uint32_t slot = f->wanted[first + r];
    cluster *own = &f->clusters[slot];
    own->count = 0;
    own->bound = INFINITY;
    for (size_t j = 0; j < f->active_count; j++) {
      const uint32_t other = f->active[j];
      if (other != slot)
        keep(own, list_of(f, slot),
             (entry){other, f->clusters[other].version,
                     height_of(distances[r * f->ldd + j], own->size, f->clusters[other].size)},
             slot);
    }
    take_nearest(f, slot);
  }
}

/* Finds the nearest cluster of each that does not know it. */
static void find_nearest(forest *f, tx_pool *pool)
{
  size_t left = 0;
  f->wanted_count = 0;
  for (size_t i = 0; i < f->active_count; i++) {
    const uint32_t slot = f->active[i];
    const cluster *own = &f->clusters[slot];
    if (own->nearest == NONE || owner_of(f, own->nearest) != own->nearest ||
        f->clusters[own->nearest].version != own->nearest_version)
      f->wanted[f->wanted_count++] = slot;
  }
  tx_pool_run(pool, f->wanted_count, refresh_item, f);
  for (size_t i = 0; i < f->wanted_count; i++)
    if (f->failed[i]) f->wanted[left++] = f->wanted[i];
  f->wanted_count = left;
  if (!left) return;
  for (size_t j = 0; j < f->active_count; j += TX_PANEL_ROWS) {
    const size_t count = f->active_count - j < TX_PANEL_ROWS ? f->active_count - j : TX_PANEL_ROWS;
    double *panel = f->panels + j * f->rows->width;
    memset(panel, 0, TX_PANEL_ROWS * f->rows->width * sizeof *panel);
    for (size_t l = 0; l < count; l++) {
      const double *x = f->rows->x + (size_t)f->active[j + l] * f->rows->width;
      for (size_t i = 0; i < f->rows->width; i++) panel[i * TX_PANEL_ROWS + l] = x[i];
    }
  }
  tx_pool_run(pool, (left + SEARCH_ROWS - 1) / SEARCH_ROWS, search_item, f);
}

/* Joins cluster b into a. A cluster outside both lists is at least as far from the two together as the mean
   of the bounds, weighted by size: by the formula of Lance and Williams, where the distance of the two is at
   most either bound. */
static void join(forest *f, uint32_t a, uint32_t b)
{
  cluster *x = &f->clusters[a], *y = &f->clusters[b];
  const double p = (double)x->size, q = (double)y->size;
  double *to = f->rows->x + (size_t)a * f->rows->width;
  const double *from = f->rows->x + (size_t)b * f->rows->width;
  f->joins[f->join_count++] = (tx_join){a, b, x->size + y->size, sqrt(x->distance)};
  for (size_t i = 0; i < f->rows->width; i++) to[i] = (p * to[i] + q * from[i]) / (p + q);
  x->bound = x->distance <= fmin(x->bound, y->bound) ? (p * x->bound + q * y->bound) / (p + q)
                                                     : fmin(x->bound, y->bound);
  memcpy(list_of(f, a) + x->count, list_of(f, b), y->count * sizeof(entry));
  x->count += y->count;
  for (size_t i = 0; i < x->count; i++) list_of(f, a)[i].distance = NAN;
  x->size += y->size;
  x->version++;
  x->nearest = NONE;
  f->owner[b] = a;
}

static void join_pairs(forest *f)
{
  size_t left = 0;
  for (size_t i = 0; i < f->active_count; i++) {
    const uint32_t slot = f->active[i], other = f->clusters[slot].nearest;
    if (f->owner[slot] != slot) continue; /* joined before it came */
    if (other != NONE && slot < other && f->owner[other] == other && f->clusters[other].nearest == slot)
      join(f, slot, other);
  }
  for (size_t i = 0; i < f->active_count; i++)
    if (f->owner[f->active[i]] == f->active[i]) f->active[left++] = f->active[i];
  f->active_count = left;
}

typedef struct numbered_row {
  const double *x;
  size_t width;
  uint32_t slot;
} numbered_row;

static int compare_rows(const void *a, const void *b)
{
  const numbered_row *x = a, *y = b;
  const int order = memcmp(x->x, y->x, x->width * sizeof *x->x);
  if (order) return order;
  return (x->slot > y->slot) - (x->slot < y->slot);
}

/* Joins equal points first. Each of many is as near to all others, so that a round would join one pair. */
static tx_status join_equal(forest *f, tx_error *error)
{
  const size_t count = f->rows->count;
  size_t left = 0;
  numbered_row *order = tx_malloc_aligned(count, sizeof *order);
  if (!order) return tx_fail_memory(error, "clustering by Ward's method");
  for (size_t i = 0; i < count; i++)
    order[i] = (numbered_row){f->rows->x + i * f->rows->width, f->rows->width, (uint32_t)i};
  qsort(order, count, sizeof *order, compare_rows);
  for (size_t i = 1, first = 0; i < count; i++) {
    const uint32_t a = order[first].slot, b = order[i].slot;
    if (memcmp(order[first].x, order[i].x, f->rows->width * sizeof *order->x) != 0) {
      first = i;
      continue;
    }
    f->clusters[a].size++;
    f->owner[b] = a;
    f->joins[f->join_count++] = (tx_join){a, b, f->clusters[a].size, 0};
  }
  free(order);
  for (size_t i = 0; i < count; i++)
    if (f->owner[i] == i) f->active[left++] = (uint32_t)i;
  f->active_count = left;
  return TX_OK;
}

static void free_forest(forest *f)
{
  free(f->clusters);
  free(f->lists);
  free(f->owner);
  free(f->active);
  free(f->wanted);
  free(f->failed);
  free(f->panels);
  free(f->distances);
  free(f->joins);
}

static tx_status plant(tx_rows *rows, tx_pool *pool, forest *f, tx_error *error)
{
  const size_t count = rows->count;
  *f = (forest){.rows = rows, .active_count = count, .ldd = tx_panels_size(count, 1)};
  f->clusters = tx_calloc_aligned(count, sizeof *f->clusters);
  f->lists = tx_malloc_aligned(count, 2 * LIST * sizeof *f->lists);
  f->owner = tx_malloc_aligned(count, sizeof *f->owner);
  f->active = tx_malloc_aligned(count, sizeof *f->active);
  f->wanted = tx_malloc_aligned(count, sizeof *f->wanted);
  f->failed = tx_malloc_aligned(count, sizeof *f->failed);
  f->panels = tx_malloc_aligned(tx_panels_size(count, rows->width), sizeof *f->panels);
  f->distances = tx_malloc_aligned(tx_pool_threads(pool) * SEARCH_ROWS, f->ldd * sizeof *f->distances);
  f->joins = tx_malloc_aligned(count, sizeof *f->joins);
  if (!f->clusters || !f->lists || !f->owner || !f->active || !f->wanted || !f->failed || !f->panels ||
      !f->distances || !f->joins)
    return tx_fail_memory(error, "clustering by Ward's method");
  for (size_t i = 0; i < count; i++) {
    f->clusters[i] = (cluster){.size = 1, .nearest = NONE};
    f->owner[i] = f->active[i] = (uint32_t)i;
  }
  return TX_OK;
}

tx_status tx_ward(tx_rows *rows, tx_pool *pool, const volatile int *opt_stop, tx_tree *ret_tree,
                  tx_error *error)
{
  forest f;
  tx_status status = plant(rows, pool, &f, error);
  if (status == TX_OK) status = join_equal(&f, error);
  while (status == TX_OK && f.active_count > 1) {
    if (opt_stop && *opt_stop) {
      status = TX_STOPPED;
      break;
    }
    find_nearest(&f, pool);
    join_pairs(&f);
  }
  if (status == TX_OK) status = tx_tree_create(rows->count, f.joins, ret_tree, error);
  free_forest(&f);
  return status;
}
