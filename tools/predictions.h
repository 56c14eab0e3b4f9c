/* Predictions read back from the table that classify writes. */
#ifndef TX_TOOLS_PREDICTIONS_H
#define TX_TOOLS_PREDICTIONS_H

#include <taxamba/taxonomy.h>

#include "cli.h"
#include "idmap.h"

typedef struct tx_predictions {
  tx_idmap ids; /* number = row */
  tx_idmap names;
  char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  uint32_t *calls;    /* (rows, rank_count) numbers in `names`, TX_ID_NONE = no call */
  double *confidence; /* (rows, rank_count) of the calls */
  size_t capacity;    /* of both */
} tx_predictions;

/* Reads a whole table ("-" is standard input). A column RANK with a column RANK_confidence is a rank; lineages are cut below the last
   rank that reaches min_confidence. Errors: TX_ERROR_IO; TX_ERROR_DATA with file and line (no header, an id twice, too few fields). */
tx_status tx_predictions_read(const char *path, double min_confidence, tx_predictions *ret_predictions, tx_error *error);
/* The called names of a record: called[rank_count], NULL = no call, and their confidence[rank_count]; false when the record is not in
   the table. */
bool tx_predictions_find(const tx_predictions *predictions, const char *id, const char **called, double *confidence);
void tx_predictions_clear(tx_predictions *predictions);

#endif
