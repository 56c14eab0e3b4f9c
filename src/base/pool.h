/* The thread pool. Only this module and infer/pipeline start threads. */
#ifndef TX_BASE_POOL_H
#define TX_BASE_POOL_H

#include <stddef.h>
#include <taxamba/status.h>

typedef struct tx_pool tx_pool;

/* One task: `item` of the run, executed by thread `thread` (0..threads-1). */
typedef void (*tx_pool_task)(void *context, size_t item, size_t thread);

/* Creates a pool of 1 to 4096 threads (0 counts as 1). TX_ERROR_USAGE above that, TX_ERROR_MEMORY when the
   system refuses some of them. */
tx_status tx_pool_create(size_t threads, tx_pool **ret_pool, tx_error *error);
size_t tx_pool_threads(const tx_pool *pool);
/* Runs items 0..count-1, taken in order by whichever thread is free, and returns when all are done. The
   calling thread is thread 0 and takes part. One run at a time. */
void tx_pool_run(tx_pool *pool, size_t count, tx_pool_task task, void *context);
void tx_pool_free(tx_pool *pool);

#endif
