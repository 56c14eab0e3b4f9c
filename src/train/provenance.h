/* Where a model comes from, as JSON for the model file. */
#ifndef TX_TRAIN_PROVENANCE_H
#define TX_TRAIN_PROVENANCE_H

#include "train/trainer.h"

/* Version, data files (base names, record counts, fingerprint), ranks with classes and records, seed, best
   epoch and metric. Nothing that differs between two equal runs (dates, commands, folders): those are in the
   log. The caller frees it. */
tx_status tx_provenance_write(const tx_trainer *trainer, char **ret_json, tx_error *error);

#endif
