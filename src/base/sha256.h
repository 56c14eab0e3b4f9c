/* SHA-256 (FIPS 180-4), for names of cached results and for the inputs of reports. */
#ifndef TX_BASE_SHA256_H
#define TX_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { TX_SHA256_BYTES = 32 };

typedef struct tx_sha256 {
  uint32_t state[8];
  uint64_t length; /* bytes so far */
  uint8_t block[64];
} tx_sha256;

void tx_sha256_start(tx_sha256 *hash);
void tx_sha256_add(tx_sha256 *hash, const void *data, size_t size);
void tx_sha256_end(tx_sha256 *hash, uint8_t ret_digest[TX_SHA256_BYTES]);
/* Writes a digest as hexadecimal digits and a NUL. */
void tx_sha256_text(const uint8_t digest[TX_SHA256_BYTES], char ret_text[2 * TX_SHA256_BYTES + 1]);

#endif
