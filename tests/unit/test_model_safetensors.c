/* Safetensors files: round trip, foreign files, and every way in which one can be wrong. */
#include "model/safetensors.h"

#include <sys/stat.h>

#include "unit/scratch.h"

static scratch place;

static int make_place(void **state)
{
  (void)state;
  scratch_create(&place);
  return 0;
}

static int remove_place(void **state)
{
  (void)state;
  scratch_remove(&place);
  return 0;
}

/* Writes length, header and `data_size` bytes 0, 1, 2, ... */
static void write_raw(const char *header, size_t data_size)
{
  const size_t length = strlen(header), size = 8 + length + data_size;
  unsigned char *bytes = malloc(size);
  assert_non_null(bytes);
  for (size_t i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)length >> (8 * i));
  memcpy(bytes + 8, header, length);
  for (size_t i = 0; i < data_size; i++) bytes[8 + length + i] = (unsigned char)i;
  write_whole(place.path, bytes, size);
  free(bytes);
}

/* The same bytes in a block of just their size, at an odd address. */
static void expect_same_fault_in_memory(const tx_error *fault)
{
  tx_safetensors *file = NULL;
  tx_error error = {0};
  struct stat info;
  unsigned char *bytes, *block;
  size_t size;
  assert_int_equal(stat(place.path, &info), 0);
  if (info.st_size == 0) return; /* a file has its own message for that */
  bytes = read_whole(place.path, &size);
  block = malloc(size + 1);
  assert_non_null(block);
  memcpy(block + 1, bytes, size);
  assert_int_equal(tx_safetensors_read(place.path, block + 1, size, 1, &file, &error), TX_ERROR_MODEL);
  assert_string_equal(error.message, fault->message);
  assert_null(file);
  free(block);
  free(bytes);
}

static void expect_fault(const char *word)
{
  tx_safetensors *file = NULL;
  tx_error error = {0};
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_ERROR_MODEL);
  assert_null(file);
  assert_int_equal(error.code, TX_ERROR_MODEL);
  if (!strstr(error.message, word) || !strstr(error.message, place.path))
    fail_msg("expected '%s' in '%s'", word, error.message);
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, NULL), TX_ERROR_MODEL);
  expect_same_fault_in_memory(&error);
}

static void sections_and_metadata_come_back(void **state)
{
  static const float weights[6] = {1, -2, 3.5F, 0, 1e-30F, -1e30F};
  static const int64_t counts[2] = {INT64_MIN, INT64_MAX};
  static const unsigned char text[5] = "abc\n";
  static const double scalar = 0.1;
  const tx_section sections[] = {
      {.name = "weights",
       .dtype = TX_DTYPE_F32,
       .dimensions = 3,
       .shape = {2, 1, 3},
       .data = weights,
       .size = sizeof weights},
      {.name = "scalar", .dtype = TX_DTYPE_F64, .dimensions = 0, .data = &scalar, .size = sizeof scalar},
      {.name = "counts",
       .dtype = TX_DTYPE_I64,
       .dimensions = 1,
       .shape = {2},
       .data = counts,
       .size = sizeof counts},
      {.name = "empty", .dtype = TX_DTYPE_BF16, .dimensions = 2, .shape = {0, 7}, .data = NULL, .size = 0},
      {.name = "a \"name\"\n\xc3\xa9",
       .dtype = TX_DTYPE_U8,
       .dimensions = 1,
       .shape = {4},
       .data = text,
       .size = 4},
  };
  const tx_metadata metadata[] = {{"key", "a value"}, {"json", "{\"x\": [1, \"\\\"\"]}"}, {"empty", ""}};
  tx_safetensors *file = NULL;
  tx_error error = {0};
  (void)state;

  assert_int_equal(tx_safetensors_write(place.path, sections, 5, metadata, 3, &error), TX_OK);
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_OK);
  assert_int_equal(tx_safetensors_count(file), 5);
  for (size_t i = 0; i < 5; i++) {
    const tx_section *section = tx_safetensors_find(file, sections[i].name);
    assert_non_null(section);
    assert_int_equal(section->dtype, sections[i].dtype);
    assert_int_equal(section->dimensions, sections[i].dimensions);
    assert_memory_equal(section->shape, sections[i].shape, sizeof section->shape);
    assert_int_equal(section->size, sections[i].size);
    if (section->size) assert_memory_equal(section->data, sections[i].data, section->size);
  }
  assert_ptr_equal(tx_safetensors_find(file, "weights"), tx_safetensors_at(file, 0));
  assert_int_equal((uintptr_t)tx_safetensors_find(file, "weights")->data % 64, 0);
  assert_int_equal((uintptr_t)tx_safetensors_find(file, "counts")->data % 8, 0);
  assert_null(tx_safetensors_at(file, 5));
  assert_null(tx_safetensors_find(file, "absent"));
  for (size_t i = 0; i < 3; i++)
    assert_string_equal(tx_safetensors_metadata(file, metadata[i].key), metadata[i].value);
  assert_int_equal(strlen(tx_safetensors_metadata(file, "taxamba.crc32")), 8);
  assert_null(tx_safetensors_metadata(file, "absent"));
  tx_safetensors_close(file);
  tx_safetensors_close(NULL);
}

