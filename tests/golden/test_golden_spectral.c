/* Spectral clustering against golden/clusters.safetensors: dense eigenvectors by numpy 1.24.2, cluster_qr of
   scikit-learn 1.2.1. */
#include "golden/clusters.h"

#include "cluster/spectral.h"

/* Rows that are not of the cluster that most of their own are of. */
static size_t strangers(const int32_t *got, const int32_t *want, size_t count)
{
  size_t at_home = 0;
  for (size_t i = 0; i < count; i++) {
    size_t first = 0, most = 0;
    while (got[first] != got[i]) first++;
    if (first < i) continue;
    for (size_t j = 0; j < count; j++) {
      size_t same = 0;
      for (size_t l = 0; got[j] == got[i] && l < count; l++) same += got[l] == got[i] && want[l] == want[j];
      if (same > most) most = same;
    }
    at_home += most;
  }
  return count - at_home;
}

static void test_clusters(void **state)
{
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    const char *set = golden_sets[s];
    const size_t clusters = (size_t)golden_ints(set, ".k", 1)[0];
    tx_rows rows = golden_rows(set);
    tx_pool *pool = golden_pool(2);
    int32_t *labels = malloc(rows.count * sizeof *labels);
    const double *values = golden_doubles(set, ".spectral.eigenvalues", clusters + 5);
    tx_spectrum spectrum;
    tx_error error;
    assert_non_null(labels);
    if (tx_spectrum_find(&rows, &(tx_spectrum_options){10, clusters + 5, NULL}, pool, &spectrum, &error) !=
        TX_OK)
      fail_msg("%s", error.message);
    for (size_t v = 0; v < clusters + 5; v++)
      assert_near("eigenvalue", spectrum.values[v], values[v], 1e-9, 1e-12);
    assert_int_equal(tx_spectrum_cut(&spectrum, clusters, labels, &error), TX_OK);
    /* One barcode lies between two clusters. */
    assert_true(strangers(labels, golden_ints(set, ".spectral.labels", rows.count), rows.count) <= s);
    tx_spectrum_free(&spectrum);
    free(labels);
    tx_pool_free(pool);
    tx_rows_free(&rows);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_clusters)};
  return cmocka_run_group_tests(tests, golden_open, golden_close);
}
