/* taxamba classify: records in, one row of taxa and confidences per record out. */
#include <stdlib.h>

#include <taxamba/output.h>
#include <taxamba/record.h>

#include "commands.h"
#include "reading.h"
#include "tables.h"

/* How much of an answer by references is written. */
enum { EVIDENCE_BRIEF, EVIDENCE_FULL };

typedef struct classify_options {
  tx_common common;
  tx_reading reading;
  tx_table_settings table;
  char output[TX_TEXT_SIZE];
  int format; /* tx_prediction_format */
  int evidence; /* EVIDENCE_BRIEF or EVIDENCE_FULL */
  double min_confidence;
  bool info;
} classify_options;

#define FIELD(name) offsetof(classify_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "-", "FILE", "Output",
       "Where the rows go; '-' is standard output. A file appears when it is complete. With --table and "
       "without this option there are no rows."},
      {"format", 'f', TX_PARAM_CHOICE, FIELD(format), 0, 0, "tsv", "tsv|jsonl|sintax|qiime2", "Output",
       "A table with a header, one JSON object a line, the tabbed lines of vsearch --sintax, or a taxonomy "
       "of QIIME 2."},
      {"evidence", 0, TX_PARAM_CHOICE, FIELD(evidence), 0, 0, "brief", "brief|full", "Output",
       "With --references: how much of the evidence a row tells. full writes JSON lines with all that was "
       "weighed: the possible answers with their probabilities, and each reference that was compared."},
      {"min-confidence", 'c', TX_PARAM_REAL, FIELD(min_confidence), 0, 1, "0", "P", "Output",
       "Cuts each lineage below the last rank that reaches this probability."},
      {"info", 0, TX_PARAM_FLAG, FIELD(info), 0, 0, "false", NULL, "Model",
       "Prints what the model is and exits; with --format jsonl as one JSON object."},
  };
  classify_options *classify = options;
  out[0].params = tx_reading_params(&out[0].count);
  out[0].object = &classify->reading;
  out[1] = (tx_param_table){params, sizeof params / sizeof *params, classify};
  out[2].params = tx_references_params(&out[2].count);
  out[2].object = &classify->reading;
  out[3].params = tx_columns_params(&out[3].count);
  out[3].object = &classify->reading;
  out[4].params = tx_common_params(&out[4].count);
  out[4].object = &classify->common;
  out[5].params = tx_tables_params(&out[5].count);
  out[5].object = &classify->table;
  return 6;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("model"),
      TX_ALWAYS("references"),
      TX_WITHOUT("look", "info"),
      TX_WITHOUT("error-rate", "info"),
      TX_VALUE("error-rate", "look", "auto|evidence|both"),
      TX_WITHOUT("prior", "info"),
      TX_VALUE("prior", "look", "auto|evidence|both"),
      TX_WITHOUT("precision", "info"),
      TX_WITHOUT("precision", "references"),
      TX_WITHOUT("strand", "info"),
      TX_WITHOUT("offsets", "info"),
      TX_WITHOUT("offsets", "references"),
      TX_WITHOUT("min-bases", "info"),
      TX_WITHOUT("whole-id", "info"),
      TX_WITHOUT("xsize", "info"),
      TX_WITHOUT("id-column", "info"),
      TX_WITHOUT("sequence-column", "info"),
      TX_WITHOUT("where", "info"),
      TX_WITHOUT("skip-bad", "info"),
      TX_WITHOUT("threads", "info"),
      TX_WITHOUT("batch", "info"),
      TX_WITHOUT("duplicates-cache", "info"),
      TX_WITHOUT("output", "info"),
      TX_ALWAYS("format"),
      TX_WITHOUT("evidence", "info"),
      TX_VALUE("evidence", "look", "auto|evidence|both"),
      TX_WITHOUT("min-confidence", "info"),
      TX_WITHOUT("table", "info"),
      TX_WITHOUT("sample-from", "info"),
      TX_WITHOUT("size", "info"),
      TX_TABLES_RULES,
      TX_ALWAYS("info"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* What answers: the model, or the references. */
static tx_status describe(const tx_reading *reading, bool json, char **ret_text, tx_error *error)
{
  tx_model *model = NULL;
  tx_reference_set *references = NULL;
  tx_status status;
  if (reading->references[0]) {
    status = tx_reference_set_open(reading->references, &references, error);
    if (status == TX_OK) status = tx_reference_set_describe(references, json, ret_text, error);
  } else {
    status = tx_model_open(reading->model, &model, error);
    if (status == TX_OK) status = tx_reference_describe_model(model, json, ret_text, error);
  }
  tx_reference_set_free(references);
  tx_model_close(model);
  return status;
}

static tx_status print_info(const tx_call *call, tx_error *error)
{
  const classify_options *options = call->options;
  char *text = NULL;
  tx_status status;
  if (call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE, "'%.200s' is one argument too many: --info reads no sequences",
                       call->operands[0]);
  if (options->reading.references[0] && tx_is_given(call, "model"))
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--model has no effect with --references and --info: leave one of them out");
  if (options->format != TX_FORMAT_TSV && options->format != TX_FORMAT_JSONL)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--format %s has no effect with --info: leave it out or add --format jsonl",
                       options->format == TX_FORMAT_SINTAX ? "sintax" : "qiime2");
  status = describe(&options->reading, options->format == TX_FORMAT_JSONL, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}

/* Checks what --evidence full needs, and sets the format of the rows. */
static tx_status settle_rows(const tx_call *call, const tx_sources *sources, tx_predict_options *predict,
                             tx_prediction_format *ret_format, tx_error *error)
{
  const classify_options *options = call->options;
  *ret_format = (tx_prediction_format)options->format;
  if (options->evidence != EVIDENCE_FULL) return TX_OK;
  if (!sources->references)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--evidence full has no effect, as the network answers: leave it out or add "
                       "--references");
  if (tx_is_given(call, "format") && options->format != TX_FORMAT_JSONL)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--evidence full writes JSON lines: leave --format out, or use --format jsonl");
  *ret_format = TX_FORMAT_EVIDENCE;
  predict->details = true;
  return TX_OK;
}

