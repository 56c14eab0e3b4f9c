/* Ids for the sequences of a count table that names them by their bases. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "labelled/count_table.h"

/* Letters as they are compared: capitals, T for U. */
static void fold(char *letters, size_t length)
{
  for (size_t i = 0; i < length; i++) {
    if (letters[i] >= 'a' && letters[i] <= 'z') letters[i] = (char)(letters[i] - 'a' + 'A');
    if (letters[i] == 'U') letters[i] = 'T';
  }
}

/* A sequence of the table while its id is looked for. */
typedef struct sought {
  tx_names *bases; /* (sequences) as they are compared */
  char **ids;      /* (sequences) found, or NULL */
} sought;

static tx_status fold_names(const tx_names *names, sought *state, tx_error *error)
{
  tx_status status = tx_names_create(&state->bases, error);
  for (uint32_t i = 0; i < tx_names_count(names) && status == TX_OK; i++) {
    size_t length;
    const char *name = tx_names_key(names, i, &length);
    char *copy = tx_copy_text(name, length);
    uint32_t number = 0;
    if (!copy) return tx_fail_memory(error, "the count table");
    fold(copy, length);
    status = tx_names_add(state->bases, copy, length, &number, error);
    if (status == TX_OK && number != i)
      status = tx_fail(error, TX_ERROR_DATA, "the count table has the sequence '%.40s...' twice", copy);
    free(copy);
  }
  return status;
}

static tx_status find_ids(tx_reader *reader, sought *state, tx_error *error)
{
  tx_record record;
  tx_status status = TX_OK;
  while (status == TX_OK) {
    char *copy;
    int64_t number;
    status = tx_reader_next(reader, &record, error);
    if (status != TX_OK) break;
    copy = tx_copy_text(record.bases, record.base_count);
    if (!copy) return tx_fail_memory(error, "the count table");
    fold(copy, record.base_count);
    number = tx_names_find(state->bases, copy, record.base_count);
    free(copy);
    if (number < 0 || state->ids[number]) continue;
    state->ids[number] = tx_copy_text(record.id, record.id_length);
    if (!state->ids[number]) return tx_fail_memory(error, "the count table");
  }
  return status == TX_END ? TX_OK : status;
}

static tx_status rename_all(tx_count_table *table, const sought *state, uint64_t *ret_unnamed,
                            tx_error *error)
{
  tx_names *names = NULL;
  tx_status status = tx_names_create(&names, error);
  *ret_unnamed = 0;
  for (uint32_t i = 0; i < tx_names_count(table->sequences) && status == TX_OK; i++) {
    const char *id = state->ids[i] ? state->ids[i] : tx_names_key(table->sequences, i, NULL);
    uint32_t number = 0;
    *ret_unnamed += !state->ids[i];
    status = tx_names_add(names, id, strlen(id), &number, error);
    if (status == TX_OK && number != i)
      status = tx_fail(error, TX_ERROR_DATA, "two sequences of the count table have the id '%.100s'", id);
  }
  if (status == TX_OK) {
    tx_names_free(table->sequences);
    table->sequences = names;
  } else {
    tx_names_free(names);
  }
  return status;
}

tx_status tx_count_table_name_sequences(tx_count_table *table, const char *path,
                                        const tx_input_hooks *opt_hooks, uint64_t *ret_unnamed,
                                        tx_error *error)
{
  const size_t count = tx_names_count(table->sequences);
  sought state = {NULL, calloc(count + 1, sizeof *state.ids)};
  tx_reader *reader = NULL;
  tx_status status = state.ids ? TX_OK : tx_fail_memory(error, "the count table");
  if (status == TX_OK) status = fold_names(table->sequences, &state, error);
  if (status == TX_OK) status = tx_reader_open(&path, 1, opt_hooks, &reader, error);
  if (status == TX_OK) status = find_ids(reader, &state, error);
  if (status == TX_OK) status = rename_all(table, &state, ret_unnamed, error);
  tx_reader_close(reader);
  tx_names_free(state.bases);
  for (size_t i = 0; state.ids && i < count; i++) free(state.ids[i]);
  free(state.ids);
  return status;
}
