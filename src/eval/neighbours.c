#include <taxamba/neighbours.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/wait.h"

/* Every dot product is one sum over the features in their order, whatever block, lane or thread computes it:
   the cosine of two rows depends on these rows alone, so equal references tie exactly and thread counts
   cannot change a bit. The speed comes from doing QUERY_ROWS x LANES of such sums side by side. */
enum { LANES = 8, QUERY_ROWS = 4, QUERY_BLOCK = 64, RUN_BLOCKS = 16 };

typedef struct search {
  const float *queries; /* (Q, width) unit rows, Q rounded up to QUERY_ROWS with zeros */
  const float *panels;  /* (R / LANES, width, LANES) unit rows, transposed panel by panel */
  const unsigned char *query_valid;
  const unsigned char *reference_valid;
  size_t query_count, reference_count, width, several;
  size_t block; /* first of the blocks that are searched at a time */
  int64_t *index;
  float *cosine; /* may be NULL */
  /* scratch, (threads, QUERY_BLOCK + QUERY_ROWS, several): the nearest so far */
  float *best;
  int64_t *where;
} search;

/* 1 / length of a row, 0 when it has no direction. */
static double inverse_length(const float *row, size_t width)
{
  double sum = 0;
  for (size_t i = 0; i < width; i++) sum += (double)row[i] * (double)row[i];
  return isfinite(sum) && sum > 0 ? 1.0 / sqrt(sum) : 0;
}

static void normalise_query(const float *row, size_t width, float *unit, unsigned char *valid)
{
  double scale = inverse_length(row, width);
  *valid = scale > 0;
  if (!*valid) return;
  for (size_t i = 0; i < width; i++) unit[i] = (float)((double)row[i] * scale);
}

static void pack_reference(const float *row, size_t width, float *lane, unsigned char *valid)
{
  double scale = inverse_length(row, width);
  *valid = scale > 0;
  if (!*valid) return;
  for (size_t i = 0; i < width; i++) lane[i * LANES] = (float)((double)row[i] * scale);
}

/* Computes products[QUERY_ROWS][LANES] of four query rows with one panel. */
static void multiply_panel(const float *restrict queries, const float *restrict panel, size_t width,
                           float products[QUERY_ROWS][LANES])
{
  float sums[QUERY_ROWS][LANES] = {{0}};
  const float *q0 = queries, *q1 = queries + width, *q2 = queries + 2 * width, *q3 = queries + 3 * width;
  for (size_t i = 0; i < width; i++) {
    const float *lane = panel + i * LANES;
#pragma omp simd
    for (int l = 0; l < LANES; l++) {
      sums[0][l] += q0[i] * lane[l];
      sums[1][l] += q1[i] * lane[l];
      sums[2][l] += q2[i] * lane[l];
      sums[3][l] += q3[i] * lane[l];
    }
  }
  memcpy(products, sums, sizeof sums);
}

/* Puts a reference among the nearest of a query; of equal ones the first that came stays before. */
static void keep_nearest(const search *s, float cosine, int64_t reference, int64_t *where, float *best)
{
  size_t at = s->several;
  while (at > 0 && (where[at - 1] < 0 || cosine > best[at - 1])) at--;
  if (at == s->several) return;
  memmove(where + at + 1, where + at, (s->several - 1 - at) * sizeof *where);
  memmove(best + at + 1, best + at, (s->several - 1 - at) * sizeof *best);
  where[at] = reference;
  best[at] = cosine;
}

/* Searches one block of queries against all references, panels in order: the lower index stays before the
   other at a tie. */
static void search_block(void *context, size_t block, size_t thread)
{
  const search *s = context;
  const size_t first = (s->block + block) * QUERY_BLOCK, several = s->several,
               rows = s->query_count - first < QUERY_BLOCK ? s->query_count - first : QUERY_BLOCK;
  float *best = s->best + thread * (QUERY_BLOCK + QUERY_ROWS) * several;
  int64_t *where = s->where + thread * (QUERY_BLOCK + QUERY_ROWS) * several;
  for (size_t i = 0; i < (QUERY_BLOCK + QUERY_ROWS) * several; i++) {
    best[i] = 0;
    where[i] = -1;
  }
  for (size_t reference = 0; reference < s->reference_count; reference += LANES) {
    const float *panel = s->panels + reference * s->width;
    size_t lanes = s->reference_count - reference < LANES ? s->reference_count - reference : LANES;
    for (size_t q = 0; q < rows; q += QUERY_ROWS) {
      float products[QUERY_ROWS][LANES];
      multiply_panel(s->queries + (first + q) * s->width, panel, s->width, products);
      for (size_t row = 0; row < QUERY_ROWS; row++) {
        const size_t last = (q + row + 1) * several - 1;
        for (size_t l = 0; l < lanes; l++)
          if ((where[last] < 0 || products[row][l] > best[last]) && s->reference_valid[reference + l])
            keep_nearest(s, products[row][l], (int64_t)(reference + l), where + (q + row) * several,
                         best + (q + row) * several);
      }
    }
  }
  for (size_t i = 0; i < rows * several; i++) {
    const bool found = s->query_valid[first + i / several] && where[i] >= 0;
    s->index[first * several + i] = found ? where[i] : -1;
    if (s->cosine) s->cosine[first * several + i] = found ? best[i] : 0;
  }
}

