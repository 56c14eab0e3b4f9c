/* Fits the weights of a reference set on labelled records that are no references. */
#include "evidence/calibrate.h"

#include "base/error.h"
#include "base/json.h"
#include "evidence/notes.h"
#include "evidence/witness_records.h"
#include "model/describe.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Examples of a kind that held-out references stand for, however many of them there are. */
#define HELD_WORTH 1000.0
/* Records that stand for the old shares of the kinds. */
#define SHARED_WORTH 100.0

/* One fit: on the records of all folds but one, or on all. */
typedef struct fold_fit {
  tx_outcome_examples examples; /* a part of all; their outcomes are borrowed */
  tx_outcome_weights weights;
  tx_status status;
  tx_error error;
} fold_fit;

enum { FITS = TX_CALIBRATION_FOLDS + 1, ALL = TX_CALIBRATION_FOLDS };

_Static_assert((int)TX_CALIBRATION_LENGTHS == (int)TX_FIT_LENGTHS, "a row of the report for each length");

typedef struct calibration {
  const tx_reference_set *set;
  const tx_calibrate_options *options;
  tx_pool *pool;
  tx_calibration_records records;
  tx_trials *trials;
  tx_calibration_maker maker;
  tx_fitted_weights fitted;     /* the new weights */
  size_t at;                    /* index of the length in hand */
  tx_outcome_examples examples; /* at that length: first those of held-out references, then the records */
  size_t held;                  /* number of the former */
  uint32_t *items;              /* (examples) the record of each of the latter */
  fold_fit fits[FITS];
} calibration;

static size_t kind_of(const tx_outcome_examples *examples, size_t index)
{
  const struct tx_outcome_example *e = &examples->examples[index];
  return examples->outcomes[e->first + e->truth].kind;
}

/* Number of examples of each kind that a fit sees. */
typedef struct kind_counts {
  double held[TX_KINDS_MAX], own[TX_KINDS_MAX];
} kind_counts;

/* What all examples of a kind are worth together. */
static double worth(const kind_counts *counts, size_t kind)
{
  return fmin(counts->held[kind], HELD_WORTH) + counts->own[kind];
}

/* The shares of the kinds by the records outside a fold. The kinds that these have divide what they have of
   the old shares: as the records do, together with SHARED_WORTH records that have the old shares. */
static void share_out(const calibration *self, size_t fold, double *prior)
{
  const tx_outcome_space *space = &self->set->space;
  const double *old = self->set->fitted.prior;
  double counts[TX_KINDS_MAX] = {0}, present = 0, records = 0;
  for (size_t i = 0; i < self->records.count; i++) {
    const tx_calibration_record *record = &self->records.records[i];
    if (record->fold == fold) continue;
    counts[record->rank < (int)space->top ? space->kinds - 1 : space->ranks - 1 - (size_t)record->rank]++;
    records++;
  }
  for (size_t k = 0; k < space->kinds; k++) present += counts[k] > 0 ? old[k] : 0;
  for (size_t k = 0; k < space->kinds; k++)
    prior[k] =
        counts[k] > 0 ? (present * counts[k] + SHARED_WORTH * old[k]) / (records + SHARED_WORTH) : old[k];
}

/* Each kind gets its share. Inside a kind a record has the weight 1, and the held-out references together at
   most that of HELD_WORTH records. */
static void weigh(const calibration *self, size_t fold, const kind_counts *counts, fold_fit *fit)
{
  double prior[TX_KINDS_MAX], present = 0, total = 0;
  share_out(self, fold, prior);
  for (size_t k = 0; k < self->set->space.kinds; k++) {
    present += worth(counts, k) > 0 ? prior[k] : 0;
    total += worth(counts, k);
  }
  for (size_t i = 0; i < fit->examples.count; i++) {
    const size_t kind = kind_of(&fit->examples, i);
    const double share = prior[kind] / present * total / worth(counts, kind);
    fit->examples.examples[i].worth = i < self->held ? fmin(1, HELD_WORTH / counts->held[kind]) : 1;
    fit->examples.examples[i].weight = share * fit->examples.examples[i].worth;
  }
}

static uint32_t fold_of(const calibration *self, size_t example)
{
  return self->records.records[self->items[example]].fold;
}

