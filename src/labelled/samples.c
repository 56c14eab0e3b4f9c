#include <taxamba/samples.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"
#include "labelled/sample_names.h"

enum { FROM_FILE, FROM_ID, FROM_LIST };

struct tx_samples {
  int from;
  bool size;
  const char *list; /* file of ids and samples */
  tx_names *names;  /* of the samples */
  const char **name_array;
  size_t name_capacity;
  tx_names *files;      /* names of files that were added, their samples in file_samples */
  uint32_t *file_samples;
  size_t file_capacity;
  tx_names *ids;        /* of the list, their samples in id_samples */
  uint32_t *id_samples;
  size_t id_capacity;
  const tx_count_table *opt_counts;
  bool *met; /* (sequences of opt_counts) whether a record had the row */
  uint64_t unmatched;
  tx_share *shares;
  size_t share_capacity;
};

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the samples");
}

static tx_status add_name(tx_samples *samples, tx_stretch name, uint32_t *ret_sample, tx_error *error)
{
  const size_t count = tx_names_count(samples->names);
  tx_status status = tx_names_add(samples->names, name.text, name.length, ret_sample, error);
  if (status != TX_OK || *ret_sample < count) return status;
  if (!tx_reserve(&samples->name_array, &samples->name_capacity, count + 1, sizeof *samples->name_array))
    return out_of_memory(error);
  samples->name_array[count] = tx_names_key(samples->names, *ret_sample, NULL);
  return TX_OK;
}

/* Adds one line of the list: an id and a sample. */
static tx_status add_entry(tx_samples *samples, const tx_lines *lines, char *id, char *sample,
                           tx_error *error)
{
  const size_t count = tx_names_count(samples->ids);
  uint32_t number = 0;
  tx_status status;
  id = tx_text_trim(id, strlen(id), NULL);
  sample = tx_text_trim(sample, strlen(sample), NULL);
  if (!*id || !*sample)
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), tx_lines_number(lines), 0,
                      "an empty name: expected an id and its sample");
  status = tx_names_add(samples->ids, id, strlen(id), &number, error);
  if (status == TX_OK && number < count)
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), tx_lines_number(lines), 0,
                      "id '%.200s' is there a second time", id);
  if (status == TX_OK &&
      !tx_reserve(&samples->id_samples, &samples->id_capacity, count + 1, sizeof *samples->id_samples))
    return out_of_memory(error);
  if (status != TX_OK) return status;
  return add_name(samples, (tx_stretch){sample, strlen(sample)}, &samples->id_samples[count], error);
}

/* Whether the first line is that of the columns' names. */
static bool is_header(const char *sample)
{
  static const char *const words[] = {"sample", "sample-id", "sampleid", "sample_id", "sample name", "group"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (tx_text_equal_fold(sample, words[i])) return true;
  return false;
}

static tx_status read_line(tx_samples *samples, const tx_lines *lines, char *text, bool first,
                           tx_error *error)
{
  char *mark = strchr(text, '\t'), *rest;
  if (!mark) mark = strchr(text, ',');
  rest = mark ? mark + 1 : text;
  if (!mark || strchr(rest, '\t') || (*mark == ',' && strchr(rest, ',')))
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), tx_lines_number(lines), 0,
                      "expected two columns, an id and its sample, separated by a tab or a comma");
  *mark = '\0';
  if (first && is_header(rest)) return TX_OK;
  return add_entry(samples, lines, text, rest, error);
}

static tx_status read_list(tx_samples *samples, const tx_input_hooks *hooks, tx_error *error)
{
  tx_lines *lines = NULL;
  bool first = true;
  tx_status status = tx_lines_open(samples->list, hooks, &lines, error);
  while (status == TX_OK) {
    const char *line;
    char *text;
    size_t length;
    status = tx_lines_next(lines, &line, &length, error);
    if (status != TX_OK || line[0] == '#' || !line[strspn(line, " \t")]) continue;
    text = tx_copy_text(line, length);
    status = text ? read_line(samples, lines, text, first, error) : out_of_memory(error);
    free(text);
    first = false;
  }
  tx_lines_close(lines);
  return status == TX_END ? TX_OK : status;
}

