/* Count tables: every layout and every refusal, each from a small text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "labelled/count_read.h"

#define BASES_A "ACGTACGTACGTACGTACGTAC"
#define BASES_B "ACGTACGTACGTACGTACGTAN"

static tx_status read_options(const char *text, const tx_count_options *options, tx_count_table **ret_table,
                              tx_error *error)
{
  tx_input *input = NULL;
  assert_int_equal(tx_input_open_memory("counts", text, strlen(text), &input, error), TX_OK);
  return tx_count_table_read_input(input, options, ret_table, error);
}

/* Writes a table as "format|sample,sample|id:sample=count,sample=count[lineage]|...". */
static void write_table(const tx_count_table *table, char *out, size_t size)
{
  size_t used = (size_t)snprintf(out, size, "%s|", tx_count_table_format(table));
  for (size_t s = 0; s < tx_count_table_sample_count(table); s++)
    used += (size_t)snprintf(out + used, size - used, s ? ",%s" : "%s", tx_count_table_sample(table, s));
  for (size_t i = 0; i < tx_count_table_sequence_count(table); i++) {
    const uint32_t *samples;
    const double *counts;
    const char *lineage = tx_count_table_taxonomy(table, i);
    const size_t count = tx_count_table_row(table, i, &samples, &counts);
    used += (size_t)snprintf(out + used, size - used, "|%s:", tx_count_table_sequence(table, i));
    for (size_t n = 0; n < count; n++)
      used += (size_t)snprintf(out + used, size - used, "%s%s=%g", n ? "," : "",
                               tx_count_table_sample(table, samples[n]), counts[n]);
    if (lineage) used += (size_t)snprintf(out + used, size - used, "[%s]", lineage);
  }
}

static bool known_asv(void *context, const char *id)
{
  (void)context;
  return strncmp(id, "seq", 3) == 0;
}

static const struct {
  const char *text, *expected;
} readable[] = {
    {"#OTU ID\ts1\ts2\ttaxonomy\nA\t1\t0\tk:Fungi,s:A b\nB\t0\t2\t\n",
     "text|s1,s2|A:s1=1[k:Fungi,s:A b]|B:s2=2"},
    {"# Constructed from biom file\n#OTU ID\ts1\ts2\nA\t1.0\t2.5e2\nB\t0.0\t0.0",
     "text|s1,s2|A:s1=1,s2=250|B:"},
    {"\xEF\xBB\xBF#OTU ID,s1,s2\r\nA,1,2\r\n", "text|s1,s2|A:s1=1,s2=2"},
    {"Feature ID\ts1\nA\t3\n\n", "text|s1|A:s1=3"},
    {"#OTU ID\ts1\n", "text|s1"},
    {"#SampleID\tA\tB\ns1\t1\t0\ns2\t0\t2\n", "text|s1,s2|A:s1=1|B:s2=2"},
    {BASES_A "\t" BASES_B "\ns1\t1\t0\ns2\t0\t2\n", "text|s1,s2|" BASES_A ":s1=1|" BASES_B ":s2=2"},
    {"\"\",\"" BASES_A "\"\n\"s, \"\"1\",1\n", "text|s, \"1|" BASES_A ":s, \"1=1"},
    {"\"" BASES_A "\" \"" BASES_B "\"\n\"s 1\" 1 2\n", "text|s 1|" BASES_A ":s 1=1|" BASES_B ":s 1=2"},
    {"\"\"\t\"s1\"\n\"" BASES_A "\"\t4\n", "text|s1|" BASES_A ":s1=4"},
    {"\"s1\" \"s2\"\n\"seq1\" 1 2\n", "text|s1,s2|seq1:s1=1,s2=2"},
    {",seq1,seq2\ns1,1,2\n", "text|s1|seq1:s1=1|seq2:s1=2"},
    {"label\tGroup\tnumOtus\tO1\tO2\t\n0.03\ts1\t2\t5\t0\t\n0.03\ts2\t2\t0\t6\t\n",
     "mothur shared|s1,s2|O1:s1=5|O2:s2=6"},
    {"Representative_Sequence\ttotal\ts1\ts2\nA\t3\t1\t2\n", "mothur count_table|s1,s2|A:s1=1,s2=2"},
    {"Representative_Sequence\ttotal\t\nA\t3\t\n", "mothur count_table|total|A:total=3"},
    {"#Compressed Format: groupIndex,abundance. For example 1,6 would mean the read has an abundance of 6 "
     "for group s2.\n#2,s2\t5,s1\t\nRepresentative_Sequence\ttotal\ts2\ts1\nA\t3\t5,3\nB\t2\t2,1\t5,1\t\n",
     "mothur count_table, sparse|s2,s1|A:s1=3|B:s2=1,s1=1"},
    {"{\"matrix_type\":\"dense\",\"shape\":[1,2],\"rows\":[{\"id\":\"A\","
     "\"metadata\":{\"taxonomy\":\"k__F\"}}],"
     "\"columns\":[{\"id\":\"s1\",\"metadata\":null},{\"id\":\"s2\"}],\"data\":[[1,2.5]]}",
     "BIOM 1.0|s1,s2|A:s1=1,s2=2.5[k__F]"},
    {"\n{\"matrix_type\":\"sparse\",\"shape\":[2,1],\"rows\":[{\"id\":\"A\","
     "\"metadata\":{\"taxonomy\":[\"F\",\"\"]}},"
     "{\"id\":\"B\"}],\"columns\":[{\"id\":\"s1\"}],\"data\":[[1,0,2],[0,0,1]]}",
     "BIOM 1.0|s1|A:s1=1[F; ]|B:s1=2"},
};

