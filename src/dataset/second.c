#include "dataset/second.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "settings/note.h"

#include <stdlib.h>
#include <string.h>

/* Rows that contradict each other make an entry without names. */
typedef struct second_entry {
  bool conflicts;
  uint32_t taxa[TX_RANKS_MAX]; /* number of the name + 1, 0 = none */
} second_entry;

struct tx_second_labels {
  size_t ranks; /* of the dataset */
  int place[TX_RANKS_MAX]; /* rank of the reader for each of them, -1 = none */
  tx_names *ids, *names;
  second_entry *entries; /* by number of the id */
  size_t capacity;
  tx_second_counts counts;
};

void tx_second_labels_free(tx_second_labels *second)
{
  if (!second) return;
  tx_names_free(second->ids);
  tx_names_free(second->names);
  free(second->entries);
  free(second);
}

tx_second_counts tx_second_labels_counts(const tx_second_labels *second)
{
  return second->counts;
}

static tx_status take_row(tx_second_labels *second, const tx_labelled_record *record, tx_error *error)
{
  const size_t before = tx_names_count(second->ids);
  second_entry row = {false, {0}}, *entry;
  bool any = false;
  uint32_t number;
  tx_status status = TX_OK;
  for (size_t r = 0; r < second->ranks && status == TX_OK; r++) {
    const char *name = second->place[r] < 0 ? NULL : record->taxa[second->place[r]];
    if (!name) continue;
    status = tx_names_add(second->names, name, strlen(name), &number, error);
    row.taxa[r] = number + 1;
    any = true;
  }
  if (status == TX_OK && any)
    status = tx_names_add(second->ids, record->record.id, record->record.id_length, &number, error);
  if (status != TX_OK || !any) return status;
  if (!tx_reserve(&second->entries, &second->capacity, (size_t)number + 1, sizeof *second->entries))
    return tx_fail_memory(error, "the second labels");
  entry = &second->entries[number];
  if (number == before) {
    *entry = row;
    second->counts.labelled++;
  } else if (!entry->conflicts && memcmp(entry->taxa, row.taxa, sizeof row.taxa) != 0) {
    *entry = (second_entry){true, {0}};
    second->counts.conflicts++;
  }
  return TX_OK;
}

/* The names of the columns, separated by commas. */
static char *list_columns(const tx_train_config *config, const tx_dataset *dataset)
{
  tx_bytes text = {0};
  for (size_t r = 0; r < tx_dataset_input_ranks(dataset); r++)
    tx_bytes_printf(&text, "%s%s%s", r ? "," : "", config->second_prefix,
                    tx_taxonomy_builder_rank_name(dataset->builder, r));
  if (!text.failed) return text.data;
  tx_bytes_free(&text);
  return NULL;
}

static tx_status map_ranks(tx_second_labels *second, const tx_train_config *config, const tx_dataset *dataset,
                           const tx_labelled *reader, tx_error *error)
{
  const size_t length = strlen(config->second_prefix);
  bool any = false;
  for (size_t r = 0; r < second->ranks; r++) {
    const char *rank = tx_taxonomy_builder_rank_name(dataset->builder, r);
    second->place[r] = -1;
    for (size_t i = 0; i < tx_labelled_rank_count(reader); i++) {
      const char *name = tx_labelled_rank_name(reader, i);
      if (strncmp(name, config->second_prefix, length) == 0 && strcmp(name + length, rank) == 0)
        second->place[r] = (int)i;
    }
    any = any || second->place[r] >= 0;
  }
  if (any) return TX_OK;
  return tx_fail(error, TX_ERROR_DATA,
                 "--second-labels %s: no column '%s%s' or of another rank of the input: give what the names "
                 "of the columns begin with by --second-prefix",
                 config->second_labels, config->second_prefix,
                 tx_taxonomy_builder_rank_name(dataset->builder, second->ranks - 1));
}

static tx_status read_rows(tx_second_labels *second, tx_labelled *reader, const tx_train_hooks *hooks,
                           tx_error *error)
{
  tx_labelled_record record;
  tx_status status;
  while ((status = tx_labelled_next(reader, &record, error)) == TX_OK) {
    if (tx_train_stopped(hooks)) return TX_STOPPED;
    status = take_row(second, &record, error);
    if (status != TX_OK) return status;
  }
  return status == TX_END ? TX_OK : status;
}

tx_status tx_second_labels_read(const tx_train_config *config, const tx_dataset *dataset,
                                const tx_train_hooks *hooks, tx_second_labels **ret_second, tx_error *error)
{
  tx_second_labels *second = calloc(1, sizeof *second);
  char *columns = list_columns(config, dataset);
  const char *const paths[] = {config->second_labels};
  const tx_labelled_options options = {.format = TX_LABELLED_TABLE,
                                       .ranks = columns,
                                       .ranks_optional = 1,
                                       .sequences_optional = 1,
                                       .id_column = config->id_column,
                                       .missing_names = config->missing_names,
                                       .hooks = tx_train_input_hooks(hooks)};
  tx_labelled *reader = NULL;
  tx_status status = second && columns ? TX_OK : tx_fail_memory(error, "the second labels");
  *ret_second = NULL;
  if (status == TX_OK) second->ranks = tx_dataset_input_ranks(dataset);
  if (status == TX_OK) status = tx_names_create(&second->ids, error);
  if (status == TX_OK) status = tx_names_create(&second->names, error);
  if (status == TX_OK) status = tx_labelled_open(paths, 1, &options, &reader, error);
  if (status == TX_OK) status = map_ranks(second, config, dataset, reader, error);
  if (status == TX_OK) status = read_rows(second, reader, hooks, error);
  tx_labelled_close(reader);
  free(columns);
  if (status == TX_OK)
    *ret_second = second;
  else
    tx_second_labels_free(second);
  return status;
}

/* Whether two names are the same, '_' being a blank. */
static bool is_same(const char *a, const char *b)
{
  while (*a && (*a == '_' ? ' ' : *a) == (*b == '_' ? ' ' : *b)) a++, b++;
  return !*a && !*b;
}

uint16_t tx_second_labels_fill(tx_second_labels *second, const tx_record *record, const char **taxa)
{
  const int64_t number = tx_names_find(second->ids, record->id, record->id_length);
  const second_entry *entry;
  bool any = false, common = false;
  uint16_t filled = 0;
  if (number < 0) return 0;
  entry = &second->entries[number];
  for (size_t r = 0; r < second->ranks; r++) {
    any = any || taxa[r];
    if (!taxa[r] || !entry->taxa[r]) continue;
    common = true;
    if (is_same(taxa[r], tx_names_key(second->names, entry->taxa[r] - 1, NULL))) continue;
    second->counts.other++;
    return 0;
  }
  second->counts.same += common;
  for (size_t r = 0; r < second->ranks; r++) {
    if (taxa[r] || !entry->taxa[r]) continue;
    taxa[r] = tx_names_key(second->names, entry->taxa[r] - 1, NULL);
    filled |= (uint16_t)(1U << r);
  }
  second->counts.filled += filled != 0;
  second->counts.alone += filled && !any;
  return filled;
}
