#include "labelled/count_biom1.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

static tx_status fail_member(const tx_count_builder *builder, const char *what, tx_error *error)
{
  return tx_fail(error, TX_ERROR_DATA, "%s: a BIOM table %s", builder->file, what);
}

/* "taxonomy" in the metadata of a row: a text, or a list of texts. */
static tx_status read_taxonomy(const tx_json *item, uint32_t row, tx_count_builder *builder, tx_error *error)
{
  const tx_json *metadata = tx_json_get(item, "metadata"), *value = NULL;
  tx_bytes text = {0};
  tx_status status = TX_OK;
  if (metadata && tx_json_is_object(metadata)) value = tx_json_get(metadata, "taxonomy");
  if (!value) return TX_OK;
  if (tx_json_is_string(value)) tx_bytes_text(&text, tx_json_string(value));
  for (const tx_json *part = tx_json_is_array(value) ? tx_json_first(value) : NULL; part;
       part = tx_json_next(part)) {
    if (part != tx_json_first(value)) tx_bytes_text(&text, "; ");
    if (tx_json_is_string(part)) tx_bytes_text(&text, tx_json_string(part));
  }
  if (text.failed) status = tx_fail_memory(error, "the count table");
  if (status == TX_OK && text.size) status = tx_count_builder_set_taxonomy(builder, row, text.data, error);
  tx_bytes_free(&text);
  return status;
}

static tx_status read_names(const tx_json *list, tx_names *names, const char *what, tx_count_builder *builder,
                            tx_error *error)
{
  tx_status status = TX_OK;
  if (!tx_json_is_array(list)) return fail_member(builder, "whose rows and columns are no lists", error);
  for (const tx_json *item = tx_json_first(list); item && status == TX_OK; item = tx_json_next(item)) {
    const uint32_t row = (uint32_t)tx_names_count(names);
    const char *id = tx_json_string(tx_json_get(item, "id"));
    if (!id) return fail_member(builder, "with a row or column that has no id", error);
    status = tx_count_builder_name(builder, names, id, what, 0, error);
    if (status == TX_OK && names == builder->rows) status = read_taxonomy(item, row, builder, error);
  }
  return status;
}

/* A number of a row or column. */
static bool read_index(const tx_json *value, size_t count, uint32_t *ret_index)
{
  double number;
  if (!value || !tx_json_is_number(value)) return false;
  number = tx_json_number(value);
  if (!(number >= 0 && number < (double)count)) return false;
  *ret_index = (uint32_t)number;
  return *ret_index == number;
}

static tx_status read_sparse(const tx_json *data, tx_count_builder *builder, tx_error *error)
{
  const size_t rows = tx_names_count(builder->rows), columns = tx_names_count(builder->columns);
  tx_status status = TX_OK;
  for (const tx_json *item = tx_json_first(data); item && status == TX_OK; item = tx_json_next(item)) {
    const tx_json *row = tx_json_is_array(item) ? tx_json_first(item) : NULL;
    const tx_json *column = row ? tx_json_next(row) : NULL, *count = column ? tx_json_next(column) : NULL;
    tx_count_entry entry;
    if (!read_index(row, rows, &entry.row) || !read_index(column, columns, &entry.column) || !count ||
        !tx_json_is_number(count) || tx_json_next(count))
      return fail_member(builder, "whose data are not triples of a row, a column and a count in its shape",
                         error);
    entry.count = tx_json_number(count);
    status = tx_count_builder_add(builder, &entry, 0, error);
  }
  return status;
}

static tx_status read_dense(const tx_json *data, tx_count_builder *builder, tx_error *error)
{
  const size_t rows = tx_names_count(builder->rows), columns = tx_names_count(builder->columns);
  tx_count_entry entry = {0};
  tx_status status = TX_OK;
  for (const tx_json *row = tx_json_first(data); row && status == TX_OK; row = tx_json_next(row)) {
    entry.column = 0;
    for (const tx_json *count = tx_json_is_array(row) ? tx_json_first(row) : NULL; count && status == TX_OK;
         count = tx_json_next(count)) {
      if (entry.row >= rows || entry.column >= columns || !tx_json_is_number(count))
        return fail_member(builder, "whose data are not the numbers of its shape", error);
      entry.count = tx_json_number(count);
      status = tx_count_builder_add(builder, &entry, 0, error);
      entry.column++;
    }
    if (status == TX_OK && entry.column != columns)
      return fail_member(builder, "whose data are not the numbers of its shape", error);
    entry.row++;
  }
  if (status == TX_OK && entry.row != rows)
    return fail_member(builder, "whose data are not the numbers of its shape", error);
  return status;
}

static tx_status check_shape(const tx_json *document, const tx_count_builder *builder, tx_error *error)
{
  const tx_json *shape = tx_json_get(document, "shape");
  const tx_json *rows = shape && tx_json_is_array(shape) ? tx_json_first(shape) : NULL;
  const tx_json *columns = rows ? tx_json_next(rows) : NULL;
  if (!columns || !tx_json_is_number(rows) || !tx_json_is_number(columns) ||
      tx_json_number(rows) != (double)tx_names_count(builder->rows) ||
      tx_json_number(columns) != (double)tx_names_count(builder->columns))
    return fail_member(builder, "whose shape is not the number of its rows and columns", error);
  return TX_OK;
}

static tx_status read_document(const tx_json *document, tx_count_builder *builder, tx_error *error)
{
  const tx_json *data;
  const char *kind = tx_json_string(tx_json_get(document, "matrix_type"));
  tx_status status;
  if (!tx_json_is_object(document) || !tx_json_get(document, "rows") || !tx_json_get(document, "columns"))
    return tx_fail(error, TX_ERROR_DATA, "%s: JSON that is no BIOM 1.0 table: no rows and columns",
                   builder->file);
  status = read_names(tx_json_get(document, "rows"), builder->rows, "sequence", builder, error);
  if (status == TX_OK)
    status = read_names(tx_json_get(document, "columns"), builder->columns, "sample", builder, error);
  if (status == TX_OK) status = check_shape(document, builder, error);
  if (status != TX_OK) return status;
  data = tx_json_get(document, "data");
  if (!tx_json_is_array(data)) return fail_member(builder, "without data", error);
  if (kind && strcmp(kind, "sparse") == 0) return read_sparse(data, builder, error);
  if (kind && strcmp(kind, "dense") == 0) return read_dense(data, builder, error);
  return fail_member(builder, "whose matrix_type is neither sparse nor dense", error);
}

tx_status tx_count_read_biom1(const tx_bytes *content, tx_count_builder *builder, tx_error *error)
{
  const char *text = content->data;
  size_t length = content->size;
  tx_json *document = NULL;
  tx_status status;
  if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
    length -= 3;
  }
  builder->format = "BIOM 1.0";
  status = tx_json_parse(text, length, builder->file, &document, error);
  if (status == TX_OK) status = read_document(document, builder, error);
  tx_json_free(document);
  return status;
}
