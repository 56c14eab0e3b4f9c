/* taxamba eval: predictions, a model, or its embeddings against known labels. */
#include "evaluate.h"

#include <inttypes.h>

#include <taxamba/predictions.h>
#include <taxamba/runtime.h>

#include "commands.h"

#define FIELD(name) offsetof(tx_eval_options, name)
#define BENCHMARKS "bioscan5m|canadian-invertebrates"

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"predictions", 'p', TX_PARAM_INPUT, FIELD(predictions), 0, 0, "", "FILE", "What is scored",
       "Scores these predictions, matched by id: what taxamba classify writes in any format, a table (TSV, "
       "CSV) with a column id and one for each rank, or the output of another classifier "
       "(--predictions-format). A labelled record without a row counts as no call."},
      {"predictions-format", 0, TX_PARAM_CHOICE, FIELD(predictions_format), 0, 0, "auto",
       "auto|table|jsonl|sintax|qiime2|blast6|kraken", "What is scored",
       "Format of --predictions; auto looks at the first line. table: id, RANK and perhaps "
       "RANK_confidence. sintax: vsearch --sintax --tabbedout. qiime2: Feature ID, Taxon and perhaps "
       "Confidence, which is that of the last name. blast6: BLAST -outfmt 6 or vsearch --blast6out, the hit "
       "with the largest bit score, then identity, and of equal hits what their lineages agree on. kraken: "
       "kraken2 --use-names."},
      {"prediction-taxonomy", 0, TX_PARAM_INPUT, FIELD(prediction_taxonomy), 0, 0, "", "FILE",
       "What is scored",
       "Lineages of the references that blast6 and kraken name: a labelled file (a table, also without "
       "sequences, or FASTA) or a QIIME 2 taxonomy. Hits that have a lineage in their name (ID;tax=...) do "
       "not need it."},
      {"prediction-ranks", 0, TX_PARAM_TEXT, FIELD(prediction_ranks), 0, 0, "", "LIST", "What is scored",
       "Ranks of the predictions, separated by commas, top first: of lineages by position (A;B;C), and of "
       "the columns of --prediction-taxonomy."},
      {"neighbours", 0, TX_PARAM_FLAG, FIELD(neighbours), 0, 0, "false", NULL, "What is scored",
       "Scores the model's embeddings: each record takes the labels of the reference with the largest "
       "cosine. At a rank where references lack labels, only those that have one are searched."},
      {"split", 's', TX_PARAM_TEXT, FIELD(split), 0, 0, "", "NAMES", "Data",
       "Split or splits to score, separated by commas. Default: test, when the input has a split column."},
      {"reference", 0, TX_PARAM_INPUT, FIELD(reference), 0, 0, "", "FILE", "Data",
       "With --neighbours: the labelled references. Default: the input files."},
      {"reference-split", 0, TX_PARAM_TEXT, FIELD(reference_split), 0, 0, "", "NAMES", "Data",
       "Split or splits of the references. Default: train, when there is a split column."},
      {"known", 0, TX_PARAM_INPUT, FIELD(known), 0, 0, "", "FILE", "Data",
       "With --predictions: the labelled file the classifier was made from, so that queries of known taxa "
       "are also counted alone. A model named by --model says it as well."},
      {"known-split", 0, TX_PARAM_TEXT, FIELD(known_split), 0, 0, "", "NAMES", "Data",
       "Split or splits of that file. Default: train, when there is a split column."},
      {"amplicon", 0, TX_PARAM_TEXT, FIELD(amplicon), 0, 0, "", "FWD,REV", "Reading",
       "Scores only the stretch between two primers of each record, without their sites, on the strand of "
       "the first. Both primers from 5' to 3', as they are ordered, in IUPAC letters or I (inosine). A "
       "record with one site reaches to its end; one without a site is left out."},
      {"window", 0, TX_PARAM_TEXT, FIELD(window), 0, 0, "", "FIRST,LAST", "Reading",
       "Scores only these bases of each record, the first of which is 1; negative numbers count from the "
       "end: -313,-1 is the last 313. A record that has none of them is left out."},
      {"crop", 0, TX_PARAM_COUNT, FIELD(crop), 0, 1000000, "0", "N", "Reading",
       "Scores only so many bases of each record, from a place drawn by --seed and the record's id; shorter "
       "records are read whole. 0 for all. --amplicon is cut first, then --window, then this. Of "
       "--neighbours and --benchmark the queries are cut, and the references stay whole."},
      {"min-confidence", 'c', TX_PARAM_REAL, FIELD(min_confidence), 0, 1, "0", "P", "Reading",
       "Cuts each lineage below the last rank that reaches this probability before it is scored."},
      {"bootstrap", 0, TX_PARAM_COUNT, FIELD(bootstrap), 0, 100000, "0", "N", "Output",
       "Adds 95 % intervals of accuracy, from N resamples of the records with a label (percentile bootstrap, "
       "Efron 1979); 0 for none. 1000 is usual."},
      {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Output",
       "Random seed of the resamples of --bootstrap and of the places of --crop."},
      {"json", 'j', TX_PARAM_FLAG, FIELD(json), 0, 0, "false", NULL, "Output",
       "Prints one JSON object instead of a table."},
  };
  static const tx_param truth_params[] = {
      {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Data",
       "Ranks to score, separated by commas, top first. Default: those that both sides have."},
      TX_LABELLED_PARAMS(tx_eval_options),
      TX_TAXA_COLUMN_PARAM(tx_eval_options),
      {"baseline-split", 0, TX_PARAM_TEXT, FIELD(baseline_split), 0, 0, "", "NAMES", "Data",
       "With a model of sets of taxa: the split or splits of the input from which the baselines come, the "
       "share of each taxon and the most frequent set. Default: train, when there is a split column."},
  };
  tx_eval_options *eval = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, eval};
  out[1] = (tx_param_table){truth_params, sizeof truth_params / sizeof *truth_params, eval};
  out[2].params = tx_reading_params(&out[2].count);
  out[2].object = &eval->reading;
  out[3].params = tx_references_params(&out[3].count);
  out[3].object = &eval->reading;
  out[4].params = tx_common_params(&out[4].count);
  out[4].object = &eval->common;
  out[5].params = tx_eval_suite_params(&out[5].count);
  out[5].object = eval;
  out[6].params = tx_eval_retrieval_params(&out[6].count);
  out[6].object = eval;
  return 7;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("retrieval"),
      TX_WITH("vectors", "retrieval"),
      TX_WITH("vector-ids", "vectors"),
      TX_WITH("key-split", "retrieval"),
      TX_WITH("seen-split", "retrieval"),
      TX_WITH("unseen-split", "retrieval"),
      TX_WITH("labelled-only", "retrieval"),
      TX_WITHOUT("benchmark", "retrieval"),
      TX_VALUE("metadata", "benchmark", BENCHMARKS),
      TX_VALUE("stages", "benchmark", BENCHMARKS),
      TX_WITHOUT("audit-leaks", "retrieval"),
      TX_VALUE("baselines", "benchmark", BENCHMARKS),
      TX_VALUE("cache", "benchmark", BENCHMARKS),
      TX_VALUE("knn", "benchmark", BENCHMARKS),
      TX_VALUE("protocol", "benchmark", BENCHMARKS),
      TX_ALWAYS("leaks-list"), /* of the suite: tx_eval_suite */
      TX_WITHOUT("predictions", "retrieval"),
      TX_VALUE("predictions", "benchmark", "none"),
      TX_WITHOUT("predictions", "audit-leaks"),
      TX_WITH("predictions-format", "predictions"),
      TX_WITH("prediction-taxonomy", "predictions"),
      TX_WITH("prediction-ranks", "predictions"),
      TX_WITHOUT("neighbours", "retrieval"),
      TX_WITHOUT("neighbours", "predictions"),
      TX_VALUE("neighbours", "benchmark", "none"),
      TX_WITHOUT("neighbours", "audit-leaks"),
      TX_WITHOUT("split", "retrieval"),
      TX_VALUE("split", "benchmark", "none"),
      TX_WITHOUT("split", "audit-leaks"),
      TX_WITH("reference", "neighbours"),
      TX_WITH("reference-split", "neighbours"),
      TX_WITH("known", "predictions"),
      TX_WITH("known-split", "known"),
      TX_WITHOUT("amplicon", "retrieval"),
      TX_WITHOUT("amplicon", "predictions"),
      TX_WITHOUT("window", "retrieval"),
      TX_WITHOUT("window", "predictions"),
      TX_WITHOUT("crop", "retrieval"),
      TX_WITHOUT("crop", "predictions"),
      TX_WITHOUT("min-confidence", "retrieval"),
      TX_WITHOUT("min-confidence", "neighbours"),
      TX_ALWAYS("bootstrap"),
      /* of --bootstrap and of --crop */
      TX_ALWAYS("seed"),
      TX_ALWAYS("json"),
      TX_ALWAYS("ranks"),
      TX_ALWAYS("format"),
      TX_VALUE("taxonomy-file", "format", "taxonomy|auto"),
      TX_ALWAYS("taxdump"),
      TX_ALWAYS("whole-id"),
      TX_ALWAYS("id-column"),
      TX_ALWAYS("sequence-column"),
      TX_ALWAYS("split-column"),
      TX_ALWAYS("where"),
      TX_ALWAYS("missing-names"),
      TX_ALWAYS("skip-bad"),
      TX_VALUE("taxa-column", "benchmark", "none"),
      TX_WITHOUT("taxa-column", "audit-leaks"),
      TX_WITHOUT("taxa-column", "predictions"),
      TX_WITHOUT("taxa-column", "neighbours"),
      TX_VALUE("baseline-split", "benchmark", "none"),
      TX_WITHOUT("baseline-split", "audit-leaks"),
      TX_WITHOUT("baseline-split", "predictions"),
      TX_WITHOUT("baseline-split", "neighbours"),
      TX_ALWAYS("model"),
      TX_WITHOUT("references", "retrieval"),
      TX_WITHOUT("references", "predictions"),
      TX_WITHOUT("references", "neighbours"),
      TX_WITHOUT("look", "retrieval"),
      TX_WITHOUT("look", "predictions"),
      TX_WITHOUT("look", "neighbours"),
      TX_WITHOUT("error-rate", "retrieval"),
      TX_WITHOUT("error-rate", "predictions"),
      TX_WITHOUT("error-rate", "neighbours"),
      TX_VALUE("error-rate", "look", "auto|evidence|both"),
      TX_WITHOUT("prior", "retrieval"),
      TX_WITHOUT("prior", "predictions"),
      TX_WITHOUT("prior", "neighbours"),
      TX_VALUE("prior", "look", "auto|evidence|both"),
      TX_WITHOUT("precision", "predictions"),
      TX_WITHOUT("precision", "references"),
      TX_WITHOUT("strand", "predictions"),
      TX_WITHOUT("offsets", "predictions"),
      TX_WITHOUT("offsets", "references"),
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

