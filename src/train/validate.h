/* The validation at the end of an epoch. */
#ifndef TX_TRAIN_VALIDATE_H
#define TX_TRAIN_VALIDATE_H

#include "train/trainer.h"

/* Computes loss and accuracies of the validation records: whole, and where the training crops also of one
   fragment of each, as long as a crop could be. TX_STOPPED when hooks->stop was set meanwhile. */
tx_status tx_trainer_validate(tx_trainer *trainer, tx_validation *result);

#endif
