#include "labelled/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "labelled/crabs.h"
#include "seq/bases.h"
#include "seq/header.h"

static const char *const usual_ranks[] = {"superkingdom", "domain", "kingdom",   "phylum", "class", "order",
                                          "family",       "subfamily", "tribe",  "genus", "species"};
#define USUAL_RANKS (sizeof usual_ranks / sizeof *usual_ranks)

/* Names of the columns that tables of BIOSCAN-5M, BOLD (BCDM and its exports), BarcodeBERT and CRABS have. */
static const char *const id_names[] = {"processid", "process_id", "id", "seqid", "sampleid"};
static const char *const sequence_names[] = {"dna_barcode", "sequence", "nucleotides", "nuc", "nucraw"};
#define NO_COLUMN SIZE_MAX
#define COUNT(names) (sizeof names / sizeof *names)

/* The column with the first of the names that there is, -1 = none. */
static int find_first(const tx_table *table, const char *const *names, size_t count)
{
  int column = -1;
  for (size_t i = 0; i < count && column < 0; i++) column = tx_table_find(table, names[i]);
  return column;
}

/* The column of a rank: "genus", else "genus_name" as in older exports of BOLD; BIN has names of its own;
   -1 = none. */
static int find_rank(const tx_table *table, const char *rank)
{
  static const char *const bin_names[] = {"bin", "bin_uri", "dna_bin"};
  char name[64];
  const int column = tx_text_equal_fold(rank, "bin") ? find_first(table, bin_names, COUNT(bin_names))
                                                     : tx_table_find(table, rank);
  if (column >= 0 || snprintf(name, sizeof name, "%s_name", rank) >= (int)sizeof name) return column;
  return tx_table_find(table, name);
}

static bool is_given(const char *option)
{
  return option && *option;
}

static tx_status find_id_and_sequence(tx_labelled *labelled, tx_error *error)
{
  const tx_labelled_options *options = &labelled->options;
  const tx_table *table = labelled->table;
  tx_status status;
  if (is_given(options->id_column)) {
    status = tx_table_require(table, options->id_column, &labelled->id_column, error);
    if (status) return status;
  } else {
    const int column = find_first(table, id_names, COUNT(id_names));
    labelled->id_column = column < 0 ? 0 : (size_t)column;
  }
  if (is_given(options->sequence_column))
    return tx_table_require(table, options->sequence_column, &labelled->sequence_column, error);
  for (size_t i = 0; i < COUNT(sequence_names); i++)
    if (tx_table_find(table, sequence_names[i]) >= 0)
      return tx_table_require(table, sequence_names[i], &labelled->sequence_column, error);
  labelled->sequence_column = NO_COLUMN;
  if (options->sequences_optional) return TX_OK;
  return tx_table_require(table, sequence_names[0], &labelled->sequence_column, error);
}

/* Finds the split column. The first table determines whether tables have splits. */
static tx_status find_split(tx_labelled *labelled, tx_error *error)
{
  const tx_labelled_options *options = &labelled->options;
  const char *name = is_given(options->split_column) ? options->split_column : "split";
  bool there = tx_table_find(labelled->table, name) >= 0;
  if (!there && labelled->splits.count) {
    char list[600] = "";
    tx_table_list_columns(labelled->table, list, sizeof list);
    return tx_fail(error, TX_ERROR_USAGE, "%s: split '%s' is asked for, but there is no column '%s'%s",
                   tx_table_name(labelled->table), options->split, name, list);
  }
  if (there || is_given(options->split_column)) {
    tx_status status = tx_table_require(labelled->table, name, &labelled->split_column, error);
    if (status) return status;
  }
  if (labelled->first_table && there != labelled->has_split)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), 0, 0,
                      "there is %s column '%s', unlike %s", there ? "a" : "no", name, labelled->first_table);
  if (!labelled->first_table) labelled->first_table = labelled->paths[labelled->path_next - 1];
  labelled->has_split = there;
  return TX_OK;
}

