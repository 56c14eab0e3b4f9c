/* base/input: plain and compressed bytes, damaged files and pipes. */
#include "base/input.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include "unit/base_files.h"

static int set_up(void **state)
{
  (void)state;
  alarm(120); /* a read that waits for ever is a failure, too */
  scratch_create(&place);
  return 0;
}

/* Reads a whole input by pieces of `step` bytes; the data go to *ret_data when all is well. The caller
   frees. */
static tx_status read_input(const char *path, size_t step, char **ret_data, size_t *ret_size, tx_error *error)
{
  tx_input *input;
  size_t capacity = 1 << 16;
  size_t size = 0;
  size_t count = 1;
  char *data = malloc(capacity);
  tx_status status = tx_input_open(path, NULL, &input, error);
  assert_non_null(data);
  while (!status && count) {
    if (capacity - size < step) assert_non_null(data = realloc(data, capacity = 2 * capacity + step));
    status = tx_input_read(input, data + size, step, &count, error);
    assert_true(count <= step);
    if (status) assert_int_equal(tx_input_read(input, data, 1, &count, NULL), status); /* an error stays */
    size += count;
  }
  /* and so does the end */
  if (!status) assert_int_equal(tx_input_read(input, data, 1, &count, error), TX_OK);
  if (!status) assert_int_equal(count, 0);
  tx_input_close(input);
  if (status) {
    free(data);
    return status;
  }
  *ret_data = data;
  *ret_size = size;
  return TX_OK;
}

static void assert_reads(const char *path, const void *wanted, size_t wanted_size)
{
  static const size_t steps[] = {1000, 65536, 1 << 20};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    tx_error error = {0};
    char *data = NULL;
    size_t size = 0;
    if (read_input(path, steps[i], &data, &size, &error)) fail_msg("%s", error.message);
    assert_int_equal(size, wanted_size);
    assert_memory_equal(data, wanted, size);
    free(data);
  }
}

static void assert_damaged(const char *path)
{
  tx_error error = {0};
  char *data;
  size_t size;
  assert_int_equal(read_input(path, 65536, &data, &size, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "truncated or corrupt gzip data"));
  assert_non_null(strstr(error.message, path));
}

static void reads_plain_files(void **state)
{
  (void)state;
  const size_t sizes[] = {0, 1, 2, 17, 18, 4096, 65536, 300001};
  char *text = make_text(300001);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    write_whole(place.path, text, sizes[i]);
    assert_reads(place.path, text, sizes[i]);
  }
  free(text);
}

static void reads_compressed_files(void **state)
{
  (void)state;
  const size_t sizes[] = {0, 1, 100, 70000, 300001};
  char *text = make_text(300001);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t size;
    unsigned char *data = make_gzip(text, sizes[i], &size);
    write_whole(place.path, data, size);
    assert_reads(place.path, text, sizes[i]);
    free(data);
    for (int with_end = sizes[i] == 0; with_end < 2; with_end++) {
      /* without the last block all data are still there */
      data = make_bgzip(text, sizes[i], 30000, with_end, &size);
      write_whole(place.path, data, size);
      assert_reads(place.path, text, sizes[i]);
      free(data);
    }
  }
  free(text);
}

/* Bytes in memory are read like those of a file, and may change once they are open. */
static void reads_memory(void **state)
{
  (void)state;
  char *text = make_text(70000), *read = calloc(1, 70001);
  size_t size;
  unsigned char *packed = make_gzip(text, 70000, &size);
  assert_non_null(read);
  for (size_t kind = 0; kind < 4; kind++) { /* nothing, plain, gzip, cut gzip */
    tx_input *input = NULL;
    tx_error error = {0};
    const size_t length = kind == 0   ? 0
                          : kind == 1 ? 70000
                          : kind == 2 ? size
                                      : size - 9,
                 wanted = kind ? 70000 : 0;
    char *data = malloc(length + 1);
    size_t done = 0, count = 1;
    tx_status status = TX_OK;
    assert_non_null(data);
    memcpy(data, kind < 2 ? text : (char *)packed, length);
    assert_int_equal(tx_input_open_memory("some bytes", data, length, &input, &error), TX_OK);
    memset(data, 0, length);
    assert_string_equal(tx_input_name(input), "some bytes");
    while (!status && count) {
      status = tx_input_read(input, read + done, 70001 - done, &count, &error);
      done += count;
    }
    assert_int_equal(status, kind < 3 ? TX_OK : TX_ERROR_DATA);
    if (kind < 3) assert_int_equal(done, wanted);
    if (kind < 3) assert_memory_equal(read, text, wanted);
    if (kind == 3) assert_non_null(strstr(error.message, "some bytes"));
    tx_input_close(input);
    free(data);
  }
  free(packed);
  free(read);
  free(text);
}

