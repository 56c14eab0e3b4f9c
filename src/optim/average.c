#include "optim/average.h"

enum { BLOCK_ELEMENTS = 16384 };

typedef struct average_task {
  const float *weights;
  float *average;
  size_t elements;
  float share; /* share of the new weights */
} average_task;

static void average_block(void *context, size_t item, size_t thread)
{
  const average_task *task = context;
  const size_t begin = item * BLOCK_ELEMENTS, left = task->elements - begin,
               count = left < BLOCK_ELEMENTS ? left : BLOCK_ELEMENTS;
  const float *restrict weights = task->weights + begin;
  float *restrict average = task->average + begin;
  const float share = task->share;
  (void)thread;
#pragma omp simd
  for (size_t i = 0; i < count; i++) average[i] += share * (weights[i] - average[i]);
}

void tx_average_update(tx_pool *pool, double decay, uint64_t step, size_t elements, const float *weights,
                       float *average)
{
  const double early = (1.0 + (double)step) / (10.0 + (double)step);
  average_task task = {weights, average, elements, (float)(1.0 - (early < decay ? early : decay))};
  tx_pool_run(pool, (elements + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS, average_block, &task);
}
