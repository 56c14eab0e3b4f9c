/* Records with several lineages in one column of a table. */
#include "unit/input_files.h"

#include <taxamba/labelled.h>

static input_files files;

static int set_up(void **state)
{
  (void)state;
  input_files_create(&files);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  input_files_remove(&files);
  return 0;
}

static tx_labelled *open_table(const char *text, const tx_labelled_options *options)
{
  const char *path = input_files_text(&files, "t.tsv", text);
  tx_labelled *reader = NULL;
  tx_error error;
  if (tx_labelled_open(&path, 1, options, &reader, &error) != TX_OK) fail_msg("%s", error.message);
  return reader;
}

static void next(tx_labelled *reader, tx_labelled_record *record)
{
  tx_error error;
  if (tx_labelled_next(reader, record, &error) != TX_OK) fail_msg("%s", error.message);
}

/* Compares a lineage with names that are separated by '|'; "-" for none, "=x" for a single name. */
static void expect(const tx_labelled_lineage *lineage, size_t ranks, const char *names)
{
  char text[256] = "";
  if (lineage->opt_name) snprintf(text, sizeof text, "=%s", lineage->opt_name);
  for (size_t r = 0; r < ranks && !lineage->opt_name; r++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", r ? "|" : "",
             lineage->taxa[r] ? lineage->taxa[r] : "-");
  assert_string_equal(text, names);
}

static void test_lineages(void **state)
{
  const tx_labelled_options options = {.taxa_column = "Taxa", .ranks = "order,family,genus"};
  tx_labelled *reader = open_table("id\ttaxa\tsequence\n"
                                   "a\tO|F|G; P|Q\tACGT\n"
                                   "b\t O ||  G  1 ;;Apis;unidentified; P|NA|\tACGT\n"
                                   "c\t\tACGT\n"
                                   "d\t|||\tACGT\n",
                                   &options);
  tx_labelled_record record;
  (void)state;
  assert_int_equal(tx_labelled_rank_count(reader), 3);
  next(reader, &record);
  assert_int_equal(record.lineage_count, 2);
  expect(&record.lineages[0], 3, "O|F|G");
  expect(&record.lineages[1], 3, "P|Q|-");
  next(reader, &record);
  assert_int_equal(record.lineage_count, 3);
  expect(&record.lineages[0], 3, "O|-|G 1");
  expect(&record.lineages[1], 3, "=Apis");
  expect(&record.lineages[2], 3, "P|-|-");
  next(reader, &record);
  assert_int_equal(record.lineage_count, 0);
  next(reader, &record); /* a separator more than there are ranks, but no name */
  assert_int_equal(record.lineage_count, 0);
  tx_labelled_close(reader);
}

/* The lineage of the columns counts where the field is empty; ranks without a column are those of the
   lineages alone. With one rank a name is a taxon of it. */
static void test_columns_of_ranks(void **state)
{
  tx_labelled_options options = {.taxa_column = "taxa"};
  tx_labelled *reader = open_table("id\torder\tgenus\ttaxa\tsequence\n"
                                   "a\tO\tG\t\tACGT\n"
                                   "b\tO\tG\tP|H;P|I\tACGT\n",
                                   &options);
  tx_labelled_record record;
  (void)state;
  assert_int_equal(tx_labelled_rank_count(reader), 2);
  next(reader, &record);
  assert_int_equal(record.lineage_count, 1);
  expect(&record.lineages[0], 2, "O|G");
  next(reader, &record);
  assert_int_equal(record.lineage_count, 2);
  expect(&record.lineages[1], 2, "P|I");
  assert_string_equal(record.taxa[1], "G");
  tx_labelled_close(reader);
  options.ranks = "genus";
  reader = open_table("id\ttaxa\tsequence\na\tApis;Bombus\tACGT\n", &options);
  next(reader, &record);
  assert_int_equal(record.lineage_count, 2);
  expect(&record.lineages[1], 1, "Bombus");
  tx_labelled_close(reader);
}

static void test_refusals(void **state)
{
  const tx_labelled_options options = {.taxa_column = "taxa", .ranks = "order,genus"},
                            without = {.taxa_column = "taxa"};
  const char *path;
  tx_labelled *reader = open_table("id\ttaxa\tsequence\na\tO|G|S\tACGT\n", &options);
  tx_labelled_record record;
  tx_error error;
  (void)state;
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "'S' is one name more than the 2 ranks"));
  assert_int_equal(error.line, 2);
  tx_labelled_close(reader);
  path = files.paths[0];
  assert_int_equal(tx_labelled_open(&path, 1, &without, &reader, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "which are those of the lineages"));
  path = input_files_text(&files, "u.tsv", "id\tsequence\na\tACGT\n");
  assert_int_equal(tx_labelled_open(&path, 1, &options, &reader, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "'taxa'"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {TEST(test_lineages), TEST(test_columns_of_ranks), TEST(test_refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
