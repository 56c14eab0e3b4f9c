/* The lengths of records that a training has shown to its network. */
#ifndef TX_SEQ_TRAINED_LENGTHS_H
#define TX_SEQ_TRAINED_LENGTHS_H

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

/* From the settings of the training, as the model and the log have them: from the shortest crop in bases, or
   the fewest bases of a record, to the bases that are read of one. Returns false where these are not set. */
bool tx_trained_lengths(const tx_json *settings, size_t *ret_shortest, size_t *ret_longest);

#endif
