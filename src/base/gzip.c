#include "base/gzip.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* compressed bytes are not changed */
#include <zlib.h>

#include "base/error.h"

enum { COMPRESSED_SIZE = 65536, EXTRA_SIZE = 64, GZIP_WINDOW = 15 + 16, /* a gzip header is expected */
       RAW_WINDOW = -15 /* none is */ };

struct tx_gzip {
  tx_gzip_source source;
  void *context;
  z_stream stream;
  gz_header header;
  tx_gzip_state state;
  bool source_ended;
  bool between;         /* no member has begun */
  bool first;           /* the current member is the first */
  bool blocked;         /* the last complete member was a block of bgzip */
  bool empty;           /* that block was empty, as the one at the end is */
  unsigned char extra[EXTRA_SIZE];
  unsigned char compressed[COMPRESSED_SIZE];
};

tx_gzip *tx_gzip_create(tx_gzip_source source, void *context)
{
  tx_gzip *gzip = malloc(sizeof *gzip);
  if (!gzip) return NULL;
  memset(gzip, 0, sizeof *gzip);
  gzip->source = source;
  gzip->context = context;
  gzip->between = gzip->first = true;
  if (inflateInit2(&gzip->stream, GZIP_WINDOW) == Z_OK) return gzip;
  free(gzip);
  return NULL;
}

void tx_gzip_free(tx_gzip *gzip)
{
  if (!gzip) return;
  (void)inflateEnd(&gzip->stream);
  free(gzip);
}

tx_gzip_state tx_gzip_get_state(const tx_gzip *gzip)
{
  return gzip->state;
}

/* Reads more compressed bytes if none are left. */
static tx_status refill(tx_gzip *gzip, tx_error *error)
{
  size_t count = 0;
  tx_status status;
  if (gzip->stream.avail_in || gzip->source_ended) return TX_OK;
  status = gzip->source(gzip->context, gzip->compressed, sizeof gzip->compressed, &count, error);
  if (status != TX_OK) return status;
  gzip->source_ended = count == 0;
  gzip->stream.next_in = gzip->compressed;
  gzip->stream.avail_in = (uInt)count;
  return TX_OK;
}

/* Handles bytes after the last member that are not a member. Inside bgzip, which marks its end, they are
   damage. */
static void meet_trailing(tx_gzip *gzip)
{
  gzip->state = gzip->first || (gzip->blocked && !gzip->empty) ? TX_GZIP_DAMAGED : TX_GZIP_TRAILING;
}

static void meet_end(tx_gzip *gzip)
{
  if (!gzip->between || gzip->first)
    gzip->state = TX_GZIP_DAMAGED;
  else
    gzip->state = gzip->blocked && !gzip->empty ? TX_GZIP_NO_END_BLOCK : TX_GZIP_ENDED;
}

/* Begins a member, or determines the final state. Zeros between and after members are skipped. */
static void begin_member(tx_gzip *gzip)
{
  z_stream *stream = &gzip->stream;
  if (!gzip->first)
    while (stream->avail_in && *stream->next_in == 0) {
      stream->next_in++;
      stream->avail_in--;
    }
  if (!stream->avail_in) return;
  if (*stream->next_in != 0x1F) {
    meet_trailing(gzip);
    return;
  }
  (void)inflateReset(stream);
  memset(&gzip->header, 0, sizeof gzip->header);
  gzip->header.extra = gzip->extra;
  gzip->header.extra_max = sizeof gzip->extra;
  (void)inflateGetHeader(stream, &gzip->header);
  gzip->between = false;
}

/* Whether the extra field begins with the size of a bgzip block: "BC", length 2 (SAM specification, section
   4.1). */
static bool is_block(const tx_gzip *gzip)
{
  return gzip->header.extra && gzip->header.extra_len >= 6 && memcmp(gzip->extra, "BC\2\0", 4) == 0;
}

static void end_member(tx_gzip *gzip)
{
  gzip->between = true;
  gzip->first = false;
  gzip->blocked = is_block(gzip);
  gzip->empty = gzip->stream.total_out == 0;
}

tx_status tx_gzip_read(tx_gzip *gzip, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  z_stream *stream = &gzip->stream;
  *ret_count = 0;
  if (size > UINT_MAX) size = UINT_MAX;
  stream->next_out = data;
  stream->avail_out = (uInt)size;
  while (gzip->state == TX_GZIP_OPEN && stream->avail_out == (uInt)size) {
    int result;
    tx_status status = refill(gzip, error);
    if (status != TX_OK) return status;
    if (!stream->avail_in && gzip->source_ended) {
      meet_end(gzip);
      break;
    }
    if (gzip->between) begin_member(gzip);
    if (gzip->between) continue;
    result = inflate(stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END)
      end_member(gzip);
    else if (result == Z_MEM_ERROR)
      return tx_fail_memory(error, "compressed input");
    else if (result != Z_OK && result != Z_BUF_ERROR && gzip->header.done != 1)
      meet_trailing(gzip); /* not even a header */
    else if (result != Z_OK && result != Z_BUF_ERROR)
      gzip->state = TX_GZIP_DAMAGED;
  }
  *ret_count = size - stream->avail_out;
  return TX_OK;
}

static uInt at_most(size_t size)
{
  return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

bool tx_inflate(const void *compressed, size_t compressed_size, void *data, size_t size)
{
  unsigned char beyond; /* room for one byte too many, so that a longer stream is seen */
  size_t left = size;
  z_stream stream = {0};
  int result = Z_OK;
  if (inflateInit2(&stream, RAW_WINDOW) != Z_OK) return false;
  stream.next_in = compressed;
  stream.next_out = data;
  while (result == Z_OK && stream.total_out <= size) {
    if (stream.avail_in == 0) compressed_size -= stream.avail_in = at_most(compressed_size);
    if (stream.avail_out == 0 && left) {
      left -= stream.avail_out = at_most(left);
    } else if (stream.avail_out == 0) {
      stream.next_out = &beyond;
      stream.avail_out = 1;
    }
    result = inflate(&stream, Z_NO_FLUSH);
  }
  (void)inflateEnd(&stream);
  return result == Z_STREAM_END && stream.total_out == size && stream.avail_in == 0 && compressed_size == 0;
}

uint32_t tx_crc32(uint32_t crc, const void *data, size_t size)
{
  return size ? (uint32_t)crc32_z(crc, data, size) : crc;
}

const char *tx_zlib_version(void)
{
  return zlibVersion();
}
