/* Scores of partitions against golden/clusters.safetensors: scikit-learn 1.2.1, the expectation of the mutual
   information computed with 60 digits. */
#include "golden/golden.h"

#include <taxamba/partition.h>

static tx_safetensors *file;

static int open_file(void **state)
{
  tx_error error;
  (void)state;
  return tx_safetensors_open(TX_TESTS_DIR "/golden/clusters.safetensors", 0, &file, &error) != TX_OK;
}

static int close_file(void **state)
{
  (void)state;
  tx_safetensors_close(file);
  return 0;
}

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
    classes = golden_section(file, name, ".true");
    clusters = golden_section(file, name, ".pred");
    scores = golden_section(file, name, ".scores");
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

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_input)};
  return cmocka_run_group_tests(tests, open_file, close_file);
}
