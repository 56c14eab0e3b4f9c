/* taxamba eval: predictions, a model, or its embeddings against known labels. */
#include "evaluate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/predictions.h>
#include <taxamba/runtime.h>

#include "commands.h"
#include "idmap.h"

#define FIELD(name) offsetof(tx_eval_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"predictions", 'p', TX_PARAM_INPUT, FIELD(predictions), 0, 0, "", "FILE", "What is scored",
       "Scores this table of taxamba classify, matched by id. A labelled record without a row counts as no "
       "call."},
      {"neighbours", 0, TX_PARAM_FLAG, FIELD(neighbours), 0, 0, "false", NULL, "What is scored",
       "Scores the model's embeddings: each record takes the labels of the reference with the largest "
       "cosine. At a rank where "
       "references lack labels, only those that have one are searched."},
      {"split", 's', TX_PARAM_TEXT, FIELD(split), 0, 0, "", "NAMES", "Data",
       "Split or splits to score, separated by commas. Default: test, when the input has a split column."},
      {"reference", 0, TX_PARAM_INPUT, FIELD(reference), 0, 0, "", "FILE", "Data",
       "With --neighbours: the labelled references. Default: the input files."},
      {"reference-split", 0, TX_PARAM_TEXT, FIELD(reference_split), 0, 0, "", "NAMES", "Data",
       "Split or splits of the references. Default: train, when there is a split column."},
      {"known", 0, TX_PARAM_INPUT, FIELD(known), 0, 0, "", "FILE", "Data",
       "With --predictions: the labelled file the classifier was made from, so that queries of known taxa "
       "are also counted alone. A model "
       "named by --model says it as well."},
      {"known-split", 0, TX_PARAM_TEXT, FIELD(known_split), 0, 0, "", "NAMES", "Data",
       "Split or splits of that file. Default: train, when there is a split column."},
      {"min-confidence", 'c', TX_PARAM_REAL, FIELD(min_confidence), 0, 1, "0", "P", "Reading",
       "Cuts each lineage below the last rank that reaches this probability before it is scored."},
      {"bootstrap", 0, TX_PARAM_COUNT, FIELD(bootstrap), 0, 100000, "0", "N", "Output",
       "Adds 95 % intervals of accuracy, from N resamples of the records with a label (percentile "
       "bootstrap, Efron 1979); 0 for "
       "none. 1000 is usual."},
      {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Output",
       "Random seed of the resamples of --bootstrap."},
      {"json", 'j', TX_PARAM_FLAG, FIELD(json), 0, 0, "false", NULL, "Output",
       "Prints one JSON object "
       "instead of a table."},
  };
  tx_eval_options *eval = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, eval};
  out[1].params = tx_truth_params(&out[1].count);
  out[1].object = &eval->truth;
  out[2].params = tx_reading_params(&out[2].count);
  out[2].object = &eval->reading;
  out[3].params = tx_common_params(&out[3].count);
  out[3].object = &eval->common;
  return 4;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("predictions"),
      TX_WITHOUT("neighbours", "predictions"),
      TX_ALWAYS("split"),
      TX_WITH("reference", "neighbours"),
      TX_WITH("reference-split", "neighbours"),
      TX_WITH("known", "predictions"),
      TX_WITH("known-split", "known"),
      TX_WITHOUT("min-confidence", "neighbours"),
      TX_ALWAYS("bootstrap"),
      TX_WITH("seed", "bootstrap"),
      TX_ALWAYS("json"),
      TX_ALWAYS("ranks"),
      TX_ALWAYS("format"),
      TX_VALUE("taxonomy-file", "format", "taxonomy|auto"),
      TX_ALWAYS("id-column"),
      TX_ALWAYS("sequence-column"),
      TX_ALWAYS("split-column"),
      TX_ALWAYS("model"),
      TX_WITHOUT("precision", "predictions"),
      TX_WITHOUT("strand", "predictions"),
      TX_WITHOUT("offsets", "predictions"),
      TX_WITHOUT("min-bases", "predictions"),
      /* Intervals are computed with several threads in every mode. */
      TX_ALWAYS("threads"),
      TX_WITHOUT("batch", "predictions"),
      TX_WITHOUT("duplicates-cache", "predictions"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* The taxa a model was trained on, at the evaluated ranks. */
static tx_status know_model(tx_evaluation *evaluation, const tx_truth *truth, const tx_taxonomy *taxonomy,
                            tx_error *error)
{
  for (size_t e = 0; e < truth->rank_count; e++) {
    size_t rank = 0, ranks = tx_taxonomy_rank_count(taxonomy);
    while (rank < ranks && strcmp(tx_taxonomy_rank_name(taxonomy, rank), truth->ranks[e]) != 0) rank++;
    for (size_t c = 0; rank < ranks && c < tx_taxonomy_class_count(taxonomy, rank); c++) {
      tx_status status =
          tx_evaluation_know(evaluation, e, tx_taxonomy_class_name(taxonomy, rank, (int32_t)c), error);
      if (status != TX_OK) return status;
    }
  }
  return TX_OK;
}

/* The taxa of a labelled file, at the evaluated ranks. */
static tx_status know_file(const tx_call *call, tx_evaluation *evaluation, tx_truth *truth, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const char *path = options->known;
  tx_truth known;
  tx_labelled_record record;
  const tx_truth_input input = {&path, 1, options->known_split, "train", tx_input_watch(call)};
  tx_status status = tx_truth_open(&input, &options->truth, &known, error);
  if (status == TX_OK)
    status =
        tx_truth_match(&known, &options->truth, truth->ranks, truth->rank_count, "the queries have", error);
  while (status == TX_OK) {
    status = *tx_stop_flag() ? TX_STOPPED : tx_truth_next(&known, &record, error);
    for (size_t e = 0; status == TX_OK && e < known.rank_count; e++)
      if (record.taxa[known.own[e]])
        status = tx_evaluation_know(evaluation, known.other[e], record.taxa[known.own[e]], error);
  }
  if (status == TX_END && tx_labelled_has_table(known.reader)) truth->other_table = true;
  tx_truth_close(&known);
  return status == TX_END ? TX_OK : status;
}

static tx_status know(const tx_call *call, tx_evaluation *evaluation, tx_truth *truth, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_model *model = NULL;
  tx_status status = TX_OK;
  if (options->reading.model[0]) status = tx_model_open(options->reading.model, &model, error);
  if (status == TX_OK && model) status = know_model(evaluation, truth, tx_model_taxonomy(model), error);
  if (status == TX_OK && options->known[0]) status = know_file(call, evaluation, truth, error);
  tx_model_close(model);
  return status;
}

typedef struct match_counts {
  uint64_t queries, matched;
} match_counts;

/* Every labelled record against the row of its id. */
static tx_status match_all(tx_truth *truth, const tx_predictions *predictions, tx_evaluation *evaluation,
                           match_counts *counts, tx_error *error)
{
  tx_idmap seen = {0};
  tx_status status = TX_OK;
  while (status == TX_OK) {
    tx_labelled_record record;
    const char *truth_names[TX_RANKS_MAX], *found[TX_RANKS_MAX], *called[TX_RANKS_MAX];
    double found_confidence[TX_RANKS_MAX], confidence[TX_RANKS_MAX];
    uint32_t number;
    bool is_new = false;
    status = *tx_stop_flag() ? TX_STOPPED : tx_truth_next(truth, &record, error);
    if (status != TX_OK) break;
    if (!tx_idmap_add(&seen, record.record.id, &number, &is_new)) {
      status = tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the ids");
    } else if (!is_new) {
      status = tx_cli_fail(error, TX_ERROR_DATA,
                           "%s:%" PRIu64 ": id '%.200s' is there a second time: "
                           "predictions are matched by id",
                           record.record.file, record.record.line, record.record.id);
    } else {
      counts->queries++;
      if (tx_predictions_find(predictions, record.record.id, found, found_confidence)) counts->matched++;
      for (size_t e = 0; e < truth->rank_count; e++) {
        truth_names[e] = record.taxa[truth->own[e]];
        called[e] = found[truth->other[e]];
        confidence[e] = found_confidence[truth->other[e]];
      }
      status = tx_evaluation_add(evaluation, truth_names, called, confidence, error);
    }
  }
  tx_idmap_clear(&seen);
  return status == TX_END ? TX_OK : status;
}

tx_status tx_eval_predictions(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const char *ranks[TX_RANKS_MAX];
  tx_predictions *predictions = NULL;
  size_t rank_count;
  tx_input_hooks hooks = tx_input_watch(call);
  tx_truth truth = {0};
  tx_evaluation *evaluation = NULL;
  match_counts counts = {0};
  tx_status status =
      tx_predictions_read(options->predictions, options->min_confidence, &hooks, &predictions, error);
  if (status != TX_OK) return status;
  rank_count = tx_predictions_rank_count(predictions);
  for (size_t r = 0; r < rank_count; r++) ranks[r] = tx_predictions_rank_name(predictions, r);
  status = tx_eval_open_truth(call, &truth, error);
  if (status == TX_OK)
    status = tx_truth_match(&truth, &options->truth, ranks, rank_count, "the predictions have", error);
  if (status == TX_OK) status = tx_eval_create(options, &truth, &evaluation, error);
  if (status == TX_OK) status = know(call, evaluation, &truth, error);
  if (status == TX_OK && call->operand_count == 1) status = tx_eval_check_columns(call, &truth, NULL, error);
  if (status == TX_OK) status = match_all(&truth, predictions, evaluation, &counts, error);
  if (status == TX_OK) status = tx_eval_check_columns(call, &truth, NULL, error);
  if (status == TX_OK) status = tx_eval_check_queries(call, counts.queries, error);
  if (status == TX_OK && counts.matched < counts.queries)
    tx_note(call, "%" PRIu64 " of %" PRIu64 " records have no row in '%s' and count as no call",
            counts.queries - counts.matched, counts.queries, options->predictions);
  if (status == TX_OK)
    status = tx_eval_print(evaluation, truth.rank_count, "predictions", options->json, error);
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records (%" PRIu64 " with a prediction)", counts.queries,
                  counts.matched);
  tx_evaluation_free(evaluation);
  tx_truth_close(&truth);
  tx_predictions_free(predictions);
  return status;
}

