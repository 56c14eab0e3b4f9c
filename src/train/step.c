/* One optimiser step: shards in parallel, gradients summed in shard order, clipped, applied. */
#include "train/step.h"

#include "base/error.h"
#include "dataset/streams.h"
#include "optim/average.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct step_task {
  tx_trainer *trainer;
  tx_objective_batch batch;
} step_task;

/* Names the random streams of record i of the batch. A record that balance draws several times in an epoch is
   another one each time: the name of its streams is its place then. */
static uint64_t stream_name(const step_task *task, size_t i)
{
  const tx_trainer *trainer = task->trainer;
  const uint32_t *records = task->batch.records;
  const uint64_t place = (uint64_t)(records - trainer->order) + i;
  return trainer->config->balance > 0 ? ((uint64_t)1 << 32) + place : records[i];
}

/* Draws which records of the batch are shown as reverse complement. */
static void draw_strands(step_task *task)
{
  const tx_trainer *trainer = task->trainer;
  const tx_train_config *config = trainer->config;
  if (!(config->strand_share > 0)) return;
  for (size_t i = 0; i < task->batch.count; i++) {
    tx_random random;
    tx_random_seed(&random, config->seed, trainer->state.epoch, stream_name(task, i), TX_STREAM_STRAND);
    trainer->reversed[i] = tx_random_real(&random) < config->strand_share;
  }
  task->batch.opt_reversed = trainer->reversed;
}

tx_augmentation tx_trainer_crops(const tx_trainer *trainer)
{
  return (tx_augmentation){.crop = trainer->config->crop,
                           .crop_minimum = trainer->config->crop_minimum,
                           .crop_lengths = trainer->crop_lengths,
                           .crop_length_count = trainer->crop_length_count,
                           .shortest = tx_dataset_shortest(&trainer->objective->needs, &trainer->tokenizer)};
}

static void fill_shard(const step_task *task, size_t item, tx_shard *shard)
{
  const tx_trainer *trainer = task->trainer;
  const tx_train_config *config = trainer->config;
  const uint32_t *records = task->batch.records;
  tx_augmentation augmentation = tx_trainer_crops(trainer);
  const size_t size = shard->capacity, begin = item * size;
  const size_t end = begin + size < task->batch.count ? begin + size : task->batch.count;
  tx_random random;
  augmentation.random_offset = config->random_offset;
  augmentation.substitution = config->substitution;
  augmentation.reverse_complement = config->reverse_complement;
  tx_shard_clear(shard);
  for (size_t i = begin; i < end; i++) {
    const uint64_t name = stream_name(task, i);
    augmentation.reversed = task->batch.opt_reversed && task->batch.opt_reversed[i];
    tx_random_seed(&random, config->seed, trainer->state.epoch, name, TX_STREAM_AUGMENT);
    tx_shard_add(shard, trainer->dataset, &trainer->tokenizer, records[i], &augmentation, &random);
    tx_random_seed(&random, config->seed, trainer->state.epoch, name, TX_STREAM_MASK);
    tx_objective_fill(&trainer->terms, shard, &random);
  }
  tx_random_seed(&random, config->seed, trainer->state.step, item, TX_STREAM_DROPOUT);
  shard->pack.dropout = (float)config->dropout;
  shard->pack.dropout_seed = tx_random_next(&random);
}

static void run_shard(void *context, size_t item, size_t thread)
{
  step_task *task = context;
  tx_trainer *trainer = task->trainer;
  tx_objective_worker *worker = &trainer->workers[thread];
  const size_t frozen = trainer->optimiser.groups.frozen;
  fill_shard(task, item, &worker->shard);
  memset(worker->gradients + frozen, 0, (trainer->elements - frozen) * sizeof *worker->gradients);
  tx_objective_learn(&trainer->terms, &task->batch, item * worker->shard.capacity, worker,
                     trainer->sums + item * trainer->terms.columns);
  tx_reduce_gradients(&trainer->reduction, item, worker->gradients);
}

