#include "cluster/kmeans.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

enum { MOST_ITERATIONS = 1000, BLOCK_ROWS = 16 };

static const double tolerance = 1e-4;
/* Rounding that the bounds on distances allow for. */
static const double slack = 1e-9;

/* The choice of first centres. */
typedef struct seeding {
  const tx_rows *rows;
  size_t *centres; /* rows that are centres */
  size_t count;
  double *nearest; /* (rows) squared distance to the nearest centre */
  uint32_t *owner; /* (rows) which centre that is */
  double *trial;   /* (rows) the same with a candidate added */
  double *best_trial;
  double *between; /* (centres) distances of a candidate to the centres */
} seeding;

static void free_seeding(seeding *s)
{
  free(s->centres);
  free(s->nearest);
  free(s->owner);
  free(s->trial);
  free(s->best_trial);
  free(s->between);
}

static const double *row_at(const tx_rows *rows, size_t row)
{
  return rows->x + row * rows->width;
}

/* Fills trial for one candidate and returns its sum. A point whose centre is more than twice as far from the
   candidate as from the point cannot be nearer to the candidate. */
static double try_candidate(seeding *s, size_t candidate)
{
  const double *x = row_at(s->rows, candidate);
  double sum = 0;
  for (size_t c = 0; c < s->count; c++)
    s->between[c] = tx_squared_distance(s->rows->width, x, row_at(s->rows, s->centres[c]));
  for (size_t i = 0; i < s->rows->count; i++) {
    double least = s->nearest[i];
    if (s->between[s->owner[i]] < 4 * least * (1 + slack)) {
      const double distance = tx_squared_distance(s->rows->width, x, row_at(s->rows, i));
      if (distance < least) least = distance;
    }
    s->trial[i] = least;
    sum += least;
  }
  return sum;
}

static void take_centre(seeding *s, size_t row)
{
  for (size_t i = 0; i < s->rows->count; i++) {
    if (s->count && s->best_trial[i] >= s->nearest[i]) continue;
    s->nearest[i] = s->count ? s->best_trial[i]
                             : tx_squared_distance(s->rows->width, row_at(s->rows, row), row_at(s->rows, i));
    s->owner[i] = (uint32_t)s->count;
  }
  s->centres[s->count++] = row;
}

/* A point drawn with probability proportional to its squared distance from the nearest centre. */
static size_t draw(const seeding *s, tx_random *random, double total)
{
  double left = tx_random_real(random) * total;
  size_t last = 0;
  if (!(total > 0)) return (size_t)tx_random_below(random, s->rows->count);
  for (size_t i = 0; i < s->rows->count; i++) {
    if (s->nearest[i] > 0) last = i;
    left -= s->nearest[i];
    if (left < 0) return i;
  }
  return last;
}

static void next_centre(seeding *s, tx_random *random, size_t trials)
{
  double total = 0, best = INFINITY;
  size_t chosen = 0;
  for (size_t i = 0; i < s->rows->count; i++) total += s->nearest[i];
  for (size_t t = 0; t < trials; t++) {
    const size_t candidate = draw(s, random, total);
    const double sum = try_candidate(s, candidate);
    if (sum < best) {
      double *swapped = s->trial;
      s->trial = s->best_trial;
      s->best_trial = swapped;
      best = sum;
      chosen = candidate;
    }
  }
  take_centre(s, chosen);
}

tx_status tx_kmeans_start(const tx_rows *rows, size_t clusters, uint64_t seed, const volatile int *opt_stop,
                          tx_rows *ret_centres, tx_error *error)
{
  const size_t trials = 2 + (size_t)log((double)clusters), count = rows->count;
  seeding s = {.rows = rows,
               .centres = tx_calloc_aligned(clusters, sizeof *s.centres),
               .nearest = tx_calloc_aligned(count, sizeof *s.nearest),
               .owner = tx_calloc_aligned(count, sizeof *s.owner),
               .trial = tx_calloc_aligned(count, sizeof *s.trial),
               .best_trial = tx_calloc_aligned(count, sizeof *s.best_trial),
               .between = tx_calloc_aligned(clusters, sizeof *s.between)};
  tx_random random;
  tx_status status = s.centres && s.nearest && s.owner && s.trial && s.best_trial && s.between
                         ? tx_rows_create(clusters, rows->width, ret_centres, error)
                         : tx_fail_memory(error, "k-means");
  tx_random_seed(&random, seed, clusters, 0, 0);
  if (status == TX_OK) take_centre(&s, (size_t)tx_random_below(&random, count));
  while (status == TX_OK && s.count < clusters) {
    if (opt_stop && *opt_stop)
      status = TX_STOPPED;
    else
      next_centre(&s, &random, trials);
  }
  for (size_t c = 0; c < clusters && status == TX_OK; c++)
    memcpy(ret_centres->x + c * rows->width, row_at(rows, s.centres[c]), rows->width * sizeof *rows->x);
  if (status == TX_STOPPED) tx_rows_free(ret_centres);
  free_seeding(&s);
  return status;
}