typedef struct heads_sink {
  const tx_truth *truth;
  const tx_taxonomy *taxonomy;
  tx_evaluation *evaluation;
  tx_truth_buffer buffer;
} heads_sink;

static tx_status score_record(void *context, const tx_record *record, const tx_prediction *prediction,
                              tx_error *error)
{
  heads_sink *sink = context;
  const char *truth[TX_RANKS_MAX], *called[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  tx_status status = tx_truth_unpack(record, sink->truth->rank_count, &sink->buffer, truth, error);
  if (status != TX_OK) return status;
  for (size_t e = 0; e < sink->truth->rank_count; e++) {
    size_t rank = sink->truth->other[e];
    int32_t taxon =
        tx_prediction_status(prediction) == TX_RECORD_OK ? tx_prediction_taxon(prediction, rank) : -1;
    called[e] = taxon >= 0 ? tx_taxonomy_class_name(sink->taxonomy, rank, taxon) : NULL;
    confidence[e] = taxon >= 0 ? tx_prediction_confidence(prediction, rank) : 0;
  }
  return tx_evaluation_add(sink->evaluation, truth, called, confidence, error);
}

tx_status tx_eval_heads(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const char *ranks[TX_RANKS_MAX];
  tx_predict_options predict;
  tx_model *model = NULL;
  tx_truth truth = {0};
  tx_run_stats stats = {0};
  heads_sink sink = {.truth = &truth};
  tx_watch watch;
  tx_status status = tx_reading_open(call, &options->reading, &model, &predict, error);
  if (status != TX_OK) return status;
  sink.taxonomy = tx_model_taxonomy(model);
  status = tx_eval_open_truth(call, &truth, error);
  if (status == TX_OK && call->operand_count == 1) status = tx_eval_check_columns(call, &truth, NULL, error);
  if (status == TX_OK)
    status = tx_truth_match(&truth, &options->truth, ranks, tx_eval_model_ranks(sink.taxonomy, ranks),
                            "the model has", error);
  if (status == TX_OK) status = tx_eval_create(options, &truth, &sink.evaluation, error);
  if (status == TX_OK) status = know_model(sink.evaluation, &truth, sink.taxonomy, error);
  if (status == TX_OK) {
    predict.min_confidence = options->min_confidence;
    tx_watch_start(&watch, call, score_record, NULL, &sink);
    status = tx_predict(model, &predict, tx_truth_source, &truth, tx_watch_put, tx_watch_flush, &watch,
                        &stats, error);
    tx_progress_clear(&watch.progress);
  }
  if (status == TX_OK) status = tx_eval_check_columns(call, &truth, NULL, error);
  if (status == TX_OK) status = tx_eval_check_queries(call, stats.records, error);
  if (status == TX_OK && truth.without_bases)
    tx_note(call,
            "%" PRIu64 " rows without a sequence were left "
            "out",
            truth.without_bases);
  if (status == TX_OK)
    status = tx_eval_print(sink.evaluation, truth.rank_count, "heads", options->json, error);
  if (status == TX_OK) tx_reading_provenance(call, &stats);
  tx_evaluation_free(sink.evaluation);
  free(sink.buffer.text);
  tx_truth_close(&truth);
  tx_model_close(model);
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_status status;
  if (call->operand_count == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "no labelled file to score against");
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status != TX_OK) return status;
  if (options->predictions[0]) return tx_eval_predictions(call, error);
  return options->neighbours ? tx_eval_neighbours(call, error) : tx_eval_heads(call, error);
}

