/* Reads predictions: tables and JSON lines with all that they say, other formats as far as they are calls. */
#include "report/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/memory.h"
#include "eval/predictions.h"
#include "seq/header.h"
#include "taxon/ranks.h"

#include <taxamba/prediction_reader.h>

/* What is known of a record while it is read. */
typedef struct reading {
  tx_result_report *report;
  tx_report_calls *calls;
  double min_confidence;
} reading;

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the predictions");
}

static tx_status begin_file(tx_result_report *report, const char *path, const char *name, reading *to,
                            tx_error *error)
{
  tx_report_calls *calls =
      tx_report_grow(&report->calls, &report->calls_count, &report->calls_capacity, sizeof *calls);
  *to = (reading){report, calls, report->min_confidence};
  if (!calls || !(calls->name = tx_copy_text(name, strlen(name))) ||
      !(calls->file = tx_copy_text(path, strlen(path))))
    return out_of_memory(error);
  return TX_OK;
}

static tx_status rank_number(tx_report_calls *calls, const char *name, uint8_t *ret_rank, tx_error *error)
{
  int at = tx_report_find_rank(calls->ranks, calls->rank_count, name);
  if (at < 0) {
    if (calls->rank_count == TX_RANKS_MAX)
      return tx_fail(error, TX_ERROR_DATA, "%.200s: more than %d ranks", calls->file, TX_RANKS_MAX);
    calls->ranks[calls->rank_count] = tx_copy_text(name, strlen(name));
    if (!calls->ranks[calls->rank_count]) return out_of_memory(error);
    at = (int)calls->rank_count++;
  }
  *ret_rank = (uint8_t)at;
  return TX_OK;
}

static tx_status add_row(reading *to, const tx_record *record, const char *opt_sample, tx_error *error)
{
  tx_result_report *report = to->report;
  const tx_share *shares = NULL;
  size_t count = 0;
  tx_report_row *row =
      tx_report_grow(&to->calls->rows, &to->calls->row_count, &to->calls->row_capacity, sizeof *row);
  tx_status status;
  if (!row) return out_of_memory(error);
  row->truth = TX_REPORT_NONE;
  row->novel_probability = NAN;
  row->novel_rank = TX_RANKS_MAX;
  row->first = to->calls->call_count;
  row->reads = report->size ? (double)record->size : 1;
  status = tx_report_id(report, record->id, record->id_length, &row->id, error);
  if (status != TX_OK) return status;
  if (opt_sample && *opt_sample && !report->sample_from)
    return tx_samples_add(report->samples, opt_sample, &row->sample, error);
  status = tx_samples_of(report->samples, record, &shares, &count, error);
  if (status == TX_OK && count) row->sample = shares[0].sample;
  return status;
}

/* Adds a call to the last row. */
static tx_status add_call(reading *to, uint8_t rank, const char *taxon, double confidence, tx_error *error)
{
  tx_report_calls *calls = to->calls;
  tx_report_call *call =
      tx_report_grow(&calls->calls, &calls->call_count, &calls->call_capacity, sizeof *call);
  if (!call) return out_of_memory(error);
  call->rank = rank;
  call->confidence = confidence == TX_NO_CONFIDENCE ? NAN : (float)confidence;
  calls->rows[calls->row_count - 1].count++;
  return tx_names_add_spaced(to->report->taxa, taxon, &call->taxon, error);
}

/* Cuts the last row below its last rank that reaches the least confidence. */
static void cut_row(reading *to)
{
  tx_report_row *row = &to->calls->rows[to->calls->row_count - 1];
  const double least = to->min_confidence - 1e-7;
  while (row->count && least > 0 && !(to->calls->calls[row->first + row->count - 1].confidence >= least)) {
    row->count--;
    to->calls->call_count--;
  }
}

static uint8_t status_of(const char *word)
{
  static const struct {
    const char *word;
    tx_record_status status;
  } words[] = {
      {"too_short", TX_RECORD_TOO_SHORT}, {"no_bases", TX_RECORD_NO_BASES}, {"unlike", TX_RECORD_UNLIKE}};
  for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
    if (strcmp(word, words[i].word) == 0) return (uint8_t)words[i].status;
  return TX_RECORD_OK;
}

