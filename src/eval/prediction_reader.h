/* Internal functions of <taxamba/prediction_reader.h>. */
#ifndef TX_EVAL_PREDICTION_READER_H
#define TX_EVAL_PREDICTION_READER_H

#include "base/input.h"

#include <taxamba/prediction_reader.h>

/* Reads from an input that is already open, and closes it in any case. */
tx_status tx_prediction_reader_open_input(tx_input *input, tx_prediction_reader **ret_reader,
                                          tx_error *error);

#endif
