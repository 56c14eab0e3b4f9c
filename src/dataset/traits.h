/* Numbers of the training records, from a second table (--traits). */
#ifndef TX_DATASET_TRAITS_H
#define TX_DATASET_TRAITS_H

#include "dataset/dataset.h"

/* Reads the table that the configuration names, if it names one, and sets dataset->traits: the values of the
   records, by their identifiers, which must have been kept. Mean and standard deviation are those of the
   training records. The values become part of the fingerprint. Errors: those of tx_traits_read; TX_ERROR_DATA
   for a trait of which fewer than two training records, or all alike, have a value. */
tx_status tx_dataset_read_traits(const tx_train_config *config, const tx_train_hooks *hooks,
                                 tx_dataset *dataset, tx_error *error);

#endif