/* The status of the last row and what it says about new taxa. */
static void add_verdict(reading *to, const char *opt_status, const char *opt_novel_rank,
                        double novel_probability)
{
  tx_report_row *row = &to->calls->rows[to->calls->row_count - 1];
  const int rank = opt_novel_rank && *opt_novel_rank
                       ? tx_report_find_rank(to->calls->ranks, to->calls->rank_count, opt_novel_rank)
                       : -1;
  if (opt_status) to->calls->has_status = true;
  row->status = status_of(opt_status);
  row->novel_probability = (float)novel_probability;
  if (rank >= 0) row->novel_rank = (uint8_t)rank;
}

tx_status tx_report_read_table(tx_result_report *report, const char *path, const char *name, tx_error *error)
{
  tx_prediction_reader *rows = NULL;
  reading to = {0};
  tx_status status = begin_file(report, path, name, &to, error);
  if (status == TX_OK) status = tx_prediction_reader_open(path, &report->hooks, &rows, error);
  for (size_t r = 0; status == TX_OK && r < tx_prediction_reader_rank_count(rows); r++)
    status = rank_number(to.calls, tx_prediction_reader_ranks(rows)[r], &(uint8_t){0}, error);
  while (status == TX_OK) {
    tx_prediction_row row;
    if (report->hooks.stop && *report->hooks.stop) status = TX_STOPPED;
    if (status == TX_OK) status = tx_prediction_reader_next(rows, 0, &row, error);
    if (status == TX_OK) status = add_row(&to, &row.record, row.sample, error);
    for (size_t r = 0; status == TX_OK && r < to.calls->rank_count; r++)
      if (row.taxa[r]) status = add_call(&to, (uint8_t)r, row.taxa[r], row.confidence[r], error);
    if (status != TX_OK) break;
    to.calls->has_references |= row.novel_rank != NULL;
    add_verdict(&to, row.status, row.novel_rank, row.novel_probability);
    cut_row(&to);
  }
  tx_prediction_reader_close(rows);
  return status == TX_END ? TX_OK : status;
}

static const char *text_of(const tx_json *object, const char *key)
{
  return tx_json_string(tx_json_get(object, key));
}

static tx_status add_lineage(reading *to, const tx_json *lineage, tx_error *error)
{
  tx_status status = TX_OK;
  for (const tx_json *item = tx_json_first(lineage); item && status == TX_OK; item = tx_json_next(item)) {
    const char *rank = text_of(item, "rank"), *taxon = text_of(item, "taxon");
    const tx_json *value = tx_json_get(item, "confidence");
    uint8_t number = 0;
    if (!rank || !*rank || !taxon) return tx_fail(error, TX_ERROR_DATA, "a lineage without rank and taxon");
    status = rank_number(to->calls, rank, &number, error);
    if (status == TX_OK)
      status = add_call(to, number, taxon,
                        tx_json_is_number(value) ? tx_json_number(value) : TX_NO_CONFIDENCE, error);
  }
  return status;
}

static tx_status add_object(reading *to, const tx_json *object, tx_record *record, tx_error *error)
{
  const tx_json *probability = tx_json_get(object, "novel_probability");
  const tx_json *size = tx_json_get(object, "size"), *length = tx_json_get(object, "length");
  const char *id = text_of(object, "id"), *novel_rank = text_of(object, "novel_rank");
  uint8_t rank = 0;
  tx_status status;
  if (!id || !tx_json_is_array(tx_json_get(object, "lineage")))
    return tx_fail(error, TX_ERROR_DATA, "no object with id and lineage, as of taxamba classify -f jsonl");
  record->id = id;
  record->id_length = strlen(id);
  record->size = 1;
  if (tx_json_is_number(size) && tx_json_number(size) >= 1 && tx_json_number(size) < 9007199254740992.0)
    record->size = (uint64_t)tx_json_number(size);
  status = add_row(to, record, text_of(object, "sample"), error);
  if (status == TX_OK) status = add_lineage(to, tx_json_get(object, "lineage"), error);
  if (status == TX_OK && novel_rank && *novel_rank) status = rank_number(to->calls, novel_rank, &rank, error);
  if (status != TX_OK) return status;
  to->calls->has_references |= tx_json_get(object, "novel_rank") != NULL;
  add_verdict(to, text_of(object, "status"), novel_rank,
              tx_json_is_number(probability) ? tx_json_number(probability) : NAN);
  if (tx_json_is_number(length) && tx_json_number(length) >= 0 && tx_json_number(length) < UINT32_MAX)
    to->calls->rows[to->calls->row_count - 1].length = (uint32_t)tx_json_number(length);
  cut_row(to);
  return TX_OK;
}

