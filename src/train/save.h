/* A trainer's model and checkpoint on disk, and its return from a checkpoint. */
#ifndef TX_TRAIN_SAVE_H
#define TX_TRAIN_SAVE_H

#include "train/trainer.h"

/* The checkpoint on disk, and the model with it (both new, or on an error both as they were). */
tx_status tx_trainer_save(tx_trainer *trainer, bool with_model, tx_error *error);

/* The state of the checkpoint into a trainer whose parts have been made. TX_ERROR_MODEL when no run of this
   trainer can have written it, and the errors of tx_checkpoint_read. */
tx_status tx_trainer_restore(tx_trainer *trainer, tx_error *error);

#endif
