/* Strings to numbers 0, 1, 2, ... in order of first appearance. Zero-initialise; not thread-safe. */
#ifndef TX_TOOLS_IDMAP_H
#define TX_TOOLS_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tx_idmap {
  char **keys;
  size_t count, key_capacity;
  uint32_t *slots; /* number + 1, 0 = free; a power of two of them */
  size_t slot_count;
} tx_idmap;

#define TX_ID_NONE UINT32_MAX

/* The number of the key, added if new (*ret_new); false when memory runs out. */
bool tx_idmap_add(tx_idmap *map, const char *key, uint32_t *ret_number, bool *ret_new);
/* The number of the key, TX_ID_NONE if it is not there. */
uint32_t tx_idmap_find(const tx_idmap *map, const char *key);
void tx_idmap_clear(tx_idmap *map);

#endif