static const tx_example examples[] = {
    {"taxamba eval -m coi.safetensors metadata.csv.gz", "A model on split test of the table it was trained "
                                                        "from:"},
    {"taxamba eval -m coi.safetensors --split test_unseen --neighbours metadata.csv.gz",
     "Genus and above of unseen species, by the nearest neighbour in split train:"},
    {"taxamba eval --predictions predictions.tsv --known train.fasta --json test.fasta",
     "Predictions made before, as JSON:"},
    {NULL, NULL},
};

const tx_command tx_eval_command = {
    .name = "eval",
    .summary = "Scores predictions or a model against known labels",
    .operands = "FILE...",
    .description = "Reads labelled barcodes in the formats of taxamba train and scores one of three things "
                   "against their labels: the "
                   "classifier of a model (the "
                   "usual way), predictions written before (--predictions), or the embeddings of a model by "
                   "their nearest neighbour "
                   "(--neighbours).\n\n"
                   "For every rank: queries, the records with a label there; classes, how many taxa they "
                   "have; coverage, the share of "
                   "queries with a call; "
                   "accuracy, the share called right, where no call is wrong; macro-accuracy, the mean of "
                   "the taxa's accuracies; macro-F1, "
                   "the mean of "
                   "the taxa's F1; ECE, where calls have confidences, the expected calibration error over "
                   "the queries with a call "
                   "(Guo et al. 2017, 15 bins), of which --json has the bins. Each is given over all "
                   "queries, and over those whose true "
                   "taxon is known to the model, to the file of "
                   "--known, or to the "
                   "references. Taxa are compared by name.",
    .examples = examples,
    .options_size = sizeof(tx_eval_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
