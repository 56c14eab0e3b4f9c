/* Zip archives: what was written is read, in both forms of the directory; nothing wrong is accepted. */
#include "base/zip.h"

#include "unit/made_zip.h"
#include "unit/scratch.h"

/* "taxamba" ten times, deflated: the stream has no header. */
static const unsigned char deflated[] = {0x2b, 0x49, 0xac, 0x48, 0xcc, 0x4d,
                                         0x4a, 0x2c, 0xa1, 0x8c, 0x02, 0x00};
enum { DEFLATED_TIMES = 10 };

static tx_zip *open_bytes(const made_zip *made)
{
  tx_zip *zip = NULL;
  tx_error error = {0};
  assert_false(made->bytes.failed);
  if (tx_zip_open("x.zip", made->bytes.data, made->bytes.size, &zip, &error) != TX_OK)
    fail_msg("%s", error.message);
  return zip;
}

static void expect_content(const tx_zip *zip, const char *name, const char *content, size_t size)
{
  const tx_zip_entry *entry = tx_zip_find(zip, name);
  const unsigned char *data = NULL;
  unsigned char *owned = NULL;
  tx_error error = {0};
  assert_non_null(entry);
  assert_int_equal(entry->size, size);
  if (tx_zip_read(zip, entry, 1000, &data, &owned, &error) != TX_OK) fail_msg("%s", error.message);
  assert_memory_equal(data, content, size);
  free(owned);
}

static void both_directories_are_read(void **state)
{
  (void)state;
  for (int wide = 0; wide < 2; wide++) {
    made_zip made = {.wide = wide};
    tx_zip *zip;
    made_content(&made, "a/one", "first", 5);
    made_content(&made, "a/empty", "", 0);
    made_content(&made, "two", "the second", 10);
    made_end(&made);
    zip = open_bytes(&made);
    assert_int_equal(tx_zip_count(zip), 3);
    expect_content(zip, "a/one", "first", 5);
    expect_content(zip, "a/empty", "", 0);
    expect_content(zip, "two", "the second", 10);
    assert_null(tx_zip_find(zip, "a"));
    assert_null(tx_zip_at(zip, 3));
    tx_zip_close(zip);
    made_free(&made);
  }
}

static void written_archives_are_read(void **state)
{
  tx_zip_writer writer = {0};
  tx_output *output = NULL;
  tx_zip *zip = NULL;
  tx_error error = {0};
  scratch place;
  unsigned char *data;
  size_t size;
  char name[32];
  (void)state;
  scratch_create(&place);
  assert_int_equal(tx_output_open(place.path, NULL, &output, &error), TX_OK);
  for (int i = 0; i < 200; i++) {
    snprintf(name, sizeof name, "folder/%d", i * i);
    assert_int_equal(tx_zip_put(&writer, output, name, name, strlen(name), &error), TX_OK);
  }
  assert_int_equal(tx_zip_end(&writer, output, &error), TX_OK);
  tx_zip_writer_free(&writer);
  assert_int_equal(tx_output_commit(output, &error), TX_OK);
  data = read_whole(place.path, &size);
  assert_int_equal(tx_zip_open("x.zip", data, size, &zip, &error), TX_OK);
  assert_int_equal(tx_zip_count(zip), 200);
  for (int i = 0; i < 200; i++) {
    snprintf(name, sizeof name, "folder/%d", i * i);
    expect_content(zip, name, name, strlen(name));
    assert_int_equal((size_t)(tx_zip_find(zip, name)->data - data) % 64, 0);
  }
  tx_zip_close(zip);
  free(data);
  scratch_remove(&place);
}

