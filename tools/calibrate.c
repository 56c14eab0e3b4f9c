/* taxamba calibrate: references and labelled barcodes in, references with weights fitted on these out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/calibrate.h>

#include "commands.h"
#include "intake.h"

typedef struct calibrate_options {
  tx_common common;
  char references[TX_TEXT_SIZE];
  char model[TX_TEXT_SIZE];
  char output[TX_TEXT_SIZE];
  char split[TX_TEXT_SIZE];
  /* how labelled files are read, by the names that the options have in train */
  char ranks[TX_TEXT_SIZE];
  TX_LABELLED_FIELDS
  uint64_t threads, seed;
} calibrate_options;

#define FIELD(name) offsetof(calibrate_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"references", 'r', TX_PARAM_INPUT, FIELD(references), 0, 0, "", "FILE", "References",
       "References that taxamba index has made. They stay as they are."},
      {"model", 'm', TX_PARAM_MODEL, FIELD(model), 0, 0, "", "FILE", "References",
       "Also fits the weights of its network as a witness of the references (taxamba classify --look both), "
       "and of its taxa that the references lack, if there are any. "
       "Without --references those in this model are calibrated, and a copy of it with them is written. Of a "
       "model without references the copy has another measure of what is unlike its barcodes."},
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
       "Where the calibrated references go. The file appears when it is complete."},
      {"split", 's', TX_PARAM_TEXT, FIELD(split), 0, 0, "", "NAMES", "Data",
       "Split or splits to take, separated by commas. Default: val, when the input has a split column; train "
       "for what is unlike the barcodes of a model."},
      {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Data",
       "Ranks to read, separated by commas, top first. Default: those that the input has."},
      TX_LABELLED_PARAMS(calibrate_options),
      {"threads", 't', TX_PARAM_COUNT, FIELD(threads), 0, 1024, "0", "N", "Run",
       "Threads; 0 for all processors. The result is the same for any number."},
      {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Run",
       "Random seed: where records are cut, which taxa are judged together, which references stand for "
       "unknown barcodes."},
  };
  calibrate_options *calibrate = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, calibrate};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &calibrate->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("references"),
      TX_ALWAYS("model"),
      TX_ALWAYS("output"),
      TX_ALWAYS("split"),
      TX_ALWAYS("ranks"),
      TX_ALWAYS("format"),
      TX_VALUE("taxonomy-file", "format", "auto|taxonomy"),
      TX_ALWAYS("taxdump"),
      TX_ALWAYS("whole-id"),
      TX_ALWAYS("id-column"),
      TX_ALWAYS("sequence-column"),
      TX_ALWAYS("split-column"),
      TX_ALWAYS("where"),
      TX_ALWAYS("missing-names"),
      TX_ALWAYS("skip-bad"),
      TX_ALWAYS("threads"),
      TX_ALWAYS("seed"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* What comes out: of references, or without a set of what is unlike. */
typedef struct calibrate_outcome {
  tx_calibration_report report;
  tx_unlike *unlike;
  tx_unlike_report unlike_report;
} calibrate_outcome;

static tx_status fit(const tx_call *call, tx_reference_set *opt_set, const tx_model *opt_model,
                     calibrate_outcome *outcome, tx_error *error)
{
  const calibrate_options *options = call->options;
  const tx_labelled_options labelled = {TX_LABELLED_SETTINGS(options), .ranks = options->ranks,
                                        .split = options->split, .hooks = tx_input_watch(call)};
  tx_intake intake;
  const tx_calibrate_options own = {
      .threads = (size_t)options->threads,
      .seed = options->seed,
      .usual_split = options->split[0] ? NULL : opt_set ? "val" : "train",
      .model = opt_model,
      .hooks = tx_intake_hooks(&intake),
  };
  tx_status status = tx_intake_open(call, &labelled, opt_set, &intake, error);
  if (status == TX_OK && opt_set)
    status = tx_reference_set_calibrate(opt_set, intake.reader, &own, &outcome->report, error);
  else if (status == TX_OK)
    status = tx_unlike_create(intake.reader, &own, &outcome->unlike, &outcome->unlike_report, error);
  tx_intake_close(&intake);
  return status;
}

/* One row of the table. */
static tx_status print_length(const tx_calibration_length *length, tx_error *error)
{
  const tx_calibration_scores *before = &length->before, *after = &length->after;
  char row[200];
  if (length->scored)
    snprintf(row, sizeof row, "%-6" PRIu32 "  %7" PRIu64 "  %8.4f %8.4f  %8.4f %8.4f  %8.4f %8.4f  %s\n",
             length->length, length->records, before->log_loss, after->log_loss, before->ece, after->ece,
             before->accuracy, after->accuracy, length->fitted ? "fitted" : "kept");
  else
    snprintf(row, sizeof row, "%-6" PRIu32 "  %7" PRIu64 "  %8s %8s  %8s %8s  %8s %8s  kept\n",
             length->length, length->records, "-", "-", "-", "-", "-", "-");
  return tx_print(row, error);
}

/* One row of the table of the network. */
static tx_status print_witness_length(const tx_calibration_length *length, tx_error *error)
{
  const tx_witness_scores *s = &length->witness;
  char row[200];
  if (s->fitted)
    snprintf(row, sizeof row,
             "%-6" PRIu32 "  %7" PRIu64 "  %7" PRIu64 "  %8.4f %8.4f  %8.4f %8.4f  %9" PRIu64 " %8" PRIu64
             "  %s\n",
             length->length, s->records, s->asked, s->log_loss, s->log_loss_with,
             s->log_loss - s->log_loss_with, s->gain_error, s->corrected, s->spoiled,
             s->helps ? "yes" : "no");
  else
    snprintf(row, sizeof row, "%-6" PRIu32 "  %7" PRIu64 "  %7s  %8s %8s  %8s %8s  %9s %8s  -\n",
             length->length, s->records, "-", "-", "-", "-", "-", "-", "-");
  return tx_print(row, error);
}

/* The rows of one length, of taxa that only the network knows. */
static tx_status print_split_length(const tx_calibration_length *length, bool *begun, tx_error *error)
{
  static const char *const places[TX_SPLIT_GROUPS] = {"lowest", "higher", "within"};
  tx_status status = TX_OK;
  for (size_t g = 0; status == TX_OK && g < TX_SPLIT_GROUPS; g++) {
    const tx_split_scores *s = &length->split[g];
    char row[200];
    if (!s->fitted) continue;
    if (!*begun)
      status = tx_print("its taxa that the references lack:\n"
                        "length  place   network  neither   sq.err     with      gain    error  right  "
                        "wrong  helps\n",
                        error);
    *begun = true;
    snprintf(row, sizeof row,
             "%-6" PRIu32 "  %s  %7" PRIu64 "  %7" PRIu64 "  %7.4f  %7.4f  %8.4f %8.4f  %5" PRIu64
             "  %5" PRIu64 "  %s\n",
             length->length, places[g], s->network, s->neither, s->loss, s->loss_with, s->loss - s->loss_with,
             s->gain_error, s->right, s->wrong, s->helps ? "yes" : "no");
    if (status == TX_OK) status = tx_print(row, error);
  }
  return status;
}

/* What the network adds. */
static tx_status print_witness(const tx_calibration_report *report, tx_error *error)
{
  bool begun = false;
  tx_status status = tx_print("the network as a witness:\n"
                              "length  records    asked  log loss     with      gain    error  corrected  "
                              "spoiled  helps\n",
                              error);
  for (size_t i = 0; status == TX_OK && i < report->length_count; i++)
    status = print_witness_length(&report->lengths[i], error);
  for (size_t i = 0; status == TX_OK && i < report->length_count; i++)
    status = print_split_length(&report->lengths[i], &begun, error);
  return status;
}

/* What the records say of the weights before and after. */
static tx_status print_report(const tx_calibration_report *report, bool witness, tx_error *error)
{
  char title[160];
  tx_status status;
  snprintf(title, sizeof title,
           "calibration: %" PRIu64 " records of %" PRIu64 " taxa, each judged without its own taxon\n",
           report->records, report->taxa);
  status = tx_print(title, error);
  if (status == TX_OK)
    status = tx_print("length  records  log loss    after       ECE    after  accuracy    after  weights\n",
                      error);
  for (size_t i = 0; status == TX_OK && i < report->length_count; i++)
    status = print_length(&report->lengths[i], error);
  if (status == TX_OK && witness) status = print_witness(report, error);
  return status == TX_OK ? tx_print_end(error) : status;
}

static tx_status print_unlike(const tx_unlike_report *report, tx_error *error)
{
  char row[160];
  tx_status status;
  snprintf(row, sizeof row,
           "unlike: %" PRIu64 " records; 0.5 %% of them, judged without those of their own of %" PRIu64
           " taxa, are below\n",
           report->records, report->taxa);
  status = tx_print(row, error);
  if (status == TX_OK) status = tx_print("bases  bits a base above chance\n", error);
  for (size_t i = 0; status == TX_OK && i < report->length_count; i++) {
    snprintf(row, sizeof row, "%-5.0f  %.3f\n", report->bases[i], report->thresholds[i]);
    status = tx_print(row, error);
  }
  return status == TX_OK ? tx_print_end(error) : status;
}

/* The model, and the references, which come from it without --references; NULL if it has none. */
static tx_status open_set(const calibrate_options *options, tx_model **ret_model, tx_reference_set **ret_set,
                          tx_error *error)
{
  tx_status status = TX_OK;
  if (!options->references[0] && !options->model[0])
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "there is nothing to calibrate: add --references FILE or --model FILE");
  if (options->model[0]) status = tx_model_open(options->model, ret_model, error);
  if (status == TX_OK && options->references[0])
    return tx_reference_set_open(options->references, ret_set, error);
  return status == TX_OK ? tx_reference_set_of_model(*ret_model, ret_set, error) : status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const calibrate_options *options = call->options;
  calibrate_outcome outcome = {0};
  const tx_calibration_report *report = &outcome.report;
  tx_reference_set *set = NULL;
  tx_model *model = NULL;
  tx_reference_writer *writer = NULL;
  tx_status status;
  if (call->operand_count == 0) return tx_cli_fail(error, TX_ERROR_USAGE, "no file of labelled barcodes");
  if (!options->output[0] || strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "references need a file: add --output FILE");
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = open_set(options, &model, &set, error);
  if (status == TX_OK) status = tx_reference_writer_open(options->output, tx_stop_flag(), &writer, error);
  if (status == TX_OK) status = fit(call, set, model, &outcome, error);
  if (status == TX_OK)
    status = set ? print_report(report, model && tx_reference_set_hears(set, model), error)
                 : print_unlike(&outcome.unlike_report, error);
  if (status == TX_OK) {
    status = !set ? tx_reference_writer_commit_unlike(writer, outcome.unlike, model, error)
             : model && !options->references[0]
                 ? tx_reference_writer_commit_model(writer, set, model, error)
                 : tx_reference_writer_commit(writer, set, error);
    writer = NULL;
  }
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records of %" PRIu64 " taxa",
                  set ? report->records : outcome.unlike_report.records,
                  set ? report->taxa : outcome.unlike_report.taxa);
  tx_unlike_free(outcome.unlike);
  tx_reference_writer_abort(writer);
  tx_reference_set_free(set);
  tx_model_close(model);
  return status;
}

