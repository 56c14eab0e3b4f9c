/* The chain of the bases of the training records, by which the model tells what is unlike them. */
#ifndef TX_TRAIN_LIKENESS_H
#define TX_TRAIN_LIKENESS_H

#include "train/trainer.h"

/* Makes trainer->likeness from the training records if the objective calls one lineage and the taxa are all
   in them (not with --add). A resumed run makes the same one again. With fewer than TX_LIKENESS_RECORDS
   labelled records there is none. */
tx_status tx_trainer_make_likeness(tx_trainer *trainer, tx_error *error);
void tx_trainer_free_likeness(tx_trainer *trainer);

#endif
