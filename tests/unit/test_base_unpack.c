/* base/input on bzip2, xz and zstd: files that the programs of these formats have made. */
#include "base/input.h"
#include "base/unpack.h"

#include <stdbool.h>

#include "unit/base_files.h"

enum { LINES = 40, ROOM = 4096 };

static const struct {
  const char *extension;
  const tx_unpack_format *format;
} formats[] = {{"bz2", &tx_bzip2_format}, {"xz", &tx_xz_format}, {"zst", &tx_zstd_format}};
enum { FORMATS = sizeof formats / sizeof *formats };

static unsigned char *read_corpus(const char *name, const char *extension, size_t *ret_size)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/fuzz/corpus/gzip/%s.%s", TX_TESTS_DIR, name, extension);
  return read_whole(path, ret_size);
}

static size_t make_lines(char text[ROOM])
{
  size_t size = 0;
  for (int i = 1; i <= LINES; i++)
    size += (size_t)snprintf(text + size, ROOM - size, "line %d of a text that is long enough\n", i);
  return size;
}

static void take_warning(void *context, const char *line)
{
  char *kept = context;
  snprintf(kept, TX_MESSAGE_SIZE, "%s", line);
}

/* Reads bytes in memory to the end, by pieces of `step`. */
static tx_status unpack(const void *data, size_t size, size_t step, char *out, size_t *ret_size,
                        tx_error *error)
{
  tx_input *input;
  size_t count = 1;
  tx_status status = tx_input_open_memory("data", data, size, &input, error);
  *ret_size = 0;
  while (status == TX_OK && count) {
    if (*ret_size + step > 2 * ROOM) status = TX_STOPPED; /* more than there was */
    if (status) break;
    status = tx_input_read(input, out + *ret_size, step, &count, error);
    *ret_size += count;
  }
  if (input && status < TX_OK) assert_int_equal(tx_input_read(input, out, 1, &count, NULL), status);
  tx_input_close(input);
  return status;
}

static void unpacks(const char *name, const char *extension, const char *wanted, size_t wanted_size)
{
  static const size_t steps[] = {1, 7, ROOM};
  size_t size, got;
  unsigned char *data = read_corpus(name, extension, &size);
  char out[2 * ROOM];
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    tx_error error = {0};
    if (unpack(data, size, steps[i], out, &got, &error))
      fail_msg("%s.%s: %s", name, extension, error.message);
    assert_int_equal(got, wanted_size);
    assert_memory_equal(out, wanted, got);
  }
  free(data);
}

static void reads_what_the_programs_write(void **state)
{
  char text[ROOM];
  const size_t size = make_lines(text);
  (void)state;
  for (size_t i = 0; i < FORMATS; i++) {
    if (!formats[i].format->create) continue;
    unpacks("text", formats[i].extension, text, size);
    unpacks("empty", formats[i].extension, "", 0);
    unpacks("then_text", formats[i].extension, text, size);
    unpacks(i == 2 ? "frames_skipped" : "two_streams", formats[i].extension, text, size);
  }
}

static void finds_every_truncation(void **state)
{
  (void)state;
  for (size_t i = 0; i < FORMATS; i++) {
    size_t size;
    unsigned char *data = read_corpus("text", formats[i].extension, &size);
    for (size_t cut = formats[i].format->magic_size; cut < size && formats[i].format->create; cut++) {
      char out[2 * ROOM], words[64];
      size_t got;
      tx_error error = {0};
      if (unpack(data, cut, ROOM, out, &got, &error) != TX_ERROR_DATA)
        fail_msg("%s cut at %zu", formats[i].extension, cut);
      snprintf(words, sizeof words, "data: truncated or corrupt %s data", formats[i].format->name);
      assert_non_null(strstr(error.message, words));
    }
    free(data);
  }
}

/* Each has a checksum of the text: a change is found, or does not reach the text. */
static void finds_every_flipped_bit(void **state)
{
  char text[ROOM];
  const size_t wanted = make_lines(text);
  (void)state;
  for (size_t i = 0; i < FORMATS; i++) {
    size_t size;
    unsigned char *data = read_corpus("text", formats[i].extension, &size);
    for (size_t bit = 8 * formats[i].format->magic_size; bit < 8 * size && formats[i].format->create; bit++) {
      char out[2 * ROOM];
      size_t got;
      tx_error error = {0};
      data[bit / 8] ^= (unsigned char)(1u << bit % 8);
      if (unpack(data, size, ROOM, out, &got, &error) == TX_OK &&
          (got != wanted || memcmp(out, text, got) != 0))
        fail_msg("%s, bit %zu: another text", formats[i].extension, bit);
      data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(data);
  }
}

static void refuses_what_needs_much_memory(void **state)
{
  static const char *const names[FORMATS] = {NULL, "large_dictionary", "large_window"};
  (void)state;
  for (size_t i = 1; i < FORMATS; i++) {
    char out[2 * ROOM], words[200];
    size_t size, got;
    tx_error error = {0};
    unsigned char *data = read_corpus(names[i], formats[i].extension, &size);
    assert_int_equal(unpack(data, size, ROOM, out, &got, &error), TX_ERROR_DATA);
    snprintf(words, sizeof words, "data: %s data, which %s: decompress it first (%s FILE | taxamba ...)",
             formats[i].format->name,
             formats[i].format->create ? "needs more memory than is allowed"
                                       : "this program was built without",
             formats[i].format->command);
    assert_string_equal(error.message, words);
    free(data);
  }
}

static void warns_of_what_follows(void **state)
{
  (void)state;
  for (size_t i = 0; i < FORMATS; i++) {
    char path[1024], warning[TX_MESSAGE_SIZE] = "", words[100], out[ROOM];
    const tx_input_hooks hooks = {.warn = take_warning, .context = warning};
    tx_input *input;
    size_t count = 1;
    if (!formats[i].format->create) continue;
    snprintf(path, sizeof path, "%s/fuzz/corpus/gzip/then_text.%s", TX_TESTS_DIR, formats[i].extension);
    assert_int_equal(tx_input_open(path, &hooks, &input, NULL), TX_OK);
    while (count) assert_int_equal(tx_input_read(input, out, sizeof out, &count, NULL), TX_OK);
    tx_input_close(input);
    snprintf(words, sizeof words, "what follows the %s data is no %s and was left out",
             formats[i].format->name, formats[i].format->name);
    assert_non_null(strstr(warning, words));
  }
}

/* A text may begin like the first bytes of a format. */
static void leaves_other_bytes_alone(void **state)
{
  static const char *const texts[] = {"BZh",          "BZh91AY", "BZhello", "\xFD\067zX",
                                      "\x28\xB5\x2F", "P*",      "(",       "B"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char out[2 * ROOM];
    size_t got;
    tx_error error = {0};
    assert_int_equal(unpack(texts[i], strlen(texts[i]), ROOM, out, &got, &error), TX_OK);
    assert_int_equal(got, strlen(texts[i]));
    assert_memory_equal(out, texts[i], got);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_the_programs_write),
      cmocka_unit_test(finds_every_truncation),
      cmocka_unit_test(finds_every_flipped_bit),
      cmocka_unit_test(refuses_what_needs_much_memory),
      cmocka_unit_test(warns_of_what_follows),
      cmocka_unit_test(leaves_other_bytes_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
