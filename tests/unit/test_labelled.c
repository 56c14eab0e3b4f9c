/* Labels in FASTA headers and in QIIME 2 taxonomy files; the choice of format; real tables where they are at
   hand. */
#include "unit/labelled_open.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "taxon/duplicates.h"
#include "taxon/taxonomy.h"

#include <taxamba/labelled.h>

static const char unite[] = ">SH1|k__Fungi;p__Ascomycota;c__unidentified;o__;f__F_fam_Incertae_sedis;g__"
                            "Candida;s__Candida_albicans|SH1.08FU\n"
                            "ACGT\nACGT\n"
                            ">SH2|k__Fungi;p__Ascomycota;g__Candida;s__Candida_sp|SH2.08FU\nAC\n";

static void assert_ranks(const tx_labelled *reader, const char *wanted)
{
  char text[256] = "";
  for (size_t r = 0; r < tx_labelled_rank_count(reader); r++) {
    if (r) strcat(text, ",");
    strcat(text, tx_labelled_rank_name(reader, r));
  }
  assert_string_equal(text, wanted);
}

static void test_unite(void **state)
{
  input_files files;
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  const char *path;
  (void)state;
  input_files_create(&files);
  path = input_files_text(&files, "u.fasta", unite);
  reader = open_one(path, NULL, TX_OK, &error);
  assert_ranks(reader, "kingdom,phylum,class,order,family,genus,species");
  assert_false(tx_labelled_has_split(reader));
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.bases, "ACGTACGT");
  /* the id is the first word, as classify prints it */
  assert_int_equal(strncmp(record.record.id, "SH1|k__Fungi;", 13), 0);
  assert_string_equal(record.taxa[0], "Fungi");
  assert_null(record.taxa[2]);
  assert_null(record.taxa[3]);
  assert_null(record.taxa[4]);
  assert_string_equal(record.taxa[6], "Candida_albicans");
  assert_null(record.split);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[5], "Candida");
  assert_null(record.taxa[6]);
  assert_int_equal(record.record.line, 4);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  tx_labelled_close(reader);
  reader = open_one(path, &(tx_labelled_options){.ranks = "kingdom,genus"}, TX_OK, &error);
  assert_ranks(reader, "kingdom,genus");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[0], "Fungi");
  assert_string_equal(record.taxa[1], "Candida");
  tx_labelled_close(reader);
  reader = open_one(path, &(tx_labelled_options){.format = TX_LABELLED_PLAIN}, TX_OK, &error);
  assert_ranks(reader, "");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_null(record.taxa[0]);
  tx_labelled_close(reader);
  open_one(path, &(tx_labelled_options){.ranks = "genus,clan"}, TX_ERROR_USAGE, &error);
  open_one(path, &(tx_labelled_options){.split = "train"}, TX_ERROR_USAGE, &error);
  open_one(path, &(tx_labelled_options){.format = TX_LABELLED_SINTAX}, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "no lineage in the header, expected ';tax="));
  path = input_files_text(&files, "v.fasta", ">SH1|k__Fungi;p__A|x\nACGT\n>SH2\nACGT\n");
  open_one(path, NULL, TX_ERROR_DATA, &error);
  assert_int_equal(error.line, 3);
  path = input_files_text(&files, "w.fasta", ">SH1|k__Fungi;p__A;k__B|x\nACGT\n");
  open_one(path, NULL, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "bad lineage: rank 'kingdom' occurs twice"));
  input_files_remove(&files);
}

static void test_sintax(void **state)
{
  input_files files;
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  (void)state;
  input_files_create(&files);
  reader = open_one(
      input_files_text(&files, "s.fastq",
                       "@A;tax=d:Eukaryota,g:Apis;\nACGT\n+\nIIII\n@B c;tax=g:Mus,s:Mus "
                       "musculus;size=2\nAC\n+\nII\n@C;tax=;\nA\n+\nI\n"),
      NULL, TX_OK, &error);
  assert_ranks(reader, "domain,genus,species");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[1], "Apis");
  assert_null(record.taxa[2]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.id, "B");
  assert_string_equal(record.record.comment, "c;tax=g:Mus,s:Mus musculus;size=2");
  assert_string_equal(record.taxa[2], "Mus musculus");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_null(record.taxa[0]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  tx_labelled_close(reader);
  open_one(input_files_text(&files, "n.fasta", ">A;tax=;\nACGT\n"), NULL, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "the lineages have no ranks"));
  input_files_remove(&files);
}

