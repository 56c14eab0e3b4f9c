/* A group of records to predictions: the strands that are read, what the cache knows, the rest through the
   network in packs. */
#ifndef TX_INFER_GROUP_H
#define TX_INFER_GROUP_H

#include "infer/result.h"
#include "infer/work.h"

#include <taxamba/record.h>

/* Scratch of one thread. */
typedef struct tx_group tx_group;

/* Most records of a group, and of their bases (more than that is no fault): as much as one pack takes. */
void tx_group_limits(const tx_classifier *classifier, size_t *ret_records, size_t *ret_bases);
tx_status tx_group_create(const tx_classifier *classifier, tx_group **ret_group, tx_error *error);
void tx_group_free(tx_group *group);

/* Fills the results (tx_result) of `count` records, 1 to the limit. A result depends on its record alone. A
   record that cannot be called is a status of its prediction, not an error. An error is that of record
   *ret_computed, the first in order that has one; the results before it are filled. TX_ERROR_MEMORY for a
   record too long for the memory, TX_ERROR_NUMERIC when the model's answer is not finite. */
tx_status tx_group_predict(const tx_classifier *classifier, tx_group *group, const tx_record *records,
                           void *const *results, size_t count, size_t *ret_computed, tx_error *error);

#endif
