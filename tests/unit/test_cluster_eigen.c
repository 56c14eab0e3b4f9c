/* Eigenvectors of graphs that are too large for LAPACK, against LAPACK and against what is known; the nearest
   neighbours that the graphs are made of; spectral clusters of clear groups. */
#include "unit/load_blas.h"

#include "base/random.h"
#include "cluster/eigen.h"
#include "cluster/rows.h"
#include "cluster/spectral.h"
#include "tensor/distances.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1600, WIDTH = 6 };

static tx_pool *pool_of(size_t threads)
{
  tx_pool *pool;
  tx_error error;
  assert_int_equal(tx_pool_create(threads, &pool, &error), TX_OK);
  return pool;
}

/* Points about some centres that are `apart` from each other. */
static tx_rows points(size_t centres, double apart, uint64_t seed)
{
  tx_rows rows;
  tx_random random;
  tx_error error;
  double *centre = malloc(centres * WIDTH * sizeof *centre);
  assert_non_null(centre);
  assert_int_equal(tx_rows_create(ROWS, WIDTH, &rows, &error), TX_OK);
  tx_random_seed(&random, seed, 0, 0, 0);
  for (size_t i = 0; i < centres * WIDTH; i++) centre[i] = apart * tx_random_normal(&random);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t k = 0; k < WIDTH; k++)
      rows.x[i * WIDTH + k] = centre[i % centres * WIDTH + k] + tx_random_normal(&random);
  free(centre);
  return rows;
}

static tx_sparse graph_of(const tx_rows *rows, tx_pool *pool)
{
  tx_neighbour_lists lists;
  tx_sparse graph;
  tx_error error;
  double *weights = malloc(ROWS * 10 * sizeof *weights), *roots = malloc(ROWS * sizeof *roots);
  assert_non_null(weights);
  assert_non_null(roots);
  for (size_t i = 0; i < ROWS * 10; i++) weights[i] = 1;
  assert_int_equal(tx_nearest_rows_of(rows, 10, false, pool, &lists, &error), TX_OK);
  assert_int_equal(tx_sparse_symmetric(&lists, weights, false, &graph, &error), TX_OK);
  tx_sparse_normalise(&graph, roots);
  tx_neighbour_lists_free(&lists);
  free(weights);
  free(roots);
  return graph;
}

static size_t components_of(const tx_sparse *graph)
{
  uint32_t *scratch = malloc(2 * ROWS * sizeof *scratch);
  size_t count;
  assert_non_null(scratch);
  count = tx_sparse_components(graph, scratch, scratch + ROWS);
  free(scratch);
  return count;
}

static double product(const double *a, const double *b, size_t count)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

/* LAPACK's eigenvectors of the whole matrix, the smallest value first. */
static double *solve_dense(const tx_sparse *graph, size_t wanted, double *values)
{
  const size_t n = graph->count;
  double *dense = calloc(n * n, sizeof *dense), *vectors = malloc(wanted * n * sizeof *vectors),
         *scratch = malloc(tx_blas_symmetric_scratch(n) * sizeof *scratch);
  assert_non_null(dense);
  assert_non_null(vectors);
  assert_non_null(scratch);
  for (size_t i = 0; i < n; i++)
    for (size_t e = graph->starts[i]; e < graph->starts[i + 1]; e++)
      dense[i * n + graph->columns[e]] = graph->values[e];
  assert_true(tx_blas_symmetric(n, dense, n - wanted, wanted, values, vectors, scratch));
  free(dense);
  free(scratch);
  return vectors;
}

/* Orthonormal eigenvectors whose values are LAPACK's. Each lies in the space of LAPACK's, but for those of
   the values that reach the last one, which both may choose otherwise. */
static void check_graph(const tx_sparse *graph, size_t wanted)
{
  const size_t n = graph->count;
  double *values = malloc((wanted + 1) * sizeof *values), *want = solve_dense(graph, wanted + 1, values);
  tx_pool *pools[] = {pool_of(1), pool_of(3)};
  tx_eigen eigen, again;
  tx_error error;
  assert_non_null(values);
  assert_int_equal(
      tx_sparse_largest(graph, &(tx_eigen_options){wanted, 1e-8, 0, NULL}, pools[0], &eigen, &error), TX_OK);
  assert_int_equal(eigen.found, wanted);
  for (size_t v = 0; v < wanted; v++) {
    const double *vector = eigen.vectors + v * n;
    double inside = 0;
    assert_true(fabs(eigen.values[v] - values[wanted - v]) <= 1e-10);
    for (size_t u = 0; u <= v; u++)
      assert_true(fabs(product(vector, eigen.vectors + u * n, n) - (u == v)) <= 1e-12);
    if (!(eigen.values[v] > values[0] + 1e-6)) continue;
    for (size_t u = 0; u <= wanted; u++) {
      const double along = product(vector, want + u * n, n);
      inside += along * along;
    }
    assert_true(fabs(inside - 1) <= 1e-9);
  }
  assert_int_equal(
      tx_sparse_largest(graph, &(tx_eigen_options){wanted, 1e-8, 0, NULL}, pools[1], &again, &error), TX_OK);
  assert_memory_equal(eigen.values, again.values, wanted * sizeof *eigen.values);
  assert_memory_equal(eigen.vectors, again.vectors, wanted * n * sizeof *eigen.vectors);
  tx_eigen_free(&eigen);
  tx_eigen_free(&again);
  tx_pool_free(pools[0]);
  tx_pool_free(pools[1]);
  free(values);
  free(want);
}

