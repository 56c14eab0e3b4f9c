/* The taxonomy of NCBI: what is found, and which files are refused. */
#include "unit/input_files.h"

#include "labelled/taxdump.h"

/* Reads files that are in memory; NULL: the file is not there. */
static tx_status read_dump(const char *nodes, const char *names, const char *merged, const char *deleted,
                           tx_taxdump **taxdump, tx_error *error)
{
  const char *const texts[TX_TAXDUMP_FILES] = {nodes, names, merged, deleted};
  static const char *const files[TX_TAXDUMP_FILES] = {"nodes.dmp", "names.dmp", "merged.dmp", "delnodes.dmp"};
  tx_input *inputs[TX_TAXDUMP_FILES] = {NULL};
  for (size_t i = 0; i < TX_TAXDUMP_FILES; i++)
    if (texts[i])
      assert_int_equal(tx_input_open_memory(files[i], texts[i], strlen(texts[i]), &inputs[i], error), TX_OK);
  return tx_taxdump_read(inputs, taxdump, error);
}

static const char *name_at(const tx_lineage *lineage, const char *rank)
{
  return lineage->names[tx_lineage_find_rank(rank)];
}

static void test_lineages(void **state)
{
  static const char nodes[] =
      "9\t|\t4\t|\tspecies\t|\tX\t|\r\n4\t|\t2\t|\tgenus\t|\n1\t|\t1\t|\tno rank\t|\n"
      "2\t|\t1\t|\tsuperkingdom\t|\n6\t|\t4\t|\tsubgenus\t|\n7\t|\t6\t|\tspecies\t|\n";
  static const char names[] =
      "2\t|\tBacteria\t|\tBacteria <bacteria>\t|\tscientific name\t|\n"
      "4\t|\tBacillus\t|\t\t|\tscientific name\t|\n"
      "4\t|\tBac\t|\t\t|\tsynonym\t|\n9\t|\tBacillus sp.\t|\t\t|\tscientific name\t|\n"
      "7\t|\tBacillus x\t|\t\t|\tscientific name\t|\n";
  tx_taxdump *taxdump;
  tx_lineage lineage;
  tx_error error;
  (void)state;
  if (read_dump(nodes, names, "12\t|\t7\t|\n13\t|\t99\t|\n", "3\t|\n", &taxdump, &error))
    fail_msg("%s", error.message);
  assert_int_equal(tx_taxdump_find(taxdump, 1), TX_TAXID_KNOWN);
  assert_int_equal(tx_taxdump_find(taxdump, 12), TX_TAXID_MERGED);
  assert_int_equal(tx_taxdump_find(taxdump, 3), TX_TAXID_DELETED);
  assert_int_equal(tx_taxdump_find(taxdump, 13), TX_TAXID_DELETED); /* merged into one that is not there */
  assert_int_equal(tx_taxdump_find(taxdump, 5), TX_TAXID_UNKNOWN);
  tx_lineage_begin(&lineage, 0);
  lineage.taxid = 12;
  tx_taxdump_lineage(taxdump, &lineage);
  assert_string_equal(name_at(&lineage, "species"), "Bacillus x");
  assert_string_equal(name_at(&lineage, "genus"), "Bacillus");
  assert_string_equal(name_at(&lineage, "superkingdom"), "Bacteria");
  assert_null(name_at(&lineage, "subgenus")); /* it has no scientific name */
  assert_int_equal(lineage.count, 3);
  lineage.taxid = 9;
  tx_taxdump_lineage(taxdump, &lineage);
  assert_null(name_at(&lineage, "species"));
  assert_string_equal(name_at(&lineage, "genus"), "Bacillus");
  assert_int_equal(lineage.placeholders, 1);
  tx_lineage_begin(&lineage, 0);
  lineage.taxid = 5;
  tx_taxdump_lineage(taxdump, &lineage);
  assert_null(name_at(&lineage, "genus"));
  tx_taxdump_free(taxdump);
}

static void test_refusals(void **state)
{
  static const char root[] = "1\t|\t1\t|\tno rank\t|\n";
  static const struct {
    const char *nodes, *names, *merged, *message;
  } rows[] = {
      {"", "", NULL, "nodes.dmp has no taxon"},
      {"just text\n", "", NULL, "nodes.dmp:1: no taxid, parent and rank"},
      {"1\t|\t1\t|", "", NULL, "nodes.dmp:1: no taxid, parent and rank"},
      {"1\t|\t1234567890\t|\tspecies\t|\n", "", NULL, "nodes.dmp:1: no taxid, parent and rank"},
      {"1\t|\t1\t|\tno rank\t|\n2\t|\t7\t|\tgenus\t|\n", "", NULL,
       "nodes.dmp: 7, the parent of 2, is missing"},
      {"1\t|\t1\t|\tno rank\t|\n1\t|\t1\t|\tgenus\t|\n", "", NULL, "nodes.dmp: the taxid 1 occurs twice"},
      {"2\t|\t3\t|\tgenus\t|\n3\t|\t2\t|\tfamily\t|\n", "", NULL,
       "nodes.dmp: above the taxid 2 are more than"},
      {root, "1\t|\troot\n", NULL, "names.dmp:1: no taxid, name, unique name"},
      {root, "2\t|\tx\t|\t\t|\tscientific name\t|\n", NULL,
       "names.dmp:1: nodes.dmp does not have this taxid"},
      {root, "", "x\t|\t1\t|\n", "merged.dmp:1: no taxid"},
      {root, "", "1\t|\tx\t|\n", "merged.dmp:1: no taxid"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    tx_taxdump *taxdump;
    tx_error error;
    if (read_dump(rows[i].nodes, rows[i].names, rows[i].merged, NULL, &taxdump, &error) != TX_ERROR_DATA)
      fail_msg("case %zu is read", i);
    assert_null(taxdump);
    if (!strstr(error.message, rows[i].message)) fail_msg("case %zu: %s", i, error.message);
  }
}

/* As many levels as are possible, and one more. */
static void test_levels(void **state)
{
  (void)state;
  for (int levels = 256; levels <= 257; levels++) {
    char *nodes = malloc(40 * 300);
    size_t used = 0;
    tx_taxdump *taxdump;
    tx_error error;
    assert_non_null(nodes);
    used += (size_t)sprintf(nodes, "%d\t|\t%d\t|\tno rank\t|\n", levels + 1, levels + 1);
    for (int i = levels; i; i--) used += (size_t)sprintf(nodes + used, "%d\t|\t%d\t|\tclade\t|\n", i, i + 1);
    assert_int_equal(read_dump(nodes, "", NULL, NULL, &taxdump, &error),
                     levels > 256 ? TX_ERROR_DATA : TX_OK);
    tx_taxdump_free(taxdump);
    free(nodes);
  }
}

static void test_folder(void **state)
{
  input_files files;
  tx_taxdump *taxdump;
  tx_error error;
  (void)state;
  input_files_create(&files);
  assert_int_equal(tx_taxdump_open(files.folder, NULL, &taxdump, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "/nodes.dmp: "));
  input_files_text(&files, "nodes.dmp", "1\t|\t1\t|\tno rank\t|\n");
  assert_int_equal(tx_taxdump_open(files.folder, NULL, &taxdump, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "/names.dmp: "));
  assert_null(taxdump);
  input_files_text(&files, "names.dmp", "1\t|\troot\t|\t\t|\tscientific name\t|\n");
  assert_int_equal(tx_taxdump_open(files.folder, NULL, &taxdump, &error), TX_OK);
  tx_taxdump_free(taxdump);
  input_files_remove(&files);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lineages),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_levels),
      cmocka_unit_test(test_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