/* Headers are not looked at: one without a lineage among others is no error. */
static void test_unlabelled(void **state)
{
  static const tx_labelled_format formats[] = {TX_LABELLED_AUTO, TX_LABELLED_UNITE, TX_LABELLED_TAXONOMY,
                                               TX_LABELLED_PLAIN};
  input_files files;
  const char *path;
  (void)state;
  input_files_create(&files);
  path = input_files_text(&files, "m.fasta", ">A;tax=k:K,g:G;\nACGT\n>B\nACGTA\n>C|k__K;x\nAC\n");
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    const tx_labelled_options options = {.format = formats[i], .unlabelled = 1};
    tx_labelled_record record;
    tx_error error;
    size_t count = 0;
    tx_labelled *reader = open_one(path, &options, TX_OK, &error);
    assert_int_equal(tx_labelled_rank_count(reader), 0);
    while (tx_labelled_next(reader, &record, &error) == TX_OK) count += record.record.base_count;
    assert_int_equal(count, 11);
    tx_labelled_close(reader);
  }
  input_files_remove(&files);
}

/* One column may be ID, sequence and rank: white space and words for "none" are gone from all of them. */
static void test_shared_column(void **state)
{
  static const char *const wanted[] = {"ACGT", "NA", ""};
  const tx_labelled_options options = {.format = TX_LABELLED_TABLE, .ranks = "sequence"};
  input_files files;
  tx_labelled_record record;
  tx_error error;
  tx_labelled *reader;
  (void)state;
  input_files_create(&files);
  reader =
      open_one(input_files_text(&files, "s.csv", "sequence\nAC GT\nN A\nNone\n"), &options, TX_OK, &error);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
    assert_string_equal(record.record.bases, wanted[i]);
    assert_string_equal(record.record.id, wanted[i]);
    assert_int_equal(record.record.id_length, strlen(wanted[i]));
    if (i)
      assert_null(record.taxa[0]); /* "NA" is no label */
    else
      assert_string_equal(record.taxa[0], "ACGT");
  }
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  tx_labelled_close(reader);
  input_files_remove(&files);
}

/* A rank that first shows up after the records that were looked at. */
static void test_late_rank(void **state)
{
  char *text = malloc(200000);
  size_t used = 0;
  input_files files;
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  const char *path;
  (void)state;
  assert_non_null(text);
  for (int i = 0; i < 1500; i++)
    used += (size_t)sprintf(text + used, ">R%d;tax=k:K%d,g:G%d;\nACGT\n", i, i % 3, i);
  used += (size_t)sprintf(text + used, ">late;tax=k:K,t:T;\nACGT\n");
  input_files_create(&files);
  path = input_files_text(&files, "l.fasta", text);
  reader = open_one(path, NULL, TX_OK, &error);
  for (int i = 0; i < 1500; i++) {
    char id[16];
    char genus[16];
    snprintf(id, sizeof id, "R%d;", i);
    snprintf(genus, sizeof genus, "G%d", i);
    assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
    assert_int_equal(strncmp(record.record.id, id, strlen(id)), 0);
    assert_string_equal(record.taxa[1], genus);
    assert_string_equal(record.record.file, path);
    assert_int_equal(record.record.number, i + 1);
  }
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "none of the first headers has a rank 'strain': say which ranks are "
                                        "to be used"));
  assert_int_equal(error.record, 1501);
  tx_labelled_close(reader);
  reader = open_one(path, &(tx_labelled_options){.ranks = "kingdom,strain"}, TX_OK, &error);
  for (int i = 0; i < 1501; i++) assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.taxa[1], "T");
  tx_labelled_close(reader);
  input_files_remove(&files);
  free(text);
}

