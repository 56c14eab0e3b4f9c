/* base/pool: every item once, in order, by the named threads. Run it under the thread sanitizer, too. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/pool.h"

enum { ITEMS = 5000, THREADS = 8 };

typedef struct record {
  size_t threads;
  unsigned char done[ITEMS]; /* plain memory: only the pool keeps the threads apart */
  size_t last[THREADS];
  size_t disorder[THREADS];
  size_t foreign[THREADS];
  pthread_t caller;
} record;

static void note(void *context, size_t item, size_t thread)
{
  record *all = context;
  all->done[item]++;
  if (all->last[thread] > item) all->disorder[thread]++;
  all->last[thread] = item;
  if ((thread == 0) != (pthread_equal(pthread_self(), all->caller) != 0)) all->foreign[thread]++;
}

static void runs_every_item_once(void **state)
{
  (void)state;
  const size_t counts[] = {0, 1, 2, 3, 7, 8, 9, 100, ITEMS};
  record *all = malloc(sizeof *all);
  assert_non_null(all);
  for (size_t threads = 1; threads <= THREADS; threads++) {
    tx_pool *pool = NULL;
    assert_int_equal(tx_pool_create(threads, &pool, NULL), TX_OK);
    assert_int_equal(tx_pool_threads(pool), threads);
    for (size_t round = 0; round < 5 * sizeof counts / sizeof *counts; round++) {
      size_t count = counts[round % (sizeof counts / sizeof *counts)];
      memset(all, 0, sizeof *all);
      all->caller = pthread_self();
      tx_pool_run(pool, count, note, all);
      for (size_t i = 0; i < ITEMS; i++) assert_int_equal(all->done[i], i < count);
      for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(all->disorder[i], 0);
        assert_int_equal(all->foreign[i], 0);
      }
    }
    tx_pool_free(pool);
  }
  free(all);
}

static void add(void *context, size_t item, size_t thread)
{
  uint64_t *sums = context;
  sums[thread * 8] += item; /* one cache line apart */
}

/* Many short runs: what one run wrote is seen by the next, whichever thread it lands on. */
static void runs_many_times(void **state)
{
  (void)state;
  tx_pool *pool = NULL;
  uint64_t sums[THREADS * 8] = {0};
  uint64_t total = 0;
  assert_int_equal(tx_pool_create(4, &pool, NULL), TX_OK);
  for (int round = 0; round < 3000; round++) tx_pool_run(pool, 10, add, sums);
  tx_pool_free(pool);
  for (size_t i = 0; i < THREADS; i++) total += sums[i * 8];
  assert_true(total == 3000 * 45);
}

typedef struct meeting {
  pthread_barrier_t barrier;
  sigset_t blocked[THREADS];
} meeting;

static void meet(void *context, size_t item, size_t thread)
{
  meeting *all = context;
  (void)item;
  pthread_sigmask(SIG_BLOCK, NULL, &all->blocked[thread]);
  pthread_barrier_wait(&all->barrier); /* passes only when all threads are at work at the same time */
}

static void works_in_parallel_and_leaves_signals_to_the_caller(void **state)
{
  (void)state;
  tx_pool *pool = NULL;
  meeting all;
  alarm(120);
  assert_int_equal(pthread_barrier_init(&all.barrier, NULL, THREADS), 0);
  assert_int_equal(tx_pool_create(THREADS, &pool, NULL), TX_OK);
  tx_pool_run(pool, THREADS, meet, &all);
  tx_pool_free(pool);
  pthread_barrier_destroy(&all.barrier);
  alarm(0);
  assert_int_equal(sigismember(&all.blocked[0], SIGINT), 0);
  for (size_t i = 1; i < THREADS; i++) assert_int_equal(sigismember(&all.blocked[i], SIGINT), 1);
}

static void takes_odd_numbers_of_threads(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_pool *pool = NULL;
  assert_int_equal(tx_pool_create(0, &pool, &error), TX_OK);
  assert_int_equal(tx_pool_threads(pool), 1);
  tx_pool_free(pool);
  assert_int_equal(tx_pool_create(3, &pool, &error), TX_OK);
  tx_pool_free(pool); /* never used */
  tx_pool_free(NULL);
  assert_int_equal(tx_pool_create(SIZE_MAX, &pool, &error), TX_ERROR_USAGE);
  assert_null(pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_every_item_once),
      cmocka_unit_test(runs_many_times),
      cmocka_unit_test(works_in_parallel_and_leaves_signals_to_the_caller),
      cmocka_unit_test(takes_odd_numbers_of_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
