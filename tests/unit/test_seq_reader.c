/* The FASTA/FASTQ reader on everything it must accept. */
#include "unit/seq_files.h"

#include <fcntl.h>

#include "base/bytes.h"
#include "base/random.h"

static const size_t buffer_sizes[] = {1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 64, 4096, 65536};
enum { BUFFER_SIZES = sizeof buffer_sizes / sizeof buffer_sizes[0] };

static void accepts(const char *text, const char *expected)
{
  char out[4096];
  for (packing how = PLAIN; how <= BGZIP; how++)
    for (size_t i = 0; i < BUFFER_SIZES; i++) {
      tx_error error = {0};
      tx_status status = read_text(text, strlen(text), how, buffer_sizes[i], out, sizeof out, &error);
      if (status != TX_END) fail_msg("buffer %zu: %s", buffer_sizes[i], error.message);
      assert_string_equal(out, expected);
    }
}

static void reads_fasta(void **state)
{
  (void)state;
  accepts(">a\nACGT\n", "a||ACGT|1|1;");
  accepts(">a\nACGT", "a||ACGT|1|1;");
  accepts(">a one two\nAC\nGT\n>b\nTT\n", "a|one two|ACGT|1|1;b||TT|4|2;");
  accepts(">a \t  one  two \t \nAC\n", "a|one  two|AC|1|1;");
  accepts("> a x\nAC\n", "a|x|AC|1|1;");
  accepts(">a;tax=k:X,p:Y;|1\nAC\n", "a;tax=k:X,p:Y;|1||AC|1|1;");
  accepts(">a >b >c\nAC\n", "a|>b >c|AC|1|1;");
  accepts(">>a\nAC\n", ">a||AC|1|1;");
  accepts(">na\xc3\xafve caf\xc3\xa9\nAC\n", "na\xc3\xafve|caf\xc3\xa9|AC|1|1;");
  accepts(">a\x01joined\nAC\n", "a|joined|AC|1|1;");
  accepts(">a\r\nAC\r\nGT\r\n\r\n>b\r\nTT", "a||ACGT|1|1;b||TT|5|2;");
  accepts(">a\r\nAC\r", "a||AC|1|1;");
  accepts(">a\nacgtuRYSWKMBDHVNXxn-.\n", "a||acgtuRYSWKMBDHVNXxn-.|1|1;");
  accepts(">a\n AC GT\t\nA C\n", "a||ACGTAC|1|1;");
  accepts("\n\n  \n>a\n\nAC\n\n\nGT\n\n\n>b\nTT\n\n\n", "a||ACGT|4|1;b||TT|12|2;");
  accepts("\xef\xbb\xbf>a\nAC\n", "a||AC|1|1;");
  accepts("\xef\xbb\xbf\n>a\nAC\n", "a||AC|2|1;");
}

static void reads_empty_sequences(void **state)
{
  (void)state;
  accepts(">a", "a|||1|1;");
  accepts(">a\n", "a|||1|1;");
  accepts(">a\n>b\nAC\n>c\n\n", "a|||1|1;b||AC|2|2;c|||4|3;");
  accepts("@a\n\n+\n\n@b\nAC\n+\nII\n", "a|||1|1;b||AC|5|2;");
  accepts("@a\n+\n@b\n+", "a|||1|1;b|||3|2;");
}

static void reads_fastq(void **state)
{
  (void)state;
  accepts("@a\nACGT\n+\nIIII\n", "a||ACGT|1|1;");
  accepts("@a\nACGT\n+\nIIII", "a||ACGT|1|1;");
  accepts("@a x y\nACGT\n+a x y\nIIII\n@b\nAC\n+\n!~\n", "a|x y|ACGT|1|1;b||AC|5|2;");
  accepts("@a\r\nACGT\r\n+\r\nIIII\r\n@b\r\nA\r\n+\r\nI", "a||ACGT|1|1;b||A|5|2;");
  accepts("\xef\xbb\xbf@a\nA\n+\nI\n", "a||A|1|1;");
  accepts("@a\nA\n+\nI\n\n\n@b\nC\n+\nI\n\n", "a||A|1|1;b||C|7|2;");
  accepts("@a\n\nA\n\n+\n\nI\n", "a||A|1|1;");
  /* Quality that looks like markers is found by its length alone. */
  accepts("@a\nACGT\n+\n@III\n@b\nACGT\n+\n>+@+\n@c\nA\n+\n+\n", "a||ACGT|1|1;b||ACGT|5|2;c||A|9|3;");
  /* Several lines. */
  accepts("@a\nACG\nTAC\nG\n+\nIII\n@II\n+\n@b\nA\n+\nI\n", "a||ACGTACG|1|1;b||A|9|2;");
  accepts("@a\nACG\nTAC\n+\nIIIIII\n", "a||ACGTAC|1|1;");
  accepts("@a\nACG\nTAC\n+\nI\nIIIII\n", "a||ACGTAC|1|1;");
}

