/* Trees of agglomerative clusterings against golden/clusters.safetensors (scikit-learn 1.2.1). */
#include "golden/clusters.h"

#include "cluster/linkage.h"
#include "cluster/tree.h"
#include "cluster/ward.h"

static void check_heights(const char *what, const tx_tree *tree, const double *want)
{
  for (size_t i = 0; i + 1 < tree->count; i++)
    if (!(fabs(tree->joins[i].height - want[i]) <= 1e-9 * want[i]))
      fail_msg("%s: height %zu is %.15g, expected %.15g", what, i, tree->joins[i].height, want[i]);
}

static void check_tree(const char *set, const char *name, const tx_tree *tree)
{
  char prefix[64];
  const size_t clusters = (size_t)golden_ints(set, ".k", 1)[0];
  int32_t *labels = malloc(tree->count * sizeof *labels);
  tx_error error;
  assert_non_null(labels);
  snprintf(prefix, sizeof prefix, "%s.%s", set, name);
  check_heights(prefix, tree, golden_doubles(prefix, ".heights", tree->count - 1));
  assert_int_equal(tx_tree_cut(tree, clusters, labels, &error), TX_OK);
  assert_same_partition(labels, golden_ints(prefix, ".labels", tree->count), tree->count);
  free(labels);
}

static void test_ward(void **state)
{
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    const char *set = golden_sets[s];
    tx_tree trees[2];
    for (size_t threads = 1; threads <= 2; threads++) {
      tx_rows rows = golden_rows(set);
      tx_pool *pool = golden_pool(threads);
      tx_error error;
      char prefix[64];
      if (tx_ward(&rows, pool, NULL, &trees[threads - 1], &error) != TX_OK) fail_msg("%s", error.message);
      tx_pool_free(pool);
      check_tree(set, "ward", &trees[threads - 1]);
      for (int share = 50; share <= 90; share += 40) {
        snprintf(prefix, sizeof prefix, "%s.ward.threshold%d", set, share);
        assert_int_equal(tx_tree_clusters_below(&trees[threads - 1], golden_doubles(prefix, "", 1)[0]),
                         golden_ints(prefix, ".clusters", 1)[0]);
      }
      tx_rows_free(&rows);
    }
    for (size_t i = 0; i + 1 < trees[0].count; i++) {
      const tx_join *a = &trees[0].joins[i], *b = &trees[1].joins[i];
      assert_true(a->left == b->left && a->right == b->right && a->height == b->height);
    }
    tx_tree_free(&trees[0]);
    tx_tree_free(&trees[1]);
  }
}

static void test_linkage(void **state)
{
  static const struct {
    const char *name;
    tx_linkage linkage;
  } kinds[] = {{"average_cosine", {false, true}},
               {"complete_cosine", {true, true}},
               {"average_euclidean", {false, false}}};
  (void)state;
  for (size_t s = 0; s < 2; s++)
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
      tx_rows rows = golden_rows(golden_sets[s]);
      tx_pool *pool = golden_pool(2);
      tx_tree tree;
      tx_error error;
      if (tx_link(&rows, kinds[i].linkage, pool, NULL, &tree, &error) != TX_OK) fail_msg("%s", error.message);
      check_tree(golden_sets[s], kinds[i].name, &tree);
      tx_tree_free(&tree);
      tx_pool_free(pool);
      tx_rows_free(&rows);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ward), cmocka_unit_test(test_linkage)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
