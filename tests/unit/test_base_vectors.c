/* Vectors of modalities: what is read, and one clear line for each fault. */
#include "unit/vector_files.h"

#include <math.h>
#include <stdlib.h>
#include <taxamba/vectors.h>
#include <unistd.h>

static const float rows[4][3] = {{1, 0, 0}, {0, 2, 0}, {0, 0, 3}, {4, 4, 4}};
static char warning[1024];

static void keep(void *context, const char *line)
{
  (void)context;
  snprintf(warning, sizeof warning, "%s", line);
}

static tx_status read_list(const char *arrays, tx_vectors **ret_vectors, tx_error *error)
{
  const tx_input_hooks hooks = {.warn = keep};
  warning[0] = '\0';
  return tx_vectors_read(arrays, NULL, &hooks, ret_vectors, error);
}

static void test_rows_by_id(void **state)
{
  char list[600];
  tx_vectors *vectors = NULL;
  tx_error error;
  const char *folder = *state;
  vector_file(folder, "image", rows[0], 2, 3, 0);
  vector_ids(folder, "image", "b\na\n");
  vector_file(folder, "text", rows[2], 2, 3, 0);
  vector_ids(folder, "text", "a\nc\n");
  snprintf(list, sizeof list, "%s/image.npy, %s/text.npy", folder, folder);
  if (read_list(list, &vectors, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_vectors_modalities(vectors), 2);
  assert_string_equal(tx_vectors_name(vectors, 0), "image");
  assert_int_equal(tx_vectors_modality(vectors, "text"), 1);
  assert_int_equal(tx_vectors_modality(vectors, "sound"), 2);
  assert_int_equal(tx_vectors_width(vectors, 1), 3);
  assert_memory_equal(tx_vectors_find(vectors, 0, "a", 1), rows[1], sizeof rows[1]);
  assert_memory_equal(tx_vectors_find(vectors, 1, "a", 1), rows[2], sizeof rows[2]);
  assert_null(tx_vectors_find(vectors, 0, "c", 1));
  assert_string_equal(tx_vectors_id(vectors, 1, 1), "c");
  assert_string_equal(warning, "");
  tx_vectors_free(vectors);
}

/* Of several folders, as keys and queries. */
static void test_files_of_one_modality(void **state)
{
  char list[600], folder[200];
  tx_vectors *vectors = NULL;
  tx_error error;
  snprintf(folder, sizeof folder, "%s/image.more", (const char *)*state);
  vector_file(*state, "image", rows[0], 2, 3, 0);
  vector_ids(*state, "image", "b\na\n");
  vector_file(*state, "image.more", rows[2], 1, 3, 0);
  vector_ids(*state, "image.more", "z\n");
  snprintf(list, sizeof list, "%s/image.npy,%s.npy", (const char *)*state, folder);
  if (read_list(list, &vectors, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_vectors_modalities(vectors), 1);
  assert_int_equal(tx_vectors_rows(vectors, 0), 3);
  assert_memory_equal(tx_vectors_find(vectors, 0, "z", 1), rows[2], sizeof rows[2]);
  tx_vectors_free(vectors);
}

static void test_rows_that_are_no_vectors(void **state)
{
  float bad[4][3];
  char list[300];
  tx_vectors *vectors = NULL;
  tx_error error;
  memcpy(bad, rows, sizeof bad);
  bad[1][2] = NAN;
  bad[2][2] = 0;
  vector_file(*state, "image", bad[0], 4, 3, 0);
  vector_ids(*state, "image", "a\nb\nc\nd\n");
  snprintf(list, sizeof list, "%s/image.npy", (const char *)*state);
  if (read_list(list, &vectors, &error) != TX_OK) fail_msg("%s", error.message);
  assert_null(tx_vectors_find(vectors, 0, "b", 1));
  assert_null(tx_vectors_find(vectors, 0, "c", 1));
  assert_non_null(tx_vectors_find(vectors, 0, "d", 1));
  assert_string_equal(warning,
                      "image: 2 of 4 rows are not finite or all zero and count as missing, the first is 'b'");
  tx_vectors_free(vectors);
}

static void must_fail(const char *list, tx_status status, const char *words)
{
  tx_vectors *vectors = NULL;
  tx_error error = {0};
  assert_int_equal(read_list(list, &vectors, &error), status);
  if (!strstr(error.message, words)) fail_msg("'%s' does not say %s", error.message, words);
  assert_null(strchr(error.message, '\n'));
  assert_null(vectors);
}

static void test_faults(void **state)
{
  char list[600];
  snprintf(list, sizeof list, "%s/image.npy", (const char *)*state);
  vector_file(*state, "image", rows[0], 4, 3, 0);
  vector_ids(*state, "image", "a\nb\na\nd\n");
  must_fail(list, TX_ERROR_DATA, "image.npy.ids:3: the id 'a' stands here a second time");
  vector_ids(*state, "image", "a\nb\n");
  must_fail(list, TX_ERROR_DATA, "2 names for the 4 rows of the array");
  vector_ids(*state, "image", "a\nb\nc\nd\ne\n");
  must_fail(list, TX_ERROR_DATA, "more names than the 4 rows");
  vector_ids(*state, "image", "a\nb\nc\nd\n");
  vector_file(*state, "image", rows[0], 4, 3, 5);
  must_fail(list, TX_ERROR_DATA, "the array ends in row 4 of 4");
  must_fail("", TX_ERROR_USAGE, "no array");
  must_fail("a/all.npy", TX_ERROR_IO, "a/all.npy");
  vector_file(*state, "all", rows[0], 4, 3, 0);
  snprintf(list, sizeof list, "%s/all.npy", (const char *)*state);
  must_fail(list, TX_ERROR_USAGE, "'all' stands for several modalities");
  vector_file(*state, "image", rows[0], 4, 3, 0);
  vector_file(*state, "image.b", rows[0], 2, 2, 0);
  vector_ids(*state, "image.b", "e\nf\n");
  snprintf(list, sizeof list, "%s/image.npy,%s/image.b.npy", (const char *)*state, (const char *)*state);
  must_fail(list, TX_ERROR_DATA, "rows of 2 numbers, where 'image' has rows of 3");
}

static int set_up(void **state)
{
  static char folder[160];
  const char *parent = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/taxamba_vectors_XXXXXX",
           parent && *parent && strlen(parent) < 90 ? parent : "/tmp");
  assert_non_null(mkdtemp(folder));
  *state = folder;
  return 0;
}

static int tear_down(void **state)
{
  char command[256];
  snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
  return system(command);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_by_id), cmocka_unit_test(test_files_of_one_modality),
      cmocka_unit_test(test_rows_that_are_no_vectors), cmocka_unit_test(test_faults)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
