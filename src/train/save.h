/* Saving the model and checkpoint of a trainer, and restoring it from a checkpoint. */
#ifndef TX_TRAIN_SAVE_H
#define TX_TRAIN_SAVE_H

#include "train/trainer.h"

/* Writes the checkpoint, with_model also the model. On an error both files are unchanged. */
tx_status tx_trainer_save(tx_trainer *trainer, bool with_model, tx_error *error);

/* Reads the state of the checkpoint into a trainer whose parts have been made. TX_ERROR_MODEL when no run of
   this trainer can have written the checkpoint; otherwise the errors of tx_checkpoint_read. */
tx_status tx_trainer_restore(tx_trainer *trainer, tx_error *error);

#endif
