#include "base/sha256.h"

#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned by)
{
  return x >> by | x << (32 - by);
}

static void fill_schedule(const uint8_t *block, uint32_t w[64])
{
  for (size_t i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
           (uint32_t)block[4 * i + 2] << 8 | (uint32_t)block[4 * i + 3];
  for (size_t i = 16; i < 64; i++) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
           (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
  }
}

static void compress(uint32_t state[8], const uint8_t *block)
{
  uint32_t w[64], s[8];
  fill_schedule(block, w);
  memcpy(s, state, sizeof s);
  for (size_t i = 0; i < 64; i++) {
    const uint32_t first = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
                           ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + w[i];
    const uint32_t second = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
                            ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += first;
    s[0] = first + second;
  }
  for (size_t i = 0; i < 8; i++) state[i] += s[i];
}

void tx_sha256_start(tx_sha256 *hash)
{
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(hash->state, start, sizeof start);
  hash->length = 0;
}

void tx_sha256_add(tx_sha256 *hash, const void *data, size_t size)
{
  const uint8_t *bytes = data;
  size_t held = (size_t)(hash->length % sizeof hash->block);
  hash->length += size;
  while (size) {
    const size_t room = sizeof hash->block - held, taken = size < room ? size : room;
    memcpy(hash->block + held, bytes, taken);
    bytes += taken;
    size -= taken;
    held += taken;
    if (held < sizeof hash->block) break;
    compress(hash->state, hash->block);
    held = 0;
  }
}

void tx_sha256_end(tx_sha256 *hash, uint8_t ret_digest[TX_SHA256_BYTES])
{
  static const uint8_t padding[64] = {0x80};
  const uint64_t bits = hash->length * 8;
  const size_t held = (size_t)(hash->length % 64);
  uint8_t length[8];
  for (size_t i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
  tx_sha256_add(hash, padding, held < 56 ? 56 - held : 120 - held);
  tx_sha256_add(hash, length, sizeof length);
  for (size_t i = 0; i < TX_SHA256_BYTES; i++)
    ret_digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void tx_sha256_text(const uint8_t digest[TX_SHA256_BYTES], char ret_text[2 * TX_SHA256_BYTES + 1])
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < TX_SHA256_BYTES; i++) {
    ret_text[2 * i] = digits[digest[i] >> 4];
    ret_text[2 * i + 1] = digits[digest[i] & 15];
  }
  ret_text[2 * TX_SHA256_BYTES] = '\0';
}
