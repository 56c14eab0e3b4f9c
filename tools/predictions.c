#include "predictions.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define CONFIDENCE "_confidence"

typedef struct table {
  FILE *file;
  const char *name;
  size_t line;
  char *text; /* the current line */
  size_t text_size;
  char **fields; /* into text */
  size_t field_count, field_capacity;
  size_t header_count;
  size_t call_column[TX_RANKS_MAX], confidence_column[TX_RANKS_MAX];
} table;

static tx_status out_of_memory(tx_error *error)
{
  return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the predictions");
}

/* Reads a line and splits it at tabs. TX_END at the end of the file. */
static tx_status next_line(table *t, tx_error *error)
{
  ssize_t length;
  char *at;
  errno = 0;
  length = getline(&t->text, &t->text_size, t->file);
  if (length < 0 || ferror(t->file)) { /* a read that fails in the middle of a line gives what was read of it */
    if (!ferror(t->file) && feof(t->file)) return TX_END;
    if (errno == ENOMEM) return out_of_memory(error);
    return tx_cli_fail(error, TX_ERROR_IO, "%s: cannot read: %s", t->name, strerror(errno));
  }
  t->line++;
  if (strlen(t->text) != (size_t)length)
    return tx_cli_fail(error, TX_ERROR_DATA, "%s:%zu: a zero byte: this is no table of predictions", t->name, t->line);
  t->text[strcspn(t->text, "\r\n")] = '\0';
  t->field_count = 0;
  for (at = t->text;; at++) {
    if (t->field_count == t->field_capacity) {
      size_t capacity = t->field_capacity ? t->field_capacity * 2 : 64;
      char **fields = realloc(t->fields, capacity * sizeof *fields);
      if (!fields) return out_of_memory(error);
      t->fields = fields;
      t->field_capacity = capacity;
    }
    t->fields[t->field_count++] = at;
    at = strchr(at, '\t');
    if (!at) return TX_OK;
    *at = '\0';
  }
}

static tx_status read_header(table *t, tx_predictions *predictions, tx_error *error)
{
  tx_status status = next_line(t, error);
  if (status == TX_END)
    return tx_cli_fail(error, TX_ERROR_DATA, "%s: an empty file: expected the table that taxamba classify writes", t->name);
  if (status != TX_OK) return status;
  t->header_count = t->field_count;
  if (strcmp(t->fields[0], "id") == 0)
    for (size_t i = 1; i + 1 < t->field_count; i++) {
      size_t length = strlen(t->fields[i]);
      const char *next = t->fields[i + 1];
      if (!length || strncmp(next, t->fields[i], length) != 0 || strcmp(next + length, CONFIDENCE) != 0) continue;
      if (predictions->rank_count == TX_RANKS_MAX)
        return tx_cli_fail(error, TX_ERROR_DATA, "%s:1: more than %d ranks", t->name, TX_RANKS_MAX);
      t->call_column[predictions->rank_count] = i;
      t->confidence_column[predictions->rank_count] = i + 1;
      predictions->ranks[predictions->rank_count] = malloc(length + 1);
      if (!predictions->ranks[predictions->rank_count]) return out_of_memory(error);
      memcpy(predictions->ranks[predictions->rank_count++], t->fields[i], length + 1);
    }
  if (predictions->rank_count) return TX_OK;
  return tx_cli_fail(error, TX_ERROR_DATA,
                     "%s:1: no header with id, RANK and RANK_confidence: expected the table that taxamba classify writes", t->name);
}

static tx_status read_confidence(const table *t, const char *text, double *ret, tx_error *error)
{
  char *end;
  *ret = strtod(text, &end);
  if (end == text || *end || !isfinite(*ret) || *ret < 0 || *ret > 1)
    return tx_cli_fail(error, TX_ERROR_DATA, "%s:%zu: confidence '%.100s' is no number from 0 to 1", t->name, t->line, text);
  return TX_OK;
}

