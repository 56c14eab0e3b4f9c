/* taxamba report: one HTML file from results. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <taxamba/labelled.h>
#include <taxamba/model.h>
#include <taxamba/report.h>

#include "commands.h"
#include "paths.h"

typedef struct report_options {
  tx_common common;
  char output[TX_TEXT_SIZE], json[TX_TEXT_SIZE], tsv[TX_TEXT_SIZE];
  char title[TX_TEXT_SIZE], name[TX_TEXT_SIZE], rank[TX_TEXT_SIZE];
  double min_confidence;
  char truth[TX_TEXT_SIZE], split[TX_TEXT_SIZE], known[TX_TEXT_SIZE], known_split[TX_TEXT_SIZE];
  char audit[TX_TEXT_SIZE], barcodes[TX_TEXT_SIZE];
  char sample_from[TX_TEXT_SIZE];
  bool size;
  uint64_t shortest, longest;
  char series[TX_TEXT_SIZE], model[TX_TEXT_SIZE];
  TX_LABELLED_FIELDS
} report_options;

#define FIELD(name) offsetof(report_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output", "The page (HTML)."},
      {"json", 0, TX_PARAM_OUTPUT, FIELD(json), 0, 0, "", "FILE", "Output",
       "Writes the numbers of all figures as one JSON object, with the command and the inputs."},
      {"tsv", 0, TX_PARAM_TEXT, FIELD(tsv), 0, 0, "", "DIR", "Output",
       "Writes the numbers of each figure to a file FIGURE.tsv in this folder, which is made if it is not "
       "there."},
      {"title", 0, TX_PARAM_TEXT, FIELD(title), 0, 0, "Taxamba report", "TEXT", "Output", "The heading."},
      {"name", 0, TX_PARAM_LIST, FIELD(name), 0, 0, "", "NAME", "Output",
       "The name of the series of an input; given several times, of the first, the second, ... Default: its "
       "file name."},
      {"series", 0, TX_PARAM_TEXT, FIELD(series), 0, 0, "", "NAME", "Output",
       "The predictions whose confusions and taxonomy are shown, by the name of their series. Default: the "
       "first."},
      {"rank", 0, TX_PARAM_TEXT, FIELD(rank), 0, 0, "", "RANK", "Output",
       "The rank of figures that show one. Default: the lowest."},
      {"min-confidence", 'c', TX_PARAM_REAL, FIELD(min_confidence), 0, 1, "0", "P", "Samples",
       "Cuts each lineage of predictions below the last rank that reaches this probability."},
      {"size", 0, TX_PARAM_FLAG, FIELD(size), 0, 0, "false", NULL, "Samples",
       "Counts a record of predictions as its column size, or ;size=N of its id, says, instead of as one."},
      {"sample-from", 0, TX_PARAM_INPUT, FIELD(sample_from), 0, 0, "", "file|id|FILE", "Samples",
       "What names the sample of a record, as for taxamba classify. Default: its column sample, else the "
       "name "
       "of the file."},
      {"barcodes", 0, TX_PARAM_INPUT, FIELD(barcodes), 0, 0, "", "FILE", "Samples",
       "The sequences of the predictions, for their lengths, matched by id."},
      {"shortest", 0, TX_PARAM_COUNT, FIELD(shortest), 0, 1e9, "0", "N", "Samples",
       "The shortest length that the answers are meant for."},
      {"longest", 0, TX_PARAM_COUNT, FIELD(longest), 0, 1e9, "0", "N", "Samples",
       "The longest such length. Default: the settings of the training, by --model, else by a training log "
       "among the inputs, if there is one."},
      {"model", 'm', TX_PARAM_MODEL, FIELD(model), 0, 0, "", "FILE", "Samples",
       "The model that made the predictions, or the name of a shipped one: the lengths of records that its "
       "training has shown it are those that the answers are meant for."},
      {"truth", 't', TX_PARAM_INPUT, FIELD(truth), 0, 0, "", "FILE", "Truth",
       "Labelled records that predictions are compared with, by id: for risk, lengths, sizes of classes, new "
       "taxa, confusions and the taxonomy by accuracy. Predictions without any record in it are a sample."},
      {"split", 's', TX_PARAM_TEXT, FIELD(split), 0, 0, "", "NAMES", "Truth",
       "Split or splits of the truth; each of their records without a prediction counts as no call. Default: "
       "the records that have a prediction."},
      {"known", 0, TX_PARAM_INPUT, FIELD(known), 0, 0, "", "FILE", "Truth",
       "The labelled records that the classifier was made from. Default: --known-split of --truth."},
      {"known-split", 0, TX_PARAM_TEXT, FIELD(known_split), 0, 0, "train", "NAMES", "Truth",
       "Split or splits of those records; of --known all records, if it has no splits."},
      {"audit", 0, TX_PARAM_INPUT, FIELD(audit), 0, 0, "", "FILE", "Truth",
       "What taxamba index --audit has written: confusions of these records are marked."},
  };
  static const tx_param truth_params[] = {TX_LABELLED_PARAMS(report_options)};
  report_options *report = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, report};
  out[1] = (tx_param_table){truth_params, sizeof truth_params / sizeof *truth_params, report};
  out[2].params = tx_common_params(&out[2].count);
  out[2].object = &report->common;
  return 3;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("output"),
      TX_ALWAYS("json"),
      TX_ALWAYS("tsv"),
      TX_ALWAYS("title"),
      TX_ALWAYS("name"),
      TX_WITH("series", "truth"),
      TX_ALWAYS("rank"),
      TX_ALWAYS("min-confidence"),
      TX_ALWAYS("size"),
      TX_ALWAYS("sample-from"),
      TX_ALWAYS("barcodes"),
      TX_WITH("shortest", "longest"),
      TX_ALWAYS("longest"),
      TX_WITHOUT("model", "longest"),
      TX_ALWAYS("truth"),
      TX_WITH("split", "truth"),
      TX_WITH("known", "truth"),
      TX_WITH("known-split", "truth"),
      TX_WITH("audit", "truth"),
      TX_WITH("format", "truth"),
      TX_WITH("taxonomy-file", "truth"),
      TX_WITH("taxdump", "truth"),
      TX_WITH("whole-id", "truth"),
      TX_WITH("id-column", "truth"),
      TX_WITH("sequence-column", "truth"),
      TX_WITH("split-column", "truth"),
      TX_WITH("where", "truth"),
      TX_WITH("missing-names", "truth"),
      TX_WITH("skip-bad", "truth"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_status add_inputs(const tx_call *call, tx_result_report *report, tx_error *error)
{
  const report_options *options = call->options;
  const char *names = options->name;
  tx_status status = TX_OK;
  for (size_t i = 0; i < call->operand_count && status == TX_OK; i++) {
    const size_t length = strcspn(names, "\n");
    char name[TX_TEXT_SIZE];
    snprintf(name, sizeof name, "%.*s", (int)length, names);
    names += length + (names[length] == '\n');
    status = tx_report_add(report, call->operands[i], name, error);
  }
  if (status == TX_OK && *names)
    status = tx_cli_fail(error, TX_ERROR_USAGE, "there are more --name than inputs");
  return status;
}

static tx_truth_input truth_of(const tx_call *call, const char *const *path, const char *split)
{
  const report_options *options = call->options;
  return (tx_truth_input){.paths = path,
                          .count = 1,
                          .labelled = {TX_LABELLED_SETTINGS(options), .split = split, .sequences_optional = 1,
                                       .hooks = tx_input_watch(call)}};
}

static tx_status score(const tx_call *call, tx_result_report *report, tx_error *error)
{
  const report_options *options = call->options;
  const char *truth_path = options->truth, *known_path = options->known;
  const tx_truth_input truth = truth_of(call, &truth_path, options->split);
  tx_truth_input known = truth_of(call, &known_path, NULL);
  known.usual_split = options->known_split;
  return tx_report_score(report, &truth, known_path[0] ? &known : NULL, options->known_split, error);
}

/* Makes the folder of the tables, and checks that none of them is an input. */
static tx_status check_tables(const tx_call *call, const tx_result_report *report, tx_error *error)
{
  const report_options *options = call->options;
  const size_t count = tx_report_figure_count(report);
  char(*paths)[TX_TEXT_SIZE + 64] = calloc(count + 1, sizeof *paths);
  const char **list = calloc(count + 1, sizeof *list);
  tx_more_outputs more = {"tsv", list, count};
  tx_status status = TX_OK;
  if (!paths || !list) status = tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the names of files");
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    snprintf(paths[i], sizeof paths[i], "%s/%s.tsv", options->tsv, tx_report_figure_name(report, i));
    list[i] = paths[i];
  }
  if (status == TX_OK && mkdir(options->tsv, 0777) && errno != EEXIST)
    status = tx_cli_fail(error, TX_ERROR_IO, "%s: cannot make the folder: %s", options->tsv, strerror(errno));
  if (status == TX_OK) status = tx_check_outputs(call, &more, error);
  free(paths);
  free(list);
  return status;
}

