#include "labelled/count_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "labelled/count_lines.h"
#include "labelled/count_mothur.h"

/* What the header says about the rows. */
typedef struct row_layout {
  bool decided, rows_are_samples;
  size_t first; /* field of the first count */
  size_t names; /* first name of a column */
  size_t columns;
  bool taxonomy; /* a last column with lineages */
} row_layout;

/* Compares without '#', blanks, '_', '-' and letter case. */
static bool is_word(const char *text, const char *words)
{
  char plain[32];
  size_t size = 0;
  for (; *text && size + 1 < sizeof plain; text++)
    if (!strchr("# _-.", *text)) plain[size++] = tx_text_lower(*text);
  plain[size] = '\0';
  return !*text && size && tx_choice_find(words, plain) >= 0;
}

static row_layout read_layout(const tx_count_text *text, size_t row_fields)
{
  const char *corner = text->header.items[0], *last = text->header.items[text->header.count - 1];
  row_layout found = {.first = 1, .names = *corner != '#' && row_fields == text->header.count + 1 ? 0 : 1};
  const bool corner_there = found.names == 1;
  found.columns = text->header.count - found.names;
  if (text->options->rows != TX_COUNT_ROWS_AUTO) {
    found.decided = true;
    found.rows_are_samples = text->options->rows == TX_COUNT_ROWS_SAMPLES;
  } else if (corner_there && is_word(corner, "sample|samples|sampleid|samplename")) {
    found.decided = found.rows_are_samples = true;
  }
  found.taxonomy = !found.rows_are_samples && found.columns > 0 &&
                   is_word(last, "taxonomy|taxon|consensuslineage|lineage");
  if (found.taxonomy) found.columns--;
  if (found.taxonomy || (corner_there && (*corner == '#' || is_word(corner, "otu|otuid|otus|asv|asvid|asvs|"
                                                                            "zotu|zotuid|feature|featureid|"
                                                                            "sequenceid|seqid"))))
    found.decided = true;
  return found;
}

static tx_status name_columns(const tx_count_text *text, const row_layout *layout, tx_error *error)
{
  const char *what = !layout->decided ? "column" : layout->rows_are_samples ? "sequence" : "sample";
  tx_status status = TX_OK;
  if (layout->columns > UINT32_MAX / 2)
    return tx_fail(error, TX_ERROR_DATA, "%s: too many columns", text->builder->file);
  for (size_t i = 0; i < layout->columns && status == TX_OK; i++)
    status = tx_count_builder_name(text->builder, text->builder->columns,
                                   text->header.items[layout->names + i], what, 1, error);
  return status;
}

static tx_status add_row(const tx_count_text *text, const row_layout *layout, tx_error *error)
{
  const uint64_t line = tx_lines_number(text->lines);
  const char *what = !layout->decided ? "row" : layout->rows_are_samples ? "sample" : "sequence";
  tx_count_entry entry = {.row = (uint32_t)tx_names_count(text->builder->rows)};
  tx_status status;
  if (text->fields.count != layout->first + layout->columns + layout->taxonomy)
    return tx_fail_at(error, TX_ERROR_DATA, text->builder->file, line, 0,
                      "%zu fields, expected %zu as in the header", text->fields.count,
                      layout->first + layout->columns + layout->taxonomy);
  status =
      tx_count_builder_name(text->builder, text->builder->rows, text->fields.items[0], what, line, error);
  for (size_t i = 0; i < layout->columns && status == TX_OK; i++) {
    entry.column = (uint32_t)i;
    status = tx_count_text_number(text, text->fields.items[layout->first + i], &entry.count, error);
    if (status == TX_OK) status = tx_count_builder_add(text->builder, &entry, line, error);
  }
  if (status == TX_OK && layout->taxonomy)
    status = tx_count_builder_set_taxonomy(text->builder, entry.row,
                                           text->fields.items[text->fields.count - 1], error);
  return status;
}

static size_t count_known(const tx_count_text *text, const tx_names *names)
{
  size_t known = 0;
  for (size_t i = 0; text->options->known && i < tx_names_count(names); i++)
    known += text->options->known(text->options->known_context, tx_names_key(names, (uint32_t)i, NULL));
  return known;
}

/* Which of the two are the sequences, where the header does not say it. */
static tx_status decide(const tx_count_text *text, bool *ret_rows_are_samples, tx_error *error)
{
  const tx_count_builder *builder = text->builder;
  const bool row_bases = tx_count_names_are_bases(builder->rows);
  const bool column_bases = tx_count_names_are_bases(builder->columns);
  const size_t rows = count_known(text, builder->rows), columns = count_known(text, builder->columns);
  if (row_bases != column_bases)
    *ret_rows_are_samples = column_bases;
  else if (!rows != !columns)
    *ret_rows_are_samples = columns > 0;
  else
    return tx_fail(error, TX_ERROR_DATA,
                   "%s: are the rows sequences or samples? Known as ids of sequences are %zu of %zu names of "
                   "rows and %zu of %zu names of columns; say it with --count-rows sequences or samples",
                   builder->file, rows, tx_names_count(builder->rows), columns,
                   tx_names_count(builder->columns));
  return TX_OK;
}

static tx_status read_plain(tx_count_text *text, tx_error *error)
{
  row_layout layout;
  tx_status status = tx_count_text_next(text, text->header.count + 1, error);
  if (status != TX_OK && status != TX_END) return status;
  text->builder->format = "text";
  layout = read_layout(text, status == TX_OK ? text->fields.count : text->header.count);
  if (!layout.columns)
    return tx_fail_at(error, TX_ERROR_DATA, text->builder->file, 1, 0,
                      "one column only: expected a count table (vsearch --otutabout, biom convert, DADA2, "
                      "phyloseq, mothur, BIOM)");
  if (status == TX_OK || layout.decided) {
    const tx_status named = name_columns(text, &layout, error);
    if (named != TX_OK) return named;
  }
  while (status == TX_OK) {
    status = add_row(text, &layout, error);
    if (status == TX_OK) status = tx_count_text_next(text, layout.first + layout.columns + 1, error);
  }
  if (status != TX_END) return status;
  if (!layout.decided) return decide(text, &text->builder->rows_are_samples, error);
  text->builder->rows_are_samples = layout.rows_are_samples;
  return TX_OK;
}

tx_status tx_count_read_text(tx_input *input, const tx_count_options *options, tx_count_builder *builder,
                             tx_error *error)
{
  tx_count_text text = {.options = options, .builder = builder};
  char *groups = NULL;
  tx_status status = tx_lines_adopt(input, &text.lines, error);
  if (status == TX_OK) status = tx_count_text_header(&text, &groups, error);
  if (status == TX_OK) {
    if (tx_count_is_mothur_shared(&text))
      status = tx_count_read_mothur_shared(&text, error);
    else if (tx_count_is_mothur_counts(&text))
      status = tx_count_read_mothur_counts(&text, groups, error);
    else
      status = read_plain(&text, error);
  }
  tx_lines_close(text.lines);
  free(groups);
  tx_fields_free(&text.fields);
  tx_fields_free(&text.header);
  return status;
}
