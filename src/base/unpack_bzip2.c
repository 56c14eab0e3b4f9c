/* bzip2, by libbz2. The only user of it. */
#include "base/unpack.h"

#include <string.h>

/* "BZh", the size of the blocks, and the start of a block or of the end: "BZh" alone may begin a text. */
static bool matches(const unsigned char *bytes, size_t count)
{
  if (memcmp(bytes, "BZh", count < 3 ? count : 3) != 0) return false;
  if (count > 3 && (bytes[3] < '1' || bytes[3] > '9')) return false;
  return count <= 4 || memcmp(bytes + 4, "\x31\x41\x59\x26\x53\x59", count - 4) == 0 ||
         memcmp(bytes + 4, "\x17\x72\x45\x38\x50\x90", count - 4) == 0;
}

#ifdef TX_HAVE_BZIP2

#include <bzlib.h>
#include <limits.h>
#include <stdlib.h>

typedef struct decoder {
  bz_stream stream;
  bool begun;
} decoder;

static void *create(void)
{
  return calloc(1, sizeof(decoder));
}

static void finish(decoder *own)
{
  if (own->begun) (void)BZ2_bzDecompressEnd(&own->stream);
  own->begun = false;
}

static void release(void *context)
{
  finish(context);
  free(context);
}

static tx_unpack_step translate(int result)
{
  if (result == BZ_OK) return TX_UNPACK_MORE;
  if (result == BZ_STREAM_END) return TX_UNPACK_END;
  return result == BZ_MEM_ERROR ? TX_UNPACK_MEMORY : TX_UNPACK_DAMAGED;
}

static tx_unpack_step begin(void *context)
{
  decoder *own = context;
  int result;
  finish(own);
  memset(&own->stream, 0, sizeof own->stream);
  result = BZ2_bzDecompressInit(&own->stream, 0, 0);
  own->begun = result == BZ_OK;
  return translate(result);
}

static tx_unpack_step step(void *context, tx_unpack_window *window)
{
  decoder *own = context;
  const unsigned room = window->out_count < UINT_MAX ? (unsigned)window->out_count : UINT_MAX,
                 held = window->in_count < UINT_MAX ? (unsigned)window->in_count : UINT_MAX;
  int result;
  memcpy(&own->stream.next_in, &window->in, sizeof window->in); /* only read, but its type lacks the const */
  own->stream.avail_in = held;
  own->stream.next_out = (char *)window->out;
  own->stream.avail_out = room;
  result = BZ2_bzDecompress(&own->stream);
  window->in += held - own->stream.avail_in;
  window->in_count -= held - own->stream.avail_in;
  window->out += room - own->stream.avail_out;
  window->out_count -= room - own->stream.avail_out;
  return translate(result);
}

const tx_unpack_format tx_bzip2_format = {"bzip2", "bzip2 -dc", 10, matches, create, release, begin, step,
                                          BZ2_bzlibVersion};

#else

const tx_unpack_format tx_bzip2_format = {
    .name = "bzip2", .command = "bzip2 -dc", .magic_size = 10, .matches = matches};

#endif
