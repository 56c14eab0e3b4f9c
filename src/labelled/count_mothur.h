/* mothur's tables: .shared (samples in rows, OTUs in columns) and .count_table (sequences in rows). */
#ifndef TX_LABELLED_COUNT_MOTHUR_H
#define TX_LABELLED_COUNT_MOTHUR_H

#include "labelled/count_lines.h"

/* Whether the header is that of such a table. */
bool tx_count_is_mothur_shared(const tx_count_text *text);
bool tx_count_is_mothur_counts(const tx_count_text *text);
/* Read the rows. opt_groups: the line of a sparse table that numbers its samples. */
tx_status tx_count_read_mothur_shared(tx_count_text *text, tx_error *error);
tx_status tx_count_read_mothur_counts(tx_count_text *text, const char *opt_groups, tx_error *error);

#endif
