/* Taxa by samples of the bulk samples in bulk/: the totals of every rank and site, the text for Krona, and
   both BIOM files read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hdf5.h"
#include "base/json.h"
#include "out/taxon_table.h"

#include <taxamba/count_table.h>
#include <taxamba/prediction_reader.h>
#include <taxamba/taxon_table.h>

#include "unit/scratch.h"

#define FOLDER TX_TESTS_DIR "/golden/bulk/"

enum { SITES = 3 };

static const char *const sites[SITES] = {"G1P4N6", "G281YO", "G3FFNC"};

static void must(tx_status status, const tx_error *error)
{
  if (status != TX_OK) fail_msg("%s", error->message);
}

/* The table of the whole run, replicates added up in their sites. */
static tx_taxon_table *make_table(void)
{
  tx_count_table *counts = NULL;
  tx_samples *samples = NULL;
  tx_prediction_reader *rows = NULL;
  tx_taxon_table *table = NULL;
  tx_prediction_row row;
  tx_sample_options options = {0};
  tx_error error;
  must(tx_count_table_read(FOLDER "bulk_vsearch_otutab.tsv", NULL, &counts, &error), &error);
  options.opt_counts = counts;
  must(tx_samples_open(&options, &samples, &error), &error);
  must(tx_prediction_reader_open(FOLDER "bulk_taxonomy.tsv", NULL, &rows, &error), &error);
  must(tx_taxon_table_create(tx_prediction_reader_ranks(rows), tx_prediction_reader_rank_count(rows), &table,
                             &error),
       &error);
  while (tx_prediction_reader_next(rows, 0, &row, &error) == TX_OK) {
    const tx_share *shares = NULL;
    tx_share own[16];
    size_t count = 0;
    must(tx_samples_of(samples, &row.record, &shares, &count, &error), &error);
    assert_in_range(count, 1, 16);
    for (size_t i = 0; i < count; i++) own[i] = (tx_share){shares[i].sample / 3, shares[i].reads};
    must(tx_taxon_table_add(table, row.taxa, own, count, &error), &error);
  }
  tx_prediction_reader_close(rows);
  tx_samples_close(samples);
  tx_count_table_free(counts);
  return table;
}

static tx_table_content content_of(const tx_taxon_table *table, const char *rank)
{
  return (tx_table_content){table, sites, SITES, rank};
}

/* The reads of the row of that id in a site; 0 if there is none. */
static double reads_of(const tx_taxon_rows *rows, const char *id, size_t site)
{
  for (size_t row = 0; row < rows->count; row++)
    if (strcmp(rows->ids[row], id) == 0) return tx_taxon_rows_reads(rows, row, &site);
  return 0;
}

static double sum_of(const tx_taxon_rows *rows, size_t site)
{
  double sum = 0;
  for (size_t row = 0; row < rows->count; row++) sum += tx_taxon_rows_reads(rows, row, &site);
  return sum;
}

static void totals_of_every_rank(void **state)
{
  tx_taxon_table *table = make_table();
  tx_json *document = NULL;
  const tx_json *ranks;
  tx_error error;
  size_t size, checked = 0;
  char *text = (char *)read_whole(FOLDER "bulk_expected.json", &size);
  (void)state;
  must(tx_json_parse(text, size, "expected", &document, &error), &error);
  ranks = tx_json_get(tx_json_get(document, "taxa"), "reads1_replicates1");
  assert_true(tx_taxon_table_reads(table) == 2796);
  for (const tx_json *rank = tx_json_first(ranks); rank; rank = tx_json_next(rank)) {
    const tx_table_content content = content_of(table, tx_json_key(rank));
    tx_taxon_rows rows;
    size_t taxa = 0;
    must(tx_taxon_rows_make(&content, true, &rows, &error), &error);
    for (size_t site = 0; site < SITES; site++) {
      const tx_json *expected = tx_json_get(rank, sites[site]), *reads = tx_json_get(expected, "reads");
      double sum = tx_json_number(tx_json_get(expected, "unassigned"));
      assert_true(reads_of(&rows, "unclassified", site) == sum);
      for (const tx_json *taxon = tx_json_first(reads); taxon; taxon = tx_json_next(taxon), taxa++) {
        assert_true(reads_of(&rows, tx_json_key(taxon), site) == tx_json_number(taxon));
        sum += tx_json_number(taxon);
      }
      assert_true(sum_of(&rows, site) == sum);
    }
    assert_in_range(taxa, 10, 30);
    checked++;
    tx_taxon_rows_free(&rows);
  }
  assert_int_equal(checked, 5);
  tx_json_free(document);
  free(text);
  tx_taxon_table_free(table);
}

