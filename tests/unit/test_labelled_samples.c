/* Samples of records: by file, by id, by a list, and by a table of counts. */
#include "labelled/sample_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <taxamba/samples.h>

#include "unit/scratch.h"

static void names_of_files(void **state)
{
  static const char *const names[][2] = {
      {"tpos1_1.fasta.gz", "tpos1_1"}, {"a/b.c/S1.FASTQ", "S1"},      {"S1.R1.fq.gz", "S1.R1"},
      {"S1.tsv", "S1"},                {"plain", "plain"},            {".gz", ".gz"},
      {"S1.fasta.fasta", "S1.fasta"},  {"folder/.fasta", ".fasta"},   {"S1.tar", "S1.tar"},
      {"x.gz", "x"},                   {"a.fa.gz.fa.gz", "a.fa.gz"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const tx_stretch name = tx_sample_of_path(names[i][0]);
    assert_int_equal(name.length, strlen(names[i][1]));
    assert_memory_equal(name.text, names[i][1], name.length);
  }
}

/* The first four are what vsearch 2.22.1 --otutabout makes of them. */
static void names_in_ids(void **state)
{
  static const char *const names[][2] = {
      {"r1;sample=S-1;size=3", "S-1"}, {"q;barcodelabel=B_2.1;size=7;", "B_2.1"},
      {"abc.12;size=2", "abc"},        {"q_1;sample=x", "x"},
      {"tpos1_1_1;size=9920", "tpos1_1"},                 {"x-y.3", "x-y"},
      {"sample=first;a", "first"},     {"S.1_12", "S.1"},
      {"plain", ""},                   {"S1.", ""},
      {"12", ""},                      {"_12", ""},
      {"S_a", ""},                     {"r;sample=;size=2", ""},
      {"a;resample=S1", ""},           {"", ""},
  };
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const tx_stretch name = tx_sample_of_id(names[i][0], strlen(names[i][0]));
    if (name.length != strlen(names[i][1]) || memcmp(name.text, names[i][1], name.length) != 0)
      fail_msg("%s: '%.*s', not '%s'", names[i][0], (int)name.length, name.text, names[i][1]);
  }
}

static void write_text(const scratch *place, const char *text)
{
  write_whole(place->path, text, strlen(text));
}

static tx_record record_of(const char *id, const char *file, uint64_t size)
{
  return (tx_record){.id = id, .id_length = strlen(id), .file = file, .size = size, .number = 7, .line = 13};
}

static tx_samples *open_samples(const tx_sample_options *options)
{
  tx_samples *samples = NULL;
  tx_error error;
  if (tx_samples_open(options, &samples, &error) != TX_OK) fail_msg("%s", error.message);
  return samples;
}

