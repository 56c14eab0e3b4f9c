/* xz, by liblzma. The only user of it. */
#include "base/unpack.h"

#include <string.h>

static bool matches(const unsigned char *bytes, size_t count)
{
  return memcmp(bytes, "\xFD" "7zXZ", count) == 0; /* with the NUL at its end */
}

#ifdef TX_HAVE_XZ

#include <lzma.h>
#include <stdlib.h>

/* xz -9 asks for 65 MiB; a file may ask for up to 4 GiB. */
#define MEMORY_MAX (UINT64_C(512) << 20)

static void *create(void)
{
  static const lzma_stream empty = LZMA_STREAM_INIT;
  lzma_stream *stream = malloc(sizeof *stream);
  if (stream) *stream = empty;
  return stream;
}

static void release(void *decoder)
{
  lzma_end(decoder);
  free(decoder);
}

static tx_unpack_step translate(lzma_ret result)
{
  switch (result) {
  case LZMA_OK:
  case LZMA_BUF_ERROR: /* no progress without more input or room */
    return TX_UNPACK_MORE;
  case LZMA_STREAM_END:
    return TX_UNPACK_END;
  case LZMA_MEM_ERROR:
    return TX_UNPACK_MEMORY;
  case LZMA_MEMLIMIT_ERROR:
    return TX_UNPACK_LARGE;
  default:
    return TX_UNPACK_DAMAGED;
  }
}

static tx_unpack_step begin(void *decoder)
{
  return translate(lzma_stream_decoder(decoder, MEMORY_MAX, 0));
}

static tx_unpack_step step(void *decoder, tx_unpack_window *window)
{
  lzma_stream *stream = decoder;
  lzma_ret result;
  stream->next_in = window->in;
  stream->avail_in = window->in_count;
  stream->next_out = window->out;
  stream->avail_out = window->out_count;
  result = lzma_code(stream, LZMA_RUN);
  window->in = stream->next_in;
  window->in_count = stream->avail_in;
  window->out = stream->next_out;
  window->out_count = stream->avail_out;
  return translate(result);
}

const tx_unpack_format tx_xz_format = {"xz", "xz -dc", 6, matches, create, release, begin, step,
                                       lzma_version_string};

#else

const tx_unpack_format tx_xz_format = {
    .name = "xz", .command = "xz -dc", .magic_size = 6, .matches = matches};

#endif
