/* base/json: strict parsing and getters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/json.h"

static tx_json *parse(const char *text)
{
  tx_error error = {0};
  tx_json *document = NULL;
  if (tx_json_parse(text, strlen(text), "test.json", &document, &error))
    fail_msg("%s: %s", text, error.message);
  return document;
}

static void assert_refused(const char *text, size_t length, const char *reason)
{
  tx_error error = {0};
  tx_json *document = (tx_json *)&error;
  /* in a block of its own size, so that a sanitizer sees a step beyond it */
  char *copy = malloc(length ? length : 1);
  assert_non_null(copy);
  memcpy(copy, text, length);
  if (!tx_json_parse(copy, length, "test.json", &document, &error)) fail_msg("accepted: %s", text);
  free(copy);
  assert_null(document);
  assert_int_equal(error.code, TX_ERROR_DATA);
  assert_int_equal(strncmp(error.message, "test.json:", 10), 0);
  if (!strstr(error.message, reason)) fail_msg("'%s' is not in '%s'", reason, error.message);
}

static void walks_documents(void **state)
{
  (void)state;
  tx_json *document = parse(" {\"a\": [1, -2.5e1, true, false, null, \"x\\u00e9\\n\"], \"A\": {}, \"\": "
                            "0}\r\n\t ");
  const tx_json *array = tx_json_get(document, "a");
  const tx_json *item = tx_json_first(array);
  assert_true(tx_json_is_object(document));
  assert_false(tx_json_is_array(document));
  assert_true(tx_json_is_array(array));
  assert_string_equal(tx_json_key(array), "a");
  assert_null(tx_json_key(item));
  assert_true(tx_json_is_number(item));
  assert_true(tx_json_number(item) == 1);
  item = tx_json_next(item);
  assert_true(tx_json_number(item) == -25);
  assert_null(tx_json_string(item));
  item = tx_json_next(item);
  assert_true(tx_json_is_bool(item) && tx_json_bool(item));
  assert_true(isnan(tx_json_number(item)));
  item = tx_json_next(item);
  assert_true(tx_json_is_bool(item) && !tx_json_bool(item));
  item = tx_json_next(item);
  assert_false(tx_json_is_bool(item) || tx_json_is_number(item) || tx_json_is_string(item) ||
               tx_json_is_object(item));
  item = tx_json_next(item);
  assert_string_equal(tx_json_string(item), "x\xC3\xA9\n");
  assert_null(tx_json_next(item));
  assert_true(tx_json_is_object(tx_json_get(document, "A"))); /* another key than "a" */
  assert_null(tx_json_first(tx_json_get(document, "A")));
  assert_non_null(tx_json_get(document, ""));
  assert_null(tx_json_get(document, "b"));
  assert_null(tx_json_get(array, "a"));
  assert_null(tx_json_get(NULL, "a"));
  assert_null(tx_json_first(NULL));
  assert_null(tx_json_next(NULL));
  tx_json_free(document);
  tx_json_free(NULL);
}

static void refuses_bad_texts(void **state)
{
  (void)state;
  const char *const bad[] = {"{",
                             "[1,2",
                             "{\"a\"",
                             "[1,]",
                             "{\"a\":1,}",
                             "{a:1}",
                             "['a']",
                             "[01]",
                             "[1.]",
                             "[.5]",
                             "[+1]",
                             "[-]",
                             "[1e]",
                             "[0x10]",
                             "[NaN]",
                             "[Infinity]",
                             "[truely]",
                             "[tru]",
                             "{} {}",
                             "[1] x",
                             "\"abc",
                             "[\"a\nb\"]",
                             "[\"\\x\"]",
                             "[\"\\u12\"]",
                             "[\"\\ud800\"]",
                             "[1 2]",
                             "//\n[]",
                             "[\"\t\"]",
                             "\xEF\xBB\xBF",
                             "[\"\xFF\"]",
                             "[\"\xC0\x80\"]",
                             "[\"a\\u0000b\"]",
                             "[\v1]",
                             "{\"a\" 1}",
                             ""};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_refused(bad[i], strlen(bad[i]), "not valid JSON");
  assert_refused("[1]\0", 4, "not valid JSON");
  assert_refused("[\"a\0b\"]", 7, "not valid JSON");
  assert_refused("[1e999]", 7, "too large");
  assert_refused("[-1e999]", 8, "too large");
  assert_refused("{\n\"a\": 1,\n\"b\" 2}", 17, "test.json:3:");
}

/* Every beginning of a text is no text, and none may be read beyond its end. */
static void refuses_every_beginning(void **state)
{
  (void)state;
  const char text[] = "{\"key\": [1, -2.5e+10, true, false, null, \"\\u00e9\\\\\\\"x\xC3\xA9\"], \"other\": "
                      "{\"deep\": [[[]]]}}";
  for (size_t length = 0; length < sizeof text - 1; length++) assert_refused(text, length, "not valid JSON");
  tx_json_free(parse(text));
}

