/* One optimiser step: shards in parallel, gradients summed in shard order, clipped, applied. */
#include "train/trainer.h"

#include "base/error.h"
#include "dataset/streams.h"
#include "optim/average.h"
#include "train/tokens.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct step_task {
  tx_trainer *trainer;
  const uint32_t *records; /* of the batch */
  size_t count;
  double scales[TX_RANKS_MAX];
  double contrast_scale;
} step_task;

static void fill_shard(const step_task *task, size_t item, tx_shard *shard)
{
  const tx_trainer *trainer = task->trainer;
  const tx_train_config *config = trainer->config;
  const tx_augmentation augmentation = {.random_offset = config->random_offset,
                                        .substitution = config->substitution,
                                        .crop = config->crop,
                                        .crop_minimum = config->crop_minimum,
                                        .reverse_complement = config->reverse_complement,
                                        .shortest = tx_dataset_shortest(config, &trainer->tokenizer)};
  const size_t size = shard->capacity, begin = item * size;
  const size_t end = begin + size < task->count ? begin + size : task->count;
  tx_random random;
  tx_shard_clear(shard);
  for (size_t i = begin; i < end; i++) {
    /* A record that balance draws several times in an epoch is another one each time: the name of its streams is its place then. */
    const uint64_t place = (uint64_t)(task->records - trainer->order) + i;
    const uint64_t name = config->balance > 0 ? ((uint64_t)1 << 32) + place : task->records[i];
    tx_random_seed(&random, config->seed, trainer->state.epoch, name, TX_STREAM_AUGMENT);
    tx_shard_add(shard, trainer->dataset, &trainer->tokenizer, task->records[i], &augmentation, &random);
    if (!trainer->dims.token_head) continue;
    tx_random_seed(&random, config->seed, trainer->state.epoch, name, TX_STREAM_MASK);
    tx_tokens_target(shard, (tx_objective)config->objective, config->mask_share, &random);
  }
  tx_random_seed(&random, config->seed, trainer->state.step, item, TX_STREAM_DROPOUT);
  shard->pack.dropout = (float)config->dropout;
  shard->pack.dropout_seed = tx_random_next(&random);
}

/* Forward, losses of the ranks and of the embedding, backward. The shard's first record is number `first` of the batch. */
static void learn_taxa(const step_task *task, size_t first, tx_train_worker *worker, tx_shard_sums *sums)
{
  tx_trainer *trainer = task->trainer;
  const float *embedding_gradient = NULL;
  const tx_shard *shard = &worker->shard;
  tx_network_forward(&trainer->dims, trainer->tensors, &shard->pack, worker->work);
  for (size_t r = 0; r < trainer->dims.ranks; r++)
    sums[r].loss = tx_cross_entropy_targets(tx_network_logits(worker->work, r), tx_shard_labels(shard, r), tx_shard_records(shard),
                                            trainer->dims.classes[r], &trainer->losses.targets[r], (float)task->scales[r]);
  if (trainer->contrast.capacity) {
    embedding_gradient = worker->contrast.gradient;
    sums->contrast =
        tx_contrast_learn(&trainer->contrast, &worker->contrast, trainer->dataset, tx_network_embedding(worker->work),
                          task->records + first, tx_shard_records(shard), first, task->contrast_scale);
  }
  if (trainer->frozen)
    tx_network_backward_heads(&trainer->dims, trainer->tensors, &shard->pack, worker->work, worker->gradients);
  else
    tx_network_backward(&trainer->dims, trainer->tensors, &shard->pack, worker->work, embedding_gradient, worker->gradients);
}

static void run_shard(void *context, size_t item, size_t thread)
{
  step_task *task = context;
  tx_trainer *trainer = task->trainer;
  tx_train_worker *worker = &trainer->workers[thread];
  tx_shard_sums *sums = trainer->sums + item * trainer->sum_columns;
  fill_shard(task, item, &worker->shard);
  memset(worker->gradients + trainer->frozen, 0, (trainer->elements - trainer->frozen) * sizeof *worker->gradients);
  if (trainer->dims.token_head)
    tx_tokens_learn(trainer, worker, sums);
  else
    learn_taxa(task, item * worker->shard.capacity, worker, sums);
  tx_reduce_gradients(&trainer->reduction, item, worker->gradients);
}