/* The lengths that a model was trained on. */
static tx_status take_lengths(const tx_call *call, tx_result_report *report, tx_error *error)
{
  const report_options *options = call->options;
  size_t shortest, longest;
  tx_model *model;
  tx_status status = tx_model_open(options->model, &model, error);
  if (status != TX_OK) return status;
  if (tx_model_trained_lengths(model, &shortest, &longest))
    status = tx_report_set_good_lengths(report, shortest, longest, "the training of the model", error);
  else
    tx_note(call, "%s does not tell the lengths that it was trained on", options->model);
  tx_model_close(model);
  return status;
}

static tx_status make(const tx_call *call, tx_result_report *report, tx_error *error)
{
  const report_options *options = call->options;
  const tx_report_files files = {options->output, options->json, options->tsv, tx_stop_flag()};
  tx_status status = add_inputs(call, report, error);
  if (status == TX_OK && options->longest)
    status = tx_report_set_good_lengths(report, (size_t)options->shortest, (size_t)options->longest,
                                        "as asked for", error);
  else if (status == TX_OK && options->model[0])
    status = take_lengths(call, report, error);
  if (status == TX_OK && options->audit[0]) status = tx_report_add_audit(report, options->audit, error);
  if (status == TX_OK && options->barcodes[0])
    status = tx_report_add_lengths(report, options->barcodes, error);
  if (status == TX_OK && options->truth[0]) status = score(call, report, error);
  if (status == TX_OK) status = tx_report_finish(report, error);
  if (status == TX_OK && options->tsv[0]) status = check_tables(call, report, error);
  return status == TX_OK ? tx_report_write(report, &files, error) : status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const report_options *options = call->options;
  const tx_report_options settings = {.title = options->title,
                                      .command = call->line,
                                      .rank = options->rank,
                                      .series = options->series,
                                      .min_confidence = options->min_confidence,
                                      .size = options->size,
                                      .sample_from = options->sample_from,
                                      .hooks = tx_input_watch(call)};
  tx_result_report *report = NULL;
  tx_status status;
  if (call->operand_count == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "no input: give results of taxamba eval, cluster, classify or train");
  if (!options->output[0] && !options->json[0] && !options->tsv[0])
    return tx_cli_fail(error, TX_ERROR_USAGE, "no output: add --output FILE, --json FILE or --tsv DIR");
  status = tx_report_create(&settings, &report, error);
  if (status == TX_OK) status = make(call, report, error);
  if (status == TX_OK)
    tx_provenance(call, "%zu figures from %zu files", tx_report_figure_count(report), call->operand_count);
  tx_report_free(report);
  return status;
}

