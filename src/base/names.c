#include "base/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define CHUNK_SIZE 65536

/* Keys live in chunks that never move. */
typedef struct chunk {
  struct chunk *next;
  size_t used;
  size_t size;
  char bytes[];
} chunk;

typedef struct entry {
  const char *key;
  uint32_t length;
  uint32_t hash;
} entry;

struct tx_names {
  entry *entries;
  size_t capacity;
  size_t count;
  uint32_t *slots; /* number + 1, 0 when free; open addressing, at most half full */
  size_t slot_count;
  chunk *chunks;
};

/* Hashes a key: FNV-1a with a final mix, because the table uses the low bits. */
static uint32_t hash_key(const unsigned char *key, size_t length)
{
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ key[i]) * 0x100000001B3u;
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93u;
  return (uint32_t)(hash ^ (hash >> 32));
}

/* The slot that holds the key, or the free slot where it belongs. */
static size_t find_slot(const tx_names *names, const void *key, size_t length, uint32_t hash)
{
  size_t mask = names->slot_count - 1;
  size_t slot = hash & mask;
  while (names->slots[slot]) {
    const entry *known = &names->entries[names->slots[slot] - 1];
    if (known->hash == hash && known->length == length && (!length || memcmp(known->key, key, length) == 0))
      break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

static bool grow_slots(tx_names *names)
{
  size_t slot_count = names->slot_count * 2;
  uint32_t *slots = calloc(slot_count, sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < names->count; i++) {
    size_t slot = names->entries[i].hash & (slot_count - 1);
    while (slots[slot]) slot = (slot + 1) & (slot_count - 1);
    slots[slot] = (uint32_t)i + 1;
  }
  free(names->slots);
  names->slots = slots;
  names->slot_count = slot_count;
  return true;
}

static const char *store_key(tx_names *names, const void *key, size_t length)
{
  chunk *first = names->chunks;
  char *copy;
  if (!first || first->size - first->used <= length) {
    size_t size = length < CHUNK_SIZE / 4 ? CHUNK_SIZE : length + 1;
    size_t total;
    if (length >= PTRDIFF_MAX || !tx_add(size, sizeof *first, &total)) return NULL;
    first = malloc(total);
    if (!first) return NULL;
    first->used = 0;
    first->size = size;
    first->next = names->chunks;
    names->chunks = first;
  }
  copy = first->bytes + first->used;
  if (length) memcpy(copy, key, length);
  copy[length] = '\0';
  first->used += length + 1;
  return copy;
}

tx_status tx_names_create(tx_names **ret_names, tx_error *error)
{
  tx_names *names = calloc(1, sizeof *names);
  *ret_names = NULL;
  if (!names) return tx_fail_memory(error, "a table of names");
  names->slot_count = 64;
  names->slots = calloc(names->slot_count, sizeof *names->slots);
  if (!names->slots) {
    free(names);
    return tx_fail_memory(error, "a table of names");
  }
  *ret_names = names;
  return TX_OK;
}

tx_status tx_names_add(tx_names *names, const void *key, size_t length, uint32_t *ret_number, tx_error *error)
{
  uint32_t hash = hash_key(key, length);
  size_t slot = find_slot(names, key, length, hash);
  const char *copy;
  if (length > UINT32_MAX) return tx_fail(error, TX_ERROR_DATA, "a name of more than 4 GiB");
  if (names->slots[slot]) {
    *ret_number = names->slots[slot] - 1;
    return TX_OK;
  }
  if (names->count >= UINT32_MAX - 1)
    return tx_fail(error, TX_ERROR_DATA, "more than %lu different names", (unsigned long)UINT32_MAX - 1);
  if (!tx_reserve(&names->entries, &names->capacity, names->count + 1, sizeof *names->entries))
    return tx_fail_memory(error, "a table of names");
  if (names->count + 1 > names->slot_count / 2) {
    if (!grow_slots(names)) return tx_fail_memory(error, "a table of names");
    slot = find_slot(names, key, length, hash);
  }
  copy = store_key(names, key, length);
  if (!copy) return tx_fail_memory(error, "a name");
  names->entries[names->count] = (entry){.key = copy, .length = (uint32_t)length, .hash = hash};
  names->slots[slot] = (uint32_t)names->count + 1;
  *ret_number = (uint32_t)names->count++;
  return TX_OK;
}

tx_status tx_names_add_spaced(tx_names *names, const char *text, uint32_t *ret_number, tx_error *error)
{
  const size_t length = strlen(text);
  char *spaced;
  tx_status status;
  if (!memchr(text, '_', length)) return tx_names_add(names, text, length, ret_number, error);
  spaced = tx_copy_text(text, length);
  if (!spaced) return tx_fail_memory(error, "a name");
  for (char *at = spaced; (at = strchr(at, '_'));) *at = ' ';
  status = tx_names_add(names, spaced, length, ret_number, error);
  free(spaced);
  return status;
}

int64_t tx_names_find(const tx_names *names, const void *key, size_t length)
{
  size_t slot = find_slot(names, key, length, hash_key(key, length));
  return (int64_t)names->slots[slot] - 1;
}

const char *tx_names_key(const tx_names *names, uint32_t number, size_t *opt_length)
{
  if (number >= names->count) return NULL;
  if (opt_length) *opt_length = names->entries[number].length;
  return names->entries[number].key;
}

size_t tx_names_count(const tx_names *names)
{
  return names->count;
}

void tx_names_free(tx_names *names)
{
  if (!names) return;
  while (names->chunks) {
    chunk *next = names->chunks->next;
    free(names->chunks);
    names->chunks = next;
  }
  free(names->entries);
  free(names->slots);
  free(names);
}