/* The taxa of a labelled file, at the evaluated ranks. */
static tx_status know_file(const tx_call *call, tx_evaluation *evaluation, const tx_truth *truth,
                           bool *ret_table, tx_error *error)
{
  const tx_eval_options *options = call->options;
  const char *path = options->known;
  const tx_eval_files files = {
      &path, 1, options->known_split, "train", tx_truth_ranks(truth), tx_truth_rank_count(truth), NULL};
  tx_truth *known = NULL;
  tx_status status = tx_eval_open(call, &files, &known, error);
  if (status == TX_OK)
    status =
        tx_truth_match(known, tx_truth_ranks(truth), tx_truth_rank_count(truth), "the queries have", error);
  if (status == TX_OK) status = tx_evaluation_know_truth(evaluation, known, tx_stop_flag(), error);
  if (status == TX_OK) *ret_table = tx_truth_has_table(known);
  tx_truth_close(known);
  return status;
}

/* What the classifier of the predictions knows. *ret_table: it is said by a table. */
static tx_status know(const tx_call *call, tx_evaluation *evaluation, const tx_truth *truth, bool *ret_table,
                      tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_model *model = NULL;
  tx_status status = TX_OK;
  if (options->reading.model[0]) status = tx_model_open(options->reading.model, &model, error);
  if (status == TX_OK && model)
    status = tx_evaluation_know_taxonomy(evaluation, tx_model_taxonomy(model), error);
  if (status == TX_OK && options->known[0]) status = know_file(call, evaluation, truth, ret_table, error);
  tx_model_close(model);
  return status;
}

