/* Making a trainer from a configuration. */
#ifndef TX_TRAIN_SETUP_H
#define TX_TRAIN_SETUP_H

#include "train/trainer.h"

/* Reads the data and makes all parts from config, files, hooks and objective, which the caller has set in a
   trainer that is otherwise zero; when resuming restores the state. The trainer has to be freed after a
   failure too. */
tx_status tx_trainer_setup(tx_trainer *trainer, tx_error *error);
void tx_trainer_free(tx_trainer *trainer);

#endif
