/* One training run: its parts, its steps, its validation. Used by run.c, setup.c, step.c, tokens.c, init.c and validate.c only. */
#ifndef TX_TRAIN_TRAINER_H
#define TX_TRAIN_TRAINER_H

#include "base/lock.h"
#include "base/pool.h"
#include "dataset/balance.h"
#include "dataset/batch.h"
#include "dataset/dataset.h"
#include "nn/decoder.h"
#include "objective/contrast.h"
#include "objective/losses.h"
#include "optim/adamw.h"
#include "optim/kl.h"
#include "optim/reduce.h"
#include "optim/schedule.h"
#include "train/checkpoint.h"
#include "train/log.h"

/* What one thread of the pool owns. */
typedef struct tx_train_worker {
  tx_shard shard;
  void *memory;
  tx_work *work;
  float *gradients; /* (elements) of the shard in work */
  void *token_memory;
  tx_token_head *token_head; /* when pretraining without a decoder */
  tx_decoder *decoder;       /* when pretraining with one */
  tx_contrast_work contrast;
} tx_train_worker;

/* Sums of one shard at one rank, or, when pretraining, of its tokens. */
typedef struct tx_shard_sums {
  double loss;      /* sum over records with a known label, in training times their class weights */
  uint64_t known;   /* records with a known label */
  uint64_t queries; /* records with any label */
  uint64_t correct;
  double contrast;  /* contrastive loss of the shard, at its first rank */
} tx_shard_sums;

typedef struct tx_validation {
  double loss; /* mean over ranks, by their weights, of the mean over records, or over tokens; NaN if no label is known */
  double accuracy[TX_RANKS_MAX]; /* NaN at ranks without a label; when pretraining the first is that of the tokens */
  uint64_t judged[TX_RANKS_MAX]; /* records with a label, or tokens, that the accuracy is a share of */
  double seconds;
} tx_validation;

typedef struct tx_trainer {
  const tx_train_config *config; /* with what the objective decides filled in */
  const tx_train_files *files;
  const tx_train_hooks *hooks;
  tx_tokenizer tokenizer;
  tx_dims dims;
  tx_dataset *dataset;
  tx_schedule schedule;
  uint64_t epoch_steps;

  tx_pool *pool;
  tx_train_worker *workers;
  size_t worker_count;
  size_t elements;
  float *weights;        /* (elements) */
  const float **tensors; /* (layout count) into weights */
  float *average;        /* (elements) moving average of the weights, NULL = none */
  const float **kept;    /* (layout count) what is validated and kept: into average, or weights if there is none */
  tx_losses losses;
  tx_balance balance;
  tx_contrast contrast;
  tx_adamw optimiser;
  tx_kl matrices; /* none with --optimiser adamw */
  tx_reduction reduction;
  uint32_t *order;     /* (training records) of the epoch in progress */
  tx_shard_sums *sums; /* (sums_shards, sum_columns) */
  size_t sums_shards;
  size_t sum_columns;   /* ranks, or 1 when pretraining */
  size_t frozen;        /* leading elements that do not learn: 0 or all but the heads */
  uint32_t fingerprint; /* of the data and the model started from, for resuming */
  tx_model *init;       /* to start from, or NULL */

  bool metric_is_loss; /* lower is better */
  bool metric_is_perplexity;
  size_t metric_rank;
  uint64_t judged;     /* validation records or tokens of the metric, from the first validation; 0: a loss */
  char metric_name[TX_TEXT_SIZE];

  tx_train_state state;
  char *checkpoint_path;
  char *config_json;
  tx_log log;
  tx_lock *lock;       /* of the output; NULL where the file system has none */
  double started;      /* clock at the start of this process's training */
  double saved;        /* clock at the last checkpoint */
  uint64_t records;    /* trained in this process */
  uint64_t steps_here; /* steps made in this process */
} tx_trainer;

/* Reads the data and makes every part; on resume restores the state (train/setup.c). On failure free it all the same. */
tx_status tx_trainer_setup(tx_trainer *trainer, tx_error *error);
void tx_trainer_free(tx_trainer *trainer);
/* Bytes of the optimiser's state, which a checkpoint holds. */
size_t tx_trainer_optimiser_bytes(const tx_trainer *trainer);
/* The checkpoint on disk, and the model with it (both new, or on an error both as they were). */
tx_status tx_trainer_save(tx_trainer *trainer, bool with_model, tx_error *error);

/* One optimiser step on the next batch of the epoch in progress; advances the state. TX_ERROR_NUMERIC when the loss or the
   gradient is not finite: the weights are then as before; or when the state of a matrix is not finite: they are then of no use. */
tx_status tx_trainer_step(tx_trainer *trainer, tx_error *error);

/* Loss and accuracies of the validation part; TX_STOPPED when hooks->stop was set meanwhile. */
tx_status tx_trainer_validate(tx_trainer *trainer, tx_validation *result);

/* Of the products. */
tx_precision tx_trainer_precision(const tx_trainer *trainer);

/* Whether the caller asked to stop. */
bool tx_trainer_stopped(const tx_trainer *trainer);

#endif
