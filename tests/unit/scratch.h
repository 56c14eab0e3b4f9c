/* Files of a test: a folder of its own, whole files in memory, and the checksum of our safetensors files. */
#ifndef TX_TESTS_SCRATCH_H
#define TX_TESTS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct scratch {
  char folder[256];
  char path[300]; /* of the one file the test works with */
} scratch;

static inline void scratch_create(scratch *place)
{
  const char *parent = getenv("TMPDIR");
  snprintf(place->folder, sizeof place->folder, "%s/taxamba_test_XXXXXX",
           parent && *parent ? parent : "/tmp");
  assert_non_null(mkdtemp(place->folder));
  snprintf(place->path, sizeof place->path, "%s/file.safetensors", place->folder);
}

static inline void scratch_remove(scratch *place)
{
  unlink(place->path);
  assert_int_equal(rmdir(place->folder), 0); /* fails when something was left behind */
}

static inline void write_whole(const char *path, const void *data, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

/* The caller frees the result. */
static inline unsigned char *read_whole(const char *path, size_t *ret_size)
{
  FILE *file = fopen(path, "rb");
  long size;
  unsigned char *data;
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  size = ftell(file);
  assert_true(size > 0);
  rewind(file);
  data = malloc((size_t)size);
  assert_non_null(data);
  assert_int_equal(fread(data, 1, (size_t)size, file), (size_t)size);
  fclose(file);
  *ret_size = (size_t)size;
  return data;
}

/* CRC-32 as in IEEE 802.3, bit by bit: no table to get wrong, and none of the library's code. */
static inline uint32_t plain_crc32(const unsigned char *data, size_t size)
{
  uint32_t crc = 0xffffffffU;
  for (size_t i = 0; i < size; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
  }
  return crc ^ 0xffffffffU;
}

/* The place of the eight digits in a file of ours (docs/model-format.md). */
#define CHECKSUM_PLACE 42

/* Makes the checksum right again after an edit, so that a reader looks further. */
static inline void refresh_checksum(unsigned char *data, size_t size)
{
  char digits[9];
  memset(data + CHECKSUM_PLACE, '0', 8);
  snprintf(digits, sizeof digits, "%08lx", (unsigned long)plain_crc32(data, size));
  memcpy(data + CHECKSUM_PLACE, digits, 8);
}

/* Replaces the first occurrence of a text by another of the same length. */
static inline void replace_text(unsigned char *data, size_t size, const char *from, const char *to)
{
  const size_t length = strlen(from);
  assert_int_equal(length, strlen(to));
  for (size_t i = 0; i + length <= size; i++)
    if (memcmp(data + i, from, length) == 0) {
      memcpy(data + i, to, length);
      return;
    }
  fail_msg("'%s' is not in the file", from);
}

#endif
