/* Count tables: how many reads of each sequence (ASV, OTU) there are in each sample, as metabarcoding tools
   write them. */
#ifndef TAXAMBA_COUNT_TABLE_H
#define TAXAMBA_COUNT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/record.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sequences x samples, sparse. Immutable; any number of threads. */
typedef struct tx_count_table tx_count_table;

/* What the rows of a text table are that does not say it itself. */
typedef enum tx_count_rows {
  TX_COUNT_ROWS_AUTO, /* decided by the header, by names that are bases, and by the known ids */
  TX_COUNT_ROWS_SEQUENCES,
  TX_COUNT_ROWS_SAMPLES
} tx_count_rows;

/* How a table is read. Zero-initialise for the defaults. */
typedef struct tx_count_options {
  tx_count_rows rows;
  /* May be NULL. Whether a sequence of that id exists: tells the rows of an otu_table of phyloseq from its
     columns. */
  bool (*known)(void *context, const char *id);
  void *known_context;
  tx_input_hooks hooks;
} tx_count_options;

/* Reads a whole table, plain or gzip ("-" is standard input). The content decides the format:
   - text separated by tabs, commas, semicolons or (R's write.table) blanks, with sequences in rows ("#OTU ID"
     of vsearch, USEARCH and `biom convert`; a last column "taxonomy") or in columns (DADA2's sequence table,
     whose column names are the bases; its header may lack the first cell), or either (otu_table of phyloseq);
   - mothur's .shared and .count_table, the latter full or sparse;
   - BIOM 1.0 (JSON, sparse or dense), and BIOM 2.1 (HDF5), if the library was built with libhdf5.
   opt_options may be NULL.
   Errors: TX_ERROR_IO; TX_ERROR_DATA, with the line where there is one: none of these formats, a row of
   another length than the header, a count that is negative or not finite, an id or a sample twice, rows that
   could be either; TX_ERROR_MEMORY; TX_STOPPED. BIOM 2.1 is read by libhdf5, which only one thread at a time
   may use, and which is not made for files of an enemy. */
TX_API tx_status tx_count_table_read(const char *path, const tx_count_options *opt_options,
                                     tx_count_table **ret_table, tx_error *error);
/* The name of the format that was read. Static storage. */
TX_API const char *tx_count_table_format(const tx_count_table *table);
/* Sequences and samples, in the order of the file. Names are borrowed. */
TX_API size_t tx_count_table_sequence_count(const tx_count_table *table);
TX_API const char *tx_count_table_sequence(const tx_count_table *table, size_t sequence);
TX_API size_t tx_count_table_sample_count(const tx_count_table *table);
TX_API const char *tx_count_table_sample(const tx_count_table *table, size_t sample);
/* The number of the sequence or sample of that name, -1 if there is none. */
TX_API int64_t tx_count_table_find_sequence(const tx_count_table *table, const char *id);
TX_API int64_t tx_count_table_find_sample(const tx_count_table *table, const char *name);
/* Whether the ids are the bases themselves (all of them at least 20 letters, none but IUPAC's). */
TX_API bool tx_count_table_ids_are_bases(const tx_count_table *table);
/* Gives the sequences whose ids are their bases the ids that they have in a FASTA or FASTQ file. Those that
   it lacks keep theirs, and are counted in *ret_unnamed. TX_ERROR_DATA also when an id would be there twice;
   the table is then unchanged. */
TX_API tx_status tx_count_table_name_sequences(tx_count_table *table, const char *path,
                                               const tx_input_hooks *opt_hooks, uint64_t *ret_unnamed,
                                               tx_error *error);
/* The lineage that the table gives a sequence, as it stands there, the parts of a list joined by "; ";
   NULL if it has none. Borrowed. */
TX_API const char *tx_count_table_taxonomy(const tx_count_table *table, size_t sequence);
/* The counts of a sequence that are not 0: their samples, in ascending order, and values (> 0). Returns how
   many; borrowed. */
TX_API size_t tx_count_table_row(const tx_count_table *table, size_t sequence, const uint32_t **ret_samples,
                                 const double **ret_counts);
/* Frees the table; NULL is allowed. */
TX_API void tx_count_table_free(tx_count_table *table);

/* Whether this library was built with libhdf5 and reads BIOM 2.1. */
TX_API bool tx_count_table_reads_hdf5(void);

#ifdef __cplusplus
}
#endif
#endif
