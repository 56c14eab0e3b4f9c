/* Writers of predictions and embeddings: exact bytes, .npy read back, nothing left behind by a failure. */
#include "infer/prediction.h"
#include "base/file.h"
#include "model/model.h"

#include <taxamba/output.h>

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "unit/scratch.h"

static scratch place;
static char second[300]; /* the file of identifiers */
static tx_model model;

static int make_place(void **state)
{
  /* "o,rder Two" has what would break a list and a row. */
  static const char text[] = "order\tsubfamily\tspecies\n"
                             "0\t-1\t-1\tDiptera\n"
                             "0\t-1\t-1\to,rder Two\n"
                             "1\t0\t0\tAedinae\n"
                             "2\t1\t0\tAedes \"x\" \xc3\xa9gypti\n"
                             "2\t0\t1\tlone (one)\n";
  tx_error error;
  (void)state;
  scratch_create(&place);
  snprintf(second, sizeof second, "%s/ids.txt", place.folder);
  return tx_taxonomy_read(text, sizeof text - 1, &model.taxonomy, &error) == TX_OK ? 0 : -1;
}

static int remove_place(void **state)
{
  (void)state;
  tx_taxonomy_free(model.taxonomy);
  unlink(second);
  scratch_remove(&place);
  return 0;
}

static tx_record make_record(const char *id)
{
  tx_record record;
  memset(&record, 0, sizeof record);
  record.id = id;
  record.id_length = strlen(id);
  return record;
}

static tx_prediction make_prediction(tx_record_status status, char strand)
{
  tx_prediction prediction;
  memset(&prediction, 0, sizeof prediction);
  prediction.status = status;
  prediction.strand = strand;
  for (size_t rank = 0; rank < TX_RANKS_MAX; rank++) prediction.taxa[rank] = -1;
  return prediction;
}

static void set_taxon(tx_prediction *prediction, size_t rank, int32_t class_index, double confidence)
{
  prediction->taxa[rank] = class_index;
  prediction->confidence[rank] = confidence;
}

/* Six rows: full, cut, with a gap, short, no bases, and an identifier with a tab in it (a quoted table
   cell). */
static void put_rows(tx_prediction_writer *writer)
{
  static const char *const ids[] = {"full", "cut", "gap", "short", "none", "a\tb\"c"};
  tx_prediction rows[6];
  rows[0] = make_prediction(TX_RECORD_OK, '+');
  set_taxon(&rows[0], 0, 0, 1);
  set_taxon(&rows[0], 1, 0, 0.9998);
  set_taxon(&rows[0], 2, 0, 0.0001);
  rows[1] = make_prediction(TX_RECORD_OK, '-');
  set_taxon(&rows[1], 0, 1, 0.58); /* 0.58 * 1e4 is 5799.999... in binary */
  rows[2] = make_prediction(TX_RECORD_OK, '+');
  set_taxon(&rows[2], 0, 1, 0.7);
  set_taxon(&rows[2], 2, 1, 0);
  rows[3] = make_prediction(TX_RECORD_TOO_SHORT, '.');
  rows[4] = make_prediction(TX_RECORD_NO_BASES, '.');
  rows[5] = make_prediction(TX_RECORD_OK, '+');
  for (size_t i = 0; i < 6; i++) {
    tx_record record = make_record(ids[i]);
    tx_error error;
    assert_int_equal(tx_prediction_writer_put(writer, &record, &rows[i], &error), TX_OK);
    assert_int_equal(tx_prediction_writer_flush(writer, &error), TX_OK);
  }
}

static void expect_file(const char *path, const char *text)
{
  size_t size;
  unsigned char *data = read_whole(path, &size);
  assert_int_equal(size, strlen(text));
  assert_memory_equal(data, text, size);
  free(data);
}

static void expect_rows(tx_prediction_format format, const char *text)
{
  tx_prediction_writer *writer = NULL;
  tx_error error;
  assert_int_equal(tx_prediction_writer_open(place.path, format, model.taxonomy, NULL, NULL, &writer, &error),
                   TX_OK);
  put_rows(writer);
  assert_int_equal(access(place.path, F_OK), -1); /* the file appears when it is whole */
  assert_int_equal(tx_prediction_writer_commit(writer, &error), TX_OK);
  expect_file(place.path, text);
  unlink(place.path);
}

