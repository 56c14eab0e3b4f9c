#include "idmap.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *key)
{
  uint64_t value = 14695981039346656037u;
  for (; *key; key++) value = (value ^ (unsigned char)*key) * 1099511628211u;
  return value ^ value >> 32;
}

/* The slot that holds the key, or the free one where it would go. */
static size_t probe(const tx_idmap *map, const char *key)
{
  size_t mask = map->slot_count - 1, slot = (size_t)hash(key) & mask;
  while (map->slots[slot] && strcmp(map->keys[map->slots[slot] - 1], key) != 0) slot = (slot + 1) & mask;
  return slot;
}

static bool grow(tx_idmap *map)
{
  if (map->count == map->key_capacity) {
    size_t capacity = map->key_capacity ? map->key_capacity * 2 : 64;
    char **keys = capacity < UINT32_MAX / 2 ? realloc(map->keys, capacity * sizeof *keys) : NULL;
    if (!keys) return false;
    map->keys = keys;
    map->key_capacity = capacity;
  }
  if (map->count * 2 >= map->slot_count) {
    size_t old_count = map->slot_count;
    uint32_t *old = map->slots, *slots = calloc(old_count ? old_count * 2 : 128, sizeof *slots);
    if (!slots) return false;
    map->slots = slots;
    map->slot_count = old_count ? old_count * 2 : 128;
    for (size_t i = 0; i < old_count; i++)
      if (old[i]) map->slots[probe(map, map->keys[old[i] - 1])] = old[i];
    free(old);
  }
  return true;
}

bool tx_idmap_add(tx_idmap *map, const char *key, uint32_t *ret_number, bool *ret_new)
{
  size_t slot, size = strlen(key) + 1;
  if (!grow(map)) return false;
  slot = probe(map, key);
  *ret_new = map->slots[slot] == 0;
  if (*ret_new) {
    char *copy = malloc(size);
    if (!copy) return false;
    memcpy(copy, key, size);
    map->keys[map->count++] = copy;
    map->slots[slot] = (uint32_t)map->count;
  }
  *ret_number = map->slots[slot] - 1;
  return true;
}

uint32_t tx_idmap_find(const tx_idmap *map, const char *key)
{
  /* a free slot is 0, and 0 - 1 is TX_ID_NONE */
  return map->slot_count ? map->slots[probe(map, key)] - 1 : TX_ID_NONE;
}

void tx_idmap_clear(tx_idmap *map)
{
  for (size_t i = 0; i < map->count; i++) free(map->keys[i]);
  free(map->keys);
  free(map->slots);
  memset(map, 0, sizeof *map);
}