static bool round_up(size_t count, size_t to, size_t *ret)
{
  if (!tx_add(count, to - 1, ret)) return false;
  *ret -= *ret % to;
  return true;
}

/* Unit rows of both sides, rounded up to whole blocks. */
typedef struct units {
  float *queries, *panels;
  unsigned char *query_valid, *reference_valid;
} units;

static void free_units(units *own)
{
  free(own->queries);
  free(own->panels);
  free(own->query_valid);
  free(own->reference_valid);
}

static tx_status create_units(const tx_nearest_rows *rows, units *own, tx_error *error)
{
  const size_t width = rows->width;
  size_t query_rows, reference_rows, query_size, panel_size;
  if (round_up(rows->query_count, QUERY_ROWS, &query_rows) &&
      round_up(rows->reference_count, LANES, &reference_rows) &&
      tx_multiply(query_rows, width, &query_size) && tx_multiply(reference_rows, width, &panel_size)) {
    own->queries = tx_calloc_aligned(query_size, sizeof *own->queries);
    own->panels = tx_calloc_aligned(panel_size ? panel_size : 1, sizeof *own->panels);
    own->query_valid = calloc(query_rows, 1);
    own->reference_valid = calloc(reference_rows ? reference_rows : 1, 1);
  }
  if (!own->queries || !own->panels || !own->query_valid || !own->reference_valid)
    return tx_fail_memory(error, "the nearest-neighbour search");
  for (size_t q = 0; q < rows->query_count; q++)
    normalise_query(rows->queries + q * width, width, own->queries + q * width, &own->query_valid[q]);
  for (size_t r = 0; r < rows->reference_count; r++)
    pack_reference(rows->references + r * width, width, own->panels + (r - r % LANES) * width + r % LANES,
                   &own->reference_valid[r]);
  return TX_OK;
}

/* Scratch of the threads. */
static tx_status create_nearest(search *own, size_t threads, tx_error *error)
{
  size_t count, all;
  if (tx_multiply(threads, QUERY_BLOCK + QUERY_ROWS, &count) && tx_multiply(count, own->several, &all)) {
    own->best = tx_malloc_aligned(all, sizeof *own->best);
    own->where = tx_malloc_aligned(all, sizeof *own->where);
  }
  return own->best && own->where ? TX_OK : tx_fail_memory(error, "the nearest-neighbour search");
}

/* Searches some blocks at a time, so that it can be stopped in between. */
static tx_status search_blocks(search *own, tx_pool *pool, size_t blocks, const tx_nearest_run *run)
{
  for (own->block = 0; own->block < blocks; own->block += RUN_BLOCKS) {
    const size_t left = blocks - own->block, end = own->block + (left < RUN_BLOCKS ? left : RUN_BLOCKS);
    if (tx_is_stopped(run->stop)) return TX_STOPPED;
    tx_pool_run(pool, end - own->block, search_block, own);
    if (run->progress)
      run->progress(run->context, end < blocks ? end * QUERY_BLOCK : own->query_count);
  }
  return tx_is_stopped(run->stop) ? TX_STOPPED : TX_OK;
}

tx_status tx_nearest(const tx_nearest_rows *rows, size_t threads, int64_t *ret_index, float *opt_cosine,
                     tx_error *error)
{
  return tx_nearest_several(rows, 1, &(tx_nearest_run){.threads = threads}, ret_index, opt_cosine, error);
}

tx_status tx_nearest_several(const tx_nearest_rows *rows, size_t several, const tx_nearest_run *run,
                             int64_t *ret_index, float *opt_cosine, tx_error *error)
{
  const size_t blocks = rows->query_count / QUERY_BLOCK + (rows->query_count % QUERY_BLOCK != 0),
               threads = run->threads ? run->threads : 1;
  search context = {.query_count = rows->query_count,
                    .reference_count = rows->reference_count,
                    .width = rows->width,
                    .several = several,
                    .index = ret_index,
                    .cosine = opt_cosine};
  units own = {0};
  tx_pool *pool = NULL;
  tx_status status;
  if (rows->query_count == 0 || several == 0) return TX_OK;
  if (rows->width == 0) return tx_fail(error, TX_ERROR_USAGE, "embeddings of width 0 have no neighbours");
  status = create_units(rows, &own, error);
  if (status == TX_OK) status = tx_pool_create(threads < blocks ? threads : blocks, &pool, error);
  if (status == TX_OK) status = create_nearest(&context, tx_pool_threads(pool), error);
  if (status == TX_OK) {
    context.queries = own.queries;
    context.panels = own.panels;
    context.query_valid = own.query_valid;
    context.reference_valid = own.reference_valid;
    status = search_blocks(&context, pool, blocks, run);
  }
  tx_pool_free(pool);
  free(context.best);
  free(context.where);
  free_units(&own);
  return status;
}
