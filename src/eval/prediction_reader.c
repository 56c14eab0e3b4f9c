#include "eval/prediction_reader.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "seq/header.h"
#include "taxon/ranks.h"

#include <taxamba/labelled.h>

#define CONFIDENCE "_confidence"

struct tx_prediction_reader {
  tx_table *table;
  const char *ranks[TX_RANKS_MAX]; /* borrowed from the table */
  size_t rank_count;
  size_t columns[TX_RANKS_MAX];
  bool has_confidences; /* in the column behind each rank */
  size_t id;
  int sample, size, status, novel_rank, novel_probability; /* -1: none */
};

static tx_status fail_row(const tx_prediction_reader *reader, tx_error *error, const char *what,
                          const char *text)
{
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(reader->table), tx_table_line(reader->table), 0,
                    "%s '%.100s' is no number", what, text);
}

static bool is_confidence_of(const char *name, const char *rank)
{
  const size_t length = strlen(rank);
  return length && strncmp(name, rank, length) == 0 && strcmp(name + length, CONFIDENCE) == 0;
}

static tx_status add_rank(tx_prediction_reader *reader, size_t column, tx_error *error)
{
  for (size_t r = 0; r < reader->rank_count; r++)
    if (strcmp(reader->ranks[r], tx_table_column(reader->table, column)) == 0)
      return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(reader->table), 1, 0, "two columns '%.100s'",
                        reader->ranks[r]);
  if (reader->rank_count == TX_RANKS_MAX)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(reader->table), 1, 0, "more than %d ranks",
                      TX_RANKS_MAX);
  reader->ranks[reader->rank_count] = tx_table_column(reader->table, column);
  reader->columns[reader->rank_count++] = column;
  return TX_OK;
}

/* The ranks have their confidence behind them; in a table without any, they are the columns named like
   ranks. */
static tx_status find_ranks(tx_prediction_reader *reader, tx_error *error)
{
  const size_t count = tx_table_column_count(reader->table);
  tx_status status = TX_OK;
  for (size_t i = 0; i + 1 < count && status == TX_OK; i++)
    if (is_confidence_of(tx_table_column(reader->table, i + 1), tx_table_column(reader->table, i)))
      status = add_rank(reader, i, error);
  reader->has_confidences = reader->rank_count > 0;
  for (size_t i = 0; i < count && status == TX_OK && !reader->has_confidences; i++)
    if (tx_rank_level(tx_table_column(reader->table, i)) >= 0)
      status = add_rank(reader, i, error);
  if (status != TX_OK || reader->rank_count) return status;
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(reader->table), 1, 0,
                    "no column of a rank: expected the table that taxamba classify writes, or columns named "
                    "like the ranks");
}

static tx_status read_header(tx_prediction_reader *reader, tx_error *error)
{
  const int id = tx_table_find(reader->table, "id");
  if (id < 0)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(reader->table), 1, 0,
                      "no column id: expected the table that taxamba classify writes");
  reader->id = (size_t)id;
  reader->sample = tx_table_find(reader->table, "sample");
  reader->size = tx_table_find(reader->table, "size");
  reader->status = tx_table_find(reader->table, "status");
  reader->novel_rank = tx_table_find(reader->table, "novel_rank");
  reader->novel_probability = tx_table_find(reader->table, "novel_probability");
  return find_ranks(reader, error);
}

tx_status tx_prediction_reader_open_input(tx_input *input, tx_prediction_reader **ret_reader, tx_error *error)
{
  tx_prediction_reader *reader = calloc(1, sizeof *reader);
  tx_status status;
  *ret_reader = NULL;
  if (!reader) {
    tx_input_close(input);
    return tx_fail_memory(error, "the predictions");
  }
  status = tx_table_open(input, &reader->table, error);
  if (status == TX_OK) status = read_header(reader, error);
  if (status == TX_OK)
    *ret_reader = reader;
  else
    tx_prediction_reader_close(reader);
  return status;
}

tx_status tx_prediction_reader_open(const char *path, const tx_input_hooks *opt_hooks,
                                  tx_prediction_reader **ret_reader, tx_error *error)
{
  tx_input *input = NULL;
  const tx_status status = tx_input_open(path, opt_hooks, &input, error);
  *ret_reader = NULL;
  return status == TX_OK ? tx_prediction_reader_open_input(input, ret_reader, error) : status;
}

