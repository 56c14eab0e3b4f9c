/* One optimiser step. */
#ifndef TX_TRAIN_STEP_H
#define TX_TRAIN_STEP_H

#include "train/trainer.h"

/* Returns how the training crops a record, without any other augmentation. */
tx_augmentation tx_trainer_crops(const tx_trainer *trainer);
/* Makes one optimiser step on the next batch of the current epoch and advances the state. TX_ERROR_NUMERIC
   when the loss or the gradient is not finite, with the weights unchanged, or when the state of a matrix is
   not finite, with the weights undefined. */
tx_status tx_trainer_step(tx_trainer *trainer, tx_error *error);

#endif
