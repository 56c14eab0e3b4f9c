/* taxamba train: labelled barcodes in, a model file out. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/train.h>

#include "commands.h"
#include "paths.h"

typedef struct train_options {
  tx_common common;
  tx_train_config config;
  char output[TX_TEXT_SIZE];
  char config_file[TX_TEXT_SIZE];
  char log[TX_TEXT_SIZE];
  bool resume;
  bool overwrite;
  bool print_config;
} train_options;

#define FIELD(name) offsetof(train_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE|.checkpoint|.lock", "Files",
       "The model to write. Until the run is complete its state is kept in FILE.checkpoint."},
      {"resume", 0, TX_PARAM_FLAG, FIELD(resume), 0, 0, "false", NULL, "Files",
       "Continues from FILE.checkpoint to the same bytes as an uninterrupted run. Inputs and settings must "
       "be the same."},
      {"overwrite", 0, TX_PARAM_FLAG, FIELD(overwrite), 0, 0, "false", NULL, "Files",
       "Gives up FILE.checkpoint of an unfinished run. Without this or --resume a run does not start where "
       "there is one."},
      {"config", 0, TX_PARAM_INPUT, FIELD(config_file), 0, 0, "", "FILE", "Files",
       "Reads settings from a JSON object whose keys are the long options; the command line overrides it "
       "wherever it stands."},
      {"log", 0, TX_PARAM_OUTPUT, FIELD(log), 0, 0, "", "FILE", "Files",
       "One JSON object a line for every epoch and event. Default: the output's name and '.jsonl'."},
      {"print-config", 0, TX_PARAM_FLAG, FIELD(print_config), 0, 0, "false", NULL, "Files",
       "Prints the settings in force as JSON, which --config reads, and exits."},
  };
  train_options *train = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, train};
  out[1].params = tx_train_params(&out[1].count);
  out[1].object = &train->config;
  out[2].params = tx_common_params(&out[2].count);
  out[2].object = &train->common;
  return 3;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      /* The library has those of the settings. --print-config shows what a whole command would do, so that
         nothing is wrong beside it. */
      TX_ALWAYS("output"),
      TX_ALWAYS("resume"),
      TX_ALWAYS("overwrite"),
      TX_ALWAYS("config"),
      TX_ALWAYS("log"),
      TX_ALWAYS("print-config"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* What the configuration file says. */
static tx_status read_config(train_options *train, const char *text, size_t length, tx_error *error)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  return tx_param_read_json(params, count, &train->config, train->config_file, text, length, error);
}

static tx_status defaults(train_options *train, tx_error *error)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  return tx_param_defaults(params, count, &train->config, error);
}

/* Settings in the order of their force: defaults, the model of --init, the configuration file, the command
   line (which is read again afterwards). The file may name the model, so that it is read twice. */
static tx_status configure(void *options, tx_error *error)
{
  train_options *train = options;
  size_t length = 0;
  char *text = NULL, *init = calloc(1, TX_TEXT_SIZE);
  tx_status status =
      init ? TX_OK : tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the configuration");
  if (status == TX_OK) memcpy(init, train->config.init, TX_TEXT_SIZE);
  if (status == TX_OK && train->config_file[0]) {
    status = tx_param_read_file(train->config_file, tx_stop_flag(), &text, &length, error);
    if (status == TX_OK) status = defaults(train, error);
    if (status == TX_OK) status = read_config(train, text, length, error);
    if (status == TX_OK && !init[0]) memcpy(init, train->config.init, TX_TEXT_SIZE);
  }
  if (status == TX_OK && init[0]) {
    status = defaults(train, error);
    if (status == TX_OK) status = tx_train_config_take(init, &train->config, error);
    if (status == TX_OK && length) status = read_config(train, text, length, error);
  }
  free(text);
  free(init);
  return status;
}

