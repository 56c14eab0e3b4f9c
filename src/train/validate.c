/* Validation: loss and head accuracy of the held-out records, without dropout or augmentation. */
#include "train/validate.h"

#include "dataset/streams.h"
#include "settings/note.h"
#include "tensor/loss.h"

#include <string.h>
#include <taxamba/runtime.h>

typedef struct validation_task {
  tx_trainer *trainer;
  size_t first; /* shard of item 0 */
} validation_task;

/* The masks are the same after every epoch, so that its figures can be compared. */
static void fill_shard(const tx_trainer *trainer, size_t begin, size_t end, tx_shard *shard)
{
  const uint32_t *records = trainer->dataset->valid.records;
  tx_random random;
  tx_shard_clear(shard);
  for (size_t i = begin; i < end; i++) {
    tx_shard_add(shard, trainer->dataset, &trainer->tokenizer, records[i], NULL, NULL);
    tx_random_seed(&random, trainer->config->seed, 0, records[i], TX_STREAM_VALID_MASK);
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
  fill_shard(trainer, begin, end, &worker->shard);
  tx_objective_validate(&trainer->terms, worker, trainer->sums + item * trainer->terms.columns);
}

tx_status tx_trainer_validate(tx_trainer *trainer, tx_validation *result)
{
  validation_task task = {trainer, 0};
  tx_shard_sums totals[TX_RANKS_MAX];
  const size_t size = trainer->workers[0].shard.capacity,
               shards = (trainer->dataset->valid.count + size - 1) / size;
  const size_t columns = trainer->terms.columns, judged = trainer->terms.terms[0].columns;
  const double begin = tx_clock();
  memset(totals, 0, sizeof totals);
  while (task.first < shards) {
    const size_t left = shards - task.first, run = left < trainer->sums_shards ? left : trainer->sums_shards;
    if (tx_train_stopped(trainer->hooks)) return TX_STOPPED;
    tx_pool_run(trainer->pool, run, run_shard, &task);
    for (size_t i = 0; i < run; i++) {
      for (size_t c = 0; c < judged; c++) {
        const tx_shard_sums *sums = &trainer->sums[i * columns + c];
        totals[c].loss += sums->loss;
        totals[c].known += sums->known;
        totals[c].queries += sums->queries;
        totals[c].correct += sums->correct;
      }
    }
    task.first += run;
  }
  tx_objective_assess(&trainer->terms, totals);
  tx_objective_judge(&trainer->terms, totals, result);
  result->seconds = tx_clock() - begin;
  return TX_OK;
}