static void tab_separated(void **state)
{
  (void)state;
  expect_rows(TX_FORMAT_TSV, "id\torder\torder_confidence\tsubfamily\tsubfamily_confidence\tspecies\tspecies_"
                             "confidence\tstrand\tstatus\n"
                             "full\tDiptera\t1.0000\tAedinae\t0.9998\tAedes \"x\" "
                             "\xc3\xa9gypti\t0.0001\t+\tok\n"
                             "cut\to,rder Two\t0.5800\t\t\t\t\t-\tok\n"
                             "gap\to,rder Two\t0.7000\t\t\tlone (one)\t0.0000\t+\tok\n"
                             "short\t\t\t\t\t\t\t.\ttoo_short\n"
                             "none\t\t\t\t\t\t\t.\tno_bases\n"
                             "a b\"c\t\t\t\t\t\t\t+\tok\n");
}

static void json_lines(void **state)
{
  (void)state;
  expect_rows(TX_FORMAT_JSONL,
              "{\"id\":\"full\",\"status\":\"ok\",\"strand\":\"+\",\"lineage\":[{\"rank\":\"order\","
              "\"taxon\":\"Diptera\",\"confidence\":1.0000},"
              "{\"rank\":\"subfamily\",\"taxon\":\"Aedinae\",\"confidence\":0.9998},"
              "{\"rank\":\"species\",\"taxon\":\"Aedes \\\"x\\\" \xc3\xa9gypti\",\"confidence\":0.0001}]}\n"
              "{\"id\":\"cut\",\"status\":\"ok\",\"strand\":\"-\",\"lineage\":[{\"rank\":\"order\",\"taxon\":"
              "\"o,rder Two\",\"confidence\":0.5800}]}\n"
              "{\"id\":\"gap\",\"status\":\"ok\",\"strand\":\"+\",\"lineage\":[{\"rank\":\"order\",\"taxon\":"
              "\"o,rder Two\",\"confidence\":0.7000},"
              "{\"rank\":\"species\",\"taxon\":\"lone (one)\",\"confidence\":0.0000}]}\n"
              "{\"id\":\"short\",\"status\":\"too_short\",\"strand\":\".\",\"lineage\":[]}\n"
              "{\"id\":\"none\",\"status\":\"no_bases\",\"strand\":\".\",\"lineage\":[]}\n"
              "{\"id\":\"a\\tb\\\"c\",\"status\":\"ok\",\"strand\":\"+\",\"lineage\":[]}\n");
}

static void sintax_lists(void **state)
{
  (void)state;
  expect_rows(TX_FORMAT_SINTAX,
              "full\to:Diptera(1.0000),subfamily:Aedinae(0.9998),s:Aedes \"x\" \xc3\xa9gypti(0.0001)\t+\t"
              "o:Diptera,subfamily:Aedinae,s:Aedes \"x\" \xc3\xa9gypti\n"
              "cut\to:o_rder Two(0.5800)\t-\to:o_rder Two\n"
              "gap\to:o_rder Two(0.7000),s:lone (one)(0.0000)\t+\to:o_rder Two,s:lone (one)\n"
              "short\t\t.\t\n"
              "none\t\t.\t\n"
              "a b\"c\t\t+\t\n");
}

static void abort_leaves_the_old_file(void **state)
{
  tx_prediction_writer *writer = NULL;
  tx_error error;
  (void)state;
  write_whole(place.path, "old\n", 4);
  assert_int_equal(
      tx_prediction_writer_open(place.path, TX_FORMAT_TSV, model.taxonomy, NULL, NULL, &writer, &error),
      TX_OK);
  put_rows(writer);
  tx_prediction_writer_abort(writer);
  tx_prediction_writer_abort(NULL);
  expect_file(place.path, "old\n");
  unlink(place.path);
}

