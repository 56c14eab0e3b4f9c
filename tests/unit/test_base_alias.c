/* base/alias: what is one file by whatever name, and what is none. */
#include <taxamba/paths.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "unit/base_files.h"

static int set_up(void **state)
{
  (void)state;
  scratch_create(&place);
  assert_int_equal(mkdir(in_folder(&place, "folder"), 0700), 0);
  write_whole(in_folder(&place, "file"), "x", 1);
  write_whole(in_folder(&place, "another"), "x", 1);
  assert_int_equal(link(in_folder(&place, "file"), in_folder(&place, "hard")), 0);
  assert_int_equal(symlink("file", in_folder(&place, "soft")), 0);
  assert_int_equal(symlink("new", in_folder(&place, "dangling")), 0);
  assert_int_equal(symlink(".", in_folder(&place, "here")), 0);
  assert_int_equal(symlink("loop", in_folder(&place, "loop")), 0);
  assert_int_equal(mkfifo(in_folder(&place, "pipe"), 0600), 0);
  return 0;
}

static tx_status check(const char *output, const char *input, bool second_is_output, tx_error *error)
{
  char paths[2][600];
  tx_path_use uses[2] = {{.what = "--output", .path = paths[0], .output = true},
                         {.what = "the input", .path = paths[1]}};
  snprintf(paths[0], sizeof paths[0], "%s%s%s", *output == '/' ? "" : place.folder, *output == '/' ? "" : "/",
           output);
  snprintf(paths[1], sizeof paths[1], "%s%s%s", *input == '/' ? "" : place.folder, *input == '/' ? "" : "/",
           input);
  uses[1].output = second_is_output;
  return tx_paths_check(uses, 2, error);
}

static void one_file_by_many_names(void **state)
{
  (void)state;
  static const char *const names[] = {"file", "./file",    "folder/../file", "hard",
                                      "soft", "here/file", "here/soft"};
  static const char *const new_names[] = {"new", "./new", "here/new", "dangling", "folder/../new"};
  tx_error error = {0};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    for (size_t j = 0; j < sizeof names / sizeof *names; j++)
      for (int written = 0; written < 2; written++) {
        assert_int_equal(check(names[i], names[j], written != 0, &error), TX_ERROR_USAGE);
        assert_non_null(strstr(error.message, names[i]));
        assert_non_null(strstr(error.message, names[j]));
      }
  for (size_t i = 0; i < sizeof new_names / sizeof *new_names; i++)
    for (size_t j = 0; j < sizeof new_names / sizeof *new_names; j++)
      assert_int_equal(check(new_names[i], new_names[j], true, &error), TX_ERROR_USAGE);
}

static void others_are_none(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
      {"file", "another"},  {"new", "newer"},           {"new", "folder/new"},
      {"file", "new"},      {"pipe", "pipe"},           {"loop", "loop"},
      {"folder", "folder"}, {"/dev/null", "/dev/null"}, {"no/such", "no/such"}};
  tx_error error = {0};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    for (int written = 0; written < 2; written++)
      if (check(pairs[i][0], pairs[i][1], written != 0, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_paths_check(NULL, 0, &error), TX_OK);
}

static void open_files_and_groups(void **state)
{
  (void)state;
  tx_error error = {0};
  const int descriptor = open(in_folder(&place, "hard"), O_RDWR);
  char path[600];
  tx_path_use uses[] = {{.what = "standard output", .descriptor = descriptor, .output = true},
                        {.what = "the input", .path = path},
                        {.what = "--output", .path = path, .output = true}};
  snprintf(path, sizeof path, "%s/file", place.folder);
  assert_true(descriptor >= 0);
  assert_int_equal(tx_paths_check(uses, 2, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "standard output is the same file as the input '"));
  assert_int_equal(tx_paths_check(uses + 1, 2, &error), TX_ERROR_USAGE);
  uses[1].group = 1; /* one of them alone is of the group */
  assert_int_equal(tx_paths_check(uses + 1, 2, &error), TX_ERROR_USAGE);
  uses[2].group = 1;
  assert_int_equal(tx_paths_check(uses + 1, 2, &error), TX_OK);
  assert_int_equal(tx_paths_check(uses, 3, &error), TX_ERROR_USAGE);
  uses[0].output = uses[2].output = false; /* read as often as one likes */
  assert_int_equal(tx_paths_check(uses, 3, &error), TX_OK);
  close(descriptor);
  uses[0].output = true;
  assert_int_equal(tx_paths_check(uses, 1, &error), TX_OK); /* a closed one is no file */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(one_file_by_many_names, set_up, tear_down),
      cmocka_unit_test_setup_teardown(others_are_none, set_up, tear_down),
      cmocka_unit_test_setup_teardown(open_files_and_groups, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
