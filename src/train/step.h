/* One optimiser step. */
#ifndef TX_TRAIN_STEP_H
#define TX_TRAIN_STEP_H

#include "train/trainer.h"

/* One optimiser step on the next batch of the epoch in progress; advances the state. TX_ERROR_NUMERIC when
   the loss or the gradient is not finite: the weights are then as before; or when the state of a matrix is
   not finite: they are then of no use. */
tx_status tx_trainer_step(tx_trainer *trainer, tx_error *error);

#endif
