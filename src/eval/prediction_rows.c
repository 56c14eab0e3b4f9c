#include "eval/prediction_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the predictions");
}

tx_status tx_prediction_rows_create(const char *file, tx_prediction_rows *ret_rows, tx_error *error)
{
  tx_status status;
  *ret_rows = (tx_prediction_rows){.file = file, .format = "table"};
  status = tx_names_create(&ret_rows->ids, error);
  if (status == TX_OK) status = tx_names_create(&ret_rows->names, error);
  if (status == TX_OK) status = tx_names_create(&ret_rows->ranks, error);
  return status;
}

void tx_prediction_rows_free(tx_prediction_rows *rows)
{
  tx_names_free(rows->ids);
  tx_names_free(rows->names);
  tx_names_free(rows->ranks);
  free(rows->starts);
  free(rows->calls);
  *rows = (tx_prediction_rows){0};
}

tx_status tx_prediction_rows_rank(tx_prediction_rows *rows, const char *rank, uint32_t *ret_number,
                                  tx_error *error)
{
  const size_t known = tx_names_count(rows->ranks);
  const tx_status status = tx_names_add(rows->ranks, rank, strlen(rank), ret_number, error);
  if (status == TX_OK && *ret_number == known && known == TX_RANKS_MAX)
    return tx_fail(error, TX_ERROR_DATA, "%s: more than %d ranks", rows->file, TX_RANKS_MAX);
  return status;
}

tx_status tx_prediction_rows_begin(tx_prediction_rows *rows, const char *id, size_t length, uint64_t line,
                                   tx_error *error)
{
  const size_t known = tx_names_count(rows->ids);
  uint32_t row = 0;
  tx_status status;
  if (!length) return tx_fail_at(error, TX_ERROR_DATA, rows->file, line, 0, "a row without an id");
  status = tx_names_add(rows->ids, id, length, &row, error);
  if (status != TX_OK) return status;
  if (row < known)
    return tx_fail_at(error, TX_ERROR_DATA, rows->file, line, 0,
                      "id '%.200s' is there a second time: predictions are matched by id",
                      tx_names_key(rows->ids, row, NULL));
  if (!tx_reserve(&rows->starts, &rows->start_capacity, known + 2, sizeof *rows->starts))
    return out_of_memory(error);
  rows->starts[row] = rows->call_count;
  return TX_OK;
}

tx_status tx_prediction_rows_add(tx_prediction_rows *rows, const char *rank, const char *name,
                                 double confidence, tx_error *error)
{
  tx_prediction_call call = {.confidence = confidence};
  tx_status status;
  if (!name || !*name) return TX_OK;
  status = tx_prediction_rows_rank(rows, rank, &call.rank, error);
  if (status == TX_OK) status = tx_names_add(rows->names, name, strlen(name), &call.name, error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&rows->calls, &rows->call_capacity, rows->call_count + 1, sizeof *rows->calls))
    return out_of_memory(error);
  if (confidence != TX_NO_CONFIDENCE) rows->has_confidences = true;
  rows->calls[rows->call_count++] = call;
  return TX_OK;
}

tx_status tx_prediction_rows_add_lineage(tx_prediction_rows *rows, const tx_lineage *lineage, double last,
                                         tx_error *error)
{
  size_t deepest = 0;
  tx_status status = TX_OK;
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++)
    if (lineage->names[i] && !(lineage->optional >> i & 1)) deepest = i;
  for (size_t i = 0; i <= deepest && status == TX_OK; i++)
    if (!(lineage->optional >> i & 1))
      status = tx_prediction_rows_add(rows, tx_lineage_rank(i), lineage->names[i],
                                      i == deepest ? last : TX_NO_CONFIDENCE, error);
  return status;
}

tx_status tx_prediction_rows_confidence(const tx_prediction_rows *rows, const char *text, uint64_t line,
                                        double *ret_value, tx_error *error)
{
  char *end;
  *ret_value = strtod(text, &end);
  if (end != text && !*end && isfinite(*ret_value) && *ret_value >= 0 && *ret_value <= 1) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, rows->file, line, 0, "confidence '%.100s' is no number from 0 to 1",
                    text);
}

/* Puts the ranks in order: place[number] is the column of a rank. */
static tx_status place_ranks(const tx_prediction_rows *rows, tx_predictions *predictions,
                             size_t place[TX_RANKS_MAX], tx_error *error)
{
  const size_t count = tx_names_count(rows->ranks);
  for (size_t r = 0; r < count; r++) {
    const char *name = tx_names_key(rows->ranks, (uint32_t)r, NULL);
    place[r] = r;
    if (rows->ranks_by_prefix) {
      place[r] = 0;
      for (size_t o = 0; o < count; o++)
        place[r] +=
            tx_lineage_find_rank(tx_names_key(rows->ranks, (uint32_t)o, NULL)) < tx_lineage_find_rank(name);
    }
    predictions->ranks[place[r]] = tx_copy_text(name, strlen(name));
    if (!predictions->ranks[place[r]]) return out_of_memory(error);
  }
  predictions->rank_count = count;
  return TX_OK;
}