/* Writes one file of the table. */
static void write_table(const tx_taxon_table *table, const char *path, const char *format, const char *rank)
{
  const tx_table_options options = {.path = path, .opt_format = format};
  const tx_table_content content = content_of(table, rank);
  tx_table_file *file = NULL;
  tx_error error;
  must(tx_table_file_open(&options, &file, &error), &error);
  must(tx_table_files_commit(&file, 1, &content, NULL, &error), &error);
  assert_null(file);
}

static void krona_text(void **state)
{
  tx_taxon_table *table = make_table();
  scratch place;
  char path[400];
  (void)state;
  scratch_create(&place);
  snprintf(path, sizeof path, "%s/{sample}.krona", place.folder);
  write_table(table, path, NULL, "species");
  for (size_t site = 0; site < SITES; site++) {
    size_t size, expected_size;
    unsigned char *text, *expected;
    snprintf(path, sizeof path, "%s/%s.krona", place.folder, sites[site]);
    text = read_whole(path, &size);
    unlink(path);
    snprintf(path, sizeof path, FOLDER "bulk_krona_%s.txt", sites[site]);
    expected = read_whole(path, &expected_size);
    assert_int_equal(size, expected_size);
    assert_memory_equal(text, expected, size);
    free(text);
    free(expected);
  }
  scratch_remove(&place);
  tx_taxon_table_free(table);
}

/* The reader of count tables finds the rows, the taxonomy and the reads of the table again. */
static void read_back(const tx_taxon_table *table, const char *path, const char *format)
{
  const tx_table_content content = content_of(table, NULL);
  tx_count_table *counts = NULL;
  tx_taxon_rows rows;
  tx_error error;
  must(tx_taxon_rows_make(&content, true, &rows, &error), &error);
  must(tx_count_table_read(path, NULL, &counts, &error), &error);
  assert_string_equal(tx_count_table_format(counts), format);
  assert_int_equal(tx_count_table_sequence_count(counts), rows.count);
  assert_int_equal(tx_count_table_sample_count(counts), SITES);
  for (size_t site = 0; site < SITES; site++)
    assert_string_equal(tx_count_table_sample(counts, site), sites[site]);
  for (size_t row = 0; row < rows.count; row++) {
    const uint32_t *samples;
    const double *values;
    const size_t count = tx_count_table_row(counts, row, &samples, &values);
    assert_string_equal(tx_count_table_sequence(counts, row), rows.ids[row]);
    assert_int_equal(count, rows.starts[row + 1] - rows.starts[row]);
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(samples[i], rows.cells[rows.starts[row] + i].sample);
      assert_true(values[i] == rows.cells[rows.starts[row] + i].reads);
    }
  }
  assert_string_equal(tx_count_table_taxonomy(counts, 0), "o__; f__; g__; s__; bin__");
  assert_string_equal(tx_count_table_taxonomy(counts, 5),
                      "o__Diptera; f__Sciaridae; g__Bradysia; s__; bin__BOLD:AAA0002");
  tx_count_table_free(counts);
  tx_taxon_rows_free(&rows);
}

static void biom_is_read_back(void **state)
{
  tx_taxon_table *table = make_table();
  scratch place;
  (void)state;
  scratch_create(&place);
  write_table(table, place.path, "biom", NULL);
  read_back(table, place.path, "BIOM 1.0");
  if (tx_hdf5_version()) {
    size_t size, again_size;
    unsigned char *bytes, *again;
    write_table(table, place.path, "biom-hdf5", NULL);
    read_back(table, place.path, "BIOM 2.1");
    bytes = read_whole(place.path, &size);
    write_table(table, place.path, "biom-hdf5", NULL);
    again = read_whole(place.path, &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(bytes, again, size);
    free(bytes);
    free(again);
  }
  scratch_remove(&place);
  tx_taxon_table_free(table);
}

static void without_hdf5(void **state)
{
  const tx_table_options options = {.path = "x.hdf5"};
  tx_table_file *file = NULL;
  tx_error error;
  (void)state;
  if (tx_hdf5_version()) skip();
  assert_int_equal(tx_table_file_open(&options, &file, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "libhdf5 was missing: choose the format biom"));
  assert_null(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(totals_of_every_rank),
      cmocka_unit_test(krona_text),
      cmocka_unit_test(biom_is_read_back),
      cmocka_unit_test(without_hdf5),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
