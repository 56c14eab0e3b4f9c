/* base/memory, base/bytes, base/names, base/error: blocks, growing arrays, text, maps of names, messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

static void checks_overflow(void **state)
{
  (void)state;
  size_t result = 7;
  assert_true(tx_multiply(SIZE_MAX, 1, &result));
  assert_int_equal(result, SIZE_MAX);
  assert_true(tx_multiply(SIZE_MAX, 0, &result));
  assert_int_equal(result, 0);
  assert_false(tx_multiply(SIZE_MAX / 2 + 1, 2, &result));
  assert_true(tx_multiply(SIZE_MAX / 2, 2, &result));
  assert_false(tx_multiply((size_t)1 << 32, (size_t)1 << 32, &result));
  assert_true(tx_add(SIZE_MAX - 1, 1, &result));
  assert_false(tx_add(SIZE_MAX, 1, &result));
}

static void aligns_blocks(void **state)
{
  (void)state;
  for (size_t count = 0; count < 200; count += 13) {
    unsigned char *zeroed = tx_calloc_aligned(count, 3);
    unsigned char *block = tx_malloc_aligned(count, 3);
    assert_non_null(zeroed);
    assert_non_null(block);
    assert_int_equal((uintptr_t)zeroed % 64, 0);
    assert_int_equal((uintptr_t)block % 64, 0);
    for (size_t i = 0; i < 3 * count; i++) assert_int_equal(zeroed[i], 0);
    memset(block, 1, 3 * count);
    free(zeroed);
    free(block);
  }
  assert_null(tx_malloc_aligned(SIZE_MAX / 2, 3));
  assert_null(tx_calloc_aligned(SIZE_MAX, 1));
}

static void grows_arrays(void **state)
{
  (void)state;
  uint32_t *array = NULL;
  uint32_t *before;
  size_t capacity = 0;
  size_t moves = 0;
  for (uint32_t i = 0; i < 100000; i++) {
    size_t old = capacity;
    assert_true(tx_reserve(&array, &capacity, i + 1, sizeof *array));
    assert_true(capacity > i);
    moves += capacity != old;
    array[i] = i;
  }
  assert_true(moves < 40); /* by a half each time: a constant cost per element */
  for (uint32_t i = 0; i < 100000; i++) assert_int_equal(array[i], i);
  before = array;
  moves = capacity;
  assert_false(tx_reserve(&array, &capacity, SIZE_MAX / 2, sizeof *array));
  assert_false(tx_reserve(&array, &capacity, SIZE_MAX, 1));
  assert_ptr_equal(array, before);
  assert_int_equal(capacity, moves);
  free(array);
}

static void copies_text(void **state)
{
  (void)state;
  char *copy = tx_copy_text("abcdef", 3);
  assert_string_equal(copy, "abc");
  free(copy);
  copy = tx_copy_text(NULL, 0);
  assert_string_equal(copy, "");
  free(copy);
  assert_null(tx_copy_text("", SIZE_MAX));
}

static void builds_text(void **state)
{
  (void)state;
  tx_bytes bytes = {0};
  char wanted[1001];
  tx_bytes_append(&bytes, "ab", 2);
  tx_bytes_append(&bytes, NULL, 0);
  tx_bytes_text(&bytes, "c");
  tx_bytes_printf(&bytes, "%d-%s", 42, "x");
  assert_string_equal(bytes.data, "abc42-x");
  assert_int_equal(bytes.size, 7);
  tx_bytes_clear(&bytes);
  assert_string_equal(bytes.data, "");
  for (int length = 0; length <= 1000; length++) { /* around each growth */
    memset(wanted, 'w', (size_t)length);
    wanted[length] = '\0';
    tx_bytes_free(&bytes);
    tx_bytes_printf(&bytes, "%s", wanted);
    assert_int_equal(bytes.size, length);
    assert_string_equal(bytes.data, wanted);
  }
  assert_false(bytes.failed);
  tx_bytes_append(&bytes, "", SIZE_MAX - 5);
  assert_true(bytes.failed);
  assert_string_equal(bytes.data, wanted); /* what was there stays; what comes is refused */
  tx_bytes_text(&bytes, "more");
  tx_bytes_printf(&bytes, "more");
  assert_string_equal(bytes.data, wanted);
  tx_bytes_free(&bytes);
  assert_null(bytes.data);
}

