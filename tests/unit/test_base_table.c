/* Labelled tables: delimiters, quotes, line numbers, columns, splits, several files, and every fault a table
   may have. */
#include "unit/labelled_open.h"

#include <zlib.h>

#include "base/table.h"

#include <taxamba/labelled.h>

static tx_table *open_text(input_files *files, const char *text, tx_status expected, tx_error *error)
{
  tx_input *input;
  tx_table *table;
  assert_int_equal(tx_input_open(input_files_text(files, "t.csv", text), NULL, &input, error), TX_OK);
  assert_int_equal(tx_table_open(input, &table, error), expected);
  return table;
}

static void test_fields(void **state)
{
  static const char text[] = "\xEF\xBB\xBF\"a\", b ,\"c,\"\"d\"\"\"\r\n"
                             "1,2,3\r\n"
                             "\r\n"
                             "\"x,\"\"y\"\"\n\r\nz\",\"\",  w\" \"\r\n"
                             ",,\n"
                             "last,\"\",\"q\"";
  input_files files;
  tx_error error;
  tx_table *table;
  char **fields;
  (void)state;
  input_files_create(&files);
  table = open_text(&files, text, TX_OK, &error);
  assert_int_equal(tx_table_column_count(table), 3);
  assert_string_equal(tx_table_column(table, 0), "a");
  assert_string_equal(tx_table_column(table, 1), "b");
  assert_string_equal(tx_table_column(table, 2), "c,\"d\"");
  assert_int_equal(tx_table_find(table, "B"), 1);
  assert_int_equal(tx_table_find(table, "z"), -1);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
  assert_string_equal(fields[2], "3");
  assert_int_equal(tx_table_line(table), 2);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
  assert_string_equal(fields[0], "x,\"y\"\n\r\nz");
  assert_string_equal(fields[1], "");
  assert_string_equal(fields[2], "  w\" \"");
  assert_int_equal(tx_table_line(table), 4);
  assert_int_equal(tx_table_row(table), 2);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
  assert_string_equal(fields[2], "");
  assert_int_equal(tx_table_line(table), 7);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
  assert_string_equal(fields[0], "last");
  assert_string_equal(fields[2], "q");
  assert_int_equal(tx_table_next(table, &fields, &error), TX_END);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_END);
  tx_table_close(table);
  input_files_remove(&files);
}

/* Rows of all lengths around the buffer's size, with quoted line breaks at every place. */
static void test_buffer_borders(void **state)
{
  size_t sizes[] = {1, 3, 32765, 65524, 65535, 65536, 65537, 131072, 300000};
  char *text = malloc(4000000);
  size_t used = 0;
  uint64_t line = 2;
  input_files files;
  tx_input *input;
  tx_table *table;
  tx_error error;
  char **fields;
  (void)state;
  assert_non_null(text);
  used += (size_t)sprintf(text, "a,b\n");
  for (size_t i = 0; i < 8; i++) {
    used += (size_t)sprintf(text + used, "%zu,\"", i);
    for (size_t j = 0; j < sizes[i]; j++) text[used++] = j % 97 == 13 ? '\n' : j % 7 ? 'A' : ',';
    used += (size_t)sprintf(text + used, "\"\"\"\n");
  }
  input_files_create(&files);
  assert_int_equal(tx_input_open(input_files_put(&files, "t.csv", text, used), NULL, &input, &error), TX_OK);
  assert_int_equal(tx_table_open(input, &table, &error), TX_OK);
  for (size_t i = 0; i < 8; i++) {
    assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
    assert_int_equal(atoi(fields[0]), i);
    assert_int_equal(strlen(fields[1]), sizes[i] + 1);
    assert_int_equal(tx_table_line(table), line);
    line += 1 + (sizes[i] + 83) / 97;
  }
  assert_int_equal(tx_table_next(table, &fields, &error), TX_END);
  tx_table_close(table);
  input_files_remove(&files);
  free(text);
}

