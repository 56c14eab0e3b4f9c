/* Predictions for a group of records: strands are selected, known barcodes are taken from the cache, and the
   others go through the network in packs. */
#ifndef TX_INFER_GROUP_H
#define TX_INFER_GROUP_H

#include "infer/result.h"
#include "infer/work.h"

#include <taxamba/record.h>

/* Scratch of one thread. */
typedef struct tx_group tx_group;

/* Sets the maximum number of records of a group, and the number of bases from which a group fills a pack; a
   group may have more bases. */
void tx_group_limits(const tx_classifier *classifier, size_t *ret_records, size_t *ret_bases);
tx_status tx_group_create(const tx_classifier *classifier, tx_group **ret_group, tx_error *error);
void tx_group_free(tx_group *group);

/* Fills the results (tx_result) of `count` records, 1 to the limit. A result depends on its record alone. A
   record that cannot be called is not an error; the status of its prediction says so. An error belongs to
   record *ret_computed, the first in order that failed; the results before it are filled. TX_ERROR_MEMORY for
   a record too long for the memory, TX_ERROR_NUMERIC when an output of the model is not finite. */
tx_status tx_group_predict(const tx_classifier *classifier, tx_group *group, const tx_record *records,
                           void *const *results, size_t count, size_t *ret_computed, tx_error *error);

#endif
