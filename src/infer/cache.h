/* Answers of one run by what was asked, so that equal barcodes are computed once. All threads of the run
   share it.

   A key is found by its hash and then compared byte for byte: an equal hash alone never answers. Who asks for
   a key that is not there gets a claim on it, computes the value and settles the claim; who asks for a key
   that another thread has claimed is told so and can wait for that thread instead of computing the same
   again. A thread waits only while it holds no claim itself, so that no two threads wait for each other.

   Memory is bounded: what was asked for least recently goes first. Under one lock, held for a look-up, a
   comparison and a copy. */
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
  TX_CACHE_CLAIMED, /* compute it and settle the claim */
  TX_CACHE_BUSY     /* another claim on this key is not settled yet */
} tx_cache_answer;

/* For values of value_size bytes. `bytes`: most memory of keys, values and what belongs to them. Another hash
   than the own one is for tests. */
tx_status tx_cache_create(size_t bytes, size_t value_size, tx_cache_hash opt_hash, tx_cache **ret_cache,
                          tx_error *error);
/* Claims that are not settled go too; no thread may be inside a call. NULL is allowed. */
void tx_cache_free(tx_cache *cache);

/* Whether a key of this size may be kept: one entry never takes more than a part of the memory. */
bool tx_cache_accepts(const tx_cache *cache, size_t key_size);

/* Looks for a key. wait: TX_CACHE_BUSY is waited out; the thread must hold no claim. *ret_claim is set with
   TX_CACHE_CLAIMED, to NULL when there is no room to keep the value; ret_value is filled with
   TX_CACHE_FOUND. */
tx_cache_answer tx_cache_ask(tx_cache *cache, const void *key, size_t key_size, bool wait, void *ret_value,
                             tx_cache_entry **ret_claim);
/* Ends a claim: the value is kept, or, with NULL, given up, so that whoever waits computes it. A NULL claim
   is allowed. */
void tx_cache_settle(tx_cache *cache, tx_cache_entry *claim, const void *opt_value);

size_t tx_cache_bytes(tx_cache *cache); /* in use */

#endif
