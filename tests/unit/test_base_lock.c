/* base/lock and base/temporary: who holds an output, and what killed runs leave behind. */
#include "base/lock.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "unit/base_files.h"

static int set_up(void **state)
{
  (void)state;
  alarm(60);
  scratch_create(&place);
  return 0;
}

/* A child that does `work`, then says so and waits to be killed. */
typedef struct child {
  pid_t process;
} child;

static child start(bool (*work)(void))
{
  int pipe_ends[2];
  child made;
  char answer = 0;
  assert_int_equal(pipe(pipe_ends), 0);
  made.process = fork();
  assert_true(made.process >= 0);
  if (!made.process) {
    if (!work() || write(pipe_ends[1], "+", 1) != 1) _exit(1);
    for (;;) pause();
  }
  close(pipe_ends[1]);
  assert_int_equal(read(pipe_ends[0], &answer, 1), 1);
  close(pipe_ends[0]);
  return made;
}

static void end(child made, int number)
{
  int result;
  assert_int_equal(kill(made.process, number), 0);
  assert_int_equal(waitpid(made.process, &result, 0), made.process);
}

static bool hold(void)
{
  tx_lock *lock;
  return tx_lock_take(place.path, &lock, NULL) == TX_OK && lock;
}

static void one_holder_at_a_time(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_lock *lock = NULL;
  char name[40];
  child other = start(hold);
  assert_int_equal(tx_lock_take(place.path, &lock, &error), TX_ERROR_IO);
  assert_null(lock);
  snprintf(name, sizeof name, "process %ld on ", (long)other.process);
  assert_non_null(strstr(error.message, name));
  assert_non_null(strstr(error.message, place.path));
  assert_int_equal(tx_lock_take(in_folder(&place, "another"), &lock, &error), TX_OK);
  tx_lock_release(lock);
  end(other, SIGKILL); /* what it leaves is taken over */
  assert_int_equal(count_files(&place), 1);
  assert_int_equal(tx_lock_take(place.path, &lock, &error), TX_OK);
  assert_non_null(lock);
  tx_lock_release(lock);
  assert_int_equal(count_files(&place), 0);
  tx_lock_release(NULL);
}

/* The lock is that of the file, not of one of its names. */
static void links_have_one_lock(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_lock *lock = NULL;
  child other = start(hold);
  assert_int_equal(symlink("file.safetensors", in_folder(&place, "link")), 0);
  assert_int_equal(tx_lock_take(in_folder(&place, "link"), &lock, &error), TX_ERROR_IO);
  end(other, SIGTERM);
}

static void another_file_is_no_lock(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_lock *lock = NULL;
  write_whole(in_folder(&place, "file.safetensors.lock"), "data\n", 5);
  assert_int_equal(tx_lock_take(place.path, &lock, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "file.safetensors.lock: the name is needed"));
  assert_content(in_folder(&place, "file.safetensors.lock"), "data\n", 5);
  assert_int_equal(tx_lock_take(in_folder(&place, "no/such"), &lock, &error), TX_ERROR_IO);
}

/* Many processes that take and give back: never two at once, and none is lost to a file that was removed
   under it. */
static void hand_over_is_safe(void **state)
{
  (void)state;
  enum { PROCESSES = 4, TURNS = 300 };
  pid_t children[PROCESSES];
  char inside[1024];
  snprintf(inside, sizeof inside, "%s", in_folder(&place, "inside"));
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i]) continue;
    for (int turn = 0; turn < TURNS;) {
      tx_lock *lock = NULL;
      if (tx_lock_take(place.path, &lock, NULL) != TX_OK) continue;
      if (mkdir(inside, 0700) != 0 || rmdir(inside) != 0) _exit(1);
      tx_lock_release(lock);
      turn++;
    }
    _exit(0);
  }
  for (int i = 0; i < PROCESSES; i++) {
    int result;
    assert_int_equal(waitpid(children[i], &result, 0), children[i]);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
  }
  assert_int_equal(count_files(&place), 0);
}