static bool has_rank(const tx_labelled *labelled, const char *rank)
{
  for (size_t r = 0; r < labelled->rank_count; r++)
    if (!strcmp(labelled->ranks[r], rank)) return true;
  return false;
}

/* Determines the ranks from the first file's columns, unless the caller has named them. */
static tx_status choose_ranks(tx_labelled *labelled, tx_error *error)
{
  char list[700] = "";
  for (size_t i = 0; i < labelled->asked_ranks.count; i++)
    if (!labelled->options.ranks_optional || find_rank(labelled->table, labelled->asked_ranks.items[i]) >= 0)
      labelled->ranks[labelled->rank_count++] = labelled->asked_ranks.items[i];
  if (labelled->rank_count) return TX_OK;
  for (size_t i = 0; i < USUAL_RANKS; i++)
    if (find_rank(labelled->table, usual_ranks[i]) >= 0)
      labelled->ranks[labelled->rank_count++] = usual_ranks[i];
  if (labelled->rank_count) return TX_OK;
  tx_table_list_columns(labelled->table, list, sizeof list);
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), 0, 0,
                    "no column has the name of a usual rank (domain ... species): say which columns are the "
                    "ranks%s", list);
}

static tx_status find_ranks(tx_labelled *labelled, tx_error *error)
{
  for (size_t r = 0; r < labelled->rank_count; r++) {
    const int column = find_rank(labelled->table, labelled->ranks[r]);
    const char *name = column < 0 ? labelled->ranks[r] : tx_table_column(labelled->table, (size_t)column);
    tx_status status = tx_table_require(labelled->table, name, &labelled->rank_columns[r], error);
    if (status) return status;
  }
  for (size_t i = 0; i < USUAL_RANKS && !labelled->asked_ranks.count; i++)
    if (find_rank(labelled->table, usual_ranks[i]) >= 0 && !has_rank(labelled, usual_ranks[i]))
      return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), 0, 0,
                        "column '%s' is a rank that %s lacks: say which ranks are to be used", usual_ranks[i],
                        labelled->paths[0]);
  return TX_OK;
}

tx_status tx_labelled_open_table(tx_labelled *labelled, tx_input *input, tx_error *error)
{
  const bool first = labelled->path_next == 1;
  tx_status status = tx_table_open(input, &labelled->table, error);
  if (!status) status = tx_crabs_name_columns(labelled->table, error);
  if (!status) status = find_id_and_sequence(labelled, error);
  if (!status) status = find_split(labelled, error);
  if (!status) status = tx_conditions_find(&labelled->conditions, labelled->table, error);
  if (!status && first && !labelled->options.unlabelled) status = choose_ranks(labelled, error);
  if (!status && !labelled->options.unlabelled) status = find_ranks(labelled, error);
  return status;
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

/* Takes the id, and its size. */
static const char *take_id(tx_labelled *labelled, char **fields, tx_record *record)
{
  char *id = take_field(fields, labelled->id_column, &record->id_length);
  record->size = tx_header_take_size(id, &record->id_length, &labelled->options.ids);
  return id;
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
  own->id = take_field(fields, labelled->id_column, &own->id_length);
  own->comment = "";
  own->file = tx_table_name(labelled->table);
  own->line = tx_table_line(labelled->table);
  own->number = tx_table_row(labelled->table);
  own->bases = "";
  status = labelled->sequence_column == NO_COLUMN
               ? TX_OK
               : read_sequence(labelled, fields[labelled->sequence_column], own, error);
  if (status) return status;
  /* Other roles that share the column of the sequence get it without white space. */
  own->id = take_id(labelled, fields, own);
  for (size_t r = 0; r < labelled->rank_count; r++) {
    const char *name = take_field(fields, labelled->rank_columns[r], NULL);
    record->taxa[r] = tx_label_is_missing(name) ? NULL : name;
    if (!record->taxa[r] && *name) tx_placeholders_add(&labelled->placeholders, name, 1);
  }
  return TX_OK;
}