/* Reads the predictions, and opens the queries at the ranks of both. */
static tx_status open_predictions(const tx_call *call, tx_predictions **ret_predictions, tx_truth **ret_truth,
                                  tx_error *error)
{
  const tx_eval_options *options = call->options;
  const tx_predictions_options read = {.format = (tx_predictions_format)options->predictions_format,
                                       .min_confidence = options->min_confidence,
                                       .lineages = options->prediction_taxonomy,
                                       .ranks = options->prediction_ranks,
                                       .hooks = tx_input_watch(call)};
  tx_eval_ranks ranks = {.what = "the predictions have"};
  tx_status status = tx_predictions_read(options->predictions, &read, ret_predictions, error);
  if (status != TX_OK) return status;
  ranks.count = tx_predictions_rank_count(*ret_predictions);
  for (size_t r = 0; r < ranks.count; r++) ranks.names[r] = tx_predictions_rank_name(*ret_predictions, r);
  status = tx_eval_open_queries(call, &ranks, ret_truth, error);
  return status == TX_OK ? tx_eval_match(call, *ret_truth, &ranks, error) : status;
}

tx_status tx_eval_predictions(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_predictions *predictions = NULL;
  tx_truth *truth = NULL;
  tx_evaluation *evaluation = NULL;
  tx_join_counts counts = {0};
  bool known_table = false;
  tx_status status = open_predictions(call, &predictions, &truth, error);
  if (status == TX_OK) status = tx_eval_create(call, truth, &evaluation, error);
  if (status == TX_OK) status = know(call, evaluation, truth, &known_table, error);
  if (status == TX_OK && call->operand_count == 1)
    status = tx_check_columns(call, known_table || tx_truth_has_table(truth), error);
  if (status == TX_OK)
    status = tx_evaluation_join(evaluation, truth, predictions, tx_stop_flag(), &counts, error);
  if (status == TX_OK) status = tx_check_columns(call, known_table || tx_truth_has_table(truth), error);
  if (status == TX_OK) status = tx_eval_check_queries(call, counts.queries, error);
  if (status == TX_OK && counts.matched < counts.queries)
    tx_note(call, "%" PRIu64 " of %" PRIu64 " records have no row in '%s' and count as no call",
            counts.queries - counts.matched, counts.queries, options->predictions);
  if (status == TX_OK) status = tx_eval_print(call, evaluation, truth, "predictions", error);
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records (%" PRIu64 " with a prediction)", counts.queries,
                  counts.matched);
  tx_evaluation_free(evaluation);
  tx_truth_close(truth);
  tx_predictions_free(predictions);
  return status;
}

