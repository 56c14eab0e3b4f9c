/* taxamba sources: two sources of labels, their disagreements, and what speaks for either side. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/head_reader.h>
#include <taxamba/label_evidence.h>
#include <taxamba/label_sources.h>
#include <taxamba/predict.h>
#include <taxamba/runtime.h>

#include "commands.h"

typedef struct sources_options {
  tx_common common;
  char ranks[TX_TEXT_SIZE];
  char id_column[TX_TEXT_SIZE], sequence_column[TX_TEXT_SIZE];
  char where[TX_TEXT_SIZE], missing_names[TX_TEXT_SIZE];
  char prefixes[TX_LABEL_SIDES][TX_TEXT_SIZE], suffixes[TX_LABEL_SIDES][TX_TEXT_SIZE];
  int trust; /* tx_label_side */
  bool alone;
  char sequences[TX_TEXT_SIZE];
  char model[TX_TEXT_SIZE];
  char references[TX_TEXT_SIZE];
  uint64_t threads;
  char output[TX_TEXT_SIZE];
  int format; /* tx_label_format */
} sources_options;

#define FIELD(name) offsetof(sources_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"trust", 0, TX_PARAM_CHOICE, FIELD(trust), 0, 0, "second", "first|second", "Labels",
       "Whose label stands where both have one."},
      {"trusted-only", 0, TX_PARAM_FLAG, FIELD(alone), 0, 0, "false", NULL, "Labels",
       "The label of the other source never stands, also where it is the only one: for taxamba train "
       "--second-labels, which gives it a weight of its own."},
      {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Labels",
       "Columns that are read as ranks, separated by commas, top first. Default: the usual ranks that are "
       "columns, else NEON's scientificName and taxonRank."},
      {"first-prefix", 0, TX_PARAM_TEXT, FIELD(prefixes[TX_LABEL_FIRST]), 0, 0, "", "TEXT", "Labels",
       "What the names of the first source's columns of labels begin with, as 'expert_' in expert_genus."},
      {"first-suffix", 0, TX_PARAM_TEXT, FIELD(suffixes[TX_LABEL_FIRST]), 0, 0, "", "TEXT", "Labels",
       "What they end with."},
      {"second-prefix", 0, TX_PARAM_TEXT, FIELD(prefixes[TX_LABEL_SECOND]), 0, 0, "", "TEXT", "Labels",
       "What the names of the second source's columns of labels begin with."},
      {"second-suffix", 0, TX_PARAM_TEXT, FIELD(suffixes[TX_LABEL_SECOND]), 0, 0, "", "TEXT", "Labels",
       "What they end with."},
      {"id-column", 0, TX_PARAM_TEXT, FIELD(id_column), 0, 0, "", "NAME", "Data",
       "Column of the ids of the individuals, by which the sources are joined. Default: individualID, else "
       "processid, process_id, id, seqid or sampleid, else the first column."},
      {"sequence-column", 0, TX_PARAM_TEXT, FIELD(sequence_column), 0, 0, "", "NAME", "Data",
       "Column of the sequences, if the tables have them. Default: dna_barcode, else sequence, nucleotides, "
       "nuc or nucraw."},
      TX_WHERE_PARAM(sources_options),
      TX_MISSING_NAMES_PARAM(sources_options, "Data"),
      {"sequences", 0, TX_PARAM_INPUT, FIELD(sequences), 0, 0, "", "FILE", "Evidence",
       "Sequences of the individuals by their ids: FASTA, FASTQ, BAM, CRAM or a table."},
      {"model", 'm', TX_PARAM_MODEL, FIELD(model), 0, 0, "", "FILE", "Evidence",
       "A model: the probability that its heads give to either name, and the nearest embedding among the "
       "individuals whose sources agree."},
      {"references", 'r', TX_PARAM_INPUT, FIELD(references), 0, 0, "", "FILE", "Evidence",
       "References that taxamba index has made: the fitted probability of either name, and the identity of "
       "the best alignment with a reference of either name."},
      {"threads", 't', TX_PARAM_COUNT, FIELD(threads), 0, 1024, "0", "N", "Running",
       "Threads; 0 is one for each processor. The results do not depend on it."},
      {"format", 'f', TX_PARAM_CHOICE, FIELD(format), 0, 0, "summary", "summary|tsv|jsonl", "Output",
       "What goes to standard output: counts of agreement and evidence, a row per individual, or a JSON "
       "object per individual and one with the counts."},
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
       "Writes a table of the labels that stand, which taxamba train and index read. ID_status says whose "
       "label it is; other_RANK are the names of the other source."},
  };
  sources_options *sources = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, sources};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &sources->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("trust"),         TX_ALWAYS("trusted-only"),  TX_ALWAYS("ranks"),
      TX_ALWAYS("first-prefix"),  TX_ALWAYS("first-suffix"),  TX_ALWAYS("second-prefix"),
      TX_ALWAYS("second-suffix"), TX_ALWAYS("id-column"),     TX_ALWAYS("sequence-column"),
      TX_ALWAYS("where"),         TX_ALWAYS("missing-names"), TX_ALWAYS("sequences"),
      TX_ALWAYS("model"),         TX_ALWAYS("references"),    TX_ALWAYS("threads"),
      TX_ALWAYS("format"),        TX_ALWAYS("output"),        TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* What is read, and the evidence made of it. */
