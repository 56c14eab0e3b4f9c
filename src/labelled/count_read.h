/* Reads count tables of every format from inputs that are open. */
#ifndef TX_LABELLED_COUNT_READ_H
#define TX_LABELLED_COUNT_READ_H

#include "base/input.h"

#include <taxamba/count_table.h>

/* The same as tx_count_table_read for an input that is already open, which is closed in any case. */
tx_status tx_count_table_read_input(tx_input *input, const tx_count_options *opt_options,
                                    tx_count_table **ret_table, tx_error *error);

#endif
