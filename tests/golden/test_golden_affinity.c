/* Scaling, principal components and affinity propagation against golden/clusters.safetensors (numpy 1.24.2,
   scikit-learn 1.2.1). */
#include "golden/clusters.h"

#include "cluster/affinity.h"
#include "cluster/pca.h"

static void check_rows(const char *what, const tx_rows *got, const double *want, size_t rows)
{
  for (size_t i = 0; i < rows * got->width; i++) assert_near(what, got->x[i], want[i], 1e-9, 1e-12);
}

static void test_scaling(void **state)
{
  tx_rows rows = golden_rows("synthetic");
  (void)state;
  tx_rows_zscore(&rows);
  check_rows("zscore", &rows, golden_doubles("synthetic", ".pre.zscore.first5", 5 * rows.width), 5);
  tx_rows_free(&rows);
  rows = golden_rows("synthetic");
  tx_rows_average_scale(&rows);
  check_rows("average", &rows, golden_doubles("synthetic", ".pre.average_zscore.first5", 5 * rows.width), 5);
  tx_rows_free(&rows);
  rows = golden_rows("synthetic");
  tx_rows_unit(&rows);
  check_rows("l2", &rows, golden_doubles("synthetic", ".pre.l2.first5", 5 * rows.width), 5);
  for (size_t i = 0; i < rows.count; i++) rows.x[i * rows.width + 3] = 0.1; /* does not vary */
  tx_rows_zscore(&rows);
  for (size_t i = 0; i < rows.count; i++) assert_true(rows.x[i * rows.width + 3] == 0);
  tx_rows_free(&rows);
}

static void check_pca(const char *set, size_t compared)
{
  tx_rows rows = golden_rows(set);
  tx_pool *pool = golden_pool(2);
  tx_pca pca;
  tx_error error;
  const double *variances = golden_doubles(set, ".pca10.explained_variance", 10),
               *shares = golden_doubles(set, ".pca10.explained_variance_ratio", 10), *components = NULL;
  tx_rows_zscore(&rows);
  if (tx_pca_fit(&rows, 10, pool, &pca, &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t c = 0; c < 10; c++) {
    assert_near("variance", pca.variances[c], variances[c], 1e-9, 0);
    assert_near("share", pca.variances[c] / pca.total, shares[c], 1e-9, 0);
  }
  if (compared) components = golden_doubles(set, ".pca10.components", 10 * rows.width);
  for (size_t c = 0; c < 10 && compared; c++) { /* but for the direction */
    const double *want = components + c * rows.width, *got = pca.components.x + c * rows.width;
    const double *scores = golden_doubles(set, ".pca10.scores", 10 * compared);
    double product = 0;
    for (size_t k = 0; k < rows.width; k++) product += got[k] * want[k];
    for (size_t k = 0; k < rows.width; k++)
      assert_near("component", got[k] * (product < 0 ? -1 : 1), want[k], 1e-9, 1e-9);
    for (size_t i = 0; i < compared; i++)
      assert_near("score", pca.scores.x[i * 10 + c] * (product < 0 ? -1 : 1), scores[i * 10 + c], 1e-9, 1e-9);
  }
  tx_pca_free(&pca);
  assert_int_equal(tx_pca_fit(&rows, 0.85, pool, &pca, &error), TX_OK);
  assert_int_equal(pca.count, golden_ints(set, ".pca85.count", 1)[0]);
  tx_pca_free(&pca);
  assert_int_equal(tx_pca_fit(&rows, 1000, pool, &pca, &error), TX_ERROR_USAGE);
  tx_pool_free(pool);
  tx_rows_free(&rows);
}

static void test_components(void **state)
{
  (void)state;
  check_pca("synthetic", 40);
  check_pca("coi", 0);
}

/* Fewer rows than columns: the same components by the other matrix. */
static void test_few_rows(void **state)
{
  tx_rows rows = golden_rows("coi"), few;
  tx_pool *pool = golden_pool(1);
  tx_pca pca;
  tx_error error;
  double squares = 0, left = 0;
  (void)state;
  assert_int_equal(tx_rows_create(20, rows.width, &few, &error), TX_OK);
  memcpy(few.x, rows.x, 20 * rows.width * sizeof *rows.x);
  assert_int_equal(tx_pca_fit(&few, 19, pool, &pca, &error), TX_OK);
  for (size_t k = 0; k < 20 * rows.width; k++) squares += few.x[k] * few.x[k];
  for (size_t c = 0; c < 19; c++) left += pca.variances[c];
  assert_near("variance of all", left, pca.total, 1e-9, 0);
  assert_true(squares > 0);
  for (size_t a = 0; a < 19; a++)
    for (size_t b = 0; b <= a; b++) {
      double product = 0;
      for (size_t k = 0; k < rows.width; k++)
        product += pca.components.x[a * rows.width + k] * pca.components.x[b * rows.width + k];
      assert_near("product of components", product, a == b, 0, 1e-9);
    }
  tx_pca_free(&pca);
  tx_pool_free(pool);
  tx_rows_free(&few);
  tx_rows_free(&rows);
}

static void check_affinity(const char *set, const char *tag, const tx_rows *rows)
{
  char prefix[64];
  snprintf(prefix, sizeof prefix, "%s.%s", set, tag);
  for (size_t threads = 1; threads <= 2; threads++) {
    tx_pool *pool = golden_pool(threads);
    tx_affinity result;
    tx_error error;
    const size_t clusters = golden_count(prefix, ".exemplars", sizeof(int32_t));
    if (tx_affinity_run(rows, &(tx_affinity_options){0.9, 1000, 15}, pool, NULL, &result, &error) != TX_OK)
      fail_msg("%s", error.message);
    assert_true(result.settled);
    assert_int_equal(result.iterations, golden_ints(prefix, ".iterations", 1)[0]);
    assert_int_equal(result.clusters, clusters);
    for (size_t c = 0; c < clusters; c++)
      assert_int_equal(result.exemplars[c], golden_ints(prefix, ".exemplars", clusters)[c]);
    assert_same_partition(result.labels, golden_ints(prefix, ".labels", rows->count), rows->count);
    tx_affinity_free(&result);
    tx_pool_free(pool);
  }
}

static void test_affinity(void **state)
{
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    tx_rows rows = golden_rows(golden_sets[s]);
    tx_pool *pool = golden_pool(1);
    tx_pca pca;
    tx_error error;
    check_affinity(golden_sets[s], "affinity90", &rows);
    tx_rows_zscore(&rows);
    assert_int_equal(tx_pca_fit(&rows, 10, pool, &pca, &error), TX_OK);
    check_affinity(golden_sets[s], "affinity90_pca10", &pca.scores);
    tx_pca_free(&pca);
    tx_pool_free(pool);
    tx_rows_free(&rows);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scaling), cmocka_unit_test(test_components),
                                     cmocka_unit_test(test_few_rows), cmocka_unit_test(test_affinity)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
