#include "eval/predictions.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/names.h"

#define CONFIDENCE "_confidence"
#define NO_CALL UINT32_MAX

struct tx_predictions {
  tx_names *ids;   /* ids; the number of an id is its row */
  tx_names *names; /* names of taxa */
  char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  uint32_t *calls;    /* (rows, ranks) numbers in `names`, or NO_CALL */
  double *confidence; /* (rows, ranks) of the calls */
  size_t call_capacity, confidence_capacity;
};

typedef struct table {
  tx_lines *lines;
  char *text; /* the current line, cut at its tabs */
  size_t text_capacity;
  char **fields; /* into text */
  size_t field_count, field_capacity;
  size_t header_count;
  size_t call_column[TX_RANKS_MAX], confidence_column[TX_RANKS_MAX];
} table;

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the predictions");
}

/* Reads a line and cuts it at its tabs. TX_END at the end of the file. */
static tx_status next_line(table *t, tx_error *error)
{
  const char *line;
  size_t length;
  char *at;
  tx_status status = tx_lines_next(t->lines, &line, &length, error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&t->text, &t->text_capacity, length + 1, 1)) return out_of_memory(error);
  memcpy(t->text, line, length + 1);
  t->field_count = 0;
  for (at = t->text;; at++) {
    if (!tx_reserve(&t->fields, &t->field_capacity, t->field_count + 1, sizeof *t->fields))
      return out_of_memory(error);
    t->fields[t->field_count++] = at;
    at = strchr(at, '\t');
    if (!at) return TX_OK;
    *at = '\0';
  }
}

static tx_status add_rank(table *t, size_t column, tx_predictions *predictions, tx_error *error)
{
  const char *name = t->fields[column];
  const size_t rank = predictions->rank_count;
  if (rank == TX_RANKS_MAX)
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(t->lines), 1, 0, "more than %d ranks",
                      TX_RANKS_MAX);
  t->call_column[rank] = column;
  t->confidence_column[rank] = column + 1;
  predictions->ranks[rank] = tx_copy_text(name, strlen(name));
  if (!predictions->ranks[rank]) return out_of_memory(error);
  predictions->rank_count++;
  return TX_OK;
}

static tx_status read_header(table *t, tx_predictions *predictions, tx_error *error)
{
  const char *file = tx_lines_name(t->lines);
  tx_status status = next_line(t, error);
  if (status == TX_END)
    return tx_fail_at(error, TX_ERROR_DATA, file, 0, 0,
                      "an empty file: expected the table that taxamba classify writes");
  if (status != TX_OK) return status;
  t->header_count = t->field_count;
  if (strcmp(t->fields[0], "id") == 0)
    for (size_t i = 1; i + 1 < t->field_count && status == TX_OK; i++) {
      const size_t length = strlen(t->fields[i]);
      const char *next = t->fields[i + 1];
      if (!length || strncmp(next, t->fields[i], length) != 0 || strcmp(next + length, CONFIDENCE) != 0)
        continue;
      status = add_rank(t, i, predictions, error);
    }
  if (status != TX_OK || predictions->rank_count) return status;
  return tx_fail_at(error, TX_ERROR_DATA, file, 1, 0,
                    "no header with id, RANK and RANK_confidence: expected the table that taxamba classify "
                    "writes");
}

static tx_status read_confidence(const table *t, const char *text, double *ret_value, tx_error *error)
{
  char *end;
  *ret_value = strtod(text, &end);
  if (end != text && !*end && isfinite(*ret_value) && *ret_value >= 0 && *ret_value <= 1) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(t->lines), tx_lines_number(t->lines), 0,
                    "confidence '%.100s' is no number from 0 to 1", text);
}

/* Begins the row for the id of the current line. */
static tx_status begin_row(const table *t, tx_predictions *predictions, uint32_t *ret_row, tx_error *error)
{
  const char *id = t->fields[0];
  const size_t rows = tx_names_count(predictions->ids), needed = (rows + 1) * predictions->rank_count;
  tx_status status;
  if (t->field_count != t->header_count)
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(t->lines), tx_lines_number(t->lines), 0,
                      "%zu fields, the header has %zu", t->field_count, t->header_count);
  status = tx_names_add(predictions->ids, id, strlen(id), ret_row, error);
  if (status != TX_OK) return status;
  if (*ret_row < rows)
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(t->lines), tx_lines_number(t->lines), 0,
                      "id '%.200s' is there a second time: predictions are matched by id", id);
  if (!tx_reserve(&predictions->calls, &predictions->call_capacity, needed, sizeof *predictions->calls) ||
      !tx_reserve(&predictions->confidence, &predictions->confidence_capacity, needed,
                  sizeof *predictions->confidence))
    return out_of_memory(error);
  return TX_OK;
}

