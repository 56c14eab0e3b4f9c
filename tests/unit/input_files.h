/* Small input files of a test, in a folder of their own that is removed with them. */
#ifndef TX_TESTS_INPUT_FILES_H
#define TX_TESTS_INPUT_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define INPUT_FILES_MAX 8

typedef struct input_files {
  char folder[128];
  char paths[INPUT_FILES_MAX][160];
  size_t count;
} input_files;

static inline void input_files_create(input_files *files)
{
  files->count = 0;
  snprintf(files->folder, sizeof files->folder, "/tmp/taxamba_test_XXXXXX");
  assert_non_null(mkdtemp(files->folder));
}

/* Writes a file and returns its path. */
static inline const char *input_files_put(input_files *files, const char *name, const void *data, size_t size)
{
  char path[sizeof files->paths[0]];
  FILE *file;
  assert_true(files->count < INPUT_FILES_MAX);
  snprintf(path, sizeof path, "%s/%.20s", files->folder, name);
  file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
  return memcpy(files->paths[files->count++], path, sizeof path);
}

static inline const char *input_files_text(input_files *files, const char *name, const char *text)
{
  return input_files_put(files, name, text, strlen(text));
}

static inline void input_files_remove(input_files *files)
{
  for (size_t i = 0; i < files->count; i++) unlink(files->paths[i]);
  assert_int_equal(rmdir(files->folder), 0);
}

#endif
