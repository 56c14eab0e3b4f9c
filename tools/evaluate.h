/* The kinds of evaluation of taxamba eval. */
#ifndef TX_TOOLS_EVALUATE_H
#define TX_TOOLS_EVALUATE_H

#include <taxamba/evaluate.h>
#include <taxamba/truth.h>

#include "reading.h"

typedef struct tx_eval_options {
  tx_common common;
  tx_reading reading;
  char predictions[TX_TEXT_SIZE];
  int predictions_format; /* tx_predictions_format */
  char prediction_taxonomy[TX_TEXT_SIZE];
  char prediction_ranks[TX_TEXT_SIZE];
  char known[TX_TEXT_SIZE];
  char known_split[TX_TEXT_SIZE];
  char reference[TX_TEXT_SIZE];
  char reference_split[TX_TEXT_SIZE];
  char split[TX_TEXT_SIZE];
  char baseline_split[TX_TEXT_SIZE], taxa_column[TX_TEXT_SIZE]; /* of a model that gives sets of taxa */
  /* how labelled files are read, by the names that the options have in train */
  char ranks[TX_TEXT_SIZE];
  TX_LABELLED_FIELDS
  char amplicon[TX_TEXT_SIZE], window[TX_TEXT_SIZE];
  uint64_t crop;
  double min_confidence;
  uint64_t bootstrap, seed;
  bool neighbours;
  bool json;
  /* of the benchmark suite */
  int benchmark, protocol;
  char metadata[TX_TEXT_SIZE], stages[TX_TEXT_SIZE], cache[TX_TEXT_SIZE], leaks_list[TX_TEXT_SIZE];
  uint64_t knn;
  bool audit_leaks, baselines;
  /* of the retrieval */
  bool retrieval, labelled_only;
  char vectors[TX_TEXT_SIZE], vector_ids[TX_TEXT_SIZE];
  char key_split[TX_TEXT_SIZE], seen_split[TX_TEXT_SIZE], unseen_split[TX_TEXT_SIZE];
} tx_eval_options;

/* Each scores the labelled files of the call, and prints the report and the closing line. */
tx_status tx_eval_predictions(const tx_call *call, tx_error *error);
tx_status tx_eval_heads(const tx_call *call, tx_error *error);
tx_status tx_eval_neighbours(const tx_call *call, tx_error *error);
/* The part of tx_eval_heads for a model that gives sets of taxa. */
tx_status tx_eval_sets(const tx_call *call, const tx_sources *sources, tx_predict_options *predict,
                       tx_error *error);
/* Runs the stages of a benchmark. */
tx_status tx_eval_suite(const tx_call *call, tx_error *error);
/* Looks up records across modalities. */
tx_status tx_eval_retrieval(const tx_call *call, tx_error *error);
/* The options of the suite, and of the retrieval. */
const tx_param *tx_eval_suite_params(size_t *ret_count);
const tx_param *tx_eval_retrieval_params(size_t *ret_count);

/* Labelled files and the split that is read: the one asked for, else `usual_split` if there is a split
   column. */
typedef struct tx_eval_files {
  const char *const *paths;
  size_t count;
  const char *split;
  const char *usual_split;
  const char *const *wanted; /* (wanted_count) ranks to read if --ranks names none; 0: those of the files */
  size_t wanted_count;
  const tx_cut_options *opt_cut; /* of the records; NULL: they are read whole */
} tx_eval_files;
tx_status tx_eval_open(const tx_call *call, const tx_eval_files *files, tx_truth **ret_truth,
                       tx_error *error);
/* The ranks of what is scored, and how a message begins that lists them: "the model has". */
typedef struct tx_eval_ranks {
  const char *names[TX_RANKS_MAX];
  size_t count;
  const char *what;
} tx_eval_ranks;
/* Opens the files of the call, whose usual split is "test". With other ranks these are read (tx_eval_match
   comes next), else those of the files. */
tx_status tx_eval_open_queries(const tx_call *call, const tx_eval_ranks *opt_ranks, tx_truth **ret_truth,
                               tx_error *error);
/* tx_truth_match; notes tell which of the ranks the files lack. */
tx_status tx_eval_match(const tx_call *call, tx_truth *truth, const tx_eval_ranks *ranks, tx_error *error);
/* Checks that there was a record to score. */
tx_status tx_eval_check_queries(const tx_call *call, uint64_t queries, tx_error *error);
/* Prints notes about the rows that a source left out, if there are any. */
void tx_eval_note_left_out(const tx_call *call, const tx_truth *truth);
/* Makes an evaluation at the ranks of the truth, with the intervals that the options ask for. */
tx_status tx_eval_create(const tx_call *call, const tx_truth *truth, tx_evaluation **ret_evaluation,
                         tx_error *error);
/* Prints the scores; TX_ERROR_DATA when no record had a label. */
tx_status tx_eval_print(const tx_call *call, const tx_evaluation *evaluation, const tx_truth *truth,
                        const char *title, tx_error *error);

#endif
