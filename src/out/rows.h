/* Inside of <taxamba/output.h>. */
#ifndef TX_OUT_ROWS_H
#define TX_OUT_ROWS_H

#include "base/file.h"

#include <taxamba/output.h>

/* Ends the rows and frees the writer, also when it fails. The output, which is complete but not committed,
   belongs to the caller; NULL when it fails. */
tx_status tx_prediction_writer_finish(tx_prediction_writer *writer, tx_output **ret_output, tx_error *error);

#endif