/* `cat a.gz b.gz`, in each mixture of gzip and bgzip. */
static void reads_concatenated_files(void **state)
{
  (void)state;
  char *text = make_text(200000);
  size_t sizes[2];
  unsigned char *parts[2] = {make_gzip(text, 100000, &sizes[0]),
                             make_bgzip(text + 100000, 100000, 65280, 1, &sizes[1])};
  unsigned char *parts_turned[2];
  size_t sizes_turned[2];
  parts_turned[0] = make_bgzip(text, 100000, 65280, 1, &sizes_turned[0]);
  parts_turned[1] = make_gzip(text + 100000, 100000, &sizes_turned[1]);
  for (int mixture = 0; mixture < 4; mixture++) {
    const bool first = mixture & 1;
    const bool second = mixture & 2;
    FILE *file = fopen(place.path, "wb");
    assert_non_null(file);
    fwrite(first ? parts_turned[0] : parts[0], 1, first ? sizes_turned[0] : sizes[0], file);
    fwrite(second ? parts_turned[1] : parts[1], 1, second ? sizes_turned[1] : sizes[1], file);
    assert_int_equal(fclose(file), 0);
    assert_reads(place.path, text, 200000);
  }
  for (int i = 0; i < 2; i++) {
    free(parts[i]);
    free(parts_turned[i]);
  }
  free(text);
}

/* Cut anywhere, a gzip file is an error; a bgzip file may end between two blocks. */
static void finds_every_truncation(void **state)
{
  (void)state;
  char *text = make_text(6000);
  size_t size;
  size_t block_size;
  unsigned char *data = make_gzip(text, 6000, &size);
  unsigned char *doubled = malloc(2 * size);
  assert_non_null(doubled);
  memcpy(doubled, data, size);
  memcpy(doubled + size, data, size);
  for (size_t cut = 1; cut < 2 * size; cut++) {
    if (cut == size) continue; /* exactly the first of the two */
    write_whole(place.path, doubled, cut);
    assert_damaged(place.path);
  }
  free(doubled);
  free(data);
  data = make_bgzip(text, 3000, 3000, 0, &block_size);
  free(data);
  data = make_bgzip(text, 6000, 3000, 1, &size);
  for (size_t cut = 1; cut < size; cut++) {
    write_whole(place.path, data, cut);
    if (cut == block_size)
      assert_reads(place.path, text, 3000);
    else if (cut == size - 28) /* the empty block is 28 bytes */
      assert_reads(place.path, text, 6000);
    else
      assert_damaged(place.path);
  }
  free(data);
  free(text);
}

/* One flipped bit is an error or does not matter (a time stamp); it never changes the data. */
static void finds_every_flipped_bit(void **state)
{
  (void)state;
  char *text = make_text(1500);
  for (int kind = 0; kind < 2; kind++) {
    size_t size;
    size_t errors = 0;
    unsigned char *data = kind ? make_bgzip(text, 1500, 1000, 1, &size) : make_gzip(text, 1500, &size);
    for (size_t bit = 16; bit < 8 * size; bit++) {
      /* from the third byte on: without the magic it is no gzip */
      tx_error error = {0};
      char *read = NULL;
      size_t read_size = 0;
      tx_status status;
      data[bit / 8] = (unsigned char)(data[bit / 8] ^ 1u << bit % 8);
      write_whole(place.path, data, size);
      status = read_input(place.path, 65536, &read, &read_size, &error);
      if (status) {
        assert_int_equal(status, TX_ERROR_DATA);
        errors++;
      } else {
        assert_int_equal(read_size, 1500);
        assert_memory_equal(read, text, read_size);
        free(read);
      }
      data[bit / 8] = (unsigned char)(data[bit / 8] ^ 1u << bit % 8);
    }
    assert_true(errors > 8 * (size - 100)); /* all but headers */
    free(data);
  }
  free(text);
}

static void count_warning(void *context, const char *line)
{
  size_t *warnings = context;
  assert_non_null(strstr(line, place.path));
  ++*warnings;
}

/* What is behind whole gzip data: zeros are padding, other bytes are left out with a warning, and what begins
   like a member must be one. In bgzip, which tells its end, nothing but a block may stand before that end. */
