/* base/wait, and what waits through it: a stop ends every wait, and nothing is lost. */
#include "base/wait.h"

#include "base/file.h"
#include "base/input.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit/base_files.h"

static volatile int stop;

static int set_up(void **state)
{
  (void)state;
  alarm(60);
  stop = 0;
  scratch_create(&place);
  assert_int_equal(mkfifo(in_folder(&place, "pipe"), 0600), 0);
  return 0;
}

static void *stop_soon(void *context)
{
  const struct timespec moment = {.tv_nsec = 200000000};
  (void)context;
  nanosleep(&moment, NULL);
  stop = 1;
  return NULL;
}

static pthread_t ask_to_stop(void)
{
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
  return thread;
}

static void waits_end_at_a_stop(void **state)
{
  int ends[2];
  pthread_t thread;
  (void)state;
  assert_int_equal(pipe(ends), 0);
  assert_true(tx_wait_write(ends[1], &stop));
  thread = ask_to_stop();
  assert_false(tx_wait_read(ends[0], &stop));
  pthread_join(thread, NULL);
  assert_false(tx_wait_write(ends[1], &stop)); /* also where it would not have to wait */
  assert_false(tx_wait_moment(&stop));
  stop = 0;
  assert_true(tx_wait_moment(&stop));
  assert_true(tx_wait_moment(NULL));
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_true(tx_wait_read(ends[0], NULL));
  close(ends[1]);
  assert_true(tx_wait_read(ends[0], &stop)); /* the end, too, can be read */
  close(ends[0]);
}

/* A named pipe that nobody writes to is opened without waiting; reading it stops. */
static void silent_pipes_are_left(void **state)
{
  const tx_input_hooks hooks = {&stop, NULL, NULL, NULL};
  const char *path = in_folder(&place, "pipe");
  tx_input *input = NULL;
  tx_error error = {0};
  char *text = NULL;
  size_t length;
  pthread_t thread = ask_to_stop();
  (void)state;
  assert_int_equal(tx_input_open(path, &hooks, &input, &error), TX_STOPPED);
  pthread_join(thread, NULL);
  stop = 0;
  thread = ask_to_stop();
  assert_int_equal(tx_read_file(path, 100, &stop, &text, &length, &error), TX_STOPPED);
  assert_null(text);
  pthread_join(thread, NULL);
}

/* In the middle of plain and of compressed data: what was read stays, and reading goes on after the stop. */
static void reading_goes_on_after_a_stop(void **state)
{
  const tx_input_hooks hooks = {&stop, NULL, NULL, NULL};
  enum { SIZE = 60000 };
  char *text = make_text(SIZE), *got = malloc(SIZE + 1);
  (void)state;
  assert_non_null(got);
  for (int compressed = 0; compressed < 2; compressed++) {
    size_t size = SIZE, total = 0, count = 1;
    unsigned char *data = compressed ? make_gzip(text, SIZE, &size) : (unsigned char *)text;
    const size_t half = compressed ? size / 2 : 1000;
    const int writer = open(in_folder(&place, "pipe"), O_RDWR);
    tx_input *input = NULL;
    tx_error error = {0};
    tx_status status;
    pthread_t thread;
    assert_int_equal(write(writer, data, half), half);
    assert_int_equal(tx_input_open(in_folder(&place, "pipe"), &hooks, &input, &error), TX_OK);
    thread = ask_to_stop();
    while ((status = tx_input_read(input, got + total, SIZE + 1 - total, &count, &error)) == TX_OK && count)
      total += count;
    assert_int_equal(status, TX_STOPPED);
    pthread_join(thread, NULL);
    stop = 0;
    assert_int_equal(write(writer, data + half, size - half), size - half);
    close(writer);
    while ((status = tx_input_read(input, got + total, SIZE + 1 - total, &count, &error)) == TX_OK && count)
      total += count;
    assert_int_equal(status, TX_OK);
    assert_int_equal(total, SIZE);
    assert_memory_equal(got, text, SIZE);
    tx_input_close(input);
    if (compressed) free(data);
  }
  free(got);
  free(text);
}

/* An output that nobody reads: opening a pipe without a reader, and writing to a full one. */
static void stalled_outputs_are_left(void **state)
{
  static char rows[300000];
  const char *path = in_folder(&place, "pipe");
  tx_output *output = NULL;
  tx_error error = {0};
  int reader;
  pthread_t thread = ask_to_stop();
  (void)state;
  assert_int_equal(tx_output_open(path, &stop, &output, &error), TX_STOPPED);
  pthread_join(thread, NULL);
  stop = 0;
  reader = open(path, O_RDONLY | O_NONBLOCK);
  assert_true(reader >= 0);
  assert_int_equal(tx_output_open(path, &stop, &output, &error), TX_OK);
  thread = ask_to_stop();
  assert_int_equal(tx_output_write(output, rows, sizeof rows, &error), TX_STOPPED);
  pthread_join(thread, NULL);
  tx_output_abort(output);
  close(reader);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(waits_end_at_a_stop, set_up, tear_down),
      cmocka_unit_test_setup_teardown(silent_pipes_are_left, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reading_goes_on_after_a_stop, set_up, tear_down),
      cmocka_unit_test_setup_teardown(stalled_outputs_are_left, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
