/* taxamba eval --retrieval: records looked up across modalities. */
#include "evaluate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <taxamba/retrieval.h>
#include <taxamba/runtime.h>

#define FIELD(name) offsetof(tx_eval_options, name)

const tx_param *tx_eval_retrieval_params(size_t *ret_count)
{
  static const tx_param params[] = {
      {"retrieval", 0, TX_PARAM_FLAG, FIELD(retrieval), 0, 0, "false", NULL, "Retrieval",
       "Looks up records by their DNA, image or text among keys of the same or another modality, and scores "
       "the labels of the nearest 1, 3 and 5. Queries and keys are each modality, averaged (the mean of DNA "
       "and image, or of the first other modality) and concatenated (one after the other); keys also all of "
       "them together. With --model the vectors of --vectors are projected into the space that the model "
       "shares with the DNA (taxamba train --objective align); without it they are compared as they are."},
      {"vectors", 0, TX_PARAM_INPUTS, FIELD(vectors), 0, 0, "", "FILES", "Retrieval",
       "NumPy arrays (n, width) of the vectors of keys and queries, separated by commas. The name of a "
       "modality is that of its file up to the first dot; files of one name are one modality."},
      {"vector-ids", 0, TX_PARAM_INPUTS, FIELD(vector_ids), 0, 0, "", "FILES", "Retrieval",
       "Ids of the records of those rows, one a line, a file for each array. Default: the name of the array "
       "and '.ids'."},
      {"key-split", 0, TX_PARAM_TEXT, FIELD(key_split), 0, 0, "train,key_unseen", "NAMES", "Retrieval",
       "Splits of the keys."},
      {"seen-split", 0, TX_PARAM_TEXT, FIELD(seen_split), 0, 0, "test", "NAMES", "Retrieval",
       "Splits of the queries whose species the training has."},
      {"unseen-split", 0, TX_PARAM_TEXT, FIELD(unseen_split), 0, 0, "test_unseen", "NAMES", "Retrieval",
       "Splits of the queries of other species."},
      {"labelled-only", 0, TX_PARAM_FLAG, FIELD(labelled_only), 0, 0, "false", NULL, "Retrieval",
       "Leaves out queries without a label at a rank. Otherwise no label is a class like the others, which a "
       "key without a label has, too, as the published code of CLIBD counts."},
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

/* Reads the records, and embeds them where there is a model. */
static tx_status read_records(const tx_call *call, const tx_sources *sources, tx_predict_options *predict,
                              tx_retrieval *retrieval, uint64_t *ret_records, tx_error *error)
{
  tx_run_stats stats = {0};
  tx_record record;
  tx_watch watch;
  tx_status status;
  if (!sources->model) {
    while ((status = tx_retrieval_source(retrieval, &record, error)) == TX_OK) stats.records++;
    *ret_records = stats.records;
    return status == TX_END ? TX_OK : status;
  }
  predict->classify = false;
  predict->embed = true;
  predict->shared = true;
  tx_watch_start(&watch, call, false, tx_retrieval_put, NULL, retrieval);
  status = tx_watch_run(&watch, sources->model, predict, tx_retrieval_source, retrieval, &stats, error);
  *ret_records = stats.records;
  return status;
}

static tx_status search_and_print(const tx_call *call, tx_retrieval *retrieval, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_retrieval_options own = {
      .resamples = (size_t)options->bootstrap,
      .seed = options->seed,
      .threads = options->reading.threads ? (size_t)options->reading.threads : tx_processors(),
      .labelled_only = options->labelled_only,
      .stop = tx_stop_flag()};
  char *text = NULL;
  tx_status status = tx_retrieval_run(retrieval, &own, error);
  if (status == TX_OK) status = tx_retrieval_report(retrieval, options->json, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}

tx_status tx_eval_retrieval(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_input_hooks hooks = tx_input_watch(call);
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  tx_vectors *vectors = NULL;
  tx_retrieval *retrieval = NULL;
  tx_retrieval_input input = {
      .paths = call->operands,
      .count = call->operand_count,
      .labelled = {TX_LABELLED_SETTINGS(options), .ranks = options->ranks, .hooks = hooks},
      .keys = options->key_split,
      .seen = options->seen_split,
      .unseen = options->unseen_split};
  uint64_t records = 0;
  tx_status status = TX_OK;
  if (!options->vectors[0])
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--retrieval needs the vectors of another modality: --vectors FILE.npy");
  status = tx_vectors_read(options->vectors, options->vector_ids, &hooks, &vectors, error);
  if (status == TX_OK && options->reading.model[0])
    status = tx_reading_open(call, &options->reading, &sources, true, &predict, error);
  input.vectors = vectors;
  input.opt_model = sources.model;
  if (status == TX_OK) status = tx_retrieval_open(&input, &retrieval, error);
  if (status == TX_OK) status = read_records(call, &sources, &predict, retrieval, &records, error);
  if (status == TX_OK) status = search_and_print(call, retrieval, error);
  if (status == TX_OK) tx_provenance(call, "%" PRIu64 " keys and queries", records);
  tx_retrieval_free(retrieval);
  tx_vectors_free(vectors);
  tx_sources_close(&sources);
  return status;
}