static void assert_json(const char *text, size_t length, const char *wanted)
{
  tx_bytes bytes = {0};
  tx_bytes_json_string(&bytes, text, length);
  assert_false(bytes.failed);
  assert_string_equal(bytes.data, wanted);
  tx_bytes_free(&bytes);
}

#define ASSERT_JSON(text, wanted) assert_json(text, sizeof(text) - 1, wanted)

static void quotes_json(void **state)
{
  (void)state;
  ASSERT_JSON("", "\"\"");
  ASSERT_JSON("Aedes aegypti", "\"Aedes aegypti\"");
  ASSERT_JSON("a\"b\\c/", "\"a\\\"b\\\\c/\"");
  ASSERT_JSON("\n\r\t\b\0\x1F\x7F", "\"\\n\\r\\t\\u0008\\u0000\\u001f\\u007f\"");
  ASSERT_JSON("\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\x9F", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\x9F\"");
  /* control characters too */
  ASSERT_JSON("\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "\"\\u0080\\u009b\\u009f\xC2\xA0\"");
  /* not UTF-8: a lone continuation, overlong forms, a surrogate, above U+10FFFF, cut short */
  ASSERT_JSON("\x80z", "\"\xEF\xBF\xBDz\"");
  ASSERT_JSON("\xC0\xAFz", "\"\xEF\xBF\xBD\xEF\xBF\xBDz\"");
  ASSERT_JSON("\xE0\x9F\xBF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  ASSERT_JSON("\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  ASSERT_JSON("\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  ASSERT_JSON("\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  ASSERT_JSON("\xFF", "\"\xEF\xBF\xBD\"");
}

/* For a terminal: nothing in it is obeyed, nothing else is changed. */
static void shows_text_plainly(void **state)
{
  static const char *const cases[][2] = {
      {"", ""},
      {"caf\xC3\xA9 \"\\ \xE2\x82\xAC\xF0\x9F\xA6\x9F", "caf\xC3\xA9 \"\\ \xE2\x82\xAC\xF0\x9F\xA6\x9F"},
      {"\x1b[2J\n\t\x7f", "\\x1b[2J\\x0a\\x09\\x7f"},
      {"\xC2\x9B"
       "2J\xC2\xA0",
       "\\u009b2J\xC2\xA0"},
      {"\x9B"
       "2J\xC2",
       "\\x9b2J\\xc2"},
      {"\xE2\x80\x8E\xE2\x80\xAE\xE2\x81\xA6\xE2\x81\xA9", "\\u200e\\u202e\\u2066\\u2069"},
      {"\xE2\x80\x93", "\xE2\x80\x93"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tx_bytes bytes = {0};
    tx_bytes_plain(&bytes, cases[i][0]);
    assert_string_equal(bytes.data ? bytes.data : "", cases[i][1]);
    tx_bytes_free(&bytes);
  }
}

/* Encodes every code point and compares with what is accepted. */
static void knows_every_code_point(void **state)
{
  (void)state;
  for (uint32_t code = 0; code < 0x120000; code++) {
    char text[4];
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    size_t wanted = (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF ? 0 : length;
    for (size_t i = 0; i < length; i++) {
      uint32_t part = code >> 6 * (length - 1 - i);
      text[i] = (char)(length == 1 ? part : i ? 0x80 | (part & 0x3F) : (0xF00 >> length & 0xF0) | part);
    }
    assert_int_equal(tx_utf8_length(text, length), wanted);
    if (length > 1) assert_int_equal(tx_utf8_length(text, length - 1), 0);
  }
  assert_int_equal(tx_utf8_length("a", 0), 0);
}

static void numbers_names(void **state)
{
  (void)state;
  enum { COUNT = 50000 };
  tx_names *names;
  const char *first;
  char key[32];
  uint32_t number;
  size_t length;
  assert_int_equal(tx_names_create(&names, NULL), TX_OK);
  assert_int_equal(tx_names_find(names, "x", 1), -1);
  for (uint32_t round = 0; round < 2; round++)
    for (uint32_t i = 0; i < COUNT; i++) {
      int size = snprintf(key, sizeof key, "name %u", i * 7919u);
      assert_int_equal(tx_names_add(names, key, (size_t)size, &number, NULL), TX_OK);
      assert_int_equal(number, i);
    }
  first = tx_names_key(names, 0, NULL);
  assert_int_equal(tx_names_count(names), COUNT);
  for (uint32_t i = 0; i < COUNT; i++) {
    int size = snprintf(key, sizeof key, "name %u", i * 7919u);
    assert_int_equal(tx_names_find(names, key, (size_t)size), i);
    assert_string_equal(tx_names_key(names, i, &length), key);
    assert_int_equal(length, size);
  }
  assert_int_equal(tx_names_find(names, "name ", 5), -1);
  assert_ptr_equal(tx_names_key(names, 0, NULL), first);
  assert_null(tx_names_key(names, COUNT, NULL));
  tx_names_free(names);
  tx_names_free(NULL);
}

/* Keys are bytes: empty, with NUL, longer than a chunk; none moves when others come. */
static void takes_any_key(void **state)
{
  (void)state;
  tx_names *names;
  uint32_t number;
  size_t length;
  const char *small;
  char *large = malloc(200000);
  assert_non_null(large);
  memset(large, 'L', 200000);
  assert_int_equal(tx_names_create(&names, NULL), TX_OK);
  assert_int_equal(tx_names_add(names, "", 0, &number, NULL), TX_OK);
  assert_int_equal(tx_names_add(names, NULL, 0, &number, NULL), TX_OK);
  assert_int_equal(number, 0);
  assert_int_equal(tx_names_add(names, "a\0b", 3, &number, NULL), TX_OK);
  assert_int_equal(number, 1);
  assert_int_equal(tx_names_find(names, "a\0c", 3), -1);
  assert_int_equal(tx_names_find(names, "a", 1), -1);
  small = tx_names_key(names, 1, NULL);
  for (size_t size = 16000; size <= 200000; size += 4600)
    assert_int_equal(tx_names_add(names, large, size, &number, NULL), TX_OK);
  for (uint32_t i = 2; i < tx_names_count(names); i++) {
    assert_memory_equal(tx_names_key(names, i, &length), large, 16000 + 4600 * (size_t)(i - 2));
    assert_int_equal(length, 16000 + 4600 * (size_t)(i - 2));
    assert_int_equal(tx_names_key(names, i, NULL)[length], '\0');
  }
  assert_ptr_equal(tx_names_key(names, 1, NULL), small);
  assert_memory_equal(small, "a\0b", 4);
  tx_names_free(names);
  free(large);
}

static void words_errors(void **state)
{
  (void)state;
  tx_error error = {0};
  char long_name[3000];
  assert_int_equal(tx_fail(NULL, TX_ERROR_IO, "x"), TX_ERROR_IO);
  assert_int_equal(tx_fail_at(&error, TX_ERROR_DATA, "f.fasta", 12, 3, "bad %s\n\x1B[1m", "thing"),
                   TX_ERROR_DATA);
  /* one line, and no escape codes */
  assert_string_equal(error.message, "f.fasta:12: record 3: bad thing??[1m");
  assert_int_equal(error.line, 12);
  assert_int_equal(error.record, 3);
  tx_fail_at(&error, TX_ERROR_DATA, "f.fasta", 0, 0, "bad");
  assert_string_equal(error.message, "f.fasta: bad");
  tx_fail_at(&error, TX_ERROR_DATA, NULL, 7, 0, "bad");
  assert_string_equal(error.message, "input:7: bad");
  memset(long_name, 'f', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  tx_fail_at(&error, TX_ERROR_DATA, long_name, 12, 3, "the reason");
  assert_non_null(strstr(error.message, "the reason")); /* a long path does not push it out */
  tx_fail(&error, TX_ERROR_DATA, "%s", long_name);
  assert_int_equal(strlen(error.message), TX_MESSAGE_SIZE - 1);
  assert_int_equal(tx_fail_memory(&error, "a test"), TX_ERROR_MEMORY);
  assert_string_equal(error.message, "out of memory for a test");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(checks_overflow), cmocka_unit_test(aligns_blocks),
      cmocka_unit_test(grows_arrays),    cmocka_unit_test(copies_text),
      cmocka_unit_test(builds_text),     cmocka_unit_test(quotes_json),
      cmocka_unit_test(shows_text_plainly),
      cmocka_unit_test(numbers_names),   cmocka_unit_test(knows_every_code_point),
      cmocka_unit_test(takes_any_key),   cmocka_unit_test(words_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