static const tx_example examples[] = {
    {"taxamba report -o out.html --name test --name unseen test.json unseen.json train.log.jsonl",
     "Two evaluations side by side, and the training:"},
    {"taxamba report -o out.html -t table.csv --audit audit.tsv predictions.tsv",
     "Predictions against their truth, with confusions and curves:"},
    {"taxamba report -o sample.html --size --rank family --barcodes reads.fasta.gz rows.tsv",
     "A classified sample:"},
    {"taxamba report -o map.html --tsv numbers vectors.npy clusters.tsv scores.json",
     "A clustering, with the numbers of its figures as tables:"},
    {NULL, NULL},
};

const tx_command tx_report_command = {
    .name = "report",
    .summary = "Draws results as one HTML file",
    .operands = "-o FILE INPUT...",
    .description =
        "Reads results and draws them as a page that needs nothing else: no script, no font, no connection. "
        "It "
        "follows the light or dark colours of the system, can be printed, and has the numbers of every "
        "figure "
        "as a table.\n\n"
        "Inputs are recognised by their content: JSON of taxamba eval, scores (JSON or table) and clusters "
        "of "
        "taxamba cluster, the log of taxamba train, predictions of taxamba classify (table or JSON lines) "
        "and of "
        "other classifiers, and NumPy arrays with their names in FILE.npy.ids. Each evaluation is a "
        "series.\n\n"
        "Predictions are a sample: taxa per sample, lengths, records to look at, and the share of records "
        "that "
        "are like no reference. With --truth they are compared with labelled records instead. Intervals are "
        "those of the evaluation, else Wilson's (1927), 95 %.",
    .examples = examples,
    .options_size = sizeof(report_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
