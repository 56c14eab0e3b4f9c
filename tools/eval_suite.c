/* taxamba eval --benchmark: the stages of a benchmark, one after the other. */
#include "evaluate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>
#include <taxamba/suite.h>

#define FIELD(name) offsetof(tx_eval_options, name)

const tx_param *tx_eval_suite_params(size_t *ret_count)
{
  static const tx_param params[] = {
      {"benchmark", 0, TX_PARAM_CHOICE, FIELD(benchmark), 0, 0, "none",
       "none|bioscan5m|canadian-invertebrates", "Benchmark",
       "Runs the stages of a benchmark. bioscan5m: a table with a split column (train, test, test_unseen, "
       "key_unseen, pretrain), in the layout of BIOSCAN-5M. canadian-invertebrates: a folder with "
       "supervised_train.csv, supervised_test.csv and unseen.csv, as BarcodeBERT has them."},
      {"metadata", 0, TX_PARAM_INPUT, FIELD(metadata), 0, 0, "", "FILE", "Benchmark",
       "The table of --benchmark, instead of an operand."},
      {"stages", 0, TX_PARAM_TEXT, FIELD(stages), 0, 0, "", "LIST", "Benchmark",
       "Stages to run, separated by commas: heads (test and test_unseen by the classifier), probe (logistic "
       "regression on the embeddings of train, L-BFGS), knn, unseen (1-NN of test_unseen among train, and "
       "among train and key_unseen), cluster (Ward on test and test_unseen), novelty (test against "
       "test_unseen, AUROC), calibration, baselines, leaks. Default: all but baselines."},
      {"audit-leaks", 0, TX_PARAM_FLAG, FIELD(audit_leaks), 0, 0, "false", NULL, "Benchmark",
       "Looks for records of test and test_unseen that train or pretrain has too: equal, one inside the "
       "other, and so for the reverse complement. Without --benchmark: the stages heads and leaks of such a "
       "table. --benchmark always does it, unless --stages leaves it out."},
      {"leaks-list", 0, TX_PARAM_OUTPUT, FIELD(leaks_list), 0, 0, "", "FILE", "Benchmark",
       "Writes a row for each such record."},
      {"baselines", 0, TX_PARAM_FLAG, FIELD(baselines), 0, 0, "false", NULL, "Benchmark",
       "Adds the stage baselines: the nearest record of train by the cosine of 6-mer counts, and the most "
       "frequent taxon."},
      {"cache", 0, TX_PARAM_TEXT, FIELD(cache), 0, 0, "", "DIR", "Benchmark",
       "Folder for the embeddings of each split, by a hash of the model and the input: a run that finds them "
       "there reads them. It must exist."},
      {"knn", 0, TX_PARAM_COUNT, FIELD(knn), 1, 1000, "1", "K", "Benchmark",
       "Neighbours that vote in the stage knn: the most frequent label of the K nearest by cosine, of "
       "equally frequent ones that with the larger sum of cosines."},
      {"protocol", 0, TX_PARAM_CHOICE, FIELD(protocol), 0, 0, "none", "none|bioscan5m|barcodebert|both",
       "Benchmark",
       "Adds clusters after UMAP as published to those of the embeddings as they are: see taxamba cluster."},
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

/* A run of the suite. */
typedef struct suite_run {
  const tx_call *call;
  tx_sources sources;
  tx_predict_options predict; /* of the answers */
  tx_suite *suite;
  bool wanted[TX_STAGES];
  tx_suite_options options;
  tx_progress progress;
  uint64_t embedded, recalled;
} suite_run;

static void show(void *context, const char *what)
{
  suite_run *own = context;
  if (tx_progress_due(&own->progress)) tx_progress_show(&own->progress, "%s", what);
}

static tx_status choose_stages(const tx_call *call, bool wanted[TX_STAGES], tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_status status = TX_OK;
  if (options->stages[0]) {
    status = tx_suite_stages(options->stages, wanted, error);
  } else {
    for (int s = 0; s < TX_STAGES; s++) wanted[s] = options->benchmark && s != TX_STAGE_BASELINES;
    if (!options->benchmark) wanted[TX_STAGE_HEADS] = true;
  }
  if (options->baselines) wanted[TX_STAGE_BASELINES] = true;
  if (options->audit_leaks) wanted[TX_STAGE_LEAKS] = true;
  if (status == TX_OK && options->leaks_list[0] && !wanted[TX_STAGE_LEAKS])
    status = tx_cli_fail(error, TX_ERROR_USAGE,
                         "--leaks-list has no effect without the stage leaks: add it to --stages");
  return status;
}

static tx_status open_suite(suite_run *own, tx_error *error)
{
  const tx_call *call = own->call;
  const tx_eval_options *options = call->options;
  const char *const metadata = options->metadata;
  const char *const *paths = metadata[0] ? &metadata : call->operands;
  const size_t count = metadata[0] ? 1 : call->operand_count;
  const tx_suite_input input = {
      .benchmark = options->benchmark == 2 ? TX_BENCHMARK_CANADIAN_INVERTEBRATES : TX_BENCHMARK_BIOSCAN5M,
      .paths = paths,
      .count = count,
      .taxonomy = tx_sources_taxonomy(&own->sources),
      .labelled = {TX_LABELLED_SETTINGS(options), .ranks = options->ranks, .hooks = tx_input_watch(call)}};
  return tx_suite_open(&input, &own->suite, error);
}

static tx_status check_operands(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  if (options->metadata[0] && call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "'%.200s' is one argument too many: --metadata names the table", call->operands[0]);
  if (!options->metadata[0] && !call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE, "no table to score against: name one, or add --metadata FILE");
  if (strcmp(options->metadata, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "the table of a benchmark is read twice: name a file");
  for (size_t i = 0; i < call->operand_count; i++)
    if (strcmp(call->operands[i], "-") == 0)
      return tx_cli_fail(error, TX_ERROR_USAGE, "the table of a benchmark is read twice: name a file");
  if (options->benchmark == 2) return TX_OK;
  return tx_check_inputs(call->operands, call->operand_count, error);
}

/* Whether there is one lineage for each record to score. */
static bool has_answers(const tx_sources *sources)
{
  return tx_taxonomy_rank_count(tx_sources_taxonomy(sources)) > 0 && !tx_sources_give_sets(sources);
}

/* Leaves out the stages that cannot be run, and says why. */
static tx_status settle_stages(suite_run *own, tx_error *error)
{
  const bool answers = has_answers(&own->sources);
  bool any = false;
  for (int s = 0; s < TX_STAGES; s++) {
    const char *why = tx_suite_obstacle(own->suite, (tx_suite_stage)s, answers, own->sources.model != NULL);
    if (!own->wanted[s] || !why) {
      any = any || own->wanted[s];
      continue;
    }
    tx_note(own->call, "stage %s is left out: %s", tx_suite_stage_name((tx_suite_stage)s), why);
    tx_suite_leave_out(own->suite, (tx_suite_stage)s, why);
    own->wanted[s] = false;
  }
  return any ? TX_OK : tx_cli_fail(error, TX_ERROR_DATA, "no stage can be run");
}

static bool is_needed(const suite_run *own, bool (*needs)(tx_suite_stage, tx_suite_split),
                      tx_suite_split split)
{
  for (int s = 0; s < TX_STAGES; s++)
    if (own->wanted[s] && needs((tx_suite_stage)s, split)) return true;
  return false;
}

static tx_status pass_over(suite_run *own, tx_suite_split split, const tx_predict_options *predict,
                           tx_prediction_sink sink, tx_error *error)
{
  tx_suite_pass pass = {.suite = own->suite, .split = split, .taxonomy = tx_sources_taxonomy(&own->sources)};
  tx_suite_pass read = {.suite = own->suite, .split = split};
  tx_run_stats stats = {0};
  tx_watch watch;
  pass.method = own->sources.references ? "references" : "heads";
  if (own->sources.model) pass.width = tx_model_width(own->sources.model);
  tx_watch_start(&watch, own->call, false, sink, NULL, &pass);
  return tx_watch_run(&watch, own->sources.model, predict, tx_suite_source, &read, &stats, error);
}

/* Embeddings of a split, from the cache if they are there. */
static tx_status embed(suite_run *own, tx_suite_split split, tx_error *error)
{
  const tx_eval_options *options = own->call->options;
  tx_predict_options predict = own->predict;
  bool found = false;
  tx_status status = TX_OK;
  predict.references = NULL;
  predict.witness = TX_WITNESS_NEVER;
  predict.prior = NULL;
  predict.error_rate = 0;
  predict.min_confidence = 0;
  predict.classify = false;
  predict.embed = true;
  if (options->cache[0])
    status = tx_suite_recall(own->suite, split, options->cache, own->sources.model, &predict, &found, error);
  own->recalled += found ? tx_suite_records(own->suite, split) : 0;
  if (status != TX_OK || found) return status;
  own->embedded += tx_suite_records(own->suite, split);
  status = pass_over(own, split, &predict, tx_suite_put_embedding, error);
  if (status == TX_OK && options->cache[0])
    status = tx_suite_remember(own->suite, split, options->cache, predict.stop, error);
  return status;
}

static tx_status prepare(suite_run *own, tx_error *error)
{
  const bool answers = has_answers(&own->sources);
  tx_status status = TX_OK;
  for (int s = 0; s < TX_SUITE_SPLITS && status == TX_OK; s++) {
    const tx_suite_split split = (tx_suite_split)s;
    if (!tx_suite_records(own->suite, split)) continue;
    if (answers && is_needed(own, tx_suite_needs_answers, split))
      status = pass_over(own, split, &own->predict, tx_suite_put_answer, error);
    if (status == TX_OK && own->sources.model && is_needed(own, tx_suite_needs_embeddings, split))
      status = embed(own, split, error);
  }
  return status;
}

static tx_status run_stages(suite_run *own, tx_error *error)
{
  tx_status status = TX_OK;
  tx_progress_start(&own->progress, own->call, false, 0);
  for (int s = 0; s < TX_STAGES && status == TX_OK; s++)
    if (own->wanted[s]) status = tx_suite_run(own->suite, (tx_suite_stage)s, &own->options, error);
  tx_progress_clear(&own->progress);
  return status;
}

static tx_status print(suite_run *own, tx_error *error)
{
  const tx_eval_options *options = own->call->options;
  const char *model = options->reading.references[0] ? options->reading.references
                      : options->reading.model[0]    ? options->reading.model
                                                     : tx_model_default_path();
  char *text = NULL;
  tx_status status = tx_suite_report(own->suite, model, &own->options, options->json, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  if (status == TX_OK && options->leaks_list[0])
    status = tx_suite_write_leaks(own->suite, options->leaks_list, tx_stop_flag(), error);
  free(text);
  return status;
}

tx_status tx_eval_suite(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  suite_run own = {.call = call};
  tx_status status = check_operands(call, error);
  if (status == TX_OK) status = choose_stages(call, own.wanted, error);
  if (status == TX_OK)
    status = tx_reading_open(call, &options->reading, &own.sources, false, &own.predict, error);
  own.predict.min_confidence = options->min_confidence;
  own.options = (tx_suite_options){.neighbours = (size_t)options->knn,
                                   .protocol = (tx_suite_protocol)options->protocol,
                                   .resamples = (size_t)options->bootstrap,
                                   .seed = options->seed,
                                   .threads = own.predict.threads,
                                   .stop = tx_stop_flag(),
                                   .progress = show,
                                   .context = &own};
  if (status == TX_OK) status = open_suite(&own, error);
  if (status == TX_OK) status = settle_stages(&own, error);
  if (status == TX_OK) status = prepare(&own, error);
  if (status == TX_OK) status = run_stages(&own, error);
  if (status == TX_OK) status = print(&own, error);
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records embedded, %" PRIu64 " read from the cache", own.embedded,
                  own.recalled);
  tx_suite_free(own.suite);
  tx_sources_close(&own.sources);
  return status;
}