static void test_taxonomy_file(void **state)
{
  input_files files;
  tx_labelled *reader;
  tx_labelled_record record;
  tx_labelled_options options = {0};
  tx_error error;
  const char *fasta;
  (void)state;
  input_files_create(&files);
  fasta = input_files_text(&files, "q.fasta", ">B1 some words\nACGT\n>B2\nGG\n>B3\nTT\n");
  options.taxonomy_file = input_files_text(&files, "q.tsv",
                                           "Feature ID\tTaxon\tConfidence\r\nB1\tk__Bacteria; "
                                           "p__Firmicutes; s__\t0.9\r\n\r\n"
                                           "B2\tUnassigned\r\nB1\tk__Bacteria; p__Firmicutes; s__\r\n");
  reader = open_one(fasta, &options, TX_OK, &error);
  assert_ranks(reader, "kingdom,phylum,species");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_string_equal(record.record.id, "B1");
  assert_string_equal(record.taxa[1], "Firmicutes");
  assert_null(record.taxa[2]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
  assert_null(record.taxa[0]);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "q.fasta:5: record 3: \"B3\" has no line in "));
  tx_labelled_close(reader);
  options.taxonomy_file = input_files_text(&files, "r.tsv", "B1\tk__A; p__B\nB2\tk__A\nB1\tk__A; p__C\n");
  open_one(fasta, &options, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "r.tsv:3: ID 'B1' has another lineage in line 1"));
  options.taxonomy_file = input_files_text(&files, "s.tsv", "#OTU\tTaxon\nB1 k__A\n");
  open_one(fasta, &options, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "s.tsv:2: no tab"));
  options.taxonomy_file = input_files_text(&files, "t.tsv", "B1\tBacteria;Firmicutes\n");
  open_one(fasta, &options, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "t.tsv:1: bad lineage: 'Bacteria' has no rank prefix"));
  options.taxonomy_file = input_files_text(&files, "u.tsv", "");
  open_one(fasta, &options, TX_ERROR_DATA, &error);
  options.taxonomy_file = "/nonexistent";
  open_one(fasta, &options, TX_ERROR_IO, &error);
  options.taxonomy_file = input_files_text(&files, "v.tsv", "B1\tk__A\n");
  options.format = TX_LABELLED_SINTAX;
  open_one(fasta, &options, TX_ERROR_USAGE, &error);
  input_files_remove(&files);
}

/* Reads all records as "ID:split:taxa," ("-" for none) and the status that ended it. */
static tx_status read_mixed(const char *const *paths, size_t count, const tx_labelled_options *options,
                            char *text, tx_error *error)
{
  tx_labelled *reader;
  tx_labelled_record record;
  tx_status status = tx_labelled_open(paths, count, options, &reader, error);
  *text = '\0';
  if (status) return status;
  while ((status = tx_labelled_next(reader, &record, error)) == TX_OK) {
    text += sprintf(text, "%.*s:%s:", (int)strcspn(record.record.id, ";|"), record.record.id,
                    record.split ? record.split : "-");
    for (size_t r = 0; r < tx_labelled_rank_count(reader); r++)
      text += sprintf(text, "%.1s", record.taxa[r] ? record.taxa[r] : "-");
    text += sprintf(text, ":%s:%d ", record.record.bases, (int)record.record.number);
  }
  tx_labelled_close(reader);
  return status;
}

/* Each file is looked at by itself: tables, headers of two styles and plain FASTA in any order. */
static void test_mixed(void **state)
{
  static const char rows[] = "A1:train:FG:ACGT:1 A2:val:F-:ACG:2 ",
                    sintax_rows[] = "S:-:MN:GG:1 T:-:M-:GC:2 ", plain_rows[] = "P:-:--:TT:1 Q:-:--:TA:2 ";
  static const char unite_rows[] = "U:-:KL:CC:1 ", own_table_rows[] = "B1:-:DE:AAAA:1 ";
  const tx_labelled_options unlabelled = {.unlabelled = 1}, one_rank = {.ranks = "genus"},
                            table_only = {.format = TX_LABELLED_TABLE};
  input_files files;
  tx_error error;
  char text[512], wanted[512];
  const char *table, *sintax, *plain, *second, *own_table, *more;
  (void)state;
  input_files_create(&files);
  table =
      input_files_text(&files, "t.csv", "id,split,family,genus,sequence\nA1,train,F,G,ACGT\nA2,val,F,,ACG\n");
  sintax = input_files_text(&files, "s.fasta", ">S;tax=f:M,g:N;\nGG\n>T;tax=f:M;\nGC\n");
  plain = input_files_text(&files, "p.fastq", "@P\nTT\n+\nII\n@Q\nTA\n+\nII\n");
  second = input_files_text(&files, "u.fasta", ">U|f__K;g__L|x\nCC\n");
  own_table = input_files_text(&files, "o.tsv", "id\tsequence\tfamily\tgenus\nB1\tAAAA\tD\tE\n");
  more = input_files_text(&files, "m.fasta", ">V;tax=f:M,s:N;\nGG\n");
  {
    const char *const paths[] = {table, sintax, plain, second, table};
    assert_int_equal(read_mixed(paths, 5, NULL, text, &error), TX_END);
    snprintf(wanted, sizeof wanted, "%s%s%s%s%s", rows, sintax_rows, plain_rows, unite_rows, rows);
    assert_string_equal(text, wanted);
  }
  { /* the first headers stand in several files; the look at them ends at a table and loses nothing */
    const char *const paths[] = {plain, second, own_table, sintax};
    assert_int_equal(read_mixed(paths, 4, NULL, text, &error), TX_END);
    snprintf(wanted, sizeof wanted, "%s%s%s%s", plain_rows, unite_rows, own_table_rows, sintax_rows);
    assert_string_equal(text, wanted);
    assert_int_equal(read_mixed(paths, 4, &unlabelled, text, &error), TX_END);
    assert_string_equal(text, "P:-::TT:1 Q:-::TA:2 U:-::CC:1 B1:-::AAAA:1 S:-::GG:1 T:-::GC:2 ");
  }
  {
    const char *const paths[] = {plain, table, more};
    assert_int_equal(read_mixed(paths, 3, &one_rank, text, &error), TX_END);
    assert_string_equal(text, "P:-:-:TT:1 Q:-:-:TA:2 A1:train:G:ACGT:1 A2:val:-:ACG:2 V:-:-:GG:1 ");
    assert_int_equal(read_mixed(paths, 3, NULL, text, &error), TX_ERROR_DATA);
    assert_non_null(strstr(error.message, "column 'family' is a rank that "));
    assert_int_equal(read_mixed(paths + 1, 2, NULL, text, &error), TX_ERROR_DATA);
    assert_non_null(strstr(error.message, "\"V;tax=f:M,s:N;\": 'species' is a rank that "));
    assert_int_equal(error.line, 1);
    assert_int_equal(read_mixed(paths + 1, 2, &(tx_labelled_options){.split = "train"}, text, &error),
                     TX_ERROR_USAGE);
    assert_non_null(strstr(error.message, "m.fasta: split 'train' is asked for, but FASTA and FASTQ have no "
                                          "split column"));
    assert_int_equal(read_mixed(paths, 3, &table_only, text, &error), TX_ERROR_DATA);
  }
  { /* tables still agree among themselves, wherever the FASTA stands */
    const char *const paths[] = {sintax, table, own_table};
    assert_int_equal(read_mixed(paths, 3, NULL, text, &error), TX_ERROR_DATA);
    assert_non_null(strstr(error.message, "o.tsv: there is no column 'split', unlike "));
    assert_non_null(strstr(error.message, "t.csv"));
  }
  input_files_remove(&files);
}

