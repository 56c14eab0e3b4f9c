/* The parts of one training run. train/setup.h makes them. */
#ifndef TX_TRAIN_TRAINER_H
#define TX_TRAIN_TRAINER_H

#include "base/lock.h"
#include "base/pool.h"
#include "dataset/balance.h"
#include "evidence/reference_file.h"
#include "model/model.h"
#include "objective/objective.h"
#include "optim/optimiser.h"
#include "optim/reduce.h"
#include "optim/schedule.h"
#include "train/checkpoint.h"
#include "train/log.h"
#include "train/partners.h"
#include "train/teachers.h"

typedef struct tx_trainer {
  const tx_train_config *config; /* with the settings that the objective determines */
  const tx_train_files *files;
  const tx_train_hooks *hooks;
  const tx_objective_functions *objective;
  tx_tokenizer tokenizer;
  tx_dims dims;
  tx_dataset *dataset;
  tx_schedule schedule;
  uint64_t epochs; /* that of the configuration, or by the number of training records */
  uint64_t epoch_steps;

  tx_pool *pool;
  tx_objective_worker *workers;
  size_t worker_count;
  size_t elements;
  float *weights;        /* (elements) */
  const float **tensors; /* (layout count) pointers into weights */
  float *average;        /* (elements) moving average of the weights, NULL = none */
  /* (layout count) the weights that are validated and stored: pointers into average, or into weights if there
     is no average */
  const float **kept;
  tx_balance balance;
  tx_objective_terms terms; /* the objective and the added terms */
  tx_optimiser optimiser;
  tx_reduction reduction;
  tx_state_parts parts; /* the state in a checkpoint besides the weights and the position in the run */
  uint32_t *order;     /* (training records) order of the current epoch */
  size_t crop_lengths[TX_RANKS_MAX]; /* (crop_length_count) those of the configuration */
  size_t crop_length_count;
  uint8_t *reversed;   /* (batch) records of the current batch that are shown as reverse complement */
  tx_shard_sums *sums; /* (sums_shards, terms.columns) */
  size_t sums_shards;
  uint32_t fingerprint; /* fingerprint of the data and of the initial model, for resuming */
  tx_model *init;       /* initial model, or NULL */
  tx_teachers teachers;
  tx_partner_vectors partners; /* of objective align */

  tx_reference_set *references; /* that the model gets, or NULL */
  tx_reference_sections reference_sections;
  int8_t *likeness_scores; /* (TX_LIKENESS_WORDS) of `likeness`, NULL = none */
  tx_likeness likeness;

  tx_metric metric; /* selects the kept model */
  uint64_t judged;  /* validation records or tokens of the metric, from the first validation; 0: a loss */

  tx_train_state state;
  char *checkpoint_path;
  char *config_json;
  tx_log log;
  tx_lock *lock;       /* lock of the output; NULL where the file system has no locks */
  double started;      /* clock at the start of this process's training */
  double saved;        /* clock at the last checkpoint */
  uint64_t records;    /* records trained in this process */
  uint64_t steps_here; /* steps in this process */
} tx_trainer;

#endif
