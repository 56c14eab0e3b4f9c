/* Internal functions of <taxamba/predictions.h>. */
#ifndef TX_EVAL_PREDICTIONS_H
#define TX_EVAL_PREDICTIONS_H

#include "base/input.h"

#include <taxamba/predictions.h>

/* The same as tx_predictions_read for an input that is already open, and with lineages that are already
   read; the input is closed in any case. */
tx_status tx_predictions_read_input(tx_input *input, const tx_predictions_options *options,
                                    const tx_predictions *opt_lineages, tx_predictions **ret_predictions,
                                    tx_error *error);
/* The same as tx_predictions_read_lineages for an input that is already open and is closed in any case. */
tx_status tx_predictions_read_lineages_input(tx_input *input, const char *opt_ranks,
                                             const tx_input_hooks *opt_hooks,
                                             tx_predictions **ret_predictions, tx_error *error);
/* The id of a row. */
const char *tx_predictions_id(const tx_predictions *predictions, size_t row);

#endif
