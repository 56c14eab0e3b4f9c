/* A safetensors file that fits together again after edits anywhere: the length of the header, that of the
   data and the checksum. */
#ifndef TX_TESTS_FUZZ_MENDED_H
#define TX_TESTS_FUZZ_MENDED_H

#include "harness.h"

#include "model/safetensors.h"

enum { CHECKSUM_PLACE = 42, CHECKSUM_DIGITS = 8, MOST_DATA = 1 << 16 };

/* Where the JSON object that begins at 8 ends, 0 if it does not. */
static inline size_t header_end(const uint8_t *data, size_t size)
{
  size_t depth = 0;
  int quoted = 0;
  for (size_t i = 8; i < size; i++) {
    if (quoted) {
      if (data[i] == '\\')
        i++;
      else if (data[i] == '"')
        quoted = 0;
    } else if (data[i] == '"') {
      quoted = 1;
    } else if (data[i] == '{') {
      depth++;
    } else if (data[i] == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

/* The largest end of a range in the header, at most MOST_DATA. */
static inline size_t data_end(const uint8_t *header, size_t size)
{
  static const char key[] = "\"data_offsets\":[";
  size_t most = 0;
  for (size_t i = 0; i + sizeof key - 1 < size; i++) {
    size_t number = 0;
    if (memcmp(header + i, key, sizeof key - 1) != 0) continue;
    for (i += sizeof key - 1; i < size && header[i] != ','; i++) {
    }
    for (i++; i < size && header[i] >= '0' && header[i] <= '9' && number <= MOST_DATA; i++)
      number = number * 10 + header[i] - '0';
    if (number > most && number <= MOST_DATA) most = number;
  }
  return most;
}

/* New bytes, the caller's; NULL if there is no header to be found. */
static inline uint8_t *mend(const uint8_t *data, size_t size, size_t *ret_size)
{
  const size_t end = size > 8 && data[8] == '{' ? header_end(data, size) : 0;
  size_t start = end, told = 0, rest;
  char digits[CHECKSUM_DIGITS + 1];
  uint8_t *made;
  if (!end) return NULL;
  while (start < size && data[start] == ' ') start++; /* spaces fill the header up */
  for (size_t i = 0; i < 4; i++) told |= (size_t)data[i] << 8 * i;
  if (told + 8 >= end && told + 8 < start) start = told + 8; /* the data may begin with spaces of its own */
  rest = data_end(data, start);
  made = calloc(start + rest + 1, 1);
  require(made != NULL, "out of memory");
  memcpy(made, data, size < start + rest ? size : start + rest);
  for (size_t i = 0; i < 8; i++) made[i] = (uint8_t)((uint64_t)(start - 8) >> 8 * i);
  if (start >= CHECKSUM_PLACE + CHECKSUM_DIGITS &&
      memcmp(made + 8, TX_SAFETENSORS_PREFIX, CHECKSUM_PLACE - 8) == 0) {
    memset(made + CHECKSUM_PLACE, '0', CHECKSUM_DIGITS);
    snprintf(digits, sizeof digits, "%08lx", (unsigned long)tx_crc32(0, made, start + rest));
    memcpy(made + CHECKSUM_PLACE, digits, CHECKSUM_DIGITS);
  }
  *ret_size = start + rest;
  return made;
}

#endif
