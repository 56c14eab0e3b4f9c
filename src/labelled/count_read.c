#include "labelled/count_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "labelled/count_biom1.h"
#include "labelled/count_biom2.h"
#include "labelled/count_text.h"

/* Reads the rest of the input. */
static tx_status read_all(tx_input *input, tx_bytes *content, tx_error *error)
{
  enum { STEP = 1 << 16 };
  char *part = malloc(STEP);
  size_t count = 1;
  tx_status status = part ? TX_OK : tx_fail_memory(error, "the count table");
  while (status == TX_OK && count) {
    status = tx_input_read(input, part, STEP, &count, error);
    if (status == TX_OK) tx_bytes_append(content, part, count);
    if (status == TX_OK && content->failed) status = tx_fail_memory(error, "the count table");
  }
  free(part);
  return status;
}

/* What the first bytes say. */
typedef enum content_kind { CONTENT_TEXT, CONTENT_JSON, CONTENT_HDF5 } content_kind;

static content_kind kind_of(const char *start, size_t count)
{
  static const char signature[8] = "\211HDF\r\n\032\n";
  size_t at = count >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  if (count && memcmp(start, signature, count < sizeof signature ? count : sizeof signature) == 0)
    return CONTENT_HDF5;
  while (at < count && tx_text_is_space(start[at])) at++;
  return at < count && start[at] == '{' ? CONTENT_JSON : CONTENT_TEXT;
}

static tx_status read_content(tx_input *input, content_kind kind, tx_count_builder *builder, tx_error *error)
{
  tx_bytes content = {0};
  tx_status status = read_all(input, &content, error);
  if (status == TX_OK)
    status = kind == CONTENT_JSON ? tx_count_read_biom1(&content, builder, error)
                                  : tx_count_read_biom2(&content, builder, error);
  tx_bytes_free(&content);
  return status;
}

tx_status tx_count_table_read_input(tx_input *input, const tx_count_options *opt_options,
                                    tx_count_table **ret_table, tx_error *error)
{
  const tx_count_options options = opt_options ? *opt_options : (tx_count_options){0};
  tx_count_builder builder = {0};
  char *file = tx_copy_text(tx_input_name(input), strlen(tx_input_name(input)));
  const char *start;
  size_t count = 0;
  content_kind kind = CONTENT_TEXT;
  tx_status status = file ? tx_input_peek(input, TX_INPUT_PEEK_MAX, &start, &count, error)
                          : tx_fail_memory(error, "the count table");
  *ret_table = NULL;
  builder.file = file;
  if (status == TX_OK) kind = kind_of(start, count);
  if (status == TX_OK) status = tx_names_create(&builder.rows, error);
  if (status == TX_OK) status = tx_names_create(&builder.columns, error);
  if (status == TX_OK && kind == CONTENT_TEXT) {
    status = tx_count_read_text(input, &options, &builder, error);
  } else {
    if (status == TX_OK) status = read_content(input, kind, &builder, error);
    tx_input_close(input);
  }
  if (status == TX_OK) status = tx_count_builder_finish(&builder, ret_table, error);
  tx_count_builder_free(&builder);
  free(file);
  return status;
}

tx_status tx_count_table_read(const char *path, const tx_count_options *opt_options,
                              tx_count_table **ret_table, tx_error *error)
{
  tx_input *input = NULL;
  tx_status status = tx_input_open(path, opt_options ? &opt_options->hooks : NULL, &input, error);
  *ret_table = NULL;
  return status == TX_OK ? tx_count_table_read_input(input, opt_options, ret_table, error) : status;
}
