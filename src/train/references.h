/* The training records as references in the model, so that classify can answer by search and alignment. */
#ifndef TX_TRAIN_REFERENCES_H
#define TX_TRAIN_REFERENCES_H

#include "train/trainer.h"

/* Makes trainer->references from the training records and fits their weights, if the configuration asks for
   it and the objective has them. A resumed run makes the same ones again. Without a record of 50 certain
   bases there are none, with a note. */
tx_status tx_trainer_make_references(tx_trainer *trainer, tx_error *error);
void tx_trainer_free_references(tx_trainer *trainer);

#endif
