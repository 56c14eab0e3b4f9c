/* The user's own names for "no label": names, patterns, letter case. */
#include "labelled/missing_names.h"

#include "unit/input_files.h"

static void test_names_and_patterns(void **state)
{
  static const char *const missing[] = {"to be done", "TO BE DONE", "x",      "abc",       "aXXbYYc",
                                        "abbc",       "Genus 1",    "genus ", "end of it", "\xC3\xA4"};
  static const char *const labels[] = {"to be", "to be done ", "xx",     "ab", "acb",
                                       "genus", "bc",          "end of", "",   "\xC3\x84"};
  static const char text[] = "TO be done\r\n  x\n# comment\n\na*b*c\nGenus *\n*of it\n\xC3\xA4";
  input_files files;
  tx_missing_names names = {0};
  tx_error error;
  (void)state;
  input_files_create(&files);
  assert_int_equal(tx_missing_names_read(input_files_text(&files, "n.txt", text), NULL, &names, &error),
                   TX_OK);
  assert_int_equal(names.count, 6);
  assert_int_equal(names.name_count, 3);
  for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
    if (!tx_missing_names_match(&names, missing[i])) fail_msg("'%s'", missing[i]);
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
    if (tx_missing_names_match(&names, labels[i])) fail_msg("'%s'", labels[i]);
  tx_missing_names_free(&names);
  input_files_remove(&files);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names_and_patterns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