size_t tx_prediction_reader_rank_count(const tx_prediction_reader *reader)
{
  return reader->rank_count;
}

const char *const *tx_prediction_reader_ranks(const tx_prediction_reader *reader)
{
  return reader->ranks;
}

/* Reads the name at a rank, and its confidence. */
static tx_status read_rank(const tx_prediction_reader *reader, size_t rank, char **fields,
                           tx_prediction_row *ret_row, tx_error *error)
{
  const char *name = fields[reader->columns[rank]];
  double value = 1;
  ret_row->taxa[rank] = tx_label_is_missing(name) ? NULL : name;
  ret_row->confidence[rank] = 0;
  if (!ret_row->taxa[rank]) return TX_OK;
  if (reader->has_confidences) {
    const char *text = fields[reader->columns[rank] + 1];
    char *end;
    value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= 1))
      return fail_row(reader, error, "confidence", text);
  }
  ret_row->confidence[rank] = value;
  return TX_OK;
}

static tx_status read_size(const tx_prediction_reader *reader, char **fields, tx_record *record,
                           tx_error *error)
{
  static const tx_id_options keep = {0};
  const char *text;
  char *end;
  double value;
  size_t length = record->id_length;
  record->size = tx_header_take_size(fields[reader->id], &length, &keep);
  if (reader->size < 0) return TX_OK;
  text = fields[reader->size];
  value = strtod(text, &end);
  if (end == text || *end || text[strspn(text, "0123456789")] || !(value >= 1 && value < 9007199254740992.0))
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(reader->table), tx_table_line(reader->table), 0,
                      "size '%.100s' is no whole number from 1 to 2^53 - 1", text);
  record->size = (uint64_t)value;
  return TX_OK;
}

/* Reads what references say about new taxa, and the status. */
static tx_status read_verdict(const tx_prediction_reader *reader, char **fields, tx_prediction_row *ret_row,
                              tx_error *error)
{
  const char *text;
  ret_row->status = reader->status < 0 ? NULL : fields[reader->status];
  ret_row->novel_rank = reader->novel_rank < 0 ? NULL : fields[reader->novel_rank];
  ret_row->novel_probability = NAN;
  if (reader->novel_probability < 0) return TX_OK;
  text = fields[reader->novel_probability];
  if (!*text) return TX_OK;
  if (tx_text_decimal(text, &ret_row->novel_probability) && ret_row->novel_probability >= 0 &&
      ret_row->novel_probability <= 1)
    return TX_OK;
  return fail_row(reader, error, "novel_probability", text);
}

tx_status tx_prediction_reader_next(tx_prediction_reader *reader, double min_confidence,
                                    tx_prediction_row *ret_row, tx_error *error)
{
  char **fields = NULL;
  size_t depth = 0;
  tx_status status = tx_table_next(reader->table, &fields, error);
  if (status != TX_OK) return status;
  memset(ret_row, 0, sizeof *ret_row);
  ret_row->record.id = fields[reader->id];
  ret_row->record.id_length = strlen(fields[reader->id]);
  ret_row->record.file = tx_table_name(reader->table);
  ret_row->record.line = tx_table_line(reader->table);
  ret_row->record.number = tx_table_row(reader->table);
  ret_row->sample = reader->sample < 0 ? NULL : fields[reader->sample];
  if (ret_row->sample && !*ret_row->sample)
    return tx_fail_at(error, TX_ERROR_DATA, ret_row->record.file, ret_row->record.line, 0,
                      "\"%.100s\": the column 'sample' is empty", ret_row->record.id);
  status = read_size(reader, fields, &ret_row->record, error);
  if (status == TX_OK) status = read_verdict(reader, fields, ret_row, error);
  for (size_t rank = 0; rank < reader->rank_count && status == TX_OK; rank++) {
    status = read_rank(reader, rank, fields, ret_row, error);
    if (ret_row->taxa[rank] && ret_row->confidence[rank] >= min_confidence) depth = rank + 1;
  }
  for (size_t rank = depth; rank < reader->rank_count; rank++) ret_row->taxa[rank] = NULL;
  return status;
}

void tx_prediction_reader_close(tx_prediction_reader *reader)
{
  if (!reader) return;
  tx_table_close(reader->table);
  free(reader);
}