/* Lists the examples of a fit: those of held-out references, and those of the records outside the fold. */
static tx_status list_examples(calibration *self, size_t fold, tx_error *error)
{
  fold_fit *fit = &self->fits[fold];
  kind_counts counts = {{0}, {0}};
  size_t count = 0;
  fit->examples = (tx_outcome_examples){.outcomes = self->examples.outcomes};
  fit->examples.examples = calloc(self->examples.count + 1, sizeof *fit->examples.examples);
  if (!fit->examples.examples) return tx_fail_memory(error, "the calibration");
  for (size_t i = 0; i < self->examples.count; i++) {
    const bool held = i < self->held;
    if (!held && fold_of(self, i) == fold) continue;
    fit->examples.examples[count++] = self->examples.examples[i];
    (held ? counts.held : counts.own)[kind_of(&self->examples, i)]++;
  }
  fit->examples.count = count;
  weigh(self, fold, &counts, fit);
  return TX_OK;
}

static void fit_fold(void *context, size_t item, size_t thread)
{
  calibration *self = context;
  fold_fit *fit = &self->fits[item];
  double loss;
  (void)thread;
  fit->weights = self->set->fitted.weights[self->at];
  fit->status = tx_outcome_weights_fit(&fit->examples, self->set->space.kinds, TX_FIT_PENALTY, &fit->weights,
                                       &loss, &fit->error);
}

static tx_status fit_folds(calibration *self, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t f = 0; status == TX_OK && f < FITS; f++) status = list_examples(self, f, error);
  if (status != TX_OK) return status;
  tx_pool_run(self->pool, FITS, fit_fold, self);
  for (size_t f = 0; status == TX_OK && f < FITS; f++)
    if ((status = self->fits[f].status) != TX_OK) *error = self->fits[f].error;
  return status;
}

/* The examples of the records of a fold; weighted: as in the fit to all, else each with 1. Their outcomes are
   borrowed; the caller frees ret_part->examples. */
static tx_status take_fold(const calibration *self, size_t fold, bool weighted, tx_outcome_examples *ret_part,
                           tx_error *error)
{
  *ret_part = (tx_outcome_examples){.outcomes = self->examples.outcomes};
  ret_part->examples = calloc(self->examples.count + 1, sizeof *ret_part->examples);
  if (!ret_part->examples) return tx_fail_memory(error, "the calibration");
  for (size_t i = self->held; i < self->examples.count; i++)
    if (fold_of(self, i) == fold)
      ret_part->examples[ret_part->count++] =
          weighted ? self->fits[ALL].examples.examples[i] : self->examples.examples[i];
  return TX_OK;
}

/* Scores all records; opt_old: by these weights, else each fold by those that were fitted without it. */
static tx_status score(const calibration *self, const tx_outcome_weights *opt_old,
                       tx_calibration_scores *ret_scores, tx_error *error)
{
  const size_t lowest = self->set->space.ranks - 1;
  tx_reliability *table = calloc(1, sizeof *table);
  double right = 0, examples = 0;
  tx_status status = table ? TX_OK : tx_fail_memory(error, "the calibration");
  *ret_scores = (tx_calibration_scores){0, 0, 0};
  for (size_t f = 0; status == TX_OK && f < TX_CALIBRATION_FOLDS; f++) {
    const tx_outcome_weights *weights = opt_old ? opt_old : &self->fits[f].weights;
    tx_outcome_examples part = {0};
    status = take_fold(self, f, false, &part, error);
    if (status == TX_OK) tx_reliability_add(&self->set->space, &part, TX_BOTH_HALVES, weights, table);
    if (status == TX_OK) ret_scores->log_loss += tx_outcome_loss(&part, weights);
    free(part.examples);
  }
  if (status == TX_OK) {
    for (size_t b = 0; b < TX_EVIDENCE_BINS; b++) right += table->right[lowest][b];
    for (size_t k = 0; k < TX_KINDS_MAX; k++) examples += table->examples[k];
    ret_scores->log_loss /= examples;
    ret_scores->accuracy = right / examples;
    ret_scores->ece = tx_reliability_error(table, lowest);
  }
  free(table);
  return status;
}

/* Measures how often confidences are right: held-out references by the final weights, records by those of
   their fold. */
static tx_status measure(calibration *self, bool fitted, tx_error *error)
{
  const tx_outcome_weights *final = &self->fitted.weights[self->at];
  tx_reliability *table = &self->fitted.reliability[self->at];
  tx_outcome_examples held = self->fits[ALL].examples;
  tx_status status = TX_OK;
  memset(table, 0, sizeof *table);
  held.count = self->held;
  tx_reliability_add(&self->set->space, &held, TX_BOTH_HALVES, final, table);
  for (size_t f = 0; status == TX_OK && f < TX_CALIBRATION_FOLDS; f++) {
    tx_outcome_examples part = {0};
    status = take_fold(self, f, true, &part, error);
    if (status == TX_OK)
      tx_reliability_add(&self->set->space, &part, TX_BOTH_HALVES, fitted ? &self->fits[f].weights : final,
                         table);
    free(part.examples);
  }
  return status;
}

