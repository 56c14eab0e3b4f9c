#include "eval/prediction_rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/table.h"
#include "seq/header.h"

#define CONFIDENCE "_confidence"

struct tx_prediction_rows {
  tx_table *table;
  const char *ranks[TX_RANKS_MAX]; /* borrowed from the table */
  size_t rank_count;
  size_t columns[TX_RANKS_MAX];
  bool has_confidences; /* in the column behind each rank */
  size_t id;
  int sample, size; /* -1: none */
};

static tx_status fail_row(const tx_prediction_rows *rows, tx_error *error, const char *what, const char *text)
{
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(rows->table), tx_table_line(rows->table), 0,
                    "%s '%.100s' is no number", what, text);
}

static bool is_confidence_of(const char *name, const char *rank)
{
  const size_t length = strlen(rank);
  return length && strncmp(name, rank, length) == 0 && strcmp(name + length, CONFIDENCE) == 0;
}

static tx_status add_rank(tx_prediction_rows *rows, size_t column, tx_error *error)
{
  if (rows->rank_count == TX_RANKS_MAX)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(rows->table), 1, 0, "more than %d ranks",
                      TX_RANKS_MAX);
  rows->ranks[rows->rank_count] = tx_table_column(rows->table, column);
  rows->columns[rows->rank_count++] = column;
  return TX_OK;
}

/* The ranks have their confidence behind them; in a table without any, all other columns are ranks. */
static tx_status find_ranks(tx_prediction_rows *rows, tx_error *error)
{
  const size_t count = tx_table_column_count(rows->table);
  tx_status status = TX_OK;
  for (size_t i = 0; i + 1 < count && status == TX_OK; i++)
    if (is_confidence_of(tx_table_column(rows->table, i + 1), tx_table_column(rows->table, i)))
      status = add_rank(rows, i, error);
  rows->has_confidences = rows->rank_count > 0;
  for (size_t i = 0; i < count && status == TX_OK && !rows->has_confidences; i++)
    if (i != rows->id && (int)i != rows->sample && (int)i != rows->size) status = add_rank(rows, i, error);
  if (status != TX_OK || rows->rank_count) return status;
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(rows->table), 1, 0,
                    "no column of a rank: expected the table that taxamba classify writes");
}

static tx_status read_header(tx_prediction_rows *rows, tx_error *error)
{
  const int id = tx_table_find(rows->table, "id");
  if (id < 0)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(rows->table), 1, 0,
                      "no column id: expected the table that taxamba classify writes");
  rows->id = (size_t)id;
  rows->sample = tx_table_find(rows->table, "sample");
  rows->size = tx_table_find(rows->table, "size");
  return find_ranks(rows, error);
}

tx_status tx_prediction_rows_open_input(tx_input *input, tx_prediction_rows **ret_rows, tx_error *error)
{
  tx_prediction_rows *rows = calloc(1, sizeof *rows);
  tx_status status;
  *ret_rows = NULL;
  if (!rows) {
    tx_input_close(input);
    return tx_fail_memory(error, "the predictions");
  }
  status = tx_table_open(input, &rows->table, error);
  if (status == TX_OK) status = read_header(rows, error);
  if (status == TX_OK)
    *ret_rows = rows;
  else
    tx_prediction_rows_close(rows);
  return status;
}

tx_status tx_prediction_rows_open(const char *path, const tx_input_hooks *opt_hooks,
                                  tx_prediction_rows **ret_rows, tx_error *error)
{
  tx_input *input = NULL;
  const tx_status status = tx_input_open(path, opt_hooks, &input, error);
  *ret_rows = NULL;
  return status == TX_OK ? tx_prediction_rows_open_input(input, ret_rows, error) : status;
}

size_t tx_prediction_rows_rank_count(const tx_prediction_rows *rows)
{
  return rows->rank_count;
}

const char *const *tx_prediction_rows_ranks(const tx_prediction_rows *rows)
{
  return rows->ranks;
}

/* Reads the name at a rank, and its confidence. */
static tx_status read_rank(const tx_prediction_rows *rows, size_t rank, char **fields,
                           tx_prediction_row *ret_row, tx_error *error)
{
  const char *name = fields[rows->columns[rank]];
  double value = 1;
  ret_row->taxa[rank] = *name ? name : NULL;
  ret_row->confidence[rank] = 0;
  if (!*name) return TX_OK;
  if (rows->has_confidences) {
    const char *text = fields[rows->columns[rank] + 1];
    char *end;
    value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= 1)) return fail_row(rows, error, "confidence", text);
  }
  ret_row->confidence[rank] = value;
  return TX_OK;
}

static tx_status read_size(const tx_prediction_rows *rows, char **fields, tx_record *record, tx_error *error)
{
  static const tx_id_options keep = {0};
  const char *text;
  char *end;
  double value;
  size_t length = record->id_length;
  record->size = tx_header_take_size(fields[rows->id], &length, &keep);
  if (rows->size < 0) return TX_OK;
  text = fields[rows->size];
  value = strtod(text, &end);
  if (end == text || *end || !(value >= 1 && value < 9007199254740992.0) || value != floor(value))
    return fail_row(rows, error, "size", text);
  record->size = (uint64_t)value;
  return TX_OK;
}

tx_status tx_prediction_rows_next(tx_prediction_rows *rows, double min_confidence, tx_prediction_row *ret_row,
                                  tx_error *error)
{
  char **fields = NULL;
  size_t depth = 0;
  tx_status status = tx_table_next(rows->table, &fields, error);
  if (status != TX_OK) return status;
  memset(ret_row, 0, sizeof *ret_row);
  ret_row->record.id = fields[rows->id];
  ret_row->record.id_length = strlen(fields[rows->id]);
  ret_row->record.file = tx_table_name(rows->table);
  ret_row->record.line = tx_table_line(rows->table);
  ret_row->record.number = tx_table_row(rows->table);
  ret_row->sample = rows->sample < 0 ? NULL : fields[rows->sample];
  status = read_size(rows, fields, &ret_row->record, error);
  for (size_t rank = 0; rank < rows->rank_count && status == TX_OK; rank++) {
    status = read_rank(rows, rank, fields, ret_row, error);
    if (ret_row->taxa[rank] && ret_row->confidence[rank] >= min_confidence) depth = rank + 1;
  }
  for (size_t rank = depth; rank < rows->rank_count; rank++) ret_row->taxa[rank] = NULL;
  return status;
}

void tx_prediction_rows_close(tx_prediction_rows *rows)
{
  if (!rows) return;
  tx_table_close(rows->table);
  free(rows);
}