/* Values of a golden file, and an I64 section at whatever place it has. */
static void files_of_other_writers_open(void **state)
{
  static const char *const names[] = {"mamba2_encoder", "kl_shampoo", "hierarchical_loss"};
  char path[400];
  tx_error error = {0};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    tx_safetensors *file = NULL;
    snprintf(path, sizeof path, "%s/golden/%s.safetensors", TX_TESTS_DIR, names[i]);
    assert_int_equal(tx_safetensors_open(path, 1, &file, &error), TX_OK);
    assert_true(tx_safetensors_count(file) > 20);
    for (size_t j = 0; j < tx_safetensors_count(file); j++) {
      const tx_section *section = tx_safetensors_at(file, j);
      const size_t element = section->dtype == TX_DTYPE_I64 ? 8 : 4;
      assert_int_equal((uintptr_t)section->data % element, 0);
    }
    if (i == 0) {
      const tx_section *ids = tx_safetensors_find(file, "ids");
      assert_string_equal(tx_safetensors_metadata(file, "d_state"), "16");
      assert_int_equal(ids->dtype, TX_DTYPE_I64);
      for (size_t j = 0; j < ids->size / 8; j++) assert_in_range(((const int64_t *)ids->data)[j], 0, 71);
    }
    tx_safetensors_close(file);
  }
}

static void unaligned_sections_are_copied(void **state)
{
  tx_safetensors *file = NULL;
  tx_error error = {0};
  const tx_section *section;
  uint32_t first;
  int64_t second;
  (void)state;
  /* Entries in another order than their data, spaces, no metadata, and an odd start of everything. */
  write_raw(
      "{\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[7,15]}, "
      "\"t\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
      "\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[3,7]}}  ",
      15);
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_OK);
  section = tx_safetensors_find(file, "f");
  assert_int_equal((uintptr_t)section->data % 4, 0);
  memcpy(&first, section->data, 4);
  assert_int_equal(first, 0x06050403);
  section = tx_safetensors_find(file, "b");
  assert_int_equal((uintptr_t)section->data % 8, 0);
  memcpy(&second, section->data, 8);
  assert_true(second == INT64_C(0x0e0d0c0b0a090807));
  assert_string_equal(tx_safetensors_at(file, 0)->name, "t");
  assert_string_equal(tx_safetensors_at(file, 2)->name, "b");
  tx_safetensors_close(file);
}

