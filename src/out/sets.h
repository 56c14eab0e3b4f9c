/* The parts of a row about a record that may have several taxa at a rank. */
#ifndef TX_OUT_SETS_H
#define TX_OUT_SETS_H

#include "base/bytes.h"

#include <taxamba/prediction.h>

/* Appends, for each rank, the called taxa and their confidences, two fields with ';' between the items, then
   the lineages of the lowest called taxa, with '|' between the names and ';' between lineages. */
void tx_sets_put_tsv(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_prediction *prediction);
/* Appends the called taxa as an array of objects. */
void tx_sets_put_json(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_prediction *prediction);

#endif
