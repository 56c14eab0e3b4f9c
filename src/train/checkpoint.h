/* Checkpoints: a model file with the parts of a run's state (optim/state.h) and its position, so that it can
   go on with the same bits. */
#ifndef TX_TRAIN_CHECKPOINT_H
#define TX_TRAIN_CHECKPOINT_H

#include "model/model.h"
#include "optim/state.h"
#include "train/selection.h"

#include <taxamba/train.h>

/* Where a run stands. All random numbers come from streams named by these and the seed. */
typedef struct tx_train_state {
  uint64_t step;     /* optimiser steps made */
  uint64_t epoch;    /* epochs finished, with their validation */
  uint64_t position; /* steps made in the epoch in progress */
  tx_selection selection;
  double smoothed_loss;
  double epoch_loss; /* sum over the steps of the epoch in progress */
} tx_train_state;

typedef struct tx_checkpoint {
  const tx_dims *dims;
  const tx_tokenizer *tokenizer;
  const tx_taxonomy *taxonomy;
  const char *config; /* JSON as tx_train_config_write makes it */
  const char *provenance;
  uint32_t fingerprint;  /* of the data */
  tx_train_state *state; /* written from here, read to here */
  float *weights;        /* (elements), likewise */
  const tx_state_parts *parts; /* their memory, likewise */
} tx_checkpoint;

/* Into an output that is open and that the caller commits. */
tx_status tx_checkpoint_put(tx_output *output, const tx_checkpoint *checkpoint, tx_error *error);

/* The tokenizer of a checkpoint, new and the caller's, when it was learned. Fails as tx_checkpoint_read does
   when the settings differ. */
tx_status tx_checkpoint_tokenizer(const char *path, const tx_train_config *config, tx_tokenizer *tokenizer,
                                  tx_error *error);

/* Reads a checkpoint that fits `config` (see tx_train_config_agrees) and the data's fingerprint:
   TX_ERROR_USAGE otherwise. TX_ERROR_IO when there is none, TX_ERROR_MODEL when it is damaged. */
tx_status tx_checkpoint_read(const char *path, const tx_train_config *config, const tx_checkpoint *checkpoint,
                             tx_error *error);

/* Both of a file that is open, `path` for messages. */
tx_status tx_checkpoint_load_tokenizer(const tx_safetensors *file, const char *path,
                                       const tx_train_config *config, tx_tokenizer *tokenizer,
                                       tx_error *error);
tx_status tx_checkpoint_load(const tx_safetensors *file, const char *path, const tx_train_config *config,
                             const tx_checkpoint *checkpoint, tx_error *error);

#endif
