/* Tables of taxa by samples: what classify and table share. */
#ifndef TX_TOOLS_TABLES_H
#define TX_TOOLS_TABLES_H

#include <taxamba/samples.h>
#include <taxamba/taxon_table.h>

#include "cli.h"

typedef struct tx_table_settings {
  char table[TX_TEXT_SIZE]; /* files, one a line */
  int table_format;         /* 0: by the name of the file; else the word of that number */
  char rank[TX_TEXT_SIZE];
  char sample_from[TX_TEXT_SIZE];
  bool size;
  char otu_table[TX_TEXT_SIZE];
  int count_rows; /* tx_count_rows */
} tx_table_settings;

const tx_param *tx_tables_params(size_t *ret_count);
/* Their rules, for the table of rules of a command. */
#define TX_TABLES_RULES \
  TX_WITH("table-format", "table"), TX_WITH("rank", "table"), TX_WITHOUT("sample-from", "otu-table"), \
      TX_WITHOUT("size", "otu-table"), TX_WITH("otu-table", "table"), TX_WITH("count-rows", "otu-table")

/* The tables of a run: where samples come from, the sums, and the files. */
typedef struct tx_tables {
  const tx_call *call;
  const tx_table_settings *settings;
  tx_count_table *counts;
  tx_samples *samples;
  tx_taxon_table *sums;
  tx_table_file **files;
  size_t file_count;
} tx_tables;

/* Opens the files and the samples; tx_tables_begin makes the sums, once the ranks are known.
   `standard`: the file that is written if --table is not given, NULL for none. */
tx_status tx_tables_open(const tx_call *call, const tx_table_settings *settings, const char *standard,
                         tx_tables *ret_tables, tx_error *error);
/* Makes the sums for these ranks, top first, and checks --rank. */
tx_status tx_tables_begin(tx_tables *tables, const char *const *ranks, size_t count, tx_error *error);
/* Writes all files, and completes opt_rows with them, which is freed; prints notes on what an OTU table and
   the records have not in common. */
tx_status tx_tables_commit(tx_tables *tables, tx_prediction_writer *opt_rows, tx_error *error);
/* What a run ends with: where standard output was closed early and other files were to be written, which they
   are not, that is an error. */
tx_status tx_tables_end(const tx_tables *tables, tx_status status, tx_error *error);
/* Closes what is open; files that were not committed stay as they were. */
void tx_tables_close(tx_tables *tables);

#endif