/* Opens the queries at the ranks of both. */
static tx_status open_queries(const tx_call *call, const tx_taxonomy *taxonomy, tx_truth **ret_truth,
                              tx_error *error)
{
  tx_eval_ranks ranks = {.count = tx_taxonomy_rank_count(taxonomy), .what = "the model has"};
  tx_status status;
  for (size_t r = 0; r < ranks.count; r++) ranks.names[r] = tx_taxonomy_rank_name(taxonomy, r);
  status = tx_eval_open_queries(call, &ranks, ret_truth, error);
  if (status == TX_OK && call->operand_count == 1)
    status = tx_check_columns(call, tx_truth_has_table(*ret_truth), error);
  return status == TX_OK ? tx_eval_match(call, *ret_truth, &ranks, error) : status;
}

tx_status tx_eval_heads(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_predict_options predict;
  tx_sources sources;
  tx_truth *truth = NULL;
  tx_run_stats stats = {0};
  tx_heads heads = {0};
  tx_watch watch;
  tx_status status = tx_reading_open(call, &options->reading, &sources, false, &predict, error);
  if (status != TX_OK) return status;
  if (tx_sources_give_sets(&sources)) {
    status = tx_eval_sets(call, &sources, &predict, error);
    tx_sources_close(&sources);
    return status;
  }
  if (options->taxa_column[0] || options->baseline_split[0]) {
    tx_sources_close(&sources);
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--%s has no effect, as the answer is one lineage for a record: leave it out",
                       options->taxa_column[0] ? "taxa-column" : "baseline-split");
  }
  heads.taxonomy = tx_sources_taxonomy(&sources);
  status = open_queries(call, heads.taxonomy, &truth, error);
  heads.truth = truth;
  if (status == TX_OK) status = tx_eval_create(call, truth, &heads.evaluation, error);
  if (status == TX_OK) status = tx_evaluation_know_taxonomy(heads.evaluation, heads.taxonomy, error);
  if (status == TX_OK) {
    predict.min_confidence = options->min_confidence;
    tx_watch_start(&watch, call, false, tx_heads_put, NULL, &heads);
    status = tx_watch_run(&watch, sources.model, &predict, tx_truth_source, truth, &stats, error);
  }
  if (status == TX_OK) status = tx_check_columns(call, tx_truth_has_table(truth), error);
  if (status == TX_OK) tx_eval_note_left_out(call, truth);
  if (status == TX_OK) status = tx_eval_check_queries(call, stats.records, error);
  if (status == TX_OK)
    status = tx_eval_print(call, heads.evaluation, truth, sources.references ? "references" : "heads", error);
  if (status == TX_OK) tx_reading_provenance(call, &stats);
  tx_evaluation_free(heads.evaluation);
  tx_truth_close(truth);
  tx_sources_close(&sources);
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_status status;
  if (options->benchmark || options->audit_leaks) return tx_eval_suite(call, error);
  if (options->leaks_list[0])
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--leaks-list has no effect without --audit-leaks or --benchmark: add one of them");
  if (call->operand_count == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "no labelled file to score against");
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status != TX_OK) return status;
  if (options->retrieval) return tx_eval_retrieval(call, error);
  if (options->predictions[0]) return tx_eval_predictions(call, error);
  return options->neighbours ? tx_eval_neighbours(call, error) : tx_eval_heads(call, error);
}

