/* Joins predictions with their truth. */
#include "report/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the truth");
}

/* The ranks of all predictions, each once. */
static size_t list_ranks(const tx_result_report *report, const char *names[TX_RANKS_MAX])
{
  size_t count = 0;
  for (size_t i = 0; i < report->calls_count; i++)
    for (size_t r = 0; r < report->calls[i].rank_count; r++) {
      size_t at = 0;
      while (at < count && strcmp(names[at], report->calls[i].ranks[r]) != 0) at++;
      if (at == count && count < TX_RANKS_MAX) names[count++] = report->calls[i].ranks[r];
    }
  return count;
}

/* Counts a record that the classifier was made from. */
static tx_status count_known(tx_result_report *report, const tx_labelled_record *record, tx_error *error)
{
  tx_report_truth *truth = &report->truth;
  tx_status status = TX_OK;
  truth->has_known = true;
  for (size_t r = 0; r < truth->rank_count && status == TX_OK; r++) {
    uint32_t taxon;
    if (!record->taxa[r]) continue;
    status = tx_names_add_spaced(report->taxa, record->taxa[r], &taxon, error);
    if (status == TX_OK)
      status = tx_report_reach(&truth->known[r], &truth->known_capacity[r], taxon, sizeof *truth->known[r], 0,
                               error);
    if (status == TX_OK) truth->known[r][taxon]++;
  }
  return status;
}

static tx_status add_record(tx_result_report *report, const tx_labelled_record *record, tx_error *error)
{
  tx_report_truth *truth = &report->truth;
  const uint64_t length = record->record.base_count + record->record.omitted;
  tx_status status;
  if (!tx_reserve(&truth->ids, &truth->capacity, truth->count + 1, sizeof *truth->ids) ||
      !tx_reserve(&truth->lengths, &truth->length_capacity, truth->count + 1, sizeof *truth->lengths) ||
      !tx_reserve(&truth->labels, &truth->label_capacity, (truth->count + 1) * truth->rank_count,
                  sizeof *truth->labels))
    return out_of_memory(error);
  truth->lengths[truth->count] = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
  status =
      tx_report_id(report, record->record.id, record->record.id_length, &truth->ids[truth->count], error);
  for (size_t r = 0; r < truth->rank_count && status == TX_OK; r++) {
    uint32_t *label = &truth->labels[truth->count * truth->rank_count + r];
    *label = TX_REPORT_NONE;
    if (record->taxa[r]) status = tx_names_add_spaced(report->taxa, record->taxa[r], label, error);
  }
  truth->count++;
  return status;
}

/* Reads all records of a truth: those of the wanted splits become rows, those of the known ones are
   counted. No wanted ones: every record. */
static tx_status read_records(tx_result_report *report, tx_truth *from, const tx_words *wanted,
                              const tx_words *known_splits, tx_error *error)
{
  tx_labelled_record record;
  tx_status status;
  while ((status = tx_truth_next(from, &record, error)) == TX_OK) {
    const bool known = record.split && tx_words_contain(known_splits, record.split);
    if (report->hooks.stop && *report->hooks.stop) return TX_STOPPED;
    if (known) status = count_known(report, &record, error);
    if (status == TX_OK && (!wanted->count || (record.split && tx_words_contain(wanted, record.split))))
      status = add_record(report, &record, error);
    if (status != TX_OK) return status;
  }
  return status == TX_END ? TX_OK : status;
}

