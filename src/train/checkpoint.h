/* Checkpoints: a model file with the parts of a run's state (optim/state.h) and its position. A resumed run
   gives the same bytes as an uninterrupted one. */
#ifndef TX_TRAIN_CHECKPOINT_H
#define TX_TRAIN_CHECKPOINT_H

#include "model/model.h"
#include "optim/state.h"
#include "train/selection.h"

#include <taxamba/train.h>

/* The position of a run. With the seed it determines all random streams. */
typedef struct tx_train_state {
  uint64_t step;     /* completed optimiser steps */
  uint64_t epoch;    /* completed epochs, validation included */
  uint64_t position; /* completed steps of the current epoch */
  tx_selection selection;
  double smoothed_loss;
  double epoch_loss; /* sum over the steps of the current epoch */
} tx_train_state;

typedef struct tx_checkpoint {
  const tx_dims *dims;
  const tx_tokenizer *tokenizer;
  const tx_taxonomy *taxonomy;
  const tx_regression *regression; /* of the head of numbers, if there is one */
  const char *config; /* JSON as written by tx_train_config_write */
  const char *provenance;
  uint32_t fingerprint;  /* fingerprint of the data */
  tx_train_state *state; /* source when writing, destination when reading */
  float *weights;        /* (elements) likewise */
  const tx_state_parts *parts; /* their memory likewise */
} tx_checkpoint;

/* Writes to an open output, which the caller commits. */
tx_status tx_checkpoint_put(tx_output *output, const tx_checkpoint *checkpoint, tx_error *error);

/* Reads a learned tokenizer from a checkpoint; it is new and owned by the caller. If the settings differ the
   error is that of tx_checkpoint_read. */
tx_status tx_checkpoint_tokenizer(const char *path, const tx_train_config *config, tx_tokenizer *tokenizer,
                                  tx_error *error);

/* Reads a checkpoint. TX_ERROR_USAGE when it does not agree with `config` (see tx_train_config_agrees) or the
   fingerprint of the data, TX_ERROR_IO when the file does not exist, TX_ERROR_MODEL when it is damaged. */
tx_status tx_checkpoint_read(const char *path, const tx_train_config *config, const tx_checkpoint *checkpoint,
                             tx_error *error);

/* The two functions above for an open file; `path` is for messages. */
tx_status tx_checkpoint_load_tokenizer(const tx_safetensors *file, const char *path,
                                       const tx_train_config *config, tx_tokenizer *tokenizer,
                                       tx_error *error);
tx_status tx_checkpoint_load(const tx_safetensors *file, const char *path, const tx_train_config *config,
                             const tx_checkpoint *checkpoint, tx_error *error);

#endif
