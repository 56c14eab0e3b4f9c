/* taxamba eval of a model that gives sets of taxa. */
#include "evaluate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/multilabel.h>
#include <taxamba/runtime.h>

/* Reads the records of the training, for the baselines: of the split that is asked for, else of split train,
   where the files have splits and can be read twice. */
static tx_status read_training(const tx_call *call, const tx_taxonomy *taxonomy, const tx_eval_ranks *ranks,
                               tx_set_scores *scores, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_eval_files files = {.paths = call->operands,
                               .count = call->operand_count,
                               .split = options->baseline_split,
                               .usual_split = "train",
                               .wanted = ranks->names,
                               .wanted_count = ranks->count};
  tx_truth *truth = NULL;
  tx_set_truth *sets = NULL;
  tx_record record;
  tx_status status = tx_eval_open(call, &files, &truth, error);
  if (status == TX_OK) status = tx_truth_match(truth, ranks->names, ranks->count, ranks->what, error);
  if (status == TX_OK) status = tx_set_truth_create(truth, taxonomy, &sets, error);
  while (status == TX_OK && (status = tx_set_truth_source(sets, &record, error)) == TX_OK)
    status = *tx_stop_flag() ? TX_STOPPED : tx_set_scores_add_training(scores, record.tag, error);
  tx_set_truth_free(sets);
  tx_truth_close(truth);
  return status == TX_END ? TX_OK : status;
}

static bool can_reread(const tx_call *call, const tx_truth *truth)
{
  bool files = tx_truth_has_split(truth);
  for (size_t i = 0; i < call->operand_count; i++) files = files && strcmp(call->operands[i], "-") != 0;
  return files;
}

static tx_status print(const tx_call *call, const tx_set_scores *scores, tx_error *error)
{
  const tx_eval_options *options = call->options;
  char *text = NULL;
  tx_status status = TX_OK;
  if (!tx_set_scores_records(scores))
    return tx_cli_fail(error, TX_ERROR_DATA,
                       "no label to score against: none of the records has a taxon of the model");
  status = tx_set_scores_report(scores, options->json, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}

/* Runs the model over the records of the truth. */
static tx_status score(const tx_call *call, const tx_sources *sources, tx_predict_options *predict,
                       tx_truth *truth, tx_set_scores *scores, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_taxonomy *taxonomy = tx_sources_taxonomy(sources);
  tx_set_truth *sets = NULL;
  tx_run_stats stats = {0};
  tx_watch watch;
  tx_status status = tx_set_truth_create(truth, taxonomy, &sets, error);
  if (status == TX_OK) {
    predict->min_confidence = options->min_confidence;
    tx_watch_start(&watch, call, false, tx_set_scores_put, NULL, scores);
    status = tx_watch_run(&watch, sources->model, predict, tx_set_truth_source, sets, &stats, error);
  }
  if (status == TX_OK) status = tx_check_columns(call, tx_truth_has_table(truth), error);
  if (status == TX_OK) tx_eval_note_left_out(call, truth);
  if (status == TX_OK) status = tx_eval_check_queries(call, stats.records, error);
  if (status == TX_OK && tx_set_truth_unknown(sets))
    tx_note(call, "%" PRIu64 " lineages of the labels have no taxon of the model",
            tx_set_truth_unknown(sets));
  if (status == TX_OK) status = print(call, scores, error);
  if (status == TX_OK) tx_reading_provenance(call, &stats);
  tx_set_truth_free(sets);
  return status;
}

tx_status tx_eval_sets(const tx_call *call, const tx_sources *sources, tx_predict_options *predict,
                       tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_taxonomy *taxonomy = tx_sources_taxonomy(sources);
  tx_eval_ranks ranks = {.count = tx_taxonomy_rank_count(taxonomy), .what = "the model has"};
  tx_truth *truth = NULL;
  tx_set_scores *scores = NULL;
  tx_status status;
  for (size_t r = 0; r < ranks.count; r++) ranks.names[r] = tx_taxonomy_rank_name(taxonomy, r);
  status = tx_set_scores_create(taxonomy, options->min_confidence, (size_t)options->bootstrap, options->seed,
                                tx_stop_flag(), &scores, error);
  if (status == TX_OK) status = tx_eval_open_queries(call, &ranks, &truth, error);
  if (status == TX_OK) status = tx_eval_match(call, truth, &ranks, error);
  if (status == TX_OK && can_reread(call, truth))
    status = read_training(call, taxonomy, &ranks, scores, error);
  if (status == TX_OK) status = score(call, sources, predict, truth, scores, error);
  tx_truth_close(truth);
  tx_set_scores_free(scores);
  return status;
}