static tx_status read_truth(tx_result_report *report, const tx_truth_input *input, const char *known_split,
                            tx_error *error)
{
  const char *ranks[TX_RANKS_MAX];
  const size_t count = list_ranks(report, ranks);
  tx_truth_input all = *input;
  tx_words wanted = {0}, known = {0};
  tx_truth *from = NULL;
  tx_status status = tx_words_split(input->labelled.split, "the splits", &wanted, error);
  all.labelled.split = NULL;
  all.usual_split = NULL;
  all.labelled.wanted = ranks;
  all.labelled.wanted_count = count;
  if (status == TX_OK) status = tx_words_split(known_split, "the splits", &known, error);
  if (status == TX_OK) status = tx_truth_open(&all, &from, error);
  if (status == TX_OK) status = tx_truth_match(from, ranks, count, "the predictions have", error);
  for (size_t r = 0; status == TX_OK && r < tx_truth_rank_count(from); r++) {
    const char *name = tx_truth_ranks(from)[r];
    if (!(report->truth.ranks[r] = tx_copy_text(name, strlen(name)))) status = out_of_memory(error);
    report->truth.rank_count = r + 1;
  }
  if (status == TX_OK && wanted.count && !tx_truth_has_split(from))
    status = tx_fail(error, TX_ERROR_USAGE, "a split was asked for, and the truth has no column of splits");
  report->truth.whole = wanted.count > 0;
  if (status == TX_OK) status = read_records(report, from, &wanted, &known, error);
  tx_truth_close(from);
  tx_words_free(&wanted);
  tx_words_free(&known);
  return status;
}

static tx_status read_known(tx_result_report *report, const tx_truth_input *input, tx_error *error)
{
  tx_truth *from = NULL;
  tx_labelled_record record;
  tx_status status = tx_truth_open(input, &from, error);
  if (status == TX_OK)
    status = tx_truth_match(from, (const char *const *)report->truth.ranks, report->truth.rank_count,
                            "the truth has", error);
  if (status == TX_OK && tx_truth_rank_count(from) != report->truth.rank_count)
    status = tx_fail(error, TX_ERROR_DATA, "%.200s lacks a rank that the truth has", input->paths[0]);
  while (status == TX_OK && (status = tx_truth_next(from, &record, error)) == TX_OK)
    status = count_known(report, &record, error);
  tx_truth_close(from);
  return status == TX_END ? TX_OK : status;
}

/* Rows of the truth by id; ids without annotations (";size=12") where they are no other's. */
static tx_status index_truth(const tx_result_report *report, uint32_t **ret_rows, tx_error *error)
{
  const size_t count = tx_names_count(report->ids);
  uint32_t *rows = malloc((count + 1) * sizeof *rows);
  if (!rows) return out_of_memory(error);
  memset(rows, 0xff, (count + 1) * sizeof *rows);
  for (size_t i = 0; i < report->truth.count; i++) rows[report->truth.ids[i]] = (uint32_t)i;
  for (size_t id = 0; id < count; id++) {
    const char *name = tx_names_key(report->ids, (uint32_t)id, NULL), *end = strchr(name, ';');
    const int64_t plain =
        rows[id] == TX_REPORT_NONE && end ? tx_names_find(report->ids, name, (size_t)(end - name)) : -1;
    if (plain >= 0) rows[id] = rows[plain];
  }
  *ret_rows = rows;
  return TX_OK;
}

/* An evaluation of one file of predictions, at the ranks that both sides have. */
typedef struct scoring {
  const tx_result_report *report;
  const tx_report_calls *calls;
  tx_evaluation *evaluation;
  size_t ranks[TX_RANKS_MAX]; /* of the truth */
  size_t own[TX_RANKS_MAX];   /* of the predictions */
  size_t rank_count;
} scoring;