/* Lloyd's iterations. Each point has bounds (Hamerly 2010): its distance to its centre is at most `upper`, to
   every other at least `lower`; while upper < lower its label stands, and no distance is computed. */
typedef struct lloyd {
  const tx_rows *rows;
  tx_rows *centres;
  double *next; /* (centres, width) sums, then means */
  double *sizes, *shifts;
  double *panels;
  int32_t *labels, *before;
  double *upper, *lower;
  double *distances; /* (threads, BLOCK_ROWS, ldd) */
  size_t ldd;
} lloyd;

static void free_lloyd(lloyd *l)
{
  free(l->next);
  free(l->sizes);
  free(l->shifts);
  free(l->panels);
  free(l->before);
  free(l->upper);
  free(l->lower);
  free(l->distances);
}

static void label_row(const lloyd *l, size_t row, const double *distances)
{
  double least = INFINITY, second = INFINITY;
  int32_t best = 0;
  for (size_t c = 0; c < l->centres->count; c++) {
    if (distances[c] < least) {
      second = least;
      least = distances[c];
      best = (int32_t)c;
    } else if (distances[c] < second) {
      second = distances[c];
    }
  }
  l->labels[row] = best;
  l->upper[row] = sqrt(least);
  l->lower[row] = sqrt(second);
}

static void label_block(void *context, size_t item, size_t thread)
{
  const lloyd *l = context;
  const size_t first = item * BLOCK_ROWS,
               end = first + BLOCK_ROWS < l->rows->count ? first + BLOCK_ROWS : l->rows->count;
  double *distances = l->distances + thread * BLOCK_ROWS * l->ldd;
  const double *rows[BLOCK_ROWS];
  size_t wanted[BLOCK_ROWS], count = 0;
  for (size_t i = first; i < end; i++) {
    const double *centre = l->centres->x + (size_t)l->labels[i] * l->rows->width;
    if (l->upper[i] < l->lower[i] * (1 - slack)) continue;
    if (isfinite(l->upper[i])) {
      l->upper[i] = sqrt(tx_squared_distance(l->rows->width, row_at(l->rows, i), centre));
      if (l->upper[i] < l->lower[i] * (1 - slack)) continue;
    }
    wanted[count] = i;
    rows[count++] = row_at(l->rows, i);
  }
  tx_distances(TX_ROW_SQUARED, &(tx_distance_block){rows, count, l->panels, l->centres->count, l->rows->width,
                                                    distances, l->ldd});
  for (size_t r = 0; r < count; r++) label_row(l, wanted[r], distances + r * l->ldd);
}

static void label_all(lloyd *l, tx_pool *pool)
{
  tx_panels_fill(l->centres->x, l->centres->count, l->rows->width, l->rows->width, l->panels);
  tx_pool_run(pool, (l->rows->count + BLOCK_ROWS - 1) / BLOCK_ROWS, label_block, l);
}

/* Gives each cluster without points the one that is farthest from its centre. */
static void fill_empty(lloyd *l)
{
  const size_t width = l->rows->width;
  for (size_t c = 0; c < l->centres->count; c++) {
    double farthest = -1;
    size_t at = 0;
    if (l->sizes[c] > 0) continue;
    for (size_t i = 0; i < l->rows->count; i++) {
      const size_t own = (size_t)l->labels[i];
      const double distance = tx_squared_distance(width, row_at(l->rows, i), l->centres->x + own * width);
      if (l->sizes[own] > 1 && distance > farthest) {
        farthest = distance;
        at = i;
      }
    }
    if (farthest < 0) return;
    for (size_t k = 0; k < width; k++) {
      l->next[(size_t)l->labels[at] * width + k] -= row_at(l->rows, at)[k];
      l->next[c * width + k] = row_at(l->rows, at)[k];
    }
    l->sizes[l->labels[at]]--;
    l->sizes[c] = 1;
    l->labels[at] = (int32_t)c;
    l->upper[at] = INFINITY;
  }
}