static bool reserve(tx_predictions *predictions, size_t needed)
{
  size_t capacity = predictions->capacity ? predictions->capacity * 2 : 1024;
  uint32_t *calls;
  double *confidence;
  if (needed <= predictions->capacity) return true;
  calls = realloc(predictions->calls, capacity * sizeof *calls);
  if (calls) predictions->calls = calls;
  confidence = realloc(predictions->confidence, capacity * sizeof *confidence);
  if (confidence) predictions->confidence = confidence;
  if (!calls || !confidence) return false;
  predictions->capacity = capacity;
  return true;
}

static tx_status add_row(table *t, double min_confidence, tx_predictions *predictions, tx_error *error)
{
  size_t ranks = predictions->rank_count, deepest = 0;
  uint32_t row, *calls;
  double *confidences;
  bool is_new;
  if (t->field_count != t->header_count)
    return tx_cli_fail(error, TX_ERROR_DATA, "%s:%zu: %zu fields, the header has %zu", t->name, t->line, t->field_count, t->header_count);
  if (!tx_idmap_add(&predictions->ids, t->fields[0], &row, &is_new)) return out_of_memory(error);
  if (!is_new)
    return tx_cli_fail(error, TX_ERROR_DATA, "%s:%zu: id '%.200s' is there a second time: predictions are matched by id", t->name, t->line,
                       t->fields[0]);
  if (!reserve(predictions, predictions->ids.count * ranks)) return out_of_memory(error);
  calls = predictions->calls + row * ranks;
  confidences = predictions->confidence + row * ranks;
  for (size_t r = 0; r < ranks; r++) {
    const char *name = t->fields[t->call_column[r]];
    calls[r] = TX_ID_NONE;
    confidences[r] = 0;
    if (!*name) continue;
    tx_status status = read_confidence(t, t->fields[t->confidence_column[r]], &confidences[r], error);
    if (status != TX_OK) return status;
    if (confidences[r] >= min_confidence) deepest = r + 1;
    if (!tx_idmap_add(&predictions->names, name, &calls[r], &is_new)) return out_of_memory(error);
  }
  for (size_t r = deepest; r < ranks; r++) calls[r] = TX_ID_NONE;
  return TX_OK;
}

tx_status tx_predictions_read(const char *path, double min_confidence, tx_predictions *ret_predictions, tx_error *error)
{
  bool standard_input = strcmp(path, "-") == 0;
  table t = {.name = standard_input ? "standard input" : path};
  tx_status status;
  memset(ret_predictions, 0, sizeof *ret_predictions);
  t.file = standard_input ? stdin : fopen(path, "r");
  if (!t.file) return tx_cli_fail(error, TX_ERROR_IO, "%s: cannot open: %s", path, strerror(errno));
  status = read_header(&t, ret_predictions, error);
  while (status == TX_OK) {
    status = *tx_stop_flag() ? TX_STOPPED : next_line(&t, error);
    if (status == TX_OK) status = add_row(&t, min_confidence, ret_predictions, error);
  }
  if (!standard_input) fclose(t.file);
  free(t.text);
  free(t.fields);
  if (status == TX_END) return TX_OK;
  tx_predictions_clear(ret_predictions);
  return status;
}

bool tx_predictions_find(const tx_predictions *predictions, const char *id, const char **called, double *confidence)
{
  uint32_t row = tx_idmap_find(&predictions->ids, id);
  for (size_t r = 0; r < predictions->rank_count; r++) {
    uint32_t call = row == TX_ID_NONE ? TX_ID_NONE : predictions->calls[row * predictions->rank_count + r];
    called[r] = call == TX_ID_NONE ? NULL : predictions->names.keys[call];
    confidence[r] = call == TX_ID_NONE ? 0 : predictions->confidence[row * predictions->rank_count + r];
  }
  return row != TX_ID_NONE;
}

void tx_predictions_clear(tx_predictions *predictions)
{
  tx_idmap_clear(&predictions->ids);
  tx_idmap_clear(&predictions->names);
  for (size_t r = 0; r < predictions->rank_count; r++) free(predictions->ranks[r]);
  free(predictions->calls);
  free(predictions->confidence);
  memset(predictions, 0, sizeof *predictions);
}
