/* Tables of taxa: sums, rows, and the text of every format. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "out/table_formats.h"

#include "unit/scratch.h"

static const char *const ranks[] = {"order", "family", "subfamily", "species"};
static const char *const samples[] = {"A", "B\tb", "none"};

static void must(tx_status status, const tx_error *error)
{
  if (status != TX_OK) fail_msg("%s", error->message);
}

typedef struct added {
  const char *taxa[4];
  uint32_t sample;
  double reads;
} added;

/* Two species of one name, a gap, a genus-less row, reads that are no whole number, and none. */
static const added records[] = {
    {{"Diptera", "Culicidae", NULL, "Aedes one"}, 0, 3},
    {{"Diptera", "Culicidae", "", "Aedes one"}, 1, 1},
    {{"Diptera", "Culicidae", "Culicinae", "Aedes two"}, 0, 10},
    {{"Diptera", NULL, NULL, NULL}, 0, 2},
    {{NULL, NULL, NULL, NULL}, 1, 5},
    {{"Coleoptera", "Carabidae", NULL, "Aedes two"}, 1, 0.5},
    {{"Coleoptera", NULL, "Lost", NULL}, 1, 1},
    {{"Ignored", NULL, NULL, NULL}, 1, 0},
};

static tx_taxon_table *make_table(int backwards)
{
  tx_taxon_table *table = NULL;
  tx_error error;
  const size_t count = sizeof records / sizeof *records;
  must(tx_taxon_table_create(ranks, 4, &table, &error), &error);
  for (size_t i = 0; i < count; i++) {
    const added *record = &records[backwards ? count - 1 - i : i];
    const tx_share share = {record->sample, record->reads};
    must(tx_taxon_table_add(table, record->taxa, &share, 1, &error), &error);
  }
  must(tx_taxon_table_add(table, records[3].taxa, NULL, 0, &error), &error);
  assert_true(tx_taxon_table_reads(table) == 22.5);
  return table;
}

typedef tx_status (*put_function)(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                  tx_error *error);

/* What a writer makes of the table, whatever the order of its records. */
static void require_text(put_function put, const char *rank, bool lump, const size_t *opt_sample,
                         const char *expected)
{
  for (int backwards = 0; backwards < 2; backwards++) {
    tx_taxon_table *table = make_table(backwards);
    const tx_table_content content = {table, samples, 3, rank};
    tx_taxon_rows rows;
    tx_bytes out = {0};
    tx_error error;
    must(tx_taxon_rows_make(&content, lump, &rows, &error), &error);
    must(put(&rows, opt_sample, &out, &error), &error);
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
    tx_bytes_free(&out);
    tx_taxon_rows_free(&rows);
    tx_taxon_table_free(table);
  }
}

static void text_of_lineages(void **state)
{
  (void)state;
  require_text(tx_table_put_tsv, NULL, true, NULL,
               "taxon\trank\tlineage\tA\tB b\tnone\n"
               "unclassified\t\t\t0\t5\t0\n"
               "Lost\tsubfamily\tColeoptera;;Lost\t0\t1\t0\n"
               "Coleoptera;Carabidae;;Aedes two\tspecies\tColeoptera;Carabidae;;Aedes two\t0\t0.5\t0\n"
               "Diptera\torder\tDiptera\t2\t0\t0\n"
               "Aedes one\tspecies\tDiptera;Culicidae;;Aedes one\t3\t1\t0\n"
               "Diptera;Culicidae;Culicinae;Aedes two\tspecies\tDiptera;Culicidae;Culicinae;Aedes two"
               "\t10\t0\t0\n");
}

static void text_of_a_rank(void **state)
{
  (void)state;
  require_text(tx_table_put_tsv, "family", true, NULL,
               "taxon\trank\tlineage\tA\tB b\tnone\n"
               "unclassified\t\t\t2\t6\t0\n"
               "Carabidae\tfamily\tColeoptera;Carabidae\t0\t0.5\t0\n"
               "Culicidae\tfamily\tDiptera;Culicidae\t13\t1\t0\n");
}

