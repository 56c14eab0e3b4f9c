/* Predictions as a table with a column for each rank, and as JSON lines. */
#ifndef TX_EVAL_PREDICTION_TABLE_H
#define TX_EVAL_PREDICTION_TABLE_H

#include "eval/prediction_lines.h"

/* Whether the current line, the first, begins with an object. */
bool tx_is_prediction_json(const tx_prediction_lines *lines);
/* Read the current line and the others. */
tx_status tx_read_prediction_table(tx_prediction_lines *lines, tx_error *error);
tx_status tx_read_prediction_json(tx_prediction_lines *lines, tx_error *error);

#endif
