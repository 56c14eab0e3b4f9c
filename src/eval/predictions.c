#include "eval/predictions.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/prediction_hits.h"
#include "eval/prediction_lineages.h"
#include "eval/prediction_table.h"
#include "labelled/source.h"

/* A format: how it is recognised, and read. The table comes last: it is what nothing else is. */
static const struct {
  tx_predictions_format format;
  bool (*is)(const tx_prediction_lines *lines);
  tx_status (*read)(tx_prediction_lines *lines, tx_error *error);
} formats[] = {
    {TX_PREDICTIONS_JSONL, tx_is_prediction_json, tx_read_prediction_json},
    {TX_PREDICTIONS_QIIME2, tx_is_qiime2, tx_read_qiime2},
    {TX_PREDICTIONS_BLAST6, tx_is_blast6, tx_read_blast6},
    {TX_PREDICTIONS_KRAKEN, tx_is_kraken, tx_read_kraken},
    {TX_PREDICTIONS_SINTAX, tx_is_sintax, tx_read_sintax},
    {TX_PREDICTIONS_TABLE, NULL, tx_read_prediction_table},
};

static tx_status read_lines(tx_prediction_lines *lines, tx_predictions_format format, tx_error *error)
{
  size_t f = 0;
  tx_status status = tx_prediction_lines_next(lines, error);
  if (status == TX_END)
    return tx_fail(error, TX_ERROR_DATA,
                   "%s: an empty file: expected predictions, such as the table that "
                   "taxamba classify writes",
                   lines->rows->file);
  if (status != TX_OK) return status;
  while (format ? formats[f].format != format : formats[f].is && !formats[f].is(lines)) f++;
  return formats[f].read(lines, error);
}

tx_status tx_predictions_read_input(tx_input *input, const tx_predictions_options *options,
                                    const tx_predictions *opt_lineages, tx_predictions **ret_predictions,
                                    tx_error *error)
{
  tx_prediction_rows rows = {0};
  tx_prediction_lines lines = {
      .rows = &rows, .opt_lineages = opt_lineages, .ranks = options->ranks, .delimiter = '\t'};
  char *file = tx_copy_text(tx_input_name(input), strlen(tx_input_name(input)));
  tx_status status = tx_lines_adopt(input, &lines.lines, error);
  *ret_predictions = NULL;
  if (status == TX_OK && !file) status = tx_fail_memory(error, "the predictions");
  if (status == TX_OK) status = tx_prediction_rows_create(file, &rows, error);
  if (status == TX_OK) status = read_lines(&lines, options->format, error);
  if (status == TX_OK)
    status = tx_prediction_rows_finish(&rows, options->min_confidence, ret_predictions, error);
  tx_prediction_rows_free(&rows);
  tx_fields_free(&lines.fields);
  tx_lines_close(lines.lines);
  free(file);
  return status;
}

tx_status tx_predictions_read(const char *path, const tx_predictions_options *opt_options,
                              tx_predictions **ret_predictions, tx_error *error)
{
  const tx_predictions_options options = opt_options ? *opt_options : (tx_predictions_options){0};
  tx_predictions *lineages = NULL;
  tx_input *input = NULL;
  tx_status status = TX_OK;
  *ret_predictions = NULL;
  if (options.lineages && *options.lineages)
    status = tx_predictions_read_lineages(options.lineages, options.ranks, &options.hooks, &lineages, error);
  if (status == TX_OK) status = tx_input_open(path, &options.hooks, &input, error);
  if (status == TX_OK) status = tx_predictions_read_input(input, &options, lineages, ret_predictions, error);
  tx_predictions_free(lineages);
  return status;
}

const char *tx_predictions_id(const tx_predictions *predictions, size_t row)
{
  return tx_names_key(predictions->ids, (uint32_t)row, NULL);
}

/* Whether lineages in headers can have all of the ranks. */
static bool have_prefixes(const char *ranks)
{
  tx_words words = {0};
  bool all = tx_words_split(ranks, "the ranks", &words, NULL) == TX_OK;
  for (size_t r = 0; all && r < words.count; r++) all = tx_lineage_find_rank(words.items[r]) >= 0;
  tx_words_free(&words);
  return all;
}

/* Lineages of labelled records. `headers`: they are in headers, which may have other ranks than those asked
   for. */
