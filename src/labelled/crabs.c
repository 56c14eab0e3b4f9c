#include "labelled/crabs.h"

#include <stdbool.h>
#include <string.h>

#define RANKS "superkingdom\tphylum\tclass\torder\tfamily\tgenus\tspecies"

enum { OLD_COLUMNS = 10, SEQUENCE_LEAST = 20 };

/* Whether the text is a number, or NA. */
static bool is_taxid(const char *text)
{
  return (*text && !text[strspn(text, "0123456789")]) || !strcmp(text, "NA");
}

static bool is_sequence(const char *text)
{
  return strlen(text) >= SEQUENCE_LEAST && !text[strspn(text, "ACGTUNRYSWKMBDHVacgtunryswkmbdhv-.")];
}

tx_status tx_crabs_name_columns(tx_table *table, tx_error *error)
{
  const size_t count = tx_table_column_count(table);
  if (count != OLD_COLUMNS && count != OLD_COLUMNS + 1) return TX_OK;
  if (!is_taxid(tx_table_column(table, count - OLD_COLUMNS + 1)) ||
      !is_sequence(tx_table_column(table, count - 1)))
    return TX_OK;
  return tx_table_name_columns(table,
                               count == OLD_COLUMNS ? "seqid\ttaxid\t" RANKS "\tsequence"
                                                    : "seqid\tname\ttaxid\t" RANKS "\tsequence",
                               error);
}
