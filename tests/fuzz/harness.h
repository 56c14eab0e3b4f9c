/* What the fuzz harnesses share: a check that aborts, the input as one of the library's, and gzip of it.
   Nothing here touches a file. */
#ifndef TX_TESTS_FUZZ_HARNESS_H
#define TX_TESTS_FUZZ_HARNESS_H

#include "base/bytes.h"
#include "base/gzip.h"
#include "base/input.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(int condition, const char *what)
{
  if (condition) return;
  fprintf(stderr, "fuzz: %s\n", what);
  abort();
}

/* What every error must be: one line, with its code. */
static inline void require_error(tx_status status, const tx_error *error)
{
  require(status < TX_OK && error->code == status, "an error with another code");
  require(memchr(error->message, '\0', sizeof error->message) != NULL, "a message without its end");
  require(error->message[0] && !strchr(error->message, '\n'), "a message that is not one line");
}

/* The bytes as an open input, or NULL when it is refused in an orderly way. */
static inline tx_input *fuzz_input(const void *data, size_t size)
{
  tx_input *input = NULL;
  tx_error error = {0};
  const tx_status status = tx_input_open_memory("fuzz", data, size, &input, &error);
  if (status == TX_OK) return input;
  require_error(status, &error);
  require(!input, "a half-open input");
  return NULL;
}

static inline void fuzz_put_number(tx_bytes *bytes, uint32_t number, size_t size)
{
  for (size_t i = 0; i < size; i++) tx_bytes_append(bytes, &(uint8_t){(uint8_t)(number >> 8 * i)}, 1);
}

/* Appends a gzip member of `size` <= 65535 bytes, stored. With `blocked` it has the extra field of a bgzip
   block. */
static inline void fuzz_gzip(const uint8_t *data, size_t size, int blocked, tx_bytes *bytes)
{
  static const uint8_t header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
  const size_t start = bytes->size;
  tx_bytes_append(bytes, header, sizeof header);
  if (blocked) {
    tx_bytes_append(bytes, "\6\0BC\2", 5);
    fuzz_put_number(bytes, 0, 1);
    fuzz_put_number(bytes, (uint32_t)(size + 30),
                    2); /* size of the block less 1: 18 header, 5 of the stored data, 8 trailer */
  }
  fuzz_put_number(bytes, 1, 1); /* the last block, stored */
  fuzz_put_number(bytes, (uint32_t)size, 2);
  fuzz_put_number(bytes, ~(uint32_t)size, 2);
  if (size) tx_bytes_append(bytes, data, size);
  fuzz_put_number(bytes, tx_crc32(0, data, size), 4);
  fuzz_put_number(bytes, (uint32_t)size, 4);
  require(!bytes->failed, "out of memory");
  if (blocked) bytes->data[start + 3] = 4;
}

#endif
