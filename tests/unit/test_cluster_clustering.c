/* Clusters through the public functions: the number by silhouette, every method on clear clusters, what is
   refused, and the files that are written. */
#include "base/bytes.h"
#include "base/file.h"
#include "base/random.h"
#include "cluster/choose.h"
#include "cluster/points.h"

#include <taxamba/cluster.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { GROUPS = 4, EACH = 12, WIDTH = 3 };

/* Points as if they had been read: x (count, WIDTH), names with what Newick has to quote. */
static tx_points *points_of(const float *x, size_t count)
{
  tx_bytes array = {0}, names = {0};
  tx_input *first = NULL, *second = NULL;
  tx_points *points = NULL;
  tx_error error;
  char header[119];
  memset(header, ' ', sizeof header);
  header[snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %d), }",
                  count, WIDTH)] = ' ';
  header[117] = '\n';
  tx_bytes_append(&array, "\x93NUMPY\1\0\x76\0", 10);
  tx_bytes_append(&array, header, 118);
  tx_bytes_append(&array, x, count * WIDTH * sizeof *x); /* of a little-endian machine */
  for (size_t i = 0; i < count; i++) tx_bytes_printf(&names, i == 1 ? "it's, (one)\n" : "r%zu\n", i);
  assert_int_equal(tx_input_open_memory("array", array.data, array.size, &first, &error), TX_OK);
  assert_int_equal(tx_input_open_memory("names", names.data, names.size, &second, &error), TX_OK);
  if (tx_points_read_inputs(first, second, &points, &error) != TX_OK) fail_msg("%s", error.message);
  tx_bytes_free(&array);
  tx_bytes_free(&names);
  return points;
}

/* Groups far apart; record 5 has no vector. */
static tx_points *groups(void)
{
  float x[GROUPS * EACH * WIDTH];
  tx_random random;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < GROUPS * EACH; i++)
    for (size_t k = 0; k < WIDTH; k++)
      x[i * WIDTH + k] = (float)(10.0 * (double)(i % GROUPS == k) + 0.5 * tx_random_normal(&random));
  x[5 * WIDTH + 1] = NAN;
  return points_of(x, GROUPS * EACH);
}

static tx_clustering *cluster(const tx_points *points, const tx_cluster_options *options)
{
  tx_clustering *clustering = NULL;
  tx_error error;
  if (tx_cluster(points, options, &clustering, &error) != TX_OK) fail_msg("%s", error.message);
  return clustering;
}

static void check_groups(const tx_clustering *clustering, const char *what)
{
  const int32_t *labels = tx_clustering_labels(clustering);
  if (tx_clustering_count(clustering) != GROUPS)
    fail_msg("%s: %zu clusters", what, tx_clustering_count(clustering));
  assert_int_equal(tx_clustering_records(clustering), GROUPS * EACH);
  for (size_t i = 0; i < GROUPS * EACH; i++)
    if (labels[i] != (i == 5 ? TX_NO_VECTOR : (int32_t)(i % GROUPS))) fail_msg("%s: record %zu", what, i);
  assert_true(tx_clustering_space(clustering)->silhouette > 0.8);
  assert_true(tx_clustering_space(clustering)->silhouette_l1 > 0.8);
  assert_true(tx_clustering_space(clustering)->silhouette_chebyshev > 0.8);
  assert_true(isfinite(tx_clustering_space(clustering)->silhouette_arccos));
  assert_true(tx_clustering_space(clustering)->calinski_harabasz > 100);
  assert_true(tx_clustering_space(clustering)->davies_bouldin < 0.3);
  assert_true(tx_clustering_settled(clustering));
}

static void test_methods(void **state)
{
  tx_points *points = groups();
  (void)state;
  assert_int_equal(tx_points_usable(points), GROUPS * EACH - 1);
  for (int method = TX_CLUSTER_WARD; method <= TX_CLUSTER_AFFINITY; method++) {
    char name[16];
    tx_cluster_options options;
    snprintf(name, sizeof name, "method %d", method);
    tx_cluster_defaults(&options);
    options.method = (tx_cluster_method)method;
    options.threads = 2;
    options.space = TX_SPACE_ALL;
    for (size_t given = 0; given <= GROUPS; given += GROUPS) { /* 0: by silhouette */
      tx_clustering *clustering;
      options.clusters = given;
      clustering = cluster(points, &options);
      check_groups(clustering, name);
      assert_int_equal(tx_clustering_has_tree(clustering), method <= TX_CLUSTER_COMPLETE);
      tx_clustering_free(clustering);
    }
  }
  tx_points_free(points);
}

