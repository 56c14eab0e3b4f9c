/* The three ways of taxamba eval. */
#ifndef TX_TOOLS_EVALUATE_H
#define TX_TOOLS_EVALUATE_H

#include <taxamba/evaluate.h>

#include "reading.h"
#include "truth.h"

typedef struct tx_eval_options {
  tx_common common;
  tx_reading reading;
  tx_truth_options truth;
  char predictions[TX_TEXT_SIZE];
  char known[TX_TEXT_SIZE];
  char known_split[TX_TEXT_SIZE];
  char reference[TX_TEXT_SIZE];
  char reference_split[TX_TEXT_SIZE];
  char split[TX_TEXT_SIZE];
  double min_confidence;
  uint64_t bootstrap, seed;
  bool neighbours;
  bool json;
} tx_eval_options;

/* Each scores the labelled files of the call, prints the report and the closing line. */
tx_status tx_eval_predictions(const tx_call *call, tx_error *error);
tx_status tx_eval_heads(const tx_call *call, tx_error *error);
tx_status tx_eval_neighbours(const tx_call *call, tx_error *error);

/* Opens the labelled files of the call: split as asked for, "test" where nothing was asked and there is a
   split column. */
tx_status tx_eval_open_truth(const tx_call *call, tx_truth *ret_truth, tx_error *error);
/* The names of a taxonomy's ranks: returns their number. */
size_t tx_eval_model_ranks(const tx_taxonomy *taxonomy, const char **ranks);
/* That the options about columns have an effect: there is a table among the files opened so far.
   opt_references may be NULL. */
tx_status tx_eval_check_columns(const tx_call *call, const tx_truth *truth, const tx_truth *opt_references,
                                tx_error *error);
/* That there was a record to score. */
tx_status tx_eval_check_queries(const tx_call *call, uint64_t queries, tx_error *error);
/* An evaluation at the ranks of the truth, with the intervals that the options ask for. */
tx_status tx_eval_create(const tx_eval_options *options, const tx_truth *truth,
                         tx_evaluation **ret_evaluation, tx_error *error);
/* Prints the scores; TX_ERROR_DATA when no record had a label. */
tx_status tx_eval_print(const tx_evaluation *evaluation, size_t rank_count, const char *title, bool json,
                        tx_error *error);

#endif