static void lay_out_row(const tx_prediction_rows *rows, size_t row, size_t end, double min_confidence,
                        const size_t *place, tx_predictions *predictions)
{
  const size_t ranks = predictions->rank_count;
  uint32_t *calls = predictions->calls + row * ranks;
  double *confidence = predictions->confidence + row * ranks;
  size_t kept = min_confidence > 0 ? 0 : ranks;
  for (size_t r = 0; r < ranks; r++) calls[r] = TX_NO_CALL;
  for (size_t i = rows->starts[row]; i < end; i++) {
    const size_t r = place[rows->calls[i].rank];
    calls[r] = rows->calls[i].name;
    confidence[r] = rows->calls[i].confidence;
  }
  for (size_t r = 0; r < ranks; r++)
    if (calls[r] != TX_NO_CALL && confidence[r] >= min_confidence && r >= kept) kept = r + 1;
  for (size_t r = kept; r < ranks; r++) {
    calls[r] = TX_NO_CALL;
    confidence[r] = 0;
  }
}

/* The ids as they are without annotations. */
static tx_status add_plain(tx_predictions *predictions, tx_error *error)
{
  const size_t count = tx_names_count(predictions->ids);
  tx_status status = tx_names_create(&predictions->plain, error);
  predictions->row_of_plain = calloc(count + 1, sizeof *predictions->row_of_plain);
  if (status == TX_OK && !predictions->row_of_plain) status = out_of_memory(error);
  for (size_t row = 0; row < count && status == TX_OK; row++) {
    const char *id = tx_names_key(predictions->ids, (uint32_t)row, NULL);
    const size_t known = tx_names_count(predictions->plain);
    uint32_t number = 0;
    status = tx_names_add(predictions->plain, id, strcspn(id, ";"), &number, error);
    if (status == TX_OK) predictions->row_of_plain[number] = number == known ? (uint32_t)row : TX_NO_CALL;
  }
  return status;
}

static tx_status lay_out(tx_prediction_rows *rows, double min_confidence, tx_predictions *predictions,
                         tx_error *error)
{
  const size_t count = tx_names_count(rows->ids);
  size_t place[TX_RANKS_MAX] = {0}, size = 0;
  tx_status status = place_ranks(rows, predictions, place, error);
  if (status != TX_OK) return status;
  if (!tx_multiply(count, predictions->rank_count, &size)) return out_of_memory(error);
  predictions->calls = calloc(size + 1, sizeof *predictions->calls);
  predictions->confidence = calloc(size + 1, sizeof *predictions->confidence);
  if (!predictions->calls || !predictions->confidence) return out_of_memory(error);
  for (size_t row = 0; row < count; row++)
    lay_out_row(rows, row, row + 1 < count ? rows->starts[row + 1] : rows->call_count, min_confidence, place,
                predictions);
  predictions->format = rows->format;
  predictions->has_confidences = rows->has_confidences;
  predictions->ids = rows->ids;
  predictions->names = rows->names;
  rows->ids = rows->names = NULL;
  return add_plain(predictions, error);
}

tx_status tx_prediction_rows_finish(tx_prediction_rows *rows, double min_confidence,
                                    tx_predictions **ret_predictions, tx_error *error)
{
  tx_predictions *predictions;
  tx_status status;
  *ret_predictions = NULL;
  if (min_confidence > 0 && rows->call_count && !rows->has_confidences)
    return tx_fail(error, TX_ERROR_USAGE, "%s has no confidences that --min-confidence could cut at",
                   rows->file);
  predictions = calloc(1, sizeof *predictions);
  if (!predictions) return out_of_memory(error);
  status = lay_out(rows, min_confidence, predictions, error);
  if (status == TX_OK)
    *ret_predictions = predictions;
  else
    tx_predictions_free(predictions);
  return status;
}

const char *tx_predictions_format_name(const tx_predictions *predictions)
{
  return predictions->format;
}

bool tx_predictions_has_confidences(const tx_predictions *predictions)
{
  return predictions->has_confidences;
}

size_t tx_predictions_rank_count(const tx_predictions *predictions)
{
  return predictions->rank_count;
}

const char *tx_predictions_rank_name(const tx_predictions *predictions, size_t rank)
{
  return predictions->ranks[rank];
}

size_t tx_predictions_count(const tx_predictions *predictions)
{
  return tx_names_count(predictions->ids);
}

/* The row of an id, -1 if there is none. */
static int64_t find_row(const tx_predictions *predictions, const char *id)
{
  int64_t row = tx_names_find(predictions->ids, id, strlen(id));
  if (row >= 0) return row;
  row = tx_names_find(predictions->plain, id, strcspn(id, ";"));
  if (row < 0 || predictions->row_of_plain[row] == TX_NO_CALL) return -1;
  return predictions->row_of_plain[row];
}

bool tx_predictions_find(const tx_predictions *predictions, const char *id, const char **called,
                         double *confidence)
{
  const int64_t row = find_row(predictions, id);
  for (size_t r = 0; r < predictions->rank_count; r++) {
    const size_t at = row < 0 ? 0 : (size_t)row * predictions->rank_count + r;
    const uint32_t call = row < 0 ? TX_NO_CALL : predictions->calls[at];
    called[r] = call == TX_NO_CALL ? NULL : tx_names_key(predictions->names, call, NULL);
    confidence[r] = call == TX_NO_CALL ? 0 : predictions->confidence[at];
  }
  return row >= 0;
}

void tx_predictions_free(tx_predictions *predictions)
{
  if (!predictions) return;
  tx_names_free(predictions->ids);
  tx_names_free(predictions->plain);
  tx_names_free(predictions->names);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(predictions->ranks[r]);
  free(predictions->row_of_plain);
  free(predictions->calls);
  free(predictions->confidence);
  free(predictions);
}
