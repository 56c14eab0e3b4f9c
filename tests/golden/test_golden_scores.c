/* Scores of partitions against golden/clusters.safetensors: scikit-learn 1.2.1, the expectation of the mutual
   information computed with 60 digits. */
#include "golden/clusters.h"

#include <taxamba/partition.h>

#include "cluster/space.h"

static void check(const char *name, const char *what, double got, double want)
{
  if (!(fabs(got - want) <= 1e-10)) fail_msg("%s, %s: %.15g, expected %.15g", name, what, got, want);
}

static void test_pairs(void **state)
{
  static const char *const names[] = {"ward",
                                      "hdbscan",
                                      "hdbscan_clustered",
                                      "coi_ward_species",
                                      "coi_hdbscan_species",
                                      "coi_affinity_genus",
                                      "coi_ward_family_with_missing",
                                      "independent",
                                      "identical",
                                      "one_cluster",
                                      "both_one",
                                      "all_singletons",
                                      "both_singletons",
                                      "two_points"};
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char name[80];
    const tx_section *classes, *clusters, *scores;
    const double *want;
    tx_partition_scores got;
    tx_error error;
    snprintf(name, sizeof name, "scores.%s", names[i]);
    classes = golden_section(golden_file, name, ".true");
    clusters = golden_section(golden_file, name, ".pred");
    scores = golden_section(golden_file, name, ".scores");
    assert_int_equal(scores->dtype, TX_DTYPE_F64);
    assert_int_equal(scores->size, 13 * sizeof(double));
    want = scores->data;
    if (tx_partition_compare(classes->data, clusters->data, classes->size / sizeof(int32_t), &got, &error) !=
        TX_OK)
      fail_msg("%s", error.message);
    /* Of two partitions into single records the golden value is what rounding left; it is 1 by definition. */
    check(name, "ami", got.ami, strcmp(names[i], "both_singletons") == 0 ? 1 : want[0]);
    check(name, "ari", got.ari, want[1]);
    check(name, "expected mi", got.expected_mi, want[2]);
    check(name, "fmi", got.fmi, want[4]);
    check(name, "mi", got.mi, want[5]);
    check(name, "nmi", got.nmi, want[6]);
    check(name, "ri", got.ri, want[7]);
    check(name, "v", got.v, want[8]);
    check(name, "completeness", got.completeness, want[9]);
    check(name, "cluster entropy", got.cluster_entropy, want[10]);
    check(name, "class entropy", got.class_entropy, want[11]);
    check(name, "homogeneity", got.homogeneity, want[12]);
  }
}

/* Numbers and order do not matter; nothing cannot be scored. */
static void test_input(void **state)
{
  static const int32_t classes[] = {5, 5, -1, 7, 7, INT32_MAX}, clusters[] = {0, 0, 1, 1, -1, INT32_MIN},
                       moved[] = {9, 3, 3, 2, 2, 8}, moved_clusters[] = {4, 6, 6, 1, 2, 1};
  tx_partition_scores a, b;
  tx_error error;
  (void)state;
  assert_int_equal(tx_partition_compare(classes, clusters, 6, &a, &error), TX_OK);
  assert_int_equal(tx_partition_compare(moved, moved_clusters, 6, &b, &error), TX_OK);
  assert_int_equal(a.classes, 4);
  assert_int_equal(a.clusters, 4);
  check("renamed", "ami", a.ami, b.ami);
  check("renamed", "ari", a.ari, b.ari);
  assert_int_equal(tx_partition_compare(classes, clusters, 0, &a, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_partition_compare(classes, clusters, 1, &a, &error), TX_OK);
  check("one record", "ami", a.ami, 1);
  check("one record", "ri", a.ri, 1);
  check("one record", "fmi", a.fmi, 0);
}

/* Scores of the space; the golden labels are numbers from 0, or -1 for noise. */
static void test_space(void **state)
{
  static const struct {
    const char *name, *set;
  } cases[] = {{"synthetic_true", "synthetic"},
               {"synthetic_ward", "synthetic"},
               {"synthetic_hdbscan_with_noise", "synthetic"},
               {"coi_species", "coi"},
               {"coi_ward", "coi"}};
  static const tx_space_metric order[] = {TX_SPACE_ARCCOS, TX_SPACE_CHEBYSHEV, TX_SPACE_COSINE,
                                          TX_SPACE_EUCLIDEAN, TX_SPACE_MANHATTAN};
  tx_pool *pool = golden_pool(2);
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char name[80];
    tx_rows rows = golden_rows(cases[i].set);
    int32_t *labels = malloc(rows.count * sizeof *labels);
    double *each = malloc(rows.count * sizeof *each);
    const int32_t *const list[] = {labels};
    const double *want;
    size_t clusters = 0;
    int32_t least = 0;
    tx_variance_scores variance;
    tx_error error;
    assert_non_null(labels);
    assert_non_null(each);
    snprintf(name, sizeof name, "scores.%s", cases[i].name);
    want = golden_doubles(name, ".scores", 7);
    for (size_t r = 0; r < rows.count; r++) {
      labels[r] = golden_ints(name, ".labels", rows.count)[r];
      if (labels[r] < least) least = labels[r];
    }
    for (size_t r = 0; r < rows.count; r++) {
      labels[r] -= least;
      if ((size_t)labels[r] >= clusters) clusters = (size_t)labels[r] + 1;
    }
    assert_int_equal(tx_variance_of_clusters(&rows, labels, clusters, &variance, &error), TX_OK);
    assert_near(name, variance.calinski_harabasz, want[0], 1e-10, 0);
    /* scikit-learn takes the small distances of centroids from products, which costs it digits */
    assert_near(name, variance.davies_bouldin, want[1], 1e-8, 0);
    for (size_t m = 0; m < 5; m++) {
      double mean = 0;
      const tx_partitions partitions = {1, list, &clusters};
      assert_int_equal(tx_silhouettes(&rows, order[m], &partitions, pool, &mean, each, &error), TX_OK);
      assert_near(name, mean, want[2 + m], 1e-10, 1e-10);
      if (order[m] == TX_SPACE_EUCLIDEAN && (i == 0 || i == 3))
        for (size_t r = 0; r < rows.count; r++)
          assert_near(name, each[r], golden_doubles(name, ".silhouette_of_each", rows.count)[r], 1e-10,
                      1e-10);
    }
    free(labels);
    free(each);
    tx_rows_free(&rows);
  }
  tx_pool_free(pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_input),
                                     cmocka_unit_test(test_space)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
