#include "labelled/count_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum { BASES_LEAST = 20 };

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the count table");
}

tx_status tx_count_builder_name(const tx_count_builder *builder, tx_names *names, const char *name,
                                const char *what, uint64_t line, tx_error *error)
{
  const size_t known = tx_names_count(names);
  uint32_t number = 0;
  tx_status status;
  if (!*name) return tx_fail_at(error, TX_ERROR_DATA, builder->file, line, 0, "a %s without a name", what);
  if (tx_text_has_control(name))
    return tx_fail_at(error, TX_ERROR_DATA, builder->file, line, 0,
                      "the name of a %s has a control character", what);
  status = tx_names_add(names, name, strlen(name), &number, error);
  if (status == TX_OK && number < known)
    return tx_fail_at(error, TX_ERROR_DATA, builder->file, line, 0, "%s '%.100s' is there a second time",
                      what, name);
  return status;
}

tx_status tx_count_builder_add(tx_count_builder *builder, const tx_count_entry *entry, uint64_t line,
                               tx_error *error)
{
  if (!(isfinite(entry->count) && entry->count >= 0))
    return tx_fail_at(error, TX_ERROR_DATA, builder->file, line, 0,
                      "the count %g of '%.100s' and '%.100s' is not 0 or more", entry->count,
                      tx_names_key(builder->rows, entry->row, NULL),
                      tx_names_key(builder->columns, entry->column, NULL));
  if (entry->count == 0) return TX_OK;
  if (!tx_reserve(&builder->entries, &builder->entry_capacity, builder->entry_count + 1,
                  sizeof *builder->entries))
    return out_of_memory(error);
  builder->entries[builder->entry_count++] = *entry;
  return TX_OK;
}

tx_status tx_count_builder_set_taxonomy(tx_count_builder *builder, uint32_t row, const char *text,
                                        tx_error *error)
{
  if (!*text) return TX_OK;
  if (!tx_reserve(&builder->taxonomy, &builder->taxonomy_capacity, (size_t)row + 1,
                  sizeof *builder->taxonomy))
    return out_of_memory(error);
  while (builder->taxonomy_count <= row) builder->taxonomy[builder->taxonomy_count++] = NULL;
  builder->taxonomy[row] = tx_copy_text(text, strlen(text));
  return builder->taxonomy[row] ? TX_OK : out_of_memory(error);
}

/* Sorts the entries by sequence, and those of a sequence by sample: by counting, first by the latter. */
static tx_status sort_entries(const tx_count_builder *builder, size_t sequences, size_t samples,
                              tx_count_table *table, tx_error *error)
{
  const size_t count = builder->entry_count, most = sequences > samples ? sequences : samples;
  size_t *places = calloc(most + 2, sizeof *places);
  tx_count_entry *half = calloc(count + 1, sizeof *half);
  table->starts = calloc(sequences + 1, sizeof *table->starts);
  table->count_samples = calloc(count + 1, sizeof *table->count_samples);
  table->counts = calloc(count + 1, sizeof *table->counts);
  if (places && half && table->starts && table->count_samples && table->counts) {
    for (size_t i = 0; i < count; i++) places[builder->entries[i].column + 1]++;
    for (size_t s = 0; s < samples; s++) places[s + 1] += places[s];
    for (size_t i = 0; i < count; i++) half[places[builder->entries[i].column]++] = builder->entries[i];
    for (size_t i = 0; i < count; i++) table->starts[half[i].row + 1]++;
    for (size_t s = 0; s < sequences; s++) table->starts[s + 1] += table->starts[s];
    memcpy(places, table->starts, (sequences + 1) * sizeof *places);
    for (size_t i = 0; i < count; i++) {
      const size_t place = places[half[i].row]++;
      table->count_samples[place] = half[i].column;
      table->counts[place] = half[i].count;
    }
  }
  free(half);
  free(places);
  return table->counts && table->starts && table->count_samples && places && half ? TX_OK
                                                                                  : out_of_memory(error);
}

static tx_status check_once(const tx_count_builder *builder, const tx_count_table *table, tx_error *error)
{
  for (size_t s = 0; s < tx_names_count(table->sequences); s++)
    for (size_t i = table->starts[s] + 1; i < table->starts[s + 1]; i++)
      if (table->count_samples[i] == table->count_samples[i - 1])
        return tx_fail(error, TX_ERROR_DATA, "%s: '%.100s' has two counts in sample '%.100s'", builder->file,
                       tx_count_table_sequence(table, s),
                       tx_count_table_sample(table, table->count_samples[i]));
  return TX_OK;
}