/* One cloud; groups that hang together; groups that do not, fewer and more than the vectors wanted. */
static void test_graphs(void **state)
{
  static const struct {
    size_t centres;
    double apart;
    size_t wanted, least;
  } cases[] = {{1, 0, 20, 1}, {12, 1.5, 12, 1}, {30, 30, 45, 20}, {60, 100, 25, 40}};
  tx_pool *pool = pool_of(1);
  (void)state;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    tx_rows rows = points(cases[c].centres, cases[c].apart, c);
    tx_sparse graph = graph_of(&rows, pool);
    const size_t components = components_of(&graph);
    assert_true(components >= cases[c].least);
    assert_true(cases[c].least > 1 || components == 1);
    check_graph(&graph, cases[c].wanted);
    tx_sparse_free(&graph);
    tx_rows_free(&rows);
  }
  tx_pool_free(pool);
}

/* A ring: the values are known, each stands twice, and the first lie close together. */
static void test_ring(void **state)
{
  enum { COUNT = 3000, WANTED = 9 };
  const double turn = 2 * acos(-1) / COUNT;
  size_t starts[COUNT + 1] = {0};
  uint32_t *columns = malloc(2 * COUNT * sizeof *columns);
  double *values = malloc(2 * COUNT * sizeof *values);
  tx_sparse ring = {COUNT, starts, columns, values};
  tx_pool *pool = pool_of(1);
  tx_eigen eigen;
  tx_error error;
  int stop = 1;
  (void)state;
  assert_non_null(columns);
  assert_non_null(values);
  for (size_t i = 0; i < COUNT; i++) {
    columns[2 * i] = (uint32_t)((i + COUNT - 1) % COUNT);
    columns[2 * i + 1] = (uint32_t)((i + 1) % COUNT);
    values[2 * i] = values[2 * i + 1] = 0.5;
    starts[i + 1] = 2 * i + 2;
  }
  if (tx_sparse_largest(&ring, &(tx_eigen_options){WANTED, 1e-8, 0, NULL}, pool, &eigen, &error) != TX_OK)
    fail_msg("%s", error.message);
  for (size_t v = 0; v < WANTED; v++)
    assert_true(fabs(eigen.values[v] - cos(turn * (double)((v + 1) / 2))) <= 1e-12);
  tx_eigen_free(&eigen);
  assert_int_equal(
      tx_sparse_largest(&ring, &(tx_eigen_options){WANTED, 1e-8, 0, &stop}, pool, &eigen, &error),
      TX_STOPPED);
  tx_pool_free(pool);
  free(columns);
  free(values);
}

/* Far from the origin, where products are rounded more than the distances differ, and with equal rows. */
static void test_nearest(void **state)
{
  enum { K = 7 };
  tx_rows rows = points(5, 1, 7);
  tx_pool *pool = pool_of(2);
  tx_neighbour_lists lists;
  tx_error error;
  (void)state;
  for (size_t i = 0; i < ROWS * WIDTH; i++) rows.x[i] = floor(rows.x[i] * 4) / 4 + 1e6;
  assert_int_equal(tx_nearest_rows_of(&rows, K, false, pool, &lists, &error), TX_OK);
  for (size_t i = 0; i < ROWS; i++) {
    const tx_neighbour *list = lists.of + i * K;
    size_t nearer = 0;
    for (size_t n = 0; n < K; n++) {
      const double squared = tx_squared_distance(WIDTH, rows.x + i * WIDTH, rows.x + list[n].row * WIDTH);
      assert_true(list[n].distance == sqrt(squared));
      assert_true(n == 0 || list[n - 1].distance < list[n].distance ||
                  (list[n - 1].distance == list[n].distance && list[n - 1].row < list[n].row));
    }
    for (size_t j = 0; j < ROWS; j++) {
      const double distance = sqrt(tx_squared_distance(WIDTH, rows.x + i * WIDTH, rows.x + j * WIDTH));
      nearer += distance < list[K - 1].distance || (distance == list[K - 1].distance && j < list[K - 1].row);
    }
    assert_int_equal(nearer, K - 1);
  }
  tx_neighbour_lists_free(&lists);
  tx_pool_free(pool);
  tx_rows_free(&rows);
}

/* Clear groups, as many as are asked for. */
static void test_groups(void **state)
{
  enum { GROUPS = 40 };
  tx_rows rows = points(GROUPS, 100, 11);
  tx_pool *pool = pool_of(2);
  tx_spectrum spectrum;
  tx_error error;
  int32_t labels[ROWS];
  (void)state;
  assert_int_equal(tx_spectrum_find(&rows, &(tx_spectrum_options){10, GROUPS, NULL}, pool, &spectrum, &error),
                   TX_OK);
  assert_int_equal(tx_spectrum_cut(&spectrum, GROUPS, labels, &error), TX_OK);
  for (size_t i = 0; i < ROWS; i++) {
    assert_int_equal(labels[i], labels[i % GROUPS]);
    for (size_t j = 0; j < i % GROUPS; j++) assert_int_not_equal(labels[i], labels[j]);
  }
  tx_spectrum_free(&spectrum);
  tx_pool_free(pool);
  tx_rows_free(&rows);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_graphs), cmocka_unit_test(test_ring),
                                     cmocka_unit_test(test_nearest), cmocka_unit_test(test_groups)};
  return cmocka_run_group_tests(tests, load_blas, NULL);
}