static void deflated_entries_must_have_their_size(void **state)
{
  char text[7 * DEFLATED_TIMES];
  (void)state;
  for (int i = 0; i < DEFLATED_TIMES; i++) memcpy(text + 7 * i, "taxamba", 7);
  for (int wrong = -1; wrong <= 1; wrong++) {
    made_zip made = {0};
    const unsigned char *data = NULL;
    unsigned char *owned = NULL;
    tx_error error = {0};
    tx_zip *zip;
    made_entry(&made, "x", 8, tx_crc32(0, text, sizeof text), (size_t)((int)sizeof text + wrong), deflated,
               sizeof deflated);
    made_end(&made);
    zip = open_bytes(&made);
    if (wrong == 0) {
      expect_content(zip, "x", text, sizeof text);
      assert_int_equal(tx_zip_read(zip, tx_zip_at(zip, 0), sizeof text - 1, &data, &owned, &error),
                       TX_ERROR_DATA);
    } else {
      assert_int_equal(tx_zip_read(zip, tx_zip_at(zip, 0), 1000, &data, &owned, &error), TX_ERROR_DATA);
      assert_non_null(strstr(error.message, "cannot be decompressed"));
    }
    assert_null(owned);
    tx_zip_close(zip);
    made_free(&made);
  }
}

static void expect_fault(const void *data, size_t size, const char *what)
{
  tx_zip *zip = NULL;
  tx_error error = {0};
  assert_int_equal(tx_zip_open("x.zip", data, size, &zip, &error), TX_ERROR_DATA);
  assert_null(zip);
  if (!strstr(error.message, what)) fail_msg("'%s' does not say '%s'", error.message, what);
}

static void wrong_archives_are_refused(void **state)
{
  made_zip made = {0};
  (void)state;
  expect_fault("", 0, "no directory");
  expect_fault("PK\5\6", 4, "no directory");
  made_content(&made, "same", "1", 1);
  made_content(&made, "same", "2", 1);
  made_end(&made);
  expect_fault(made.bytes.data, made.bytes.size, "the same name");
  made_free(&made);
  made = (made_zip){0};
  made_entry(&made, "bomb", 8, 0, 1 << 30, "ab", 2);
  made_end(&made);
  expect_fault(made.bytes.data, made.bytes.size, "cannot have");
  made_free(&made);
  made = (made_zip){0};
  made_entry(&made, "bzip2", 12, 0, 2, "ab", 2);
  made_end(&made);
  expect_fault(made.bytes.data, made.bytes.size, "neither stored nor deflated");
  made_free(&made);
}

/* Each byte of an archive changed, and each shorter piece of it: an archive that opens has entries within its
   bytes, and its content is the old one or the checksum tells. */
static void every_change_is_seen_or_harmless(void **state)
{
  (void)state;
  for (int wide = 0; wide < 2; wide++) {
    made_zip made = {.wide = wide};
    made_content(&made, "a/one", "first", 5);
    made_content(&made, "a/two", "second", 6);
    made_end(&made);
    for (size_t i = 0; i < 2 * made.bytes.size; i++) {
      const size_t size = i < made.bytes.size ? made.bytes.size : i - made.bytes.size;
      unsigned char *copy = malloc(size + 1);
      tx_zip *zip = NULL;
      tx_error error = {0};
      memcpy(copy, made.bytes.data, size);
      if (i < size) copy[i] ^= (unsigned char)(1U << i % 8 | 0x80);
      if (tx_zip_open("x.zip", copy, size, &zip, &error) == TX_OK) {
        for (size_t e = 0; e < tx_zip_count(zip); e++) {
          const unsigned char *data;
          unsigned char *owned;
          if (tx_zip_read(zip, tx_zip_at(zip, e), 1000, &data, &owned, &error) != TX_OK) continue;
          assert_true(owned || (data >= copy && tx_zip_at(zip, e)->size <= (size_t)(copy + size - data)));
          free(owned);
        }
        tx_zip_close(zip);
      }
      free(copy);
    }
    made_free(&made);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_directories_are_read), cmocka_unit_test(written_archives_are_read),
      cmocka_unit_test(deflated_entries_must_have_their_size), cmocka_unit_test(wrong_archives_are_refused),
      cmocka_unit_test(every_change_is_seen_or_harmless)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
