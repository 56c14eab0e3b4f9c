#include "cluster/linkage.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

size_t tx_pairs_memory(size_t count)
{
  size_t pairs;
  if (count < 2) return sizeof(double);
  if (!tx_multiply(count, count - 1, &pairs) || !tx_multiply(pairs / 2, sizeof(double), &pairs))
    return SIZE_MAX;
  return pairs;
}

typedef struct pairs {
  size_t count;
  double *distances; /* of i < j at i (2 count - i - 1) / 2 + j - i - 1 */
  bool cosine;
} pairs;

static double *pair_at(const pairs *p, size_t a, size_t b)
{
  const size_t i = a < b ? a : b, j = a < b ? b : a;
  return &p->distances[i * (2 * p->count - i - 1) / 2 + j - i - 1];
}

/* Of unit rows the cosine distance is half the squared one. */
static void store_row(void *context, size_t row, const double *distances, size_t thread)
{
  const pairs *p = context;
  double *to = row + 1 < p->count ? pair_at(p, row, row + 1) : NULL;
  (void)thread;
  for (size_t j = row + 1; j < p->count; j++) *to++ = p->cosine ? distances[j] / 2 : sqrt(distances[j]);
}

typedef struct chain {
  pairs pairs;
  uint32_t *sizes; /* 0: joined into another */
  uint32_t *active, *links;
  size_t active_count, length;
  tx_join *joins;
  size_t join_count;
} chain;

static void free_chain(chain *c)
{
  free(c->pairs.distances);
  free(c->sizes);
  free(c->active);
  free(c->links);
  free(c->joins);
}

static tx_status start_chain(size_t count, bool cosine, chain *c, tx_error *error)
{
  *c = (chain){.pairs = {count, tx_malloc_aligned(tx_pairs_memory(count), 1), cosine},
               .sizes = tx_malloc_aligned(count, sizeof *c->sizes),
               .active = tx_malloc_aligned(count, sizeof *c->active),
               .links = tx_malloc_aligned(count, sizeof *c->links),
               .joins = tx_malloc_aligned(count, sizeof *c->joins),
               .active_count = count};
  if (!c->pairs.distances || !c->sizes || !c->active || !c->links || !c->joins)
    return tx_fail_memory(error, "the distances of all pairs of points");
  for (size_t i = 0; i < count; i++) {
    c->sizes[i] = 1;
    c->active[i] = (uint32_t)i;
  }
  return TX_OK;
}

/* Joins the two and puts the distances of the whole in the place of a. */
static void join(chain *c, uint32_t a, uint32_t b, bool complete)
{
  const double x = (double)c->sizes[a], y = (double)c->sizes[b];
  size_t left = 0;
  c->joins[c->join_count++] = (tx_join){a, b, c->sizes[a] + c->sizes[b], *pair_at(&c->pairs, a, b)};
  for (size_t i = 0; i < c->active_count; i++) {
    const uint32_t other = c->active[i];
    if (other == b) continue;
    c->active[left++] = other;
    if (other != a) {
      double *to = pair_at(&c->pairs, a, other);
      const double from = *pair_at(&c->pairs, b, other);
      *to = complete ? fmax(*to, from) : (x * *to + y * from) / (x + y);
    }
  }
  c->active_count = left;
  c->sizes[a] += c->sizes[b];
  c->sizes[b] = 0;
}

/* The nearest cluster of the last in the chain; the one before it wins a tie. */
static uint32_t nearest(const chain *c)
{
  const uint32_t last = c->links[c->length - 1];
  uint32_t best = c->length > 1 ? c->links[c->length - 2] : UINT32_MAX;
  double least = c->length > 1 ? *pair_at(&c->pairs, last, best) : INFINITY;
  for (size_t i = 0; i < c->active_count; i++) {
    const uint32_t other = c->active[i];
    if (other == last) continue;
    if (best == UINT32_MAX || *pair_at(&c->pairs, last, other) < least) {
      best = other;
      least = *pair_at(&c->pairs, last, other);
    }
  }
  return best;
}

tx_status tx_link(const tx_rows *rows, tx_linkage linkage, tx_pool *pool, const volatile int *opt_stop,
                  tx_tree *ret_tree, tx_error *error)
{
  tx_rows unit = {0};
  chain c = {0};
  tx_status status = start_chain(rows->count, linkage.cosine, &c, error);
  if (status == TX_OK && linkage.cosine) status = tx_rows_copy(rows, &unit, error);
  if (status == TX_OK) {
    if (linkage.cosine) tx_rows_unit(&unit);
    status =
        tx_rows_scan(linkage.cosine ? &unit : rows, TX_ROW_SQUARED, true, pool, store_row, &c.pairs, error);
  }
  while (status == TX_OK && c.active_count > 1) {
    uint32_t next;
    if (opt_stop && *opt_stop) {
      status = TX_STOPPED;
      break;
    }
    if (c.length == 0) c.links[c.length++] = c.active[0];
    next = nearest(&c);
    if (c.length > 1 && next == c.links[c.length - 2]) {
      const uint32_t a = c.links[c.length - 1] < next ? c.links[c.length - 1] : next,
                     b = c.links[c.length - 1] < next ? next : c.links[c.length - 1];
      c.length -= 2;
      join(&c, a, b, linkage.complete);
    } else {
      c.links[c.length++] = next;
    }
  }
  if (status == TX_OK) status = tx_tree_create(rows->count, c.joins, ret_tree, error);
  tx_rows_free(&unit);
  free_chain(&c);
  return status;
}