/* Names the samples of the count table, in its order: their numbers are those of the table. */
static tx_status name_columns(tx_samples *samples, tx_error *error)
{
  const tx_count_table *counts = samples->opt_counts;
  tx_status status = TX_OK;
  for (size_t s = 0; s < tx_count_table_sample_count(counts) && status == TX_OK; s++) {
    const char *name = tx_count_table_sample(counts, s);
    uint32_t number = 0;
    status = add_name(samples, (tx_stretch){name, strlen(name)}, &number, error);
  }
  samples->met = calloc(tx_count_table_sequence_count(counts) + 1, sizeof *samples->met);
  return status == TX_OK && !samples->met ? out_of_memory(error) : status;
}

tx_status tx_samples_open(const tx_sample_options *options, tx_samples **ret_samples, tx_error *error)
{
  const char *from = options->from ? options->from : "";
  tx_samples *samples = calloc(1, sizeof *samples);
  tx_status status;
  *ret_samples = NULL;
  if (!samples) return out_of_memory(error);
  samples->size = options->size;
  samples->opt_counts = options->opt_counts;
  samples->list = from;
  samples->from = !*from || strcmp(from, "file") == 0 ? FROM_FILE : strcmp(from, "id") == 0 ? FROM_ID
                                                                                             : FROM_LIST;
  status = tx_names_create(&samples->names, error);
  if (status == TX_OK) status = tx_names_create(&samples->files, error);
  if (status == TX_OK) status = tx_names_create(&samples->ids, error);
  if (status == TX_OK && samples->opt_counts)
    status = name_columns(samples, error);
  else if (status == TX_OK && samples->from == FROM_LIST)
    status = read_list(samples, &options->hooks, error);
  if (status == TX_OK)
    *ret_samples = samples;
  else
    tx_samples_close(samples);
  return status;
}

/* The sample of a file, which is named after it; another file must not have the same name. */
static tx_status sample_of_file(tx_samples *samples, const char *path, uint32_t *ret_sample, tx_error *error)
{
  const size_t files = tx_names_count(samples->files), names = tx_names_count(samples->names);
  const bool standard_input = strcmp(path, "-") == 0 || strcmp(path, "standard input") == 0;
  const tx_stretch name = standard_input ? (tx_stretch){"stdin", 5} : tx_sample_of_path(path);
  uint32_t file = 0;
  tx_status status = standard_input ? tx_names_add(samples->files, "-", 1, &file, error)
                                    : tx_names_add(samples->files, path, strlen(path), &file, error);
  if (status == TX_OK && file < files) {
    *ret_sample = samples->file_samples[file];
    return TX_OK;
  }
  if (status == TX_OK && !tx_reserve(&samples->file_samples, &samples->file_capacity, files + 1,
                                     sizeof *samples->file_samples))
    return out_of_memory(error);
  if (status == TX_OK) status = add_name(samples, name, ret_sample, error);
  if (status != TX_OK) return status;
  samples->file_samples[files] = *ret_sample;
  if (*ret_sample < names)
    return tx_fail(error, TX_ERROR_USAGE,
                   "%.200s: another file has the same sample name '%.*s': name samples by id or by a list",
                   path, (int)(name.length < 200 ? name.length : 200), name.text);
  return TX_OK;
}

tx_status tx_samples_add_file(tx_samples *samples, const char *path, tx_error *error)
{
  uint32_t sample = 0;
  if (samples->opt_counts || samples->from != FROM_FILE) return TX_OK;
  return sample_of_file(samples, path, &sample, error);
}

tx_status tx_samples_add(tx_samples *samples, const char *name, uint32_t *ret_sample, tx_error *error)
{
  return add_name(samples, (tx_stretch){name, strlen(name)}, ret_sample, error);
}

static size_t length_to_mark(const tx_record *record)
{
  const char *mark = memchr(record->id, ';', record->id_length);
  return mark ? (size_t)(mark - record->id) : record->id_length;
}