static tx_status fail_numeric(const tx_trainer *trainer, const char *what, double value, double rate, tx_error *error)
{
  return tx_fail(error, TX_ERROR_NUMERIC,
                 "%s is %g at step %" PRIu64 " (epoch %" PRIu64 ", learning rate %g): training has diverged; start again with a lower "
                 "--learning-rate or a longer --warmup (the last good checkpoint is %s)",
                 what, value, trainer->state.step + 1, trainer->state.epoch + 1, rate, trainer->checkpoint_path);
}

/* A matrix whose factors have left the numbers. */
static tx_status fail_matrix(const tx_trainer *trainer, const tx_kl_entry *entry, double rate, tx_error *error)
{
  if (entry->status == TX_ERROR_MEMORY) return tx_fail(error, TX_ERROR_MEMORY, "%s: %s", entry->name, entry->fault);
  return tx_fail(error, entry->status,
                 "%s: %s at step %" PRIu64 " (epoch %" PRIu64 ", learning rate %g): training has diverged; start again with a lower "
                 "--learning-rate, with --clip or with --optimiser adamw (the last good checkpoint is %s)",
                 entry->name, entry->fault, trainer->state.step + 1, trainer->state.epoch + 1, rate, trainer->checkpoint_path);
}

tx_status tx_trainer_step(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_train_state *state = &trainer->state;
  const size_t begin = (size_t)state->position * config->batch, left = trainer->dataset->train.count - begin;
  const double rate = tx_schedule_rate(&trainer->schedule, state->step);
  step_task task = {.trainer = trainer, .records = trainer->order + begin, .count = left < config->batch ? left : (size_t)config->batch};
  const size_t shards = (task.count + trainer->workers[0].shard.capacity - 1) / trainer->workers[0].shard.capacity;
  double loss = 0, norm;
  float scale = 1.0F;
  const tx_kl_entry *failed;
  tx_loss_scales(&trainer->losses, trainer->dataset, task.records, task.count, task.scales);
  task.contrast_scale = trainer->contrast.weight / (double)task.count;
  tx_reduction_begin(&trainer->reduction);
  tx_pool_run(trainer->pool, shards, run_shard, &task);
  if (trainer->dims.token_head) loss = tx_tokens_conclude(trainer, shards);
  for (size_t i = 0; i < shards && !trainer->dims.token_head; i++) {
    const tx_shard_sums *row = trainer->sums + i * trainer->sum_columns;
    for (size_t r = 0; r < trainer->dims.ranks; r++) loss += task.scales[r] * row[r].loss;
    if (trainer->contrast.capacity) loss += task.contrast_scale * row->contrast;
  }
  if (!isfinite(loss)) return fail_numeric(trainer, "the loss", loss, rate, error);
  norm = tx_gradient_norm(&trainer->optimiser, trainer->pool, trainer->reduction.total);
  if (!isfinite(norm)) return fail_numeric(trainer, "the norm of the gradient", norm, rate, error);
  if (config->clip > 0 && norm > config->clip) scale = (float)(config->clip / norm);
  tx_adamw_step(&trainer->optimiser, trainer->pool, rate, scale, trainer->reduction.total, trainer->weights);
  tx_kl_step(&trainer->matrices, trainer->pool, rate, scale, trainer->reduction.total, trainer->weights, &failed);
  if (failed) return fail_matrix(trainer, failed, rate, error);
  if (trainer->average) tx_average_update(trainer->pool, config->ema, state->step, trainer->elements, trainer->weights, trainer->average);
  if (trainer->contrast.capacity) tx_contrast_keep(&trainer->contrast, trainer->dataset, task.records, task.count);
  state->smoothed_loss = state->step == 0 ? loss : 0.98 * state->smoothed_loss + 0.02 * loss;
  state->epoch_loss += loss;
  state->step++;
  state->position++;
  trainer->records += task.count;
  trainer->steps_here++;
  return TX_OK;
}
