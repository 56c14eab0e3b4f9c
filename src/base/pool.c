#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"

#define THREADS_LIMIT 4096

typedef struct worker {
  tx_pool *pool;
  size_t thread;
  pthread_t handle;
} worker;

struct tx_pool {
  size_t threads;
  size_t started; /* workers that have a thread; worker 0 is the caller and has none */
  worker *workers;
  pthread_mutex_t lock;
  pthread_cond_t begin;
  pthread_cond_t end;
  /* Guarded by `lock`; the description of a run does not change while workers are busy with it. */
  uint64_t run; /* number of the run, so that a worker takes part once in each */
  size_t busy;
  bool closing;
  size_t count;
  tx_pool_task task;
  void *context;
  atomic_size_t next; /* the next item to take */
};

static void take_items(tx_pool *pool, size_t thread)
{
  size_t count = pool->count;
  for (;;) {
    /* Relaxed order is enough: the mutex orders the tasks' reads and writes against the caller's. */
    size_t item = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (item >= count) return;
    pool->task(pool->context, item, thread);
  }
}

static void *work(void *argument)
{
  worker *self = argument;
  tx_pool *pool = self->pool;
  uint64_t done = 0;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->run == done && !pool->closing) pthread_cond_wait(&pool->begin, &pool->lock);
    if (pool->closing) break;
    done = pool->run;
    pthread_mutex_unlock(&pool->lock);
    take_items(pool, self->thread);
    pthread_mutex_lock(&pool->lock);
    if (--pool->busy == 0) pthread_cond_signal(&pool->end);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

/* Starts the workers with all signals blocked: signals are for the program's own threads, and a worker that
   received one would run the handler in the middle of a task. */
static bool start_workers(tx_pool *pool)
{
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (pool->started = 1; pool->started < pool->threads; pool->started++) {
    worker *one = &pool->workers[pool->started];
    one->pool = pool;
    one->thread = pool->started;
    if (pthread_create(&one->handle, NULL, work, one)) break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pool->started == pool->threads;
}

tx_status tx_pool_create(size_t threads, tx_pool **ret_pool, tx_error *error)
{
  tx_pool *pool;
  *ret_pool = NULL;
  if (!threads) threads = 1;
  if (threads > THREADS_LIMIT)
    return tx_fail(error, TX_ERROR_USAGE, "%zu threads are too many; at most %d", threads, THREADS_LIMIT);
  pool = calloc(1, sizeof *pool);
  if (!pool) return tx_fail_memory(error, "threads");
  pool->threads = threads;
  pool->workers = calloc(threads, sizeof *pool->workers);
  if (!pool->workers) {
    free(pool);
    return tx_fail_memory(error, "threads");
  }
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->begin, NULL);
  pthread_cond_init(&pool->end, NULL);
  atomic_init(&pool->next, 0);
  if (!start_workers(pool)) {
    size_t started = pool->started;
    tx_pool_free(pool);
    return tx_fail(error, TX_ERROR_MEMORY,
                   "cannot start %zu threads, only %zu: not enough memory, or a limit of the system; ask for "
                   "fewer",
                   threads, started);
  }
  *ret_pool = pool;
  return TX_OK;
}

size_t tx_pool_threads(const tx_pool *pool)
{
  return pool->threads;
}

void tx_pool_run(tx_pool *pool, size_t count, tx_pool_task task, void *context)
{
  if (pool->threads == 1 || count < 2) {
    for (size_t item = 0; item < count; item++) task(context, item, 0);
    return;
  }
  pthread_mutex_lock(&pool->lock);
  pool->count = count;
  pool->task = task;
  pool->context = context;
  pool->busy = pool->threads - 1;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  pool->run++;
  pthread_cond_broadcast(&pool->begin);
  pthread_mutex_unlock(&pool->lock);
  take_items(pool, 0);
  pthread_mutex_lock(&pool->lock);
  while (pool->busy) pthread_cond_wait(&pool->end, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

void tx_pool_free(tx_pool *pool)
{
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  pool->closing = true;
  pthread_cond_broadcast(&pool->begin);
  pthread_mutex_unlock(&pool->lock);
  for (size_t i = 1; i < pool->started; i++) pthread_join(pool->workers[i].handle, NULL);
  pthread_cond_destroy(&pool->end);
  pthread_cond_destroy(&pool->begin);
  pthread_mutex_destroy(&pool->lock);
  free(pool->workers);
  free(pool);
}
