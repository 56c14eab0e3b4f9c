/* The internal format of CRABS, a tab-separated table without a header line. */
#ifndef TX_LABELLED_CRABS_H
#define TX_LABELLED_CRABS_H

#include "base/table.h"

/* Names the columns of a table whose first line is a row of that format; leaves any other table. The row has
   an id, since CRABS 1.0 a name, a taxid, the names of seven ranks, and a sequence. */
tx_status tx_crabs_name_columns(tx_table *table, tx_error *error);

#endif
