/* base/lines: lines of any length, binary files, damage. */
#include "base/lines.h"

#include <unistd.h>

#include "unit/base_files.h"

static int set_up(void **state)
{
  (void)state;
  alarm(120); /* a read that waits for ever is a failure, too */
  scratch_create(&place);
  return 0;
}

static void assert_line(tx_lines *lines, const char *wanted, size_t wanted_length)
{
  tx_error error = {0};
  const char *line;
  size_t length;
  if (tx_lines_next(lines, &line, &length, &error)) fail_msg("%s", error.message);
  assert_int_equal(length, wanted_length);
  assert_memory_equal(line, wanted, length);
  assert_int_equal(line[length], '\0');
}

static void assert_no_line(tx_lines *lines)
{
  const char *line;
  size_t length;
  assert_int_equal(tx_lines_next(lines, &line, &length, NULL), TX_END);
  assert_int_equal(tx_lines_next(lines, &line, &length, NULL), TX_END);
}

static void splits_lines(void **state)
{
  (void)state;
  tx_lines *lines;
  const char text[] = "one\ntwo\r\n\n\r\na\rb\nlast";
  write_whole(place.path, text, sizeof text - 1);
  assert_int_equal(tx_lines_open(place.path, NULL, &lines, NULL), TX_OK);
  assert_string_equal(tx_lines_name(lines), place.path);
  assert_line(lines, "one", 3);
  assert_line(lines, "two", 3);
  assert_line(lines, "", 0);
  assert_line(lines, "", 0);
  assert_line(lines, "a\rb", 3);
  assert_int_equal(tx_lines_number(lines), 5);
  assert_line(lines, "last", 4);
  assert_int_equal(tx_lines_number(lines), 6);
  assert_no_line(lines);
  assert_int_equal(tx_lines_number(lines), 6);
  tx_lines_close(lines);
  write_whole(place.path, "", 0);
  assert_int_equal(tx_lines_open(place.path, NULL, &lines, NULL), TX_OK);
  assert_no_line(lines);
  tx_lines_close(lines);
}

/* Lines of every length around the buffer's, and one of 10 MB, with both line ends. */
static void takes_lines_of_any_length(void **state)
{
  (void)state;
  const size_t sizes[] = {0, 1, 49151, 49152, 49153, 65534, 65535, 65536, 65537, 131072, 200000, 10000000, 3};
  const size_t count = sizeof sizes / sizeof *sizes;
  FILE *file = fopen(place.path, "wb");
  char *text = malloc(10000000);
  tx_lines *lines;
  assert_non_null(file);
  assert_non_null(text);
  for (size_t i = 0; i < 10000000; i++) text[i] = (char)('a' + i % 23);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(fwrite(text, 1, sizes[i], file), sizes[i]);
    if (i + 1 < count) fputs(i % 2 ? "\r\n" : "\n", file);
  }
  assert_int_equal(fclose(file), 0);
  assert_int_equal(tx_lines_open(place.path, NULL, &lines, NULL), TX_OK);
  for (size_t i = 0; i < count; i++) assert_line(lines, text, sizes[i]);
  assert_no_line(lines);
  tx_lines_close(lines);
  free(text);
}

static void refuses_binary_lines(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_lines *lines;
  const char *line;
  size_t length;
  write_whole(place.path, "good\nba\0d\nmore\n", 15);
  assert_int_equal(tx_lines_open(place.path, NULL, &lines, NULL), TX_OK);
  assert_line(lines, "good", 4);
  assert_int_equal(tx_lines_next(lines, &line, &length, &error), TX_ERROR_DATA);
  assert_int_equal(error.line, 2);
  assert_non_null(strstr(error.message, ":2:"));
  tx_lines_close(lines);
}

static void reports_damage_through_lines(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_lines *lines;
  const char *line;
  size_t length;
  tx_status status;
  char *text = make_text(400000);
  size_t size;
  unsigned char *data = make_gzip(text, 400000, &size);
  write_whole(place.path, data, size / 2);
  assert_int_equal(tx_lines_open(place.path, NULL, &lines, NULL), TX_OK);
  do {
    status = tx_lines_next(lines, &line, &length, &error);
  } while (!status);
  assert_int_equal(status, TX_ERROR_DATA);
  assert_int_equal(tx_lines_next(lines, &line, &length, &error), TX_ERROR_DATA);
  tx_lines_close(lines);
  free(data);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(splits_lines, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_lines_of_any_length, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_binary_lines, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reports_damage_through_lines, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