#define ONE(dtype, shape, offsets)                                                                           \
  "{\"x\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static void wrong_headers_are_refused(void **state)
{
  static const struct {
    const char *header;
    size_t data;
    const char *word;
  } cases[] = {
      {"[1,2]", 0, "not a safetensors"},
      {"{\"x\":", 0, "not a safetensors"},
      {"{} x", 0, "not a safetensors"},
      {"{\"x\":1}", 0, "no object"},
      {"{\"__metadata__\":[]}", 0, "__metadata__"},
      {"{\"__metadata__\":{\"a\":1}}", 0, "__metadata__"},
      {"{\"__metadata__\":{\"taxamba.crc32\":\"00000000\"} }", 0, "checksum mismatch"},
      {"{\"__metadata__\":{\"a\":\"b\",\"taxamba.crc32\":\"00000000\"}}", 0, "not in its place"},
      {"{\"__metadata__\":{\"taxamba.format\":\"3\"}}", 0,
       "was written by a newer Taxamba (format 3; this one reads up to 2): update Taxamba"},
      {"{\"__metadata__\":{\"taxamba.format\":\"99999999999999999999\"}}", 0, "newer"},
      {"{\"__metadata__\":{\"taxamba.format\":\"7\"},\"x\":{\"dtype\":\"NEW\"}}", 0, "newer"},
      {"{\"__metadata__\":{\"taxamba.format\":\"1x\"}}", 0, "no version"},
      {"{\"__metadata__\":{\"taxamba.format\":\"\"}}", 0, "no version"},
      {"{\"__metadata__\":{\"taxamba.format\":\"-1\"}}", 0, "no version"},
      {ONE("F32", "[1]", "[0,4]"), 5, "appended"},
      {ONE("F32", "[1]", "[0,4]"), 3, "truncated: the header promises"},
      {ONE("F31", "[1]", "[0,4]"), 4, "dtype"},
      {"{\"x\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype"},
      {"{\"x\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype"},
      {"{\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "no shape"},
      {"{\"x\":{\"dtype\":\"F32\",\"shape\":{\"a\":1},\"data_offsets\":[0,4]}}", 4, "no shape"},
      {"{\"x\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets"},
      {ONE("F32", "[1]", "[0]"), 4, "data_offsets"},
      {ONE("F32", "[1]", "[0,4,8]"), 4, "data_offsets"},
      {ONE("F32", "[1]", "[4,0]"), 4, "data_offsets"},
      {ONE("F32", "[1]", "[-4,0]"), 4, "data_offsets"},
      {ONE("F32", "[1]", "[0,4.5]"), 4, "data_offsets"},
      {ONE("F32", "[1]", "[0,\"4\"]"), 4, "data_offsets"},
      {ONE("F32", "[1]", "[0,1e300]"), 4, "data_offsets"},
      {ONE("F32", "[2]", "[0,4]"), 4, "does not fit"},
      {ONE("F32", "[-1]", "[0,4]"), 4, "whole numbers"},
      {ONE("F32", "[1.5]", "[0,4]"), 4, "whole numbers"},
      {ONE("F32", "[1,1,1,1,1]", "[0,4]"), 4, "more than 4"},
      {ONE("F32", "[4294967296,4294967296,4294967296]", "[0,0]"), 0, "does not fit"},
      {ONE("F32", "[4611686018427387905]", "[0,4]"), 4, "whole numbers"},
      {ONE("F64", "[2097152,2097152,524288]", "[0,0]"), 0, "does not fit"},
      {"{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"U8\",\"shape\":[4],"
       "\"data_offsets\":[5,9]}}",
       9, "hole"},
      {"{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[1,5]}}", 5, "hole"},
      {"{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"U8\",\"shape\":[4],"
       "\"data_offsets\":[3,7]}}",
       7, "overlap"},
      {"{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"U8\",\"shape\":[4],"
       "\"data_offsets\":[0,4]}}",
       4, "overlap"},
      {"{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"x\":{\"dtype\":\"U8\",\"shape\":[4],"
       "\"data_offsets\":[4,8]}}",
       8, "x"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_raw(cases[i].header, cases[i].data);
    expect_fault(cases[i].word);
  }
}

static void files_without_a_header_are_refused(void **state)
{
  static const unsigned char huge[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, '{', '}'};
  static const unsigned char above[16] = {0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0, '{', '}'}; /* 100,000,001 */
  static const unsigned char most[16] = {0x00, 0xe1, 0xf5, 0x05, 0, 0, 0, 0, '{', '}'};
  static const unsigned char none[8] = {0};
  tx_safetensors *file = NULL;
  tx_error error = {0};
  (void)state;
  write_whole(place.path, huge, sizeof huge);
  expect_fault("not a safetensors");
  write_whole(place.path, above, sizeof above);
  expect_fault("not a safetensors");
  write_whole(place.path, most, sizeof most);
  expect_fault("truncated");
  write_whole(place.path, none, sizeof none);
  expect_fault("not a safetensors");
  write_whole(place.path, none, 3);
  expect_fault("not a safetensors");
  write_whole(place.path, ">seq1\nACGTACGTACGT\n", 19);
  expect_fault("not a safetensors");
  write_whole(place.path, "", 0);
  expect_fault("empty");
  assert_int_equal(tx_safetensors_open(place.folder, 1, &file, &error), TX_ERROR_IO);
  unlink(place.path);
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, place.path));
}