static tx_status print_config(const train_options *options, tx_error *error)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  char *text = NULL;
  tx_status status = tx_param_write_json(params, count, &options->config, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print("\n", error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}

typedef struct train_view {
  const tx_call *call;
  tx_progress progress;
  uint64_t records;
  double seconds;
} train_view;

static void duration(double seconds, char *text, size_t size)
{
  double minutes = floor(seconds / 60);
  if (!(seconds >= 0 && seconds < 3.2e7))
    snprintf(text, size, "unknown");
  else if (minutes >= 60)
    snprintf(text, size, "%.0f h %02.0f min", floor(minutes / 60), fmod(minutes, 60));
  else if (minutes >= 1)
    snprintf(text, size, "%.0f min %02.0f s", minutes, fmod(seconds, 60));
  else
    snprintf(text, size, "%.0f s", seconds);
}

static void show_progress(void *context, const tx_train_progress *progress)
{
  train_view *view = context;
  char left[64];
  view->records = progress->records;
  view->seconds = progress->seconds;
  duration(progress->seconds_left, left, sizeof left);
  if (progress->epoch_end) {
    char metric[80] = ""; /* the validation loss is in the line anyway */
    if (strcmp(progress->metric_name, "loss") != 0)
      snprintf(metric, sizeof metric, ", %.50s %.4f", progress->metric_name, progress->metric);
    tx_progress_line(&view->progress,
                     "epoch %" PRIu64 "/%" PRIu64
                     ": loss %.4f, validation loss %.4f%s (best %.4f in epoch %" PRIu64
                     "), %.1f sequences/s, %s left",
                     progress->epoch, progress->epochs, progress->loss, progress->valid_loss, metric,
                     progress->best_metric, progress->best_epoch, progress->records_per_second, left);
  } else if (tx_progress_due(&view->progress)) {
    tx_progress_show(&view->progress,
                     "epoch %" PRIu64 "/%" PRIu64 ", step %" PRIu64 "/%" PRIu64
                     ": loss %.4f, %.1f sequences/s, %s left",
                     progress->epoch, progress->epochs, progress->step, progress->steps, progress->loss,
                     progress->records_per_second, left);
  }
}

static void show_message(void *context, const char *line)
{
  train_view *view = context;
  tx_progress_clear(&view->progress);
  tx_message(view->call, line);
}

static tx_status settle(void *given, tx_error *error)
{
  train_options *options = given;
  return options->log[0] || !options->output[0]
             ? TX_OK
             : tx_derive_name(options->log, options->output, ".jsonl", error);
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const train_options *options = call->options;
  train_view view = {.call = call};
  tx_train_hooks hooks = {show_progress, show_message, &view, tx_stop_flag()};
  tx_train_files files = {.inputs = call->operands,
                          .input_count = call->operand_count,
                          .output = options->output,
                          .log = options->log,
                          .command = call->line,
                          .resume = options->resume,
                          .overwrite = options->overwrite,
                          .given = call->given->names,
                          .given_count = call->given->count};
  tx_status status;
  if (options->print_config) return print_config(options, error);
  if (call->operand_count == 0) return tx_cli_fail(error, TX_ERROR_USAGE, "no file to train on");
  if (!options->output[0] || strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "a model needs a file: add --output FILE.safetensors");
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status != TX_OK) return status;
  tx_progress_start(&view.progress, call, false, 30);
  status = tx_train(&options->config, &files, &hooks, error);
  tx_progress_clear(&view.progress);
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records trained, %.1f sequences/s", view.records,
                  view.seconds > 0 ? (double)view.records / view.seconds : 0.0);
  return status;
}

static const tx_example examples[] = {
    {"taxamba train -o coi.safetensors metadata.csv.gz", "A BIOSCAN-5M table: trains on split train, "
                                                         "chooses the best epoch on split val:"},
    {"taxamba train -o its.safetensors --ranks family,genus,species --epochs 60 unite.fasta.gz",
     "FASTA with UNITE headers, three ranks, more epochs:"},
    {"taxamba train -o 16s.safetensors --taxonomy-file taxonomy.tsv sequences.fasta",
     "FASTA and a QIIME 2 taxonomy:"},
    {"taxamba train --print-config --d-model 384 > settings.json", "The settings in force, for a later run "
                                                                   "with --config settings.json:"},
    {"taxamba train -o encoder.safetensors --objective next-token --split pretrain,train metadata.csv.gz",
     "Pretrain an encoder on all sequences, labelled or not:"},
    {"taxamba train -o coi.safetensors --init encoder.safetensors metadata.csv.gz",
     "Train on the labels from there:"},
    {"taxamba train -o coi.safetensors --resume metadata.csv.gz", "Go on after an interruption:"},
    {NULL, NULL},
};

/* What --help shows: the options that most runs need. */
static const char *const usual[] = {
    "output", "resume",        "overwrite",  "config",    "objective", "init",    "ranks",   "taxonomy-file",
    "split",  "valid-split",   "valid-file", "tokenizer", "max-bases", "d-model", "n-layer", "epochs",
    "batch",  "learning-rate", "patience",   "seed",      "threads",   "quiet",   NULL};

const tx_command tx_train_command = {
    .usual = usual,
    .name = "train",
    .summary = "Trains a model on labelled barcodes",
    .operands = "FILE...",
    .description = "Reads labelled barcodes: a BIOSCAN-5M metadata table, any CSV or TSV with named "
                   "columns, FASTA with lineages in the headers (UNITE, SINTAX, SILVA, MIDORI2 and others), "
                   "or FASTA with a QIIME 2 taxonomy. Ranks are data: any number, any names. A record "
                   "without a label at a rank counts at the others.\n\n"
                   "Trains with KL-SOAP or another optimiser, a warm-up and a cosine, measures the "
                   "validation records after every epoch, keeps the model of the best epoch, and stops when "
                   "it no longer improves. The model file holds weights, settings, taxonomy and "
                   "provenance.\n\n"
                   "--objective next-token, masked or masked-autoencoder pretrains an encoder on any "
                   "sequences, FASTA, FASTQ or a table, without looking at labels. The model that comes out "
                   "has no ranks: it embeds, and --init starts another training from its encoder.\n\n"
                   "SIGINT (Ctrl-C), SIGTERM, SIGHUP and the warnings of batch systems, SIGUSR1 and SIGXCPU, "
                   "save a checkpoint and end with exit status 130; --resume then goes on to the same bytes "
                   "as a run that was never interrupted. One training at a time writes an output "
                   "(FILE.lock): a second one ends with exit status 1 and names the first. A loss that is "
                   "not finite ends the run with exit status 5 and keeps the last good checkpoint.",
    .examples = examples,
    .options_size = sizeof(train_options),
    .tables = tables,
    .rules = rules,
    .library_rules = tx_train_rules,
    .configure = configure,
    .settle = settle,
    .run = run,
};