/* Requires one share. */
static void require_share(tx_samples *samples, const tx_record *record, const char *sample, double reads)
{
  const tx_share *shares;
  size_t count;
  tx_error error;
  if (tx_samples_of(samples, record, &shares, &count, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(count, 1);
  assert_string_equal(tx_samples_names(samples)[shares[0].sample], sample);
  assert_true(shares[0].reads == reads);
}

static void files_are_samples(void **state)
{
  const tx_sample_options options = {.size = true};
  tx_samples *samples = open_samples(&options);
  const tx_record first = record_of("a", "x/S2.fasta", 5), second = record_of("a", "x/S1.fasta.gz", 1),
                  piped = record_of("a", "standard input", 2);
  tx_error error;
  (void)state;
  assert_int_equal(tx_samples_add_file(samples, "x/S2.fasta", &error), TX_OK);
  assert_int_equal(tx_samples_add_file(samples, "x/empty.fasta", &error), TX_OK);
  assert_int_equal(tx_samples_add_file(samples, "x/S1.fasta.gz", &error), TX_OK);
  assert_int_equal(tx_samples_add_file(samples, "x/S1.fasta.gz", &error), TX_OK);
  assert_int_equal(tx_samples_add_file(samples, "y/S1.fasta", &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "same sample name 'S1'"));
  require_share(samples, &first, "S2", 5);
  require_share(samples, &second, "S1", 1);
  require_share(samples, &piped, "stdin", 2);
  assert_int_equal(tx_samples_count(samples), 4);
  assert_string_equal(tx_samples_names(samples)[1], "empty");
  tx_samples_close(samples);
}

static void ids_name_samples(void **state)
{
  const tx_sample_options options = {.from = "id"};
  tx_samples *samples = open_samples(&options);
  const tx_record good = record_of("x_1;sample=S1", "f.fa", 9), bad = record_of("nothing", "f.fa", 9);
  const tx_share *shares;
  size_t count;
  tx_error error;
  (void)state;
  require_share(samples, &good, "S1", 1);
  assert_int_equal(tx_samples_of(samples, &bad, &shares, &count, &error), TX_ERROR_DATA);
  assert_string_equal(error.message,
                      "f.fa:13: record 7: id 'nothing' names no sample: expected ;sample=NAME, NAME.123 or "
                      "NAME_123");
  tx_samples_close(samples);
}

static void lists_name_samples(void **state)
{
  scratch place;
  scratch_create(&place);
  write_text(&place, "id\tsample-id\n# a comment\nr1\tB\n\nr2 \t A\r\nr3\tB");
  const tx_sample_options options = {.from = place.path};
  tx_samples *samples = open_samples(&options);
  const tx_record first = record_of("r2", "f.fa", 1), second = record_of("r3;size=4", "f.fa", 4),
                  other = record_of("r4", "f.fa", 1);
  const tx_share *shares;
  size_t count;
  tx_error error;
  (void)state;
  assert_int_equal(tx_samples_count(samples), 2);
  require_share(samples, &first, "A", 1);
  require_share(samples, &second, "B", 1);
  assert_int_equal(tx_samples_of(samples, &other, &shares, &count, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "id 'r4' is not in "));
  tx_samples_close(samples);
  scratch_remove(&place);
}

static void refuses_bad_lists(void **state)
{
  static const char *const lists[][2] = {
      {"r1 A\n", "expected two columns"}, {"r1\tA\tB\n", "expected two columns"}, {"r1\t\n", "empty name"},
      {"\tA\n", "empty name"},            {"r1\tA\nr1\tA\n", "second time"},      {"r1,A,B\n", "two columns"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    scratch place;
    tx_samples *samples = NULL;
    tx_error error;
    scratch_create(&place);
    write_text(&place, lists[i][0]);
    const tx_sample_options options = {.from = place.path};
    assert_int_equal(tx_samples_open(&options, &samples, &error), TX_ERROR_DATA);
    assert_null(samples);
    assert_non_null(strstr(error.message, lists[i][1]));
    scratch_remove(&place);
  }
}

static void counts_are_joined(void **state)
{
  scratch place;
  tx_count_table *counts = NULL;
  tx_error error;
  scratch_create(&place);
  write_text(&place, "#OTU ID\tS1\tS2\tS3\na\t1\t0\t2.5\nb;size=4\t0\t4\t0\nc\t3\t3\t3\n");
  assert_int_equal(tx_count_table_read(place.path, NULL, &counts, &error), TX_OK);
  const tx_sample_options options = {.from = "id", .size = true, .opt_counts = counts};
  tx_samples *samples = open_samples(&options);
  const tx_record first = record_of("a;size=9", "f.fa", 9), second = record_of("b;size=4", "f.fa", 4),
                  other = record_of("d", "f.fa", 1);
  const tx_share *shares;
  size_t count;
  (void)state;
  assert_int_equal(tx_samples_count(samples), 3);
  assert_int_equal(tx_samples_of(samples, &first, &shares, &count, &error), TX_OK);
  assert_int_equal(count, 2);
  assert_true(shares[0].sample == 0 && shares[0].reads == 1);
  assert_true(shares[1].sample == 2 && shares[1].reads == 2.5);
  require_share(samples, &second, "S2", 4);
  assert_int_equal(tx_samples_of(samples, &other, &shares, &count, &error), TX_OK);
  assert_int_equal(count, 0);
  assert_int_equal(tx_samples_of(samples, &second, &shares, &count, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "taken twice"));
  const tx_samples_unmatched missed = tx_samples_missed(samples);
  assert_int_equal(missed.records, 1);
  assert_int_equal(missed.rows, 1);
  assert_true(missed.reads == 9);
  tx_samples_close(samples);
  tx_count_table_free(counts);
  scratch_remove(&place);
}

/* DADA2 names its sequences by their bases. */
static void counts_are_joined_by_bases(void **state)
{
  static const char bases[] = "acguACGTACGTACGTACGTACGTACGT";
  scratch place;
  tx_count_table *counts = NULL;
  tx_error error;
  scratch_create(&place);
  write_text(&place, "ACGTACGTACGTACGTACGTACGTACGT\tTTGTACGTACGTACGTACGTACGTACGT\nS1\t1\t5\nS2\t2\t0\n");
  assert_int_equal(tx_count_table_read(place.path, NULL, &counts, &error), TX_OK);
  const tx_sample_options options = {.opt_counts = counts};
  tx_samples *samples = open_samples(&options);
  tx_record record = record_of("asv1", "f.fa", 1);
  const tx_share *shares;
  size_t count;
  (void)state;
  record.bases = bases;
  record.base_count = sizeof bases - 1;
  assert_int_equal(tx_samples_of(samples, &record, &shares, &count, &error), TX_OK);
  assert_int_equal(count, 2);
  assert_true(shares[0].reads == 1 && shares[1].reads == 2);
  tx_samples_close(samples);
  tx_count_table_free(counts);
  scratch_remove(&place);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_of_files),     cmocka_unit_test(names_in_ids),
      cmocka_unit_test(files_are_samples),  cmocka_unit_test(ids_name_samples),
      cmocka_unit_test(lists_name_samples), cmocka_unit_test(refuses_bad_lists),
      cmocka_unit_test(counts_are_joined),  cmocka_unit_test(counts_are_joined_by_bases),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
