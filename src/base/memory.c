#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64

bool tx_multiply(size_t a, size_t b, size_t *ret)
{
  if (b && a > SIZE_MAX / b) return false;
  *ret = a * b;
  return true;
}

bool tx_add(size_t a, size_t b, size_t *ret)
{
  if (a > SIZE_MAX - b) return false;
  *ret = a + b;
  return true;
}

void *tx_malloc_aligned(size_t count, size_t size)
{
  void *block = NULL;
  size_t total;
  if (!tx_multiply(count, size, &total) || total > PTRDIFF_MAX) return NULL;
  /* posix_memalign takes any size, so that a sanitizer sees an overrun of one byte; aligned_alloc would need
     rounding. */
  if (posix_memalign(&block, ALIGNMENT, total ? total : 1)) return NULL;
  return block;
}

void *tx_calloc_aligned(size_t count, size_t size)
{
  void *block = tx_malloc_aligned(count, size);
  if (block) memset(block, 0, count * size);
  return block;
}

bool tx_reserve(void *array_pointer, size_t *capacity, size_t needed, size_t size)
{
  void *block;
  size_t wanted;
  size_t total;
  if (needed <= *capacity) return true;
  wanted = *capacity > SIZE_MAX / 2 ? needed : *capacity + *capacity / 2;
  if (wanted < needed) wanted = needed;
  if (wanted < 8) wanted = 8;
  if (!tx_multiply(wanted, size, &total) || total > PTRDIFF_MAX) {
    wanted = needed;
    if (!tx_multiply(wanted, size, &total) || total > PTRDIFF_MAX) return false;
  }
  /* The caller's pointer may have any element type: it is read and written as bytes. */
  memcpy(&block, array_pointer, sizeof block);
  block = realloc(block, total ? total : 1);
  if (!block) return false;
  memcpy(array_pointer, &block, sizeof block);
  *capacity = wanted;
  return true;
}

char *tx_copy_text(const char *text, size_t length)
{
  char *copy = length < PTRDIFF_MAX ? malloc(length + 1) : NULL;
  if (!copy) return NULL;
  if (length) memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}
