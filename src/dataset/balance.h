/* Balanced sampling: records of rare taxa are drawn more often than others. */
#ifndef TX_DATASET_BALANCE_H
#define TX_DATASET_BALANCE_H

#include "dataset/dataset.h"

typedef struct tx_balance {
  /* (lineages) expected draws of each record of a lineage in an epoch; NULL = every record once */
  double *expected;
  uint32_t *shuffled; /* (training records) scratch */
} tx_balance;

/* A record is drawn in proportion to n^-power, where n is the number of training records whose lowest label
   is the same taxon: for a complete lineage its species; records that are labelled down to a family only are
   a group of their own. With power 0 every record is drawn once. On failure there is nothing to free. */
tx_status tx_balance_create(const tx_dataset *dataset, double power, tx_balance *balance, tx_error *error);

/* Sets the records of an epoch, dataset->train.count of them, in the order of training; they depend on seed
   and epoch alone. Systematic sampling of the shuffled records: a record with x expected draws is drawn
   floor(x) or ceil(x) times. With power 0 the same as tx_epoch_order. */
void tx_balance_order(const tx_balance *balance, const tx_dataset *dataset, uint64_t seed, uint64_t epoch,
                      uint32_t *order);

void tx_balance_free(tx_balance *balance);

#endif