static void writes_record(tx_bytes *text, tx_bytes *expected, tx_random *random, bool fastq, size_t number)
{
  const char *newline = number % 3 ? "\n" : "\r\n";
  size_t length = tx_random_below(random, number % 10 ? 300 : 40000),
         width = tx_random_below(random, 4) ? 1 + tx_random_below(random, 120) : SIZE_MAX;
  tx_bytes bases = {0}, quality = {0};
  for (size_t i = 0; i < length; i++) {
    char quality_letter = (char)(33 + tx_random_below(random, 94));
    tx_bytes_append(&bases, &"ACGTacgtuUNRYxX-."[tx_random_below(random, 17)], 1);
    tx_bytes_append(&quality, &quality_letter, 1);
  }
  tx_bytes_printf(text, "%cr%zu length=%zu%s", fastq ? '@' : '>', number, length, newline);
  for (size_t i = 0; i < length; i += width) {
    tx_bytes_append(text, bases.data + i, width < length - i ? width : length - i);
    tx_bytes_text(text, newline);
    if (width > length) break;
  }
  if (fastq) {
    tx_bytes_printf(text, "+%s", newline);
    for (size_t i = 0; i < length; i += width) {
      tx_bytes_append(text, quality.data + i, width < length - i ? width : length - i);
      tx_bytes_text(text, newline);
      if (width > length) break;
    }
  }
  if (number % 7 == 0) tx_bytes_text(text, newline);
  tx_bytes_printf(expected, "r%zu|length=%zu|%s", number, length, length ? bases.data : "");
  tx_bytes_free(&bases);
  tx_bytes_free(&quality);
}

/* Random records in random layouts come back the same with any buffer. */
static void reads_random_files(void **state)
{
  (void)state;
  for (uint64_t round = 0; round < 12; round++) {
    tx_bytes text = {0}, expected[60] = {{0}};
    tx_random random;
    char path[512];
    const char *paths[1];
    tx_random_seed(&random, 5, round, 0, 0);
    for (size_t i = 0; i < 60; i++) writes_record(&text, &expected[i], &random, round & 1, i);
    assert_false(text.failed);
    paths[0] = path_of(path, "random");
    write_file(path, text.data, text.size, (packing)(round % 3));
    for (size_t size = 0; size < BUFFER_SIZES; size++) {
      tx_reader *reader;
      tx_record record;
      tx_error error = {0};
      assert_int_equal(tx_reader_open_sized(paths, 1, buffer_sizes[size], &reader, &error), TX_OK);
      for (size_t i = 0; i < 60; i++) {
        tx_bytes got = {0};
        if (tx_reader_source(reader, &record, &error) != TX_OK) fail_msg("%s", error.message);
        tx_bytes_printf(&got, "%s|%s|%s", record.id, record.comment, record.bases);
        assert_int_equal(got.size, expected[i].size);
        assert_memory_equal(got.data, expected[i].data, got.size);
        assert_string_equal(record.file, path);
        assert_int_equal(record.number, i + 1);
        tx_bytes_free(&got);
      }
      assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
      tx_reader_close(reader);
    }
    assert_int_equal(unlink(path), 0);
    for (size_t i = 0; i < 60; i++) tx_bytes_free(&expected[i]);
    tx_bytes_free(&text);
  }
}

static void reads_a_very_long_line(void **state)
{
  enum { LENGTH = 10000000 };
  char *text = malloc(LENGTH + 16), path[512];
  const char *paths[1];
  tx_reader *reader;
  tx_record record;
  tx_error error = {0};
  (void)state;
  assert_non_null(text);
  memcpy(text, ">long\n", 6);
  for (size_t i = 0; i < LENGTH; i++) text[6 + i] = "ACGT"[(i * 7 + i / 11) & 3];
  text[6 + LENGTH] = '\n';
  paths[0] = path_of(path, "long");
  for (packing how = PLAIN; how <= BGZIP; how++) {
    write_file(path, text, LENGTH + 7, how);
    assert_int_equal(tx_reader_open(paths, 1, NULL, &reader, &error), TX_OK);
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_OK);
    assert_int_equal(record.base_count, LENGTH);
    assert_memory_equal(record.bases, text + 6, LENGTH);
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
    tx_reader_close(reader);
  }
  assert_int_equal(unlink(path), 0);
  free(text);
}

