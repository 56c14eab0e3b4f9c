#include "infer/cache.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* BUCKET_BYTES: bytes of the cache per bucket, about the size of a small entry. OVERHEAD: bytes of the
   allocator for each block. PART: an entry takes at most 1 / PART of the memory. */
enum { BUCKET_BYTES = 512, OVERHEAD = 16, PART = 16 };

struct tx_cache_entry {
  tx_cache_entry *next;          /* next entry of the bucket */
  tx_cache_entry *newer, *older; /* neighbours in the order of use, which has settled entries only */
  uint64_t hash;
  size_t key_size;
  bool settled;
  unsigned char data[]; /* the value, then the key */
};

struct tx_cache {
  size_t limit, value_size;
  tx_cache_hash hash;
  pthread_mutex_t lock;
  pthread_cond_t settled; /* signalled when a claim is settled */
  size_t waiting;
  size_t used;
  tx_cache_entry **buckets;
  size_t bucket_mask; /* number of buckets, a power of two, minus 1 */
  tx_cache_entry *newest, *oldest;
};

/* Returns a hash of a key and its length. Multiplications mix each word into the upper bits, and shifts mix
   these into the lower bits. */
static uint64_t hash_words(const void *key, size_t size)
{
  const unsigned char *bytes = key;
  uint64_t state = 0x9E3779B97F4A7C15u ^ size;
  while (size) {
    uint64_t word = 0;
    size_t step = size < sizeof word ? size : sizeof word;
    memcpy(&word, bytes, step);
    state = (state ^ word) * 0xD6E8FEB86659FD93u;
    state ^= state >> 32;
    bytes += step;
    size -= step;
  }
  state *= 0xD6E8FEB86659FD93u;
  return state ^ state >> 32;
}

tx_status tx_cache_create(size_t bytes, size_t value_size, tx_cache_hash opt_hash, tx_cache **ret_cache,
                          tx_error *error)
{
  tx_cache *cache = calloc(1, sizeof *cache);
  size_t buckets = 1;
  if (!cache) return tx_fail_memory(error, "the cache of duplicates");
  while (buckets <= bytes / BUCKET_BYTES / 2) buckets *= 2;
  cache->limit = bytes;
  cache->value_size = value_size;
  cache->hash = opt_hash ? opt_hash : hash_words;
  cache->bucket_mask = buckets - 1;
  cache->used = buckets * sizeof(tx_cache_entry *);
  cache->buckets = calloc(buckets, sizeof(tx_cache_entry *));
  if (!cache->buckets) goto no_buckets;
  if (pthread_mutex_init(&cache->lock, NULL)) goto no_lock;
  if (pthread_cond_init(&cache->settled, NULL)) goto no_settled;
  *ret_cache = cache;
  return TX_OK;
no_settled:
  pthread_mutex_destroy(&cache->lock);
no_lock:
  free(cache->buckets);
no_buckets:
  free(cache);
  return tx_fail_memory(error, "the cache of duplicates");
}

void tx_cache_free(tx_cache *cache)
{
  if (!cache) return;
  for (size_t i = 0; i <= cache->bucket_mask; i++) {
    tx_cache_entry *entry = cache->buckets[i];
    while (entry) {
      tx_cache_entry *next = entry->next;
      free(entry);
      entry = next;
    }
  }
  pthread_cond_destroy(&cache->settled);
  pthread_mutex_destroy(&cache->lock);
  free(cache->buckets);
  free(cache);
}

/* Sets the bytes of an entry; false on overflow. */
static bool entry_size(const tx_cache *cache, size_t key_size, size_t *ret_size)
{
  return tx_add(sizeof(tx_cache_entry) + OVERHEAD, cache->value_size, ret_size) &&
         tx_add(*ret_size, key_size, ret_size);
}

bool tx_cache_accepts(const tx_cache *cache, size_t key_size)
{
  size_t size;
  return entry_size(cache, key_size, &size) && size <= cache->limit / PART;
}

/* ---- under the lock ---- */

static void unlink_use(tx_cache *cache, tx_cache_entry *entry)
{
  if (entry->newer)
    entry->newer->older = entry->older;
  else
    cache->newest = entry->older;
  if (entry->older)
    entry->older->newer = entry->newer;
  else
    cache->oldest = entry->newer;
}

