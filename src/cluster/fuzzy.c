/* The fuzzy graph of UMAP, and its curve. */
#include "cluster/umap.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "tensor/blas.h"

enum { HALVINGS = 64, CURVE_POINTS = 300, CURVE_STEPS = 200 };

void tx_fuzzy_free(tx_fuzzy *fuzzy)
{
  free(fuzzy->rho);
  free(fuzzy->sigma);
  tx_sparse_free(&fuzzy->graph);
}

/* Sum of the weights to the others for a scale. */
static double sum_of_weights(const tx_neighbour *list, size_t k, double rho, double scale)
{
  double sum = 0;
  for (size_t n = 1; n < k; n++) {
    const double beyond = list[n].distance - rho;
    sum += beyond > 0 ? exp(-beyond / scale) : 1;
  }
  return sum;
}

static double mean_distance(const tx_neighbour *list, size_t count)
{
  double sum = 0;
  for (size_t n = 0; n < count; n++) sum += list[n].distance;
  return sum / (double)count;
}

static double find_scale(const tx_neighbour *list, size_t k, double rho)
{
  const double target = log2((double)k);
  double low = 0, high = INFINITY, scale = 1;
  for (int i = 0; i < HALVINGS; i++) {
    const double sum = sum_of_weights(list, k, rho, scale);
    if (fabs(sum - target) < 1e-5) break;
    if (sum > target) {
      high = scale;
      scale = (low + high) / 2;
    } else {
      low = scale;
      scale = isinf(high) ? scale * 2 : (low + high) / 2;
    }
  }
  return scale;
}

/* Fills rho and sigma and the weights of the lists. */
static void weigh(const tx_neighbour_lists *lists, tx_fuzzy *fuzzy, double *weights)
{
  const size_t k = lists->k;
  const double all = mean_distance(lists->of, lists->count * k);
  for (size_t i = 0; i < lists->count; i++) {
    const tx_neighbour *list = lists->of + i * k;
    double least;
    size_t nearest = 0;
    while (nearest < k && !(list[nearest].distance > 0)) nearest++;
    fuzzy->rho[i] = nearest < k ? list[nearest].distance : 0;
    least = 1e-3 * (fuzzy->rho[i] > 0 ? mean_distance(list, k) : all);
    fuzzy->sigma[i] = fmax(find_scale(list, k, fuzzy->rho[i]), least);
    for (size_t n = 0; n < k; n++) {
      const double beyond = list[n].distance - fuzzy->rho[i];
      weights[i * k + n] = list[n].row == i ? 0 : beyond > 0 ? exp(-beyond / fuzzy->sigma[i]) : 1;
    }
  }
}

tx_status tx_fuzzy_create(const tx_rows *rows, const tx_umap_options *options, tx_pool *pool,
                          tx_fuzzy *ret_fuzzy, tx_error *error)
{
  tx_neighbour_lists lists = {0};
  tx_fuzzy own = {.rho = tx_malloc_aligned(rows->count, sizeof *own.rho),
                  .sigma = tx_malloc_aligned(rows->count, sizeof *own.sigma)};
  double *weights = NULL;
  tx_status status = own.rho && own.sigma ? TX_OK : tx_fail_memory(error, "UMAP");
  if (status == TX_OK) status = tx_blas_load("leave out --umap and --protocol", error);
  if (status == TX_OK)
    status = tx_nearest_rows_of(rows, options->neighbours, options->cosine, pool, &lists, error);
  if (status == TX_OK) {
    weights = tx_malloc_aligned(lists.count, lists.k * sizeof *weights);
    if (!weights) status = tx_fail_memory(error, "UMAP");
  }
  if (status == TX_OK) {
    weigh(&lists, &own, weights);
    status = tx_sparse_symmetric(&lists, weights, true, &own.graph, error);
  }
  free(weights);
  tx_neighbour_lists_free(&lists);
  if (status == TX_OK)
    *ret_fuzzy = own;
  else
    tx_fuzzy_free(&own);
  return status;
}

/* Sum of squared differences of the curve, and, if asked for, the matrix and the right side of its normal
   equations. */
static double curve_error(double a, double b, double min_dist, double *opt_normal)
{
  double sum = 0;
  for (int i = 0; opt_normal && i < 5; i++) opt_normal[i] = 0;
  for (int i = 0; i < CURVE_POINTS; i++) {
    const double x = 3.0 * i / (CURVE_POINTS - 1), want = x < min_dist ? 1 : exp(min_dist - x);
    const double power = x > 0 ? pow(x, 2 * b) : 0, got = 1 / (1 + a * power), left = want - got;
    const double by_a = -power * got * got, by_b = x > 0 ? -2 * a * power * log(x) * got * got : 0;
    sum += left * left;
    if (!opt_normal) continue;
    opt_normal[0] += by_a * by_a;
    opt_normal[1] += by_a * by_b;
    opt_normal[2] += by_b * by_b;
    opt_normal[3] += by_a * left;
    opt_normal[4] += by_b * left;
  }
  return sum;
}

void tx_umap_curve(double min_dist, double *ret_a, double *ret_b)
{
  double a = 1, b = 1, damping = 1e-3, normal[5], now = curve_error(a, b, min_dist, normal);
  for (int step = 0; step < CURVE_STEPS && damping < 1e12; step++) { /* Levenberg 1944, Marquardt 1963 */
    const double p = normal[0] * (1 + damping), q = normal[1], r = normal[2] * (1 + damping);
    const double determinant = p * r - q * q;
    const double da = (r * normal[3] - q * normal[4]) / determinant,
                 db = (p * normal[4] - q * normal[3]) / determinant;
    const double next = a + da > 0 && b + db > 0 ? curve_error(a + da, b + db, min_dist, NULL) : INFINITY;
    if (next < now) {
      a += da;
      b += db;
      damping /= 10;
      now = curve_error(a, b, min_dist, normal);
    } else {
      damping *= 10;
    }
  }
  *ret_a = a;
  *ret_b = b;
}
