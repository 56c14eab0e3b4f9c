/* k-means against golden/clusters.safetensors (scikit-learn 1.2.1). */
#include "golden/clusters.h"

#include "cluster/kmeans.h"

static void test_from_given_centres(void **state)
{
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    const char *set = golden_sets[s];
    const size_t clusters = (size_t)golden_ints(set, ".k", 1)[0];
    const int32_t *start = golden_ints(set, ".kmeans.start", clusters);
    double inertia[2] = {0, 0};
    for (size_t threads = 1; threads <= 2; threads++) {
      tx_rows rows = golden_rows(set);
      tx_pool *pool = golden_pool(threads);
      int32_t *labels = malloc(rows.count * sizeof *labels);
      tx_kmeans own;
      tx_error error;
      assert_non_null(labels);
      assert_int_equal(tx_rows_create(clusters, rows.width, &own.centres, &error), TX_OK);
      for (size_t c = 0; c < clusters; c++)
        memcpy(own.centres.x + c * rows.width, rows.x + (size_t)start[c] * rows.width,
               rows.width * sizeof *rows.x);
      if (tx_kmeans_run(&rows, pool, NULL, &own, labels, &error) != TX_OK) fail_msg("%s", error.message);
      assert_same_partition(labels, golden_ints(set, ".kmeans.labels", rows.count), rows.count);
      assert_near("inertia", own.inertia, golden_doubles(set, ".kmeans.inertia", 1)[0], 1e-9, 0);
      assert_int_equal(own.iterations, golden_ints(set, ".kmeans.iterations", 1)[0]);
      inertia[threads - 1] = own.inertia;
      tx_rows_free(&own.centres);
      tx_rows_free(&rows);
      tx_pool_free(pool);
      free(labels);
    }
    assert_true(inertia[0] == inertia[1]);
  }
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The quality of the first centres: the median over seeds lies in the range of scikit-learn's 100 seeds. */
static void test_from_drawn_centres(void **state)
{
  enum { SEEDS = 15 };
  const double *spread = golden_doubles("synthetic", ".kmeans.plusplus.inertia_of_100_seeds", 100);
  const size_t clusters = (size_t)golden_ints("synthetic", ".k", 1)[0];
  double inertia[SEEDS];
  tx_rows rows = golden_rows("synthetic");
  tx_pool *pool = golden_pool(1);
  int32_t *labels = malloc(rows.count * sizeof *labels);
  (void)state;
  assert_non_null(labels);
  for (size_t seed = 0; seed < SEEDS; seed++) {
    tx_kmeans own;
    tx_error error;
    assert_int_equal(tx_kmeans_start(&rows, clusters, seed, NULL, &own.centres, &error), TX_OK);
    assert_int_equal(tx_kmeans_run(&rows, pool, NULL, &own, labels, &error), TX_OK);
    inertia[seed] = own.inertia;
    tx_rows_free(&own.centres);
  }
  qsort(inertia, SEEDS, sizeof *inertia, compare);
  assert_true(inertia[SEEDS / 2] >= spread[0] && inertia[SEEDS / 2] <= spread[99]);
  free(labels);
  tx_pool_free(pool);
  tx_rows_free(&rows);
}

/* More clusters than distinct points: none is left without a point but for lack of points. */
static void test_equal_points(void **state)
{
  tx_rows rows;
  tx_pool *pool = golden_pool(2);
  int32_t labels[6];
  tx_kmeans own;
  tx_error error;
  (void)state;
  assert_int_equal(tx_rows_create(6, 2, &rows, &error), TX_OK);
  for (size_t i = 3; i < 6; i++) rows.x[2 * i] = 1;
  for (size_t clusters = 1; clusters <= 6; clusters++) {
    assert_int_equal(tx_kmeans_start(&rows, clusters, 1, NULL, &own.centres, &error), TX_OK);
    assert_int_equal(tx_kmeans_run(&rows, pool, NULL, &own, labels, &error), TX_OK);
    if (clusters > 1) assert_true(own.inertia == 0);
    assert_true(own.iterations < 20);
    tx_rows_free(&own.centres);
  }
  tx_rows_free(&rows);
  tx_pool_free(pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_from_given_centres),
                                     cmocka_unit_test(test_from_drawn_centres),
                                     cmocka_unit_test(test_equal_points)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