static void looks_behind_gzip(void **state)
{
  static const struct {
    const char *bytes;
    size_t size;
    bool damaged;
    size_t warnings;
  } tails[] = {{"", 0, false, 0},
               {"\0", 1, false, 0},
               {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, false, 0},
               {"\n", 1, false, 1},
               {"\0\0g", 3, false, 1},
               {"a text long enough to be taken for a gzip header\n", 49, false, 1},
               {"\x1Fno gzip", 8, false, 1},
               {"\x1F", 1, true, 0},
               {"\x1F\x8B\x08", 3, true, 0}};
  char *text = make_text(5000);
  (void)state;
  for (int kind = 0; kind < 3; kind++) /* gzip, bgzip, bgzip without its end */
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
      size_t size, warnings = 0, total = 0, count = 1;
      unsigned char *data =
          kind ? make_bgzip(text, 5000, 4000, kind == 1, &size) : make_gzip(text, 5000, &size);
      const bool other = tails[i].warnings > 0, damaged = tails[i].damaged || (kind == 2 && other);
      const tx_input_hooks hooks = {NULL, count_warning, &warnings, NULL};
      tx_input *input = NULL;
      tx_error error = {0};
      tx_status status;
      char buffer[1000];
      data = realloc(data, size + tails[i].size + 1);
      assert_non_null(data);
      memcpy(data + size, tails[i].bytes, tails[i].size);
      write_whole(place.path, data, size + tails[i].size);
      status = tx_input_open(place.path, &hooks, &input, &error);
      while (status == TX_OK && count) {
        status = tx_input_read(input, buffer, sizeof buffer, &count, &error);
        if (status == TX_OK) assert_memory_equal(buffer, text + total, count);
        total += status == TX_OK ? count : 0;
      }
      assert_int_equal(status, damaged ? TX_ERROR_DATA : TX_OK);
      assert_int_equal(total, 5000);
      assert_int_equal(warnings, damaged ? 0 : kind == 2 ? 1 : tails[i].warnings);
      tx_input_close(input);
      free(data);
    }
  free(text);
}

static void assert_open_fails(const char *path, const char *reason)
{
  tx_error error = {0};
  tx_input *input = (tx_input *)&error;
  assert_int_equal(tx_input_open(path, NULL, &input, &error), TX_ERROR_IO);
  assert_null(input);
  assert_int_equal(error.code, TX_ERROR_IO);
  assert_non_null(strstr(error.message, path));
  assert_non_null(strstr(error.message, reason));
}

static void refuses_what_is_no_file(void **state)
{
  (void)state;
  assert_open_fails(place.folder, "is a directory");
  assert_open_fails(in_folder(&place, "missing"), "No such file");
  assert_open_fails("data:,ACGT", "No such file"); /* htslib would read these four letters */
  assert_open_fails("", "No such file");
  write_whole(place.path, "x", 1);
  assert_int_equal(chmod(place.path, 0), 0);
  if (geteuid()) assert_open_fails(place.path, "Permission denied");
}

/* Makes a descriptor our standard input; returns the old one. */
static int replace_standard_input(int descriptor)
{
  int old = dup(STDIN_FILENO);
  assert_true(dup2(descriptor, STDIN_FILENO) == STDIN_FILENO);
  return old;
}

static void restore_standard_input(int old)
{
  assert_true(dup2(old, STDIN_FILENO) == STDIN_FILENO);
  close(old);
}

static void gives_what_a_pipe_holds(void **state)
{
  (void)state;
  int ends[2];
  int old;
  tx_error error = {0};
  tx_input *input;
  char data[65536];
  size_t count;
  assert_int_equal(pipe(ends), 0);
  old = replace_standard_input(ends[0]);
  assert_int_equal(write(ends[1], "A", 1), 1); /* opening waits for no more than one byte */
  assert_int_equal(tx_input_open("-", NULL, &input, &error), TX_OK);
  assert_string_equal(tx_input_name(input), "standard input");
  for (int round = 0; round < 3; round++) {
    assert_int_equal(tx_input_read(input, data, sizeof data, &count, &error), TX_OK);
    assert_int_equal(count, round ? 5 : 1);
    assert_memory_equal(data, round ? "hello" : "A", count);
    assert_int_equal(write(ends[1], "hello", 5), 5);
  }
  close(ends[1]);
  assert_int_equal(tx_input_read(input, data, 3, &count, &error), TX_OK);
  assert_int_equal(count, 3);
  assert_int_equal(tx_input_read(input, data, 3, &count, &error), TX_OK);
  assert_int_equal(count, 2);
  assert_int_equal(tx_input_read(input, data, 3, &count, &error), TX_OK);
  assert_int_equal(count, 0);
  tx_input_close(input);
  assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* standard input itself stays open */
  restore_standard_input(old);
  close(ends[0]);
}

