/* The trained network as a witness of the references in its model. */
#ifndef TX_TRAIN_WITNESS_H
#define TX_TRAIN_WITNESS_H

#include "train/trainer.h"

/* Fits, on the validation records, what the network of the kept model adds to the answers of its references,
   and writes the model again with the weights. Does nothing without references or with few validation
   records. TX_STOPPED leaves the model as it is. */
tx_status tx_trainer_fit_witness(tx_trainer *trainer, tx_error *error);

#endif
