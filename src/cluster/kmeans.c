#include "cluster/kmeans.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

/* TRIALS_MAX: more than 2 + the logarithm of any number of clusters. */
enum { MOST_ITERATIONS = 1000, BLOCK_ROWS = 16, TRIALS_MAX = 32 };

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
  size_t trials;
  size_t *candidates;       /* (trials) rows */
  double *candidate_panels; /* the same rows, packed */
  double *centre_panels;    /* the centres so far, packed */
  double *between;          /* (trials, ldb) squared distances of candidates to centres */
  size_t ldb;
  double *reduced; /* (rows, ldt): nearest with each candidate added */
  size_t ldt;
} seeding;

static void free_seeding(seeding *s)
{
  free(s->centres);
  free(s->nearest);
  free(s->owner);
  free(s->candidates);
  free(s->candidate_panels);
  free(s->centre_panels);
  free(s->between);
  free(s->reduced);
}

static const double *row_at(const tx_rows *rows, size_t row)
{
  return rows->x + row * rows->width;
}

/* Copies a row into a place of some panels. */
static void pack_row(const tx_rows *rows, size_t row, size_t place, double *panels)
{
  double *lane = panels + (place - place % TX_PANEL_ROWS) * rows->width + place % TX_PANEL_ROWS;
  for (size_t k = 0; k < rows->width; k++) lane[k * TX_PANEL_ROWS] = row_at(rows, row)[k];
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

/* Whether a candidate may be nearer to a point than its centre: not if that is more than twice as far from
   the candidate as from the point. */
static bool may_gain(const seeding *s, size_t row)
{
  for (size_t t = 0; t < s->trials; t++)
    if (s->between[t * s->ldb + s->owner[row]] < 4 * s->nearest[row] * (1 + slack)) return true;
  return false;
}

/* Compares some points with all candidates. */
static void compare_points(const seeding *s, const size_t *points, size_t count)
{
  double distances[BLOCK_ROWS * TRIALS_MAX];
  const double *rows[BLOCK_ROWS];
  for (size_t r = 0; r < count; r++) rows[r] = row_at(s->rows, points[r]);
  tx_distances(TX_ROW_SQUARED, &(tx_distance_block){rows, count, s->candidate_panels, s->trials,
                                                    s->rows->width, distances, s->ldt});
  for (size_t r = 0; r < count; r++)
    for (size_t t = 0; t < s->trials; t++)
      s->reduced[points[r] * s->ldt + t] = fmin(s->nearest[points[r]], distances[r * s->ldt + t]);
}

static void try_candidates(seeding *s)
{
  const double *rows[TRIALS_MAX];
  size_t wanted[BLOCK_ROWS], count = 0;
  for (size_t t = 0; t < s->trials; t++) {
    rows[t] = row_at(s->rows, s->candidates[t]);
    pack_row(s->rows, s->candidates[t], t, s->candidate_panels);
  }
  tx_distances(TX_ROW_SQUARED, &(tx_distance_block){rows, s->trials, s->centre_panels, s->count,
                                                    s->rows->width, s->between, s->ldb});
  for (size_t i = 0; i < s->rows->count; i++) {
    if (!may_gain(s, i)) {
      for (size_t t = 0; t < s->trials; t++) s->reduced[i * s->ldt + t] = s->nearest[i];
      continue;
    }
    wanted[count++] = i;
    if (count == BLOCK_ROWS) {
      compare_points(s, wanted, count);
      count = 0;
    }
  }
  compare_points(s, wanted, count);
}

static void take_centre(seeding *s, size_t row)
{
  pack_row(s->rows, row, s->count, s->centre_panels);
  s->centres[s->count++] = row;
}

static void next_centre(seeding *s, tx_random *random)
{
  double total = 0, sums[TRIALS_MAX] = {0};
  size_t best = 0;
  for (size_t i = 0; i < s->rows->count; i++) total += s->nearest[i];
  for (size_t t = 0; t < s->trials; t++) s->candidates[t] = draw(s, random, total);
  try_candidates(s);
  for (size_t i = 0; i < s->rows->count; i++)
    for (size_t t = 0; t < s->trials; t++) sums[t] += s->reduced[i * s->ldt + t];
  for (size_t t = 1; t < s->trials; t++)
    if (sums[t] < sums[best]) best = t;
  for (size_t i = 0; i < s->rows->count; i++) {
    if (s->reduced[i * s->ldt + best] >= s->nearest[i]) continue;
    s->nearest[i] = s->reduced[i * s->ldt + best];
    s->owner[i] = (uint32_t)s->count;
  }
  take_centre(s, s->candidates[best]);
}

static tx_status prepare_seeding(const tx_rows *rows, size_t clusters, seeding *s, tx_error *error)
{
  const size_t trials = 2 + (size_t)log((double)clusters);
  *s = (seeding){.rows = rows, .trials = trials < TRIALS_MAX ? trials : TRIALS_MAX};
  s->ldb = tx_panels_size(clusters, 1);
  s->ldt = tx_panels_size(s->trials, 1);
  s->centres = tx_calloc_aligned(clusters, sizeof *s->centres);
  s->nearest = tx_calloc_aligned(rows->count, sizeof *s->nearest);
  s->owner = tx_calloc_aligned(rows->count, sizeof *s->owner);
  s->candidates = tx_calloc_aligned(s->trials, sizeof *s->candidates);
  s->candidate_panels = tx_calloc_aligned(tx_panels_size(s->trials, rows->width), sizeof(double));
  s->centre_panels = tx_calloc_aligned(tx_panels_size(clusters, rows->width), sizeof(double));
  s->between = tx_calloc_aligned(s->trials, s->ldb * sizeof *s->between);
  s->reduced = tx_calloc_aligned(rows->count, s->ldt * sizeof *s->reduced);
  return s->centres && s->nearest && s->owner && s->candidates && s->candidate_panels && s->centre_panels &&
                 s->between && s->reduced
             ? TX_OK
             : tx_fail_memory(error, "k-means");
}

tx_status tx_kmeans_start(const tx_rows *rows, size_t clusters, uint64_t seed, const volatile int *opt_stop,
                          tx_rows *ret_centres, tx_error *error)
{
  seeding s;
  tx_random random;
  tx_status status = prepare_seeding(rows, clusters, &s, error);
  tx_random_seed(&random, seed, clusters, 0, 0);
  if (status == TX_OK) {
    take_centre(&s, (size_t)tx_random_below(&random, rows->count));
    for (size_t i = 0; i < rows->count; i++)
      s.nearest[i] = tx_squared_distance(rows->width, row_at(rows, s.centres[0]), row_at(rows, i));
  }
  while (status == TX_OK && s.count < clusters) {
    if (opt_stop && *opt_stop)
      status = TX_STOPPED;
    else
      next_centre(&s, &random);
  }
  if (status == TX_OK) status = tx_rows_create(clusters, rows->width, ret_centres, error);
  for (size_t c = 0; c < clusters && status == TX_OK; c++)
    memcpy(ret_centres->x + c * rows->width, row_at(rows, s.centres[c]), rows->width * sizeof *rows->x);
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
