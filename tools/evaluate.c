/* What the ways of taxamba eval share. */
#include "evaluate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>

tx_status tx_eval_open(const tx_call *call, const tx_eval_files *files, tx_truth **ret_truth, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_truth_input input = {
      .paths = files->paths,
      .count = files->count,
      .usual_split = files->usual_split,
      .cut = files->opt_cut ? *files->opt_cut : (tx_cut_options){0},
      .labelled = {TX_LABELLED_SETTINGS(options), .ranks = options->ranks, .split = files->split,
                   .wanted = files->wanted, .wanted_count = files->wanted_count,
                   .taxa_column = options->taxa_column,
                   .hooks = tx_input_watch(call)},
  };
  return tx_truth_open(&input, ret_truth, error);
}

tx_status tx_eval_open_queries(const tx_call *call, const tx_eval_ranks *opt_ranks, tx_truth **ret_truth,
                               tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_cut_options cut = {options->amplicon, options->window, options->crop, options->seed};
  const tx_eval_files files = {call->operands,
                               call->operand_count,
                               options->split,
                               "test",
                               opt_ranks ? opt_ranks->names : NULL,
                               opt_ranks ? opt_ranks->count : 0,
                               &cut};
  return tx_eval_open(call, &files, ret_truth, error);
}

tx_status tx_eval_match(const tx_call *call, tx_truth *truth, const tx_eval_ranks *ranks, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_status status = tx_truth_match(truth, ranks->names, ranks->count, ranks->what, error);
  for (size_t r = 0; status == TX_OK && !options->ranks[0] && r < ranks->count; r++) {
    size_t own = 0;
    const size_t count = tx_truth_rank_count(truth);
    while (own < count && strcmp(tx_truth_ranks(truth)[own], ranks->names[r]) != 0) own++;
    if (own == count)
      tx_note(call, "rank %s is not scored: %s it, and the labels do not", ranks->names[r], ranks->what);
  }
  return status;
}

tx_status tx_eval_check_queries(const tx_call *call, uint64_t queries, tx_error *error)
{
  const tx_eval_options *options = call->options;
  if (queries) return TX_OK;
  return tx_cli_fail(error, TX_ERROR_DATA, "no record to score%s%s%s",
                     options->split[0] ? " of split '"
                                       : " (without --split, records of split 'test' are "
                                         "taken)",
                     options->split, options->split[0] ? "'" : "");
}

void tx_eval_note_left_out(const tx_call *call, const tx_truth *truth)
{
  const uint64_t rows = tx_truth_without_bases(truth);
  char cuts[300];
  if (rows) tx_note(call, "%" PRIu64 " rows without a sequence were left out", rows);
  tx_truth_describe_cuts(truth, cuts, sizeof cuts);
  if (cuts[0]) tx_note(call, "%s", cuts);
}

tx_status tx_eval_create(const tx_call *call, const tx_truth *truth, tx_evaluation **ret_evaluation,
                         tx_error *error)
{
  const tx_eval_options *options = call->options;
  const size_t threads = options->reading.threads ? (size_t)options->reading.threads : tx_processors();
  tx_status status =
      tx_evaluation_create(tx_truth_ranks(truth), tx_truth_rank_count(truth), ret_evaluation, error);
  if (status != TX_OK) return status;
  return tx_evaluation_bootstrap(*ret_evaluation, (size_t)options->bootstrap, options->seed, threads,
                                 tx_stop_flag(), error);
}

/* Warns of a rank at which the labels and what is scored have no taxon in common. */
static void warn_unmatched(const tx_call *call, const tx_evaluation *evaluation, const tx_truth *truth,
                           size_t rank)
{
  const char *label, *taxon;
  if (tx_evaluation_unmatched(evaluation, rank, &label, &taxon))
    tx_warn(call,
            "no label at rank %s is a known taxon: the labels have '%.100s', known is '%.100s'; are the "
            "names spelled alike?",
            tx_truth_ranks(truth)[rank], label, taxon);
}

tx_status tx_eval_print(const tx_call *call, const tx_evaluation *evaluation, const tx_truth *truth,
                        const char *title, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_rank_scores scores[TX_RANKS_MAX];
  bool labelled = false;
  char *text = NULL;
  tx_status status = tx_evaluation_scores(evaluation, scores, error);
  for (size_t r = 0; status == TX_OK && r < tx_truth_rank_count(truth); r++)
    labelled = labelled || scores[r].all.queries;
  for (size_t r = 0; status == TX_OK && r < tx_truth_rank_count(truth); r++)
    warn_unmatched(call, evaluation, truth, r);
  if (status == TX_OK && !labelled)
    status = tx_cli_fail(error, TX_ERROR_DATA,
                         "no label to score against: none of the records has one at the ranks scored");
  if (status == TX_OK) status = tx_evaluation_report(evaluation, title, options->json, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}
