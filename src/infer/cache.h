/* The results of one run by their keys, so that equal barcodes are computed once. All threads of the run
   share the cache.

   A key is looked up by its hash and then compared byte by byte; an equal hash alone is never enough. A
   thread that asks for a missing key gets a claim on it, computes the value and settles the claim. A thread
   that asks for a key which another thread has claimed is told so, and can wait for the value instead of
   computing it again. A thread waits only while it holds no claim, so that no two threads wait for each
   other.

   Memory is bounded: the least recently used entry is evicted first. One lock protects the cache; it is held
   for a look-up, a comparison and a copy. */
#ifndef TX_INFER_CACHE_H
#define TX_INFER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

typedef struct tx_cache tx_cache;
typedef struct tx_cache_entry tx_cache_entry;

typedef uint64_t (*tx_cache_hash)(const void *key, size_t size);

typedef enum tx_cache_answer {
  TX_CACHE_FOUND,   /* the value was copied */
  TX_CACHE_CLAIMED, /* the caller has to compute the value and settle the claim */
  TX_CACHE_BUSY     /* another thread has an unsettled claim on this key */
} tx_cache_answer;

/* Makes a cache of values of value_size bytes. `bytes` limits the memory of keys, values and their
   bookkeeping. opt_hash replaces the built-in hash function, for tests. */
tx_status tx_cache_create(size_t bytes, size_t value_size, tx_cache_hash opt_hash, tx_cache **ret_cache,
                          tx_error *error);
/* Frees the cache and its unsettled claims; no thread may be inside a call. NULL is allowed. */
void tx_cache_free(tx_cache *cache);

/* Returns whether a key of this size can be stored: one entry is limited to a part of the memory. */
bool tx_cache_accepts(const tx_cache *cache, size_t key_size);

/* Looks up a key. With `wait` the call waits instead of returning TX_CACHE_BUSY; the thread must not hold a
   claim then. With TX_CACHE_CLAIMED *ret_claim is set, to NULL when there is no memory to store the value;
   with TX_CACHE_FOUND ret_value is filled. */
tx_cache_answer tx_cache_ask(tx_cache *cache, const void *key, size_t key_size, bool wait, void *ret_value,
                             tx_cache_entry **ret_claim);
/* Ends a claim: stores the value, or, if opt_value is NULL, withdraws the claim, so that a waiting thread
   computes the value. A NULL claim is allowed. */
void tx_cache_settle(tx_cache *cache, tx_cache_entry *claim, const void *opt_value);

size_t tx_cache_bytes(tx_cache *cache); /* in use */

#endif
