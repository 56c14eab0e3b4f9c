/* Records with several lineages: how they are kept, and what they say of the taxa. */
#ifndef TX_DATASET_LINEAGES_H
#define TX_DATASET_LINEAGES_H

#include "dataset/dataset.h"

/* Adds a further lineage, a number of the builder, to the record that was added last. */
tx_status tx_dataset_add_lineage(tx_dataset *dataset, uint32_t lineage, tx_error *error);
/* Adds the name of one taxon, whose rank is not told, to the builder: *ret_lineage stands for it. */
tx_status tx_dataset_add_name(tx_dataset *dataset, const char *name, const char *file, uint64_t line,
                              int32_t *ret_lineage, tx_error *error);
/* The further lineages of a record: returns their number. Borrowed. */
size_t tx_dataset_more_lineages(const tx_dataset *dataset, uint32_t record, const uint32_t **ret_lineages);
/* Whether a lineage of the record has a label at the rank that is not below `least`: TX_LABEL_UNKNOWN for
   any, 0 for a taxon of the training records. */
bool tx_dataset_has_label(const tx_dataset *dataset, uint32_t record, size_t rank, int32_t least);
/* Replaces names of single taxa by the lineage that another record has down to that taxon; before the labels
   are made. A name that no lineage has is a taxon of the first rank, with a note. TX_ERROR_DATA: several taxa
   have the name. */
tx_status tx_dataset_resolve_names(tx_dataset *dataset, const tx_train_hooks *hooks, tx_error *error);
/* Sets states (the nodes of dataset->taxonomy) to what the lineages of the record say of the taxa
   (tensor/multilabel.h): those down to the lowest labels are present, of those below nothing is known unless
   the lineage goes on with a taxon that the training records do not have. Returns whether any is present. */
bool tx_dataset_annotate(const tx_dataset *dataset, uint32_t record, const int32_t *parents, int8_t *states);

#endif