/* The first pass over the shards of a loss that needs the whole batch. */
static void collect_shard(void *context, size_t item, size_t thread)
{
  step_task *task = context;
  tx_trainer *trainer = task->trainer;
  tx_objective_worker *worker = &trainer->workers[thread];
  fill_shard(task, item, &worker->shard);
  tx_objective_collect(&trainer->terms, item * worker->shard.capacity, worker);
}

static tx_status fail_numeric(const tx_trainer *trainer, const char *what, double value, double rate,
                              tx_error *error)
{
  return tx_fail(error, TX_ERROR_NUMERIC,
                 "%s is %g at step %" PRIu64 " (epoch %" PRIu64 ", learning rate %g): training has "
                 "diverged; start again with a lower --learning-rate or a longer --warmup (the last good "
                 "checkpoint is %s)",
                 what, value, trainer->state.step + 1, trainer->state.epoch + 1, rate,
                 trainer->checkpoint_path);
}

/* Reports a matrix whose factors are not finite. */
static tx_status fail_matrix(const tx_trainer *trainer, const tx_kl_entry *entry, double rate,
                             tx_error *error)
{
  if (entry->status == TX_ERROR_MEMORY)
    return tx_fail(error, TX_ERROR_MEMORY, "%s: %s", entry->name, entry->fault);
  return tx_fail(error, entry->status,
                 "%s: %s at step %" PRIu64 " (epoch %" PRIu64 ", learning rate %g): training has diverged; "
                 "start again with a lower --learning-rate, with --clip or with --optimiser adamw (the last "
                 "good checkpoint is %s)",
                 entry->name, entry->fault, trainer->state.step + 1, trainer->state.epoch + 1, rate,
                 trainer->checkpoint_path);
}

tx_status tx_trainer_step(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_train_state *state = &trainer->state;
  const size_t begin = (size_t)state->position * config->batch, left = trainer->dataset->train.count - begin;
  const double rate = tx_schedule_rate(&trainer->schedule, state->step);
  step_task task = {.trainer = trainer,
                    .batch = {.records = trainer->order + begin,
                              .count = left < config->batch ? left : (size_t)config->batch}};
  const size_t shards =
      (task.batch.count + trainer->workers[0].shard.capacity - 1) / trainer->workers[0].shard.capacity;
  double loss, norm;
  float scale = 1.0F, *gradients;
  const tx_kl_entry *failed;
  draw_strands(&task);
  tx_objective_scale(&trainer->terms, &task.batch);
  if (tx_objective_collects(&trainer->terms)) {
    tx_pool_run(trainer->pool, shards, collect_shard, &task);
    tx_objective_compare(&trainer->terms, &task.batch);
  }
  tx_reduction_begin(&trainer->reduction);
  tx_pool_run(trainer->pool, shards, run_shard, &task);
  gradients = tx_reduction_finish(&trainer->reduction);
  loss = tx_objective_conclude(&trainer->terms, &task.batch, trainer->sums, shards, gradients);
  if (!isfinite(loss)) return fail_numeric(trainer, "the loss", loss, rate, error);
  norm = tx_optimiser_norm(&trainer->optimiser, trainer->pool, gradients);
  if (!isfinite(norm)) return fail_numeric(trainer, "the norm of the gradient", norm, rate, error);
  if (config->clip > 0 && norm > config->clip) scale = (float)(config->clip / norm);
  tx_optimiser_step(&trainer->optimiser, trainer->pool, rate, scale, gradients, trainer->weights, &failed);
  if (failed) return fail_matrix(trainer, failed, rate, error);
  if (trainer->average)
    tx_average_update(trainer->pool, config->ema, state->step, trainer->elements, trainer->weights,
                      trainer->average);
  tx_objective_advance(&trainer->terms, &task.batch);
  state->smoothed_loss = state->step == 0 ? loss : 0.98 * state->smoothed_loss + 0.02 * loss;
  state->epoch_loss += loss;
  state->step++;
  state->position++;
  trainer->records += task.batch.count;
  trainer->steps_here++;
  return TX_OK;
}
