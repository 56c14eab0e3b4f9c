/* base/file: outputs that belong together, and a folder that cannot be written. */
#include "base/file.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "unit/base_files.h"

static char paths[3][1024];

static int set_up(void **state)
{
  (void)state;
  alarm(60);
  umask(022);
  scratch_create(&place);
  for (int i = 0; i < 3; i++) {
    char name[8];
    snprintf(name, sizeof name, "file%d", i);
    snprintf(paths[i], sizeof paths[i], "%s", in_folder(&place, name));
    write_whole(paths[i], "old", 3);
  }
  return 0;
}

static bool open_three(tx_output **outputs, size_t size, tx_error *error)
{
  static const char block[4096];
  for (int i = 0; i < 3; i++)
    if (tx_output_open(paths[i], NULL, &outputs[i], error) || tx_output_write(outputs[i], "new", 3, error))
      return false;
  for (size_t done = 0; done < size; done += sizeof block)
    if (tx_output_write(outputs[1], block, sizeof block, error)) return false;
  return true;
}

static void assert_all(const char *text)
{
  for (int i = 0; i < 3; i++) assert_content(paths[i], text, strlen(text));
  assert_int_equal(count_files(&place), 3);
}

static void all_are_new(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_output *outputs[3] = {NULL};
  assert_true(open_three(outputs, 0, &error));
  for (int i = 0; i < 3; i++) assert_content(paths[i], "old", 3);
  assert_int_equal(tx_outputs_commit(outputs, 3, &error), TX_OK);
  for (int i = 0; i < 3; i++) assert_null(outputs[i]);
  assert_all("new");
}

/* The disk is full at the second: at the flush of the commit, which comes before any name changes. */
static void a_full_disk_keeps_all_old(void **state)
{
  (void)state;
  int result;
  const pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    const struct rlimit limit = {.rlim_cur = 10000, .rlim_max = 10000};
    tx_output *outputs[3] = {NULL};
    tx_error error = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) || !open_three(outputs, 20000, &error)) _exit(1);
    if (tx_outputs_commit(outputs, 3, &error) != TX_ERROR_IO || !strstr(error.message, paths[1])) _exit(2);
    _exit(0);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_true(WIFEXITED(result));
  assert_int_equal(WEXITSTATUS(result), 0);
  assert_all("old");
}

/* One that goes to a full device: the others keep their names too. */
static void a_direct_output_comes_first(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_output *outputs[3] = {NULL};
  if (access("/dev/full", W_OK)) skip();
  assert_true(open_three(outputs, 0, &error));
  tx_output_abort(outputs[2]);
  assert_int_equal(tx_output_open("/dev/full", NULL, &outputs[2], &error), TX_OK);
  assert_int_equal(tx_output_write(outputs[2], "new", 3, &error), TX_OK);
  assert_int_equal(tx_outputs_commit(outputs, 3, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "/dev/full"));
  assert_all("old");
}

/* A folder where the third is to be, and a temporary that somebody removed, are seen before the first
 rename. */
static void obstacles_are_seen_before(void **state)
{
  (void)state;
  for (int kind = 0; kind < 2; kind++) {
    tx_error error = {0};
    tx_output *outputs[3] = {NULL};
    assert_true(open_three(outputs, 0, &error));
    if (kind == 0) {
      assert_int_equal(unlink(paths[2]), 0);
      assert_int_equal(mkdir(paths[2], 0700), 0);
    } else {
      char command[1200];
      snprintf(command, sizeof command, "rm %s/.file2.tmp.*", place.folder);
      assert_int_equal(system(command), 0);
    }
    assert_int_equal(tx_outputs_commit(outputs, 3, &error), TX_ERROR_IO);
    assert_non_null(strstr(error.message, paths[2]));
    if (kind == 0) {
      assert_int_equal(rmdir(paths[2]), 0);
      write_whole(paths[2], "old", 3);
    }
    assert_all("old");
  }
}

/* A file that may be written, in a folder that may not: the message names the folder. Needs a user without
   all rights. */
static void names_a_folder_that_cannot_be_written(void **state)
{
  (void)state;
  int result;
  pid_t child;
  assert_int_equal(chmod(paths[0], 0666), 0);
  assert_int_equal(chmod(place.folder, 0555), 0);
  child = fork();
  assert_true(child >= 0);
  if (!child) {
    tx_output *output = NULL;
    tx_error error = {0};
    char folder[400];
    snprintf(folder, sizeof folder, "the folder '%s'", place.folder);
    if (geteuid() == 0 && setuid(65534) != 0) _exit(77);
    if (access(paths[0], W_OK)) _exit(77);
    if (tx_output_open(paths[0], NULL, &output, &error) != TX_ERROR_IO) _exit(1);
    _exit(strstr(error.message, folder) && strstr(error.message, "Permission denied") ? 0 : 2);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_int_equal(chmod(place.folder, 0755), 0);
  assert_true(WIFEXITED(result));
  if (WEXITSTATUS(result) == 77) skip();
  assert_int_equal(WEXITSTATUS(result), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(all_are_new, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_full_disk_keeps_all_old, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_direct_output_comes_first, set_up, tear_down),
      cmocka_unit_test_setup_teardown(obstacles_are_seen_before, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_a_folder_that_cannot_be_written, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
