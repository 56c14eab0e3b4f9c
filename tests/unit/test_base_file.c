/* base/file: outputs that appear whole or not at all, small files, checksums. */
#include "base/file.h"
#include "base/gzip.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "unit/base_files.h"

static int set_up(void **state)
{
  (void)state;
  alarm(120);
  umask(022);
  scratch_create(&place);
  return 0;
}

static tx_output *open_output(const char *path)
{
  tx_error error = {0};
  tx_output *output = NULL;
  if (tx_output_open(path, NULL, &output, &error)) fail_msg("%s", error.message);
  return output;
}

static mode_t mode_of(const char *path)
{
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  return status.st_mode & 07777;
}

static void appears_whole(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_output *output = open_output(place.path);
  assert_true(tx_output_seekable(output));
  assert_int_equal(tx_output_write(output, "hello ", 6, &error), TX_OK);
  assert_int_equal(tx_output_write(output, "world", 5, &error), TX_OK);
  assert_int_equal(tx_output_flush(output, &error), TX_OK);
  assert_int_not_equal(access(place.path, F_OK), 0); /* not before the commit */
  assert_int_equal(tx_output_commit(output, &error), TX_OK);
  assert_content(place.path, "hello world", 11);
  assert_int_equal(count_files(&place), 1);
  assert_int_equal(mode_of(place.path), 0644);
}

static void replaces_and_keeps_rights(void **state)
{
  (void)state;
  tx_output *output;
  write_whole(place.path, "old content", 11);
  assert_int_equal(chmod(place.path, 0660), 0);
  output = open_output(place.path);
  assert_int_equal(tx_output_write(output, "new", 3, NULL), TX_OK);
  assert_content(place.path, "old content", 11);
  assert_int_equal(tx_output_commit(output, NULL), TX_OK);
  assert_content(place.path, "new", 3);
  assert_int_equal(mode_of(place.path), 0660);
}

static void abort_keeps_the_old_file(void **state)
{
  (void)state;
  tx_output *output;
  write_whole(place.path, "old", 3);
  output = open_output(place.path);
  assert_int_equal(tx_output_write(output, "new", 3, NULL), TX_OK);
  tx_output_abort(output);
  tx_output_abort(NULL);
  assert_content(place.path, "old", 3);
  assert_int_equal(count_files(&place), 1);
}

static void a_killed_run_keeps_the_old_file(void **state)
{
  (void)state;
  int result;
  pid_t child;
  write_whole(place.path, "old", 3);
  child = fork();
  assert_true(child >= 0);
  if (!child) {
    tx_output *output;
    if (!tx_output_open(place.path, NULL, &output, NULL) && !tx_output_write(output, "new", 3, NULL) &&
        !tx_output_flush(output, NULL))
      raise(SIGKILL);
    _exit(1);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_true(WIFSIGNALED(result));
  assert_content(place.path, "old", 3);
}

/* Sizes around the buffer's, and patches at both ends. */
static void writes_any_size_and_patches(void **state)
{
  (void)state;
  const size_t sizes[] = {1, 262143, 262144, 262145, 5, 700000, 0, 17};
  const size_t total = 3 * 262144 + 700000 + 23;
  unsigned char *wanted = malloc(total);
  tx_output *output = open_output(place.path);
  size_t at = 0;
  assert_non_null(wanted);
  for (size_t i = 0; i < total; i++) wanted[i] = (unsigned char)(i * 2654435761u >> 13);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    assert_int_equal(tx_output_write(output, wanted + at, sizes[i], NULL), TX_OK);
    at += sizes[i];
  }
  assert_int_equal(at, total);
  memcpy(wanted, "head", 4);
  memcpy(wanted + total - 4, "tail", 4);
  assert_int_equal(tx_output_patch(output, 0, "head", 4, NULL), TX_OK);
  assert_int_equal(tx_output_patch(output, total - 4, "tail", 4, NULL), TX_OK);
  assert_int_equal(tx_output_patch(output, total - 3, "tail", 4, NULL), TX_ERROR_IO);
  assert_int_equal(tx_output_patch(output, UINT64_MAX, "tail", 4, NULL), TX_ERROR_IO);
  assert_int_equal(tx_output_write(output, "after", 5, NULL), TX_OK); /* patches do not move the end */
  assert_int_equal(tx_output_commit(output, NULL), TX_OK);
  wanted = realloc(wanted, total + 5);
  assert_non_null(wanted);
  memcpy(wanted + total, "after", 5);
  assert_content(place.path, wanted, total + 5);
  free(wanted);
}

