#include "labelled/count_biom2.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hdf5.h"

#define IDS_OF_ROWS "observation/ids"
#define IDS_OF_COLUMNS "sample/ids"
#define COUNTS "observation/matrix/data"
#define COLUMNS "observation/matrix/indices"
#define STARTS "observation/matrix/indptr"
#define TAXONOMY "observation/metadata/taxonomy"

bool tx_count_table_reads_hdf5(void)
{
  return tx_hdf5_version() != NULL;
}

static tx_status read_names(const tx_hdf5 *file, const char *path, tx_names *names, const char *what,
                            const tx_count_builder *builder, tx_error *error)
{
  char **texts;
  size_t count, rows;
  tx_status status = tx_hdf5_read_texts(file, path, &texts, &count, &rows, error);
  for (size_t i = 0; status == TX_OK && i < count; i++)
    status = tx_count_builder_name(builder, names, texts[i], what, 0, error);
  tx_hdf5_free_texts(texts, count);
  return status;
}

/* A text per sequence, or its levels. */
static tx_status read_taxonomy(const tx_hdf5 *file, tx_count_builder *builder, tx_error *error)
{
  char **texts;
  size_t count, rows, levels;
  tx_status status = tx_hdf5_read_texts(file, TAXONOMY, &texts, &count, &rows, error);
  if (status == TX_OK && rows != tx_names_count(builder->rows))
    status = tx_fail(error, TX_ERROR_DATA, "%s: a BIOM table with %zu sequences and %zu lineages",
                     builder->file, tx_names_count(builder->rows), rows);
  levels = rows ? count / rows : 0;
  for (size_t row = 0; status == TX_OK && row < rows; row++) {
    tx_bytes text = {0};
    for (size_t i = 0; i < levels; i++) {
      if (i) tx_bytes_text(&text, "; ");
      tx_bytes_text(&text, texts[row * levels + i]);
    }
    if (text.failed) status = tx_fail_memory(error, "the count table");
    if (status == TX_OK && text.size)
      status = tx_count_builder_set_taxonomy(builder, (uint32_t)row, text.data, error);
    tx_bytes_free(&text);
  }
  tx_hdf5_free_texts(texts, count);
  return status;
}

/* The three arrays of a compressed matrix. */
typedef struct matrix {
  double *counts, *columns, *starts;
  size_t count, column_count, start_count;
} matrix;

static tx_status fail_matrix(const tx_count_builder *builder, tx_error *error)
{
  return tx_fail(error, TX_ERROR_DATA, "%s: a BIOM table whose matrix does not fit its ids", builder->file);
}

static tx_status add_matrix(const matrix *data, tx_count_builder *builder, tx_error *error)
{
  const size_t rows = tx_names_count(builder->rows), columns = tx_names_count(builder->columns);
  size_t at = 0;
  if (data->start_count != rows + 1 || data->count != data->column_count || data->starts[0] != 0 ||
      data->starts[rows] != (double)data->count)
    return fail_matrix(builder, error);
  for (size_t row = 0; row < rows; row++) {
    if (!(data->starts[row + 1] >= data->starts[row] && data->starts[row + 1] <= (double)data->count))
      return fail_matrix(builder, error);
    for (; (double)at < data->starts[row + 1]; at++) {
      const double column = data->columns[at];
      tx_count_entry entry = {(uint32_t)row, 0, data->counts[at]};
      tx_status status;
      if (!(column >= 0 && column < (double)columns)) return fail_matrix(builder, error);
      entry.column = (uint32_t)column;
      status = tx_count_builder_add(builder, &entry, 0, error);
      if (status != TX_OK) return status;
    }
  }
  return TX_OK;
}

static tx_status read_file(const tx_hdf5 *file, tx_count_builder *builder, tx_error *error)
{
  matrix data = {0};
  tx_status status = TX_OK;
  if (!tx_hdf5_has(file, IDS_OF_ROWS) || !tx_hdf5_has(file, IDS_OF_COLUMNS))
    return tx_fail(error, TX_ERROR_DATA, "%s: HDF5 that is no BIOM 2.1 table: no %s and %s", builder->file,
                   IDS_OF_ROWS, IDS_OF_COLUMNS);
  status = read_names(file, IDS_OF_ROWS, builder->rows, "sequence", builder, error);
  if (status == TX_OK) status = read_names(file, IDS_OF_COLUMNS, builder->columns, "sample", builder, error);
  if (status == TX_OK) status = tx_hdf5_read_numbers(file, COUNTS, &data.counts, &data.count, error);
  if (status == TX_OK) status = tx_hdf5_read_numbers(file, COLUMNS, &data.columns, &data.column_count, error);
  if (status == TX_OK) status = tx_hdf5_read_numbers(file, STARTS, &data.starts, &data.start_count, error);
  if (status == TX_OK) status = add_matrix(&data, builder, error);
  if (status == TX_OK && tx_hdf5_has(file, TAXONOMY)) status = read_taxonomy(file, builder, error);
  free(data.counts);
  free(data.columns);
  free(data.starts);
  return status;
}

tx_status tx_count_read_biom2(const tx_bytes *content, tx_count_builder *builder, tx_error *error)
{
  tx_hdf5 *file = NULL;
  tx_status status = tx_hdf5_open_memory(builder->file, content->data, content->size, &file, error);
  builder->format = "BIOM 2.1";
  if (status == TX_OK) status = read_file(file, builder, error);
  tx_hdf5_close(file);
  return status;
}
