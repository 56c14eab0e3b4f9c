/* Inside of <taxamba/count_table.h>: the table, and how the readers of the formats make one. */
#ifndef TX_LABELLED_COUNT_TABLE_H
#define TX_LABELLED_COUNT_TABLE_H

#include "base/names.h"

#include <taxamba/count_table.h>

struct tx_count_table {
  const char *format;
  tx_names *sequences, *samples;
  char **taxonomy; /* (sequences), NULL where there is none; NULL if there is none at all */
  size_t *starts;  /* (sequences + 1) of the counts of a sequence */
  uint32_t *count_samples;
  double *counts;
};

typedef struct tx_count_entry {
  uint32_t row, column;
  double count;
} tx_count_entry;

/* A table while it is read, by the rows and columns of its file. Zero-initialise, and free with
   tx_count_builder_free. */
typedef struct tx_count_builder {
  const char *file;   /* its name for messages */
  const char *format; /* set by the reader of the format */
  bool rows_are_samples;
  tx_names *rows, *columns;
  tx_count_entry *entries;
  size_t entry_count, entry_capacity;
  char **taxonomy; /* (taxonomy_count) of the first rows, NULL where there is none */
  size_t taxonomy_count, taxonomy_capacity;
} tx_count_builder;

/* Appends the name of a row or column. TX_ERROR_DATA when it is empty or there already; `what` says what it
   names ("sample"), `line` is 0 where there are no lines. */
tx_status tx_count_builder_name(const tx_count_builder *builder, tx_names *names, const char *name,
                                const char *what, uint64_t line, tx_error *error);
/* Appends a count; 0 is left out. TX_ERROR_DATA when it is negative or not finite. */
tx_status tx_count_builder_add(tx_count_builder *builder, const tx_count_entry *entry, uint64_t line,
                               tx_error *error);
/* Sets the lineage of a row, above those that were set before; empty means none. */
tx_status tx_count_builder_set_taxonomy(tx_count_builder *builder, uint32_t row, const char *text,
                                        tx_error *error);
/* Makes the table; TX_ERROR_DATA when a cell was given twice. */
tx_status tx_count_builder_finish(tx_count_builder *builder, tx_count_table **ret_table, tx_error *error);
void tx_count_builder_free(tx_count_builder *builder);

/* Whether every name is a sequence of bases. False if there is none. */
bool tx_count_names_are_bases(const tx_names *names);

#endif
