#include "labelled/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "labelled/crabs.h"
#include "seq/bases.h"
#include "seq/header.h"

tx_status tx_labelled_open_table(tx_labelled *labelled, tx_input *input, tx_error *error)
{
  const bool first = labelled->path_next == 1;
  tx_status status = tx_table_open(input, &labelled->table, error);
  if (!status) status = tx_crabs_name_columns(labelled->table, error);
  return status ? status : tx_labelled_find_columns(labelled, first, error);
}

/* Whether a text stands for no sequence: "NA" would be read as two bases. */
static bool is_no_sequence(const char *text)
{
  static const char *const words[] = {"na", "n/a", "nan", "none", "null"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (tx_text_equal_fold(text, words[i])) return true;
  return false;
}

static tx_status fail_letter(const tx_labelled *labelled, const tx_record *record, char letter,
                             tx_error *error)
{
  char fault[128];
  return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                    "\"%.100s\": column '%s': %s", record->id,
                    tx_table_column(labelled->table, labelled->sequence_column),
                    tx_letters_describe(letter, fault));
}

/* Checks the letters, removes white space, and makes unknown letters N, in place. */
static tx_status read_sequence(tx_labelled *labelled, char *text, tx_record *record, tx_error *error)
{
  tx_foreign *foreign = &labelled->foreign;
  size_t length;
  tx_letters letters;
  text = tx_text_trim(text, strlen(text), &length);
  if (is_no_sequence(text)) text[length = 0] = '\0';
  letters = tx_letters_scan(text, length);
  if (letters != TX_LETTERS_PURE) {
    size_t kept = 0;
    tx_foreign_begin(foreign);
    for (size_t i = 0; i < length; i++) {
      const tx_letters class = tx_letters_class(text[i]);
      if (class == TX_LETTERS_SPACED) continue;
      if (class == TX_LETTERS_FOREIGN && !tx_letters_unknown(text[i]))
        return fail_letter(labelled, record, text[i], error);
      if (class == TX_LETTERS_FOREIGN) tx_foreign_add(foreign, text[i], record->line);
      text[kept++] = class == TX_LETTERS_FOREIGN ? 'N' : text[i];
    }
    text[length = kept] = '\0';
    if (!tx_foreign_end(foreign, length)) return fail_letter(labelled, record, foreign->first, error);
  }
  record->bases = text;
  record->base_count = length;
  record->omitted = 0;
  return TX_OK;
}

/* Takes a field, trimmed. Two roles may share a column (the ID may be a rank): trimming twice does no harm,
   because it only moves the start. */
static char *take_field(char **fields, size_t column, size_t *ret_length)
{
  return fields[column] = tx_text_trim(fields[column], strlen(fields[column]), ret_length);
}

/* Takes a field that is a name: blanks within it are folded, control characters refused. */
static tx_status take_name(tx_labelled *labelled, char **fields, size_t column, char **ret_name,
                           tx_error *error)
{
  *ret_name = fields[column] = tx_text_fold_blanks(fields[column]);
  if (!tx_text_has_control(*ret_name)) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), tx_table_line(labelled->table),
                    tx_table_row(labelled->table), "a control character in column '%s': '%.100s'",
                    tx_table_column(labelled->table, column), *ret_name);
}

/* Takes the id, and its size. */
static tx_status take_id(tx_labelled *labelled, char **fields, tx_record *record, tx_error *error)
{
  char *id;
  const tx_status status = take_name(labelled, fields, labelled->id_column, &id, error);
  record->id = id;
  record->id_length = strlen(id);
  record->size = tx_header_take_size(id, &record->id_length, &labelled->options.ids);
  return status;
}

/* Takes the labels. */
static tx_status take_taxa(tx_labelled *labelled, char **fields, tx_labelled_record *record, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t r = 0; status == TX_OK && r < labelled->rank_count; r++) {
    char *name;
    if (labelled->rank_columns[r] == TX_NO_COLUMN) continue;
    status = take_name(labelled, fields, labelled->rank_columns[r], &name, error);
    record->taxa[r] = tx_label_is_missing(name) ? NULL : name;
    if (!record->taxa[r] && *name) tx_placeholders_add(&labelled->placeholders, name, 1);
  }
  return status;
}

/* Tells at the end of a table which letters were read as N, and that no row was wanted. */
static void warn_at_end(tx_labelled *labelled)
{
  char text[200];
  if (tx_foreign_describe(&labelled->foreign, text, sizeof text)) tx_table_warn(labelled->table, text);
  if (labelled->rows && !labelled->taken) {
    snprintf(text, sizeof text, "none of the %" PRIu64 " rows %s", labelled->rows,
             labelled->conditions.count ? "meets the conditions (and is of the splits)" : "is of the splits");
    tx_table_warn(labelled->table, text);
  }
  labelled->foreign = (tx_foreign){0};
  labelled->rows = labelled->taken = 0;
}

tx_status tx_labelled_next_row(tx_labelled *labelled, tx_labelled_record *record, tx_error *error)
{
  tx_record *own = &record->record;
  char **fields;
  const char *split = NULL;
  tx_status status;
  do {
    status = tx_table_next(labelled->table, &fields, error);
    if (status == TX_END) warn_at_end(labelled);
    if (status) return status;
    labelled->rows++;
    if (labelled->has_split) split = take_field(fields, labelled->split_column, NULL);
  } while ((labelled->splits.count && !tx_words_contain(&labelled->splits, split)) ||
           !tx_conditions_hold(&labelled->conditions, fields));
  labelled->taken++;
  memset(record, 0, sizeof *record);
  record->split = split;
  own->id = take_field(fields, labelled->id_column, &own->id_length); /* for messages */
  own->comment = "";
  own->file = tx_table_name(labelled->table);
  own->line = tx_table_line(labelled->table);
  own->number = tx_table_row(labelled->table);
  own->bases = "";
  status = labelled->sequence_column == TX_NO_COLUMN
               ? TX_OK
               : read_sequence(labelled, fields[labelled->sequence_column], own, error);
  if (status) return status;
  /* Other roles that share the column of the sequence get it without white space. */
  status = take_id(labelled, fields, own, error);
  if (!status) status = take_taxa(labelled, fields, record, error);
  if (status || labelled->options.unlabelled || labelled->taxa_column == TX_NO_COLUMN) return status;
  return tx_labelled_read_lineages(labelled, fields[labelled->taxa_column], record, error);
}