/* A header, then what tx_table_next says of the first row: the line of the error and a part of its
   message. */
static void test_faults(void **state)
{
  static const struct {
    const char *text;
    int in_header;
    uint64_t line;
    const char *message;
  } faults[] = {
      {"", 1, 0, "is empty"},
      {"\n\r\n", 1, 0, "is empty"},
      {"\xEF\xBB\xBF", 1, 0, "is empty"},
      {"id;sequence;genus\n1;ACGT;Apis\n", 1, 1, "semicolons"},
      {"id,\"genus\n1,2\n", 1, 1, "not closed"},
      {"id,\"a\"b\n", 1, 1, "not closed"},
      {"id,\"a\nb\"\n", 1, 1, "line break inside a column name"},
      {"a,b\rc,d\re,f\r", 1, 1, "carriage returns"},
      {"\x7f"
       "ELF\x02\x01\n",
       1, 1, "binary data"},
      {"a,b\n1\n", 0, 2, "row has 1 field, the header 2"},
      {"a,b\n\n1,2,3\n", 0, 3, "row has 3 fields, the header 2"},
      {"a,b\n1,\"2\n3\n4", 0, 2, "a quote is opened here and not closed"},
      {"a,b\n\"1\n2\",\"3\n4", 0, 3, "a quote is opened here and not closed"},
      {"a,b\n1,\"2\"3\n", 0, 2, "a quote is opened here and not closed"},
      {"a,b\n\"1\n2,3\n4\",5,6\n7,8\n", 0, 2, "row has 3 fields, the header 2: a quote at the start"},
      {"a,b\n\"1\n2,3\n4\",5,6\n7,8\n", 0, 2, "goes on to line 4"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    input_files files;
    tx_error error = {0};
    tx_table *table;
    char **fields;
    input_files_create(&files);
    table = open_text(&files, faults[i].text, faults[i].in_header ? TX_ERROR_DATA : TX_OK, &error);
    if (!faults[i].in_header) assert_int_equal(tx_table_next(table, &fields, &error), TX_ERROR_DATA);
    if (!strstr(error.message, faults[i].message)) fail_msg("fault %zu: '%s'", i, error.message);
    assert_non_null(strstr(error.message, "t.csv"));
    assert_int_equal(error.line, faults[i].line);
    tx_table_close(table);
    input_files_remove(&files);
  }
}

/* Expects the next rows to have these two fields each. */
static void expect_rows(tx_table *table, const char *const (*rows)[2], size_t count)
{
  tx_error error = {0};
  char **fields;
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
    assert_string_equal(fields[0], rows[i][0]);
    assert_string_equal(fields[1], rows[i][1]);
    assert_int_equal(tx_table_line(table), i + 2);
  }
  assert_int_equal(tx_table_next(table, &fields, &error), TX_END);
}

/* As in exports of BOLD: quotes are characters of free text. R quotes every text. */
static void lines_of_a_tsv_are_rows_whatever_their_quotes(void **state)
{
  static const char text[] = "\r\n\"id\"\tremark \"x\n\"5\" tube\ta \"b\n\"\tc\"\n\"d\te,\"f\"\"\n"
                             "\"g\"\t\"h \"\"i\"\"\"\n\"\"\t\"\"\"\n";
  static const char *const rows[][2] = {
      {"\"5\" tube", "a \"b"}, {"\"", "c\""}, {"\"d", "e,\"f\"\""}, {"g", "h \"i\""}, {"", "\"\"\""}};
  input_files files;
  tx_error error;
  tx_table *table;
  char **fields;
  (void)state;
  input_files_create(&files);
  table = open_text(&files, text, TX_OK, &error);
  assert_string_equal(tx_table_column(table, 0), "id");
  assert_string_equal(tx_table_column(table, 1), "remark \"x");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(tx_table_next(table, &fields, &error), TX_OK);
    assert_string_equal(fields[0], rows[i][0]);
    assert_string_equal(fields[1], rows[i][1]);
    assert_int_equal(tx_table_line(table), i + 3);
  }
  assert_int_equal(tx_table_next(table, &fields, &error), TX_END);
  tx_table_close(table);
  input_files_remove(&files);
}

