/* SHA-256 (FIPS 180-4), for the checksums of files in reports. */
#ifndef TX_BASE_SHA256_H
#define TX_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

typedef struct tx_sha256 {
  uint32_t state[8];
  uint64_t size; /* bytes so far */
  unsigned char block[64];
} tx_sha256;

void tx_sha256_begin(tx_sha256 *hash);
void tx_sha256_add(tx_sha256 *hash, const void *data, size_t size);
/* Ends it and writes 64 small hexadecimal digits and a NUL. */
void tx_sha256_end(tx_sha256 *hash, char text[65]);

/* The checksum of a regular file, and its size. TX_ERROR_IO: it cannot be read, or is no regular file. */
tx_status tx_file_sha256(const char *path, char text[65], uint64_t *ret_size, tx_error *error);

#endif