tx_status tx_count_builder_finish(tx_count_builder *builder, tx_count_table **ret_table, tx_error *error)
{
  tx_count_table *table = calloc(1, sizeof *table);
  tx_status status;
  *ret_table = NULL;
  if (!table) return out_of_memory(error);
  for (size_t i = 0; builder->rows_are_samples && i < builder->entry_count; i++) {
    tx_count_entry *entry = &builder->entries[i];
    *entry = (tx_count_entry){entry->column, entry->row, entry->count};
  }
  table->format = builder->format;
  table->sequences = builder->rows_are_samples ? builder->columns : builder->rows;
  table->samples = builder->rows_are_samples ? builder->rows : builder->columns;
  builder->rows = builder->columns = NULL;
  if (builder->taxonomy_count) {
    const size_t sequences = tx_names_count(table->sequences);
    table->taxonomy = calloc(sequences, sizeof *table->taxonomy);
    for (size_t i = 0; table->taxonomy && i < builder->taxonomy_count; i++) {
      table->taxonomy[i] = builder->taxonomy[i];
      builder->taxonomy[i] = NULL;
    }
  }
  status = builder->taxonomy_count && !table->taxonomy ? out_of_memory(error) : TX_OK;
  if (status == TX_OK)
    status =
        sort_entries(builder, tx_names_count(table->sequences), tx_names_count(table->samples), table, error);
  if (status == TX_OK) status = check_once(builder, table, error);
  if (status == TX_OK)
    *ret_table = table;
  else
    tx_count_table_free(table);
  return status;
}

void tx_count_builder_free(tx_count_builder *builder)
{
  tx_names_free(builder->rows);
  tx_names_free(builder->columns);
  for (size_t i = 0; i < builder->taxonomy_count; i++) free(builder->taxonomy[i]);
  free(builder->taxonomy);
  free(builder->entries);
  *builder = (tx_count_builder){0};
}

bool tx_count_names_are_bases(const tx_names *names)
{
  const size_t count = tx_names_count(names);
  for (size_t i = 0; i < count; i++) {
    size_t length;
    const char *name = tx_names_key(names, (uint32_t)i, &length);
    if (length < BASES_LEAST || strspn(name, "ACGTUNRYSWKMBDHVacgtunryswkmbdhv") != length) return false;
  }
  return count != 0;
}

const char *tx_count_table_format(const tx_count_table *table)
{
  return table->format;
}

size_t tx_count_table_sequence_count(const tx_count_table *table)
{
  return tx_names_count(table->sequences);
}

const char *tx_count_table_sequence(const tx_count_table *table, size_t sequence)
{
  return tx_names_key(table->sequences, (uint32_t)sequence, NULL);
}

size_t tx_count_table_sample_count(const tx_count_table *table)
{
  return tx_names_count(table->samples);
}

const char *tx_count_table_sample(const tx_count_table *table, size_t sample)
{
  return tx_names_key(table->samples, (uint32_t)sample, NULL);
}

int64_t tx_count_table_find_sequence(const tx_count_table *table, const char *id)
{
  return tx_names_find(table->sequences, id, strlen(id));
}

int64_t tx_count_table_find_sample(const tx_count_table *table, const char *name)
{
  return tx_names_find(table->samples, name, strlen(name));
}

bool tx_count_table_ids_are_bases(const tx_count_table *table)
{
  return tx_count_names_are_bases(table->sequences);
}

const char *tx_count_table_taxonomy(const tx_count_table *table, size_t sequence)
{
  return table->taxonomy ? table->taxonomy[sequence] : NULL;
}

size_t tx_count_table_row(const tx_count_table *table, size_t sequence, const uint32_t **ret_samples,
                          const double **ret_counts)
{
  const size_t start = table->starts[sequence];
  *ret_samples = table->count_samples + start;
  *ret_counts = table->counts + start;
  return table->starts[sequence + 1] - start;
}

void tx_count_table_free(tx_count_table *table)
{
  if (!table) return;
  for (size_t i = 0; table->taxonomy && i < tx_names_count(table->sequences); i++) free(table->taxonomy[i]);
  tx_names_free(table->sequences);
  tx_names_free(table->samples);
  free(table->taxonomy);
  free(table->starts);
  free(table->count_samples);
  free(table->counts);
  free(table);
}
