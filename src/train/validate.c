/* Validation: loss and head accuracy of the held-out records, without dropout, whole and, if the training
   crops, cut as well. */
#include "train/validate.h"

#include "dataset/streams.h"
#include "settings/note.h"
#include "tensor/loss.h"
#include "train/step.h"

#include <math.h>
#include <string.h>
#include <taxamba/runtime.h>

typedef struct validation_task {
  tx_trainer *trainer;
  size_t first; /* shard of item 0 */
  bool cut;     /* each record is cut to a fragment */
} validation_task;

/* Fragments and masks are the same after every epoch, so that its figures can be compared. */
static void fill_shard(const validation_task *task, size_t begin, size_t end, tx_shard *shard)
{
  const tx_trainer *trainer = task->trainer;
  const uint64_t seed = trainer->config->seed;
  const uint32_t *records = trainer->dataset->valid.records;
  tx_augmentation cut = tx_trainer_crops(trainer);
  tx_random random;
  cut.crop = 1;
  tx_shard_clear(shard);
  for (size_t i = begin; i < end; i++) {
    tx_random_seed(&random, seed, 0, records[i], TX_STREAM_VALID_CROP);
    tx_shard_add(shard, trainer->dataset, &trainer->tokenizer, records[i], task->cut ? &cut : NULL, &random);
    tx_random_seed(&random, seed, task->cut, records[i], TX_STREAM_VALID_MASK);
    tx_objective_fill(&trainer->terms, shard, &random);
  }
}

static void run_shard(void *context, size_t item, size_t thread)
{
  const validation_task *task = context;
  tx_trainer *trainer = task->trainer;
  tx_objective_worker *worker = &trainer->workers[thread];
  const size_t size = worker->shard.capacity, begin = (task->first + item) * size;
  const size_t end =
      begin + size < trainer->dataset->valid.count ? begin + size : trainer->dataset->valid.count;
  worker->first = begin;
  fill_shard(task, begin, end, &worker->shard);
  tx_objective_validate(&trainer->terms, worker, trainer->sums + item * trainer->terms.columns);
}

/* Sets totals to the sums of all records, whole or cut. */
static tx_status run_pass(tx_trainer *trainer, bool cut, tx_shard_sums *totals)
{
  validation_task task = {trainer, 0, cut};
  const size_t size = trainer->workers[0].shard.capacity,
               shards = (trainer->dataset->valid.count + size - 1) / size;
  const size_t columns = trainer->terms.columns, judged = trainer->terms.terms[0].columns;
  memset(totals, 0, judged * sizeof *totals);
  while (task.first < shards) {
    const size_t left = shards - task.first, run = left < trainer->sums_shards ? left : trainer->sums_shards;
    if (tx_train_stopped(trainer->hooks)) return TX_STOPPED;
    tx_pool_run(trainer->pool, run, run_shard, &task);
    for (size_t i = 0; i < run; i++)
      for (size_t c = 0; c < judged; c++) tx_shard_sums_add(&totals[c], &trainer->sums[i * columns + c]);
    task.first += run;
  }
  tx_objective_assess(&trainer->terms, totals);
  return TX_OK;
}

tx_status tx_trainer_validate(tx_trainer *trainer, tx_validation *result)
{
  tx_shard_sums totals[TX_RANKS_MAX] = {0};
  const double begin = tx_clock();
  memset(result, 0, sizeof *result);
  result->passes = trainer->config->crop > 0 ? 2 : 1;
  for (size_t pass = 0; pass < result->passes; pass++) {
    tx_shard_sums sums[TX_RANKS_MAX];
    const tx_status status = run_pass(trainer, pass == 1, sums);
    if (status != TX_OK) return status;
    tx_objective_judge(&trainer->terms, sums, &result->of[pass]);
    for (size_t c = 0; c < trainer->terms.terms[0].columns; c++) tx_shard_sums_add(&totals[c], &sums[c]);
  }
  tx_objective_judge(&trainer->terms, totals, &result->all);
  /* A record that is judged twice is one record: its two answers depend on each other. */
  for (size_t c = 0; c < TX_RANKS_MAX; c++) result->all.judged[c] /= result->passes;
  result->all.loss_error *= sqrt((double)result->passes);
  result->seconds = tx_clock() - begin;
  return TX_OK;
}
