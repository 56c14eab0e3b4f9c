/* The columns of a table: which of them are the id, the sequence, the split and the ranks. */
#include "labelled/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "taxon/ranks.h"

static const char *const usual_ranks[] = {"superkingdom", "domain", "kingdom",   "phylum", "class", "order",
                                          "family",       "subfamily", "tribe",  "genus", "species"};
#define USUAL_RANKS (sizeof usual_ranks / sizeof *usual_ranks)

/* What a column is for, and the names that it has in tables of BIOSCAN-5M, BOLD (BCDM and its exports),
   BarcodeBERT and CRABS. */
typedef struct column_role {
  const char *what;
  /* the last name often stands beside another one, and is then not meant */
  const char *names[5];
  bool may_be_first; /* without any of the names it is the first column */
} column_role;

static const column_role id_role = {"id", {"processid", "process_id", "id", "seqid", "sampleid"}, true};
static const column_role sequence_role = {
    "sequence", {"dna_barcode", "sequence", "nucleotides", "nuc", "nucraw"}, false};
#define COUNT(names) (sizeof(names) / sizeof *(names))

/* Sends a note about the table, if notes are wanted. */
static void send_note(const tx_labelled *labelled, const char *format, ...) TX_PRINTF(2, 3);

static void send_note(const tx_labelled *labelled, const char *format, ...)
{
  const tx_input_hooks *hooks = &labelled->options.hooks;
  char line[TX_MESSAGE_SIZE];
  va_list arguments;
  size_t used;
  if (!hooks->note) return;
  snprintf(line, TX_MESSAGE_SIZE / 2, "%s: ", tx_table_name(labelled->table));
  used = strlen(line);
  va_start(arguments, format);
  vsnprintf(line + used, sizeof line - used, format, arguments);
  va_end(arguments);
  hooks->note(hooks->context, line);
}

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

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (tx_text_equal_fold(name, names[i])) return true;
  return false;
}

/* Tells which column is read where another one could be meant as well. */
static void note_rivals(const tx_labelled *labelled, size_t chosen, const char *what,
                        const char *const *names, size_t count)
{
  const char *own = tx_table_column(labelled->table, chosen);
  for (size_t i = 0; i < tx_table_column_count(labelled->table) && is_one_of(own, names, count); i++) {
    const char *other = tx_table_column(labelled->table, i);
    if (i == chosen || !is_one_of(other, names, count)) continue;
    send_note(labelled, "column '%.100s' is read as the %s, not '%.100s'", own, what, other);
    return;
  }
}

/* Finds the column of a role: that of the option, else the first of the usual names. */
static tx_status find_role(const tx_labelled *labelled, const column_role *role, const char *opt_name,
                           size_t *ret_column, tx_error *error)
{
  const tx_table *table = labelled->table;
  const int column = find_first(table, role->names, COUNT(role->names));
  const char *otherwise = role->may_be_first ? tx_table_column(table, 0) : role->names[0];
  tx_status status;
  if (is_given(opt_name)) return tx_table_require(table, opt_name, ret_column, error);
  if (column < 0 && !role->may_be_first && labelled->options.sequences_optional) {
    *ret_column = TX_NO_COLUMN;
    return TX_OK;
  }
  status = tx_table_require(table, column < 0 ? otherwise : tx_table_column(table, (size_t)column),
                            ret_column, error);
  if (!status) note_rivals(labelled, *ret_column, role->what, role->names, COUNT(role->names) - 1);
  return status;
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

/* Appends a list of names to text, truncated to size. */
static void list_names(char *text, size_t size, const char *const *names, size_t count)
{
  size_t used = 0;
  for (size_t i = 0; i < count && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, i ? ", %s" : "%s", names[i]);
}

/* The usual ranks that are columns, in the order of these; where that is the order of no taxonomy, from the
   top down. */
static void take_usual_ranks(tx_labelled *labelled)
{
  int columns[USUAL_RANKS] = {0};
  size_t count = 0, above, below;
  char list[300] = "";
  for (size_t i = 0; i < USUAL_RANKS; i++) {
    const int column = find_rank(labelled->table, usual_ranks[i]);
    size_t at = count;
    if (column < 0) continue;
    for (; at > 0 && columns[at - 1] > column; at--) {
      columns[at] = columns[at - 1];
      labelled->ranks[at] = labelled->ranks[at - 1];
    }
    columns[at] = column;
    labelled->ranks[at] = usual_ranks[i];
    count++;
  }
  labelled->rank_count = count;
  if (!tx_ranks_inverted(labelled->ranks, count, &above, &below)) return;
  for (size_t i = 1; i < count; i++) { /* ranks of one level stay in the order of the columns */
    const char *rank = labelled->ranks[i];
    size_t at = i;
    for (; at > 0 && tx_rank_level(labelled->ranks[at - 1]) > tx_rank_level(rank); at--)
      labelled->ranks[at] = labelled->ranks[at - 1];
    labelled->ranks[at] = rank;
  }
  list_names(list, sizeof list, labelled->ranks, count);
  send_note(labelled, "the columns of the ranks are not in the order of a taxonomy: they are read as %s",
            list);
}

/* Puts the ranks that the caller can use and that are columns before the usual ones. */
static void put_wanted_first(tx_labelled *labelled)
{
  const char *others[USUAL_RANKS];
  const size_t count = labelled->rank_count;
  memcpy(others, labelled->ranks, count * sizeof *others);
  labelled->rank_count = 0;
  for (size_t i = 0; i < labelled->options.wanted_count && labelled->rank_count < TX_RANKS_MAX; i++)
    if (labelled->taxa_column != TX_NO_COLUMN || find_rank(labelled->table, labelled->options.wanted[i]) >= 0)
      labelled->ranks[labelled->rank_count++] = labelled->options.wanted[i];
  for (size_t i = 0; i < count && labelled->rank_count < TX_RANKS_MAX; i++)
    if (!has_rank(labelled, others[i])) labelled->ranks[labelled->rank_count++] = others[i];
}

/* Whether a column, "genus" or "genus_name", has the name of one of the ranks that are read. */
static bool is_read(const tx_labelled *labelled, const char *column, char *rank, size_t size)
{
  const size_t length = strlen(column);
  snprintf(rank, size, "%s", column);
  if (length > 5 && length < size && tx_text_equal_fold(column + length - 5, "_name"))
    rank[length - 5] = '\0';
  for (size_t r = 0; r < labelled->rank_count; r++)
    if (tx_text_equal_fold(rank, labelled->ranks[r])) return true;
  return false;
}

/* Lists the columns that have names of ranks and are not read. */
static void note_unused(const tx_labelled *labelled)
{
  const char *unused[TX_RANKS_MAX];
  size_t count = 0;
  char list[500] = "";
  for (size_t i = 0; i < tx_table_column_count(labelled->table) && count < TX_RANKS_MAX; i++) {
    const char *column = tx_table_column(labelled->table, i);
    char rank[40];
    if (!is_read(labelled, column, rank, sizeof rank) && tx_rank_level(rank) >= 0) unused[count++] = column;
  }
  list_names(list, sizeof list, unused, count);
  if (count)
    send_note(labelled, "column%s of other ranks that %s not read: %s", count == 1 ? "" : "s",
              count == 1 ? "is" : "are", list);
}

/* Determines the ranks from the first file's columns, unless the caller has named them. */
static tx_status choose_ranks(tx_labelled *labelled, tx_error *error)
{
  char list[700] = "";
  for (size_t i = 0; i < labelled->asked_ranks.count; i++)
    if (!labelled->options.ranks_optional || find_rank(labelled->table, labelled->asked_ranks.items[i]) >= 0)
      labelled->ranks[labelled->rank_count++] = labelled->asked_ranks.items[i];
  if (labelled->rank_count) return TX_OK;
  take_usual_ranks(labelled);
  if (labelled->options.wanted_count)
    put_wanted_first(labelled);
  else
    note_unused(labelled);
  if (labelled->rank_count) return TX_OK;
  tx_table_list_columns(labelled->table, list, sizeof list);
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), 0, 0,
                    "no column has the name of a usual rank (domain ... species): say which columns are the "
                    "ranks%s%s", labelled->taxa_column == TX_NO_COLUMN ? "" : ", or which are those of the "
                    "lineages", list);
}

