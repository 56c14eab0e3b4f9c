/* Decompression of xz, zstd and bzip2: any number of streams one after the other. (gzip, which has blocks
   with a mark at their end, is in base/gzip.) */
#ifndef TX_BASE_UNPACK_H
#define TX_BASE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

/* Source of the compressed bytes: up to `size` of them; *ret_count 0 at the end. May return fewer than
   asked. */
typedef tx_status (*tx_unpack_source)(void *context, void *data, size_t size, size_t *ret_count,
                                      tx_error *error);

/* What a library said about one step. */
typedef enum tx_unpack_step {
  TX_UNPACK_MORE,    /* go on, with more input or more room */
  TX_UNPACK_END,     /* the stream is complete */
  TX_UNPACK_DAMAGED,
  TX_UNPACK_LARGE,   /* the stream asks for more memory than is allowed */
  TX_UNPACK_MEMORY   /* there is no memory */
} tx_unpack_step;

/* Bytes not yet read, and room not yet written. */
typedef struct tx_unpack_window {
  const unsigned char *in;
  size_t in_count;
  unsigned char *out;
  size_t out_count;
} tx_unpack_window;

/* A kind of compressed data. Each is defined beside the only use of its library. */
typedef struct tx_unpack_format {
  const char *name;    /* "xz" */
  const char *command; /* decompresses any such file to standard output */
  size_t magic_size;   /* bytes that tell this format from others */
  /* Whether the first `count` bytes of a stream, at most magic_size, may be these. */
  bool (*matches)(const unsigned char *bytes, size_t count);
  /* NULL: the program was built without the library. The result is freed by release; NULL: no memory. */
  void *(*create)(void);
  void (*release)(void *decoder);
  tx_unpack_step (*begin)(void *decoder); /* a stream; TX_UNPACK_MORE: ready */
  tx_unpack_step (*step)(void *decoder, tx_unpack_window *window);
  const char *(*version)(void); /* of the library. Static storage */
} tx_unpack_format;

extern const tx_unpack_format tx_bzip2_format, tx_xz_format, tx_zstd_format;

typedef enum tx_unpack_state {
  TX_UNPACK_OPEN,
  TX_UNPACK_ENDED,    /* after the last stream; zeros after it are padding */
  TX_UNPACK_TRAILING, /* ended, but bytes that are no such stream follow and were not read */
  TX_UNPACK_BROKEN,   /* truncated or corrupt */
  TX_UNPACK_REFUSED   /* TX_UNPACK_LARGE */
} tx_unpack_state;

typedef struct tx_unpacker tx_unpacker;

/* format->create is not NULL. NULL when there is no memory. */
tx_unpacker *tx_unpacker_create(const tx_unpack_format *format, tx_unpack_source source, void *context);
/* Reads up to `size` (> 0) decompressed bytes; *ret_count 0 only when the state is no longer TX_UNPACK_OPEN.
   Bytes before a damage are returned first. Errors: those of the source, which may be called again after
   TX_STOPPED; TX_ERROR_MEMORY. */
tx_status tx_unpacker_read(tx_unpacker *unpacker, void *data, size_t size, size_t *ret_count,
                           tx_error *error);
tx_unpack_state tx_unpacker_state(const tx_unpacker *unpacker);
/* NULL is allowed. */
void tx_unpacker_free(tx_unpacker *unpacker);

#endif
