/* Starting from a model (--init): the settings that must agree with it, and the weights that are copied. */
#ifndef TX_TRAIN_INIT_H
#define TX_TRAIN_INIT_H

#include "train/trainer.h"

/* Opens the model, checks that the settings agree with it (the message of TX_ERROR_USAGE names the first that
   does not), and copies its tokenizer to the trainer. Sets trainer->init, which the trainer closes. */
tx_status tx_init_open(tx_trainer *trainer, tx_error *error);

/* Copies the encoder, and the heads of the ranks that have the same taxa in the same order and under the same
   parents; with --add also the rows of the taxa that other heads of the same rank had. Notes name what was
   copied, and the taxa of the model that the new one does not have. The trainer must have its dims, data and
   initial weights. */
void tx_init_take(tx_trainer *trainer);

/* Returns the checksum of the model file as it is stored there: 8 digits. Borrowed from the trainer. */
const char *tx_init_checksum(const tx_trainer *trainer);

#endif
