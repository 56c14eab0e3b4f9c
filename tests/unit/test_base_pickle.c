/* Pickles as data: every operation gives its value, none is executed, and what cannot be is refused. */
#include "base/pickle.h"

#include "unit/scratch.h"

#define BYTES(text) text, sizeof text - 1

static tx_pickle *read_pickle(const char *bytes, size_t size)
{
  tx_pickle *pickle = NULL;
  tx_error error = {0};
  if (tx_pickle_read(bytes, size, &pickle, &error) != TX_OK) fail_msg("%s", error.message);
  return pickle;
}

static void expect_integer(const char *bytes, size_t size, tx_pickle_kind kind, int64_t value)
{
  tx_pickle *pickle = read_pickle(bytes, size);
  assert_int_equal(tx_pickle_root(pickle)->kind, kind);
  if (kind != TX_PICKLE_LARGE) assert_true(tx_pickle_root(pickle)->as.integer == value);
  tx_pickle_close(pickle);
}

static void plain_values(void **state)
{
  tx_pickle *pickle;
  (void)state;
  expect_integer(BYTES("\x80\2K\xff."), TX_PICKLE_INTEGER, 255);
  expect_integer(BYTES("M\1\2."), TX_PICKLE_INTEGER, 513);
  expect_integer(BYTES("J\xff\xff\xff\xff."), TX_PICKLE_INTEGER, -1);
  expect_integer(BYTES("\x8a\0."), TX_PICKLE_INTEGER, 0);
  expect_integer(BYTES("\x8a\2\0\x80."), TX_PICKLE_INTEGER, -32768);
  expect_integer(BYTES("\x8a\x08\0\0\0\0\0\0\0\x80."), TX_PICKLE_INTEGER, INT64_MIN);
  expect_integer(BYTES("\x8b\1\0\0\0\x7f."), TX_PICKLE_INTEGER, 127);
  expect_integer(BYTES("\x8a\x09\0\0\0\0\0\0\0\0\1."), TX_PICKLE_LARGE, 0);
  expect_integer(BYTES("\x88."), TX_PICKLE_BOOL, 1);
  expect_integer(BYTES("\x89."), TX_PICKLE_BOOL, 0);
  pickle = read_pickle(BYTES("G\x3f\xf8\0\0\0\0\0\0."));
  assert_true(tx_pickle_root(pickle)->as.real == 1.5);
  tx_pickle_close(pickle);
  pickle = read_pickle(BYTES("\x8c\3abc."));
  assert_true(tx_pickle_is_text(tx_pickle_root(pickle), "abc"));
  assert_false(tx_pickle_is_text(tx_pickle_root(pickle), "abcd"));
  tx_pickle_close(pickle);
}

/* {"a": [1, 2], "b": (None, {}), "a": 3}, parts of it stored and fetched. */
static void collections(void **state)
{
  tx_pickle *pickle = read_pickle(BYTES("\x80\2}q\0(U\1a](K\1K\2eU\1bN}\x86U\1aK\3u0h\0."));
  const tx_pickle_value *root = tx_pickle_root(pickle), *tuple = tx_pickle_get(root, "b");
  (void)state;
  assert_int_equal(root->kind, TX_PICKLE_DICT);
  assert_int_equal(root->count, 6);
  assert_int_equal(tx_pickle_get(root, "a")->as.integer, 3); /* the last one, as in Python */
  assert_int_equal(root->items[1]->count, 2);
  assert_int_equal(tuple->kind, TX_PICKLE_TUPLE);
  assert_int_equal(tuple->items[0]->kind, TX_PICKLE_NONE);
  assert_null(tx_pickle_get(root, "c"));
  assert_null(tx_pickle_get(tuple, "a"));
  tx_pickle_close(pickle);
}