typedef struct work {
  tx_label_sources *labels;
  tx_label_evidence *evidence; /* NULL: none is asked for */
  tx_model *model;
  tx_reference_set *references;
  tx_head_reader *heads;
} work;

static void close_work(work *own)
{
  tx_head_reader_free(own->heads);
  tx_label_evidence_free(own->evidence);
  tx_label_sources_free(own->labels);
  tx_reference_set_free(own->references);
  tx_model_close(own->model);
}

static tx_status read_labels(const tx_call *call, work *own, tx_error *error)
{
  const sources_options *options = call->options;
  tx_label_table given[TX_LABEL_SIDES];
  for (size_t side = 0; side < TX_LABEL_SIDES; side++)
    given[side] = (tx_label_table){.path = call->operands[call->operand_count > 1 ? side : 0],
                                   .ranks = options->ranks,
                                   .id_column = options->id_column,
                                   .sequence_column = options->sequence_column,
                                   .prefix = options->prefixes[side],
                                   .suffix = options->suffixes[side],
                                   .where = options->where,
                                   .missing_names = options->missing_names,
                                   .hooks = tx_input_watch(call)};
  return tx_label_sources_read(given, &own->labels, error);
}

static tx_status read_sequences(const tx_call *call, work *own, tx_error *error)
{
  const sources_options *options = call->options;
  const char *const paths[] = {options->sequences};
  const tx_labelled_options labelled = {.unlabelled = 1,
                                        .id_column = options->id_column,
                                        .sequence_column = options->sequence_column,
                                        .hooks = tx_input_watch(call)};
  tx_labelled *reader = NULL;
  uint64_t unknown = 0;
  tx_status status;
  if (!options->sequences[0]) return TX_OK;
  status = tx_labelled_open(paths, 1, &labelled, &reader, error);
  if (status == TX_OK) status = tx_label_sources_add_sequences(own->labels, reader, &unknown, error);
  if (status == TX_OK && unknown)
    tx_note(call, "%" PRIu64 " sequences of '%s' are of no individual of the tables", unknown,
            options->sequences);
  tx_labelled_close(reader);
  return status;
}

/* Takes the embedding of an individual, and where its sources differ what the heads say of it, on the strand
   that was read. */
static tx_status put_network(void *context, const tx_record *record, const tx_prediction *prediction,
                             tx_error *error)
{
  work *own = context;
  const size_t individual = tx_label_evidence_individual(record);
  const double *const *probabilities = NULL;
  tx_status status = tx_label_evidence_add_embedding(
      own->evidence, individual, tx_prediction_embedding(prediction), tx_model_width(own->model), error);
  if (status != TX_OK || tx_prediction_status(prediction) != TX_RECORD_OK || !own->heads ||
      tx_label_sources_differing_rank(own->labels, individual) < 0)
    return status;
  status = tx_head_reader_read(own->heads, record->bases, record->base_count,
                               tx_prediction_strand(prediction) == '-', &probabilities, error);
  if (status != TX_OK || !probabilities) return status;
  return tx_label_evidence_add_heads(own->evidence, individual, tx_model_taxonomy(own->model), probabilities,
                                     error);
}

