/* Reading on behind malformed records, and headers that are not UTF-8. */
#include "unit/seq_files.h"

#include <taxamba/record.h>

typedef struct resume_case {
  const char *text;
  const char *records; /* the sound ones */
  int bad;             /* number of malformed ones */
} resume_case;

static const resume_case cases[] = {
    {">a\nAC\n>\nGG\nGG\n>c\nGT\n", "a||AC|1|1;c||GT|6|3;", 1},
    {">a\x1b[0m\nAC\n>b\nMKVL\nMKVL\n>c\nA#CC\n\n>d\nAC", "d||AC|9|4;", 3},
    {">a\nMKVL\n>b\nA1C", "", 2},
    {">a\n@b\nAC\n>c\nAC\n", "c||AC|4|2;", 1},
    /* FASTQ: a quality that is too short or too long, whatever it begins with. */
    {"@a\nACGT\n+\nII\n@b\nAC\n+\n@I\n", "b||AC|5|2;", 1},
    {"@a\nACGT\n+\nIIIIIII\n@b\nAC\n+\nII\n", "b||AC|5|2;", 1},
    {"@a\nACGT\n+\n@I\n@b\nAC\n+\n@@\n@c\nA\n+\nI\n", "b||AC|5|2;c||A|9|3;", 1},
    /* A header or a letter: the quality of that record is no record. */
    {"@\nACGT\n+\n@III\n@b\nAC\n+\nII\n", "b||AC|5|2;", 1},
    {"@a\nAC1T\n+\n@III\n@b\nAC\n+\nII\n", "b||AC|5|2;", 1},
    {"@a\nAC1T\nACGT\nAC\n+\n@III\n@III\n@I\n@b\nAC\n+\nII\n", "b||AC|9|2;", 1},
    {"@a\nACGT\n\nEEEE\nAC\n+\n@III\n\n@III\n@I\n\n@b\nAC\n+\nII\n", "b||AC|12|2;", 1},
    {"@a\nEEEE\n+\n@III\n@b\nAC\n+\nII\n", "b||AC|5|2;", 1},
    /* Lost lines. */
    {"@a\nACGT\n@b\nAC\n+\nII\n", "b||AC|3|2;", 1},
    {"@a\n@b\nAC\n+\nII\n", "b||AC|2|2;", 1},
    {"@a\nAC\n+\nII\nII\nII\n@b\nA\n+\nI\n", "a||AC|1|1;b||A|7|2;", 1},
    {"@a\nAC\n+\nII\n@b\nAC\n", "a||AC|1|1;", 1},
    {"@a\nACGT\n+\n", "", 1},
    {"@a\nAC\n+\nI\xff\n@b\nA\n+\nI\n", "b||A|5|2;", 1},
};

/* Reads all records; appends the sound ones to `out`. Returns the last status. */
static tx_status read_on(const char *path, size_t buffer_size, int *ret_bad, char *out, size_t size,
                         tx_error *error)
{
  tx_reader *reader = NULL;
  tx_record record;
  size_t used = 0;
  tx_status status;
  *out = '\0';
  *ret_bad = 0;
  assert_int_equal(tx_reader_open_sized(&path, 1, buffer_size, &reader, error), TX_OK);
  for (;;) {
    status = tx_reader_next(reader, &record, error);
    if (status < TX_OK) {
      tx_error again = {0};
      if (!tx_reader_resume(reader)) {
        assert_int_equal(tx_reader_next(reader, &record, &again), status); /* it is repeated */
        break;
      }
      (*ret_bad)++;
    } else if (status == TX_OK) {
      used += (size_t)snprintf(out + used, size - used, "%s|%s|%s|%d|%d;", record.id, record.comment,
                               record.bases, (int)record.line, (int)record.number);
    } else {
      assert_true(tx_reader_resume(reader));
      break;
    }
  }
  tx_reader_close(reader);
  return status;
}

static void goes_on_behind_bad_records(void **state)
{
  char path[512], out[512];
  (void)state;
  path_of(path, "bad");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_file(path, cases[i].text, strlen(cases[i].text), PLAIN);
    for (size_t size = 1; size < 70; size += size < 8 ? 1 : 61) {
      tx_error error = {0};
      int bad;
      const tx_status status = read_on(path, size, &bad, out, sizeof out, &error);
      if (status != TX_END || bad != cases[i].bad || strcmp(out, cases[i].records) != 0)
        fail_msg("case %zu, buffer %zu: status %d, %d bad, %s", i, size, (int)status, bad, out);
    }
  }
  assert_int_equal(unlink(path), 0);
}

/* Errors of the file are not of one record. */
static void ends_at_other_errors(void **state)
{
  static const char *const texts[] = {"ACGT\n>a\nAC\n", ">a\rACGT\r>b\rAC\r"};
  static const char cut[] = ">a\nAC\n>\nAC\n>b\nACGTTGCATTAGCAGCTAGCTAC\n";
  unsigned char data[300];
  char path[512], out[512];
  tx_error error = {0};
  int bad;
  FILE *file;
  size_t size;
  (void)state;
  path_of(path, "bad");
  for (size_t i = 0; i < 2; i++) {
    write_file(path, texts[i], strlen(texts[i]), PLAIN);
    assert_int_equal(read_on(path, 64, &bad, out, sizeof out, &error), TX_ERROR_DATA);
    assert_int_equal(bad, 0);
  }
  write_file(path, cut, strlen(cut), GZIP);
  file = fopen(path, "rb");
  assert_non_null(file);
  size = fread(data, 1, sizeof data, file);
  assert_int_equal(fclose(file), 0);
  write_file(path, data, size - 9, PLAIN);
  assert_int_equal(read_on(path, 64, &bad, out, sizeof out, &error), TX_ERROR_DATA);
  assert_string_equal(out, "a||AC|1|1;");
  assert_int_equal(bad, 1);
  assert_int_equal(unlink(path), 0);
}

static void makes_headers_valid(void **state)
{
  static const char text[] = ">B_\xd7 \xe9t\xe9\nA\n>B_\xc3\x97 \xc3\xa9\nA\n"
                             ">\xef\xbb\xbfone\xc2\xa0two\xe2\x80\xafthree\nA\n"
                             ">a\x93\x80\xa0y\xe9\xc3\xa9\nA\n";
  char path[512], out[512];
  tx_error error = {0};
  int bad;
  (void)state;
  path_of(path, "names");
  write_file(path, text, sizeof text - 1, PLAIN);
  for (size_t size = 1; size < 70; size += size < 8 ? 1 : 61) {
    assert_int_equal(read_on(path, size, &bad, out, sizeof out, &error), TX_END);
    assert_string_equal(out, "B_\xc3\x97|\xc3\xa9t\xc3\xa9|A|1|1;B_\xc3\x97|\xc3\xa9|A|3|2;"
                             "one|two three|A|5|3;a\xe2\x80\x9c\xe2\x82\xac|y\xc3\xa9\xc3\xa9|A|7|4;");
  }
  write_file(path, ">a\x81\nA\n>b\nA\n", 11, PLAIN); /* no letter of Windows-1252 */
  assert_int_equal(read_on(path, 64, &bad, out, sizeof out, &error), TX_END);
  assert_string_equal(out, "b||A|3|2;");
  assert_int_equal(unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(goes_on_behind_bad_records),
      cmocka_unit_test(ends_at_other_errors),
      cmocka_unit_test(makes_headers_valid),
  };
  return cmocka_run_group_tests_name("seq/resume", tests, make_folder, remove_folder);
}
