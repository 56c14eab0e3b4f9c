/* Predictions that name references, whose lineages stand elsewhere: BLAST6 and kraken. */
#ifndef TX_EVAL_PREDICTION_HITS_H
#define TX_EVAL_PREDICTION_HITS_H

#include "eval/prediction_lines.h"

/* Whether the current line, the first, is of that format. */
bool tx_is_blast6(const tx_prediction_lines *lines);
bool tx_is_kraken(const tx_prediction_lines *lines);
/* Read the current line and the others. */
tx_status tx_read_blast6(tx_prediction_lines *lines, tx_error *error);
tx_status tx_read_kraken(tx_prediction_lines *lines, tx_error *error);

#endif
