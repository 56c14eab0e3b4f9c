/* Zip archives made by hand, for readers: with any field wrong, or in the form of zip64. */
#ifndef TX_TESTS_MADE_ZIP_H
#define TX_TESTS_MADE_ZIP_H

#include "base/bytes.h"
#include "base/gzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct made_zip {
  tx_bytes bytes, directory;
  size_t count;
  bool wide; /* sizes, offsets and the end in 64 bits */
} made_zip;

static inline void made_number(tx_bytes *bytes, uint64_t number, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    tx_bytes_append(bytes, &(unsigned char){number & 255}, 1);
    number >>= 8;
  }
}

/* An entry with the bytes as they are stored. */
static inline void made_entry(made_zip *zip, const char *name, uint16_t method, uint32_t crc, size_t size,
                              const void *stored, size_t stored_size)
{
  const size_t length = strlen(name), start = zip->bytes.size;
  for (size_t i = 0; i < 2; i++) {
    tx_bytes *to = i ? &zip->directory : &zip->bytes;
    made_number(to, i ? 0x02014b50 : 0x04034b50, 4);
    if (i) made_number(to, 20, 2);
    made_number(to, 20, 2);
    made_number(to, 0, 2);
    made_number(to, method, 2);
    made_number(to, 0, 4);
    made_number(to, crc, 4);
    made_number(to, zip->wide ? UINT32_MAX : stored_size, 4);
    made_number(to, zip->wide ? UINT32_MAX : size, 4);
    made_number(to, length, 2);
    made_number(to, i && zip->wide ? 28 + 5 : 0, 2);
    if (i) made_number(to, 0, 10);
    if (i) made_number(to, zip->wide ? UINT32_MAX : start, 4);
    tx_bytes_append(to, name, length);
  }
  if (zip->wide) { /* after a field of another kind */
    tx_bytes_append(&zip->directory, "FB\1\0Z\1\0\x18\0", 9);
    made_number(&zip->directory, size, 8);
    made_number(&zip->directory, stored_size, 8);
    made_number(&zip->directory, start, 8);
  }
  if (stored_size) tx_bytes_append(&zip->bytes, stored, stored_size);
  zip->count++;
}

static inline void made_content(made_zip *zip, const char *name, const void *data, size_t size)
{
  made_entry(zip, name, 0, tx_crc32(0, data, size), size, data, size);
}

/* Appends the directory and its end; the bytes are complete then. */
static inline void made_end(made_zip *zip)
{
  const size_t at = zip->bytes.size, size = zip->directory.size;
  tx_bytes *bytes = &zip->bytes;
  if (size) tx_bytes_append(bytes, zip->directory.data, size);
  if (zip->wide) {
    const size_t end = bytes->size;
    made_number(bytes, 0x06064b50, 4);
    made_number(bytes, 44, 8);
    made_number(bytes, 45, 2);
    made_number(bytes, 45, 2);
    made_number(bytes, 0, 8);
    made_number(bytes, zip->count, 8);
    made_number(bytes, zip->count, 8);
    made_number(bytes, size, 8);
    made_number(bytes, at, 8);
    made_number(bytes, 0x07064b50, 4);
    made_number(bytes, 0, 4);
    made_number(bytes, end, 8);
    made_number(bytes, 1, 4);
  }
  made_number(bytes, 0x06054b50, 4);
  made_number(bytes, 0, 4);
  made_number(bytes, zip->wide ? UINT16_MAX : zip->count, 2);
  made_number(bytes, zip->wide ? UINT16_MAX : zip->count, 2);
  made_number(bytes, zip->wide ? UINT32_MAX : size, 4);
  made_number(bytes, zip->wide ? UINT32_MAX : at, 4);
  made_number(bytes, 0, 2);
}

static inline void made_free(made_zip *zip)
{
  tx_bytes_free(&zip->bytes);
  tx_bytes_free(&zip->directory);
}

#endif
