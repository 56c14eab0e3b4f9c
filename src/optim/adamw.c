#include "optim/adamw.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_ELEMENTS = 16384, LANES = 16 };

static size_t blocks_of(size_t count)
{
  return (count + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS;
}

static tx_status make_blocks(const tx_dims *dims, bool decay_all, const bool *opt_left, tx_adamw *optimiser, tx_error *error)
{
  size_t tensors = tx_layout_count(dims), used = 0;
  tx_tensor_info info;
  optimiser->block_count = 0;
  for (size_t i = 0; i < tensors; i++) {
    tx_layout_tensor(dims, i, &info);
    optimiser->block_count += blocks_of(info.count);
  }
  optimiser->blocks = calloc(optimiser->block_count, sizeof *optimiser->blocks);
  optimiser->sums = calloc(optimiser->block_count, sizeof *optimiser->sums);
  if (!optimiser->blocks || !optimiser->sums) return tx_fail_memory(error, "the optimiser");
  for (size_t i = 0; i < tensors; i++) {
    tx_layout_tensor(dims, i, &info);
    for (size_t done = 0; done < info.count; done += BLOCK_ELEMENTS, used++) {
      tx_block *block = &optimiser->blocks[used];
      block->offset = info.offset + done;
      block->count = info.count - done < BLOCK_ELEMENTS ? info.count - done : BLOCK_ELEMENTS;
      block->decay = decay_all || info.decay;
      block->left = opt_left && opt_left[i];
      block->moment = optimiser->elements;
      if (!block->left) optimiser->elements += block->count;
    }
  }
  return TX_OK;
}

tx_status tx_adamw_create(const tx_dims *dims, double beta1, double beta2, double epsilon, double weight_decay, bool decay_all,
                          const bool *opt_left, tx_adamw *optimiser, tx_error *error)
{
  tx_status status;
  memset(optimiser, 0, sizeof *optimiser);
  optimiser->beta1 = beta1;
  optimiser->beta2 = beta2;
  optimiser->epsilon = epsilon;
  optimiser->weight_decay = weight_decay;
  status = make_blocks(dims, decay_all, opt_left, optimiser, error);
  if (status == TX_OK) {
    optimiser->m = tx_calloc_aligned(optimiser->elements, sizeof *optimiser->m);
    optimiser->v = tx_calloc_aligned(optimiser->elements, sizeof *optimiser->v);
    if (!optimiser->m || !optimiser->v) status = tx_fail_memory(error, "the optimiser");
  }
  if (status != TX_OK) tx_adamw_free(optimiser);
  return status;
}

void tx_adamw_free(tx_adamw *optimiser)
{
  if (!optimiser) return;
  free(optimiser->m);
  free(optimiser->v);
  free(optimiser->blocks);
  free(optimiser->sums);
  memset(optimiser, 0, sizeof *optimiser);
}

void tx_adamw_freeze(tx_adamw *optimiser, size_t first)
{
  size_t kept = 0;
  for (size_t i = 0; i < optimiser->block_count; i++)
    if (optimiser->blocks[i].offset >= first) optimiser->blocks[kept++] = optimiser->blocks[i];
  optimiser->block_count = kept;
}

void tx_adamw_slow(tx_adamw *optimiser, size_t end, double share)
{
  optimiser->slow_end = end;
  optimiser->slow_share = share;
}

typedef struct norm_task {
  tx_adamw *optimiser;
  const float *gradients;
} norm_task;

static void block_norm(void *context, size_t item, size_t thread)
{
  const norm_task *task = context;
  const tx_block *block = &task->optimiser->blocks[item];
  const float *g = task->gradients + block->offset;
  double lanes[LANES] = {0}, sum = 0;
  size_t i = 0;
  (void)thread;
  for (; i + LANES <= block->count; i += LANES)
    for (size_t j = 0; j < LANES; j++) lanes[j] += (double)g[i + j] * (double)g[i + j];
  for (; i < block->count; i++) sum += (double)g[i] * (double)g[i];
  for (size_t j = 0; j < LANES; j++) sum += lanes[j];
  task->optimiser->sums[item] = sum;
}

double tx_gradient_norm(tx_adamw *optimiser, tx_pool *pool, const float *gradients)
{
  norm_task task = {optimiser, gradients};
  double sum = 0;
  tx_pool_run(pool, optimiser->block_count, block_norm, &task);
  for (size_t i = 0; i < optimiser->block_count; i++) sum += optimiser->sums[i];
  return sqrt(sum);
}

typedef struct update_task {
  const tx_adamw *optimiser;
  const float *gradients;
  float *weights;
  float scale;
  float keep[2];    /* 1 - learning rate * weight decay; the second for what learns slowly */
  float rate[2];    /* learning rate / (1 - beta1^t), likewise */
  float correction; /* 1 / sqrt(1 - beta2^t) */
} update_task;

static void block_update(void *context, size_t item, size_t thread)
{
  const update_task *task = context;
  const tx_adamw *optimiser = task->optimiser;
  const tx_block *block = &optimiser->blocks[item];
  const float *restrict g = task->gradients + block->offset;
  float *restrict w = task->weights + block->offset;
  float *restrict m = optimiser->m + block->moment;
  float *restrict v = optimiser->v + block->moment;
  const float beta1 = (float)optimiser->beta1, beta2 = (float)optimiser->beta2, epsilon = (float)optimiser->epsilon;
  const float rest1 = (float)(1.0 - optimiser->beta1), rest2 = (float)(1.0 - optimiser->beta2);
  const bool slow = block->offset < optimiser->slow_end;
  const float scale = task->scale, rate = task->rate[slow], correction = task->correction;
  const float keep = block->decay ? task->keep[slow] : 1.0F;
  (void)thread;
  if (block->left) return;
#pragma omp simd
  for (size_t i = 0; i < block->count; i++) {
    float gradient = scale * g[i];
    m[i] = beta1 * m[i] + rest1 * gradient;
    v[i] = beta2 * v[i] + rest2 * gradient * gradient;
    w[i] = keep * w[i] - rate * m[i] / (sqrtf(v[i]) * correction + epsilon);
  }
}

void tx_adamw_step(tx_adamw *optimiser, tx_pool *pool, double learning_rate, float scale, const float *gradients, float *weights)
{
  update_task task = {.optimiser = optimiser, .gradients = gradients, .weights = weights, .scale = scale};
  double t = (double)++optimiser->step;
  for (int slow = 0; slow < 2; slow++) {
    const double own = slow ? optimiser->slow_share * learning_rate : learning_rate;
    task.keep[slow] = (float)(1.0 - own * optimiser->weight_decay);
    task.rate[slow] = (float)(own / (1.0 - pow(optimiser->beta1, t)));
  }
  task.correction = (float)(1.0 / sqrt(1.0 - pow(optimiser->beta2, t)));
  tx_pool_run(pool, optimiser->block_count, block_update, &task);
}
