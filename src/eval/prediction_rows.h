/* Internal functions of <taxamba/prediction_rows.h>. */
#ifndef TX_EVAL_PREDICTION_ROWS_H
#define TX_EVAL_PREDICTION_ROWS_H

#include "base/input.h"

#include <taxamba/prediction_rows.h>

/* Reads from an input that is already open, and closes it in any case. */
tx_status tx_prediction_rows_open_input(tx_input *input, tx_prediction_rows **ret_rows, tx_error *error);

#endif