static void a_checksum_can_be_left_unread(void **state)
{
  const tx_section section = {
      .name = "x", .dtype = TX_DTYPE_U8, .dimensions = 1, .shape = {4}, .data = "abcd", .size = 4};
  tx_safetensors *file = NULL;
  tx_error error = {0};
  unsigned char *bytes;
  size_t size;
  (void)state;
  assert_int_equal(tx_safetensors_write(place.path, &section, 1, NULL, 0, &error), TX_OK);
  bytes = read_whole(place.path, &size);
  bytes[size - 1] ^= 1;
  write_whole(place.path, bytes, size);
  expect_fault("checksum mismatch: the file is damaged; get it again");
  assert_int_equal(tx_safetensors_open(place.path, 0, &file, &error), TX_OK);
  tx_safetensors_close(file);
  free(bytes);
}

/* Neither the file nor its name is looked at after the open; of bytes in memory none are copied that are
   aligned. */
static void a_file_may_change_afterwards(void **state)
{
  static const float values[3] = {1, 2, 3};
  const tx_section section = {.name = "x",
                              .dtype = TX_DTYPE_F32,
                              .dimensions = 1,
                              .shape = {3},
                              .data = values,
                              .size = sizeof values};
  tx_safetensors *file = NULL, *second = NULL;
  tx_error error = {0};
  unsigned char *bytes;
  size_t size;
  (void)state;
  assert_int_equal(tx_safetensors_write(place.path, &section, 1, NULL, 0, &error), TX_OK);
  bytes = read_whole(place.path, &size);
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_OK);
  assert_int_equal(tx_safetensors_size(file), size);
  write_whole(place.path, "", 0);
  assert_memory_equal(tx_safetensors_find(file, "x")->data, values, sizeof values);
  tx_safetensors_close(file);
  assert_int_equal(tx_safetensors_read("memory", bytes, size, 1, &second, &error), TX_OK);
  assert_ptr_equal(tx_safetensors_find(second, "x")->data, bytes + size - sizeof values);
  tx_safetensors_close(second);
  bytes[size - 1] ^= 1;
  second = NULL;
  assert_int_equal(tx_safetensors_read("memory", bytes, size, 1, &second, &error), TX_ERROR_MODEL);
  assert_string_equal(error.message, "memory: checksum mismatch: the file is damaged; get it again");
  assert_int_equal(tx_safetensors_read("memory", bytes, 0, 1, &second, &error), TX_ERROR_MODEL);
  assert_null(second);
  free(bytes);
}

static void writing_fails_cleanly(void **state)
{
  tx_section section = {.name = "x",
                        .dtype = TX_DTYPE_F32,
                        .dimensions = 1,
                        .shape = {4},
                        .data = "0123456789abcdef",
                        .size = 16};
  tx_error error = {0};
  unsigned char *before, *after;
  size_t size;
  (void)state;
  assert_int_equal(tx_safetensors_write(place.path, &section, 1, NULL, 0, &error), TX_OK);
  before = read_whole(place.path, &size);
  section.size = 12; /* does not fit the shape: refused, and the old file stays */
  assert_int_equal(tx_safetensors_write(place.path, &section, 1, NULL, 0, &error), TX_ERROR_MODEL);
  section.size = 16;
  after = read_whole(place.path, &size);
  assert_memory_equal(before, after, size);
  free(before);
  free(after);
  assert_int_equal(tx_safetensors_write("/nonexistent/model.safetensors", &section, 1, NULL, 0, &error),
                   TX_ERROR_IO);
  if (access("/dev/full", W_OK) == 0)
    assert_int_equal(tx_safetensors_write("/dev/full", &section, 1, NULL, 0, &error), TX_ERROR_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(sections_and_metadata_come_back, make_place, remove_place),
      cmocka_unit_test(files_of_other_writers_open),
      cmocka_unit_test_setup_teardown(unaligned_sections_are_copied, make_place, remove_place),
      cmocka_unit_test_setup_teardown(wrong_headers_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(files_without_a_header_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(a_checksum_can_be_left_unread, make_place, remove_place),
      cmocka_unit_test_setup_teardown(a_file_may_change_afterwards, make_place, remove_place),
      cmocka_unit_test_setup_teardown(writing_fails_cleanly, make_place, remove_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