typedef struct sender {
  int descriptor;
  const unsigned char *data;
  size_t size;
} sender;

static void *send_slowly(void *argument)
{
  const sender *self = argument;
  const struct timespec pause = {.tv_nsec = 2000000};
  for (size_t sent = 0; sent < self->size;) {
    size_t part = self->size - sent < 20011 ? self->size - sent : 20011;
    ssize_t count = write(self->descriptor, self->data + sent, part);
    if (count < 0) break;
    sent += (size_t)count;
    nanosleep(&pause, NULL);
  }
  close(self->descriptor);
  return NULL;
}

/* Slow pipes, blocking and (for plain data) not, as a parent process may have left them. */
static void reads_slow_pipes(void **state)
{
  (void)state;
  char *text = make_text(200000);
  for (int kind = 0; kind < 3; kind++) {
    size_t size = 200000;
    unsigned char *data = kind == 1 ? make_gzip(text, 200000, &size) : NULL;
    tx_error error = {0};
    char *read = NULL;
    size_t read_size = 0;
    int ends[2];
    int old;
    pthread_t thread;
    sender self;
    assert_int_equal(pipe(ends), 0);
    self = (sender){.descriptor = ends[1], .data = data ? data : (unsigned char *)text, .size = size};
    if (kind == 2) assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    old = replace_standard_input(ends[0]);
    assert_int_equal(pthread_create(&thread, NULL, send_slowly, &self), 0);
    if (read_input("-", 65536, &read, &read_size, &error)) fail_msg("%s", error.message);
    assert_int_equal(read_size, 200000);
    assert_memory_equal(read, text, read_size);
    pthread_join(thread, NULL);
    restore_standard_input(old);
    close(ends[0]);
    free(read);
    free(data);
  }
  free(text);
}

/* Longer, shorter, and written over in place: the end of the file tells. Replaced or removed it is the old
   one that is read. */
static void tells_a_file_that_changes(void **state)
{
  (void)state;
  enum { SIZE = 400000 };
  char *text = make_text(SIZE), *data = malloc(SIZE);
  size_t gzip_size;
  unsigned char *gzip = make_gzip(text, SIZE, &gzip_size);
  assert_non_null(data);
  for (int change = 0; change < 10; change++) {
    const bool compressed = change % 2;
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    const int kind = change / 2;
    tx_error error = {0};
    tx_input *input;
    size_t count, total = 0;
    tx_status status;
    int descriptor;
    if (compressed)
      write_whole(place.path, gzip, gzip_size);
    else
      write_whole(place.path, text, SIZE);
    assert_int_equal(utimensat(AT_FDCWD, place.path, times, 0), 0);
    assert_int_equal(tx_input_open(place.path, NULL, &input, &error), TX_OK);
    assert_int_equal(tx_input_read(input, data, 100, &count, &error), TX_OK);
    descriptor = open(place.path, O_WRONLY);
    if (kind == 0) assert_int_equal(pwrite(descriptor, "ACGT", 4, 0), 4);
    if (kind == 1) assert_int_equal(ftruncate(descriptor, (off_t)(compressed ? gzip_size : SIZE) - 8), 0);
    if (kind == 2) assert_int_equal(pwrite(descriptor, "\n", 1, (off_t)(compressed ? gzip_size : SIZE)), 1);
    if (kind == 3) assert_int_equal(unlink(place.path), 0);
    close(descriptor);
    do {
      total += count;
      status = tx_input_read(input, data, SIZE, &count, &error);
    } while (status == TX_OK && count);
    if (kind < 3 && (status == TX_OK || (!compressed && status != TX_ERROR_IO)))
      fail_msg("change %d is not told: %d", change, status);
    if (kind < 3 && !compressed) assert_non_null(strstr(error.message, "changed while it was read"));
    if (kind >= 3) assert_int_equal(status, TX_OK);
    if (kind >= 3) assert_int_equal(total, SIZE);
    tx_input_close(input);
  }
  free(gzip);
  free(data);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_plain_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_compressed_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_memory, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_concatenated_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(finds_every_truncation, set_up, tear_down),
      cmocka_unit_test_setup_teardown(finds_every_flipped_bit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(looks_behind_gzip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(gives_what_a_pipe_holds, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_slow_pipes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_a_file_that_changes, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
