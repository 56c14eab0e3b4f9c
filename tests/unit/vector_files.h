/* Arrays of vectors and their ids, for tests. */
#ifndef TX_TESTS_VECTOR_FILES_H
#define TX_TESTS_VECTOR_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Writes rows (count, width) as FOLDER/NAME.npy, of which `cut` bytes are missing at the end. */
static inline void vector_file(const char *folder, const char *name, const float *rows, size_t count,
                               size_t width, size_t cut)
{
  char path[256], header[118];
  const int used = snprintf(header, sizeof header,
                            "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", count, width);
  FILE *file;
  memset(header + used, ' ', sizeof header - (size_t)used);
  header[sizeof header - 1] = '\n';
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, file), 10);
  assert_int_equal(fwrite(header, 1, sizeof header, file), sizeof header);
  fwrite(rows, 1, count * width * sizeof *rows - cut, file);
  assert_int_equal(fclose(file), 0);
}

static inline void vector_ids(const char *folder, const char *name, const char *ids)
{
  char path[256];
  FILE *file;
  snprintf(path, sizeof path, "%s/%s.npy.ids", folder, name);
  file = fopen(path, "wb");
  assert_non_null(file);
  assert_true(fputs(ids, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

#endif
