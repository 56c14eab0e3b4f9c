/* Inside of <taxamba/taxon_table.h>: the sums, and the rows that the writers see. */
#ifndef TX_OUT_TAXON_TABLE_H
#define TX_OUT_TAXON_TABLE_H

#include "base/bytes.h"

#include <stdbool.h>
#include <taxamba/taxon_table.h>

/* The reads of a row in a sample. */
typedef struct tx_taxon_cell {
  uint32_t row, sample;
  double reads; /* > 0 */
} tx_taxon_cell;

/* The table as it is written: lineages cut at a rank, and merged. Names are borrowed from the tx_taxon_table
   or the content. */
typedef struct tx_taxon_rows {
  const char *const *ranks;
  size_t rank_count; /* down to the rank asked for */
  const char *const *samples;
  size_t sample_count;
  size_t count;
  const char **names; /* (count, rank_count), "" where there is none; rows ascend by them */
  size_t *depths;     /* (count) ranks down to the lowest with a name; 0: unclassified */
  char **ids;         /* (count) the lowest name, or the lineage where that occurs twice */
  tx_taxon_cell *cells; /* by row, then sample */
  size_t *starts;       /* (count + 1) of the cells of a row */
  bool whole;           /* all reads are whole numbers */
} tx_taxon_rows;

/* lump: rows without a taxon at opt_rank become one; else they are kept. */
tx_status tx_taxon_rows_make(const tx_table_content *content, bool lump, tx_taxon_rows *ret_rows,
                             tx_error *error);
/* The reads of a row: of all samples, or of `opt_sample`. */
double tx_taxon_rows_reads(const tx_taxon_rows *rows, size_t row, const size_t *opt_sample);
void tx_taxon_rows_free(tx_taxon_rows *rows);

/* Appends a number of reads: as a whole number where it is one. */
void tx_taxon_put_reads(tx_bytes *out, double reads);

#endif