/* Turns the weights of a length to the new shares of the kinds without another change. */
static void shift_weights(calibration *self, size_t length)
{
  for (size_t k = 0; k < self->set->space.kinds; k++)
    self->fitted.weights[length].of[k][TX_FEATURE_ONE] +=
        log(self->fitted.prior[k] / self->set->fitted.prior[k]);
}

/* Fits the weights of the network. Records are judged by weights of the evidence that were fitted without
   them. */
static tx_status fit_witness(calibration *self, tx_calibration_length *result, tx_error *error)
{
  tx_witness_length *own = &self->fitted.witness.lengths[self->at];
  const tx_outcome_weights *evidence[TX_CALIBRATION_FOLDS];
  tx_status status;
  for (size_t f = 0; f < TX_CALIBRATION_FOLDS; f++)
    evidence[f] = result->fitted ? &self->fits[f].weights : &self->fitted.weights[self->at];
  status = tx_witness_fit_examples(&(tx_witness_examples){.space = &self->set->space,
                                                          .records = &self->records,
                                                          .examples = &self->examples,
                                                          .held = self->held,
                                                          .items = self->items,
                                                          .evidence = evidence,
                                                          .prior = self->fitted.prior,
                                                          .reliability = &self->fitted.reliability[self->at],
                                                          .maker = &self->maker},
                                   own, error);
  result->witness = own->scores;
  memcpy(result->split, own->split, sizeof result->split);
  return status;
}

/* Fits and measures the length in hand. */
static tx_status fit_and_score(calibration *self, tx_calibration_length *result, tx_error *error)
{
  tx_outcome_weights *weights = &self->fitted.weights[self->at];
  tx_status status = fit_folds(self, error);
  if (status == TX_OK) status = score(self, weights, &result->before, error);
  if (status == TX_OK) status = score(self, NULL, &result->after, error);
  if (status == TX_OK) {
    result->scored = true;
    result->fitted = result->after.log_loss < result->before.log_loss;
    if (result->fitted)
      *weights = self->fits[ALL].weights;
    else
      shift_weights(self, self->at);
    status = measure(self, result->fitted, error);
  }
  if (status == TX_OK && self->maker.opt_voice) status = fit_witness(self, result, error);
  for (size_t f = 0; f < FITS; f++) {
    free(self->fits[f].examples.examples);
    self->fits[f].examples.examples = NULL;
  }
  return status;
}

static tx_status calibrate_length(calibration *self, tx_calibration_length *result, tx_error *error)
{
  const bool whole = self->at + 1 == self->fitted.length_count;
  const uint32_t length = self->fitted.lengths[self->at];
  tx_status status = tx_trials_run(self->trials, whole ? 0 : length, &self->examples, error);
  self->held = self->examples.count;
  self->maker.at = self->at;
  if (status == TX_OK) {
    self->items = calloc(self->held + self->records.count + 1, sizeof *self->items);
    status = self->items ? tx_calibration_maker_run(&self->maker, &self->examples, self->items, error)
                         : tx_fail_memory(error, "the calibration");
  }
  *result = (tx_calibration_length){.length = length, .records = self->examples.count - self->held};
  if (status == TX_OK && result->records >= TX_FIT_FEWEST)
    status = fit_and_score(self, result, error);
  else if (status == TX_OK)
    shift_weights(self, self->at);
  free(self->items);
  self->items = NULL;
  tx_outcome_examples_free(&self->examples);
  return status;
}

static void append_length(const tx_calibration_length *length, tx_bytes *out)
{
  const tx_calibration_scores *before = &length->before, *after = &length->after;
  tx_bytes_printf(out, "{\"length\":%" PRIu32 ",\"records\":%" PRIu64 ",\"weights\":\"%s\"", length->length,
                  length->records, length->fitted ? "fitted" : "kept");
  if (length->scored)
    tx_bytes_printf(
        out, ",\"log_loss\":[%.4f,%.4f],\"calibration_error\":[%.4f,%.4f],\"accuracy\":[%.4f,%.4f]",
        before->log_loss, after->log_loss, before->ece, after->ece, before->accuracy, after->accuracy);
  tx_bytes_text(out, "}");
}

/* Writes the provenance anew: the entries of the set, and those of the calibration in place of an earlier
   one's. */