static void follows_links(void **state)
{
  (void)state;
  struct stat status;
  const char *links[] = {"link", "chain", "dangling", "absolute"};
  write_whole(in_folder(&place, "target"), "old", 3);
  assert_int_equal(symlink("target", in_folder(&place, "link")), 0);
  assert_int_equal(symlink("./link", in_folder(&place, "chain")), 0);
  assert_int_equal(symlink("new_target", in_folder(&place, "dangling")), 0);
  assert_int_equal(symlink(in_folder(&place, "target"), in_folder(&place, "absolute")), 0);
  for (size_t i = 0; i < 4; i++) {
    tx_output *output = open_output(in_folder(&place, links[i]));
    assert_int_equal(tx_output_write(output, links[i], strlen(links[i]), NULL), TX_OK);
    assert_int_equal(tx_output_commit(output, NULL), TX_OK);
    assert_int_equal(lstat(in_folder(&place, links[i]), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content(in_folder(&place, i == 2 ? "new_target" : "target"), links[i], strlen(links[i]));
  }
  assert_int_equal(count_files(&place), 6);
  assert_int_equal(symlink("loop", in_folder(&place, "loop")), 0);
  tx_output *output;
  assert_int_equal(tx_output_open(in_folder(&place, "loop"), NULL, &output, NULL), TX_ERROR_IO);
}

static void writes_beside_the_working_folder(void **state)
{
  (void)state;
  char before[4096];
  tx_output *output;
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(place.folder), 0);
  output = open_output("plain_name");
  assert_int_equal(tx_output_write(output, "x", 1, NULL), TX_OK);
  assert_int_equal(tx_output_commit(output, NULL), TX_OK);
  assert_int_equal(chdir(before), 0);
  assert_content(in_folder(&place, "plain_name"), "x", 1);
}

static void takes_the_longest_name_and_two_at_once(void **state)
{
  (void)state;
  char name[256];
  tx_output *first;
  tx_output *second;
  memset(name, 'n', 255);
  name[255] = '\0';
  first = open_output(in_folder(&place, name));
  second = open_output(in_folder(&place, name));
  assert_int_equal(tx_output_write(first, "1", 1, NULL), TX_OK);
  assert_int_equal(tx_output_write(second, "22", 2, NULL), TX_OK);
  assert_int_equal(tx_output_commit(second, NULL), TX_OK);
  assert_int_equal(tx_output_commit(first, NULL), TX_OK);
  assert_content(in_folder(&place, name), "1", 1);
  assert_int_equal(count_files(&place), 1);
}

static void assert_open_fails(const char *path, const char *reason)
{
  tx_error error = {0};
  tx_output *output = NULL;
  assert_int_equal(tx_output_open(path, NULL, &output, &error), TX_ERROR_IO);
  assert_null(output);
  assert_non_null(strstr(error.message, path));
  assert_non_null(strstr(error.message, reason));
}

static void refuses_what_cannot_be_written(void **state)
{
  (void)state;
  assert_open_fails(place.folder, "Is a directory");
  assert_open_fails(in_folder(&place, "folder/"), "Is a directory");
  assert_open_fails(in_folder(&place, "missing/file"), "No such file");
  if (geteuid()) {
    write_whole(place.path, "old", 3);
    assert_int_equal(chmod(place.path, 0444), 0);
    assert_open_fails(place.path, "Permission denied");
    assert_int_equal(chmod(place.folder, 0555), 0);
    assert_open_fails(in_folder(&place, "new"), "Permission denied");
    assert_int_equal(chmod(place.folder, 0755), 0);
  }
}

static void reports_a_full_disk(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_output *output;
  char block[4096] = {0};
  if (access("/dev/full", W_OK)) skip();
  output = open_output("/dev/full");
  assert_false(tx_output_seekable(output));
  assert_int_equal(tx_output_patch(output, 0, "x", 1, &error), TX_ERROR_IO);
  assert_int_equal(tx_output_write(output, block, sizeof block, &error), TX_OK); /* still in the buffer */
  assert_int_equal(tx_output_flush(output, &error), TX_ERROR_IO);
  assert_string_equal(error.message, "/dev/full: cannot write: No space left on device");
  assert_int_equal(tx_output_write(output, block, 1, NULL), TX_ERROR_IO); /* and it stays so */
  assert_int_equal(tx_output_commit(output, &error), TX_ERROR_IO);
  output = open_output("/dev/full");
  assert_int_equal(tx_output_write(output, block, 1, &error), TX_OK);
  assert_int_equal(tx_output_commit(output, &error), TX_ERROR_IO);
}

/* A file system that refuses bytes in the middle of a file: the old file stays, the half-written one goes. */
static void a_failed_write_keeps_the_old_file(void **state)
{
  (void)state;
  int result;
  pid_t child;
  write_whole(place.path, "old", 3);
  child = fork();
  assert_true(child >= 0);
  if (!child) {
    const struct rlimit limit = {.rlim_cur = 10000, .rlim_max = 10000};
    char block[4096] = {0};
    tx_output *output;
    tx_error error = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) || tx_output_open(place.path, NULL, &output, &error)) _exit(1);
    for (int i = 0; i < 10; i++)
      if (tx_output_write(output, block, sizeof block, &error)) _exit(2);
    if (tx_output_commit(output, &error) != TX_ERROR_IO) _exit(3);
    _exit(strstr(error.message, "File too large") ? 0 : 4);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_true(WIFEXITED(result));
  assert_int_equal(WEXITSTATUS(result), 0);
  assert_content(place.path, "old", 3);
  assert_int_equal(count_files(&place), 1);
}