static void faults_of_the_path(void **state)
{
  tx_prediction_writer *writer = NULL;
  tx_embedding_writer *embeddings = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_prediction_writer_open("/nonexistent/x.tsv", TX_FORMAT_TSV, model.taxonomy, NULL, NULL,
                                             &writer, &error),
                   TX_ERROR_IO);
  assert_null(writer);
  assert_int_equal(tx_prediction_writer_open(place.path, (tx_prediction_format)9, model.taxonomy, NULL, NULL,
                                             &writer, &error),
                   TX_ERROR_USAGE);
  assert_int_equal(
      tx_embedding_writer_open(place.path, second, (tx_embedding_format)9, 3, NULL, &embeddings, &error),
      TX_ERROR_USAGE);
  assert_int_equal(tx_embedding_writer_open("-", second, TX_EMBEDDING_NPY, 3, NULL, &embeddings, &error),
                   TX_ERROR_USAGE);
  assert_string_equal(error.message, "npy needs a file; use --format tsv for a pipe");
  assert_int_equal(
      tx_embedding_writer_open("/dev/full", second, TX_EMBEDDING_NPY, 3, NULL, &embeddings, &error),
      TX_ERROR_USAGE);
  assert_int_equal(tx_embedding_writer_open(place.path, NULL, TX_EMBEDDING_NPY, 3, NULL, &embeddings, &error),
                   TX_ERROR_USAGE);
  assert_int_equal(
      tx_embedding_writer_open(place.path, place.path, TX_EMBEDDING_NPY, 3, NULL, &embeddings, &error),
      TX_ERROR_USAGE);
  assert_int_equal(tx_embedding_writer_open(place.path, "/nonexistent/ids", TX_EMBEDDING_NPY, 3, NULL,
                                            &embeddings, &error),
                   TX_ERROR_IO);
  assert_null(embeddings);
  assert_int_equal(access(place.path, F_OK), -1);
}

static void full_disk(void **state)
{
  tx_prediction_writer *writer = NULL;
  tx_record record = make_record("x");
  tx_prediction prediction = make_prediction(TX_RECORD_OK, '+');
  tx_error error;
  (void)state;
  if (access("/dev/full", W_OK)) skip();
  assert_int_equal(
      tx_prediction_writer_open("/dev/full", TX_FORMAT_TSV, model.taxonomy, NULL, NULL, &writer, &error),
      TX_OK);
  assert_int_equal(tx_prediction_writer_put(writer, &record, &prediction, &error), TX_OK); /* in the buffer */
  assert_int_equal(tx_prediction_writer_flush(writer, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "/dev/full"));
  assert_int_equal(tx_prediction_writer_commit(writer, &error), TX_ERROR_IO);
}

/* ---- embeddings ---- */

enum { WIDTH = 3 };
static const float rows_of_floats[][WIDTH] = {{1, -2.5F, 1e-30F}, {0.1F, 3.14159274F, -0.0F}};

static tx_embedding_writer *open_embeddings(tx_embedding_format format)
{
  tx_embedding_writer *writer = NULL;
  tx_error error;
  assert_int_equal(tx_embedding_writer_open(place.path, second, format, WIDTH, NULL, &writer, &error), TX_OK);
  return writer;
}

static void put_embedding(tx_embedding_writer *writer, const char *id, const float *embedding)
{
  tx_record record = make_record(id);
  tx_prediction prediction =
      make_prediction(embedding ? TX_RECORD_OK : TX_RECORD_TOO_SHORT, embedding ? '+' : '.');
  tx_error error;
  prediction.embedding = embedding;
  assert_int_equal(tx_embedding_writer_put(writer, &record, &prediction, &error), TX_OK);
  assert_int_equal(tx_embedding_writer_flush(writer, &error), TX_OK);
}

