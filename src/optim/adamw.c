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

static tx_status make_blocks(const tx_parameter_groups *groups, tx_adamw *optimiser, tx_error *error)
{
  for (size_t i = 0; i < groups->count; i++)
    if (!groups->groups[i].frozen) optimiser->block_count += blocks_of(groups->groups[i].tensor.count);
  optimiser->blocks = calloc(optimiser->block_count, sizeof *optimiser->blocks);
  optimiser->sums = calloc(optimiser->block_count, sizeof *optimiser->sums);
  if (!optimiser->blocks || !optimiser->sums) return tx_fail_memory(error, "the optimiser");
  for (size_t i = 0, used = 0; i < groups->count; i++) {
    const tx_parameter_group *group = &groups->groups[i];
    const size_t count = group->tensor.count, first = optimiser->elements;
    if (!group->preconditioned) optimiser->elements += count;
    for (size_t done = 0; done < count && !group->frozen; done += BLOCK_ELEMENTS, used++) {
      tx_block *block = &optimiser->blocks[used];
      block->offset = group->tensor.offset + done;
      block->count = count - done < BLOCK_ELEMENTS ? count - done : BLOCK_ELEMENTS;
      block->rate = group->rate;
      block->decay = group->decay;
      block->left = group->preconditioned;
      block->moment = first + (block->left ? 0 : done);
    }
  }
  return TX_OK;
}

tx_status tx_adamw_create(const tx_parameter_groups *groups, const tx_adamw_options *options,
                          tx_adamw *optimiser, tx_error *error)
{
  tx_status status;
  memset(optimiser, 0, sizeof *optimiser);
  optimiser->options = *options;
  status = make_blocks(groups, optimiser, error);
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
  double learning_rate;
  double first_correction; /* 1 - beta1^t */
  float correction;        /* 1 / sqrt(1 - beta2^t) */
} update_task;

static void block_update(void *context, size_t item, size_t thread)
{
  const update_task *task = context;
  const tx_adamw *optimiser = task->optimiser;
  const tx_adamw_options *options = &optimiser->options;
  const tx_block *block = &optimiser->blocks[item];
  const float *restrict g = task->gradients + block->offset;
  float *restrict w = task->weights + block->offset;
  float *restrict m = optimiser->m + block->moment;
  float *restrict v = optimiser->v + block->moment;
  const float beta1 = (float)options->beta1, beta2 = (float)options->beta2, epsilon = (float)options->epsilon;
  const float rest1 = (float)(1.0 - options->beta1), rest2 = (float)(1.0 - options->beta2);
  const double own_rate = block->rate * task->learning_rate;
  const float scale = task->scale, rate = (float)(own_rate / task->first_correction),
              correction = task->correction;
  const float keep = block->decay ? (float)(1.0 - own_rate * options->weight_decay) : 1.0F;
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

void tx_adamw_step(tx_adamw *optimiser, tx_pool *pool, double learning_rate, float scale,
                   const float *gradients, float *weights)
{
  const double t = (double)++optimiser->step;
  update_task task = {.optimiser = optimiser,
                      .gradients = gradients,
                      .weights = weights,
                      .scale = scale,
                      .learning_rate = learning_rate,
                      .first_correction = 1.0 - pow(optimiser->options.beta1, t),
                      .correction = (float)(1.0 / sqrt(1.0 - pow(optimiser->options.beta2, t)))};
  tx_pool_run(pool, optimiser->block_count, block_update, &task);
}
