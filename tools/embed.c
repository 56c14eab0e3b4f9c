/* taxamba embed: records in, one vector per record out. */
#include <string.h>

#include <taxamba/output.h>
#include <taxamba/record.h>

#include "commands.h"
#include "paths.h"
#include "reading.h"

typedef struct embed_options {
  tx_common common;
  tx_reading reading;
  char output[TX_TEXT_SIZE];
  char ids[TX_TEXT_SIZE];
  int format;
  bool normalize;
} embed_options;

enum { FORMAT_AUTO, FORMAT_NPY, FORMAT_TSV };

#define FIELD(name) offsetof(embed_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "-", "FILE", "Output",
       "Where the vectors go; '-' is standard output. A file appears when it is complete."},
      {"ids", 0, TX_PARAM_OUTPUT, FIELD(ids), 0, 0, "", "FILE", "Output",
       "With npy: the names of the records, one a line in the order of the rows. Default: the output's name "
       "and '.ids'."},
      {"format", 'f', TX_PARAM_CHOICE, FIELD(format), 0, 0, "auto", "auto|npy|tsv", "Output",
       "A NumPy array (n, width) of float32, or lines of the name and the numbers separated by tabs; auto is "
       "npy into a file and tsv on standard output."},
      {"normalize", 'n', TX_PARAM_FLAG, FIELD(normalize), 0, 0, "false", NULL, "Output",
       "Scales each vector to length 1, so that a dot product is a cosine."},
  };
  embed_options *embed = options;
  out[0].params = tx_reading_params(&out[0].count);
  out[0].object = &embed->reading;
  out[1] = (tx_param_table){params, sizeof params / sizeof *params, embed};
  out[2].params = tx_columns_params(&out[2].count);
  out[2].object = &embed->reading;
  out[3].params = tx_common_params(&out[3].count);
  out[3].object = &embed->common;
  return 4;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("model"),
      TX_ALWAYS("precision"),
      TX_ALWAYS("strand"),
      TX_ALWAYS("offsets"),
      TX_ALWAYS("min-bases"),
      TX_ALWAYS("whole-id"),
      TX_ALWAYS("xsize"),
      TX_ALWAYS("id-column"),
      TX_ALWAYS("sequence-column"),
      TX_ALWAYS("where"),
      TX_ALWAYS("skip-bad"),
      TX_ALWAYS("threads"),
      TX_ALWAYS("batch"),
      TX_ALWAYS("duplicates-cache"),
      TX_ALWAYS("output"),
      TX_VALUE("ids", "format", "npy|auto"),
      TX_WITH("ids", "output"),
      TX_ALWAYS("format"),
      TX_ALWAYS("normalize"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_embedding_format embedding_format(const embed_options *options)
{
  return options->format == FORMAT_NPY ||
                 (options->format == FORMAT_AUTO && !tx_is_standard_output(options->output))
             ? TX_EMBEDDING_NPY
             : TX_EMBEDDING_TSV;
}

static tx_status settle(void *given, tx_error *error)
{
  embed_options *options = given;
  if (embedding_format(options) == TX_EMBEDDING_TSV)
    return options->ids[0] ? tx_cli_fail(error, TX_ERROR_USAGE,
                                         "--ids goes with the npy format: lines of tsv begin with the name")
                           : TX_OK;
  if (tx_is_standard_output(options->output))
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "the npy format needs a file (its header holds the number of rows): add --output "
                       "FILE, or use --format tsv");
  return options->ids[0] ? TX_OK : tx_derive_name(options->ids, options->output, ".ids", error);
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const embed_options *options = call->options;
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL};
  tx_labelled *reader = NULL;
  tx_embedding_writer *writer = NULL;
  tx_run_stats stats = {0};
  tx_watch watch;
  tx_status status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = tx_reading_open(call, &options->reading, &sources, true, &predict, error);
  if (status == TX_OK)
    status = tx_embedding_writer_open(options->output, options->ids, embedding_format(options),
                                      tx_model_width(sources.model), tx_stop_flag(), &writer, error);
  if (status == TX_OK)
    status = tx_reading_reader(call, &options->reading, sources.model, &predict, &reader, error);
  if (status == TX_OK) {
    predict.classify = false;
    predict.embed = true;
    predict.normalise = options->normalize;
    tx_watch_start(&watch, call, tx_is_standard_output(options->output), tx_embedding_writer_put,
                   tx_embedding_writer_flush, writer);
    status = tx_watch_run(&watch, sources.model, &predict, tx_labelled_source, reader, &stats, error);
  }
  if (status == TX_OK) {
    status = tx_embedding_writer_commit(writer, error);
    writer = NULL;
  }
  if (status == TX_OK) tx_reading_provenance(call, &stats);
  tx_embedding_writer_abort(writer);
  tx_labelled_close(reader);
  tx_sources_close(&sources);
  return status;
}

static const tx_example examples[] = {
    {"taxamba embed -m coi.safetensors -o barcodes.npy barcodes.fasta.gz", "A NumPy array and "
                                                                           "barcodes.npy.ids beside it:"},
    {"taxamba embed -m coi.safetensors --normalize - < barcodes.fasta | cut -f 1-4",
     "Vectors of length 1 as text in a pipe:"},
    {NULL, NULL},
};

const tx_command tx_embed_command = {
    .name = "embed",
    .summary = "Turns each barcode into a vector of numbers",
    .operands = "[FILE]...",
    .description = "Reads FASTA, FASTQ, BAM, CRAM of reads that are not aligned, or a table of barcodes, "
                   "plain or compressed, from the files in their order, or from standard input without a "
                   "file or for '-'. The content decides on the format, not the name.\n\n"
                   "Writes the embedding of each record in input order: the mean over its tokens of what the "
                   "encoder puts out. Barcodes of one taxon lie close together, also when the model has "
                   "never seen the taxon. A record that is too short or has no certain base becomes a row of "
                   "NaN, so that rows and names always correspond.\n\n"
                   "Records stream through: memory does not grow with their number.",
    .examples = examples,
    .options_size = sizeof(embed_options),
    .tables = tables,
    .rules = rules,
    .settle = settle,
    .run = run,
};