static void a_quote_of_a_csv_closes_before_a_separator_alone(void **state)
{
  static const char *const rows[][2] = {{"a \"b\" c", "d"}, {"5\" tube", "\"e, f\" g"}, {"h", "i\"j"}};
  input_files files;
  tx_error error;
  tx_table *table;
  (void)state;
  input_files_create(&files);
  table =
      open_text(&files, "id,\"x\"\n\"a \"b\" c\",d\n5\" tube,\"\"\"e, f\"\" g\"\r\nh,i\"j\n", TX_OK, &error);
  assert_string_equal(tx_table_column(table, 1), "x");
  expect_rows(table, rows, sizeof rows / sizeof *rows);
  tx_table_close(table);
  input_files_remove(&files);
}

/* A row that is refused costs its first line. */
static void reading_goes_on_behind_a_refused_row(void **state)
{
  static const char text[] = "a,b\n\"1,2\n3,4\n5\n\"6\n7,8\n9\",10,11\n12,\"13\n14,15\n";
  static const struct {
    tx_status status;
    uint64_t line;
    const char *first;
  } rows[] = {{TX_ERROR_DATA, 2, NULL}, {TX_OK, 3, "3"},  {TX_ERROR_DATA, 4, NULL},
              {TX_ERROR_DATA, 5, NULL}, {TX_OK, 6, "7"},  {TX_ERROR_DATA, 7, NULL},
              {TX_ERROR_DATA, 8, NULL}, {TX_OK, 9, "14"}, {TX_END, 0, NULL}};
  input_files files;
  tx_error error = {0};
  tx_table *table;
  char **fields;
  (void)state;
  input_files_create(&files);
  table = open_text(&files, text, TX_OK, &error);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(tx_table_next(table, &fields, &error), rows[i].status);
    if (rows[i].status == TX_OK) assert_string_equal(fields[0], rows[i].first);
    if (rows[i].status != TX_END) assert_int_equal(tx_table_line(table), rows[i].line);
    if (rows[i].status == TX_ERROR_DATA) assert_int_equal(error.line, rows[i].line);
  }
  tx_table_close(table);
  input_files_remove(&files);
}

static void test_nul_and_length(void **state)
{
  static const char nul[] = "a,b\n1,\0\n";
  size_t size = TX_TABLE_ROW_MAX + 1000;
  char *text = malloc(size);
  input_files files;
  tx_input *input;
  tx_table *table;
  tx_error error;
  char **fields;
  (void)state;
  assert_non_null(text);
  input_files_create(&files);
  assert_int_equal(tx_input_open(input_files_put(&files, "t.csv", nul, sizeof nul - 1), NULL, &input, &error),
                   TX_OK);
  assert_int_equal(tx_table_open(input, &table, &error), TX_OK);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "NUL"));
  tx_table_close(table);
  memset(text, '\n', size);
  memcpy(text, "a,b\n1,\"", 7);
  assert_int_equal(tx_input_open(input_files_put(&files, "u.csv", text, size), NULL, &input, &error), TX_OK);
  assert_int_equal(tx_table_open(input, &table, &error), TX_OK);
  assert_int_equal(tx_table_next(table, &fields, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "a quote is opened here"));
  assert_int_equal(error.line, 2);
  tx_table_close(table);
  input_files_remove(&files);
  free(text);
}