static void test_layouts(void **state)
{
  const tx_count_options options = {.known = known_asv};
  (void)state;
  for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
    tx_count_table *table = NULL;
    char found[500];
    tx_error error;
    if (read_options(readable[i].text, &options, &table, &error) != TX_OK)
      fail_msg("table %zu: %s", i, error.message);
    write_table(table, found, sizeof found);
    assert_string_equal(found, readable[i].expected);
    tx_count_table_free(table);
  }
}

static const struct {
  const char *text, *message;
} refused[] = {
    {"", "counts: no header"},
    {"# nothing\n", "counts: no header"},
    {"one\ntwo\n", "counts:1: one column only"},
    {"#OTU ID\ts1\ts2\nA\t1\t2\nB\t1\n", "counts:3: 2 fields, expected 3 as in the header"},
    {"#OTU ID\ts1\nA\t-1\n", "counts:2: the count -1 of 'A' and 's1' is not 0 or more"},
    {"#OTU ID\ts1\nA\tNaN\n", "counts:2: the count 'NaN' is no number"},
    {"#OTU ID\ts1\nA\tinf\n", "counts:2: the count 'inf' is no number"},
    {"#OTU ID\ts1\nA\t0x10\n", "counts:2: the count '0x10' is no number"},
    {"#OTU ID\ts1\nA\t1e999\n", "counts:2: the count inf of 'A' and 's1' is not 0 or more"},
    {"#OTU ID\ts1\nA\t\n", "counts:2: the count '' is no number"},
    {"#OTU ID\ts1\nA\t1\nA\t2\n", "counts:3: sequence 'A' is there a second time"},
    {"#OTU ID\ts1\ts1\nA\t1\t2\n", "counts:1: sample 's1' is there a second time"},
    {"#OTU ID\ts1\t\nA\t1\t2\n", "counts:1: a sample without a name"},
    {",a,b\nc,1,2\n",
     "counts: are the rows sequences or samples? Known as ids of sequences are 0 of 1 names of rows and "
     "0 of 2 names of columns; say it with --count-rows sequences or samples"},
    {",seq1,b\nseq2,1,2\n",
     "counts: are the rows sequences or samples? Known as ids of sequences are 1 of 1"},
    {"label\tGroup\tnumOtus\tO1\n0.03\ts1\t1\t5\n0.05\ts2\t1\t5\n",
     "counts:3: a second label, '0.05': keep one"},
    {"#Compressed Format: groupIndex,abundance.\n#1,s1\nRepresentative_Sequence\ttotal\ts1\nA\t3\t2,3\n",
     "counts:4: no sample has the number '2'"},
    {"#Compressed Format: groupIndex,abundance.\n#1,s1\nRepresentative_Sequence\ttotal\ts1\nA\t3\t1,1\t1,2\n",
     "counts: 'A' has two counts in sample 's1'"},
    {"#Compressed Format: groupIndex,abundance.\n#1,s2\nRepresentative_Sequence\ttotal\ts1\nA\t3\t1,1\n",
     "counts: sample 's2' is numbered, but not in the header"},
    {"{\"rows\":[],\"columns\":[]}", "counts: a BIOM table whose shape"},
    {"{\"a\":1}", "counts: JSON that is no BIOM 1.0 table"},
    {"{\"matrix_type\":\"sparse\",\"shape\":[1,1],\"rows\":[{\"id\":\"A\"}],\"columns\":[{\"id\":\"s\"}],"
     "\"data\":[[0,1,2]]}",
     "counts: a BIOM table whose data are not triples"},
    {"{\"matrix_type\":\"sparse\",\"shape\":[1,1],\"rows\":[{\"id\":\"A\"}],\"columns\":[{\"id\":\"s\"}],"
     "\"data\":[[0,0,2],[0,0,1]]}",
     "counts: 'A' has two counts in sample 's'"},
    {"{\"matrix_type\":\"sparse\",\"shape\":[1,1],\"rows\":[{\"id\":\"A\"}],\"columns\":[{\"id\":\"s\"}],"
     "\"data\":[[0,0,-2]]}",
     "counts: the count -2 of 'A' and 's'"},
    {"{\"matrix_type\":\"dense\",\"shape\":[1,1],\"rows\":[{\"id\":\"A\"}],\"columns\":[{\"id\":\"s\"}],"
     "\"data\":[[]]}",
     "counts: a BIOM table whose data are not the numbers of its shape"},
    {"{\"matrix_type\":\"dense\",\"shape\":[1,1],\"rows\":[{}],\"columns\":[]}",
     "counts: a BIOM table with a row"},
    {"\211HDF\r\n\032\nrest", "counts: "},
};

