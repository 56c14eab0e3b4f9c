/* taxamba traits: a number measured on specimens, predicted from their embeddings; agreement of two
   measurements. */
#include <stdlib.h>
#include <string.h>

#include <taxamba/trait_study.h>
#include <taxamba/traits.h>

#include "commands.h"
#include "paths.h"
#include "reading.h"

typedef struct traits_options {
  tx_common common;
  tx_reading reading;
  char traits[TX_TEXT_SIZE], column[TX_TEXT_SIZE], agreement[TX_TEXT_SIZE];
  char specimen_column[TX_TEXT_SIZE], structure_column[TX_TEXT_SIZE], value_column[TX_TEXT_SIZE];
  char annotator_column[TX_TEXT_SIZE], taxon_column[TX_TEXT_SIZE], split_column[TX_TEXT_SIZE];
  char embeddings[TX_TEXT_SIZE], ids[TX_TEXT_SIZE];
  char labels[TX_TEXT_SIZE], rank[TX_TEXT_SIZE], missing_names[TX_TEXT_SIZE];
  char output[TX_TEXT_SIZE], scores[TX_TEXT_SIZE];
  int split, transform, scale, leave, level;
  double unseen, tolerance;
  uint64_t seed, bootstrap;
  bool zero_missing, head, json;
} traits_options;

#define FIELD(name) offsetof(traits_options, name)

static const tx_param table_params[] = {
    {"traits", 0, TX_PARAM_INPUT, FIELD(traits), 0, 0, "", "FILE", "Traits",
     "Table (CSV or TSV) of measurements, a row for each specimen, or for each measurement with "
     "--structure-column. A field that is empty, NA, NaN, null, none or - is no value. A value that stands "
     "in two rows of a specimen counts once; different ones are not used, and counted."},
    {"column", 0, TX_PARAM_TEXT, FIELD(column), 0, 0, "", "LIST", "Traits",
     "Columns to predict, separated by commas. A+B is the mean of those of the two that have a value."},
    {"agreement", 0, TX_PARAM_TEXT, FIELD(agreement), 0, 0, "", "A,B", "Traits",
     "Compares two columns instead, those of two annotators for instance: RMSE, MAE, R2 with the second as "
     "the truth, bias, limits of agreement. Nothing is predicted, and no model is needed."},
    {"specimen-column", 0, TX_PARAM_TEXT, FIELD(specimen_column), 0, 0, "", "NAME", "Traits",
     "Column of --traits with the names of the specimens, those of the records. Default: individualID, else "
     "combinedID, processid, sampleid or id, else the first column."},
    {"structure-column", 0, TX_PARAM_TEXT, FIELD(structure_column), 0, 0, "", "NAME", "Traits",
     "Says that --traits is a long table, with a row for each measurement: the column that tells what was "
     "measured, whose values are then named instead of columns."},
    {"value-column", 0, TX_PARAM_TEXT, FIELD(value_column), 0, 0, "", "NAME", "Traits",
     "Column of the number in a long table. Default: value, else dist_cm."},
    {"annotator-column", 0, TX_PARAM_TEXT, FIELD(annotator_column), 0, 0, "", "NAME", "Traits",
     "Column of a long table that tells who measured. Length@NAME is then the number of one annotator, "
     "Length the mean of those who measured the specimen."},
    {"taxon-column", 0, TX_PARAM_TEXT, FIELD(taxon_column), 0, 0, "", "NAME", "Traits",
     "Column of --traits with the species, where there is no --labels. Default: scientificName, else species "
     "or taxon, if there is one."},
    {"zero-missing", 0, TX_PARAM_FLAG, FIELD(zero_missing), 0, 0, "false", NULL, "Traits",
     "A 0 stands for 'not measured', as in NEON's table of Hawaii."},
};

