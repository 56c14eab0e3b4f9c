/* What the tests of base/ share: a scratch folder that may hold several files, and compressed data made with
   zlib alone. */
#ifndef TX_TESTS_BASE_FILES_H
#define TX_TESTS_BASE_FILES_H

#include <dirent.h>
#include <zlib.h>

#include "unit/scratch.h"

/* "FOLDER/NAME" in one of a few rotating buffers. */
static inline const char *in_folder(const scratch *place, const char *name)
{
  static char paths[4][1024];
  static int turn;
  char *path = paths[turn = (turn + 1) % 4];
  snprintf(path, sizeof paths[0], "%s/%s", place->folder, name);
  return path;
}

/* Names in the folder. */
static inline size_t count_files(const scratch *place)
{
  DIR *folder = opendir(place->folder);
  size_t count = 0;
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) count++;
  closedir(folder);
  return count;
}

/* Removes every file of the folder, then the folder. */
static inline void remove_folder(const scratch *place)
{
  DIR *folder = opendir(place->folder);
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      (void)remove(in_folder(place, entry->d_name));
  closedir(folder);
  assert_int_equal(rmdir(place->folder), 0);
}

/* The folder of the test in hand: a set-up creates it, tear_down removes it and ends the alarm. */
static scratch place;

static inline int tear_down(void **state)
{
  (void)state;
  alarm(0);
  remove_folder(&place);
  return 0;
}

static inline void assert_content(const char *path, const void *data, size_t size)
{
  size_t found_size = 0;
  unsigned char *found = read_whole(path, &found_size);
  assert_int_equal(found_size, size);
  assert_memory_equal(found, data, size);
  free(found);
}

/* Window bits 31: with a gzip header and trailer; -15: the bare deflate stream. The caller frees the
   result. */
static inline unsigned char *deflate_whole(const void *data, size_t size, int window_bits, size_t *ret_size)
{
  z_stream stream = {0};
  unsigned char *input = malloc(size + 1);
  unsigned char *output;
  uLong bound;
  assert_non_null(input);
  memcpy(input, data, size);
  assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  bound = deflateBound(&stream, (uLong)size) + 64;
  output = malloc(bound);
  assert_non_null(output);
  stream.next_in = input;
  stream.avail_in = (uInt)size;
  stream.next_out = output;
  stream.avail_out = (uInt)bound;
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  *ret_size = stream.total_out;
  deflateEnd(&stream);
  free(input);
  return output;
}

static inline unsigned char *make_gzip(const void *data, size_t size, size_t *ret_size)
{
  return deflate_whole(data, size, 31, ret_size);
}

static inline void put_number(unsigned char *at, uint32_t number, int bytes)
{
  for (int i = 0; i < bytes; i++) at[i] = (unsigned char)(number >> 8 * i);
}

/* One BGZF block (SAM specification 4.1), at most 65280 bytes of data, written at `out`; returns its size. */
static inline size_t put_bgzip_block(unsigned char *out, const void *data, size_t size)
{
  static const unsigned char header[16] = {0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 'B', 'C', 2, 0};
  size_t deflated_size;
  unsigned char *deflated = deflate_whole(data, size, -15, &deflated_size);
  size_t total = sizeof header + 2 + deflated_size + 8;
  memcpy(out, header, sizeof header);
  put_number(out + 16, (uint32_t)total - 1, 2);
  memcpy(out + 18, deflated, deflated_size);
  put_number(out + 18 + deflated_size, plain_crc32(data, size), 4);
  put_number(out + 22 + deflated_size, (uint32_t)size, 4);
  free(deflated);
  return total;
}

/* BGZF blocks of `block` bytes and, if asked for, the empty block that ends a file. The caller frees the
   result. */
static inline unsigned char *make_bgzip(const void *data, size_t size, size_t block, int with_end,
                                        size_t *ret_size)
{
  const unsigned char *from = data;
  unsigned char *out = malloc(2 * size + 64 * (size / block + 2));
  size_t used = 0;
  assert_non_null(out);
  for (size_t at = 0; at < size; at += block)
    used += put_bgzip_block(out + used, from + at, size - at < block ? size - at : block);
  if (with_end) used += put_bgzip_block(out + used, "", 0);
  *ret_size = used;
  return out;
}

/* Text with some structure, that compresses to about a third. */
static inline char *make_text(size_t size)
{
  char *text = malloc(size + 1);
  uint32_t random = 12345;
  assert_non_null(text);
  for (size_t i = 0; i < size; i++) {
    random = random * 1664525u + 1013904223u;
    text[i] = i % 71 == 70 ? '\n' : "ACGT"[random >> 30];
  }
  text[size] = '\0';
  return text;
}

#endif
