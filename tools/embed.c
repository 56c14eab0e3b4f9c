/* taxamba embed: records in, one vector per record out. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/output.h>
#include <taxamba/record.h>
#include <taxamba/vectors.h>

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
  char modality[TX_TEXT_SIZE], vectors[TX_TEXT_SIZE], vector_ids[TX_TEXT_SIZE];
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
      {"modality", 0, TX_PARAM_TEXT, FIELD(modality), 0, 0, "", "NAME", "Shared space",
       "Writes places in the space that the model shares with other modalities (taxamba train --objective "
       "align): dna embeds the records there, another name projects the rows of --vectors, without records."},
      {"vectors", 0, TX_PARAM_INPUT, FIELD(vectors), 0, 0, "", "FILE", "Shared space",
       "A NumPy array (n, width) of vectors of --modality. Where it has no finite number a row becomes NaN."},
      {"vector-ids", 0, TX_PARAM_INPUT, FIELD(vector_ids), 0, 0, "", "FILE", "Shared space",
       "Ids of its rows, one a line. Default: the name of the array and '.ids'."},
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
      TX_ALWAYS("modality"),
      TX_WITH("vectors", "modality"),
      TX_WITH("vector-ids", "vectors"),
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

static bool is_dna(const embed_options *options)
{
  return strcmp(options->modality, TX_MODALITY_DNA) == 0;
}

static tx_status settle(void *given, tx_error *error)
{
  embed_options *options = given;
  if (options->modality[0] && !is_dna(options) && !options->vectors[0])
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--modality %.100s needs the vectors to project: --vectors FILE.npy",
                       options->modality);
  if (options->vectors[0] && is_dna(options))
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--vectors are of another modality than dna: name it by --modality");
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

/* Projects the rows of the modality. */
static tx_status project_rows(const embed_options *options, const tx_model *model, const tx_vectors *vectors,
                              tx_embedding_writer *writer, tx_error *error)
{
  const size_t modality = tx_model_modality(model, options->modality), width = tx_model_shared_width(model);
  float *place = calloc(width + 1, sizeof *place);
  tx_status status = place ? TX_OK : tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for a vector");
  for (size_t i = 0; i < tx_vectors_rows(vectors, 0) && status == TX_OK; i++) {
    const char *id = tx_vectors_id(vectors, 0, i);
    const float *vector = tx_vectors_row(vectors, 0, i);
    double square = 0;
    if (vector) tx_model_project(model, modality, vector, place);
    for (size_t d = 0; d < width; d++) square += (double)place[d] * (double)place[d];
    for (size_t d = 0; d < width && options->normalize && square > 0; d++)
      place[d] = (float)((double)place[d] / sqrt(square));
    status = tx_embedding_writer_add(writer, id, strlen(id), vector ? place : NULL, error);
  }
  free(place);
  return status;
}

static tx_status check_modality(const embed_options *options, const tx_model *model,
                                const tx_vectors *opt_vectors, tx_error *error)
{
  const size_t modality = tx_model_modality(model, options->modality);
  if (!tx_model_shared_width(model))
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--modality: the model has no space that it shares with other modalities; train it "
                       "with --objective align");
  if (!opt_vectors) return TX_OK;
  if (modality == tx_model_modalities(model))
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--modality: the model has no modality '%.100s'; its first is '%s'",
                       options->modality, tx_model_modality_name(model, 0));
  if (tx_vectors_modalities(opt_vectors) != 1)
    return tx_cli_fail(error, TX_ERROR_USAGE, "--vectors: the arrays of one modality have one name");
  if (tx_vectors_width(opt_vectors, 0) != tx_model_modality_width(model, modality))
    return tx_cli_fail(error, TX_ERROR_DATA, "--vectors: rows of %zu numbers, those of the model have %zu",
                       tx_vectors_width(opt_vectors, 0), tx_model_modality_width(model, modality));
  return TX_OK;
}

static tx_status run_vectors(const tx_call *call, tx_error *error)
{
  const embed_options *options = call->options;
  const tx_input_hooks hooks = tx_input_watch(call);
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  tx_vectors *vectors = NULL;
  tx_embedding_writer *writer = NULL;
  tx_status status;
  if (call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE, "'%.200s' is one argument too many: the input is --vectors",
                       call->operands[0]);
  status = tx_reading_open(call, &options->reading, &sources, true, &predict, error);
  if (status == TX_OK)
    status = tx_vectors_read(options->vectors, options->vector_ids, &hooks, &vectors, error);
  if (status == TX_OK) status = check_modality(options, sources.model, vectors, error);
  if (status == TX_OK)
    status = tx_embedding_writer_open(options->output, options->ids, embedding_format(options),
                                      tx_model_shared_width(sources.model), tx_stop_flag(), &writer, error);
  if (status == TX_OK) status = project_rows(options, sources.model, vectors, writer, error);
  if (status == TX_OK) {
    status = tx_embedding_writer_commit(writer, error);
    writer = NULL;
  }
  if (status == TX_OK) tx_provenance(call, "%zu vectors", tx_vectors_rows(vectors, 0));
  tx_embedding_writer_abort(writer);
  tx_vectors_free(vectors);
  tx_sources_close(&sources);
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const embed_options *options = call->options;
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  tx_labelled *reader = NULL;
  tx_embedding_writer *writer = NULL;
  tx_run_stats stats = {0};
  tx_watch watch;
  tx_status status;
  if (options->vectors[0]) return run_vectors(call, error);
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = tx_reading_open(call, &options->reading, &sources, true, &predict, error);
  if (status == TX_OK && options->modality[0])
    status = check_modality(options, sources.model, NULL, error);
  if (status == TX_OK)
    status = tx_embedding_writer_open(options->output, options->ids, embedding_format(options),
                                      is_dna(options) ? tx_model_shared_width(sources.model)
                                                      : tx_model_width(sources.model),
                                      tx_stop_flag(), &writer, error);
  if (status == TX_OK)
    status = tx_reading_reader(call, &options->reading, sources.model, &predict, &reader, error);
  if (status == TX_OK) {
    predict.classify = false;
    predict.embed = true;
    predict.normalise = options->normalize;
    predict.shared = is_dna(options);
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
    {"taxamba embed -m aligned.safetensors --modality image --vectors image.npy -o places.npy",
     "Vectors of images in the space that a model shares with them:"},
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
                   "Records stream through: memory does not grow with their number.\n\n"
                   "A model of taxamba train --objective align has a space that the DNA shares with vectors "
                   "of other modalities: --modality writes the places of barcodes, or of such vectors, in "
                   "it.",
    .examples = examples,
    .options_size = sizeof(embed_options),
    .tables = tables,
    .rules = rules,
    .settle = settle,
    .run = run,
};