static const tx_param own_params[] = {
    {"embeddings", 'e', TX_PARAM_INPUT, FIELD(embeddings), 0, 0, "", "FILE", "Input",
     "Vectors instead of barcodes: a NumPy array (.npy) of float32 or float64, a row for each record, as "
     "taxamba embed writes it."},
    {"ids", 0, TX_PARAM_INPUT, FIELD(ids), 0, 0, "", "FILE", "Input",
     "The names of the rows of --embeddings, one a line. Default: the name of that file and '.ids'."},
    {"labels", 'l', TX_PARAM_INPUT, FIELD(labels), 0, 0, "", "FILE", "Labels",
     "Taxa and splits of the records, in the formats of taxamba train, matched by the names of the records. "
     "It may be the file of the barcodes. Without it they come from --traits."},
    {"rank", 0, TX_PARAM_TEXT, FIELD(rank), 0, 0, "", "LIST", "Labels",
     "Ranks of --labels to use, separated by commas, top first: a taxon of the last is seen or unseen. "
     "Default: all that the labels have."},
    TX_MISSING_NAMES_PARAM(traits_options, "Labels"),
    {"split", 0, TX_PARAM_CHOICE, FIELD(split), 0, 0, "auto", "auto|column|random", "Groups",
     "Which records are for training, calibration and the test: column takes train, val (or calibration), "
     "test and test_unseen of the split column; random draws 60, 20 and 20 % by --seed, and keeps the taxa "
     "of --unseen wholly for the test. auto is column where there is one."},
    {"split-column", 0, TX_PARAM_TEXT, FIELD(split_column), 0, 0, "", "NAME", "Groups",
     "Column of the splits in --labels, or without them in --traits. Default: split."},
    {"unseen", 0, TX_PARAM_REAL, FIELD(unseen), 0, 0.9, "0.1", "P", "Groups",
     "Share of the taxa that random groups keep for the test."},
    {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Groups",
     "Random seed of the groups and of the bootstrap."},
    {"head", 0, TX_PARAM_FLAG, FIELD(head), 0, 0, "false", NULL, "Regression",
     "The model's own heads of these columns predict (taxamba train --traits), instead of a regression. The "
     "records for training are then only the mean that the scores are compared with."},
    {"transform", 0, TX_PARAM_CHOICE, FIELD(transform), 0, 0, "none", "none|log", "Regression",
     "log predicts the logarithm of the trait: errors and intervals are then relative. Scores are in the "
     "unit of the trait; records whose value is not above 0 are left out."},
    {"scale", 0, TX_PARAM_CHOICE, FIELD(scale), 0, 0, "none", "none|zscore", "Regression",
     "zscore divides each column of the vectors by its standard deviation in the training."},
    {"leave", 0, TX_PARAM_CHOICE, FIELD(leave), 0, 0, "record", "record|taxon", "Regression",
     "What is left out at a time to choose the penalty: one record, or all records of a taxon, which is what "
     "predictions for new species need."},
    {"tolerance", 0, TX_PARAM_REAL, FIELD(tolerance), 0, 1e300, "0.1", "T", "Output",
     "Error below which a prediction counts as close, in the unit of the trait (0.1 cm is 1 mm)."},
    {"level", 0, TX_PARAM_CHOICE, FIELD(level), 0, 0, "90", "80|90|95|99", "Output",
     "Level in percent of the intervals of the rows, and of the mean width."},
    {"bootstrap", 0, TX_PARAM_COUNT, FIELD(bootstrap), 0, 1000000, "1000", "N", "Output",
     "Gives the scores 95 % intervals from N resamples of the taxa of the test; 0 gives none."},
    {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
     "Writes a row for each record and trait: id, trait, predicted, low, high, measured, split. '-' is "
     "standard output."},
    {"scores", 0, TX_PARAM_OUTPUT, FIELD(scores), 0, 0, "-", "FILE", "Output",
     "Where the scores go; '-' is standard output."},
    {"json", 'j', TX_PARAM_FLAG, FIELD(json), 0, 0, "false", NULL, "Output",
     "Writes the scores as one JSON object instead of text."},
};

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  traits_options *traits = options;
  out[0] = (tx_param_table){table_params, sizeof table_params / sizeof *table_params, traits};
  out[1] = (tx_param_table){own_params, sizeof own_params / sizeof *own_params, traits};
  out[2].params = tx_reading_params(&out[2].count);
  out[2].object = &traits->reading;
  out[3].params = tx_columns_params(&out[3].count);
  out[3].object = &traits->reading;
  out[4].params = tx_common_params(&out[4].count);
  out[4].object = &traits->common;
  return 5;
}

