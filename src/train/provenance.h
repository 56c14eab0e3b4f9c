/* The provenance of a model, as JSON for the model file. */
#ifndef TX_TRAIN_PROVENANCE_H
#define TX_TRAIN_PROVENANCE_H

#include "train/trainer.h"

/* Writes version, data files (base names, record counts, fingerprint), ranks with classes and records, seed,
   best epoch and metric. Values that differ between two equal runs (dates, commands, folders) are in the log
   only. The caller frees *ret_json. */
tx_status tx_provenance_write(const tx_trainer *trainer, char **ret_json, tx_error *error);

#endif