static tx_status put_answer(void *context, const tx_record *record, const tx_prediction *prediction,
                            tx_error *error)
{
  work *own = context;
  return tx_label_evidence_add_answer(own->evidence, tx_label_evidence_individual(record), own->references,
                                      prediction, error);
}

static tx_status weigh_network(work *own, tx_predict_options *predict, tx_error *error)
{
  const tx_predict_steps steps = {tx_label_evidence_source, own->evidence, put_network, NULL, own};
  const bool named = tx_taxonomy_rank_count(tx_model_taxonomy(own->model)) > 0;
  tx_status status = TX_OK;
  predict->embed = true;
  predict->classify = named;
  if (named) status = tx_head_reader_create(own->model, predict, &own->heads, error);
  tx_label_evidence_start(own->evidence, true);
  if (status == TX_OK) status = tx_predict(own->model, predict, &steps, NULL, error);
  return status == TX_OK ? tx_label_evidence_find_neighbours(own->evidence, predict->stop, error) : status;
}

static tx_status weigh_references(work *own, tx_predict_options *predict, tx_error *error)
{
  const tx_predict_steps steps = {tx_label_evidence_source, own->evidence, put_answer, NULL, own};
  predict->references = own->references;
  predict->details = true;
  tx_label_evidence_start(own->evidence, false);
  return tx_predict(NULL, predict, &steps, NULL, error);
}

static tx_status weigh(const tx_call *call, work *own, tx_error *error)
{
  const sources_options *options = call->options;
  const size_t threads = options->threads ? (size_t)options->threads : tx_processors();
  tx_predict_options predict;
  size_t without = 0;
  tx_status status = TX_OK;
  if (!options->model[0] && !options->references[0]) return TX_OK;
  for (size_t i = 0; i < tx_label_sources_count(own->labels); i++)
    without +=
        tx_label_sources_differing_rank(own->labels, i) >= 0 && !tx_label_sources_sequence(own->labels, i);
  if (without) tx_note(call, "%zu individuals whose sources differ have no sequence", without);
  if (options->model[0]) status = tx_model_open(options->model, &own->model, error);
  if (status == TX_OK && options->references[0])
    status = tx_reference_set_open(options->references, &own->references, error);
  if (status == TX_OK) status = tx_label_evidence_create(own->labels, &own->evidence, error);
  for (int kind = 0; kind < 2 && status == TX_OK; kind++) {
    tx_predict_defaults(&predict);
    predict.threads = threads;
    predict.stop = tx_stop_flag();
    if (kind == 0 && own->model) status = weigh_network(own, &predict, error);
    if (kind == 1 && own->references) status = weigh_references(own, &predict, error);
  }
  return status;
}

static tx_label_trust trust_of(const sources_options *options)
{
  return (tx_label_trust){(tx_label_side)options->trust, options->alone};
}

