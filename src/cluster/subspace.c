#include "cluster/subspace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/wait.h"
#include "tensor/blas.h"
#include "tensor/lanes.h"

enum {
  STRIP = TX_LANES, /* vectors that the matrix is applied to together */
  PANEL = 32,       /* vectors that are made orthonormal together */
  TILE = 64,        /* vectors whose products with a panel are one task */
  COLUMNS = 512,    /* numbers of all vectors that are turned together */
  LEAST_DEGREE = 8,
  MOST_DEGREE = 1000,
  FIRST_DEGREE = 10,
  ROUNDS = 100
};

/* The block of vectors that turns to those wanted. */
typedef struct subspace {
  const tx_sparse *matrix;
  const tx_eigen_options *options;
  tx_pool *pool;
  size_t width;
  double *x;                /* (width, count) */
  double *strips;           /* (threads, 2, count, STRIP) */
  double *turned;           /* (threads, width, COLUMNS) */
  double *small, *turn;     /* (width, width) */
  double *values, *lengths; /* (width) approximations, the largest first; of what is left of each */
  double *scratch;
  double centre, half; /* what the filter takes out is at most half from the centre */
  size_t degree;
  size_t panel, panel_width; /* of the panel that is made orthonormal: its first vector, and how many */
} subspace;

size_t tx_subspace_width(size_t wanted)
{
  return wanted + (wanted / 4 > STRIP ? wanted / 4 : STRIP);
}

static double *strips_of(const subspace *s, size_t thread)
{
  return s->strips + thread * 2 * s->matrix->count * STRIP;
}

/* Copies vectors first .. first + STRIP to lanes; those past the last are zeros. Returns how many there are.
   With `back` the other way. */
static size_t interleave(const subspace *s, size_t first, double *lanes, bool back)
{
  const size_t n = s->matrix->count, count = s->width - first < STRIP ? s->width - first : STRIP;
  for (size_t v = 0; v < STRIP; v++) {
    double *vector = s->x + (first + v) * n;
    for (size_t i = 0; i < n && v < count && back; i++) vector[i] = lanes[i * STRIP + v];
    for (size_t i = 0; i < n && !back; i++) lanes[i * STRIP + v] = v < count ? vector[i] : 0;
  }
  return count;
}

/* y = image A x + own x + kept y of some lanes. */
static void multiply(const subspace *s, tx_lanes_factors factors, const double *x, double *y)
{
  const tx_sparse *m = s->matrix;
  tx_lanes_multiply(&(tx_lanes_matrix){m->count, m->starts, m->columns, m->values}, factors, x, y);
}

/* Divides each lane by its length. */
static void normalise_lanes(size_t count, double *lanes)
{
  double squares[STRIP] = {0};
  for (size_t i = 0; i < count * STRIP; i += STRIP) {
#pragma omp simd
    for (size_t j = 0; j < STRIP; j++) squares[j] += lanes[i + j] * lanes[i + j];
  }
  for (size_t j = 0; j < STRIP; j++) squares[j] = squares[j] > 0 ? 1 / sqrt(squares[j]) : 0;
  for (size_t i = 0; i < count * STRIP; i += STRIP) {
#pragma omp simd
    for (size_t j = 0; j < STRIP; j++) lanes[i + j] *= squares[j];
  }
}

/* Chebyshev's polynomial of the matrix, applied to some vectors: large above what is taken out. */
static void filter_strip(void *context, size_t strip, size_t thread)
{
  const subspace *s = context;
  const double centre = s->centre, scale = 1 / s->half;
  double *before = strips_of(s, thread), *now = before + s->matrix->count * STRIP;
  if (tx_is_stopped(s->options->stop)) return;
  interleave(s, strip * STRIP, before, false);
  multiply(s, (tx_lanes_factors){scale, -scale * centre, 0}, before, now);
  for (size_t degree = 2; degree <= s->degree; degree++) {
    double *next = before; /* each number of it is needed once, for that of the next degree */
    multiply(s, (tx_lanes_factors){2 * scale, -2 * scale * centre, -1}, now, next);
    before = now;
    now = next;
  }
  normalise_lanes(s->matrix->count, now);
  interleave(s, strip * STRIP, now, true);
}

/* Products of the panel with some vectors before it, to small (width, panel_width). */
static void project_tile(void *context, size_t tile, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count, first = tile * TILE,
               count = s->panel - first < TILE ? s->panel - first : TILE;
  (void)thread;
  tx_blas_multiply(&(tx_blas_product){.m = count,
                                      .n = s->panel_width,
                                      .k = n,
                                      .a = s->x + first * n,
                                      .lda = n,
                                      .b = s->x + s->panel * n,
                                      .ldb = n,
                                      .transpose_b = true,
                                      .factor = 1,
                                      .c = s->small + first * s->panel_width,
                                      .ldc = s->panel_width});
}

