/* Predictions in memory, and how the readers of their formats make them. */
#ifndef TX_EVAL_PREDICTION_ROWS_H
#define TX_EVAL_PREDICTION_ROWS_H

#include "base/names.h"
#include "taxon/lineage.h"

#include <taxamba/predictions.h>

#define TX_NO_CALL UINT32_MAX

struct tx_predictions {
  const char *format;
  tx_names *ids;          /* ids; the number of an id is its row */
  tx_names *plain;        /* ids without annotations */
  uint32_t *row_of_plain; /* their rows, TX_NO_CALL where there are several */
  tx_names *names;        /* names of taxa */
  char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  uint32_t *calls;    /* (rows, ranks) numbers in `names`, or TX_NO_CALL */
  double *confidence; /* (rows, ranks) of the calls, or TX_NO_CONFIDENCE */
  bool has_confidences;
};

typedef struct tx_prediction_call {
  uint32_t rank, name;
  double confidence; /* or TX_NO_CONFIDENCE */
} tx_prediction_call;

/* Predictions while they are read: rows with calls at ranks that are not known from the start. */
typedef struct tx_prediction_rows {
  const char *file; /* for messages */
  const char *format;
  tx_names *ids, *names, *ranks;
  bool ranks_by_prefix; /* the ranks are put in their standard order at the end */
  size_t *starts;       /* (rows) first call of a row */
  size_t start_capacity;
  tx_prediction_call *calls;
  size_t call_count, call_capacity;
  bool has_confidences; /* also set by a reader whose format has them */
} tx_prediction_rows;

tx_status tx_prediction_rows_create(const char *file, tx_prediction_rows *ret_rows, tx_error *error);
/* Declares a rank, which need not have a call. */
tx_status tx_prediction_rows_rank(tx_prediction_rows *rows, const char *rank, uint32_t *ret_number,
                                  tx_error *error);
/* Begins a row. TX_ERROR_DATA when the id is empty or there already. */
tx_status tx_prediction_rows_begin(tx_prediction_rows *rows, const char *id, size_t length, uint64_t line,
                                   tx_error *error);
/* Adds a call to the last row, whose rank has none yet there; NULL and "" are no call. The confidence may be
   TX_NO_CONFIDENCE. */
tx_status tx_prediction_rows_add(tx_prediction_rows *rows, const char *rank, const char *name,
                                 double confidence, tx_error *error);
/* Adds the names of a lineage with prefixes, without confidences but for `last`, that of its last name. */
tx_status tx_prediction_rows_add_lineage(tx_prediction_rows *rows, const tx_lineage *lineage, double last,
                                         tx_error *error);
/* Reads a confidence from 0 to 1. TX_ERROR_DATA with the line. */
tx_status tx_prediction_rows_confidence(const tx_prediction_rows *rows, const char *text, uint64_t line,
                                        double *ret_value, tx_error *error);
/* Makes the predictions, cut at the confidence; the rows are empty afterwards. TX_ERROR_USAGE when there is
   no confidence to cut at. */
tx_status tx_prediction_rows_finish(tx_prediction_rows *rows, double min_confidence,
                                    tx_predictions **ret_predictions, tx_error *error);
void tx_prediction_rows_free(tx_prediction_rows *rows);

#endif
