#include "eval/prediction_table.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

#define CONFIDENCE "_confidence"

typedef struct rank_column {
  char name[64];
  size_t call, confidence; /* 0 = no such column: the id has one */
} rank_column;

typedef struct columns {
  size_t count, id;
  rank_column ranks[TX_RANKS_MAX];
  size_t rank_count;
} columns;

/* The column that has the confidences of a rank, 0 if there is none. */
static size_t find_confidence(const tx_fields *header, const char *rank)
{
  const size_t length = strlen(rank);
  for (size_t i = 0; i < header->count; i++)
    if (strncmp(header->items[i], rank, length) == 0 && strcmp(header->items[i] + length, CONFIDENCE) == 0)
      return i;
  return 0;
}

static bool is_usual_rank(const char *name)
{
  return tx_lineage_find_rank(name) >= 0 || tx_choice_find("bin|bin_uri|dna_bin", name) >= 0;
}

static tx_status read_header(const tx_prediction_lines *lines, columns *found, tx_error *error)
{
  const tx_fields *header = &lines->fields;
  const char *file = lines->rows->file;
  *found = (columns){.count = header->count, .id = header->count};
  for (size_t i = 0; i < header->count; i++) {
    const char *name = header->items[i];
    const size_t confidence = find_confidence(header, name);
    if (found->id == header->count && tx_text_equal_fold(name, "id")) found->id = i;
    if (!*name || strlen(name) >= sizeof found->ranks[0].name || (!confidence && !is_usual_rank(name)))
      continue;
    if (found->rank_count == TX_RANKS_MAX)
      return tx_fail_at(error, TX_ERROR_DATA, file, 1, 0, "more than %d ranks", TX_RANKS_MAX);
    found->ranks[found->rank_count].call = i;
    found->ranks[found->rank_count].confidence = confidence;
    if (confidence) lines->rows->has_confidences = true;
    memcpy(found->ranks[found->rank_count++].name, name, strlen(name) + 1);
  }
  if (found->id < header->count && found->rank_count) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, file, tx_lines_number(lines->lines), 0,
                    "no header with id, RANK and perhaps RANK_confidence: expected the table that taxamba "
                    "classify writes, its JSON lines, or what vsearch --sintax, QIIME 2, BLAST -outfmt 6 or "
                    "kraken write");
}

static tx_status add_row(const tx_prediction_lines *lines, const columns *found, tx_error *error)
{
  char *const *fields = lines->fields.items;
  const uint64_t number = tx_lines_number(lines->lines);
  tx_status status;
  if (lines->fields.count != found->count)
    return tx_fail_at(error, TX_ERROR_DATA, lines->rows->file, number, 0, "%zu fields, the header has %zu",
                      lines->fields.count, found->count);
  status = tx_prediction_rows_begin(lines->rows, fields[found->id], strlen(fields[found->id]), number, error);
  for (size_t r = 0; r < found->rank_count && status == TX_OK; r++) {
    const rank_column *rank = &found->ranks[r];
    double confidence = TX_NO_CONFIDENCE;
    if (!*fields[rank->call]) continue;
    if (rank->confidence)
      status =
          tx_prediction_rows_confidence(lines->rows, fields[rank->confidence], number, &confidence, error);
    if (status == TX_OK)
      status = tx_prediction_rows_add(lines->rows, rank->name, fields[rank->call], confidence, error);
  }
  return status;
}

tx_status tx_read_prediction_table(tx_prediction_lines *lines, tx_error *error)
{
  columns found;
  tx_status status;
  if (!memchr(lines->line, '\t', lines->length) && memchr(lines->line, ',', lines->length)) {
    lines->delimiter = ',';
    if (!tx_fields_cut(&lines->fields, lines->line, lines->length, ','))
      return tx_fail_memory(error, "the predictions");
  }
  status = read_header(lines, &found, error);
  for (size_t r = 0; status == TX_OK && r < found.rank_count; r++)
    status = tx_prediction_rows_rank(lines->rows, found.ranks[r].name, &(uint32_t){0}, error);
  while (status == TX_OK) {
    status = tx_prediction_lines_next(lines, error);
    if (status == TX_OK) status = add_row(lines, &found, error);
  }
  return status == TX_END ? TX_OK : status;
}

bool tx_is_prediction_json(const tx_prediction_lines *lines)
{
  return lines->line[0] == '{';
}

/* {"rank":"genus","taxon":"Apis","confidence":0.9} */
static tx_status add_taxon(const tx_prediction_lines *lines, const tx_json *item, tx_error *error)
{
  const char *rank = tx_json_string(tx_json_get(item, "rank"));
  const char *taxon = tx_json_string(tx_json_get(item, "taxon"));
  const tx_json *value = tx_json_get(item, "confidence");
  const double confidence = tx_json_is_number(value) ? tx_json_number(value) : TX_NO_CONFIDENCE;
  if (!rank || !*rank || !taxon)
    return tx_prediction_lines_fail(lines, "a lineage without rank and taxon", "", error);
  if (tx_json_is_number(value) && !(confidence >= 0 && confidence <= 1))
    return tx_prediction_lines_fail(lines, "a confidence that is not from 0 to 1, of ", taxon, error);
  return tx_prediction_rows_add(lines->rows, rank, taxon, confidence, error);
}

static tx_status add_object(const tx_prediction_lines *lines, tx_error *error)
{
  tx_json *object = NULL;
  const char *id;
  tx_error cause;
  tx_status status = tx_json_parse(lines->line, lines->length, "a prediction", &object, &cause);
  if (status == TX_ERROR_DATA) return tx_prediction_lines_fail(lines, "", cause.message, error);
  if (status != TX_OK) return tx_fail(error, status, "%s", cause.message);
  id = tx_json_string(tx_json_get(object, "id"));
  if (!id || !tx_json_is_array(tx_json_get(object, "lineage")))
    status = tx_prediction_lines_fail(lines, "no object with id and lineage, as of taxamba classify -f jsonl",
                                      "", error);
  if (status == TX_OK)
    status = tx_prediction_rows_begin(lines->rows, id, strlen(id), tx_lines_number(lines->lines), error);
  for (const tx_json *item = tx_json_first(tx_json_get(object, "lineage")); item && status == TX_OK;
       item = tx_json_next(item))
    status = add_taxon(lines, item, error);
  tx_json_free(object);
  return status;
}

tx_status tx_read_prediction_json(tx_prediction_lines *lines, tx_error *error)
{
  tx_status status = TX_OK;
  lines->rows->format = "JSON lines";
  lines->rows->ranks_by_prefix = true;
  while (status == TX_OK) {
    status = add_object(lines, error);
    if (status == TX_OK) status = tx_prediction_lines_next(lines, error);
  }
  return status == TX_END ? TX_OK : status;
}