static void phyloseq_tables(void **state)
{
  (void)state;
  require_text(tx_table_put_otu_table, "order", true, NULL,
               "taxon\tA\tB b\tnone\nunclassified\t0\t5\t0\nColeoptera\t0\t1.5\t0\nDiptera\t15\t1\t0\n");
  require_text(tx_table_put_tax_table, "subfamily", false, NULL,
               "taxon\torder\tfamily\tsubfamily\n"
               "unclassified\tNA\tNA\tNA\n"
               "Lost\tColeoptera\tNA\tLost\n"
               "Carabidae\tColeoptera\tCarabidae\tNA\n"
               "Diptera\tDiptera\tNA\tNA\n"
               "Culicidae\tDiptera\tCulicidae\tNA\n"
               "Culicinae\tDiptera\tCulicidae\tCulicinae\n");
}

static void krona_text(void **state)
{
  const size_t first = 0, last = 2;
  (void)state;
  require_text(tx_table_put_krona, "subfamily", false, NULL,
               "5\n1\tColeoptera\tunassigned\tLost\n0.5\tColeoptera\tCarabidae\n2\tDiptera\n"
               "4\tDiptera\tCulicidae\n10\tDiptera\tCulicidae\tCulicinae\n");
  require_text(tx_table_put_krona, "order", false, &first, "15\tDiptera\n");
  require_text(tx_table_put_tsv, "order", true, &last,
               "taxon\trank\tlineage\tA\tB b\tnone\nunclassified\t\t\t0\t5\t0\n"
               "Coleoptera\torder\tColeoptera\t0\t1.5\t0\nDiptera\torder\tDiptera\t15\t1\t0\n");
}

static void kraken_report(void **state)
{
  const size_t first = 0, last = 2;
  (void)state;
  require_text(tx_table_put_kraken, NULL, false, NULL,
               " 22.22\t5\t5\tU\t0\tunclassified\n"
               " 77.78\t17.5\t0\tR\t1\troot\n"
               " 71.11\t16\t2\tO\t0\t  Diptera\n"
               " 62.22\t14\t0\tF\t0\t    Culicidae\n"
               " 44.44\t10\t0\tF1\t0\t      Culicinae\n"
               " 44.44\t10\t10\tS\t0\t        Aedes two\n"
               " 17.78\t4\t4\tS\t0\t      Aedes one\n"
               "  6.67\t1.5\t0\tO\t0\t  Coleoptera\n"
               "  4.44\t1\t1\tF1\t0\t    Lost\n"
               "  2.22\t0.5\t0\tF\t0\t    Carabidae\n"
               "  2.22\t0.5\t0.5\tS\t0\t      Aedes two\n");
  require_text(tx_table_put_kraken, "order", false, &first,
               "  0.00\t0\t0\tU\t0\tunclassified\n"
               "100.00\t15\t0\tR\t1\troot\n"
               "100.00\t15\t15\tO\t0\t  Diptera\n");
  require_text(tx_table_put_kraken, "order", false, &last,
               "  0.00\t0\t0\tU\t0\tunclassified\n  0.00\t0\t0\tR\t1\troot\n");
}

static void biom_text(void **state)
{
  (void)state;
  require_text(tx_table_put_biom, "order", true, NULL,
               "{\"id\":null,\"format\":\"Biological Observation Matrix 1.0.0\",\"format_url\":"
               "\"http://biom-format.org\",\"type\":\"Taxon table\",\"generated_by\":\"taxamba 0.1.0\","
               "\"date\":\"1970-01-01T00:00:00\",\"matrix_type\":\"sparse\",\"matrix_element_type\":"
               "\"float\",\"shape\":[3,3],\n\"rows\":[\n"
               "{\"id\":\"unclassified\",\"metadata\":{\"taxonomy\":[\"o__\"]}},\n"
               "{\"id\":\"Coleoptera\",\"metadata\":{\"taxonomy\":[\"o__Coleoptera\"]}},\n"
               "{\"id\":\"Diptera\",\"metadata\":{\"taxonomy\":[\"o__Diptera\"]}}],\n"
               "\"columns\":[{\"id\":\"A\",\"metadata\":null},{\"id\":\"B\\tb\",\"metadata\":null},"
               "{\"id\":\"none\",\"metadata\":null}],\n"
               "\"data\":[[0,1,5],[1,1,1.5],[2,0,15],[2,1,1]]}\n");
}