static tx_status read_labelled(tx_input *input, const char *opt_ranks, const tx_input_hooks *opt_hooks,
                               bool headers, tx_prediction_rows *rows, tx_error *error)
{
  const tx_labelled_options options = {.ranks = headers && !have_prefixes(opt_ranks) ? NULL : opt_ranks,
                                       .ranks_optional = 1,
                                       .sequences_optional = 1,
                                       .hooks = opt_hooks ? *opt_hooks : (tx_input_hooks){0}};
  tx_labelled *reader = NULL;
  tx_labelled_record record;
  size_t count;
  tx_status status = tx_labelled_open_inputs(input, rows->file, NULL, &options, &reader, error);
  if (status != TX_OK) return status;
  count = tx_labelled_rank_count(reader);
  for (size_t r = 0; r < count && status == TX_OK; r++)
    status = tx_prediction_rows_rank(rows, tx_labelled_rank_name(reader, r), &(uint32_t){0}, error);
  while (status == TX_OK) {
    status = tx_labelled_next(reader, &record, error);
    if (status == TX_OK)
      status = tx_prediction_rows_begin(rows, record.record.id, record.record.id_length, record.record.line,
                                        error);
    for (size_t r = 0; r < count && status == TX_OK; r++)
      status = tx_prediction_rows_add(rows, tx_labelled_rank_name(reader, r), record.taxa[r],
                                      TX_NO_CONFIDENCE, error);
  }
  tx_labelled_close(reader);
  return status == TX_END ? TX_OK : status;
}

/* Whether the first bytes are those of a QIIME 2 taxonomy: its header, or an id, a tab and a rank prefix. */
static bool is_taxonomy(const char *start, size_t count)
{
  const char *tab = memchr(start, '\t', count);
  size_t at;
  if (!tab || *start == '>' || *start == '@') return false;
  if (count > 16 && (strncmp(start, "Feature ID\tTaxon", 16) == 0)) return true;
  at = (size_t)(tab + 1 - start);
  return at + 3 < count && start[at + 1] == '_' && start[at + 2] == '_';
}

tx_status tx_predictions_read_lineages_input(tx_input *input, const char *opt_ranks,
                                             const tx_input_hooks *opt_hooks,
                                             tx_predictions **ret_predictions, tx_error *error)
{
  const tx_predictions_options options = {.format = TX_PREDICTIONS_QIIME2, .ranks = opt_ranks};
  tx_prediction_rows rows = {0};
  const char *start;
  size_t count;
  char *file;
  bool headers;
  tx_status status = tx_input_peek(input, TX_INPUT_PEEK_MAX, &start, &count, error);
  *ret_predictions = NULL;
  headers = status == TX_OK && count && (*start == '>' || *start == '@');
  if (status == TX_OK && is_taxonomy(start, count))
    return tx_predictions_read_input(input, &options, NULL, ret_predictions, error);
  file = tx_copy_text(tx_input_name(input), strlen(tx_input_name(input)));
  if (status == TX_OK && !file) status = tx_fail_memory(error, "the lineages");
  if (status == TX_OK) status = tx_prediction_rows_create(file, &rows, error);
  if (status == TX_OK)
    status = read_labelled(input, opt_ranks, opt_hooks, headers, &rows, error);
  else
    tx_input_close(input);
  if (status == TX_OK) {
    rows.format = "lineages";
    status = tx_prediction_rows_finish(&rows, 0, ret_predictions, error);
  }
  tx_prediction_rows_free(&rows);
  free(file);
  return status;
}

tx_status tx_predictions_read_lineages(const char *path, const char *opt_ranks,
                                       const tx_input_hooks *opt_hooks, tx_predictions **ret_predictions,
                                       tx_error *error)
{
  tx_input *input = NULL;
  tx_status status = tx_input_open(path, opt_hooks, &input, error);
  *ret_predictions = NULL;
  return status == TX_OK
             ? tx_predictions_read_lineages_input(input, opt_ranks, opt_hooks, ret_predictions, error)
             : status;
}

static tx_status add_counted(const tx_count_table *counts, size_t sequence, const tx_prediction_lines *lines,
                             size_t *lineages, tx_error *error)
{
  const char *id = tx_count_table_sequence(counts, sequence);
  const char *lineage = tx_count_table_taxonomy(counts, sequence);
  char *text;
  tx_status status = tx_prediction_rows_begin(lines->rows, id, strlen(id), 0, error);
  if (status != TX_OK || !lineage) return status;
  text = tx_copy_text(lineage, strlen(lineage));
  if (!text) return tx_fail_memory(error, "the lineages");
  status = tx_prediction_lines_lineage(lines, text, TX_NO_CONFIDENCE, error);
  free(text);
  ++*lineages;
  return status;
}

tx_status tx_predictions_from_counts(const tx_count_table *counts, const char *opt_ranks,
                                     tx_predictions **ret_predictions, tx_error *error)
{
  tx_prediction_rows rows = {0};
  const tx_prediction_lines lines = {.rows = &rows, .ranks = opt_ranks};
  size_t lineages = 0;
  tx_status status = tx_prediction_rows_create("the taxonomy of the counts", &rows, error);
  *ret_predictions = NULL;
  for (size_t i = 0; i < tx_count_table_sequence_count(counts) && status == TX_OK; i++)
    status = add_counted(counts, i, &lines, &lineages, error);
  if (status == TX_OK && !lineages)
    status =
        tx_fail(error, TX_ERROR_DATA, "the counts have no lineages of their sequences: name predictions");
  if (status == TX_OK) status = tx_prediction_rows_finish(&rows, 0, ret_predictions, error);
  tx_prediction_rows_free(&rows);
  return status;
}
