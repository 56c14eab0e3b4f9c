/* Files for the tests of the sequence reader: written to a folder of their own, plain or compressed. */
#ifndef SEQ_FILES_H
#define SEQ_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <htslib/bgzf.h>
#include <zlib.h>

#include "seq/fastx.h"

typedef enum packing { PLAIN, GZIP, BGZIP } packing;

static char seq_folder[256];

/* Group setup and teardown. */
static inline int make_folder(void **state)
{
  const char *base = getenv("TMPDIR");
  (void)state;
  snprintf(seq_folder, sizeof seq_folder, "%.200s/taxamba-test-XXXXXX", base && *base ? base : "/tmp");
  return mkdtemp(seq_folder) ? 0 : -1;
}

static inline const char *path_of(char *path, const char *name)
{
  snprintf(path, 512, "%s/%s", seq_folder, name);
  return path;
}

static inline int remove_folder(void **state)
{
  (void)state;
  return rmdir(seq_folder); /* fails if a test left something behind */
}

static inline void write_file(const char *path, const void *data, size_t size, packing how)
{
  if (how == GZIP) {
    gzFile file = gzopen(path, "wb1");
    assert_non_null(file);
    for (size_t at = 0; at < size; at += 1 << 20)
      assert_true(
          gzwrite(file, (const char *)data + at, (unsigned)(size - at < 1 << 20 ? size - at : 1 << 20)) > 0);
    assert_int_equal(gzclose(file), Z_OK);
  } else if (how == BGZIP) {
    BGZF *file = bgzf_open(path, "w1");
    assert_non_null(file);
    assert_true(bgzf_write(file, data, size) == (ssize_t)size);
    assert_int_equal(bgzf_close(file), 0);
  } else {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
  }
}

/* Writes the text, reads it to the end or the first error and appends what came as
   "id|comment|bases|line|number;" to `out`. Returns the last status. */
static inline tx_status read_records(const char *const *paths, size_t count, size_t buffer_size, char *out,
                                     size_t out_size, tx_error *error)
{
  tx_reader *reader = NULL;
  tx_record record;
  size_t used = 0;
  tx_status status = tx_reader_open_sized(paths, count, buffer_size, &reader, error);
  *out = '\0';
  if (status != TX_OK) return status;
  while ((status = tx_reader_next(reader, &record, error)) == TX_OK) {
    assert_int_equal(strlen(record.id), record.id_length);
    assert_int_equal(strlen(record.comment), record.comment_length);
    assert_int_equal(strlen(record.bases), record.base_count);
    used += (size_t)snprintf(out + used, out_size - used, "%s|%s|%s|%d|%d;", record.id, record.comment,
                             record.bases, (int)record.line, (int)record.number);
    assert_true(used < out_size);
  }
  if (status == TX_END) assert_int_equal(tx_reader_next(reader, &record, error), TX_END);
  if (status < 0) { /* an error stays */
    tx_error again = {0};
    assert_int_equal(tx_reader_next(reader, &record, &again), status);
    assert_string_equal(again.message, error->message);
  }
  tx_reader_close(reader);
  return status;
}

static inline tx_status read_text(const char *text, size_t size, packing how, size_t buffer_size, char *out,
                                  size_t out_size, tx_error *error)
{
  char path[512];
  const char *paths[1];
  tx_status status;
  paths[0] = path_of(path, "input");
  write_file(path, text, size, how);
  status = read_records(paths, 1, buffer_size, out, out_size, error);
  assert_int_equal(unlink(path), 0);
  return status;
}

#endif