static const tx_example examples[] = {
    {"taxamba eval -m coi.safetensors metadata.csv.gz", "A model on split test of the table it was trained "
                                                        "from:"},
    {"taxamba eval -m coi.safetensors --split test_unseen --neighbours metadata.csv.gz",
     "Genus and above of unseen species, by the nearest neighbour in split train:"},
    {"taxamba eval -m coi.safetensors --window -313,-1 metadata.csv.gz",
     "Fragments: the last 313 bases of each barcode:"},
    {"taxamba eval --predictions predictions.tsv --known train.fasta --json test.fasta",
     "Predictions made before, as JSON:"},
    {"taxamba eval --benchmark bioscan5m -m coi.safetensors --cache cache --baselines metadata.csv.gz",
     "Every stage of the BIOSCAN-5M benchmark:"},
    {"taxamba eval --retrieval -m aligned.safetensors --vectors image.npy metadata.csv.gz",
     "Images looked up by barcodes and the other way round, by a model of train --objective align:"},
    {"taxamba eval --predictions hits.tsv --prediction-taxonomy references.fasta test.fasta",
     "The best hits of BLAST (-outfmt 6):"},
    {NULL, NULL},
};

const tx_command tx_eval_command = {
    .name = "eval",
    .summary = "Scores predictions or a model against known labels",
    .operands = "FILE...",
    .description = "Reads labelled barcodes in the formats of taxamba train and scores one of three things "
                   "against their labels: the classifier of a model (the usual way), predictions written "
                   "before (--predictions), or the embeddings of a model by their nearest neighbour "
                   "(--neighbours).\n\n"
                   "For every rank: queries, the records with a label there; classes, how many taxa they "
                   "have; coverage, the share of queries with a call; accuracy, the share called right, "
                   "where no call is wrong; macro-accuracy, the mean of the taxa's accuracies; macro-F1, the "
                   "mean of the taxa's F1; ECE, where calls have confidences, the expected calibration error "
                   "over the queries with a call (Guo et al. 2017, 15 bins), of which --json has the bins. "
                   "Each is given over all queries, and over those whose true taxon is known to the model, "
                   "to the file of --known, or to the references. Taxa are compared by name.\n\n"
                   "With --benchmark a table with splits (train, test, test_unseen, key_unseen) is read, and "
                   "all stages of the benchmark are run and printed one after the other, each score also "
                   "without the records that a training split has too, and by the identity to the nearest "
                   "record of train.\n\n"
                   "With --retrieval a table with splits and vectors of images or texts of its records are "
                   "read (--vectors), and every combination of query and key is scored: top 1, 3 and 5, "
                   "micro and macro, of queries of seen and unseen species and their harmonic mean, beside "
                   "what chance and the most common taxa reach.",
    .examples = examples,
    .options_size = sizeof(tx_eval_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