/* A pipe cannot be opened twice: the look at its first bytes must not lose them. */
static void read_through_pipe(const char *text, size_t expected, const char *ranks)
{
  int ends[2];
  int saved = dup(STDIN_FILENO);
  const char *path = "-";
  size_t count = 0;
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  tx_status status;
  pid_t child;
  assert_int_equal(pipe(ends), 0);
  child = fork();
  assert_true(child >= 0);
  if (!child) {
    size_t length = strlen(text);
    close(ends[0]);
    for (size_t i = 0; i < length; i += 7)
      if (write(ends[1], text + i, length - i < 7 ? length - i : 7) < 0) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
  close(ends[0]);
  assert_int_equal(tx_labelled_open(&path, 1, NULL, &reader, &error), TX_OK);
  assert_ranks(reader, ranks);
  while (!(status = tx_labelled_next(reader, &record, &error))) {
    assert_string_equal(record.record.file, "standard input");
    count++;
  }
  assert_int_equal(status, TX_END);
  assert_int_equal(count, expected);
  tx_labelled_close(reader);
  assert_true(dup2(saved, STDIN_FILENO) >= 0);
  close(saved);
  assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_standard_input(void **state)
{
  (void)state;
  read_through_pipe(unite, 2, "kingdom,phylum,class,order,family,genus,species");
  read_through_pipe("\n\n>A;tax=g:Apis;\nACGT\n", 1, "genus");
  read_through_pipe("id\tgenus\tsequence\nA\tApis\tACGT\nB\tApis\t\n", 2, "genus");
  read_through_pipe(">A\nACGT\n>B\nAC\n", 2, "");
}

static void test_bad_starts(void **state)
{
  input_files files;
  tx_error error;
  (void)state;
  input_files_create(&files);
  open_one(input_files_text(&files, "empty", ""), NULL, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "is empty"));
  open_one(input_files_put(&files, "junk", "\x01\x02\x03\xff\x00\n", 6), NULL, TX_ERROR_DATA, &error);
  open_one(input_files_text(&files, "protein", ">A|k__Animalia|x\nMKVLEF\n"), NULL, TX_ERROR_DATA, &error);
  open_one(input_files_text(&files, "text", "just some words\n"), NULL, TX_ERROR_DATA, &error);
  assert_non_null(strstr(error.message, "no column 'dna_barcode'; the columns are just some words"));
  input_files_remove(&files);
}

/* Reads a whole table into a builder. Skips the test where the real data are not at hand. */
static tx_taxonomy *build_real(const char *path, const tx_labelled_options *options, size_t expected_records,
                               tx_taxonomy_builder **ret_builder, tx_duplicates **ret_duplicates)
{
  const char *ranks[TX_RANKS_MAX];
  tx_labelled *reader;
  tx_labelled_record record;
  tx_taxonomy *taxonomy;
  tx_error error;
  size_t count = 0;
  int32_t *labels;
  tx_status status;
  if (access(path, R_OK)) {
    print_message("skipped: %s is not there\n", path);
    skip();
  }
  status = tx_labelled_open(&path, 1, options, &reader, &error);
  if (status) fail_msg("%s", error.message);
  for (size_t r = 0; r < tx_labelled_rank_count(reader); r++) ranks[r] = tx_labelled_rank_name(reader, r);
  assert_int_equal(tx_taxonomy_builder_create(ranks, tx_labelled_rank_count(reader), ret_builder, &error),
                   TX_OK);
  assert_int_equal(tx_duplicates_create(*ret_builder, ret_duplicates, &error), TX_OK);
  while (!(status = tx_labelled_next(reader, &record, &error))) {
    int32_t lineage;
    assert_int_equal(tx_taxonomy_builder_add(*ret_builder, record.taxa, record.record.file,
                                             record.record.line, &lineage, &error),
                     TX_OK);
    assert_int_equal(tx_duplicates_add(*ret_duplicates, record.record.id, record.record.id_length, lineage,
                                       record.record.file, record.record.line, &error),
                     TX_OK);
    assert_true(record.record.base_count > 0);
    count++;
  }
  if (status != TX_END) fail_msg("%s", error.message);
  assert_int_equal(count, expected_records);
  tx_labelled_close(reader);
  assert_int_equal(tx_taxonomy_builder_finish(*ret_builder, &taxonomy, &labels, &error), TX_OK);
  free(labels);
  return taxonomy;
}

static void test_real_coi(void **state)
{
  tx_taxonomy_builder *builder;
  tx_duplicates *duplicates;
  tx_taxonomy *taxonomy = build_real(TX_REAL_DATA_DIR "/coi/coi_metadata.csv.gz",
                                     &(tx_labelled_options){.split = "train"}, 7877, &builder, &duplicates);
  (void)state;
  assert_int_equal(tx_taxonomy_rank_count(taxonomy), 7);
  for (size_t r = 0; r < 7; r++)
    print_message("%s: %zu taxa\n", tx_taxonomy_rank_name(taxonomy, r), tx_taxonomy_class_count(taxonomy, r));
  for (size_t i = 0; i < tx_taxonomy_builder_report_count(builder); i++)
    print_message("%s\n", tx_taxonomy_builder_report(builder, i));
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 5), 851);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 6), 1793);
  assert_true(tx_taxonomy_knows(taxonomy, 2, "Lepidoptera"));
  assert_int_equal(tx_duplicates_contradicting(duplicates), 0);
  tx_taxonomy_free(taxonomy);
  tx_duplicates_free(duplicates);
  tx_taxonomy_builder_free(builder);
}

