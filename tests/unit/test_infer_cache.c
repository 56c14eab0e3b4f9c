/* The cache of answers: hits, eviction of what is oldest in use, bounded memory, keys of equal hash, and
   claims between threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "infer/cache.h"

enum { KEYS = 200, KEY_SIZE = 40 };

typedef struct value {
  uint64_t number;
  char padding[40];
} value;

static uint64_t always_same(const void *key, size_t size)
{
  (void)key;
  (void)size;
  return 7;
}

static uint64_t last_byte(const void *key, size_t size)
{
  return ((const unsigned char *)key)[size - 1] & 3;
}

static tx_cache *create(size_t bytes, tx_cache_hash hash)
{
  tx_cache *cache = NULL;
  tx_error error;
  assert_int_equal(tx_cache_create(bytes, sizeof(value), hash, &cache, &error), TX_OK);
  return cache;
}

static void make_key(char *key, size_t number)
{
  memset(key, 'x', KEY_SIZE);
  memcpy(key, &number, sizeof number);
}

static void put(tx_cache *cache, const void *key, size_t size, uint64_t number)
{
  tx_cache_entry *claim = NULL;
  value wanted = {0};
  assert_int_equal(tx_cache_ask(cache, key, size, false, &wanted, &claim), TX_CACHE_CLAIMED);
  wanted.number = number;
  tx_cache_settle(cache, claim, &wanted);
}

/* Whether the key is there, with its own number; claims it for a moment if not. */
static bool has(tx_cache *cache, const void *key, size_t size, uint64_t number)
{
  tx_cache_entry *claim = NULL;
  value found;
  tx_cache_answer answer = tx_cache_ask(cache, key, size, true, &found, &claim);
  assert_int_not_equal(answer, TX_CACHE_BUSY);
  if (answer == TX_CACHE_CLAIMED) {
    tx_cache_settle(cache, claim, NULL);
    return false;
  }
  assert_int_equal(found.number, number);
  return true;
}

static void finds_what_was_put(void **state)
{
  tx_cache *cache = create(1 << 20, NULL);
  char key[KEY_SIZE];
  (void)state;
  for (size_t i = 0; i < KEYS; i++) {
    make_key(key, i);
    assert_false(has(cache, key, KEY_SIZE, i)); /* given up: not there the next time either */
    put(cache, key, KEY_SIZE, i);
  }
  for (size_t i = 0; i < KEYS; i++) {
    make_key(key, i);
    assert_true(has(cache, key, KEY_SIZE, i));
    assert_false(has(cache, key, KEY_SIZE - 1, i)); /* the beginning of a key is another key */
  }
  tx_cache_free(cache);
  tx_cache_free(NULL);
}

/* An equal hash is no answer: every bit of the key counts. */
static void tells_keys_of_equal_hash_apart(void **state)
{
  static const tx_cache_hash hashes[] = {always_same, last_byte, NULL};
  (void)state;
  for (size_t h = 0; h < 3; h++) {
    tx_cache *cache = create(1 << 20, hashes[h]);
    char key[KEY_SIZE];
    make_key(key, 5);
    put(cache, key, KEY_SIZE, 1000);
    for (size_t i = 0; i < KEY_SIZE; i++) {
      for (int bit = 0; bit < 8; bit++) {
        key[i] = (char)(key[i] ^ 1 << bit);
        assert_false(has(cache, key, KEY_SIZE, 0));
        put(cache, key, KEY_SIZE, 8 * i + (size_t)bit);
        key[i] = (char)(key[i] ^ 1 << bit);
      }
    }
    for (size_t i = 0; i < KEY_SIZE; i++) {
      for (int bit = 0; bit < 8; bit++) {
        key[i] = (char)(key[i] ^ 1 << bit);
        assert_true(has(cache, key, KEY_SIZE, 8 * i + (size_t)bit));
        key[i] = (char)(key[i] ^ 1 << bit);
      }
    }
    assert_true(has(cache, key, KEY_SIZE, 1000));
    tx_cache_free(cache);
  }
}

static void least_recently_used_goes_first(void **state)
{
  enum { LIMIT = 16384 };
  (void)state;
  for (int equal = 0; equal < 2; equal++) {
    tx_cache *cache = create(LIMIT, equal ? always_same : NULL);
    char key[KEY_SIZE], first[KEY_SIZE];
    size_t there = 0;
    make_key(first, 0);
    put(cache, first, KEY_SIZE, 0);
    for (size_t i = 1; i < 10 * KEYS; i++) {
      make_key(key, i);
      put(cache, key, KEY_SIZE, i);
      assert_true(tx_cache_bytes(cache) <= LIMIT);
      assert_true(has(cache, first, KEY_SIZE, 0)); /* used again and again, so it stays */
    }
    assert_true(tx_cache_bytes(cache) > LIMIT / 2);
    for (size_t i = 10 * KEYS - 1; i > 0; i--) {
      /* the newest are there, without a gap; asking claims, which drops the oldest */
      make_key(key, i);
      if (!has(cache, key, KEY_SIZE, i)) break;
      there++;
    }
    assert_in_range(there, LIMIT / 400, LIMIT / 100);
    tx_cache_free(cache);
  }
}

/* Claims stay whatever else is asked for; beyond the memory there are answers without room, and too long keys
   are never kept. */
