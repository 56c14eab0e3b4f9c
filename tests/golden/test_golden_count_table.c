/* One table of counts in six files, as vsearch, biom, DADA2 (write.table and write.csv) and BIOM 1.0 and 2.1
   have it. bulk/README.md says what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <taxamba/count_table.h>

#define FOLDER TX_TESTS_DIR "/golden/bulk/"

static tx_count_table *read_table(const char *path)
{
  tx_count_table *table = NULL;
  tx_error error;
  if (tx_count_table_read(path, NULL, &table, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_count_table_sequence_count(table), 12);
  assert_int_equal(tx_count_table_sample_count(table), 9);
  return table;
}

static void require_equal(const tx_count_table *a, const tx_count_table *b, int same_ids)
{
  for (size_t s = 0; s < 9; s++)
    assert_string_equal(tx_count_table_sample(a, s), tx_count_table_sample(b, s));
  for (size_t i = 0; i < 12; i++) {
    const uint32_t *samples_a, *samples_b;
    const double *counts_a, *counts_b;
    const size_t count = tx_count_table_row(a, i, &samples_a, &counts_a);
    if (same_ids) assert_string_equal(tx_count_table_sequence(a, i), tx_count_table_sequence(b, i));
    assert_int_equal(tx_count_table_row(b, i, &samples_b, &counts_b), count);
    assert_memory_equal(samples_a, samples_b, count * sizeof *samples_a);
    assert_memory_equal(counts_a, counts_b, count * sizeof *counts_a);
  }
}

static void test_same_counts(void **state)
{
  static const struct {
    const char *path, *format;
    int same_ids, lineages;
  } files[] = {
      {FOLDER "bulk_biom_convert.tsv", "text", 1, 0}, {FOLDER "bulk_dada2_seqtab.tsv", "text", 0, 0},
      {FOLDER "bulk_dada2_seqtab.csv", "text", 0, 0}, {FOLDER "bulk.biom1.json", "BIOM 1.0", 1, 1},
      {FOLDER "bulk.biom21.hdf5", "BIOM 2.1", 1, 1},
  };
  tx_count_table *first = read_table(FOLDER "bulk_vsearch_otutab.tsv");
  double sum = 0;
  (void)state;
  for (size_t i = 0; i < 12; i++) {
    const uint32_t *samples;
    const double *counts;
    for (size_t n = tx_count_table_row(first, i, &samples, &counts); n-- > 0;) sum += counts[n];
  }
  assert_true(sum == 2796);
  assert_null(tx_count_table_taxonomy(first, 0));
  for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
    tx_count_table *table;
    if (strstr(files[f].path, "hdf5") && !tx_count_table_reads_hdf5()) continue;
    table = read_table(files[f].path);
    assert_string_equal(tx_count_table_format(table), files[f].format);
    require_equal(first, table, files[f].same_ids);
    assert_int_equal(tx_count_table_ids_are_bases(table), !files[f].same_ids);
    if (files[f].lineages) {
      assert_string_equal(tx_count_table_taxonomy(table, 2), "Diptera; Sciaridae; Bradysia; ; BOLD:AAA0002");
      assert_string_equal(tx_count_table_taxonomy(table, 8), "; ; ; ; ");
    }
    tx_count_table_free(table);
  }
  tx_count_table_free(first);
}

/* Without libhdf5 the message says what to do. */
static void test_without_hdf5(void **state)
{
  tx_count_table *table = NULL;
  tx_error error;
  (void)state;
  if (tx_count_table_reads_hdf5()) skip();
  assert_int_equal(tx_count_table_read(FOLDER "bulk.biom21.hdf5", NULL, &table, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "built without libhdf5: convert it"));
  assert_null(table);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_counts),
      cmocka_unit_test(test_without_hdf5),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