static tx_status write_provenance(const calibration *self, const tx_calibration_report *report,
                                  char **ret_provenance, tx_error *error)
{
  const char *text = self->set->provenance ? self->set->provenance : "{}";
  tx_json *old = NULL;
  tx_bytes out = {0};
  tx_status status = tx_json_parse(text, strlen(text), "the provenance", &old, error);
  if (status != TX_OK) return status;
  tx_bytes_text(&out, "{");
  for (const tx_json *item = tx_json_first(old); item; item = tx_json_next(item)) {
    if (tx_is_calibration_entry(tx_json_key(item))) continue;
    tx_bytes_json_string(&out, tx_json_key(item), strlen(tx_json_key(item)));
    tx_bytes_text(&out, ":");
    tx_describe_json(&out, item);
    tx_bytes_text(&out, ",");
  }
  tx_json_free(old);
  tx_bytes_text(&out, "\"calibrated_with\":[");
  tx_input_files_describe(&self->records.files, NULL, &out);
  tx_bytes_printf(&out,
                  "],\"calibration_records\":%" PRIu64 ",\"calibration_equal\":%" PRIu64
                  ",\"calibration_seed\":%" PRIu64 ",\"calibration_shares\":[",
                  report->records, report->equal, self->options->seed);
  for (size_t k = 0; k < self->set->space.kinds; k++)
    tx_bytes_printf(&out, "%s%.4f", k ? "," : "", self->fitted.prior[k]);
  tx_bytes_text(&out, "],\"calibration\":[");
  for (size_t i = 0; i < report->length_count; i++) {
    if (i) tx_bytes_text(&out, ",");
    append_length(&report->lengths[i], &out);
  }
  tx_bytes_text(&out, "]}");
  if (!out.failed) {
    *ret_provenance = out.data;
    return TX_OK;
  }
  tx_bytes_free(&out);
  return tx_fail_memory(error, "the provenance");
}

static tx_status prepare(calibration *self, const tx_witness_voice *opt_voice, tx_error *error)
{
  const tx_reference_hooks *hooks = &self->options->hooks;
  tx_status status;
  if (hooks->progress) hooks->progress(hooks->context, &(tx_reference_progress){self->records.count, true});
  self->maker = (tx_calibration_maker){.set = self->set,
                                       .records = &self->records,
                                       .pool = self->pool,
                                       .seed = self->options->seed,
                                       .opt_stop = hooks->stop,
                                       .opt_voice = opt_voice};
  status = tx_calibration_maker_init(&self->maker, error);
  if (status == TX_OK)
    status = tx_trials_create(&self->set->space, self->pool, self->options->seed, hooks->stop, &self->trials,
                              error);
  if (status == TX_OK && opt_voice) tx_trials_listen(self->trials, opt_voice);
  return status;
}

static void clear(calibration *self)
{
  tx_calibration_maker_clear(&self->maker);
  tx_trials_free(self->trials);
  tx_calibration_records_clear(&self->records);
  free(self);
}

/* Fills the report but for the scores. */
static void count_records(const calibration *self, tx_calibration_report *report)
{
  *report = (tx_calibration_report){
      .records = self->records.count, .taxa = self->records.taxa, .length_count = self->fitted.length_count};
  for (size_t i = 0; i < self->records.count; i++) report->equal += self->records.records[i].equal;
}

/* Weights of a network are of no use with other weights of the evidence than those that they were fitted
   with. */
static void begin_witness(calibration *self, const tx_witness_voice *opt_voice)
{
  if (self->fitted.witness.present && !opt_voice)
    tx_hooks_note(&self->options->hooks,
                  "the weights of a network that the references had are left out: add --model to fit new "
                  "ones");
  memset(&self->fitted.witness, 0, sizeof self->fitted.witness);
  if (!opt_voice) return;
  self->fitted.witness.present = true;
  self->fitted.witness.network = opt_voice->network;
}

tx_status tx_calibrate(tx_reference_set *set, tx_labelled *reader, const tx_calibrate_options *options,
                       tx_pool *pool, const tx_witness_voice *opt_voice, tx_calibration_report *ret_report,
                       tx_error *error)
{
  calibration *self = calloc(1, sizeof *self);
  char *provenance = NULL;
  tx_status status;
  if (!self) return tx_fail_memory(error, "the calibration");
  self->set = set;
  self->options = options;
  self->fitted = set->fitted;
  self->pool = pool;
  status = tx_calibration_records_read(set, reader, options, opt_voice ? opt_voice->joint : NULL, self->pool,
                                       &self->records, error);
  if (status == TX_OK) status = prepare(self, opt_voice, error);
  count_records(self, ret_report);
  share_out(self, FITS, self->fitted.prior);
  if (status == TX_OK) begin_witness(self, opt_voice);
  for (; status == TX_OK && self->at < self->fitted.length_count; self->at++)
    status = calibrate_length(self, &ret_report->lengths[self->at], error);
  if (status == TX_OK) status = write_provenance(self, ret_report, &provenance, error);
  if (status == TX_OK) {
    set->fitted = self->fitted;
    free(set->provenance);
    set->provenance = provenance;
  }
  clear(self);
  return status;
}
