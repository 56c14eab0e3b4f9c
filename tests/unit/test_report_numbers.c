/* Reports: ticks, numbers as text, intervals, escaping, tables of numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/figures.h"
#include "report/markup.h"
#include "report/numbers.h"
#include "report/scale.h"
#include "report/tally.h"

static void check_ticks(tx_scale scale, size_t most, const double *want, size_t count)
{
  double ticks[TX_TICKS_MAX];
  assert_int_equal(tx_scale_ticks(&scale, most, ticks), count);
  for (size_t i = 0; i < count; i++) assert_true(fabs(ticks[i] - want[i]) <= 1e-12 * fabs(want[i]) + 1e-15);
}

static void test_ticks(void **state)
{
  (void)state;
  check_ticks((tx_scale){.low = 0, .high = 1}, 6, (const double[]){0, 0.2, 0.4, 0.6, 0.8, 1}, 6);
  check_ticks((tx_scale){.low = 0.9, .high = 1}, 6, (const double[]){0.9, 0.92, 0.94, 0.96, 0.98, 1}, 6);
  check_ticks((tx_scale){.low = -3, .high = 7}, 6, (const double[]){-2, 0, 2, 4, 6}, 5);
  check_ticks((tx_scale){.low = 170, .high = 182}, 7, (const double[]){170, 172, 174, 176, 178, 180, 182}, 7);
  check_ticks((tx_scale){.low = 5, .high = 5}, 6, (const double[]){5}, 1);
  check_ticks((tx_scale){.low = NAN, .high = 1}, 6, NULL, 0);
  check_ticks((tx_scale){.low = 1, .high = 1000, .log = true}, 12,
              (const double[]){1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}, 10);
}

static void test_scale(void **state)
{
  tx_scale scale = {.low = 0, .high = 10, .from = 100, .to = 0};
  (void)state;
  assert_true(tx_scale_at(&scale, 2.5) == 75);
  assert_true(tx_scale_at(&scale, -1) == 100 && tx_scale_at(&scale, 11) == 0);
  assert_true(tx_scale_at(&scale, NAN) == 50);
  scale = (tx_scale){.low = 1, .high = 100, .from = 0, .to = 2, .log = true};
  assert_true(fabs(tx_scale_at(&scale, 10) - 1) <= 1e-12);
  scale = (tx_scale){.low = 0.13, .high = 0.87};
  tx_scale_widen(&scale, 6);
  assert_true(fabs(scale.low) <= 1e-12 && fabs(scale.high - 1) <= 1e-12);
}

static void check_number(double value, int decimals, const char *want)
{
  char text[64];
  tx_number_text(value, decimals, text, sizeof text);
  assert_string_equal(text, want);
}

static void test_number_text(void **state)
{
  char text[64];
  (void)state;
  check_number(0.98765, 3, "0.988");
  check_number(1234, 0, "1234");
  check_number(12345, 0,
               "12\xe2\x80\xaf"
               "345");
  check_number(-1234567.5, 1,
               "-1\xe2\x80\xaf"
               "234\xe2\x80\xaf"
               "567.5");
  check_number(-123456, 0,
               "-123\xe2\x80\xaf"
               "456");
  check_number(NAN, 2, "-");
  check_number(INFINITY, 2, "-");
  tx_tick_text(0.15, text, sizeof text);
  assert_string_equal(text, "0.15");
  tx_tick_text(20000, text, sizeof text);
  assert_string_equal(text, "20\xe2\x80\xaf"
                            "000");
  tx_tick_text(5e7, text, sizeof text);
  assert_string_equal(text, "5e+07");
}

/* The interval of 8 of 10 is 0.4902 to 0.9433 (Wilson's formula by hand). */
static void test_wilson(void **state)
{
  double low, high;
  (void)state;
  tx_wilson(8, 10, &low, &high);
  assert_true(fabs(low - 0.490162471) <= 1e-8 && fabs(high - 0.943317848) <= 1e-8);
  tx_wilson(10, 10, &low, &high);
  assert_true(fabs(low - 0.722467200) <= 1e-8 && fabs(high - 1) <= 1e-12);
  tx_wilson(0, 0, &low, &high);
  assert_true(isnan(low) && isnan(high));
}

