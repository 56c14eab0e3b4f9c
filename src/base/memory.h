/* Memory: overflow-checked, 64-byte aligned blocks, and growing arrays. */
#ifndef TX_BASE_MEMORY_H
#define TX_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count * size bytes, zeroed, aligned to 64; NULL when there is no memory or the product overflows. Free with
   free(). */
void *tx_calloc_aligned(size_t count, size_t size);
/* As above, uninitialised. */
void *tx_malloc_aligned(size_t count, size_t size);
/* Makes *array large enough for `needed` elements of `size` bytes (*capacity grows by half at least). False:
   no memory, and *array is unchanged. The block comes from realloc: free with free(). */
bool tx_reserve(void *array_pointer, size_t *capacity, size_t needed, size_t size);
/* a * b and a + b, false on overflow. */
bool tx_multiply(size_t a, size_t b, size_t *ret);
bool tx_add(size_t a, size_t b, size_t *ret);
/* A copy of a text (strndup, which is not in ISO C). */
char *tx_copy_text(const char *text, size_t length);

#endif