/* Moves the centres to the means of their points; returns the summed squared shifts. */
static double move_centres(lloyd *l)
{
  const size_t width = l->rows->width, clusters = l->centres->count;
  double total = 0, longest = 0;
  memset(l->next, 0, clusters * width * sizeof *l->next);
  memset(l->sizes, 0, clusters * sizeof *l->sizes);
  for (size_t i = 0; i < l->rows->count; i++) {
    double *sum = l->next + (size_t)l->labels[i] * width;
    const double *x = row_at(l->rows, i);
    l->sizes[l->labels[i]]++;
    for (size_t k = 0; k < width; k++) sum[k] += x[k];
  }
  fill_empty(l);
  for (size_t c = 0; c < clusters; c++) {
    double *next = l->next + c * width, *centre = l->centres->x + c * width, squared;
    for (size_t k = 0; k < width; k++) next[k] = l->sizes[c] > 0 ? next[k] / l->sizes[c] : centre[k];
    squared = tx_squared_distance(width, next, centre);
    memcpy(centre, next, width * sizeof *centre);
    l->shifts[c] = sqrt(squared);
    longest = fmax(longest, l->shifts[c]);
    total += squared;
  }
  for (size_t i = 0; i < l->rows->count; i++) {
    l->upper[i] += l->shifts[l->labels[i]];
    l->lower[i] -= longest;
  }
  return total;
}

static double mean_variance(const tx_rows *rows)
{
  double sum = 0;
  for (size_t k = 0; k < rows->width; k++) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < rows->count; i++) mean += rows->x[i * rows->width + k];
    mean /= (double)rows->count;
    for (size_t i = 0; i < rows->count; i++) {
      const double x = rows->x[i * rows->width + k] - mean;
      squares += x * x;
    }
    sum += squares / (double)rows->count;
  }
  return sum / (double)rows->width;
}

static tx_status prepare(const tx_rows *rows, tx_pool *pool, tx_rows *centres, int32_t *labels, lloyd *l,
                         tx_error *error)
{
  const size_t clusters = centres->count;
  *l = (lloyd){.rows = rows, .centres = centres, .labels = labels, .ldd = tx_panels_size(clusters, 1)};
  l->next = tx_malloc_aligned(clusters, rows->width * sizeof *l->next);
  l->sizes = tx_malloc_aligned(clusters, sizeof *l->sizes);
  l->shifts = tx_malloc_aligned(clusters, sizeof *l->shifts);
  l->panels = tx_malloc_aligned(tx_panels_size(clusters, rows->width), sizeof *l->panels);
  l->before = tx_malloc_aligned(rows->count, sizeof *l->before);
  l->upper = tx_malloc_aligned(rows->count, sizeof *l->upper);
  l->lower = tx_calloc_aligned(rows->count, sizeof *l->lower);
  l->distances = tx_malloc_aligned(tx_pool_threads(pool) * BLOCK_ROWS, l->ldd * sizeof *l->distances);
  if (!l->next || !l->sizes || !l->shifts || !l->panels || !l->before || !l->upper || !l->lower ||
      !l->distances)
    return tx_fail_memory(error, "k-means");
  for (size_t i = 0; i < rows->count; i++) {
    labels[i] = 0;
    l->before[i] = -1;
    l->upper[i] = INFINITY;
  }
  return TX_OK;
}

tx_status tx_kmeans_run(const tx_rows *rows, tx_pool *pool, const volatile int *opt_stop, tx_kmeans *own,
                        int32_t *labels, tx_error *error)
{
  lloyd l;
  const double least_shift = tolerance * mean_variance(rows);
  bool same = false;
  tx_status status = prepare(rows, pool, &own->centres, labels, &l, error);
  own->iterations = 0;
  while (status == TX_OK && !same && own->iterations < MOST_ITERATIONS) {
    double shift;
    if (opt_stop && *opt_stop) {
      status = TX_STOPPED;
      break;
    }
    label_all(&l, pool);
    same = memcmp(l.before, labels, rows->count * sizeof *labels) == 0;
    shift = move_centres(&l);
    own->iterations++;
    memcpy(l.before, labels, rows->count * sizeof *labels);
    if (!same && shift <= least_shift) break;
  }
  if (status == TX_OK && !same) label_all(&l, pool);
  own->inertia = 0;
  for (size_t i = 0; i < rows->count && status == TX_OK; i++)
    own->inertia +=
        tx_squared_distance(rows->width, row_at(rows, i), own->centres.x + (size_t)labels[i] * rows->width);
  free_lloyd(&l);
  return status;
}
