/* Labelled barcodes from tables and annotated FASTA: records with a lineage. */
#ifndef TAXAMBA_LABELLED_H
#define TAXAMBA_LABELLED_H

#include <taxamba/record.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tx_labelled_format {
  TX_LABELLED_AUTO,     /* decided by content: '>' or '@' begins FASTA/FASTQ (header style by its first header), otherwise a table */
  TX_LABELLED_TABLE,    /* CSV or TSV with a header line; BIOSCAN-5M column names by default, others through the options */
  TX_LABELLED_UNITE,    /* >ID|k__Fungi;p__...;s__...|SH  (UNITE, MycoAI) */
  TX_LABELLED_SINTAX,   /* >ID;tax=k:Fungi,p:...,s:...; */
  TX_LABELLED_TAXONOMY, /* FASTA, and a two-column file ID <tab> k__..; p__.. (QIIME 2) named by `taxonomy_file` */
  TX_LABELLED_PLAIN     /* FASTA/FASTQ without labels */
} tx_labelled_format;

/* Zero-initialise for the defaults; NULL or "" means the default. Strings must outlive the reader. */
typedef struct tx_labelled_options {
  tx_labelled_format format;
  const char *ranks;           /* comma-separated, top first; default: those of the file */
  const char *split;           /* keep only rows whose split column has this value (comma-separated for several) */
  const char *taxonomy_file;   /* QIIME 2 taxonomy for FASTA; implies TX_LABELLED_TAXONOMY */
  const char *id_column;       /* default "processid", else "id", else the first column */
  const char *sequence_column; /* default "dna_barcode", else "sequence" */
  const char *split_column;    /* default "split" */
} tx_labelled_options;

typedef struct tx_labelled_record {
  tx_record record;                 /* record.bases may be empty when a table row has no sequence */
  const char *taxa[TX_RANKS_MAX];   /* per rank of the reader, NULL = no label; borrowed until the next call */
  const char *split;                /* value of the split column, NULL if there is none */
} tx_labelled_record;

typedef struct tx_labelled tx_labelled;

/* Opens the files (count >= 1; "-" is standard input). Errors: TX_ERROR_IO; TX_ERROR_DATA for a missing column (the message
   lists those present); TX_ERROR_USAGE for bad options. */
TX_API tx_status tx_labelled_open(const char *const *paths, size_t count, const tx_labelled_options *options,
                                  tx_labelled **ret_reader, tx_error *error);
/* Ranks found or asked for, top first. Borrowed. */
TX_API size_t tx_labelled_rank_count(const tx_labelled *reader);
TX_API const char *tx_labelled_rank_name(const tx_labelled *reader, size_t rank);
/* Whether the input has a split column. */
TX_API int tx_labelled_has_split(const tx_labelled *reader);
/* The next record that passes the split filter; TX_END; or an error with file, line and record (too few fields, unclosed
   quote, an ID without taxonomy, a bad lineage ...). */
TX_API tx_status tx_labelled_next(tx_labelled *reader, tx_labelled_record *record, tx_error *error);
TX_API void tx_labelled_close(tx_labelled *reader);

/* Whether a label text stands for "no label": empty, None, NA, unidentified, unclassified, incertae sedis, ... */
TX_API int tx_label_is_missing(const char *text);

#ifdef __cplusplus
}
#endif
#endif