static void memory_is_bounded(void **state)
{
  enum { LIMIT = 16384 };
  tx_cache *cache = create(LIMIT, NULL);
  tx_cache_entry *claims[KEYS];
  char key[KEY_SIZE], *large = calloc(1, LIMIT);
  value found = {0};
  size_t kept = 0;
  (void)state;
  assert_non_null(large);
  for (size_t i = 0; i < KEYS; i++) {
    make_key(key, i);
    assert_int_equal(tx_cache_ask(cache, key, KEY_SIZE, false, &found, &claims[i]), TX_CACHE_CLAIMED);
    kept += claims[i] != NULL;
    assert_true(tx_cache_bytes(cache) <= LIMIT);
  }
  assert_true(kept > 20 && kept < KEYS);
  for (size_t i = 0; i < KEYS; i++) {
    make_key(key, i);
    if (claims[i])
      assert_int_equal(tx_cache_ask(cache, key, KEY_SIZE, false, &found, &(tx_cache_entry *){NULL}),
                       TX_CACHE_BUSY);
  }
  for (size_t i = 0; i < KEYS; i++) {
    found.number = i;
    tx_cache_settle(cache, claims[i], i % 2 ? &found : NULL);
  }
  for (size_t i = 0; i < KEYS; i++) {
    make_key(key, i);
    assert_int_equal(has(cache, key, KEY_SIZE, i), claims[i] && i % 2);
  }
  assert_true(tx_cache_accepts(cache, KEY_SIZE));
  assert_false(tx_cache_accepts(cache, LIMIT / 4));
  assert_false(tx_cache_accepts(cache, SIZE_MAX));
  put(cache, large, LIMIT / 4, 1);
  assert_false(has(cache, large, LIMIT / 4, 1));
  free(large);
  tx_cache_free(cache);
}

static void smallest_caches(void **state)
{
  static const size_t sizes[] = {1, 8, 100, 1000, 4000};
  (void)state;
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    tx_cache *cache = create(sizes[s], NULL);
    char key[KEY_SIZE];
    for (size_t i = 0; i < 20; i++) {
      make_key(key, i);
      put(cache, key, KEY_SIZE, i);
      has(cache, key, KEY_SIZE, i);
    }
    tx_cache_free(cache);
  }
}

/* ---- threads ---- */

enum { THREADS = 4, ASKED = 4000, DISTINCT = 60 };

typedef struct crowd {
  tx_cache *cache;
  atomic_int computing[DISTINCT]; /* how many threads compute this key at the moment */
  atomic_size_t computed, failed;
  atomic_bool twice, wrong;
} crowd;

typedef struct member {
  crowd *crowd;
  uint64_t number;
} member;

static void *ask_around(void *argument)
{
  member *self = argument;
  crowd *all = self->crowd;
  tx_random random;
  tx_random_seed(&random, 1, self->number, 0, 0);
  for (size_t i = 0; i < ASKED; i++) {
    size_t which = tx_random_below(&random, DISTINCT);
    char key[KEY_SIZE];
    value found = {0};
    tx_cache_entry *claim = NULL;
    make_key(key, which);
    if (tx_cache_ask(all->cache, key, KEY_SIZE, true, &found, &claim) == TX_CACHE_FOUND) {
      if (found.number != which) atomic_store(&all->wrong, true);
      continue;
    }
    if (claim && atomic_fetch_add(&all->computing[which], 1)) atomic_store(&all->twice, true);
    nanosleep(&(struct timespec){0, 20000}, NULL);
    if (claim) atomic_fetch_sub(&all->computing[which], 1);
    found.number = which;
    if (tx_random_below(&random, 4)) {
      atomic_fetch_add(&all->computed, 1);
      tx_cache_settle(all->cache, claim, &found);
    } else {
      atomic_fetch_add(&all->failed, 1);
      tx_cache_settle(all->cache, claim, NULL);
    }
  }
  return NULL;
}

/* With memory for all keys each is computed once, for a few of them only; in both cases nobody waits for ever
   and nothing is wrong. */
static void threads_share(void **state)
{
  static const size_t sizes[] = {1 << 20, 6000};
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    crowd all;
    member members[THREADS];
    pthread_t threads[THREADS];
    all.cache = create(sizes[s], NULL);
    for (size_t i = 0; i < DISTINCT; i++) atomic_init(&all.computing[i], 0);
    atomic_init(&all.computed, 0);
    atomic_init(&all.failed, 0);
    atomic_init(&all.twice, false);
    atomic_init(&all.wrong, false);
    for (size_t i = 0; i < THREADS; i++) {
      members[i] = (member){&all, i};
      assert_int_equal(pthread_create(&threads[i], NULL, ask_around, &members[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_false(atomic_load(&all.wrong));
    assert_false(atomic_load(&all.twice));
    assert_true(atomic_load(&all.failed) > 0);
    if (s == 0)
      assert_int_equal(atomic_load(&all.computed), DISTINCT);
    else
      assert_true(atomic_load(&all.computed) > DISTINCT);
    tx_cache_free(all.cache);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_what_was_put),
      cmocka_unit_test(tells_keys_of_equal_hash_apart),
      cmocka_unit_test(least_recently_used_goes_first),
      cmocka_unit_test(memory_is_bounded),
      cmocka_unit_test(smallest_caches),
      cmocka_unit_test(threads_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
