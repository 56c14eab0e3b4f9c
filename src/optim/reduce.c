#include "optim/reduce.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

tx_status tx_reduction_create(size_t elements, size_t first, tx_reduction *reduction, tx_error *error)
{
  float *total = tx_calloc_aligned(elements, sizeof *total);
  memset(reduction, 0, sizeof *reduction);
  if (!total) return tx_fail_memory(error, "the gradients");
  if (pthread_mutex_init(&reduction->mutex, NULL) != 0) {
    free(total);
    return tx_fail_memory(error, "a lock");
  }
  if (pthread_cond_init(&reduction->turned, NULL) != 0) {
    pthread_mutex_destroy(&reduction->mutex);
    free(total);
    return tx_fail_memory(error, "a lock");
  }
  reduction->total = total;
  reduction->elements = elements;
  reduction->first = first;
  return TX_OK;
}

void tx_reduction_begin(tx_reduction *reduction)
{
  reduction->turn = 0;
}

void tx_reduce_gradients(tx_reduction *reduction, size_t shard, const float *gradients)
{
  float *restrict total = reduction->total;
  pthread_mutex_lock(&reduction->mutex);
  while (reduction->turn != shard) pthread_cond_wait(&reduction->turned, &reduction->mutex);
  pthread_mutex_unlock(&reduction->mutex);
  /* Only the shard that is next reaches this line, so the sum itself needs no lock. */
  if (shard == 0)
    memcpy(total + reduction->first, gradients + reduction->first,
           (reduction->elements - reduction->first) * sizeof *total);
  else
    for (size_t i = reduction->first; i < reduction->elements; i++) total[i] += gradients[i];
  pthread_mutex_lock(&reduction->mutex);
  reduction->turn = shard + 1;
  pthread_cond_broadcast(&reduction->turned);
  pthread_mutex_unlock(&reduction->mutex);
}

float *tx_reduction_finish(tx_reduction *reduction)
{
  return reduction->total;
}

void tx_reduction_free(tx_reduction *reduction)
{
  if (!reduction || !reduction->total) return;
  pthread_cond_destroy(&reduction->turned);
  pthread_mutex_destroy(&reduction->mutex);
  free(reduction->total);
  reduction->total = NULL;
}
