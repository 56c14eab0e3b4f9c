/* The taxa of a record that has several, in one field of a table. */
#include "labelled/source.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { BETWEEN_TAXA = ';', BETWEEN_NAMES = '|' };

/* Cuts off the part before the separator, trimmed and with its blanks folded; *at is NULL after the last. */
static char *next_part(char **at, char separator)
{
  char *part = *at, *end = strchr(part, separator);
  *at = end ? end + 1 : NULL;
  if (end) *end = '\0';
  return tx_text_fold_blanks(part);
}

/* Whether the name is a label. */
static bool is_label(tx_labelled *labelled, const char *name)
{
  const bool missing =
      tx_label_is_missing(name) ||
      (labelled->missing_names.count && tx_missing_names_match(&labelled->missing_names, name));
  if (missing && *name) tx_placeholders_add(&labelled->placeholders, name, 1);
  return !missing;
}

static tx_status read_lineage(tx_labelled *labelled, char *text, tx_labelled_lineage *lineage, bool *ret_any,
                              tx_error *error)
{
  const bool bare = !strchr(text, BETWEEN_NAMES);
  char *at = text;
  memset(lineage, 0, sizeof *lineage);
  *ret_any = false;
  for (size_t r = 0; at; r++) {
    const char *name = next_part(&at, BETWEEN_NAMES);
    if (r >= labelled->rank_count && *name)
      return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), tx_table_line(labelled->table),
                        tx_table_row(labelled->table),
                        "column '%s': '%.100s' is one name more than the %zu ranks",
                        tx_table_column(labelled->table, labelled->taxa_column), name, labelled->rank_count);
    if (r >= labelled->rank_count || !is_label(labelled, name)) continue;
    *ret_any = true;
    if (bare && labelled->rank_count > 1)
      lineage->opt_name = name;
    else
      lineage->taxa[r] = name;
  }
  return TX_OK;
}

/* The lineage in the columns of the ranks, if it has a label. */
static void take_columns(tx_labelled *labelled, tx_labelled_record *record)
{
  tx_labelled_lineage *lineage = &labelled->lineages[0];
  memset(lineage, 0, sizeof *lineage);
  for (size_t r = 0; r < labelled->rank_count; r++) {
    if (!record->taxa[r]) continue;
    if (labelled->missing_names.count && tx_missing_names_match(&labelled->missing_names, record->taxa[r]))
      continue;
    lineage->taxa[r] = record->taxa[r];
    record->lineage_count = 1;
  }
}

tx_status tx_labelled_read_lineages(tx_labelled *labelled, const char *field, tx_labelled_record *record,
                                    tx_error *error)
{
  char *at;
  tx_status status = TX_OK;
  bool any = false;
  record->lineage_count = 0;
  tx_bytes_clear(&labelled->taxa);
  tx_bytes_append(&labelled->taxa, field, strlen(field) + 1);
  if (labelled->taxa.failed) return tx_fail_memory(error, "the taxa of a record");
  at = tx_text_fold_blanks(labelled->taxa.data);
  if (tx_text_has_control(at))
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(labelled->table), tx_table_line(labelled->table),
                      tx_table_row(labelled->table), "a control character in column '%s'",
                      tx_table_column(labelled->table, labelled->taxa_column));
  while (at && status == TX_OK) {
    char *part = next_part(&at, BETWEEN_TAXA);
    if (!tx_reserve(&labelled->lineages, &labelled->lineage_capacity, record->lineage_count + 1,
                    sizeof *labelled->lineages))
      return tx_fail_memory(error, "the taxa of a record");
    if (!*part) continue;
    status = read_lineage(labelled, part, &labelled->lineages[record->lineage_count], &any, error);
    record->lineage_count += any;
  }
  if (status == TX_OK && record->lineage_count == 0) take_columns(labelled, record);
  record->lineages = labelled->lineages;
  return status;
}
