/* Any bytes as an input: plain text comes through as it is, and of gzip what is accepted is what zlib makes
   of it. (bzip2, xz and zstd have one reader here, their library.) Whatever the size of the reads, the end is
   the same. */
#include "harness.h"

#include <stdbool.h>
#include <zlib.h>

enum { MOST = 1 << 22 };

/* All bytes up to the end or to an error, whose status is returned. */
static tx_status read_all(const uint8_t *data, size_t size, size_t step, tx_bytes *all)
{
  static char buffer[65536];
  tx_input *input = fuzz_input(data, size);
  tx_status status = TX_OK;
  tx_error error = {0};
  if (!input) return TX_ERROR_DATA;
  while (status == TX_OK) {
    const char *peeked;
    size_t held, count;
    status = tx_input_peek(input, 1 + step % 70, &peeked, &held, &error);
    if (status == TX_OK && held) require(held <= TX_INPUT_PEEK_MAX, "more peeked at than there is room for");
    if (status == TX_OK) status = tx_input_read(input, buffer, step, &count, &error);
    if (status != TX_OK) break;
    require(count <= step, "more bytes than there is room for");
    require((count == 0) == (held == 0), "an end that is none");
    if (count == 0) break;
    tx_bytes_append(all, buffer, count);
    if (all->size > MOST) break;
  }
  if (status != TX_OK) {
    require_error(status, &error);
    require(tx_input_read(input, buffer, step, &(size_t){0}, &error) == status,
            "an error that does not stay");
  }
  tx_input_close(input);
  require(!all->failed, "out of memory");
  return status;
}

/* Appends what a stream unpacks to, up to its end or a fault; *ret_left: the bytes of `data` behind it. */
static bool unpack_member(const uint8_t *data, size_t size, int window, tx_bytes *all, size_t *ret_left)
{
  static uint8_t buffer[65536];
  z_stream stream = {0};
  int result = inflateInit2(&stream, window);
  stream.next_in = (uint8_t *)(uintptr_t)data; /* zlib's type lacks the const */
  stream.avail_in = (unsigned)size;
  while (result == Z_OK && all->size <= MOST) {
    stream.next_out = buffer;
    stream.avail_out = sizeof buffer;
    result = inflate(&stream, Z_NO_FLUSH);
    tx_bytes_append(all, buffer, sizeof buffer - stream.avail_out);
  }
  *ret_left = stream.avail_in;
  inflateEnd(&stream);
  return result == Z_STREAM_END;
}

/* The members that zlib unpacks, up to the first that it does not know, with zeros between them. */
static void unpack(const uint8_t *data, size_t size, tx_bytes *all)
{
  size_t left;
  while (size && unpack_member(data, size, 31, all, &left)) {
    data += size - left;
    size = left;
    while (size && !*data) {
      data++;
      size--;
    }
  }
}

static bool may_be_packed(const uint8_t *data, size_t size)
{
  return size > 3 && (!memcmp(data, "BZh", 3) || !memcmp(data, "\xfd""7z", 3) ||
                      !memcmp(data, "\x28\xb5\x2f", 3) || !memcmp(data + 1, "\x2a\x4d\x18", 3));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static tx_bytes whole, pieces, expected; /* kept from one input to the next, as they are large */
  tx_status status;
  if (size > 1 << 16) return 0;
  tx_bytes_clear(&whole);
  tx_bytes_clear(&pieces);
  tx_bytes_clear(&expected);
  status = read_all(data, size, 65536, &whole);
  require(read_all(data, size, 1 + size % 251, &pieces) == status, "the size of the reads changes the end");
  if (status == TX_OK) {
    require(whole.size == pieces.size && (!whole.size || !memcmp(whole.data, pieces.data, whole.size)),
            "the size of the reads changes the bytes");
    if (whole.size > MOST) return 0;
    if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b) {
      unpack(data, size, &expected);
      require(whole.size == expected.size && (!whole.size || !memcmp(whole.data, expected.data, whole.size)),
              "not what zlib unpacks");
    } else if (!may_be_packed(data, size)) {
      require(whole.size == size && (!size || !memcmp(whole.data, data, size)),
              "plain bytes that were changed");
    }
  }
  return 0;
}
