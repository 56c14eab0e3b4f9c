/* An arena: allocates 64-byte aligned parts of a block of memory. With memory NULL it only computes their
   size. */
#ifndef TX_NN_PIECES_H
#define TX_NN_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tx_pieces {
  unsigned char *memory;
  size_t used;
  bool overflow;
} tx_pieces;

static inline void *tx_piece(tx_pieces *p, size_t count, size_t size)
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
static inline float *tx_piece_rows(tx_pieces *p, size_t rows, size_t columns)
{
  if (columns && rows > SIZE_MAX / 16 / columns) {
    p->overflow = true;
    return NULL;
  }
  return (float *)tx_piece(p, rows * columns, sizeof(float));
}

#endif