static void put_newest(tx_cache *cache, tx_cache_entry *entry)
{
  entry->newer = NULL;
  entry->older = cache->newest;
  if (cache->newest)
    cache->newest->newer = entry;
  else
    cache->oldest = entry;
  cache->newest = entry;
}

/* Removes an entry that is not in the order of use from its bucket and frees it. */
static void drop(tx_cache *cache, tx_cache_entry *entry)
{
  tx_cache_entry **link = &cache->buckets[entry->hash & cache->bucket_mask];
  size_t size = 0;
  while (*link != entry) link = &(*link)->next;
  *link = entry->next;
  (void)entry_size(cache, entry->key_size, &size);
  cache->used -= size;
  free(entry);
}

static tx_cache_entry *find(const tx_cache *cache, uint64_t hash, const void *key, size_t key_size)
{
  tx_cache_entry *entry = cache->buckets[hash & cache->bucket_mask];
  for (; entry; entry = entry->next)
    if (entry->hash == hash && entry->key_size == key_size &&
        memcmp(entry->data + cache->value_size, key, key_size) == 0)
      return entry;
  return NULL;
}

/* Makes an entry without a value, evicting older entries if necessary; NULL when there is not enough memory
   even then. */
static tx_cache_entry *claim(tx_cache *cache, uint64_t hash, const void *key, size_t key_size)
{
  tx_cache_entry *entry;
  size_t size;
  if (!tx_cache_accepts(cache, key_size) || !entry_size(cache, key_size, &size)) return NULL;
  while (cache->oldest && cache->used + size > cache->limit) {
    tx_cache_entry *oldest = cache->oldest;
    unlink_use(cache, oldest);
    drop(cache, oldest);
  }
  if (cache->used + size > cache->limit) return NULL; /* claims, which have to stay */
  entry = malloc(sizeof *entry + cache->value_size + key_size);
  if (!entry) return NULL;
  memset(entry, 0, sizeof *entry);
  entry->hash = hash;
  entry->key_size = key_size;
  memcpy(entry->data + cache->value_size, key, key_size);
  entry->next = cache->buckets[hash & cache->bucket_mask];
  cache->buckets[hash & cache->bucket_mask] = entry;
  cache->used += size;
  return entry;
}

/* ---- public ---- */

tx_cache_answer tx_cache_ask(tx_cache *cache, const void *key, size_t key_size, bool wait, void *ret_value,
                             tx_cache_entry **ret_claim)
{
  uint64_t hash = cache->hash(key, key_size);
  tx_cache_answer answer = TX_CACHE_CLAIMED;
  tx_cache_entry *entry;
  pthread_mutex_lock(&cache->lock);
  /* Looked up again after each wait, as the settled entry may have been evicted since. */
  while ((entry = find(cache, hash, key, key_size)) != NULL && !entry->settled && wait) {
    cache->waiting++;
    pthread_cond_wait(&cache->settled, &cache->lock);
    cache->waiting--;
  }
  if (!entry) {
    *ret_claim = claim(cache, hash, key, key_size);
  } else if (entry->settled) {
    memcpy(ret_value, entry->data, cache->value_size);
    unlink_use(cache, entry);
    put_newest(cache, entry);
    answer = TX_CACHE_FOUND;
  } else {
    answer = TX_CACHE_BUSY;
  }
  pthread_mutex_unlock(&cache->lock);
  return answer;
}

void tx_cache_settle(tx_cache *cache, tx_cache_entry *claim, const void *opt_value)
{
  if (!claim) return;
  pthread_mutex_lock(&cache->lock);
  if (opt_value) {
    memcpy(claim->data, opt_value, cache->value_size);
    claim->settled = true;
    put_newest(cache, claim);
  } else {
    drop(cache, claim);
  }
  if (cache->waiting) pthread_cond_broadcast(&cache->settled);
  pthread_mutex_unlock(&cache->lock);
}

size_t tx_cache_bytes(tx_cache *cache)
{
  size_t used;
  pthread_mutex_lock(&cache->lock);
  used = cache->used;
  pthread_mutex_unlock(&cache->lock);
  return used;
}