/* What a call would have done is told, also what is added to its result; a list may hold itself. */
static void calls_are_values(void **state)
{
  tx_pickle *pickle = read_pickle(BYTES("cposix\nsystem\nU\4true\x85R}U\1sK\1sb."));
  const tx_pickle_value *root = tx_pickle_root(pickle);
  (void)state;
  assert_true(tx_pickle_is_call(root, "posix system"));
  assert_true(tx_pickle_is_text(root->as.call.arguments->items[0], "true"));
  assert_int_equal(tx_pickle_get(root->as.call.state, "s")->as.integer, 1);
  assert_string_equal(tx_pickle_name(pickle, 0), "posix system");
  assert_null(tx_pickle_name(pickle, 1));
  tx_pickle_close(pickle);
  pickle = read_pickle(BYTES("\x80\4\x8c\x0b"
                             "collections\x8c\x0bOrderedDict\x93)R(\x8c\1kK\7u."));
  assert_true(tx_pickle_is_call(tx_pickle_root(pickle), "collections OrderedDict"));
  assert_int_equal(tx_pickle_get(tx_pickle_root(pickle), "k")->as.integer, 7);
  tx_pickle_close(pickle);
  pickle = read_pickle(BYTES("]\x94h\0a."));
  assert_ptr_equal(tx_pickle_root(pickle)->items[0], tx_pickle_root(pickle));
  tx_pickle_close(pickle);
}

static void faults_are_named(void **state)
{
  static const struct {
    const char *bytes;
    size_t size;
    const char *message;
  } cases[] = {
      {BYTES(""), "cut off"},
      {BYTES("K"), "cut off"},
      {BYTES("N"), "cut off"},
      {BYTES("cposix\nsystem"), "cut off"},
      {BYTES("X\xff\xff\xff\xff"
             "a."),
       "cut off"},
      {BYTES("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
             "a."),
       "cut off"},
      {BYTES("\x8b\xff\xff\xff\xff."), "cut off"},
      {BYTES("\x80\6N."), "protocol above 5"},
      {BYTES("."), "takes a value where there is none"},
      {BYTES("(0."), "takes a value where there is none"},
      {BYTES("N(0N."), "more than one value"},
      {BYTES("t."), "goes back to a mark"},
      {BYTES("K\1\x86."), "takes a value where there is none"},
      {BYTES("](K\1s."), "takes a value where there is none"},
      {BYTES("(K\1e."), "adds to a value where there is none"},
      {BYTES("K\1K\2a."), "neither list nor dict"},
      {BYTES("}(K\1u."), "a key has no value"},
      {BYTES("(K\1d."), "a key has no value"},
      {BYTES("K\1K\2\x93."), "no text"},
      {BYTES("h\0."), "was not stored"},
      {BYTES("Nr\xff\xff\xff\xff."), "too large a number"},
      {BYTES("Nq\5h\4."), "was not stored"},
      {BYTES("I01\n."), "operation 0x49 at byte 0"},
      {BYTES("\x82\1."), "operation 0x82 at byte 0"},
      {BYTES("\x97."), "operation 0x97 at byte 0"},
      {BYTES("(iposix\nsystem\n."), "operation 0x69 at byte 1"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tx_pickle *pickle = NULL;
    tx_error error = {0};
    assert_int_equal(tx_pickle_read(cases[i].bytes, cases[i].size, &pickle, &error), TX_ERROR_DATA);
    assert_null(pickle);
    if (!strstr(error.message, cases[i].message))
      fail_msg("case %zu: '%s' does not say '%s'", i, error.message, cases[i].message);
  }
}

/* Memory does not grow without bound: as many values as there are operations, up to a limit. */
static void too_many_values_are_refused(void **state)
{
  const size_t size = (size_t)1 << 20;
  char *bytes = malloc(size);
  tx_pickle *pickle = NULL;
  tx_error error = {0};
  (void)state;
  assert_non_null(bytes);
  memset(bytes, '}', size);
  assert_int_equal(tx_pickle_read(bytes, size, &pickle, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "524,288 values"));
  assert_int_equal(tx_pickle_read(bytes, TX_PICKLE_SIZE_MAX + 1, &pickle, &error), TX_ERROR_DATA);
  free(bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(plain_values), cmocka_unit_test(collections),
                                     cmocka_unit_test(calls_are_values), cmocka_unit_test(faults_are_named),
                                     cmocka_unit_test(too_many_values_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
