/* The only place where gradients of several workers are summed: at present the threads of this process. In an
   extension to several processes tx_reduction_finish would add their sums. */
#ifndef TX_OPTIM_REDUCE_H
#define TX_OPTIM_REDUCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

/* Sums shards in the order of their numbers, whichever thread computes them and when: floating-point sums
   then have the same bits for any number of threads. */
typedef struct tx_reduction {
  pthread_mutex_t mutex;
  pthread_cond_t turned;
  size_t turn;  /* next shard to be added */
  float *total; /* (elements) owned by the reduction */
  size_t elements;
  size_t first; /* elements before this one are left out: they are not updated, and stay 0 in the total */
} tx_reduction;

/* Makes a sum of gradients (elements) of which those before `first` are left out. TX_ERROR_MEMORY; on failure
   there is nothing to free. */
tx_status tx_reduction_create(size_t elements, size_t first, tx_reduction *reduction, tx_error *error);
/* Begins a step. To be called before its shards, while no thread is adding. */
void tx_reduction_begin(tx_reduction *reduction);
/* Waits for the turn of `shard` (0, 1, ... each exactly once), then adds gradients (elements). The threads
   must take the shards in order, so that some thread is always computing the one that is waited for. */
void tx_reduce_gradients(tx_reduction *reduction, size_t shard, const float *gradients);
/* Ends a step, after its last shard, from one thread: the sum over all shards (elements), borrowed until the
   next begin. The caller may change it. */
float *tx_reduction_finish(tx_reduction *reduction);
void tx_reduction_free(tx_reduction *reduction);

#endif
