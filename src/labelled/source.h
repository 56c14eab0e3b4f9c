/* The two kinds of labelled input behind <taxamba/labelled.h>: tables, and FASTA or FASTQ with labels in or
   beside the headers. */
#ifndef TX_LABELLED_SOURCE_H
#define TX_LABELLED_SOURCE_H

#include "base/bytes.h"
#include "base/input.h"
#include "labelled/assignments.h"
#include "labelled/conditions.h"
#include "labelled/header_notes.h"
#include "labelled/missing_names.h"
#include "labelled/skipped.h"
#include "labelled/styles.h"
#include "labelled/taxdump.h"
#include "base/text.h"
#include "taxon/lineage.h"
#include "base/table.h"
#include "seq/bases.h"

#include <stdbool.h>
#include <taxamba/labelled.h>

/* A table has no such column: of the sequences, where the options allow it, of the taxa, of a rank. */
#define TX_NO_COLUMN SIZE_MAX

/* A record kept by the look-ahead; texts are offsets into the store. */
typedef struct tx_kept_record {
  tx_record record;      /* its pointers are not valid */
  const tx_style *style; /* that of its file */
  size_t id, comment, bases, file;
} tx_kept_record;

struct tx_labelled {
  tx_labelled_format format; /* TX_LABELLED_AUTO: determined for each file */
  tx_labelled_options options;
  char **paths;
  size_t path_count, path_next;
  /* a table, already open, at which the look-ahead has stopped and which is read next, or NULL */
  tx_input *waiting;
  tx_input *taxonomy; /* options.taxonomy_file, already open, or NULL */
  tx_words asked_ranks;
  tx_words splits;
  tx_conditions conditions;       /* options.where */
  tx_missing_names missing_names; /* options.missing_names */
  tx_placeholders placeholders;   /* names that stood for no label */
  tx_skipped skipped;             /* malformed records that were left out */
  size_t rank_count;
  const char *ranks[TX_RANKS_MAX];
  bool has_split;
  tx_status failed; /* the error that ended the reading, or TX_OK */
  tx_error failure;

  /* a table; `table` is NULL while another kind of file is read */
  tx_table *table;
  const char *first_table; /* the file that decided whether there are splits, or NULL */
  tx_foreign foreign;      /* letters of its sequences that are no bases */
  uint64_t rows, taken;    /* of the table: read so far, and those of the wanted splits and conditions */
  size_t id_column, sequence_column, split_column;
  size_t rank_columns[TX_RANKS_MAX];
  size_t taxa_column; /* TX_NO_COLUMN without options.taxa_column */
  tx_bytes taxa; /* that field of the current row, cut up; other roles may have the same column */
  tx_labelled_lineage *lineages; /* of the current row */
  size_t lineage_capacity;

  /* FASTA and FASTQ; `reader` is NULL while another kind of file is read */
  tx_reader *reader;
  /* style of the reader's file, NULL before its first header where that tells it */
  const tx_style *style;
  tx_assignments *assignments;
  tx_taxdump *taxdump; /* NULL: none is given */
  int slot_of_rank[TX_LINEAGE_RANKS]; /* rank of the reader, -1 = not taken */
  tx_header_notes header_notes;
  char hint[700]; /* tx_labelled_hint */
  tx_bytes header;
  tx_bytes store;
  tx_kept_record *kept;
  size_t kept_count, kept_capacity, kept_next;
};

/* The same as tx_labelled_open for one file that is already open, under this name, and with opt_taxonomy in
   place of the file that options names. The reader owns both, and closes them if this fails. */
tx_status tx_labelled_open_inputs(tx_input *first, const char *name, tx_input *opt_taxonomy,
                                  const tx_labelled_options *options, tx_labelled **ret_reader,
                                  tx_error *error);
/* Whether a record that could not be read is left out: it is malformed, that is wanted, and reading goes on
   behind it. It is counted then. */
bool tx_labelled_skips(tx_labelled *labelled, tx_status status, const tx_error *error);
/* Opens the next file, of either kind: sets `table` or `reader`. `ahead`: a table is only opened, to be read
   later. */
tx_status tx_labelled_open_next(tx_labelled *labelled, bool ahead, tx_error *error);
/* Both take over `input`, the opened paths[path_next - 1], also when they fail. */
tx_status tx_labelled_open_table(tx_labelled *labelled, tx_input *input, tx_error *error);
tx_status tx_labelled_open_headers(tx_labelled *labelled, tx_input *input, tx_error *error);
/* Finds the columns of the table; those of the first file determine the ranks. */
tx_status tx_labelled_find_columns(tx_labelled *labelled, bool first, tx_error *error);
/* Determines the style of the reader's file from its first header. */
tx_status tx_labelled_choose_style(tx_labelled *labelled, const tx_record *record, tx_error *error);
/* Reads the lineage of a header line, or the one that the taxonomy file has for its id; it points into
   labelled->header. */
tx_status tx_labelled_read_lineage(tx_labelled *labelled, const tx_style *style, const tx_record *record,
                                   tx_lineage *lineage, tx_error *error);
/* Where the lineages of headers, or of a taxonomy file, begin to be read. */
tx_header tx_labelled_header(tx_labelled *labelled);
/* Reads the first headers, if the first file has headers, and determines the ranks from them. */
tx_status tx_labelled_look_ahead(tx_labelled *labelled, tx_error *error);
/* Reads the next record of the open file, or of those kept by the look-ahead; TX_END at its end. */
tx_status tx_labelled_next_row(tx_labelled *labelled, tx_labelled_record *record, tx_error *error);
/* Reads the lineages of a row: those in the field of the column of the taxa, else that of its ranks. */
tx_status tx_labelled_read_lineages(tx_labelled *labelled, const char *field, tx_labelled_record *record,
                                    tx_error *error);
tx_status tx_labelled_next_header(tx_labelled *labelled, tx_labelled_record *record, tx_error *error);

#endif