static const tx_example examples[] = {
    {"taxamba calibrate -r coi.tx -o own.tx own.csv", "Weights fitted on labelled barcodes of one's own:"},
    {"taxamba calibrate -m coi.safetensors -o own.safetensors own.csv",
     "Those of the references in a model, and those of its network:"},
    {"taxamba calibrate -r coi.tx -m coi-arthropoda -o own.tx own.csv",
     "With the network of a model as a witness; then: classify -r own.tx -m coi-arthropoda"},
    {"taxamba calibrate -m old.safetensors -o new.safetensors training.csv",
     "A model without references learns what is unlike the barcodes of its training:"},
    {"taxamba index --info own.tx", "What they were fitted with, and whether it helped:"},
    {NULL, NULL},
};

const tx_command tx_calibrate_command = {
    .name = "calibrate",
    .summary = "Refits the weights of references on labelled barcodes of one's own",
    .operands = "FILE...",
    .description =
        "Reads labelled barcodes that are not among the references, in the formats of taxamba train, and "
        "writes the references anew with weights, reliability and thresholds that are fitted on them: whole, "
        "and cut to the lengths that the references have weights for. At least 30 records of 5 taxa are "
        "needed; more than 6,000 are thinned out at random. What is true of a record is the deepest that the "
        "references allow: if its species has none, it is a new species of its genus.\n\n"
        "The fit starts from the weights that the references have, and a penalty keeps it near them. "
        "Held-out "
        "references take part, worth at most 200 records of each kind of answer, and stand alone for the "
        "kinds that the records do not have. The share of each kind stays that of the references.\n\n"
        "The table compares the weights before and after on records whose taxon had no part in the fit (five "
        "folds): log loss, the mean of -ln P of the true answer; ECE, the expected calibration error of the "
        "confidence at the lowest rank; accuracy, the share named right there. At a length where the log "
        "loss "
        "is not lower the weights are kept; with fewer than 30 records nothing changes there.\n\n"
        "With --model a second table tells what its network adds to the references, on the same records, "
        "which it must not have learned: how many it was asked about (those that the references alone do not "
        "decide), the log loss without and with it, the gain with its standard error, and the names that "
        "become right or wrong at the lowest rank at which the references have the true taxon. It helps "
        "where the gain is more than two standard errors: there taxamba classify asks it by itself, "
        "elsewhere with --look both.\n\n"
        "A model without references, given alone, gets another measure of what is unlike its barcodes: the "
        "records should be those that it was trained on, 200 or more with a label, whose taxa are held out "
        "in turn. taxamba classify gives no name to what is below the thresholds (status unlike); taxamba "
        "train fits them by itself.\n\n"
        "Records are left out, and a note counts them, that resemble no reference, that contradict the "
        "references, or that lack a label which decides whether their taxon is known. Barcodes that equal a "
        "reference are counted too: if they are the same records, the confidences become too high.",
    .examples = examples,
    .options_size = sizeof(calibrate_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