static void test_escaping(void **state)
{
  tx_bytes out = {0};
  (void)state;
  tx_markup_text(&out, "<b a='1' b=\"2\">&amp;");
  assert_string_equal(out.data, "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;amp;");
  tx_bytes_clear(&out);
  /* control characters, a character that turns the direction, bytes that are no UTF-8; letters stay */
  tx_markup_text(&out, "a\x01\xe2\x80\xae\xff\xc3\xa9");
  assert_string_equal(out.data, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9");
  tx_bytes_clear(&out);
  tx_markup_short(&out, "<<<<<<", 4);
  assert_string_equal(out.data, "&lt;&lt;&lt;\xe2\x80\xa6");
  tx_bytes_clear(&out);
  tx_markup_short(&out, "\xc3\xa9\xc3\xa9\xc3\xa9", 3);
  assert_string_equal(out.data, "\xc3\xa9\xc3\xa9\xc3\xa9");
  tx_bytes_clear(&out);
  tx_markup(&out, "<i x=\"%s\" y=\"%c %c %c\">%d %u %%%m</i>", "\"><script>", 1.25, -0.04, NAN, -3, (size_t)7,
            "<b/>");
  assert_string_equal(out.data, "<i x=\"&quot;&gt;&lt;script&gt;\" y=\"1.3 0 0\">-3 7 %<b/></i>");
  tx_bytes_free(&out);
}

static const tx_column columns[] = {{"na_me", -1}, {"value", 2}};

static void test_numbers(void **state)
{
  tx_numbers numbers;
  tx_bytes out = {0};
  (void)state;
  assert_int_equal(tx_numbers_begin(&numbers, columns, 2, NULL), TX_OK);
  tx_numbers_text(&numbers, "a\tb\"");
  tx_numbers_put(&numbers, 1.0 / 3);
  tx_numbers_text(&numbers, "<c>");
  tx_numbers_put(&numbers, -INFINITY);
  assert_int_equal(tx_numbers_rows(&numbers), 2);
  assert_false(numbers.failed);
  tx_numbers_tsv(&numbers, &out);
  assert_string_equal(out.data, "na_me\tvalue\na b\"\t0.3333333333\n<c>\t\n");
  tx_bytes_clear(&out);
  tx_numbers_json(&numbers, &out);
  assert_string_equal(out.data,
                      "\"columns\":[\"na_me\",\"value\"],\"rows\":[\n[\"a\\tb\\\"\",0.3333333333],\n"
                      "[\"<c>\",null]]");
  tx_bytes_clear(&out);
  tx_numbers_html(&numbers, "x", 1, &out);
  assert_non_null(strstr(out.data, "<th scope=\"col\">na me</th><th scope=\"col\" class=\"n\">value</th>"));
  assert_non_null(strstr(out.data, "<td class=\"n\">0.33</td>"));
  assert_non_null(strstr(out.data, "the first 1 of 2 rows"));
  assert_null(strstr(out.data, "&lt;c"));
  tx_bytes_free(&out);
  tx_numbers_free(&numbers);
}

/* Every entry of the table of figures is whole, and its name is its own. */
static void test_figures(void **state)
{
  size_t count;
  const tx_chart *figures = tx_charts(&count);
  (void)state;
  assert_true(count > 15);
  for (size_t i = 0; i < count; i++) {
    assert_non_null(figures[i].needs);
    assert_non_null(figures[i].collect);
    assert_true((figures[i].opt_draw == tx_draw_plot) == (figures[i].opt_plot != NULL));
    for (size_t c = 0; c < figures[i].column_count; c++) assert_non_null(figures[i].columns[c].name);
    for (size_t j = 0; j < i; j++) assert_string_not_equal(figures[i].name, figures[j].name);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ticks),       cmocka_unit_test(test_scale),
                                     cmocka_unit_test(test_number_text), cmocka_unit_test(test_wilson),
                                     cmocka_unit_test(test_escaping),    cmocka_unit_test(test_numbers),
                                     cmocka_unit_test(test_figures)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
