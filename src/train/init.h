/* Starting from a model (--init): what must agree with it, what is taken from it. */
#ifndef TX_TRAIN_INIT_H
#define TX_TRAIN_INIT_H

#include "train/trainer.h"

/* Opens the model, asks that the settings agree with it (TX_ERROR_USAGE names the first that does not), and
   makes its tokenizer the trainer's. Sets trainer->init, which the trainer closes. */
tx_status tx_init_open(tx_trainer *trainer, tx_error *error);

/* Copies the encoder, and the heads of the ranks that have the same taxa in the same order and under the same
   parents; says what was taken. The trainer has its dims, its data and its initial weights. */
void tx_init_take(tx_trainer *trainer);

/* The checksum of the model file as it writes it: 8 digits. Borrowed from the trainer. */
const char *tx_init_checksum(const tx_trainer *trainer);

#endif