static tx_status print_report(const tx_call *call, const work *own, tx_error *error)
{
  const sources_options *options = call->options;
  char *text = NULL;
  tx_status status = tx_label_sources_report(own->labels, own->evidence, trust_of(options),
                                             (tx_label_format)options->format, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}

static tx_status write_table(const tx_call *call, const work *own, tx_error *error)
{
  const sources_options *options = call->options;
  uint64_t labelled = 0;
  tx_status status;
  if (!options->output[0]) return TX_OK;
  status = tx_label_sources_write(own->labels, trust_of(options), options->output, tx_stop_flag(), &labelled,
                                  error);
  if (status == TX_OK)
    tx_note(call, "%s: %" PRIu64 " of %zu individuals have a label that stands", options->output, labelled,
            tx_label_sources_count(own->labels));
  return status;
}

static tx_status check(const tx_call *call, tx_error *error)
{
  const sources_options *options = call->options;
  const bool same_columns =
      strcmp(options->prefixes[TX_LABEL_FIRST], options->prefixes[TX_LABEL_SECOND]) == 0 &&
      strcmp(options->suffixes[TX_LABEL_FIRST], options->suffixes[TX_LABEL_SECOND]) == 0;
  if (call->operand_count == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "no table of labels: give one for each source");
  if (call->operand_count > TX_LABEL_SIDES)
    return tx_cli_fail(error, TX_ERROR_USAGE, "'%.200s' is one table too many: there are two sources",
                       call->operands[TX_LABEL_SIDES]);
  if (call->operand_count == 1 && same_columns)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "one table has two sources only where their columns have other names: add "
                       "--second-prefix or --second-suffix, or a second table");
  if (call->operand_count == 1 && strcmp(call->operands[0], "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "a table with both sources is read twice: give a file");
  if (strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "the report goes to standard output: give --output a file for the labels");
  return tx_check_inputs(call->operands, call->operand_count, error);
}

static tx_status run(const tx_call *call, tx_error *error)
{
  work own = {0};
  tx_status status = check(call, error);
  if (status == TX_OK) status = read_labels(call, &own, error);
  if (status == TX_OK) status = read_sequences(call, &own, error);
  if (status == TX_OK) status = weigh(call, &own, error);
  /* What goes to standard output comes first: where it cannot be written, no file has been replaced. */
  if (status == TX_OK) status = print_report(call, &own, error);
  if (status == TX_OK) status = write_table(call, &own, error);
  if (status == TX_OK) tx_provenance(call, "%zu individuals", tx_label_sources_count(own.labels));
  close_work(&own);
  return status;
}

static const tx_example examples[] = {
    {"taxamba sources bet_parataxonomistID.csv bet_expertTaxonomistIDProcessed.csv",
     "How well NEON's parataxonomists and experts agree:"},
    {"taxamba sources -f tsv --sequences barcodes.fasta -m coi.safetensors -r refs.tx field.csv museum.csv",
     "What the network and the references say where the two differ:"},
    {"taxamba sources --trust first --second-suffix _field -o labels.tsv specimens.csv",
     "Two sets of columns in one table; the labels that stand, for a training:"},
    {NULL, NULL},
};

const tx_command tx_sources_command = {
    .name = "sources",
    .summary = "Compares two sources of labels, and weighs their disagreements",
    .operands = "FIRST [SECOND]",
    .description =
        "Reads the labels of individuals from two sources, tables with columns of ranks or in NEON's layout "
        "(scientificName, taxonRank, identificationQualifier, morphospeciesID), or one table with two sets "
        "of columns. It says of each individual how they stand to each other: agree; genus agrees, and "
        "another name below it; compatible, the same names, but one stops at a higher rank; disagree; no "
        "common rank; first only; second only; neither; or that a source conflicts with itself, and then "
        "nothing is used. It counts that, and at each rank the names that are the same, with Cohen's "
        "kappa.\n\n"
        "Labels are never merged silently: --trust says whose label stands where both have one, also if it "
        "stops at a higher rank, and --output writes the labels that stand, with ID_status.\n\n"
        "With sequences, and a model or references, it weighs each disagreement at the highest rank where "
        "the names differ. heads: the probability of either name; supports the name that is the most "
        "probable of all. neighbours: the cosine of the nearest embedding with either name among the "
        "individuals whose sources agree there; supports that of the nearest. references: the fitted "
        "probability of either name; supports the one above 0.5. alignment: the identity of the best "
        "alignment with a reference of either name; supports that of the nearest reference. Each supports "
        "first, second or neither; unknown, where it does not know both names (references: either); none, "
        "where there is no sequence to read. The column evidence is what most of them support.\n\n"
        "Evidence of a model or references that have learned from these labels repeats them: take others.",
    .examples = examples,
    .options_size = sizeof(sources_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
