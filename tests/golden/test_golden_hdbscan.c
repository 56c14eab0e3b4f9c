/* HDBSCAN against golden/clusters.safetensors: an implementation of its definition, whose labels,
   probabilities and stabilities are those of scikit-learn-contrib/hdbscan. */
#include "golden/clusters.h"

#include "cluster/hdbscan.h"

static bool has(const char *prefix, const char *name)
{
  char full[128];
  snprintf(full, sizeof full, "%s%s", prefix, name);
  return tx_safetensors_find(golden_file, full) != NULL;
}

static void check_list(const char *prefix, const char *name, const double *got, size_t count)
{
  const double *want;
  if (!has(prefix, name)) return;
  want = golden_doubles(prefix, name, count);
  for (size_t i = 0; i < count; i++) assert_near(prefix, got[i], want[i], 1e-9, 0);
}

static void check(const char *set, const char *tag, const tx_hdbscan_options *options)
{
  char prefix[64];
  snprintf(prefix, sizeof prefix, "%s.%s", set, tag);
  for (size_t threads = 1; threads <= 2; threads++) {
    tx_rows rows = golden_rows(set);
    tx_pool *pool = golden_pool(threads);
    tx_hdbscan result;
    tx_error error;
    const int32_t *want = golden_ints(prefix, ".labels", rows.count);
    if (tx_hdbscan_run(&rows, options, pool, NULL, &result, &error) != TX_OK) fail_msg("%s", error.message);
    for (size_t i = 0; i < rows.count; i++) assert_int_equal(result.labels[i] < 0, want[i] < 0);
    assert_same_partition(result.labels, want, rows.count);
    check_list(prefix, ".core", result.core, rows.count);
    check_list(prefix, ".probabilities", result.probabilities, rows.count);
    if (has(prefix, ".stabilities")) {
      const double *stabilities =
          golden_doubles(prefix, ".stabilities", golden_count(prefix, ".stabilities", sizeof(double)));
      assert_int_equal(result.clusters, golden_count(prefix, ".stabilities", sizeof(double)));
      for (size_t i = 0; i < rows.count; i++)
        if (want[i] >= 0)
          assert_near(prefix, result.stabilities[result.labels[i]], stabilities[want[i]], 1e-9, 0);
    }
    for (size_t i = 0; has(prefix, ".mst_heights") && i + 1 < rows.count; i++)
      assert_near(prefix, result.tree.joins[i].height,
                  golden_doubles(prefix, ".mst_heights", rows.count - 1)[i], 1e-9, 0);
    tx_hdbscan_free(&result);
    tx_pool_free(pool);
    tx_rows_free(&rows);
  }
}

static void test_settings(void **state)
{
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    const size_t most = s == 0 ? 30 : 12;
    check(golden_sets[s], "hdbscan5", &(tx_hdbscan_options){5, 5, 0, false});
    check(golden_sets[s], "hdbscan5_max", &(tx_hdbscan_options){5, 5, most, false});
    check(golden_sets[s], "hdbscan2", &(tx_hdbscan_options){2, 2, 0, false});
    check(golden_sets[s], "hdbscan5_leaf", &(tx_hdbscan_options){5, 5, 0, true});
    check(golden_sets[s], "hdbscan5_samples10", &(tx_hdbscan_options){5, 10, 0, false});
    check(golden_sets[s], "hdbscan8_samples3", &(tx_hdbscan_options){8, 3, 0, false});
  }
}

/* Equal points have no distance: their lambda is infinite, and nothing becomes NaN. */
static void test_equal_points(void **state)
{
  tx_rows rows;
  tx_pool *pool = golden_pool(2);
  tx_hdbscan result;
  tx_error error;
  (void)state;
  assert_int_equal(tx_rows_create(40, 1, &rows, &error), TX_OK);
  for (size_t i = 0; i < 40; i++) rows.x[i] = (double)(i % 2 * 10) + (i == 39);
  assert_int_equal(tx_hdbscan_run(&rows, &(tx_hdbscan_options){5, 5, 0, false}, pool, NULL, &result, &error),
                   TX_OK);
  assert_int_equal(result.clusters, 2);
  for (size_t i = 0; i < 40; i++) {
    if (i < 39) assert_int_equal(result.labels[i] == result.labels[0], i % 2 == 0);
    assert_true(result.probabilities[i] >= 0 && result.probabilities[i] <= 1);
  }
  tx_hdbscan_free(&result);
  tx_rows_free(&rows);
  assert_int_equal(tx_rows_create(3, 1, &rows, &error), TX_OK); /* fewer than the least size */
  assert_int_equal(tx_hdbscan_run(&rows, &(tx_hdbscan_options){5, 5, 0, false}, pool, NULL, &result, &error),
                   TX_OK);
  assert_int_equal(result.clusters, 0);
  assert_int_equal(result.labels[2], -1);
  tx_hdbscan_free(&result);
  tx_rows_free(&rows);
  tx_pool_free(pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_settings), cmocka_unit_test(test_equal_points)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
