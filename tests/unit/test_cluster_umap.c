/* The layout of UMAP, judged by what Ward's method makes of it: the median AMI over seeds lies in the range
   of 20 seeds of umap-learn 0.5.3 (golden/clusters.safetensors), or within 0.005 of it. And its eigenvectors,
   and the same bits for any number of threads. */
#include "golden/clusters.h"

#include "base/random.h"
#include "cluster/eigen.h"
#include "cluster/tree.h"
#include "cluster/umap.h"
#include "cluster/ward.h"
#include "tensor/blas.h"

#include <taxamba/partition.h>

enum { SEEDS = 5 };

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double ami_of_layout(const char *set, const tx_umap_options *options)
{
  const char *labels_name = strcmp(set, "coi") == 0 ? ".species" : ".y";
  const size_t clusters = (size_t)golden_ints(set, ".k", 1)[0];
  tx_rows rows = golden_rows(set), layout;
  tx_pool *pool = golden_pool(2);
  int32_t *labels = malloc(rows.count * sizeof *labels);
  tx_partition_scores scores;
  tx_tree tree;
  tx_error error;
  assert_non_null(labels);
  if (tx_umap_run(&rows, options, pool, NULL, &layout, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(layout.width, options->width);
  assert_int_equal(tx_ward(&layout, pool, NULL, &tree, &error), TX_OK);
  assert_int_equal(tx_tree_cut(&tree, clusters, labels, &error), TX_OK);
  assert_int_equal(
      tx_partition_compare(golden_ints(set, labels_name, rows.count), labels, rows.count, &scores, &error),
      TX_OK);
  tx_tree_free(&tree);
  free(labels);
  tx_pool_free(pool);
  tx_rows_free(&layout);
  tx_rows_free(&rows);
  return scores.ami;
}

static void check_layout(const char *set, const char *tag, tx_umap_options options)
{
  char name[64];
  double ami[SEEDS], low = 1, high = 0;
  const double *golden;
  snprintf(name, sizeof name, "umap.%s.layout.%s", set, tag);
  golden = golden_doubles(name, "", 80); /* 20 seeds; AMI, trustworthiness and two silhouettes */
  for (size_t i = 0; i < 20; i++) {
    low = fmin(low, golden[4 * i]);
    high = fmax(high, golden[4 * i]);
  }
  for (size_t s = 0; s < SEEDS; s++) {
    options.seed = s;
    ami[s] = ami_of_layout(set, &options);
  }
  qsort(ami, SEEDS, sizeof *ami, compare);
  printf("%s: median %.4f (%.4f to %.4f), of umap-learn %.4f to %.4f\n", name, ami[SEEDS / 2], ami[0],
         ami[SEEDS - 1], low, high);
  /* The start has other last digits with another kernel of OpenBLAS, which changes the layout as another seed
     does: the median of 5 seeds moved by 0.001 between four kernels. */
  assert_true(ami[SEEDS / 2] >= low - 0.005 && ami[SEEDS / 2] <= high + 0.005);
}

static void test_layouts(void **state)
{
  (void)state;
  check_layout("synthetic", "2d_30nn_euclidean", (tx_umap_options){2, 30, 0, false, 0});
  if (TX_LIGHT_TESTS) return;
  check_layout("coi", "50d_30nn_euclidean", (tx_umap_options){50, 30, 0, false, 0});
  check_layout("coi", "50d_5nn_cosine", (tx_umap_options){50, 5, 0.1, true, 0});
  check_layout("synthetic", "50d_5nn_cosine", (tx_umap_options){50, 5, 0.1, true, 0});
}

static void test_threads(void **state)
{
  tx_rows rows = golden_rows("synthetic"), layouts[2];
  (void)state;
  for (size_t t = 0; t < 2; t++) {
    tx_pool *pool = golden_pool(2 * t + 1);
    tx_error error;
    assert_int_equal(
        tx_umap_run(&rows, &(tx_umap_options){3, 10, 0.1, false, 7}, pool, NULL, &layouts[t], &error), TX_OK);
    tx_pool_free(pool);
  }
  assert_memory_equal(layouts[0].x, layouts[1].x, rows.count * 3 * sizeof *rows.x);
  tx_rows_free(&layouts[0]);
  tx_rows_free(&layouts[1]);
  tx_rows_free(&rows);
}

/* A graph that is too large for LAPACK: eigenvectors by iteration. */
static void test_eigenvectors(void **state)
{
  enum { ROWS = 1800, WANTED = 9 };
  tx_rows rows;
  tx_pool *pool = golden_pool(2);
  tx_fuzzy fuzzy;
  tx_random random;
  double *roots = malloc(ROWS * sizeof *roots);
  tx_eigen eigen;
  tx_error error;
  (void)state;
  assert_non_null(roots);
  assert_int_equal(tx_blas_load("test without it", &error), TX_OK);
  assert_int_equal(tx_rows_create(ROWS, 3, &rows, &error), TX_OK);
  tx_random_seed(&random, 5, 0, 0, 0);
  for (size_t i = 0; i < ROWS * 3; i++) rows.x[i] = tx_random_real(&random);
  assert_int_equal(tx_fuzzy_create(&rows, &(tx_umap_options){2, 15, 0, false, 0}, pool, &fuzzy, &error),
                   TX_OK);
  tx_sparse_normalise(&fuzzy.graph, roots);
  assert_int_equal(
      tx_sparse_largest(&fuzzy.graph, &(tx_eigen_options){WANTED, 1e-4, 1, NULL}, pool, &eigen, &error),
      TX_OK);
  assert_near("largest eigenvalue", eigen.values[0], 1, 1e-6, 0);
  for (size_t v = 0; v < WANTED; v++) {
    double squares = 0;
    assert_true(v == 0 || eigen.values[v] <= eigen.values[v - 1]);
    for (size_t i = 0; i < ROWS; i++) {
      double sum = 0;
      for (size_t e = fuzzy.graph.starts[i]; e < fuzzy.graph.starts[i + 1]; e++)
        sum += fuzzy.graph.values[e] * eigen.vectors[v * ROWS + fuzzy.graph.columns[e]];
      sum -= eigen.values[v] * eigen.vectors[v * ROWS + i];
      squares += sum * sum;
    }
    assert_true(sqrt(squares) <= 1e-4);
  }
  tx_eigen_free(&eigen);
  free(roots);
  tx_fuzzy_free(&fuzzy);
  tx_rows_free(&rows);
  tx_pool_free(pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_layouts), cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_eigenvectors)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