/* Adds a record of the truth, with its row, or with no call. */
static tx_status add_query(const scoring *to, const tx_report_row *opt_row, size_t query, tx_error *error)
{
  const tx_report_truth *truth = &to->report->truth;
  const char *labels[TX_RANKS_MAX], *called[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  for (size_t r = 0; r < to->rank_count; r++) {
    const uint32_t label = truth->labels[query * truth->rank_count + to->ranks[r]];
    const tx_report_call *call = opt_row ? tx_report_call_at(to->calls, opt_row, to->own[r]) : NULL;
    labels[r] = label == TX_REPORT_NONE ? NULL : tx_report_taxon(to->report, label);
    called[r] = call ? tx_report_taxon(to->report, call->taxon) : NULL;
    confidence[r] = call && !isnan(call->confidence) ? fmin(1, (double)call->confidence) : TX_NO_CONFIDENCE;
  }
  return tx_evaluation_add(to->evaluation, labels, called, confidence, error);
}

/* Makes the evaluation, and declares what the classifier was made from. */
static tx_status begin_scoring(scoring *to, tx_error *error)
{
  const tx_report_truth *truth = &to->report->truth;
  const char *names[TX_RANKS_MAX];
  tx_status status;
  for (size_t r = 0; r < truth->rank_count; r++) {
    const int own = tx_report_find_rank(to->calls->ranks, to->calls->rank_count, truth->ranks[r]);
    if (own < 0) continue;
    names[to->rank_count] = truth->ranks[r];
    to->own[to->rank_count] = (size_t)own;
    to->ranks[to->rank_count++] = r;
  }
  if (!to->rank_count)
    return tx_fail(error, TX_ERROR_DATA, "%.200s: the truth has none of its ranks", to->calls->file);
  status = tx_evaluation_create(names, to->rank_count, &to->evaluation, error);
  for (size_t i = 0; i < to->rank_count; i++) {
    const size_t r = to->ranks[i];
    for (size_t t = 0; t < truth->known_capacity[r] && status == TX_OK; t++)
      if (truth->known[r][t])
        status = tx_evaluation_know(to->evaluation, i, tx_report_taxon(to->report, (uint32_t)t), error);
  }
  return status;
}

static tx_status evaluate(tx_result_report *report, const tx_report_calls *calls, tx_error *error)
{
  const tx_report_truth *truth = &report->truth;
  scoring to = {.report = report, .calls = calls};
  char *text = NULL;
  bool *met = calloc(truth->count + 1, sizeof *met);
  tx_status status = met ? begin_scoring(&to, error) : out_of_memory(error);
  for (size_t i = 0; i < calls->row_count && status == TX_OK; i++) {
    const uint32_t query = calls->rows[i].truth;
    if (query == TX_REPORT_NONE || met[query]) continue;
    met[query] = true;
    status = add_query(&to, &calls->rows[i], query, error);
  }
  for (size_t q = 0; q < truth->count && status == TX_OK && truth->whole; q++)
    if (!met[q]) status = add_query(&to, NULL, q, error);
  if (status == TX_OK) status = tx_evaluation_report(to.evaluation, calls->name, true, &text, error);
  if (status == TX_OK) status = tx_report_add_scores(report, text, calls->name, error);
  tx_evaluation_free(to.evaluation);
  free(text);
  free(met);
  return status;
}

tx_status tx_report_score(tx_result_report *report, const tx_truth_input *truth,
                          const tx_truth_input *opt_known, const char *known_split, tx_error *error)
{
  uint32_t *rows = NULL;
  tx_status status = TX_OK;
  if (!report->calls_count)
    return tx_fail(error, TX_ERROR_DATA, "there is a truth, and no predictions to compare with it");
  for (size_t i = 0; i < truth->count && status == TX_OK; i++)
    status = tx_report_list_input(report, truth->paths[i], "truth", error);
  if (status == TX_OK)
    status = read_truth(report, truth,
                        opt_known                     ? NULL
                        : known_split && *known_split ? known_split
                                                      : "train",
                        error);
  if (status == TX_OK && opt_known)
    status = tx_report_list_input(report, opt_known->paths[0], "known taxa", error);
  if (status == TX_OK && opt_known) status = read_known(report, opt_known, error);
  if (status == TX_OK) status = index_truth(report, &rows, error);
  for (size_t c = 0; c < report->calls_count && status == TX_OK; c++) {
    tx_report_calls *calls = &report->calls[c];
    for (size_t i = 0; i < calls->row_count; i++) {
      calls->rows[i].truth = rows[calls->rows[i].id];
      calls->scored = calls->scored || calls->rows[i].truth != TX_REPORT_NONE;
    }
    if (calls->scored) status = evaluate(report, calls, error);
  }
  free(rows);
  if (status == TX_OK && !tx_report_has_calls(report, true))
    status = tx_fail(error, TX_ERROR_DATA, "no prediction has the id of a record of %.200s", truth->paths[0]);
  return status;
}
