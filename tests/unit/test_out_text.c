/* out/text: fields of tab-separated text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "out/text.h"

static void fields_are_valid(void **state)
{
  static const struct {
    const char *text, *field;
  } cases[] = {
      {"", ""},
      {"Apis mellifera", "Apis mellifera"},
      {"a\tb\r\nc", "a b  c"},
      {"\xc3\x97 Aus \xe2\x82\xac", "\xc3\x97 Aus \xe2\x82\xac"},
      {"Aus \xd7 bus\xc3", "Aus \xef\xbf\xbd bus\xef\xbf\xbd"},
      {"\xe9\t\xff", "\xef\xbf\xbd \xef\xbf\xbd"},
  };
  tx_bytes out = {0};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tx_bytes_clear(&out);
    tx_bytes_text(&out, "");
    tx_text_field(&out, cases[i].text, strlen(cases[i].text));
    assert_string_equal(out.data, cases[i].field);
  }
  tx_bytes_free(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(fields_are_valid)};
  return cmocka_run_group_tests_name("out/text", tests, NULL, NULL);
}
