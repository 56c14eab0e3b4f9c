#include "cluster/spanning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct core_work {
  size_t count, min_samples;
  double *core;
  double *nearest; /* (threads, min_samples) squared, rising */
} core_work;

static void find_core(void *context, size_t row, const double *distances, size_t thread)
{
  const core_work *work = context;
  const size_t wanted = work->min_samples;
  double *nearest = work->nearest + thread * wanted;
  size_t found = 0;
  for (size_t j = 0; j < work->count; j++) {
    size_t at;
    if (found == wanted && distances[j] >= nearest[wanted - 1]) continue;
    at = found < wanted ? found++ : wanted - 1;
    for (; at > 0 && nearest[at - 1] > distances[j]; at--) nearest[at] = nearest[at - 1];
    nearest[at] = distances[j];
  }
  work->core[row] = sqrt(nearest[found - 1]);
}

tx_status tx_core_distances(const tx_rows *rows, size_t min_samples, tx_pool *pool, double *core,
                            tx_error *error)
{
  const size_t wanted = min_samples < rows->count ? min_samples : rows->count;
  core_work work = {rows->count, wanted, core,
                    tx_malloc_aligned(tx_pool_threads(pool), wanted * sizeof *work.nearest)};
  tx_status status;
  if (!work.nearest) return tx_fail_memory(error, "core distances");
  status = tx_rows_scan(rows, TX_ROW_SQUARED, false, pool, find_core, &work, error);
  free(work.nearest);
  return status;
}

/* Panels that a thread compares with the new row at a time. */
enum { BLOCK = 32 * TX_PANEL_ROWS };

/* Prim's algorithm over the rows that are still outside, which are packed into panels in rising order and
   packed again when half of them have gone in. */
typedef struct prim {
  const tx_rows *rows;
  const double *core;
  uint32_t *outside; /* (packed) rows, in the order of the panels */
  size_t packed, left;
  double *panels;
  double *best;      /* (packed) the least distance to a row inside; INFINITY once inside */
  uint32_t *source;  /* (packed) that row */
  uint32_t at;       /* the new row */
  double *distances; /* (threads, BLOCK) */
  double *block_best;
  size_t *block_at;
} prim;

/* Updates one block and finds its nearest row. A row whose best is no more than either core distance cannot
   come nearer: no distance is computed for a panel of those. */
static void update_block(void *context, size_t item, size_t thread)
{
  const prim *p = context;
  const size_t first = item * BLOCK, end = first + BLOCK < p->packed ? first + BLOCK : p->packed;
  const double own = p->core[p->at];
  const double *row = p->rows->x + (size_t)p->at * p->rows->width;
  double *distances = p->distances + thread * BLOCK;
  bool wanted = false;
  for (size_t j = first; j < end && !wanted; j++)
    wanted =
        isfinite(p->best[j]) ? fmax(own, p->core[p->outside[j]]) < p->best[j] : p->source[j] == UINT32_MAX;
  if (wanted) {
    tx_distances(TX_ROW_SQUARED, &(tx_distance_block){&row, 1, p->panels + first * p->rows->width,
                                                      end - first, p->rows->width, distances, BLOCK});
    for (size_t j = first; j < end; j++) {
      double distance;
      if (p->source[j] == p->outside[j]) continue; /* inside */
      distance = fmax(fmax(sqrt(distances[j - first]), own), p->core[p->outside[j]]);
      if (p->source[j] == UINT32_MAX || distance < p->best[j]) {
        p->best[j] = distance;
        p->source[j] = p->at;
      }
    }
  }
  p->block_best[item] = INFINITY;
  p->block_at[item] = SIZE_MAX;
  for (size_t j = first; j < end; j++) {
    if (p->source[j] == p->outside[j]) continue;
    if (p->block_at[item] == SIZE_MAX || p->best[j] < p->block_best[item]) {
      p->block_best[item] = p->best[j];
      p->block_at[item] = j;
    }
  }
}

/* Packs the rows that are still outside. */
static void pack(prim *p)
{
  const size_t width = p->rows->width;
  size_t kept = 0;
  for (size_t j = 0; j < p->packed; j++) {
    double *lane;
    if (p->source[j] == p->outside[j]) continue;
    p->outside[kept] = p->outside[j];
    p->best[kept] = p->best[j];
    p->source[kept] = p->source[j];
    lane = p->panels + (kept - kept % TX_PANEL_ROWS) * width + kept % TX_PANEL_ROWS;
    for (size_t i = 0; i < width; i++)
      lane[i * TX_PANEL_ROWS] = p->rows->x[(size_t)p->outside[kept] * width + i];
    kept++;
  }
  p->packed = kept;
}

static void free_prim(prim *p)
{
  free(p->outside);
  free(p->panels);
  free(p->best);
  free(p->source);
  free(p->distances);
  free(p->block_best);
  free(p->block_at);
}

static tx_status start(const tx_rows *rows, const double *core, tx_pool *pool, prim *p, tx_error *error)
{
  const size_t count = rows->count, blocks = count / BLOCK + 1;
  *p = (prim){.rows = rows, .core = core, .packed = count, .left = count - 1, .at = 0};
  p->outside = tx_malloc_aligned(count, sizeof *p->outside);
  p->panels = tx_calloc_aligned(tx_panels_size(count, rows->width), sizeof *p->panels);
  p->best = tx_malloc_aligned(count, sizeof *p->best);
  p->source = tx_malloc_aligned(count, sizeof *p->source);
  p->distances = tx_malloc_aligned(tx_pool_threads(pool), BLOCK * sizeof *p->distances);
  p->block_best = tx_malloc_aligned(blocks, sizeof *p->block_best);
  p->block_at = tx_malloc_aligned(blocks, sizeof *p->block_at);
  if (!p->outside || !p->panels || !p->best || !p->source || !p->distances || !p->block_best || !p->block_at)
    return tx_fail_memory(error, "a minimum spanning tree");
  for (size_t i = 0; i < count; i++) {
    p->outside[i] = (uint32_t)i;
    p->best[i] = INFINITY;
    p->source[i] = i ? UINT32_MAX : 0;
  }
  pack(p);
  return TX_OK;
}

tx_status tx_spanning_tree(const tx_rows *rows, const double *core, tx_pool *pool,
                           const volatile int *opt_stop, tx_join *edges, tx_error *error)
{
  prim p;
  tx_status status = start(rows, core, pool, &p, error);
  for (size_t edge = 0; status == TX_OK && p.left; edge++, p.left--) {
    const size_t blocks = (p.packed + BLOCK - 1) / BLOCK;
    size_t best = SIZE_MAX;
    if (opt_stop && *opt_stop) {
      status = TX_STOPPED;
      break;
    }
    tx_pool_run(pool, blocks, update_block, &p);
    for (size_t b = 0; b < blocks; b++)
      if (p.block_at[b] != SIZE_MAX && (best == SIZE_MAX || p.block_best[b] < p.best[best]))
        best = p.block_at[b];
    edges[edge] = (tx_join){p.source[best], p.outside[best], 0, p.best[best]};
    p.at = p.outside[best];
    p.source[best] = p.outside[best];
    if (p.left * 2 < p.packed) pack(&p);
  }
  free_prim(&p);
  return status;
}