static bool write_half(void)
{
  tx_output *output;
  return tx_output_open(place.path, NULL, &output, NULL) == TX_OK &&
         tx_output_write(output, "half", 4, NULL) == TX_OK && tx_output_flush(output, NULL) == TX_OK;
}

static void write_new(void)
{
  tx_output *output;
  assert_int_equal(tx_output_open(place.path, NULL, &output, NULL), TX_OK);
  assert_int_equal(tx_output_write(output, "new", 3, NULL), TX_OK);
  assert_int_equal(tx_output_commit(output, NULL), TX_OK);
  assert_content(place.path, "new", 3);
}

static void what_killed_runs_leave_goes(void **state)
{
  (void)state;
  child first = start(write_half), second;
  assert_int_equal(count_files(&place), 1);
  write_new(); /* beside a run that lives */
  assert_int_equal(count_files(&place), 2);
  end(first, SIGKILL);
  assert_int_equal(count_files(&place), 2);
  second = start(write_half); /* cleans up for the first, and is left alone */
  assert_int_equal(count_files(&place), 2);
  write_new();
  assert_int_equal(count_files(&place), 2);
  end(second, SIGKILL);
  write_new();
  assert_int_equal(count_files(&place), 1);
}

/* Of a process of the same number as ours that ended before: containers give the same numbers again and
   again. */
static void a_number_comes_again(void **state)
{
  (void)state;
  char name[100];
  snprintf(name, sizeof name, ".file.safetensors.tmp.%ld.0123abcd", (long)getpid());
  write_whole(in_folder(&place, name), "half", 4);
  write_new();
  assert_int_equal(count_files(&place), 1);
}

/* 0.1.0 locked nothing: a temporary of its kind goes when its process is gone. Files of other names are
   nobody's temporaries. */
static void other_names_stay(void **state)
{
  (void)state;
  char living[100];
  const char *names[] = {".file.safetensors.tmp.x", ".file.safetensors.tmp.", ".file.safetensors.tmp.12.note",
                         ".other.tmp.1.0123abcd", living};
  const size_t count = sizeof names / sizeof *names;
  const pid_t gone = fork();
  char old[100];
  assert_true(gone >= 0);
  if (!gone) _exit(0);
  assert_int_equal(waitpid(gone, NULL, 0), gone);
  snprintf(living, sizeof living, ".file.safetensors.tmp.%ld", (long)getppid());
  snprintf(old, sizeof old, ".file.safetensors.tmp.%ld", (long)gone);
  for (size_t i = 0; i < count; i++) write_whole(in_folder(&place, names[i]), "x", 1);
  write_whole(in_folder(&place, old), "x", 1);
  write_new();
  assert_int_equal(count_files(&place), count + 1);
  assert_int_not_equal(access(in_folder(&place, old), F_OK), 0);
}

/* Four processes write one name again and again: none loses its temporary to another's cleaning. */
static void writers_leave_each_other_alone(void **state)
{
  (void)state;
  enum { PROCESSES = 4, TURNS = 100 };
  pid_t children[PROCESSES];
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i]) continue;
    for (int turn = 0; turn < TURNS; turn++) {
      tx_output *output;
      if (tx_output_open(place.path, NULL, &output, NULL) || tx_output_write(output, "whole", 5, NULL) ||
          tx_output_commit(output, NULL))
        _exit(1);
    }
    _exit(0);
  }
  for (int i = 0; i < PROCESSES; i++) {
    int result;
    assert_int_equal(waitpid(children[i], &result, 0), children[i]);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
  }
  assert_content(place.path, "whole", 5);
  assert_int_equal(count_files(&place), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(one_holder_at_a_time, set_up, tear_down),
      cmocka_unit_test_setup_teardown(links_have_one_lock, set_up, tear_down),
      cmocka_unit_test_setup_teardown(another_file_is_no_lock, set_up, tear_down),
      cmocka_unit_test_setup_teardown(hand_over_is_safe, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_killed_runs_leave_goes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_number_comes_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_names_stay, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writers_leave_each_other_alone, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
