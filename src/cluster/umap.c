#include "cluster/umap.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

enum { NEGATIVES = 5, MANY_ROWS = 10000, EPOCHS_OF_MANY = 200, EPOCHS_OF_FEW = 500 };

/* An edge, in one direction, and when it is next drawn. */
typedef struct edge {
  uint32_t from, to;
  float period;        /* epochs between two draws */
  float next;          /* epoch of the next */
  float next_negative; /* the same of the points drawn against it, five times as often */
} edge;

typedef struct layout {
  size_t count, width, edge_count;
  float *x; /* (count, width) */
  edge *edges;
  float a, b, rate;
  tx_random random;
} layout;

static float clip(float x)
{
  return x > 4 ? 4 : x < -4 ? -4 : x;
}

static float squared_distance(size_t width, const float *restrict a, const float *restrict b)
{
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t k = 0; k < width; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

/* Both ends move along the edge. */
static void attract(const layout *l, float *restrict a, float *restrict b)
{
  const float squared = squared_distance(l->width, a, b);
  float factor = 0;
  if (squared > 0) {
    const float power = powf(squared, l->b);
    factor = -2 * l->a * l->b * power / squared / (l->a * power + 1);
  }
#pragma omp simd
  for (size_t k = 0; k < l->width; k++) {
    const float step = clip(factor * (a[k] - b[k])) * l->rate;
    a[k] += step;
    b[k] -= step;
  }
}

/* One point moves away from another. */
static void repel(const layout *l, float *restrict a, const float *restrict b)
{
  const float squared = squared_distance(l->width, a, b);
  float factor = 0;
  if (squared > 0) factor = 2 * l->b / ((0.001F + squared) * (l->a * powf(squared, l->b) + 1));
#pragma omp simd
  for (size_t k = 0; k < l->width; k++) a[k] += (factor > 0 ? clip(factor * (a[k] - b[k])) : 4) * l->rate;
}

static void draw_edge(layout *l, edge *e, float epoch)
{
  const float negative_period = e->period / NEGATIVES;
  float *own = l->x + (size_t)e->from * l->width;
  int negatives;
  if (e->next > epoch) return;
  attract(l, own, l->x + (size_t)e->to * l->width);
  e->next += e->period;
  negatives = (int)((epoch - e->next_negative) / negative_period);
  for (int i = 0; i < negatives; i++) {
    const size_t other = (size_t)tx_random_below(&l->random, l->count);
    if (other != e->from) repel(l, own, l->x + other * l->width);
  }
  e->next_negative += (float)negatives * negative_period;
}

/* Takes the edges that are drawn at least once, in both directions. */
static tx_status take_edges(const tx_sparse *graph, size_t epochs, layout *l, tx_error *error)
{
  double largest = 0;
  l->edges = tx_malloc_aligned(graph->starts[graph->count] + 1, sizeof *l->edges);
  if (!l->edges) return tx_fail_memory(error, "UMAP");
  for (size_t e = 0; e < graph->starts[graph->count]; e++) largest = fmax(largest, graph->values[e]);
  for (size_t i = 0; i < graph->count; i++)
    for (size_t e = graph->starts[i]; e < graph->starts[i + 1]; e++) {
      const double weight = graph->values[e];
      const float period = (float)(largest / weight);
      if (!(weight > 0) || weight < largest / (double)epochs) continue;
      l->edges[l->edge_count++] = (edge){(uint32_t)i, graph->columns[e], period, period, period / NEGATIVES};
    }
  return TX_OK;
}

static tx_status descend(layout *l, size_t epochs, const volatile int *opt_stop)
{
  for (size_t epoch = 0; epoch < epochs; epoch++) {
    if (opt_stop && *opt_stop) return TX_STOPPED;
    l->rate = 1 - (float)epoch / (float)epochs;
    for (size_t e = 0; e < l->edge_count; e++) draw_edge(l, &l->edges[e], (float)epoch);
  }
  return TX_OK;
}

static tx_status lay_out(const tx_rows *rows, tx_fuzzy *fuzzy, const tx_umap_options *options, tx_pool *pool,
                         const volatile int *opt_stop, tx_rows *ret_layout, tx_error *error)
{
  const size_t epochs = rows->count > MANY_ROWS ? EPOCHS_OF_MANY : EPOCHS_OF_FEW,
               size = rows->count * options->width;
  layout l = {.count = rows->count, .width = options->width};
  double a, b;
  tx_rows start = {0};
  tx_status status = take_edges(&fuzzy->graph, epochs, &l, error);
  if (status == TX_OK) status = tx_umap_start(rows, &fuzzy->graph, options, pool, &start, error);
  if (status == TX_OK) {
    l.x = tx_malloc_aligned(size, sizeof *l.x);
    if (!l.x) status = tx_fail_memory(error, "UMAP");
  }
  if (status == TX_OK) {
    for (size_t i = 0; i < size; i++) l.x[i] = (float)start.x[i];
    tx_umap_curve(options->min_dist, &a, &b);
    l.a = (float)a;
    l.b = (float)b;
    tx_random_seed(&l.random, options->seed, 0, 0, 4);
    status = descend(&l, epochs, opt_stop);
    for (size_t i = 0; i < size; i++) start.x[i] = (double)l.x[i];
  }
  free(l.edges);
  free(l.x);
  if (status == TX_OK)
    *ret_layout = start;
  else
    tx_rows_free(&start);
  return status;
}

tx_status tx_umap_run(const tx_rows *rows, const tx_umap_options *options, tx_pool *pool,
                      const volatile int *opt_stop, tx_rows *ret_layout, tx_error *error)
{
  tx_fuzzy fuzzy = {0};
  tx_status status = tx_fuzzy_create(rows, options, pool, &fuzzy, error);
  if (status != TX_OK) return status;
  status = lay_out(rows, &fuzzy, options, pool, opt_stop, ret_layout, error);
  tx_fuzzy_free(&fuzzy);
  return status;
}
