/* An arena: allocates 64-byte aligned parts of a block of memory. With memory NULL it only computes their
   size. */
#ifndef TX_NN_ARENA_H
#define TX_NN_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tx_arena {
  unsigned char *memory;
  size_t used;
  bool overflow;
} tx_arena;

static inline void *tx_arena_take(tx_arena *p, size_t count, size_t size)
{
  const size_t at = p->used;
  if (size && count > (SIZE_MAX / 2 - p->used - 64) / size) {
    p->overflow = true;
    return NULL;
  }
  p->used = (at + count * size + 63) & ~(size_t)63;
  return p->memory ? p->memory + at : NULL;
}

/* Allocates rows * columns floats. */
static inline float *tx_arena_rows(tx_arena *p, size_t rows, size_t columns)
{
  if (columns && rows > SIZE_MAX / 16 / columns) {
    p->overflow = true;
    return NULL;
  }
  return (float *)tx_arena_take(p, rows * columns, sizeof(float));
}

#endif