static void refuses_what_is_no_table(void **state)
{
  static const char *const taxa[4] = {NULL, NULL, NULL, NULL};
  static const double bad[] = {-1, INFINITY, NAN};
  tx_taxon_table *table = NULL, *none = NULL;
  tx_table_content content = {NULL, samples, 3, "genus"};
  tx_taxon_rows rows;
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxon_table_create(ranks, 0, &none, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_taxon_table_create(ranks, TX_RANKS_MAX + 1, &none, &error), TX_ERROR_USAGE);
  assert_null(none);
  table = make_table(0);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const tx_share share = {0, bad[i]};
    assert_int_equal(tx_taxon_table_add(table, taxa, &share, 1, &error), TX_ERROR_DATA);
  }
  assert_true(tx_taxon_table_reads(table) == 22.5);
  content.table = table;
  assert_int_equal(tx_taxon_rows_make(&content, true, &rows, &error), TX_ERROR_USAGE);
  assert_string_equal(error.message,
                      "there is no rank 'genus'; the ranks are order, family, subfamily, species");
  content.opt_rank = NULL;
  content.sample_count = 1;
  assert_int_equal(tx_taxon_rows_make(&content, true, &rows, &error), TX_ERROR_USAGE);
  tx_taxon_table_free(table);
}

static tx_status open_file(const char *path, const char *format, tx_table_file **ret_file, tx_error *error)
{
  const tx_table_options options = {.path = path, .opt_format = format};
  *ret_file = NULL;
  return tx_table_file_open(&options, ret_file, error);
}

static void formats_by_name(void **state)
{
  static const struct {
    const char *path, *format, *message;
  } refused[] = {
      {"x.csv", NULL, "does not tell the format"}, {"-", NULL, "does not tell the format"},
      {"x.tsv", "excel", "no format 'excel'"},     {"{sample}.tsv", NULL, "leave {sample} out"},
      {"-", "phyloseq", "two files"},              {"x.krona.gz", NULL, "does not tell the format"},
  };
  tx_error error;
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    tx_table_file *file;
    assert_int_equal(open_file(refused[i].path, refused[i].format, &file, &error), TX_ERROR_USAGE);
    assert_non_null(strstr(error.message, refused[i].message));
    assert_null(file);
  }
}

static void names_of_files(void **state)
{
  static const char *const odd[] = {"a/b", "../c", "x\ny"}, *const same[] = {"a/b", "a_b"};
  scratch place;
  char path[400];
  const char *const *names;
  size_t count;
  tx_table_file *file;
  tx_error error;
  (void)state;
  scratch_create(&place);
  snprintf(path, sizeof path, "%s/t.x.phyloseq.tsv", place.folder);
  must(open_file(path, NULL, &file, &error), &error);
  must(tx_table_file_names(file, odd, 3, &names, &count, &error), &error);
  assert_int_equal(count, 2);
  assert_string_equal(names[0], path);
  assert_string_equal(names[1] + strlen(place.folder), "/t.x.phyloseq.tax.tsv");
  tx_table_file_abort(file);
  must(open_file("k-{sample}.kreport", NULL, &file, &error), &error);
  must(tx_table_file_names(file, odd, 3, &names, &count, &error), &error);
  assert_int_equal(count, 3);
  assert_string_equal(names[0], "k-a_b.kreport");
  assert_string_equal(names[1], "k-.._c.kreport");
  assert_string_equal(names[2], "k-x_y.kreport");
  assert_int_equal(tx_table_file_names(file, same, 2, &names, &count, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "would have the same file k-a_b.kreport"));
  tx_table_file_abort(file);
  scratch_remove(&place);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_of_lineages), cmocka_unit_test(text_of_a_rank),
      cmocka_unit_test(phyloseq_tables),  cmocka_unit_test(krona_text),
      cmocka_unit_test(kraken_report),    cmocka_unit_test(biom_text),
      cmocka_unit_test(formats_by_name),  cmocka_unit_test(names_of_files),
      cmocka_unit_test(refuses_what_is_no_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
