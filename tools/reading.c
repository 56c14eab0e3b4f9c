#include "reading.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>

#define FIELD(name) offsetof(tx_reading, name)

const tx_param *tx_reading_params(size_t *ret_count)
{
  static const tx_param params[] = {
      TX_MODEL_PARAM(FIELD(model)),
      {"precision", 0, TX_PARAM_CHOICE, FIELD(precision), 0, 0, "stored", "stored|float32|bf16|int8", "Model",
       "Precision that the network computes with; stored is that of the model file."},
      {"strand", 0, TX_PARAM_CHOICE, FIELD(strand), 0, 0, "auto", "auto|plus|minus|both", "Reading",
       "Strand of the barcodes: as given, reverse complement, or whichever of the two is like a reference, "
       "is the given way round by a model that has learnt to tell that (train --strand-share), or scores "
       "higher. auto is both with references and with such a model, else plus. A model trained with "
       "--both-strands reads both as one: its answer is the same for each."},
      {"offsets", 0, TX_PARAM_COUNT, FIELD(offsets), 0, 64, "1", "N", "Reading",
       "Reads each barcode from so many first bases and averages; slower by that factor, and more accurate. "
       "0 takes all that the model's tokenizer has."},
      {"min-bases", 0, TX_PARAM_COUNT, FIELD(min_bases), 1, 1000000, "50", "N", "Reading",
       "A record with fewer certain bases (A, C, G, T) gets no call; its row says too_short."},
      {"threads", 't', TX_PARAM_COUNT, FIELD(threads), 0, 1024, "0", "N", "Running",
       "Threads; 0 is one for each processor. The results do not depend on it."},
      {"batch", 0, TX_PARAM_COUNT, FIELD(batch), 1, 65536, "64", "N", "Running",
       "Most records that travel together through the network. The results do not depend on it."},
      {"duplicates-cache", 0, TX_PARAM_COUNT, FIELD(duplicates_cache), 0, 65536, "32", "MIB", "Running",
       "Memory in MiB for the answers of barcodes seen before in the same run, so that equal ones are "
       "computed once; 0 is none. The results do not depend on it."},
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

const tx_param *tx_columns_params(size_t *ret_count)
{
  static const tx_param params[] = {
      TX_WHOLE_ID_PARAM(tx_reading),
      {"xsize", 0, TX_PARAM_FLAG, FIELD(xsize), 0, 0, "false", NULL, "Data",
       "Leaves ';size=N' out of the ids, as vsearch --xsize does: the ids of an OTU table have no sizes."},
      TX_COLUMNS_PARAMS(tx_reading),
      TX_WHERE_PARAM(tx_reading),
      TX_SKIP_BAD_PARAM(tx_reading),
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

const tx_param *tx_references_params(size_t *ret_count)
{
  static const tx_param params[] = {
      {"references", 'r', TX_PARAM_INPUT, FIELD(references), 0, 0, "", "FILE", "Model",
       "References that taxamba index has made: they answer in place of a model, by search and alignment. "
       "With --model its network is a witness, if taxamba calibrate has fitted weights for it; it may then "
       "name taxa that only it knows."},
      {"look", 0, TX_PARAM_CHOICE, FIELD(look), 0, 0, "auto", "auto|evidence|network|both", "Model",
       "What answers: evidence, the references, by search and alignment; network, that of the model; both, "
       "the references with the network as a witness where they do not decide. auto is the references, with "
       "the network at the lengths at which it was found to help (taxamba index --info), else the network."},
      {"error-rate", 0, TX_PARAM_REAL, FIELD(error_rate), 0, 0.5, "0", "P", "Output",
       "With --references: cuts each lineage so that at most this share of the lineages end in a wrong "
       "taxon, by what was measured on the references for barcodes of its length and the --prior. 0 is no "
       "such promise."},
      {"prior", 0, TX_PARAM_TEXT, FIELD(prior), 0, 0, "", "LIST", "Model",
       "With --references: what share of the barcodes to expect of a known species, of a new species of a "
       "known genus, of a new genus of a known family, and so on up, and of none of the references' taxa; "
       "separated by commas, above 0. Default: the shares that taxamba index has estimated from the "
       "references, or taxamba calibrate from your records (taxamba index --info FILE)."},
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

static tx_status check_model(const tx_call *call, const tx_reading *reading, const tx_model *model,
                             tx_error *error)
{
  const size_t most = tx_model_offsets(model);
  if (reading->offsets > most)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--offsets %" PRIu64 " is too many: this model can read a barcode from %zu",
                       reading->offsets, most);
  if (reading->strand > TX_STRAND_PLUS && tx_model_both_strands(model))
    tx_note(call, "--strand has no effect with this model, which reads both strands as one");
  return TX_OK;
}

/* As many shares as the references have kinds of answers, made to sum to 1. */
static tx_status read_prior(const char *text, const tx_reference_set *references, double **ret_prior,
                            tx_error *error)
{
  const size_t kinds = tx_reference_set_kinds(references);
  double sum = 0;
  size_t count = 0;
  *ret_prior = calloc(kinds, sizeof **ret_prior);
  if (!*ret_prior) return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the options");
  for (const char *at = text;; at++) {
    char *end;
    const double share = strtod(at, &end);
    if (end == at || !(share > 0 && share < 1e6) || (*end && *end != ','))
      return tx_cli_fail(error, TX_ERROR_USAGE, "--prior: '%.40s' is no list of numbers above 0", text);
    if (count < kinds) (*ret_prior)[count] = share;
    count++;
    sum += share;
    at = end;
    if (!*at) break;
  }
  if (count != kinds)
    return tx_cli_fail(error, TX_ERROR_USAGE, "--prior has %zu numbers; these references need %zu", count,
                       kinds);
  for (size_t k = 0; k < kinds; k++) (*ret_prior)[k] /= sum;
  return TX_OK;
}

/* Refuses what only has an effect when the network answers. */
static tx_status refuse_idle(const tx_call *call, tx_error *error)
{
  static const char *const idle[] = {"precision", "offsets"};
  for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
    if (tx_is_given(call, idle[i]))
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "--%s has no effect, as the references in the model answer: leave it out or add "
                         "--look network",
                         idle[i]);
  return TX_OK;
}

/* The references in a model, unless its network is to answer. */
static tx_status take_references(const tx_call *call, const tx_reading *reading, tx_sources *sources,
                                 tx_error *error)
{
  tx_status status;
  if (reading->look == TX_LOOK_NETWORK) return TX_OK;
  status = tx_reference_set_of_model(sources->model, &sources->references, error);
  if (status != TX_OK) return status;
  if (!sources->references && reading->look != TX_LOOK_AUTO)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--look %s: the model has no references; add --references FILE",
                       reading->look == TX_LOOK_BOTH ? "both" : "evidence");
  return sources->references ? refuse_idle(call, error) : TX_OK;
}

static tx_status open_model(const tx_call *call, const tx_reading *reading, bool embeds, tx_sources *sources,
                            tx_error *error)
{
  tx_status status = tx_model_open(reading->model, &sources->model, error);
  if (status == TX_OK && !embeds) status = take_references(call, reading, sources, error);
  return status == TX_OK && !sources->references ? check_model(call, reading, sources->model, error) : status;
}

/* References in a file of their own, and the model whose network may be a witness. */
static tx_status open_both(const tx_call *call, const tx_reading *reading, tx_sources *sources,
                           tx_error *error)
{
  const bool model = tx_is_given(call, "model");
  tx_status status;
  if (reading->look == TX_LOOK_NETWORK)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--references has no effect with --look network: leave one of them out");
  if (model && reading->look == TX_LOOK_EVIDENCE)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--model has no effect with --references and --look evidence: leave it out");
  if (!model && reading->look == TX_LOOK_BOTH)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--look both needs a network beside the references: add --model FILE");
  status = tx_reference_set_open(reading->references, &sources->references, error);
  if (status == TX_OK && model) status = tx_model_open(reading->model, &sources->model, error);
  if (status == TX_OK && model && reading->look == TX_LOOK_AUTO &&
      !tx_reference_set_hears(sources->references, sources->model))
    tx_note(call, "the network of the model is not asked: the references have no weights for it (taxamba "
                  "calibrate fits them)");
  return status;
}

/* The options that only references have. */
static tx_status open_references(const tx_reading *reading, tx_sources *sources, tx_error *error)
{
  if (!sources->references) {
    if (reading->prior[0] || reading->error_rate > 0)
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "--%s has no effect, as the network answers: leave it out or add --references",
                         reading->prior[0] ? "prior" : "error-rate");
    return TX_OK;
  }
  if (!reading->prior[0]) return TX_OK;
  return read_prior(reading->prior, sources->references, &sources->prior, error);
}

/* Checks that --look both can be done, before anything is written. */
static tx_status check_witness(const tx_sources *sources, tx_error *error)
{
  if (tx_reference_set_hears(sources->references, sources->model)) return TX_OK;
  return tx_cli_fail(error, TX_ERROR_USAGE,
                     "--look both: the references have no weights for this network: fit them to labelled "
                     "barcodes that it has not learned with taxamba calibrate");
}

static void fill_options(const tx_reading *reading, const tx_sources *sources, tx_predict_options *options)
{
  tx_predict_defaults(options);
  options->references = sources->references;
  options->witness = !sources->references || reading->look == TX_LOOK_EVIDENCE ? TX_WITNESS_NEVER
                     : reading->look == TX_LOOK_BOTH                           ? TX_WITNESS_FITTED
                                                                               : TX_WITNESS_HELPING;
  options->prior = sources->prior;
  options->error_rate = reading->error_rate;
  options->precision = (tx_precision)reading->precision;
  options->threads = reading->threads ? (size_t)reading->threads : tx_processors();
  options->batch = (size_t)reading->batch;
  options->strand = (tx_strand)reading->strand;
  options->min_bases = (size_t)reading->min_bases;
  if (sources->model)
    options->offsets = reading->offsets ? (size_t)reading->offsets : tx_model_offsets(sources->model);
  options->cache_bytes = (size_t)reading->duplicates_cache << 20;
  options->stop = tx_stop_flag();
}

tx_status tx_reading_open(const tx_call *call, const tx_reading *reading, tx_sources *ret_sources,
                          bool embeds, tx_predict_options *ret_options, tx_error *error)
{
  tx_status status;
  *ret_sources = (tx_sources){NULL, NULL, NULL, NULL};
  if (reading->references[0])
    status = open_both(call, reading, ret_sources, error);
  else
    status = open_model(call, reading, embeds, ret_sources, error);
  if (status == TX_OK) status = open_references(reading, ret_sources, error);
  if (status == TX_OK && reading->look == TX_LOOK_BOTH)
    status = check_witness(ret_sources, error);
  if (status == TX_OK) {
    fill_options(reading, ret_sources, ret_options);
    status = tx_predict_taxonomy(ret_sources->model, ret_options, &ret_sources->joint, error);
  }
  if (status != TX_OK) tx_sources_close(ret_sources);
  return status;
}

void tx_sources_close(tx_sources *sources)
{
  tx_model_close(sources->model);
  tx_reference_set_free(sources->references);
  free(sources->prior);
  tx_taxonomy_free(sources->joint);
  *sources = (tx_sources){NULL, NULL, NULL, NULL};
}

bool tx_sources_give_sets(const tx_sources *sources)
{
  return !sources->references && tx_model_is_multilabel(sources->model);
}

const tx_taxonomy *tx_sources_taxonomy(const tx_sources *sources)
{
  if (sources->joint) return sources->joint;
  return sources->references ? tx_reference_set_taxonomy(sources->references)
                             : tx_model_taxonomy(sources->model);
}

tx_status tx_reading_records(const tx_call *call, const tx_reading *reading, const tx_model *model,
                             const tx_predict_options *options, tx_labelled **ret_reader, tx_error *error)
{
  static const char *const standard_input[] = {"-"};
  tx_labelled_options labelled = {.unlabelled = 1,
                                  .id_column = reading->id_column,
                                  .sequence_column = reading->sequence_column,
                                  .where = reading->where,
                                  .skip_bad = reading->skip_bad,
                                  .ids = {reading->whole_id, reading->xsize},
                                  .hooks = tx_input_watch(call)};
  tx_predict_extent(model, options, &labelled.first_bases, &labelled.last_bases);
  return tx_labelled_open(call->operand_count ? call->operands : standard_input,
                          call->operand_count ? call->operand_count : 1, &labelled, ret_reader, error);
}

tx_status tx_reading_reader(const tx_call *call, const tx_reading *reading, const tx_model *model,
                            const tx_predict_options *options, tx_labelled **ret_reader, tx_error *error)
{
  const tx_status status = tx_reading_records(call, reading, model, options, ret_reader, error);
  if (status != TX_OK || tx_labelled_has_table(*ret_reader)) return status;
  return tx_refuse_columns(call, "the first file is no table", error);
}

bool tx_is_standard_output(const char *path)
{
  return !path[0] || strcmp(path, "-") == 0;
}

void tx_watch_start(tx_watch *watch, const tx_call *call, bool rows, tx_prediction_sink sink,
                    tx_flush_sink flush, void *context)
{
  memset(watch, 0, sizeof *watch);
  tx_progress_start(&watch->progress, call, rows, 0);
  watch->started = tx_clock();
  watch->sink = sink;
  watch->flush = flush;
  watch->context = context;
}

static tx_status put(void *context, const tx_record *record, const tx_prediction *prediction, tx_error *error)
{
  tx_watch *watch = context;
  tx_status status;
  watch->records++;
  if (tx_progress_due(&watch->progress)) {
    double seconds = tx_clock() - watch->started;
    tx_progress_show(&watch->progress, "%" PRIu64 " records, %.1f sequences/s, %.0f s", watch->records,
                     (double)watch->records / seconds, seconds);
  }
  status = watch->sink(watch->context, record, prediction, error);
  if (status != TX_OK) tx_stop_request(); /* a reader that waits for more input need not */
  return status;
}

static tx_status flush(void *context, tx_error *error)
{
  tx_watch *watch = context;
  const tx_status status = watch->flush ? watch->flush(watch->context, error) : TX_OK;
  if (status != TX_OK) tx_stop_request();
  return status;
}

tx_status tx_watch_run(tx_watch *watch, const tx_model *model, const tx_predict_options *options,
                       tx_record_source source, void *source_context, tx_run_stats *stats, tx_error *error)
{
  const tx_predict_steps steps = {source, source_context, put, flush, watch};
  const tx_status status = tx_predict(model, options, &steps, stats, error);
  tx_progress_clear(&watch->progress);
  return status;
}

void tx_reading_provenance(const tx_call *call, const tx_run_stats *stats)
{
  char duplicates[48] = "";
  if (stats->parts)
    tx_note(call,
            "%" PRIu64 " records are much longer than the references: the part that resembles one was looked "
            "for and compared",
            stats->parts);
  if (stats->longer)
    tx_note(call, "%" PRIu64 " records are longer than what is read of them (%" PRIu64 " bases)",
            stats->longer, stats->extent);
  if (stats->duplicates)
    snprintf(duplicates, sizeof duplicates, ", %" PRIu64 " duplicates", stats->duplicates);
  tx_provenance(call, "%" PRIu64 " records (%" PRIu64 " called%s), %.1f sequences/s", stats->records,
                stats->called, duplicates,
                stats->seconds > 0 ? (double)stats->records / stats->seconds : 0.0);
}