/* The outputs of a run: rows, tables of taxa, or both. */
typedef struct outputs {
  tx_prediction_writer *opt_rows;
  tx_tables tables;
  bool has_tables;
  const tx_taxonomy *taxonomy;
} outputs;

static tx_status put(void *context, const tx_record *record, const tx_prediction *prediction, tx_error *error)
{
  outputs *out = context;
  const tx_share *shares = NULL;
  size_t count = 0;
  tx_status status = TX_OK;
  if (out->opt_rows) status = tx_prediction_writer_put(out->opt_rows, record, prediction, error);
  if (status != TX_OK || !out->has_tables) return status;
  status = tx_samples_of(out->tables.samples, record, &shares, &count, error);
  if (status != TX_OK) return status;
  return tx_taxon_table_add_prediction(out->tables.sums, out->taxonomy, prediction, shares, count, error);
}

static tx_status flush(void *context, tx_error *error)
{
  outputs *out = context;
  return out->opt_rows ? tx_prediction_writer_flush(out->opt_rows, error) : TX_OK;
}

/* Names the samples of the files, so that one without records has a column too. */
static tx_status add_files(const tx_call *call, tx_samples *samples, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < call->operand_count && status == TX_OK; i++)
    status = tx_samples_add_file(samples, call->operands[i], error);
  return call->operand_count ? status : tx_samples_add_file(samples, "-", error);
}

static tx_status begin_tables(outputs *out, tx_error *error)
{
  const char *ranks[TX_RANKS_MAX];
  const size_t count = tx_taxonomy_rank_count(out->taxonomy);
  for (size_t rank = 0; rank < count; rank++) ranks[rank] = tx_taxonomy_rank_name(out->taxonomy, rank);
  return tx_tables_begin(&out->tables, ranks, count, error);
}

/* Rows of a model that gives sets of taxa. A table of taxa counts a record once, under its lowest taxon. */
static tx_status settle_sets(const tx_call *call, const tx_sources *sources, outputs *out, tx_error *error)
{
  const classify_options *options = call->options;
  if (!tx_sources_give_sets(sources)) return TX_OK;
  if (out->has_tables)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--table counts a record under one taxon, and the model gives sets of taxa: leave it "
                       "out");
  if (options->format != TX_FORMAT_TSV && options->format != TX_FORMAT_JSONL)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--format %s has one lineage for a record, and the model gives sets of taxa: use tsv "
                       "or jsonl", options->format == TX_FORMAT_SINTAX ? "sintax" : "qiime2");
  return out->opt_rows ? tx_prediction_writer_sets(out->opt_rows, error) : TX_OK;
}

static tx_status open_outputs(const tx_call *call, const tx_sources *sources, tx_prediction_format format,
                              outputs *out, tx_error *error)
{
  const classify_options *options = call->options;
  const bool named = tx_is_given(call, "sample-from"), sized = options->table.size;
  tx_status status = TX_OK;
  out->has_tables = options->table.table[0] != '\0';
  out->taxonomy = tx_sources_taxonomy(sources);
  if (out->has_tables || named) {
    status = tx_tables_open(call, &options->table, NULL, &out->tables, error);
    if (status == TX_OK) status = add_files(call, out->tables.samples, error);
  }
  if (status == TX_OK && out->has_tables) status = begin_tables(out, error);
  if (status == TX_OK && out->has_tables) status = settle_sets(call, sources, out, error);
  if (status != TX_OK || (out->has_tables && !tx_is_given(call, "output"))) return status;
  status = tx_prediction_writer_open(options->output, format, out->taxonomy, sources->references,
                                     tx_stop_flag(), &out->opt_rows, error);
  if (status == TX_OK) status = settle_sets(call, sources, out, error);
  if (status == TX_OK)
    tx_prediction_writer_add_columns(out->opt_rows, named ? out->tables.samples : NULL, sized);
  return status;
}

