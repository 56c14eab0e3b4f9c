/* Internal functions of <taxamba/predictions.h>. */
#ifndef TX_EVAL_PREDICTIONS_H
#define TX_EVAL_PREDICTIONS_H

#include "base/input.h"

#include <taxamba/predictions.h>

/* Reads predictions from an input that is already open, and closes it in any case. */
tx_status tx_predictions_read_input(tx_input *input, double min_confidence, tx_predictions **ret_predictions,
                                    tx_error *error);
/* The number of rows, and the id of one. */
size_t tx_predictions_count(const tx_predictions *predictions);
const char *tx_predictions_id(const tx_predictions *predictions, size_t row);

#endif
