/* Lines cut into fields, and names with '_' as blanks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fields.h"
#include "base/names.h"

static const struct {
  const char *line;
  char delimiter;
  size_t count;
  const char *fields[4];
} lines[] = {
    {"a\tb c\t", '\t', 3, {"a", "b c", ""}},
    {"", '\t', 1, {""}},
    {" a , b ", ',', 2, {"a", "b"}},
    {"\"a, b\",\"\",c\"d\"", ',', 3, {"a, b", "", "c\"d\""}},
    {"\"a \"\"b\"\"\",c", ',', 2, {"a \"b\"", "c"}},
    {"\"a\"b,c", ',', 1, {"a\"b,c"}}, /* the quote is never closed */
    {"\"a", ',', 1, {"a"}},
    {"\"", ',', 1, {""}},
    {"a   b \"c d\"", ' ', 3, {"a", "b", "c d"}},
};

static void test_lines(void **state)
{
  tx_fields fields = {0};
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    assert_true(tx_fields_cut(&fields, lines[i].line, strlen(lines[i].line), lines[i].delimiter));
    assert_int_equal(fields.count, lines[i].count);
    for (size_t f = 0; f < fields.count; f++) assert_string_equal(fields.items[f], lines[i].fields[f]);
  }
  tx_fields_free(&fields);
  assert_int_equal(fields.count, 0);
}

static void test_spaced(void **state)
{
  tx_names *names = NULL;
  uint32_t a = 9, b = 9, c = 9;
  tx_error error;
  (void)state;
  assert_int_equal(tx_names_create(&names, &error), TX_OK);
  assert_int_equal(tx_names_add_spaced(names, "Apis_mellifera_x", &a, &error), TX_OK);
  assert_int_equal(tx_names_add_spaced(names, "Apis mellifera x", &b, &error), TX_OK);
  assert_int_equal(tx_names_add_spaced(names, "Apis mellifera", &c, &error), TX_OK);
  assert_int_equal(a, 0);
  assert_int_equal(b, 0);
  assert_int_equal(c, 1);
  assert_string_equal(tx_names_key(names, 0, NULL), "Apis mellifera x");
  tx_names_free(names);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_spaced)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