static tx_status add_row(table *t, double min_confidence, tx_predictions *predictions, tx_error *error)
{
  const size_t ranks = predictions->rank_count;
  size_t deepest = 0;
  uint32_t row = 0, *calls;
  double *confidences;
  tx_status status = begin_row(t, predictions, &row, error);
  if (status != TX_OK) return status;
  calls = predictions->calls + row * ranks;
  confidences = predictions->confidence + row * ranks;
  for (size_t r = 0; r < ranks && status == TX_OK; r++) {
    const char *name = t->fields[t->call_column[r]];
    calls[r] = NO_CALL;
    confidences[r] = 0;
    if (!*name) continue;
    status = read_confidence(t, t->fields[t->confidence_column[r]], &confidences[r], error);
    if (status == TX_OK) status = tx_names_add(predictions->names, name, strlen(name), &calls[r], error);
    if (confidences[r] >= min_confidence) deepest = r + 1;
  }
  for (size_t r = deepest; r < ranks; r++) calls[r] = NO_CALL;
  return status;
}

static tx_status read_table(table *t, double min_confidence, tx_predictions *predictions, tx_error *error)
{
  tx_status status = tx_names_create(&predictions->ids, error);
  if (status == TX_OK) status = tx_names_create(&predictions->names, error);
  if (status == TX_OK) status = read_header(t, predictions, error);
  while (status == TX_OK) {
    status = next_line(t, error);
    if (status == TX_OK) status = add_row(t, min_confidence, predictions, error);
  }
  return status == TX_END ? TX_OK : status;
}

tx_status tx_predictions_read_input(tx_input *input, double min_confidence, tx_predictions **ret_predictions,
                                    tx_error *error)
{
  table t = {0};
  tx_predictions *predictions = NULL;
  tx_status status = tx_lines_adopt(input, &t.lines, error);
  *ret_predictions = NULL;
  if (status != TX_OK) return status;
  predictions = calloc(1, sizeof *predictions);
  status = predictions ? read_table(&t, min_confidence, predictions, error) : out_of_memory(error);
  tx_lines_close(t.lines);
  free(t.text);
  free(t.fields);
  if (status == TX_OK)
    *ret_predictions = predictions;
  else
    tx_predictions_free(predictions);
  return status;
}

tx_status tx_predictions_read(const char *path, double min_confidence, const tx_input_hooks *opt_hooks,
                              tx_predictions **ret_predictions, tx_error *error)
{
  tx_input *input = NULL;
  tx_status status = tx_input_open(path, opt_hooks, &input, error);
  *ret_predictions = NULL;
  return status == TX_OK ? tx_predictions_read_input(input, min_confidence, ret_predictions, error) : status;
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

const char *tx_predictions_id(const tx_predictions *predictions, size_t row)
{
  return tx_names_key(predictions->ids, (uint32_t)row, NULL);
}

bool tx_predictions_find(const tx_predictions *predictions, const char *id, const char **called,
                         double *confidence)
{
  const int64_t row = tx_names_find(predictions->ids, id, strlen(id));
  for (size_t r = 0; r < predictions->rank_count; r++) {
    const size_t at = row < 0 ? 0 : (size_t)row * predictions->rank_count + r;
    const uint32_t call = row < 0 ? NO_CALL : predictions->calls[at];
    called[r] = call == NO_CALL ? NULL : tx_names_key(predictions->names, call, NULL);
    confidence[r] = call == NO_CALL ? 0 : predictions->confidence[at];
  }
  return row >= 0;
}

void tx_predictions_free(tx_predictions *predictions)
{
  if (!predictions) return;
  tx_names_free(predictions->ids);
  tx_names_free(predictions->names);
  for (size_t r = 0; r < predictions->rank_count; r++) free(predictions->ranks[r]);
  free(predictions->calls);
  free(predictions->confidence);
  free(predictions);
}
