/* base/content: whole files in memory, and files that change while they are read. */
#include "base/content.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "unit/base_files.h"

static int set_up(void **state)
{
  (void)state;
  alarm(60);
  scratch_create(&place);
  return 0;
}

static void reads_files(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_content content;
  write_whole(place.path, "0123456789", 10);
  assert_int_equal(tx_content_read(place.path, NULL, &content, &error), TX_OK);
  write_whole(place.path, "", 0); /* what was read stays */
  assert_int_equal(content.size, 10);
  assert_memory_equal(content.data, "0123456789", 10);
  assert_int_equal((uintptr_t)content.data % 64, 0);
  tx_content_free(&content);
  assert_null(content.data);
  tx_content_free(&content);
}

static void reads_a_file_of_many_blocks(void **state)
{
  (void)state;
  const size_t size = 20000011; /* more than one call reads */
  unsigned char *data = malloc(size);
  tx_content content;
  assert_non_null(data);
  for (size_t i = 0; i < size; i++) data[i] = (unsigned char)(i * 2654435761u >> 13);
  write_whole(place.path, data, size);
  assert_int_equal(tx_content_read(place.path, NULL, &content, NULL), TX_OK);
  assert_int_equal(content.size, size);
  assert_memory_equal(content.data, data, size);
  tx_content_free(&content);
  free(data);
}

static void refuses_what_is_no_file(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_content content;
  write_whole(place.path, "", 0);
  assert_int_equal(tx_content_read(place.path, NULL, &content, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "empty"));
  assert_null(content.data);
  assert_int_equal(tx_content_read(place.folder, NULL, &content, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "is a directory"));
  assert_int_equal(tx_content_read(in_folder(&place, "missing"), NULL, &content, &error), TX_ERROR_IO);
  assert_int_equal(mkfifo(in_folder(&place, "pipe"), 0600), 0);
  assert_int_equal(tx_content_read(in_folder(&place, "pipe"), NULL, &content, &error),
                   TX_ERROR_IO); /* and does not wait */
  assert_int_equal(tx_content_read("/dev/null", NULL, &content, &error), TX_ERROR_IO);
  assert_null(content.data);
}

/* The judge is called between the first bytes and the rest, so that it can change the file there. */
static int judge_calls;
static off_t new_size;

static tx_status resize(const char *path, const unsigned char *start, size_t start_size, uint64_t size,
                        tx_error *error)
{
  (void)error;
  judge_calls++;
  assert_memory_equal(start, "0123456789", 10);
  assert_int_equal(start_size, size < TX_CONTENT_START ? size : TX_CONTENT_START);
  if (new_size >= 0) assert_int_equal(truncate(path, new_size), 0);
  return TX_OK;
}

static void tells_a_file_that_changes(void **state)
{
  (void)state;
  static const struct {
    off_t size;
    tx_status status;
  } cases[] = {{-1, TX_OK},      {1000, TX_OK},       {999, TX_ERROR_IO},   {10, TX_ERROR_IO},
               {0, TX_ERROR_IO}, {1001, TX_ERROR_IO}, {100000, TX_ERROR_IO}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char data[1000] = "0123456789";
    tx_error error = {0};
    tx_content content;
    write_whole(place.path, data, sizeof data);
    new_size = cases[i].size;
    assert_int_equal(tx_content_read(place.path, resize, &content, &error), cases[i].status);
    if (cases[i].status == TX_OK)
      assert_memory_equal(content.data, data, sizeof data);
    else
      assert_non_null(strstr(error.message, "changed while it was read"));
    assert_true((content.data != NULL) == (cases[i].status == TX_OK));
    tx_content_free(&content);
  }
}

static tx_status refuse(const char *path, const unsigned char *start, size_t start_size, uint64_t size,
                        tx_error *error)
{
  (void)path, (void)start, (void)error;
  judge_calls++;
  assert_int_equal(start_size, TX_CONTENT_START);
  assert_int_equal(size, (uint64_t)1 << 40);
  return TX_ERROR_MODEL;
}

/* A file that no memory would hold is refused by its beginning. */
static void asks_the_judge_first(void **state)
{
  (void)state;
  tx_content content;
  write_whole(place.path, "x", 1);
  if (truncate(place.path, (off_t)1 << 40) != 0) skip();
  judge_calls = 0;
  assert_int_equal(tx_content_read(place.path, refuse, &content, NULL), TX_ERROR_MODEL);
  assert_int_equal(judge_calls, 1);
  assert_null(content.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_a_file_of_many_blocks, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_a_file_that_changes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(asks_the_judge_first, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
