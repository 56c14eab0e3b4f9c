/* zstd, by libzstd. The only user of it. */
#include "base/unpack.h"

#include <string.h>

/* A frame, or a frame that is skipped (RFC 8878, sections 3.1.1 and 3.1.2). */
static bool matches(const unsigned char *bytes, size_t count)
{
  if (memcmp(bytes, "\x28\xB5\x2F\xFD", count) == 0) return true;
  return bytes[0] >> 4 == 5 && memcmp(bytes + 1, "\x2A\x4D\x18", count - 1) == 0;
}

#ifdef TX_HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

static void *create(void)
{
  return ZSTD_createDCtx(); /* its own limit of the window is 128 MiB, that of zstd -22 */
}

static void release(void *decoder)
{
  ZSTD_freeDCtx(decoder);
}

static tx_unpack_step translate(size_t result)
{
  if (!ZSTD_isError(result)) return result ? TX_UNPACK_MORE : TX_UNPACK_END;
  switch (ZSTD_getErrorCode(result)) {
  case ZSTD_error_memory_allocation:
    return TX_UNPACK_MEMORY;
  case ZSTD_error_frameParameter_windowTooLarge:
    return TX_UNPACK_LARGE;
  default:
    return TX_UNPACK_DAMAGED;
  }
}

static tx_unpack_step begin(void *decoder)
{
  const tx_unpack_step step = translate(ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only));
  return step == TX_UNPACK_END ? TX_UNPACK_MORE : step; /* 0 is success */
}

static tx_unpack_step step(void *decoder, tx_unpack_window *window)
{
  ZSTD_inBuffer in = {window->in, window->in_count, 0};
  ZSTD_outBuffer out = {window->out, window->out_count, 0};
  const size_t result = ZSTD_decompressStream(decoder, &out, &in);
  window->in += in.pos;
  window->in_count -= in.pos;
  window->out += out.pos;
  window->out_count -= out.pos;
  return translate(result);
}

const tx_unpack_format tx_zstd_format = {"zstd", "zstd -dc --long=31", 4, matches, create, release, begin,
                                         step, ZSTD_versionString};

#else

const tx_unpack_format tx_zstd_format = {
    .name = "zstd", .command = "zstd -dc --long=31", .magic_size = 4, .matches = matches};

#endif
