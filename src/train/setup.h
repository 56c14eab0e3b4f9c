/* From a configuration to a trainer. */
#ifndef TX_TRAIN_SETUP_H
#define TX_TRAIN_SETUP_H

#include "train/trainer.h"

/* Reads the data and makes every part, from config, files, hooks and objective, which the caller has set in a
   trainer of zeros; on resume restores the state. On failure free it all the same. */
tx_status tx_trainer_setup(tx_trainer *trainer, tx_error *error);
void tx_trainer_free(tx_trainer *trainer);

#endif
