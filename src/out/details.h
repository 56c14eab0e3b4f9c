/* The outcomes and candidates of an answer by references as JSON. */
#ifndef TX_OUT_DETAILS_H
#define TX_OUT_DETAILS_H

#include "base/bytes.h"

#include <taxamba/prediction.h>
#include <taxamba/references.h>

/* Appends the members "outcomes" and "candidates", each with a comma before it; their lists are empty without
   details. taxonomy: of the predictions. A failed allocation is kept in `row`. */
void tx_details_put(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_reference_set *references,
                    const tx_prediction *prediction);

#endif