/* A parameter of predictions, and one of barcodes that are embedded. */
#define PREDICTING(name) TX_WITHOUT(name, "agreement")
#define EMBEDDING(name) PREDICTING(name), TX_WITHOUT(name, "embeddings")

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("traits"),
      PREDICTING("column"),
      TX_ALWAYS("agreement"),
      TX_ALWAYS("specimen-column"),
      TX_ALWAYS("structure-column"),
      TX_WITH("value-column", "structure-column"),
      TX_WITH("annotator-column", "structure-column"),
      PREDICTING("taxon-column"),
      TX_WITHOUT("taxon-column", "labels"),
      TX_ALWAYS("zero-missing"),
      PREDICTING("embeddings"),
      TX_WITH("ids", "embeddings"),
      PREDICTING("labels"),
      TX_WITH("rank", "labels"),
      TX_WITH("missing-names", "labels"),
      PREDICTING("split"),
      PREDICTING("split-column"),
      TX_VALUE("split-column", "split", "auto|column"),
      PREDICTING("unseen"),
      TX_VALUE("unseen", "split", "auto|random"),
      PREDICTING("seed"),
      EMBEDDING("head"),
      PREDICTING("transform"),
      TX_WITHOUT("transform", "head"),
      PREDICTING("scale"),
      TX_WITHOUT("scale", "head"),
      PREDICTING("leave"),
      TX_WITHOUT("leave", "head"),
      TX_ALWAYS("tolerance"),
      PREDICTING("level"),
      PREDICTING("bootstrap"),
      PREDICTING("output"),
      TX_ALWAYS("scores"),
      TX_ALWAYS("json"),
      EMBEDDING("model"),
      EMBEDDING("precision"),
      EMBEDDING("strand"),
      EMBEDDING("offsets"),
      EMBEDDING("min-bases"),
      EMBEDDING("threads"),
      EMBEDDING("batch"),
      EMBEDDING("duplicates-cache"),
      EMBEDDING("whole-id"),
      EMBEDDING("xsize"),
      PREDICTING("id-column"),
      EMBEDDING("sequence-column"),
      EMBEDDING("where"),
      EMBEDDING("skip-bad"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_status settle(void *given, tx_error *error)
{
  traits_options *options = given;
  return options->embeddings[0] && !options->ids[0]
             ? tx_derive_name(options->ids, options->embeddings, ".ids", error)
             : TX_OK;
}

static tx_status check(const tx_call *call, tx_error *error)
{
  const traits_options *options = call->options;
  if (!options->traits[0])
    return tx_cli_fail(error, TX_ERROR_USAGE, "there are no measurements: add --traits FILE");
  if (!options->column[0] && !options->agreement[0])
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "no trait is named: add --column NAME, or --agreement A,B to compare two columns");
  if ((options->embeddings[0] || options->agreement[0]) && call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "'%.200s' is one argument too many: with %s no barcodes are read", call->operands[0],
                       options->agreement[0] ? "--agreement" : "--embeddings");
  if (strcmp(options->output, "-") == 0 && strcmp(options->scores, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "rows and scores cannot both go to standard output: name a file by --output or "
                       "--scores");
  return TX_OK;
}

static tx_status read_traits(const tx_call *call, tx_traits **ret_traits, tx_error *error)
{
  const traits_options *options = call->options;
  const bool compares = options->agreement[0];
  const tx_traits_options reading = {.columns = compares ? options->agreement : options->column,
                                     .id_column = options->specimen_column,
                                     .structure_column = options->structure_column,
                                     .value_column = options->value_column,
                                     .annotator_column = options->annotator_column,
                                     .taxon_column = options->taxon_column,
                                     .split_column = options->labels[0] ? "" : options->split_column,
                                     .zero_missing = options->zero_missing,
                                     .hooks = tx_input_watch(call)};
  tx_traits_counts counts;
  const tx_status status = tx_traits_read(options->traits, &reading, ret_traits, error);
  if (status != TX_OK) return status;
  counts = tx_traits_count_rows(*ret_traits);
  tx_note(call, "traits: %zu rows of %zu specimens, %zu values repeated%s", counts.rows,
          tx_traits_specimens(*ret_traits), counts.repeated,
          options->zero_missing ? ", zeros are no values" : "");
  if (counts.conflicts)
    tx_warn(call,
            "%zu specimens have different values in several rows, which are not used; the first is '%.200s'",
            counts.conflicts, counts.conflict);
  if (compares && tx_traits_count(*ret_traits) != 2)
    return tx_cli_fail(error, TX_ERROR_USAGE, "--agreement: %zu columns instead of two, separated by a comma",
                       tx_traits_count(*ret_traits));
  return TX_OK;
}

static tx_status embed_barcodes(const tx_call *call, tx_sources *sources, tx_trait_records **ret_records,
                                tx_error *error)
{
  const traits_options *options = call->options;
  tx_predict_options predict;
  tx_labelled *reader = NULL;
  tx_run_stats stats = {0};
  tx_watch watch;
  tx_status status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = tx_reading_open(call, &options->reading, sources, true, &predict, error);
  if (status == TX_OK) /* --id-column may be that of the labels */
    status = (options->labels[0] ? tx_reading_records : tx_reading_reader)(
        call, &options->reading, sources->model, &predict, &reader, error);
  if (status == TX_OK) status = tx_trait_records_create(sources->model, ret_records, error);
  if (status == TX_OK) {
    predict.classify = true; /* the mean of the called taxon is a baseline */
    predict.embed = true;
    tx_watch_start(&watch, call, false, tx_trait_records_put, NULL, *ret_records);
    status = tx_watch_run(&watch, sources->model, &predict, tx_labelled_source, reader, &stats, error);
  }
  tx_labelled_close(reader);
  return status;
}

static tx_status read_records(const tx_call *call, tx_sources *sources, tx_trait_records **ret_records,
                              tx_error *error)
{
  const traits_options *options = call->options;
  const tx_input_hooks hooks = tx_input_watch(call);
  const tx_labelled_options labelled = {.ranks = options->rank,
                                        .id_column = options->reading.id_column,
                                        .split_column = options->split_column,
                                        .missing_names = options->missing_names,
                                        .sequences_optional = 1,
                                        .ids = {options->reading.whole_id, options->reading.xsize},
                                        .hooks = tx_input_watch(call)};
  tx_points *points = NULL;
  tx_status status;
  if (options->embeddings[0]) {
    status = tx_points_read(options->embeddings, options->ids, &hooks, &points, error);
    if (status == TX_OK) status = tx_trait_records_of_points(points, ret_records, error);
  } else {
    status = embed_barcodes(call, sources, ret_records, error);
  }
  if (status == TX_OK && options->labels[0])
    status = tx_trait_records_label(*ret_records, options->labels, &labelled, error);
  return status;
}

static void tell_join(const tx_call *call, const tx_trait_study *study)
{
  const tx_trait_join join = tx_trait_study_join(study);
  tx_note(call,
          "%zu records with a vector, %zu of them without a measurement; %zu specimens of the table have no "
          "record",
          join.records, join.without_value, join.without_record);
  if (join.repeated_records)
    tx_warn(call, "%zu records have the name of an earlier one and are not used", join.repeated_records);
}

static tx_status study_traits(const tx_call *call, const tx_trait_records *records, const tx_traits *traits,
                              tx_error *error)
{
  const traits_options *options = call->options;
  tx_trait_study_options settings;
  tx_trait_study *study = NULL;
  tx_status status;
  tx_trait_study_defaults(&settings);
  settings.splitting = (tx_trait_splitting)options->split;
  settings.seed = options->seed;
  settings.unseen_share = options->unseen;
  settings.heads = options->head;
  settings.log = options->transform == 1;
  settings.leave_taxa = options->leave == 1;
  settings.zscore = options->scale == 1;
  settings.tolerance = options->tolerance;
  settings.level = tx_trait_level((size_t)options->level);
  settings.resamples = (size_t)options->bootstrap;
  settings.stop = tx_stop_flag();
  status = tx_trait_study_run(records, traits, &settings, &study, error);
  if (status == TX_OK) tell_join(call, study);
  /* What goes to standard output comes first: where it cannot be written, no file has been replaced. */
  for (int files = 0; files < 2; files++) {
    if (status == TX_OK && (strcmp(options->scores, "-") != 0) == files)
      status = tx_trait_study_report(study, options->json, options->scores, error);
    if (status == TX_OK && options->output[0] && (strcmp(options->output, "-") != 0) == files)
      status = tx_trait_study_rows(study, options->output, error);
  }
  tx_trait_study_free(study);
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const traits_options *options = call->options;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  tx_trait_records *records = NULL;
  tx_traits *traits = NULL;
  tx_status status = check(call, error);
  if (status == TX_OK) status = read_traits(call, &traits, error);
  if (status == TX_OK && options->agreement[0]) {
    const tx_agreement_options report = {options->tolerance, options->json, options->scores, tx_stop_flag()};
    status = tx_agreement_report(traits, 0, 1, &report, error);
  } else {
    if (status == TX_OK) status = read_records(call, &sources, &records, error);
    if (status == TX_OK) status = study_traits(call, records, traits, error);
  }
  if (status == TX_OK)
    tx_provenance(call, "%zu traits of %zu specimens", tx_traits_count(traits), tx_traits_specimens(traits));
  tx_trait_records_free(records);
  tx_traits_free(traits);
  tx_sources_close(&sources);
  return status;
}

static const tx_example examples[] = {
    {"taxamba traits -m coi.safetensors --traits t.tsv --column cm_elytra_max_length -l t.csv t.csv",
     "How well barcodes tell the length of beetles, for species of the training and for others:"},
    {"taxamba traits -e v.npy --traits t.tsv --column cm_elytra_max_length -o rows.tsv --scores s.txt",
     "The same from vectors, with a row for each record, also for those without a measurement:"},
    {"taxamba traits --traits measurements.csv --agreement AnnotatorA_length,AnnotatorB_length",
     "How two annotators agree:"},
    {"taxamba traits --traits b.csv --structure-column part --annotator-column who --agreement L@A,L@B",
     "The same in a table with a row for each measurement:"},
    {NULL, NULL},
};

const tx_command tx_traits_command = {
    .name = "traits",
    .summary = "Predicts measurements of specimens from their barcodes, with intervals",
    .operands = "[FILE]...",
    .description =
        "Reads barcodes like taxamba embed, or the vectors of --embeddings, and a table of measurements. "
        "Records and specimens are joined by their exact names. A ridge regression of each trait on the "
        "embeddings is fitted to the records for training; its penalty is the one of 10^-3 to 10^4 with the "
        "least leave-one-out error.\n\n"
        "Intervals are split-conformal: as wide as the errors on the records for calibration, which training "
        "did not use, demand. On average over such splits they hold at their level for records that are like "
        "those of the calibration. Records of new species are not: seen and unseen taxa are scored apart.\n\n"
        "Prints for each trait and set RMSE, MAE, R2, bias, the share within --tolerance, coverage and width "
        "of the intervals, and the RMSE of simpler answers: the mean of the training, the mean of the given "
        "taxon, and the mean of the taxon that the model calls (of the lowest rank with training records). A "
        "gain is the RMSE of a simpler answer less that of the prediction: above 0 the prediction is better.",
    .examples = examples,
    .options_size = sizeof(traits_options),
    .tables = tables,
    .rules = rules,
    .settle = settle,
    .run = run,
};
