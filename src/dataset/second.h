/* Labels of a second source, by the id of the record. */
#ifndef TX_DATASET_SECOND_H
#define TX_DATASET_SECOND_H

#include "dataset/dataset.h"

typedef struct tx_second_labels tx_second_labels;

/* What became of the second source. */
typedef struct tx_second_counts {
  uint64_t labelled;      /* records of the second source with a label */
  uint64_t conflicts;     /* ids with rows of different labels: they are not used */
  uint64_t filled, alone; /* training records that have got labels; of them those that had none */
  uint64_t same, other;   /* training records with a name in both at some rank: all the same, or not */
} tx_second_counts;

/* Reads config->second_labels: a table with the columns PREFIXrank of the ranks of the dataset, which has
   them. TX_ERROR_DATA: it has none of these columns, and what a labelled table can have. */
tx_status tx_second_labels_read(const tx_train_config *config, const tx_dataset *dataset,
                                const tx_train_hooks *hooks, tx_second_labels **ret_second, tx_error *error);
/* Adds names of the second source to those of a record (ranks of the dataset) at the ranks where these are
   missing, unless both have another name at some rank: the first source counts then, at all ranks. Returns
   the ranks that were filled as bits. Names are borrowed. */
uint16_t tx_second_labels_fill(tx_second_labels *second, const tx_record *record, const char **taxa);
/* What happened so far. */
tx_second_counts tx_second_labels_counts(const tx_second_labels *second);
void tx_second_labels_free(tx_second_labels *second);

#endif