static void takes_good_texts(void **state)
{
  (void)state;
  const char *const good[] = {"0",
                              "-0",
                              "1E5",
                              "1e-5",
                              "1.25E+2",
                              "\"\"",
                              "true",
                              "null",
                              "[]",
                              "{}",
                              "[ \t\r\n]",
                              "[\"\\\\u0000\"]",
                              "[\"\\ud83e\\udd9f\"]",
                              "{\"a\":{\"a\":{\"a\":1}}}",
                              "[1e-999]"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) tx_json_free(parse(good[i]));
}

static void bounds_the_depth(void **state)
{
  (void)state;
  size_t length = 200000;
  char *text = malloc(2 * length);
  tx_json *document = NULL;
  assert_non_null(text);
  memset(text, '[', length);
  memset(text + length, ']', length);
  assert_refused(text, 2 * length, "not valid JSON");
  assert_int_equal(tx_json_parse(text + length - 500, 1000, "test.json", &document, NULL), TX_OK);
  tx_json_free(document);
  free(text);
}

static void finds_duplicate_keys(void **state)
{
  (void)state;
  tx_bytes text = {0};
  assert_refused("{\"a\": 1, \"b\": 2, \"a\": 3}", 24, "'a' occurs twice");
  /* the same key in another spelling */
  assert_refused("[{\"x\": {\"k\": 1, \"\\u006b\": 2}}]", 30, "'k' occurs twice");
  tx_json_free(parse("{\"a\": 1, \"A\": 2}"));
  for (int twice = 0; twice < 2; twice++) /* long enough to leave the pairwise comparison */
    for (int count = 14; count < 3000; count = count < 20 ? count + 1 : count * 4) {
      tx_bytes_clear(&text);
      tx_bytes_text(&text, "{");
      for (int i = 0; i < count; i++) tx_bytes_printf(&text, "\"key %d\": %d, ", i, i);
      tx_bytes_printf(&text, "\"key %d\": 0}", twice ? count / 2 : count);
      if (twice)
        assert_refused(text.data, text.size, "occurs twice");
      else
        tx_json_free(parse(text.data));
    }
  tx_bytes_free(&text);
}

static void checks_counts_and_strings(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_json *document =
      parse("{\"n\": 12, \"f\": 1.5, \"m\": -1, \"big\": 9007199254740992, \"huge\": 1e300, \"past\": "
            "9007199254740994, \"s\": \"12\"}");
  const char *const bad[] = {"f", "m", "huge", "past", "s"};
  uint64_t count = 77;
  const char *text = NULL;
  assert_int_equal(tx_json_get_count(document, "n", 0, 100, &count, &error), TX_OK);
  assert_int_equal(count, 12);
  assert_int_equal(tx_json_get_count(document, "n", 12, 12, &count, &error), TX_OK);
  assert_int_equal(tx_json_get_count(document, "n", 13, 100, &count, &error), TX_ERROR_DATA);
  assert_string_equal(error.message, "'n' must be a whole number from 13 to 100");
  assert_int_equal(tx_json_get_count(document, "n", 0, 11, &count, &error), TX_ERROR_DATA);
  assert_int_equal(tx_json_get_count(document, "big", 0, UINT64_MAX, &count, &error), TX_OK);
  assert_true(count == (uint64_t)1 << 53);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(tx_json_get_count(document, bad[i], 0, UINT64_MAX, &count, &error), TX_ERROR_DATA);
    assert_non_null(strstr(error.message, bad[i]));
  }
  assert_int_equal(tx_json_get_count(document, "absent", 0, 1, &count, &error), TX_ERROR_DATA);
  assert_string_equal(error.message, "the key 'absent' is missing");
  assert_int_equal(tx_json_get_string(document, "s", &text, &error), TX_OK);
  assert_string_equal(text, "12");
  assert_int_equal(tx_json_get_string(document, "n", &text, &error), TX_ERROR_DATA);
  assert_int_equal(tx_json_get_string(document, "absent", &text, &error), TX_ERROR_DATA);
  tx_json_free(document);
}

/* What tx_bytes_json_string writes is read back as it was, byte for byte. */
static void reads_what_we_write(void **state)
{
  (void)state;
  tx_bytes text = {0};
  char wanted[3] = {0};
  for (int a = 1; a < 128; a++)
    for (int b = 1; b < 128; b++) {
      tx_json *document;
      wanted[0] = (char)a;
      wanted[1] = (char)b;
      tx_bytes_clear(&text);
      tx_bytes_json_string(&text, wanted, 2);
      document = parse(text.data);
      assert_string_equal(tx_json_string(document), wanted);
      tx_json_free(document);
    }
  tx_bytes_free(&text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walks_documents),         cmocka_unit_test(refuses_bad_texts),
      cmocka_unit_test(refuses_every_beginning), cmocka_unit_test(takes_good_texts),
      cmocka_unit_test(bounds_the_depth),        cmocka_unit_test(finds_duplicate_keys),
      cmocka_unit_test(reads_what_we_write),     cmocka_unit_test(checks_counts_and_strings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