static const char bioscan[] =
    "processid,sampleid,phylum,class,order,family,subfamily,genus,species,dna_bin,dna_barcode,country,split\n"
    "P1,S1,Arthropoda,Insecta,Diptera,Muscidae,,Musca,Musca domestica,BOLD:AAA1,ACGTNNac-gu,\"Canada, "
    "NT\",train\n"
    "P2,S2,Arthropoda,Insecta,None,,,unidentified,Musca sp.,BOLD:AAA2,\" ACGT \nACGT\",,pretrain\n"
    "P3,S3,Arthropoda,Insecta,Diptera,NA,,,,,,,val\n";

static void test_bioscan(void **state)
{
  static const char *const ranks[] = {"phylum", "class", "order", "family", "subfamily", "genus", "species"};
  input_files files;
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  (void)state;
  input_files_create(&files);
  reader = open_one(input_files_text(&files, "b.csv", bioscan), NULL, TX_OK, &error);
  assert_int_equal(tx_labelled_rank_count(reader), 7);
  for (size_t r = 0; r < 7; r++) assert_string_equal(tx_labelled_rank_name(reader, r), ranks[r]);
  assert_null(tx_labelled_rank_name(reader, 7));
  assert_true(tx_labelled_has_split(reader));
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.id, "P1");
  assert_int_equal(record.record.id_length, 2);
  assert_string_equal(record.record.bases, "ACGTNNac-gu");
  assert_int_equal(record.record.base_count, 11);
  assert_string_equal(record.record.comment, "");
  assert_int_equal(record.record.line, 2);
  assert_string_equal(record.split, "train");
  assert_string_equal(record.taxa[6], "Musca domestica");
  assert_null(record.taxa[4]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.bases, "ACGTACGT");
  assert_string_equal(record.taxa[1], "Insecta");
  for (size_t r = 2; r < 7; r++) assert_null(record.taxa[r]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_int_equal(record.record.base_count, 0);
  assert_string_equal(record.record.bases, "");
  assert_int_equal(record.record.line, 5);
  assert_int_equal(record.record.number, 3);
  assert_null(record.taxa[3]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  tx_labelled_close(reader);
  tx_labelled_close(NULL);
  input_files_remove(&files);
}

static size_t count_records(const char *path, const tx_labelled_options *options)
{
  tx_error error;
  tx_labelled_record record;
  tx_labelled *reader = open_one(path, options, TX_OK, &error);
  size_t count = 0;
  tx_status status;
  while (!(status = tx_labelled_next(reader, &record, &error))) count++;
  if (status != TX_END) fail_msg("%s", error.message);
  tx_labelled_close(reader);
  return count;
}

static void test_options(void **state)
{
  input_files files;
  tx_error error;
  tx_labelled *reader;
  tx_labelled_record record;
  const char *path;
  (void)state;
  input_files_create(&files);
  path = input_files_text(&files, "b.csv", bioscan);
  assert_int_equal(count_records(path, &(tx_labelled_options){.split = "train"}), 1);
  assert_int_equal(count_records(path, &(tx_labelled_options){.split = "train, val"}), 2);
  assert_int_equal(count_records(path, &(tx_labelled_options){.split = "test"}), 0);
  reader = open_one(path,
                    &(tx_labelled_options){.ranks = "genus,dna_bin",
                                           .id_column = "SampleID",
                                           .split_column = "country",
                                           .split = "Canada; NT"},
                    TX_OK, &error);
  assert_int_equal(tx_labelled_rank_count(reader), 2);
  tx_labelled_close(reader);
  reader = open_one(
      path,
      &(tx_labelled_options){.ranks = "genus,dna_bin", .id_column = "SampleID", .split_column = "country"},
      TX_OK, &error);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[1], "BOLD:AAA1");
  assert_string_equal(record.record.id, "S1");
  assert_string_equal(record.split, "Canada, NT");
  tx_labelled_close(reader);
  open_one(path, &(tx_labelled_options){.ranks = "tribe,genus"}, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "there is no column 'tribe'; the columns are processid, sampleid, "
                                        "phylum, "));
  open_one(path, &(tx_labelled_options){.sequence_column = "nucleotides"}, TX_ERROR_DATA, &error);
  open_one(path, &(tx_labelled_options){.id_column = "name"}, TX_ERROR_DATA, &error);
  open_one(path, &(tx_labelled_options){.split_column = "part"}, TX_ERROR_DATA, &error);
  open_one(path, &(tx_labelled_options){.split_column = "part", .split = "train"}, TX_ERROR_USAGE, &error);
  open_one(path, &(tx_labelled_options){.ranks = "genus,,species"}, TX_ERROR_USAGE, &error);
  open_one(path, &(tx_labelled_options){.ranks = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"}, TX_ERROR_USAGE,
           &error);
  open_one(path, &(tx_labelled_options){.format = TX_LABELLED_TABLE, .taxonomy_file = "t.tsv"},
           TX_ERROR_USAGE, &error);
  open_one(path, &(tx_labelled_options){.format = TX_LABELLED_TAXONOMY}, TX_ERROR_USAGE, &error);
  open_one(path, &(tx_labelled_options){.format = TX_LABELLED_UNITE}, TX_ERROR_DATA, &error);
  open_one("/nonexistent/file.csv", NULL, TX_ERROR_IO, &error);
  open_one(files.folder, NULL, TX_ERROR_IO, &error);
  path = input_files_text(&files, "s.tsv", "Genus\tName\tSequence\nApis\tX\tacgu\n");
  open_one(path, &(tx_labelled_options){.split = "train"}, TX_ERROR_USAGE, &error);
  reader = open_one(path, NULL, TX_OK, &error);
  assert_false(tx_labelled_has_split(reader));
  assert_string_equal(tx_labelled_rank_name(reader, 0), "genus");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.id, "Apis"); /* the first column, which is a rank as well */
  assert_string_equal(record.taxa[0], "Apis");
  assert_null(record.split);
  tx_labelled_close(reader);
  open_one(input_files_text(&files, "n.csv", "id,sequence\nA,C\n"), NULL, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "say which columns are the ranks; the columns are id, sequence"));
  open_one(input_files_text(&files, "d.csv", "id,sequence,genus,genus\n"), NULL, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "two columns 'genus'"));
  assert_int_equal(count_records(input_files_text(&files, "h.csv", "id,sequence,genus\n"), NULL), 0);
  assert_int_equal(tx_labelled_open(NULL, 0, NULL, &reader, &error), TX_ERROR_USAGE);
  input_files_remove(&files);
}