/* Ranks of JSON lines appear as they are called: puts them in their order from the top. */
static void sort_ranks(tx_report_calls *calls)
{
  uint8_t place[TX_RANKS_MAX], order[TX_RANKS_MAX];
  char *names[TX_RANKS_MAX];
  for (size_t r = 0; r < calls->rank_count; r++) {
    size_t at = r;
    while (at && tx_rank_level(calls->ranks[order[at - 1]]) > tx_rank_level(calls->ranks[r])) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = (uint8_t)r;
  }
  for (size_t r = 0; r < calls->rank_count; r++) {
    place[order[r]] = (uint8_t)r;
    names[r] = calls->ranks[order[r]];
  }
  memcpy(calls->ranks, names, calls->rank_count * sizeof *names);
  for (size_t i = 0; i < calls->call_count; i++) calls->calls[i].rank = place[calls->calls[i].rank];
  for (size_t i = 0; i < calls->row_count; i++)
    if (calls->rows[i].novel_rank < calls->rank_count)
      calls->rows[i].novel_rank = place[calls->rows[i].novel_rank];
}

tx_status tx_report_read_lines(tx_result_report *report, const char *path, const char *name, tx_error *error)
{
  tx_lines *lines = NULL;
  reading to = {0};
  const char *line;
  size_t length;
  tx_record record = {.comment = "", .bases = "", .file = path};
  tx_status status = begin_file(report, path, name, &to, error);
  if (status == TX_OK) status = tx_lines_open(path, &report->hooks, &lines, error);
  while (status == TX_OK && (status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    tx_json *object = NULL;
    tx_error cause = {0};
    if (!length) continue;
    record.line = tx_lines_number(lines);
    record.number++;
    status = tx_json_parse(line, length, "a prediction", &object, &cause);
    if (status == TX_OK) status = add_object(&to, object, &record, &cause);
    tx_json_free(object);
    if (status != TX_OK && status != TX_STOPPED)
      status = tx_fail_at(error, status, path, record.line, 0, "%s", cause.message);
  }
  tx_lines_close(lines);
  if (status == TX_END) sort_ranks(to.calls);
  return status == TX_END ? TX_OK : status;
}

static tx_status add_found(reading *to, const tx_predictions *found, size_t row, tx_error *error)
{
  const char *taxa[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  const char *id = tx_predictions_id(found, row);
  tx_record record = {.id = id,
                      .id_length = strlen(id),
                      .comment = "",
                      .bases = "",
                      .size = 1,
                      .file = to->calls->file,
                      .number = row + 1};
  static const tx_id_options keep = {0};
  size_t length = record.id_length;
  char *own = tx_copy_text(id, length);
  tx_status status;
  if (!own) return out_of_memory(error);
  record.size = tx_header_take_size(own, &length, &keep);
  free(own);
  status = add_row(to, &record, NULL, error);
  if (status == TX_OK) tx_predictions_find(found, id, taxa, confidence);
  for (size_t r = 0; status == TX_OK && r < to->calls->rank_count; r++)
    if (taxa[r]) status = add_call(to, (uint8_t)r, taxa[r], confidence[r], error);
  if (status == TX_OK) cut_row(to);
  return status;
}

tx_status tx_report_read_others(tx_result_report *report, const char *path, const char *name, tx_error *error)
{
  const tx_predictions_options options = {.hooks = report->hooks};
  tx_predictions *found = NULL;
  reading to = {0};
  tx_status status = tx_predictions_read(path, &options, &found, error);
  if (status != TX_OK) return status;
  status = begin_file(report, path, name, &to, error);
  for (size_t r = 0; status == TX_OK && r < tx_predictions_rank_count(found); r++)
    status = rank_number(to.calls, tx_predictions_rank_name(found, r), &(uint8_t){0}, error);
  for (size_t i = 0; status == TX_OK && i < tx_predictions_count(found); i++)
    status = add_found(&to, found, i, error);
  tx_predictions_free(found);
  return status;
}

const tx_report_call *tx_report_call_at(const tx_report_calls *calls, const tx_report_row *row, size_t rank)
{
  for (size_t i = 0; i < row->count; i++)
    if (calls->calls[row->first + i].rank == rank) return &calls->calls[row->first + i];
  return NULL;
}