/* With a limit: the first and the last bases without gaps, whatever the lines and the buffer, and the rest
   counted. */
static void reads_the_ends_only(void **state)
{
  enum { ROUNDS = 300, LONGEST = 200 };
  static const size_t buffers[] = {1, 7, 64, 65536};
  tx_random random;
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  for (size_t round = 0; round < ROUNDS; round++) {
    char text[8 * LONGEST], bases[LONGEST + 1], expected[LONGEST + 1], path[512];
    size_t length = tx_random_below(&random, LONGEST), used = 0, count = 0,
           gaps = tx_random_below(&random, 4);
    size_t first = tx_random_below(&random, 40), last = tx_random_below(&random, 40), head, tail;
    bool fastq = round % 3 == 0;
    const char *paths[1] = {path_of(path, "ends")};
    tx_reader *reader = NULL;
    tx_record record;
    tx_error error = {0};
    used += (size_t)snprintf(text, sizeof text, "%clong some words\n", fastq ? '@' : '>');
    for (size_t i = 0; i < length; i++) {
      char letter =
          tx_random_below(&random, 8) < gaps ? "-."[i & 1] : "ACGTNacgtu"[tx_random_below(&random, 10)];
      text[used++] = letter;
      if (letter != '-' && letter != '.') bases[count++] = letter;
      if (tx_random_below(&random, 20) == 0) text[used++] = '\n';
      if (tx_random_below(&random, 20) == 0) text[used++] = ' ';
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    if (fastq) {
      used += (size_t)snprintf(text + used, sizeof text - used, "+\n");
      for (size_t i = 0; i < length; i++) text[used++] = 'I';
      used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "%cnext\nAC-GT\n%s", fastq ? '@' : '>',
                             fastq ? "+\nIIIII\n" : "");
    if (!first && !last) first = 1;
    head = count < first ? count : first;
    tail = count - head < last ? count - head : last;
    snprintf(expected, sizeof expected, "%.*s%.*s", (int)head, bases, (int)tail, bases + count - tail);
    write_file(path, text, used, PLAIN);
    for (size_t b = 0; b < sizeof buffers / sizeof buffers[0]; b++) {
      assert_int_equal(tx_reader_open_sized(paths, 1, buffers[b], &reader, &error), TX_OK);
      tx_reader_limit(reader, first, last);
      if (tx_reader_next(reader, &record, &error) != TX_OK) fail_msg("%s", error.message);
      assert_string_equal(record.bases, expected);
      assert_int_equal(record.base_count, strlen(expected));
      assert_int_equal(record.base_count + record.omitted, length);
      tx_reader_limit(reader, 0, 0);
      assert_int_equal(tx_reader_next(reader, &record, &error), TX_OK);
      assert_string_equal(record.bases, "AC-GT");
      assert_int_equal(record.omitted, 0);
      assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
      tx_reader_close(reader);
    }
    assert_int_equal(unlink(path), 0);
  }
}

/* What is left out is checked all the same, and FASTQ is measured by all of its letters. */
static void checks_what_it_leaves_out(void **state)
{
  static const char *const cases[][2] = {
      {">a\nACGTEIIIACGTACGT\nACGTEACGT\nACGTACGT\n", "looks like protein"},
      {"@a\nACGTACGTACGTACGT\n+\nIIIIIIIIIIIIIII\n", "15 characters for 16 bases"},
      {"@a\nACGTACGTACGTACGT\n+\nIIIIIIIIIIIIIIIII\n", "17 characters for 16 bases"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char path[512];
    const char *paths[1] = {path_of(path, "bad")};
    tx_reader *reader = NULL;
    tx_record record;
    tx_error error = {0};
    write_file(path, cases[i][0], strlen(cases[i][0]), PLAIN);
    assert_int_equal(tx_reader_open(paths, 1, NULL, &reader, &error), TX_OK);
    tx_reader_limit(reader, 3, 2);
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_ERROR_DATA);
    if (!strstr(error.message, cases[i][1])) fail_msg("expected '%s' in '%s'", cases[i][1], error.message);
    tx_reader_close(reader);
    assert_int_equal(unlink(path), 0);
  }
}

/* Each file may be of another kind; line and number begin again with each. */
static void reads_several_files(void **state)
{
  char one[512], two[512], three[512], four[512], out[512];
  const char *paths[4];
  tx_error error = {0};
  (void)state;
  paths[0] = path_of(one, "one.fq");
  paths[1] = path_of(two, "two.fa");
  paths[2] = path_of(three, "three");
  paths[3] = path_of(four, "four.gz");
  write_file(one, ">a\nAC\n", 6, GZIP);
  write_file(two, "@b\nAC\n+\nII\n@c\nG\n+\nI", 19, PLAIN);
  write_file(three, "\n>d\nAC", 6, BGZIP);
  write_file(four, ">e\nGG\n", 6, PLAIN); /* the content decides, not the name */
  assert_int_equal(read_records(paths, 4, 65536, out, sizeof out, &error), TX_END);
  assert_string_equal(out, "a||AC|1|1;b||AC|1|1;c||G|5|2;d||AC|2|1;e||GG|1|1;");
  /* Members of gzip one after the other are one file. */
  gzFile more = gzopen(one, "ab");
  assert_non_null(more);
  assert_int_equal(gzwrite(more, "GT\n>z\nTT\n", 9), 9);
  assert_int_equal(gzclose(more), Z_OK);
  assert_int_equal(read_records(paths, 1, 65536, out, sizeof out, &error), TX_END);
  assert_string_equal(out, "a||ACGT|1|1;z||TT|4|2;");
  for (size_t i = 0; i < 4; i++) assert_int_equal(unlink(paths[i]), 0);
}

static int replaced_input = -1;

/* Puts the read end of a new pipe in place of standard input; returns the write end. */
static int pipe_to_standard_input(void)
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  replaced_input = dup(STDIN_FILENO);
  assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
  close(ends[0]);
  return ends[1];
}