/* Rows without their labels: no rank column is needed, and splits work as ever. */
static void test_unlabelled(void **state)
{
  input_files files;
  tx_error error;
  tx_labelled *reader;
  tx_labelled_record record;
  const char *path;
  (void)state;
  input_files_create(&files);
  path = input_files_text(&files, "b.csv", bioscan);
  assert_int_equal(
      count_records(path, &(tx_labelled_options){.unlabelled = 1, .split = "train", .ranks = "tribe"}), 1);
  reader = open_one(path, &(tx_labelled_options){.unlabelled = 1}, TX_OK, &error);
  assert_int_equal(tx_labelled_rank_count(reader), 0);
  assert_true(tx_labelled_has_split(reader));
  tx_labelled_close(reader);
  path = input_files_text(&files, "n.csv", "id,sequence\nA,AC\n");
  reader = open_one(path, &(tx_labelled_options){.unlabelled = 1}, TX_OK, &error);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.bases, "AC");
  assert_null(record.taxa[0]);
  tx_labelled_close(reader);
  input_files_remove(&files);
}

static void test_sequence_letters(void **state)
{
  input_files files;
  tx_error error;
  tx_labelled *reader;
  tx_labelled_record record;
  (void)state;
  input_files_create(&files);
  reader = open_one(input_files_text(&files, "p.csv", "id,sequence,genus\nA,NA,Apis\nB,MKVLE,Apis\n"), NULL,
                    TX_OK, &error);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_int_equal(record.record.base_count, 0);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA);
  assert_int_equal(error.line, 3);
  assert_int_equal(error.record, 2);
  assert_non_null(strstr(error.message, "p.csv:3: record 2: \"B\": column 'sequence': 'L' is no nucleotide "
                                        "letter"));
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA); /* and so it stays */
  tx_labelled_close(reader);
  input_files_remove(&files);
}

