/* taxamba eval --neighbours: the labels of the nearest reference as predictions. */
#include "evaluate.h"

#include <inttypes.h>
#include <string.h>

#include <taxamba/neighbours.h>
#include <taxamba/runtime.h>

/* Queries or references. */
typedef struct side {
  tx_truth *truth;
  tx_embeddings *embeddings;
  tx_run_stats stats;
} side;

static void close_side(side *own)
{
  tx_embeddings_free(own->embeddings);
  tx_truth_close(own->truth);
}

static tx_status embed(const tx_call *call, const tx_model *model, const tx_predict_options *predict,
                       side *own, tx_error *error)
{
  tx_watch watch;
  tx_status status = tx_embeddings_create(tx_model_width(model), &own->embeddings, error);
  if (status != TX_OK) return status;
  tx_watch_start(&watch, call, false, tx_embeddings_put, NULL, own->embeddings);
  status = tx_watch_run(&watch, model, predict, tx_truth_source, own->truth, &own->stats, error);
  if (status == TX_OK) tx_eval_note_left_out(call, own->truth);
  return status;
}

static tx_status open_sides(const tx_call *call, side *queries, side *references, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const char *const reference = options->reference;
  tx_eval_files files = {.paths = call->operands,
                         .count = call->operand_count,
                         .split = options->reference_split,
                         .usual_split = "train"};
  tx_status status = tx_eval_open_queries(call, NULL, &queries->truth, error);
  if (status != TX_OK) return status;
  if (reference[0]) {
    files.paths = &reference;
    files.count = 1;
  } else if (!tx_truth_has_split(queries->truth)) {
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--neighbours needs --reference FILE: the input has no split column that tells "
                       "references from queries");
  }
  status = tx_eval_open(call, &files, &references->truth, error);
  if (status == TX_OK) status = tx_truth_pair(queries->truth, references->truth, !reference[0], error);
  return status;
}

static tx_status check_columns(const tx_call *call, const side *queries, const side *references,
                               tx_error *error)
{
  return tx_check_columns(
      call, tx_truth_has_table(queries->truth) || tx_truth_has_table(references->truth), error);
}

static tx_status search_and_print(const tx_call *call, const side *queries, const side *references,
                                  size_t threads, tx_error *error)
{
  tx_evaluation *evaluation = NULL;
  tx_status status = tx_eval_create(call, queries->truth, &evaluation, error);
  if (status == TX_OK)
    status = tx_evaluation_neighbours(evaluation, queries->embeddings, references->embeddings, threads,
                                      tx_stop_flag(), error);
  if (status == TX_OK) status = tx_eval_print(call, evaluation, queries->truth, "1-nearest neighbour", error);
  tx_evaluation_free(evaluation);
  return status;
}

static tx_status check_standard_input(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  for (size_t i = 0; !options->reference[0] && i < call->operand_count; i++)
    if (strcmp(call->operands[i], "-") == 0)
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "--neighbours reads its input twice, and standard input can be read once: name a "
                         "file, or give --reference FILE");
  return TX_OK;
}

tx_status tx_eval_neighbours(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  side queries = {0}, references = {0};
  tx_status status = check_standard_input(call, error);
  if (status == TX_OK) status = tx_reading_open(call, &options->reading, &sources, true, &predict, error);
  if (status == TX_OK) status = open_sides(call, &queries, &references, error);
  if (status == TX_OK && call->operand_count == 1) status = check_columns(call, &queries, &references, error);
  if (status == TX_OK) {
    predict.classify = false;
    predict.embed = true;
    status = embed(call, sources.model, &predict, &references, error);
  }
  if (status == TX_OK && tx_embeddings_count(references.embeddings) == 0)
    status = tx_cli_fail(error, TX_ERROR_DATA, "no reference: no labelled record of the reference split");
  if (status == TX_OK) status = embed(call, sources.model, &predict, &queries, error);
  if (status == TX_OK) status = check_columns(call, &queries, &references, error);
  if (status == TX_OK) status = tx_eval_check_queries(call, queries.stats.records, error);
  if (status == TX_OK) status = search_and_print(call, &queries, &references, predict.threads, error);
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records against %" PRIu64 " references, %.1f sequences/s",
                  queries.stats.records, references.stats.records,
                  (double)(queries.stats.records + references.stats.records) /
                      (queries.stats.seconds + references.stats.seconds + 1e-9));
  close_side(&queries);
  close_side(&references);
  tx_sources_close(&sources);
  return status;
}