static void test_real_its(void **state)
{
  tx_taxonomy_builder *builder;
  tx_duplicates *duplicates;
  tx_taxonomy *taxonomy =
      build_real(TX_REAL_DATA_DIR "/its/its_train.fasta.gz", NULL, 34496, &builder, &duplicates);
  (void)state;
  assert_int_equal(tx_taxonomy_rank_count(taxonomy), 7);
  for (size_t r = 0; r < 7; r++)
    print_message("%s: %zu taxa\n", tx_taxonomy_rank_name(taxonomy, r), tx_taxonomy_class_count(taxonomy, r));
  print_message("%zu reports\n", tx_taxonomy_builder_report_count(builder));
  for (size_t i = 0; i < tx_taxonomy_builder_report_count(builder) && i < 5; i++)
    print_message("%s\n", tx_taxonomy_builder_report(builder, i));
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 0), 1);
  assert_true(tx_taxonomy_class_count(taxonomy, 5) > 1000);
  tx_taxonomy_free(taxonomy);
  tx_duplicates_free(duplicates);
  tx_taxonomy_builder_free(builder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unite),          cmocka_unit_test(test_sintax),
      cmocka_unit_test(test_unlabelled),     cmocka_unit_test(test_shared_column),
      cmocka_unit_test(test_late_rank),      cmocka_unit_test(test_taxonomy_file),
      cmocka_unit_test(test_standard_input), cmocka_unit_test(test_mixed),
      cmocka_unit_test(test_bad_starts),     cmocka_unit_test(test_real_coi),
      cmocka_unit_test(test_real_its),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
