/* Validation: loss and head accuracy of the held-out records, without dropout or augmentation. */
#include "train/trainer.h"

#include "dataset/streams.h"
#include "tensor/loss.h"
#include "train/tokens.h"

#include <math.h>
#include <string.h>
#include <taxamba/runtime.h>

typedef struct validation_task {
  tx_trainer *trainer;
  size_t first; /* shard of item 0 */
} validation_task;

/* Labels the training records do not know count against accuracy and stay out of the loss. */
static void count_queries(tx_shard *shard, size_t rank, tx_shard_sums *sums)
{
  int32_t *labels = shard->labels + rank * shard->capacity;
  memset(sums, 0, sizeof *sums);
  for (size_t i = 0; i < tx_shard_records(shard); i++) {
    sums->queries += labels[i] != TX_LABEL_NONE;
    sums->known += labels[i] >= 0;
    if (labels[i] == TX_LABEL_UNKNOWN) labels[i] = TX_LABEL_NONE;
  }
}

/* The masks are the same after every epoch, so that its figures can be compared. */
static void fill_shard(const tx_trainer *trainer, size_t begin, size_t end, tx_shard *shard)
{
  const tx_train_config *config = trainer->config;
  const uint32_t *records = trainer->dataset->valid.records;
  tx_random random;
  tx_shard_clear(shard);
  for (size_t i = begin; i < end; i++) {
    tx_shard_add(shard, trainer->dataset, &trainer->tokenizer, records[i], NULL, NULL);
    if (!trainer->dims.token_head) continue;
    tx_random_seed(&random, config->seed, 0, records[i], TX_STREAM_VALID_MASK);
    tx_tokens_target(shard, (tx_objective)config->objective, config->mask_share, &random);
  }
}

static void run_shard(void *context, size_t item, size_t thread)
{
  const validation_task *task = context;
  tx_trainer *trainer = task->trainer;
  tx_train_worker *worker = &trainer->workers[thread];
  tx_shard_sums *row = trainer->sums + item * trainer->sum_columns;
  const size_t size = worker->shard.capacity, begin = (task->first + item) * size;
  const size_t end = begin + size < trainer->dataset->valid.count ? begin + size : trainer->dataset->valid.count;
  fill_shard(trainer, begin, end, &worker->shard);
  if (trainer->dims.token_head) {
    tx_tokens_validate(trainer, worker, row);
    return;
  }
  tx_network_forward(&trainer->dims, trainer->kept, &worker->shard.pack, worker->work);
  for (size_t r = 0; r < trainer->dims.ranks; r++) {
    tx_shard_sums *sums = &row[r];
    size_t correct = 0;
    count_queries(&worker->shard, r, sums);
    sums->loss = tx_cross_entropy(tx_network_logits(worker->work, r), tx_shard_labels(&worker->shard, r), tx_shard_records(&worker->shard),
                                  trainer->dims.classes[r], 0.0F, 0.0F, &correct);
    sums->correct = correct;
  }
}

static void conclude(const tx_trainer *trainer, const tx_shard_sums *totals, tx_validation *result)
{
  double loss = 0, weights = 0;
  for (size_t r = 0; r < trainer->sum_columns; r++) {
    const double weight = trainer->dims.token_head ? 1.0 : trainer->losses.rank_weights[r];
    result->judged[r] = totals[r].queries;
    result->accuracy[r] = totals[r].queries ? (double)totals[r].correct / (double)totals[r].queries : (double)NAN;
    if (totals[r].known == 0) continue;
    loss += weight * (totals[r].loss / (double)totals[r].known);
    weights += weight;
  }
  result->loss = weights > 0 ? loss / weights : (double)NAN;
}

tx_status tx_trainer_validate(tx_trainer *trainer, tx_validation *result)
{
  validation_task task = {trainer, 0};
  tx_shard_sums totals[TX_RANKS_MAX];
  const size_t size = trainer->workers[0].shard.capacity, shards = (trainer->dataset->valid.count + size - 1) / size;
  const size_t columns = trainer->sum_columns;
  const double begin = tx_clock();
  memset(totals, 0, sizeof totals);
  while (task.first < shards) {
    const size_t left = shards - task.first, run = left < trainer->sums_shards ? left : trainer->sums_shards;
    if (tx_trainer_stopped(trainer)) return TX_STOPPED;
    tx_pool_run(trainer->pool, run, run_shard, &task);
    for (size_t i = 0; i < run; i++) {
      for (size_t r = 0; r < columns; r++) {
        const tx_shard_sums *sums = &trainer->sums[i * columns + r];
        totals[r].loss += sums->loss;
        totals[r].known += sums->known;
        totals[r].queries += sums->queries;
        totals[r].correct += sums->correct;
      }
    }
    task.first += run;
  }
  conclude(trainer, totals, result);
  result->seconds = tx_clock() - begin;
  return TX_OK;
}