/* Completes rows and tables together. */
static tx_status commit_outputs(outputs *out, tx_error *error)
{
  tx_prediction_writer *rows = out->opt_rows;
  out->opt_rows = NULL;
  return out->has_tables ? tx_tables_commit(&out->tables, rows, error)
                         : tx_prediction_writer_commit(rows, error);
}

static void close_outputs(outputs *out)
{
  tx_prediction_writer_abort(out->opt_rows);
  tx_tables_close(&out->tables);
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const classify_options *options = call->options;
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  tx_labelled *reader = NULL;
  outputs out = {0};
  tx_run_stats stats = {0};
  tx_prediction_format format = TX_FORMAT_TSV;
  tx_watch watch;
  tx_status status;
  if (options->info) return print_info(call, error);
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = tx_reading_open(call, &options->reading, &sources, false, &predict, error);
  if (status == TX_OK) status = settle_rows(call, &sources, &predict, &format, error);
  if (status == TX_OK) status = open_outputs(call, &sources, format, &out, error);
  if (status == TX_OK)
    status = tx_reading_reader(call, &options->reading, sources.model, &predict, &reader, error);
  if (status == TX_OK) {
    predict.min_confidence = options->min_confidence;
    tx_watch_start(&watch, call, out.opt_rows && tx_is_standard_output(options->output), put, flush, &out);
    status = tx_watch_run(&watch, sources.model, &predict, tx_labelled_source, reader, &stats, error);
  }
  if (status == TX_OK) status = commit_outputs(&out, error);
  if (status == TX_OK) tx_reading_provenance(call, &stats);
  if (out.has_tables) status = tx_tables_end(&out.tables, status, error);
  close_outputs(&out);
  tx_labelled_close(reader);
  tx_sources_close(&sources);
  return status;
}

static const tx_example examples[] = {
    {"taxamba classify barcodes.fasta.gz > predictions.tsv", "Classify with the default model, a row per "
        "record:"},
    {"zcat reads.fastq.gz | taxamba classify -m coi.safetensors --strand both -c 0.9 -",
     "In a pipe, reads on either strand, names only where they are at least 90 % sure:"},
    {"taxamba classify -m coi.safetensors --offsets 0 --format jsonl -o out.jsonl a.fasta b.fasta",
     "More accurate and slower, several files, JSON lines:"},
    {"taxamba classify -r references.tx --error-rate 0.05 amplicons.fasta.gz > rows.tsv",
     "By references, with names only as far down as at most 5 % of them are wrong:"},
    {"taxamba classify -r references.tx --evidence full odd.fasta > evidence.jsonl",
     "All that was weighed, a JSON line per record:"},
    {"taxamba classify -m coi.safetensors --info", "What a model is and what it was trained on:"},
    {NULL, NULL},
};

const tx_command tx_classify_command = {
    .name = "classify",
    .summary = "Names the taxon of each barcode, rank by rank, with confidences",
    .operands = "[FILE]...",
    .description =
        "Reads FASTA, FASTQ, BAM, CRAM of reads that are not aligned, or a table of barcodes, plain or "
        "compressed, from the files in their order, or from standard input without a file or for '-'. The "
        "content decides on the format, not the name.\n\n"
        "Writes one row per record in input order. The table has the columns id, then RANK and "
        "RANK_confidence for every rank of the model, then strand (+ or -; . without a call or where the "
        "model reads both as one) and status. The lineage is coherent: it is one path of the taxonomy the "
        "model was trained on. A confidence is the probability of the taxon, rounded down to four decimals "
        "before it is compared with --min-confidence or printed. An uncalled rank is two empty fields. A "
        "record that is too short or has no certain base gets a row all the same: its status is too_short or "
        "no_bases.\n\n"
        "With --references, which taxamba index makes, no model is needed: the references with the most "
        "k-mers in common are aligned with the barcode, and a softmax that was fitted on the references "
        "weighs the known taxa against a new species, a new genus and so on. Eight columns follow: reason "
        "(match: one species has at least half of the probability; ambiguous: several share it; novel: the "
        "taxon of some rank has probably no reference; network: the network of --look both or auto has "
        "decided; network_only: a name has no reference, only the network knows it), novel_rank (the highest "
        "such rank), "
        "novel_probability (of that; without such a rank, of a new species), reference (the nearest), "
        "identity (percent) and aligned (columns) of the alignment with it, runner_up (the nearest other "
        "taxon) and runner_up_identity. A record that is like no reference on either strand has the status "
        "unlike and no taxa.\n\n"
        "Rows before an error in the input reach standard output; a file given by --output only appears when "
        "everything went well. When the reader of standard output goes away the command ends quietly with "
        "exit status 0.",
    .examples = examples,
    .options_size = sizeof(classify_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