static void test_limits(void **state)
{
  tx_points *points = groups(), *one = points_of((const float[]){1, 2, 3}, 1);
  tx_cluster_options options;
  tx_clustering *clustering = NULL;
  tx_error error;
  int stop = 1;
  (void)state;
  tx_cluster_defaults(&options);
  options.clusters = GROUPS * EACH;
  assert_int_equal(tx_cluster(points, &options, &clustering, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_cluster(one, &options, &clustering, &error), TX_ERROR_DATA);
  options.clusters = 3;
  options.matrix_bytes = 100;
  for (int method = TX_CLUSTER_WARD; method <= TX_CLUSTER_AFFINITY; method++) {
    const bool matrix =
        method != TX_CLUSTER_WARD && method != TX_CLUSTER_KMEANS && method != TX_CLUSTER_HDBSCAN;
    options.method = (tx_cluster_method)method;
    options.stop = NULL;
    assert_int_equal(tx_cluster(points, &options, &clustering, &error), matrix ? TX_ERROR_USAGE : TX_OK);
    if (matrix) assert_non_null(strstr(error.message, "--max-matrix"));
    if (!matrix) tx_clustering_free(clustering);
  }
  options.stop = &stop;
  options.matrix_bytes = 0;
  for (int method = TX_CLUSTER_WARD; method <= TX_CLUSTER_AFFINITY; method++) {
    options.method = (tx_cluster_method)method;
    if (method == TX_CLUSTER_SPECTRAL) continue; /* LAPACK does not stop */
    assert_int_equal(tx_cluster(points, &options, &clustering, &error), TX_STOPPED);
  }
  tx_points_free(points);
  tx_points_free(one);
}

static void assert_file(const char *path, const char *want)
{
  char *text = NULL;
  size_t length = 0;
  tx_error error;
  assert_int_equal(tx_read_file(path, 1 << 20, NULL, &text, &length, &error), TX_OK);
  assert_string_equal(text, want);
  free(text);
}

static void test_files(void **state)
{
  static const float x[] = {0, 0, 0, 1, 0, 0, 5, 0, 0, 9, NAN, 0};
  tx_points *points = points_of(x, 4);
  tx_cluster_options options;
  tx_clustering *clustering;
  tx_error error;
  char path[] = "/tmp/test_cluster_XXXXXX";
  const int file = mkstemp(path);
  (void)state;
  assert_true(file >= 0);
  close(file);
  tx_cluster_defaults(&options);
  options.method = TX_CLUSTER_AVERAGE;
  options.threshold = 2;
  clustering = cluster(points, &options);
  assert_int_equal(tx_clustering_write(clustering, points, path, NULL, &error), TX_OK);
  assert_file(path, "id\tcluster\nr0\t0\nit's, (one)\t0\nr2\t1\nr3\tNA\n");
  assert_int_equal(tx_clustering_write_tree(clustering, points, path, NULL, &error), TX_OK);
  assert_file(path, "(r2:2.25,(r0:0.5,'it''s, (one)':0.5):1.75);\n");
  tx_clustering_free(clustering);
  options.method = TX_CLUSTER_HDBSCAN;
  clustering = cluster(points, &options);
  assert_int_equal(tx_clustering_count(clustering), 0);
  assert_true(isnan(tx_clustering_space(clustering)->silhouette));
  assert_int_equal(tx_clustering_write(clustering, points, path, NULL, &error), TX_OK);
  assert_file(path, "id\tcluster\tprobability\nr0\t-1\t0.0000\nit's, (one)\t-1\t0.0000\nr2\t-1\t0.0000\n"
                    "r3\tNA\tNA\n");
  assert_int_equal(tx_clustering_write_tree(clustering, points, path, NULL, &error), TX_ERROR_USAGE);
  tx_clustering_free(clustering);
  unlink(path);
  tx_points_free(points);
}

static void test_choices(void **state)
{
  size_t choices[TX_CHOICES_MAX];
  (void)state;
  assert_int_equal(tx_choices(1, choices), 0);
  assert_int_equal(tx_choices(2, choices), 1);
  for (size_t most = 2; most < 1000000; most = most * 3 + 1) {
    const size_t count = tx_choices(most, choices);
    assert_int_equal(choices[0], 2);
    assert_int_equal(choices[count - 1], most);
    for (size_t i = 1; i < count; i++) {
      assert_true(choices[i] > choices[i - 1]);
      assert_true((double)choices[i] <= fmax(1.15 * (double)choices[i - 1], (double)choices[i - 1] + 1));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_methods), cmocka_unit_test(test_limits),
                                     cmocka_unit_test(test_files), cmocka_unit_test(test_choices)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
