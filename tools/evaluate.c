/* What the ways of taxamba eval share. */
#include "evaluate.h"

#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>

tx_status tx_eval_open_truth(const tx_call *call, tx_truth *ret_truth, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_truth_input input = {call->operands, call->operand_count, options->split, "test",
                                tx_input_watch(call)};
  return tx_truth_open(&input, &options->truth, ret_truth, error);
}

size_t tx_eval_model_ranks(const tx_taxonomy *taxonomy, const char **ranks)
{
  size_t count = tx_taxonomy_rank_count(taxonomy);
  for (size_t r = 0; r < count; r++) ranks[r] = tx_taxonomy_rank_name(taxonomy, r);
  return count;
}

tx_status tx_eval_check_columns(const tx_call *call, const tx_truth *truth, const tx_truth *opt_references,
                                tx_error *error)
{
  static const char *const names[] = {"id-column", "sequence-column", "split-column"};
  if (truth->other_table || tx_labelled_has_table(truth->reader)) return TX_OK;
  if (opt_references && tx_labelled_has_table(opt_references->reader)) return TX_OK;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (tx_is_given(call, names[i]))
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "--%s has no effect, as there is no table in the input: leave it out", names[i]);
  return TX_OK;
}

tx_status tx_eval_check_queries(const tx_call *call, uint64_t queries, tx_error *error)
{
  const tx_eval_options *options = call->options;
  if (queries) return TX_OK;
  return tx_cli_fail(error, TX_ERROR_DATA, "no record to score%s%s%s",
                     options->split[0] ? " of split '" : " (without --split, records of split 'test' are "
                         "taken)", options->split,
                     options->split[0] ? "'" : "");
}

tx_status tx_eval_create(const tx_eval_options *options, const tx_truth *truth,
                         tx_evaluation **ret_evaluation, tx_error *error)
{
  const size_t threads = options->reading.threads ? (size_t)options->reading.threads : tx_processors();
  tx_status status = tx_evaluation_create(truth->ranks, truth->rank_count, ret_evaluation, error);
  if (status != TX_OK) return status;
  return tx_evaluation_bootstrap(*ret_evaluation, (size_t)options->bootstrap, options->seed, threads,
                                 tx_stop_flag(), error);
}

tx_status tx_eval_print(const tx_evaluation *evaluation, size_t rank_count, const char *title, bool json,
                        tx_error *error)
{
  tx_rank_scores scores[TX_RANKS_MAX];
  bool labelled = false;
  char *text = NULL;
  tx_status status = tx_evaluation_scores(evaluation, scores, error);
  for (size_t r = 0; status == TX_OK && r < rank_count; r++) labelled = labelled || scores[r].all.queries;
  if (status == TX_OK && !labelled)
    status = tx_cli_fail(error, TX_ERROR_DATA,
                         "no label to score against: none of the records has one at "
                         "the ranks scored");
  if (status == TX_OK) status = tx_evaluation_report(evaluation, title, json, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}