/* Runs with our standard output replaced; restores it before any assertion can print. */
static tx_status write_standard_output(const char *path, int descriptor, tx_error *error)
{
  int old = dup(STDOUT_FILENO);
  tx_output *output = NULL;
  tx_status status;
  fflush(stdout);
  dup2(descriptor, STDOUT_FILENO);
  status = tx_output_open(path, NULL, &output, error);
  if (!status) {
    status = tx_output_write(output, "row\n", 4, error);
    if (status)
      tx_output_abort(output);
    else
      status = tx_output_commit(output, error);
  }
  if (fcntl(STDOUT_FILENO, F_GETFD) < 0) status = TX_ERROR_USAGE; /* it must stay open */
  dup2(old, STDOUT_FILENO);
  close(old);
  return status;
}

static void writes_standard_output(void **state)
{
  (void)state;
  const char *const names[] = {"-", "", "/dev/stdout"};
  for (int i = 0; i < 3; i++) {
    int file = open(place.path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, "head\n", 5), 5); /* bytes written before must not go */
    assert_int_equal(write_standard_output(names[i], file, NULL), TX_OK);
    close(file);
    assert_content(place.path, "head\nrow\n", 9);
  }
}

static void tells_a_closed_pipe_from_an_error(void **state)
{
  (void)state;
  int ends[2];
  tx_error error = {0};
  void (*before)(int) = signal(SIGPIPE, SIG_IGN);
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  assert_int_equal(write_standard_output("-", ends[1], &error), TX_ERROR_PIPE);
  assert_non_null(strstr(error.message, "standard output"));
  close(ends[1]);
  signal(SIGPIPE, before);
}

static void writes_named_pipes_directly(void **state)
{
  (void)state;
  struct stat status;
  char data[16];
  int reader;
  tx_output *output;
  const char *path = in_folder(&place, "pipe");
  assert_int_equal(mkfifo(path, 0600), 0);
  reader = open(path, O_RDONLY | O_NONBLOCK);
  assert_true(reader >= 0);
  output = open_output(path);
  assert_int_equal(tx_output_write(output, "through", 7, NULL), TX_OK);
  assert_int_equal(tx_output_commit(output, NULL), TX_OK);
  assert_int_equal(read(reader, data, sizeof data), 7);
  assert_memory_equal(data, "through", 7);
  close(reader);
  assert_int_equal(lstat(path, &status), 0);
  assert_true(S_ISFIFO(status.st_mode));
}

static void reads_small_files(void **state)
{
  (void)state;
  tx_error error = {0};
  char *text;
  size_t length;
  write_whole(place.path, "a\0b", 3);
  assert_int_equal(tx_read_file(place.path, 3, NULL, &text, &length, &error), TX_OK);
  assert_int_equal(length, 3);
  assert_memory_equal(text, "a\0b", 4);
  free(text);
  assert_int_equal(tx_read_file(place.path, 2, NULL, &text, &length, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "larger than 2 bytes"));
  assert_null(text);
  write_whole(place.path, "", 0);
  assert_int_equal(tx_read_file(place.path, 0, NULL, &text, &length, &error), TX_OK);
  assert_string_equal(text, "");
  free(text);
  assert_int_equal(tx_read_file(place.folder, 10, NULL, &text, &length, &error), TX_ERROR_IO);
  assert_int_equal(tx_read_file(in_folder(&place, "missing"), 10, NULL, &text, &length, &error), TX_ERROR_IO);
  if (!access("/dev/zero", R_OK))
    assert_int_equal(tx_read_file("/dev/zero", 1000, NULL, &text, &length, &error), TX_ERROR_DATA);
}

static void checksums(void **state)
{
  (void)state;
  const unsigned char data[] = "123456789";
  assert_int_equal(tx_crc32(0, data, 9), 0xCBF43926u); /* the check value of CRC-32 */
  assert_int_equal(tx_crc32(tx_crc32(0, data, 4), data + 4, 5), 0xCBF43926u);
  assert_int_equal(tx_crc32(0, NULL, 0), 0);
  assert_int_equal(tx_crc32(77, NULL, 0), 77);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(appears_whole, set_up, tear_down),
      cmocka_unit_test_setup_teardown(replaces_and_keeps_rights, set_up, tear_down),
      cmocka_unit_test_setup_teardown(abort_keeps_the_old_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_killed_run_keeps_the_old_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_any_size_and_patches, set_up, tear_down),
      cmocka_unit_test_setup_teardown(follows_links, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_beside_the_working_folder, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_the_longest_name_and_two_at_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_cannot_be_written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reports_a_full_disk, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_failed_write_keeps_the_old_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_standard_output, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_a_closed_pipe_from_an_error, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_named_pipes_directly, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_small_files, set_up, tear_down),
      cmocka_unit_test(checksums),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