static tx_status sample_of_record(tx_samples *samples, const tx_record *record, uint32_t *ret_sample,
                                  tx_error *error)
{
  tx_stretch name;
  int64_t entry;
  switch (samples->from) {
  case FROM_FILE:
    return sample_of_file(samples, record->file, ret_sample, error);
  case FROM_ID:
    name = tx_sample_of_id(record->id, record->id_length);
    if (name.length) return add_name(samples, name, ret_sample, error);
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                      "id '%.200s' names no sample: expected ;sample=NAME, NAME.123 or NAME_123", record->id);
  default:
    entry = tx_names_find(samples->ids, record->id, record->id_length);
    if (entry < 0) entry = tx_names_find(samples->ids, record->id, length_to_mark(record));
    if (entry < 0)
      return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                        "id '%.200s' is not in %.200s, which names the samples", record->id, samples->list);
    *ret_sample = samples->id_samples[entry];
    return TX_OK;
  }
}

/* Row of the count table for an id, or for bases in any letters; -2: no memory. */
static int64_t find_row(const tx_samples *samples, const char *text, size_t length, bool bases)
{
  int64_t row;
  char *copy = tx_copy_text(text, length);
  if (!copy) return -2;
  for (char *at = copy; bases && *at; at++) {
    if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
    if (*at == 'U') *at = 'T';
  }
  row = tx_count_table_find_sequence(samples->opt_counts, copy);
  free(copy);
  return row;
}

static tx_status shares_of_row(tx_samples *samples, const tx_record *record, size_t *ret_count,
                               tx_error *error)
{
  const uint32_t *columns = NULL;
  const double *counts = NULL;
  int64_t row = find_row(samples, record->id, record->id_length, false);
  *ret_count = 0;
  if (row == -1) row = find_row(samples, record->id, length_to_mark(record), false);
  if (row == -1 && record->bases && !record->omitted && tx_count_table_ids_are_bases(samples->opt_counts))
    row = find_row(samples, record->bases, record->base_count, true);
  if (row < -1) return out_of_memory(error);
  if (row < 0) {
    samples->unmatched++;
    return TX_OK;
  }
  if (samples->met[row])
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                      "id '%.200s' is there a second time: its counts would be taken twice", record->id);
  samples->met[row] = true;
  *ret_count = tx_count_table_row(samples->opt_counts, (size_t)row, &columns, &counts);
  if (!tx_reserve(&samples->shares, &samples->share_capacity, *ret_count + 1, sizeof *samples->shares))
    return out_of_memory(error);
  for (size_t i = 0; i < *ret_count; i++) samples->shares[i] = (tx_share){columns[i], counts[i]};
  return TX_OK;
}

tx_status tx_samples_of(tx_samples *samples, const tx_record *record, const tx_share **ret_shares,
                        size_t *ret_count, tx_error *error)
{
  tx_status status;
  if (samples->opt_counts) {
    status = shares_of_row(samples, record, ret_count, error);
  } else {
    tx_share share = {0, samples->size ? (double)record->size : 1};
    status = sample_of_record(samples, record, &share.sample, error);
    if (status == TX_OK &&
        !tx_reserve(&samples->shares, &samples->share_capacity, 1, sizeof *samples->shares))
      status = out_of_memory(error);
    if (status == TX_OK) samples->shares[0] = share;
    *ret_count = 1;
  }
  *ret_shares = samples->shares;
  return status;
}

size_t tx_samples_count(const tx_samples *samples)
{
  return tx_names_count(samples->names);
}

const char *const *tx_samples_names(const tx_samples *samples)
{
  return samples->name_array;
}

tx_samples_unmatched tx_samples_missed(const tx_samples *samples)
{
  tx_samples_unmatched missed = {.records = samples->unmatched};
  const size_t rows = samples->met ? tx_count_table_sequence_count(samples->opt_counts) : 0;
  for (size_t row = 0; row < rows; row++) {
    const uint32_t *columns;
    const double *counts;
    size_t count = tx_count_table_row(samples->opt_counts, row, &columns, &counts);
    if (samples->met[row]) continue;
    missed.rows++;
    while (count) missed.reads += counts[--count];
  }
  return missed;
}

void tx_samples_close(tx_samples *samples)
{
  if (!samples) return;
  tx_names_free(samples->names);
  tx_names_free(samples->files);
  tx_names_free(samples->ids);
  free(samples->name_array);
  free(samples->file_samples);
  free(samples->id_samples);
  free(samples->met);
  free(samples->shares);
  free(samples);
}
