/* The vectors of other modalities of a run with objective align: read, and joined with the records by id. */
#ifndef TX_TRAIN_PARTNERS_H
#define TX_TRAIN_PARTNERS_H

#include "base/bytes.h"
#include "dataset/dataset.h"
#include "nn/network.h"
#include "objective/partners.h"

typedef struct tx_partner_vectors {
  tx_vectors *vectors; /* NULL: the run has none */
  tx_partners partners;
  tx_bytes names; /* of the modalities, separated by commas, with its NUL */
} tx_partner_vectors;

/* Reads the vectors of the configuration, if it has objective align. Errors: those of tx_vectors_read;
   TX_ERROR_USAGE when none are named, or one is named "dna". */
tx_status tx_partners_open(const tx_train_config *config, const tx_train_hooks *hooks,
                           tx_partner_vectors *own, tx_error *error);
/* What the run needs of the records: the labels, where records of a taxon belong together. */
void tx_partners_set_needs(const tx_train_config *config, tx_dataset_needs *needs);
/* Finds the vectors of the records; those that have none leave the parts. Notes tell how many have a
   partner. The dataset loses its labels, as the model has no heads of taxa. TX_ERROR_DATA when no training
   record has a vector, TX_ERROR_USAGE for a rank that the records do not have. */
tx_status tx_partners_join(const tx_train_config *config, const tx_train_hooks *hooks, tx_dataset *dataset,
                           tx_partner_vectors *own, tx_error *error);
/* The head of the DNA and the towers. */
void tx_partners_set_sizes(const tx_train_config *config, const tx_partner_vectors *own, tx_dims *dims);
void tx_partners_free(tx_partner_vectors *own);

#endif
