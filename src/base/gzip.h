/* Decompression of gzip and bgzip: any number of members one after the other. The only user of zlib. */
#ifndef TX_BASE_GZIP_H
#define TX_BASE_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Source of the compressed bytes: up to `size` of them; *ret_count 0 at the end. May return fewer than
   asked. */
typedef tx_status (*tx_gzip_source)(void *context, void *data, size_t size, size_t *ret_count,
                                    tx_error *error);

typedef enum tx_gzip_state {
  TX_GZIP_OPEN,
  /* ended after the last member; zeros after it, with which tapes and some tools pad, are ignored */
  TX_GZIP_ENDED,
  TX_GZIP_TRAILING,     /* ended, but bytes that are not gzip follow and were not read */
  /* ended; bgzip without the empty block at its end: it may have been cut between two blocks */
  TX_GZIP_NO_END_BLOCK,
  TX_GZIP_DAMAGED       /* truncated or corrupt */
} tx_gzip_state;

typedef struct tx_gzip tx_gzip;

/* NULL when there is no memory. */
tx_gzip *tx_gzip_create(tx_gzip_source source, void *context);
/* Reads up to `size` (> 0) decompressed bytes; *ret_count 0 only when the state is no longer TX_GZIP_OPEN.
   Bytes before a damage are returned first. Errors: those of the source, which may be called again after
   TX_STOPPED; TX_ERROR_MEMORY. */
tx_status tx_gzip_read(tx_gzip *gzip, void *data, size_t size, size_t *ret_count, tx_error *error);
tx_gzip_state tx_gzip_get_state(const tx_gzip *gzip);
/* NULL is allowed. */
void tx_gzip_free(tx_gzip *gzip);

/* Decompresses a stream of deflate without any header (as in a zip archive) that must give exactly `size`
   bytes and end with the last of the `compressed_size` bytes. False: it does not, or there is no memory. */
bool tx_inflate(const void *compressed, size_t compressed_size, void *data, size_t size);

/* CRC-32 of `size` bytes, continuing from `crc` (0 at the start). */
uint32_t tx_crc32(uint32_t crc, const void *data, size_t size);
/* The version of zlib in use. Static storage. */
const char *tx_zlib_version(void);

#endif