static void restore_standard_input(void)
{
  if (replaced_input >= 0) {
    dup2(replaced_input, STDIN_FILENO);
    close(replaced_input);
    replaced_input = -1;
  }
}

static void send_text(int descriptor, const char *text)
{
  assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
}

static void expect_id(tx_reader *reader, const char *id)
{
  tx_record record;
  tx_error error = {0};
  if (tx_reader_next(reader, &record, &error) != TX_OK) fail_msg("%s: %s", id, error.message);
  assert_string_equal(record.id, id);
  assert_string_equal(record.file, "standard input");
}

/* A record comes out of a pipe that stays open as soon as its end is known. A reader that waits for more is
   ended by the alarm. */
static void reads_live_pipes(void **state)
{
  static const char *const dash[] = {"-"};
  tx_reader *reader;
  tx_record record;
  tx_error error = {0};
  int end = pipe_to_standard_input();
  (void)state;
  alarm(20);
  send_text(end, "@a\nACGT\n+\nIIII\n");
  assert_int_equal(tx_reader_open(NULL, 0, NULL, &reader, &error), TX_OK);
  expect_id(reader, "a");
  send_text(end, "@b\nA\n+\nI\n@c\n\n+\n");
  expect_id(reader, "b");
  expect_id(reader, "c");
  send_text(end, "\n@d\nAC\nG\n+\n@I\nI\n");
  expect_id(reader, "d");
  close(end);
  assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
  tx_reader_close(reader);
  restore_standard_input();

  end = pipe_to_standard_input();
  send_text(end, ">a\nACGT\n>");
  assert_int_equal(tx_reader_open(dash, 1, NULL, &reader, &error), TX_OK);
  expect_id(reader, "a");
  send_text(end, "b\nAC\n\n>c");
  expect_id(reader, "b");
  close(end);
  expect_id(reader, "c");
  assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
  tx_reader_close(reader);
  restore_standard_input();
  alarm(0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_fasta),
      cmocka_unit_test(reads_empty_sequences),
      cmocka_unit_test(reads_fastq),
      cmocka_unit_test(reads_random_files),
      cmocka_unit_test(reads_a_very_long_line),
      cmocka_unit_test(reads_the_ends_only),
      cmocka_unit_test(checks_what_it_leaves_out),
      cmocka_unit_test(reads_several_files),
      cmocka_unit_test(reads_live_pipes),
  };
  return cmocka_run_group_tests_name("seq_reader", tests, make_folder, remove_folder);
}
