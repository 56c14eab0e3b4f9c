/* Balanced draws: rare taxa more often than their records alone would be. */
#ifndef TX_DATASET_BALANCE_H
#define TX_DATASET_BALANCE_H

#include "dataset/dataset.h"

typedef struct tx_balance {
  /* (lineages) draws of each record of a lineage in an epoch, on average; NULL = every record once */
  double *expected;
  uint32_t *shuffled; /* (training records) scratch */
} tx_balance;

/* A record is drawn in proportion to n^-power, n the training records whose lowest label is the same taxon as
   its own: for a complete lineage that is its species; records that stop at a family are a group of their
   own. Power 0 is every record once. On failure there is nothing to free. */
tx_status tx_balance_create(const tx_dataset *dataset, double power, tx_balance *balance, tx_error *error);

/* The records of an epoch, dataset->train.count of them, in the order of training; they follow from seed and
   epoch alone. Systematic sampling of the shuffled records: one that is due x draws gets floor(x) or ceil(x).
   Power 0: tx_epoch_order. */
void tx_balance_order(const tx_balance *balance, const tx_dataset *dataset, uint64_t seed, uint64_t epoch,
                      uint32_t *order);

void tx_balance_free(tx_balance *balance);

#endif
