/* The graph and the curve of UMAP against golden/clusters.safetensors (own arithmetic in double, within
   1.4e-5 of the floats of umap-learn 0.5.3). unit/test_cluster_umap.c has the layout. */
#include "golden/clusters.h"

#include "cluster/umap.h"

static bool has(const char *prefix, const char *name)
{
  char full[128];
  snprintf(full, sizeof full, "%s%s", prefix, name);
  return tx_safetensors_find(golden_file, full) != NULL;
}

static void check_graph(const char *set, const char *tag, size_t neighbours, bool cosine)
{
  char prefix[64];
  tx_rows rows = golden_rows(set);
  tx_pool *pool = golden_pool(2);
  const tx_umap_options options = {.width = 2, .neighbours = neighbours, .cosine = cosine};
  tx_fuzzy fuzzy;
  tx_error error;
  size_t edges = 0, count;
  const double *weights;
  snprintf(prefix, sizeof prefix, "umap.%s.%s", set, tag);
  if (tx_fuzzy_create(&rows, &options, pool, &fuzzy, &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t i = 0; i < rows.count; i++) {
    assert_near("rho", fuzzy.rho[i], golden_doubles(prefix, ".rho", rows.count)[i], 1e-9, 0);
    assert_near("sigma", fuzzy.sigma[i], golden_doubles(prefix, ".sigma", rows.count)[i], 1e-4, 0);
  }
  count = golden_count(prefix, ".weight", sizeof(double));
  weights = golden_doubles(prefix, ".weight", count);
  for (size_t i = 0; i < rows.count; i++) /* the upper triangle, row by row */
    for (size_t e = fuzzy.graph.starts[i]; e < fuzzy.graph.starts[i + 1]; e++) {
      const uint32_t column = fuzzy.graph.columns[e];
      if (column <= i) continue;
      assert_true(edges < count);
      if (has(prefix, ".row")) {
        assert_int_equal(golden_ints(prefix, ".row", count)[edges], i);
        assert_int_equal(golden_ints(prefix, ".column", count)[edges], column);
      }
      assert_near("weight", fuzzy.graph.values[e], weights[edges++], 1e-9, 1e-9);
    }
  assert_int_equal(edges, count);
  tx_fuzzy_free(&fuzzy);
  tx_pool_free(pool);
  tx_rows_free(&rows);
}

static void test_graphs(void **state)
{
  (void)state;
  check_graph("synthetic", "30", 30, false);
  check_graph("synthetic", "5cosine", 5, true);
  check_graph("coi", "5cosine", 5, true);
}

static void test_curves(void **state)
{
  (void)state;
  for (int tenth = 0; tenth < 2; tenth++) {
    char name[32];
    double a, b;
    const double *want;
    snprintf(name, sizeof name, "umap.curve.min_dist%d", tenth);
    want = golden_doubles(name, "", 2);
    tx_umap_curve(tenth / 10.0, &a, &b);
    assert_near("a", a, want[0], 1e-5, 0);
    assert_near("b", b, want[1], 1e-5, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_graphs), cmocka_unit_test(test_curves)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