/* Tells which column is read where there is "genus" and "genus_name". */
static void note_rank_rivals(const tx_labelled *labelled, size_t rank)
{
  char name[64];
  const char *names[2] = {labelled->ranks[rank], name};
  if (snprintf(name, sizeof name, "%s_name", names[0]) < (int)sizeof name)
    note_rivals(labelled, labelled->rank_columns[rank], names[0], names, 2);
}

/* Finds the column of the taxa, if one is asked for. */
static tx_status find_taxa(tx_labelled *labelled, tx_error *error)
{
  const char *name = labelled->options.taxa_column;
  labelled->taxa_column = TX_NO_COLUMN;
  return is_given(name) ? tx_table_require(labelled->table, name, &labelled->taxa_column, error) : TX_OK;
}

static tx_status find_ranks(tx_labelled *labelled, tx_error *error)
{
  for (size_t r = 0; r < labelled->rank_count; r++) {
    const int column = find_rank(labelled->table, labelled->ranks[r]);
    if (column < 0 && labelled->taxa_column != TX_NO_COLUMN) {
      labelled->rank_columns[r] = TX_NO_COLUMN;
      continue;
    }
    const char *name = column < 0 ? labelled->ranks[r] : tx_table_column(labelled->table, (size_t)column);
    tx_status status = tx_table_require(labelled->table, name, &labelled->rank_columns[r], error);
    if (status) return status;
    note_rank_rivals(labelled, r);
  }
  for (size_t i = 0; i < USUAL_RANKS && !labelled->asked_ranks.count && !labelled->options.wanted_count; i++)
    if (find_rank(labelled->table, usual_ranks[i]) >= 0 && !has_rank(labelled, usual_ranks[i]))
      return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), 0, 0,
                        "column '%s' is a rank that %s lacks: say which ranks are to be used", usual_ranks[i],
                        labelled->paths[0]);
  return TX_OK;
}

tx_status tx_labelled_find_columns(tx_labelled *labelled, bool first, tx_error *error)
{
  const tx_labelled_options *options = &labelled->options;
  tx_status status = find_role(labelled, &id_role, options->id_column, &labelled->id_column, error);
  if (!status)
    status =
        find_role(labelled, &sequence_role, options->sequence_column, &labelled->sequence_column, error);
  if (!status) status = find_split(labelled, error);
  if (!status) status = tx_conditions_find(&labelled->conditions, labelled->table, error);
  if (status || labelled->options.unlabelled) return status;
  status = find_taxa(labelled, error);
  if (!status && first) status = choose_ranks(labelled, error);
  return status ? status : find_ranks(labelled, error);
}
