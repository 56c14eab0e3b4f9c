/* Predictions that are lineages in one field: of vsearch --sintax and of QIIME 2. */
#ifndef TX_EVAL_PREDICTION_LINEAGES_H
#define TX_EVAL_PREDICTION_LINEAGES_H

#include "eval/prediction_lines.h"

/* Whether the current line, the first, is of that format. */
bool tx_is_sintax(const tx_prediction_lines *lines);
bool tx_is_qiime2(const tx_prediction_lines *lines);
/* Read the current line and the others. */
tx_status tx_read_sintax(tx_prediction_lines *lines, tx_error *error);
tx_status tx_read_qiime2(tx_prediction_lines *lines, tx_error *error);

#endif