/* Takes the vectors before it out of some numbers of the panel. */
static void reduce_columns(void *context, size_t block, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count, first = block * COLUMNS,
               count = n - first < COLUMNS ? n - first : COLUMNS;
  (void)thread;
  tx_blas_multiply(&(tx_blas_product){.m = s->panel_width,
                                      .n = count,
                                      .k = s->panel,
                                      .a = s->small,
                                      .lda = s->panel_width,
                                      .transpose_a = true,
                                      .b = s->x + first,
                                      .ldb = n,
                                      .factor = -1,
                                      .add = true,
                                      .c = s->x + s->panel * n + first,
                                      .ldc = n});
}

/* Makes the vectors orthonormal: each panel against those before and within itself, twice. */
static void orthonormalise(subspace *s)
{
  const size_t n = s->matrix->count;
  for (s->panel = 0; s->panel < s->width; s->panel += PANEL) {
    s->panel_width = s->width - s->panel < PANEL ? s->width - s->panel : PANEL;
    for (int twice = 0; twice < 2; twice++) {
      if (s->panel) {
        tx_pool_run(s->pool, (s->panel + TILE - 1) / TILE, project_tile, s);
        tx_pool_run(s->pool, (n + COLUMNS - 1) / COLUMNS, reduce_columns, s);
      }
      tx_blas_orthonormal(s->panel_width, n, s->x + s->panel * n, s->scratch);
    }
  }
}

/* The part of the matrix within the subspace: products of some vectors' images with those up to them. */
static void restrict_strip(void *context, size_t strip, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count, first = strip * STRIP;
  double *lanes = strips_of(s, thread), *product = lanes + n * STRIP;
  const size_t count = interleave(s, first, lanes, false);
  multiply(s, (tx_lanes_factors){1, 0, 0}, lanes, product);
  tx_blas_multiply(&(tx_blas_product){.m = first + count,
                                      .n = count,
                                      .k = n,
                                      .a = s->x,
                                      .lda = n,
                                      .b = product,
                                      .ldb = STRIP,
                                      .factor = 1,
                                      .c = s->small + first,
                                      .ldc = s->width});
}

static void turn_columns(void *context, size_t block, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count, first = block * COLUMNS,
               count = n - first < COLUMNS ? n - first : COLUMNS;
  double *turned = s->turned + thread * s->width * COLUMNS;
  tx_blas_multiply(&(tx_blas_product){.m = s->width,
                                      .n = count,
                                      .k = s->width,
                                      .a = s->turn,
                                      .lda = s->width,
                                      .b = s->x + first,
                                      .ldb = n,
                                      .factor = 1,
                                      .c = turned,
                                      .ldc = COLUMNS});
  for (size_t v = 0; v < s->width; v++)
    memcpy(s->x + v * n + first, turned + v * COLUMNS, count * sizeof *turned);
}

/* Lengths of A x - value x of some vectors. */
static void measure_strip(void *context, size_t strip, size_t thread)
{
  const subspace *s = context;
  const size_t n = s->matrix->count, first = strip * STRIP;
  double *lanes = strips_of(s, thread), *product = lanes + n * STRIP, squares[STRIP] = {0},
         values[STRIP] = {0};
  const size_t count = interleave(s, first, lanes, false);
  memcpy(values, s->values + first, count * sizeof *values);
  multiply(s, (tx_lanes_factors){1, 0, 0}, lanes, product);
  for (size_t i = 0; i < n * STRIP; i += STRIP) {
#pragma omp simd
    for (size_t j = 0; j < STRIP; j++) {
      const double left = product[i + j] - values[j] * lanes[i + j];
      squares[j] += left * left;
    }
  }
  for (size_t j = 0; j < count; j++) s->lengths[first + j] = sqrt(squares[j]);
}

