/* Header lines: what the id is, and the size in it. */
#include "unit/seq_files.h"

#include <inttypes.h>

#include "seq/header.h"

static void splits(const char *header, const tx_id_options *options, const char *expected)
{
  char text[256], got[300];
  tx_record record = {0};
  snprintf(text, sizeof text, "%s", header);
  assert_true(tx_header_split(text, strlen(text), options, &record));
  assert_int_equal(strlen(record.id), record.id_length);
  assert_int_equal(strlen(record.comment), record.comment_length);
  snprintf(got, sizeof got, "%s|%s|%" PRIu64, record.id, record.comment, record.size);
  assert_string_equal(got, expected);
}

static void id_and_comment(void **state)
{
  const tx_id_options first = {0}, whole = {.whole = 1};
  (void)state;
  splits("a", &first, "a||1");
  splits(" \ta  b \t c\t ", &first, "a|b \t c|1");
  splits(" \ta  b \t c\x01\vd\t ", &whole, "a  b   c  d||1");
  splits("a", &whole, "a||1");
  assert_false(tx_header_split((char[]){""}, 0, &first, &(tx_record){0}));
  assert_false(tx_header_split((char[]){" \t"}, 2, &whole, &(tx_record){0}));
}

static void sizes(void **state)
{
  static const struct {
    const char *id, *stripped;
    uint64_t size;
  } cases[] = {
      {"a;size=5", "a", 5},
      {"a;size=5;", "a", 5},
      {"a;size=29924;sample=x", "a;sample=x", 29924},
      {"a;sample=x;size=7;", "a;sample=x", 7},
      {"size=3;a", "a", 3},
      {"size=3", "size=3", 3},
      {"size=3;", "size=3;", 3},
      {";size=3", ";size=3", 3},
      {"a;size=007", "a", 7},
      {"a;size=18446744073709551615", "a", UINT64_MAX},
      {"a;size=2;size=3", "a;size=3", 2},
      {"a;size=x;size=3", "a;size=x", 3},
      /* no size */
      {"a;size=0", "a;size=0", 1},
      {"a;size=-2", "a;size=-2", 1},
      {"a;size=+2", "a;size=+2", 1},
      {"a;size=2.5", "a;size=2.5", 1},
      {"a;size=5x", "a;size=5x", 1},
      {"a;size=", "a;size=", 1},
      {"a;size=;", "a;size=;", 1},
      {"a;size", "a;size", 1},
      {"a;size=18446744073709551616", "a;size=18446744073709551616", 1},
      {"a;size=99999999999999999999999", "a;size=99999999999999999999999", 1},
      {"a;Size=5", "a;Size=5", 1},
      {"a;resize=5", "a;resize=5", 1},
      {"a|size=5", "a|size=5", 1},
      {"asize=5", "asize=5", 1},
      {";", ";", 1},
      {";;;;;;;;", ";;;;;;;;", 1},
      {"", "", 1},
      {"a;size=5 b;size=6", "a b;size=6", 5},
      {"a;size=5; b", "a b", 5},
      {"a ;size=5", "a ;size=5", 1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int without = 0; without < 2; without++) {
      char id[64];
      size_t length = strlen(cases[i].id);
      snprintf(id, sizeof id, "%s", cases[i].id);
      if (tx_header_take_size(id, &length, &(tx_id_options){.without_size = without}) != cases[i].size)
        fail_msg("another size: %s", cases[i].id);
      assert_string_equal(id, without ? cases[i].stripped : cases[i].id);
      assert_int_equal(length, strlen(id));
    }
}

static void reader_takes_options(void **state)
{
  static const char text[] = ">a;size=3 of one\tsite\nAC\n>b\nAC\n@";
  const char *paths[1];
  char path[512];
  tx_reader *reader;
  tx_record record;
  tx_error error = {0};
  (void)state;
  paths[0] = path_of(path, "sizes");
  write_file(path, text, sizeof text - 2, PLAIN);
  for (int round = 0; round < 3; round++) {
    static const char *const ids[] = {"a;size=3", "a;size=3 of one site", "a of one site"};
    assert_int_equal(tx_reader_open(paths, 1, NULL, &reader, &error), TX_OK);
    if (round) tx_reader_ids(reader, &(tx_id_options){.whole = 1, .without_size = round > 1});
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_OK);
    assert_string_equal(record.id, ids[round]);
    assert_string_equal(record.comment, round ? "" : "of one\tsite");
    assert_int_equal(record.size, 3);
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_OK);
    assert_string_equal(record.id, "b");
    assert_int_equal(record.size, 1);
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
    tx_reader_close(reader);
  }
  assert_int_equal(unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(id_and_comment),
      cmocka_unit_test(sizes),
      cmocka_unit_test(reader_takes_options),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