static void test_refusals(void **state)
{
  const tx_count_options options = {.known = known_asv};
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    tx_count_table *table = NULL;
    tx_error error;
    assert_int_equal(read_options(refused[i].text, &options, &table, &error), TX_ERROR_DATA);
    assert_null(table);
    if (strncmp(error.message, refused[i].message, strlen(refused[i].message)) != 0)
      fail_msg("table %zu: '%s' does not begin with '%s'", i, error.message, refused[i].message);
    assert_null(strchr(error.message, '\n'));
  }
}

/* The caller's word counts more than the names. */
static void test_asked_rows(void **state)
{
  tx_count_options options = {.rows = TX_COUNT_ROWS_SAMPLES, .known = known_asv};
  tx_count_table *table = NULL;
  char found[100];
  tx_error error;
  (void)state;
  assert_int_equal(read_options(",s1\nseq1,7\n", &options, &table, &error), TX_OK);
  write_table(table, found, sizeof found);
  assert_string_equal(found, "text|seq1|s1:seq1=7");
  assert_int_equal(tx_count_table_find_sequence(table, "s1"), 0);
  assert_int_equal(tx_count_table_find_sequence(table, "seq1"), -1);
  assert_int_equal(tx_count_table_find_sample(table, "seq1"), 0);
  tx_count_table_free(table);
  options.rows = TX_COUNT_ROWS_SEQUENCES;
  assert_int_equal(read_options(",s1\nseq1,7\n", &options, &table, &error), TX_OK);
  assert_string_equal(tx_count_table_sequence(table, 0), "seq1");
  tx_count_table_free(table);
  /* Samples have no lineage. */
  options.rows = TX_COUNT_ROWS_SAMPLES;
  assert_int_equal(read_options("#OTU ID\ttaxonomy\nA\tk:F\n", &options, &table, &error), TX_ERROR_DATA);
  assert_string_equal(error.message, "counts:2: the count 'k:F' is no number");
  tx_count_table_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_layouts),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_asked_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