static void swap_vectors(double *a, double *b, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const double kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

/* Turns the orthonormal vectors to the best approximations within their subspace, the largest value first
   (Rayleigh and Ritz). */
static bool turn(subspace *s)
{
  const size_t n = s->matrix->count, m = s->width, strips = (m + STRIP - 1) / STRIP;
  tx_pool_run(s->pool, strips, restrict_strip, s);
  for (size_t a = 0; a < m; a++)
    for (size_t b = 0; b < a; b++) s->small[a * m + b] = s->small[b * m + a];
  if (!tx_blas_symmetric(m, s->small, 0, m, s->values, s->turn, s->scratch)) return false;
  for (size_t v = 0; v < m / 2; v++) {
    swap_vectors(s->values + v, s->values + (m - 1 - v), 1);
    swap_vectors(s->turn + v * m, s->turn + (m - 1 - v) * m, m);
  }
  tx_pool_run(s->pool, (n + COLUMNS - 1) / COLUMNS, turn_columns, s);
  tx_pool_run(s->pool, (s->options->wanted + STRIP - 1) / STRIP, measure_strip, s);
  return true;
}

/* Where a value stands for the filter: the polynomial of degree d has there about exp(d place) / 2. */
static double place_of(const subspace *s, double value)
{
  const double x = (value - s->centre) / s->half;
  return x > 1 ? acosh(x) : 0;
}

/* Takes out all below the smallest approximation, which is at most the eigenvalue of its rank. The degree is
   what the last of those wanted needs to come to the tolerance, but no more than lets the first ones grow
   over the others by what their own error allows: beyond, all vectors become equal to the first ones. */
static void choose_filter(subspace *s, double worst)
{
  const double cut = fmin(fmax(s->values[s->width - 1], -0.5), 1 - 1e-12);
  double most, least, needed, degree;
  s->centre = (cut - 1) / 2;
  s->half = (cut + 1) / 2;
  most = log(1e8 / fmin(1, fmax(worst, 1e-8))) / fmax(place_of(s, s->values[0]), 1e-6);
  least = place_of(s, s->values[s->options->wanted - 1]);
  needed = log(20 * worst / s->options->tolerance) / fmax(least, 1e-6);
  degree = fmin(fmax(fmin(most, needed), LEAST_DEGREE), MOST_DEGREE);
  s->degree = (size_t)degree;
}

static tx_status iterate(subspace *s, tx_error *error)
{
  const size_t strips = (s->width + STRIP - 1) / STRIP;
  s->centre = -0.5; /* nothing is known yet: the filter leaves what is above 0 */
  s->half = 0.5;
  s->degree = FIRST_DEGREE;
  for (int round = 1;; round++) {
    double worst = 0;
    tx_pool_run(s->pool, strips, filter_strip, s);
    if (tx_is_stopped(s->options->stop)) return TX_STOPPED;
    orthonormalise(s);
    if (!turn(s)) return tx_fail(error, TX_ERROR_NUMERIC, "LAPACK finds no eigenvectors of the graph");
    for (size_t v = 0; v < s->options->wanted; v++) worst = fmax(worst, s->lengths[v]);
    if (worst <= s->options->tolerance) return TX_OK;
    if (round == ROUNDS)
      return worst <= sqrt(s->options->tolerance)
                 ? TX_OK
                 : tx_fail(
                       error, TX_ERROR_NUMERIC,
                       "the eigenvectors of the graph do not converge in %d rounds (%.1e is left): ask for "
                       "another number of clusters",
                       ROUNDS, worst);
    choose_filter(s, worst);
  }
}

static tx_status prepare(subspace *s, tx_error *error)
{
  const size_t n = s->matrix->count, w = s->width, threads = tx_pool_threads(s->pool),
               scratch = tx_blas_symmetric_scratch(w) + tx_blas_orthonormal_scratch(PANEL);
  tx_random random;
  s->x = tx_malloc_aligned(w, n * sizeof *s->x);
  s->strips = tx_malloc_aligned(threads, 2 * n * STRIP * sizeof *s->strips);
  s->turned = tx_malloc_aligned(threads, w * COLUMNS * sizeof *s->turned);
  s->small = tx_calloc_aligned(w > PANEL ? w : PANEL, w * sizeof *s->small);
  s->turn = tx_malloc_aligned(w, w * sizeof *s->turn);
  s->values = tx_malloc_aligned(w, sizeof *s->values);
  s->lengths = tx_calloc_aligned(w, sizeof *s->lengths);
  s->scratch = tx_malloc_aligned(scratch, sizeof *s->scratch);
  if (!s->x || !s->strips || !s->turned || !s->small || !s->turn || !s->values || !s->lengths || !s->scratch)
    return tx_fail_memory(error, "eigenvectors");
  tx_random_seed(&random, s->options->seed, n, 0, 1);
  for (size_t i = 0; i < w * n; i++) s->x[i] = tx_random_normal(&random);
  return TX_OK;
}

tx_status tx_subspace_largest(const tx_sparse *matrix, const tx_eigen_options *options, tx_pool *pool,
                              tx_eigen *ret_eigen, tx_error *error)
{
  subspace s = {
      .matrix = matrix, .options = options, .pool = pool, .width = tx_subspace_width(options->wanted)};
  tx_status status = prepare(&s, error);
  if (status == TX_OK) status = iterate(&s, error);
  free(s.strips);
  free(s.turned);
  free(s.small);
  free(s.turn);
  free(s.lengths);
  free(s.scratch);
  if (status == TX_OK) {
    *ret_eigen = (tx_eigen){matrix->count, options->wanted, s.values, s.x};
  } else {
    free(s.x);
    free(s.values);
  }
  return status;
}
