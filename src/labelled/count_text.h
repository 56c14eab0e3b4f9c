/* Count tables that are text: sequences in rows or in columns, or mothur's. */
#ifndef TX_LABELLED_COUNT_TEXT_H
#define TX_LABELLED_COUNT_TEXT_H

#include "base/input.h"
#include "labelled/count_table.h"

/* Reads the table; the input is closed in any case. */
tx_status tx_count_read_text(tx_input *input, const tx_count_options *options, tx_count_builder *builder,
                             tx_error *error);

#endif