static float read_float(const unsigned char *bytes)
{
  uint32_t bits =
      (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Reads the header as the format's description has it, and returns where the numbers begin. */
static size_t read_npy_header(const unsigned char *data, size_t size, unsigned long *ret_rows,
                              unsigned long *ret_columns)
{
  size_t length;
  char text[512];
  assert_true(size >= 10);
  assert_memory_equal(data, "\x93NUMPY\x01\x00", 8);
  length = data[8] + 256u * data[9];
  assert_true(10 + length <= size && length < sizeof text);
  assert_int_equal((10 + length) % 64, 0);
  memcpy(text, data + 10, length);
  text[length] = '\0';
  assert_int_equal(text[length - 1], '\n');
  assert_int_equal(
      sscanf(text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%lu, %lu), }", ret_rows, ret_columns),
      2);
  return 10 + length;
}

static void npy_comes_back(void **state)
{
  tx_embedding_writer *writer = open_embeddings(TX_EMBEDDING_NPY);
  unsigned long rows = 0, columns = 0;
  unsigned char *data;
  size_t size, at;
  tx_error error;
  (void)state;
  put_embedding(writer, "one", rows_of_floats[0]);
  put_embedding(writer, "short", NULL);
  put_embedding(writer, "two", rows_of_floats[1]);
  assert_int_equal(access(place.path, F_OK), -1);
  assert_int_equal(access(second, F_OK), -1);
  assert_int_equal(tx_embedding_writer_commit(writer, &error), TX_OK);
  expect_file(second, "one\nshort\ntwo\n");
  data = read_whole(place.path, &size);
  at = read_npy_header(data, size, &rows, &columns);
  assert_int_equal(rows, 3);
  assert_int_equal(columns, WIDTH);
  assert_int_equal(size - at, 3 * WIDTH * 4);
  for (size_t i = 0; i < WIDTH; i++) {
    float first = read_float(data + at + 4 * i), last = read_float(data + at + 4 * (2 * WIDTH + i));
    assert_memory_equal(&first, &rows_of_floats[0][i], sizeof first);
    assert_memory_equal(&last, &rows_of_floats[1][i], sizeof last);
    assert_true(isnan(read_float(data + at + 4 * (WIDTH + i))));
  }
  free(data);
  unlink(place.path);
  unlink(second);
}

static void npy_of_nothing(void **state)
{
  tx_embedding_writer *writer = open_embeddings(TX_EMBEDDING_NPY);
  unsigned long rows = 9, columns = 0;
  unsigned char *data;
  size_t size;
  struct stat ids;
  tx_error error;
  (void)state;
  assert_int_equal(tx_embedding_writer_commit(writer, &error), TX_OK);
  data = read_whole(place.path, &size);
  assert_int_equal(read_npy_header(data, size, &rows, &columns), size);
  assert_int_equal(rows, 0);
  assert_int_equal(columns, WIDTH);
  assert_int_equal(stat(second, &ids), 0);
  assert_int_equal(ids.st_size, 0);
  free(data);
  unlink(place.path);
  unlink(second);
}

static void npy_abort_leaves_nothing(void **state)
{
  tx_embedding_writer *writer = open_embeddings(TX_EMBEDDING_NPY);
  (void)state;
  put_embedding(writer, "one", rows_of_floats[0]);
  tx_embedding_writer_abort(writer);
  tx_embedding_writer_abort(NULL);
  assert_int_equal(rmdir(place.folder), 0); /* not even a temporary file */
  assert_int_equal(mkdir(place.folder, 0700), 0);
}

/* Identifiers that cannot be written: the embeddings do not appear either. */
static void npy_both_or_none(void **state)
{
  tx_embedding_writer *writer = NULL;
  tx_error error;
  (void)state;
  if (access("/dev/full", W_OK)) skip();
  assert_int_equal(
      tx_embedding_writer_open(place.path, "/dev/full", TX_EMBEDDING_NPY, WIDTH, NULL, &writer, &error),
      TX_OK);
  put_embedding(writer, "one", rows_of_floats[0]);
  assert_int_equal(tx_embedding_writer_commit(writer, &error), TX_ERROR_IO);
  assert_int_equal(access(place.path, F_OK), -1);
}

static void tsv_of_embeddings(void **state)
{
  tx_embedding_writer *writer = open_embeddings(TX_EMBEDDING_TSV);
  tx_error error;
  (void)state;
  put_embedding(writer, "one", rows_of_floats[0]);
  put_embedding(writer, "short", NULL);
  put_embedding(writer, "two", rows_of_floats[1]);
  assert_int_equal(tx_embedding_writer_commit(writer, &error), TX_OK);
  expect_file(place.path, "one\t1\t-2.5\t1e-30\nshort\tnan\tnan\tnan\ntwo\t0.100000001\t3.14159274\t-0\n");
  assert_int_equal(access(second, F_OK), -1);
  unlink(place.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tab_separated),    cmocka_unit_test(json_lines),
      cmocka_unit_test(sintax_lists),     cmocka_unit_test(abort_leaves_the_old_file),
      cmocka_unit_test(faults_of_the_path), cmocka_unit_test(full_disk),
      cmocka_unit_test(npy_comes_back),   cmocka_unit_test(npy_of_nothing),
      cmocka_unit_test(npy_abort_leaves_nothing), cmocka_unit_test(npy_both_or_none),
      cmocka_unit_test(tsv_of_embeddings),
  };
  return cmocka_run_group_tests(tests, make_place, remove_place);
}