static void test_several_files(void **state)
{
  const char *paths[3];
  const char *swapped[2];
  input_files files;
  tx_error error;
  tx_labelled *reader;
  tx_labelled_record record;
  (void)state;
  input_files_create(&files);
  paths[0] = input_files_text(&files, "1.csv",
                              "id,genus,species,sequence,split\nA,Apis,Apis "
                              "mellifera,ACGT,train\n");
  paths[1] = input_files_text(&files, "2.tsv",
                              "split\tspecies\tdna_barcode\tgenus\tprocessid\n\ntrain\tMus "
                              "musculus\tGGGG\tMus\tB\n");
  paths[2] = input_files_text(&files, "3.csv", "id,genus,family,species,sequence,split\n");
  assert_int_equal(tx_labelled_open(paths, 2, NULL, &reader, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[0], "Apis");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[0], "Mus");
  assert_string_equal(record.taxa[1], "Mus musculus");
  assert_string_equal(record.record.id, "B");
  assert_string_equal(record.record.file, paths[1]);
  assert_int_equal(record.record.line, 3);
  assert_int_equal(record.record.number, 1);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  tx_labelled_close(reader);
  swapped[0] = paths[0];
  swapped[1] = paths[2];
  assert_int_equal(tx_labelled_open(swapped, 2, NULL, &reader, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "column 'family' is a rank that"));
  tx_labelled_close(reader);
  assert_int_equal(
      tx_labelled_open(swapped, 2, &(tx_labelled_options){.ranks = "genus,species"}, &reader, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  tx_labelled_close(reader);
  swapped[1] = input_files_text(&files, "4.csv", "id,genus,species,sequence\n");
  assert_int_equal(tx_labelled_open(swapped, 2, NULL, &reader, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "4.csv: there is no column 'split', unlike "));
  tx_labelled_close(reader);
  input_files_remove(&files);
}

static void test_gzip(void **state)
{
  input_files files;
  tx_error error;
  tx_labelled *reader;
  tx_labelled_record record;
  unsigned char packed[4096];
  z_stream stream = {0};
  tx_status status;
  const char *path;
  (void)state;
  assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = (unsigned char *)(uintptr_t)bioscan;
  stream.avail_in = sizeof bioscan - 1;
  stream.next_out = packed;
  stream.avail_out = sizeof packed;
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  assert_int_equal(deflateEnd(&stream), Z_OK);
  input_files_create(&files);
  path = input_files_put(&files, "b.csv", packed, stream.total_out); /* the name does not matter */
  assert_int_equal(count_records(path, NULL), 3);
  path = input_files_put(&files, "c.csv.gz", packed, stream.total_out - 9);
  status = tx_labelled_open(&path, 1, NULL, &reader, &error);
  while (!status) status = tx_labelled_next(reader, &record, &error);
  assert_int_equal(status, TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "gzip"));
  tx_labelled_close(reader);
  input_files_remove(&files);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fields),
      cmocka_unit_test(test_buffer_borders),
      cmocka_unit_test(test_faults),
      cmocka_unit_test(lines_of_a_tsv_are_rows_whatever_their_quotes),
      cmocka_unit_test(a_quote_of_a_csv_closes_before_a_separator_alone),
      cmocka_unit_test(reading_goes_on_behind_a_refused_row),
      cmocka_unit_test(test_nul_and_length),
      cmocka_unit_test(test_bioscan),
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_unlabelled),
      cmocka_unit_test(test_sequence_letters),
      cmocka_unit_test(test_several_files),
      cmocka_unit_test(test_gzip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
