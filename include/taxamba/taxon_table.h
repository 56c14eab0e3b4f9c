/* Tables of taxa by samples: reads of each taxon in each sample, and the files that other tools read. */
#ifndef TAXAMBA_TAXON_TABLE_H
#define TAXAMBA_TAXON_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/output.h>
#include <taxamba/prediction.h>
#include <taxamba/samples.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Adds up the reads of lineages. Memory grows with the distinct lineages and the samples that they are in,
   not with the records; the sums do not depend on the order of the records (for whole numbers up to 2^53).
   Used by one thread. */
typedef struct tx_taxon_table tx_taxon_table;

/* For lineages of these ranks, top first (1..TX_RANKS_MAX). TX_ERROR_USAGE, TX_ERROR_MEMORY. */
TX_API tx_status tx_taxon_table_create(const char *const *ranks, size_t rank_count,
                                       tx_taxon_table **ret_table, tx_error *error);
/* Adds a record: taxa (ranks), NULL or "" where there is none, and its reads in `count` samples. Without a
   taxon at any rank it is unclassified. */
TX_API tx_status tx_taxon_table_add(tx_taxon_table *table, const char *const *taxa, const tx_share *shares,
                                    size_t count, tx_error *error);
/* The same for a prediction, whose taxa are those of `taxonomy`. */
TX_API tx_status tx_taxon_table_add_prediction(tx_taxon_table *table, const tx_taxonomy *taxonomy,
                                               const tx_prediction *prediction, const tx_share *shares,
                                               size_t count, tx_error *error);
/* The ranks; borrowed. */
TX_API size_t tx_taxon_table_rank_count(const tx_taxon_table *table);
TX_API const char *const *tx_taxon_table_ranks(const tx_taxon_table *table);
/* The number of ranks down to opt_rank, all of them for NULL or "". TX_ERROR_USAGE: there is no such rank. */
TX_API tx_status tx_taxon_table_depth(const tx_taxon_table *table, const char *opt_rank, size_t *ret_depth,
                                      tx_error *error);
/* The reads of all records so far. */
TX_API double tx_taxon_table_reads(const tx_taxon_table *table);
/* Frees the table; NULL is allowed. */
TX_API void tx_taxon_table_free(tx_taxon_table *table);

/* Formats, by the name of the file or by their own:

   tsv       (.tsv) taxon, rank, lineage, then a column of reads for each sample
   biom      (.biom) BIOM 1.0, JSON: sparse, with taxonomy
   biom-hdf5 (.hdf5 .h5 .biom2) BIOM 2.1, if the library was built with libhdf5
   phyloseq  (.phyloseq.tsv) otu_table with taxa as rows; tax_table in a second file, whose name has ".tax"
             before its last ending
   krona     (.krona .krona.txt .krona.tsv) text for ktImportText
   kraken    (.kreport .kreport.txt) report of kraken2; it has no taxids: they are 0

   krona and kraken files have one sample each: a name of a file with "{sample}" in it stands for a file per
   sample; without it the samples are added up. '/' and control characters in a sample's name become '_'
   there. */
typedef struct tx_table_file tx_table_file;

typedef struct tx_table_options {
  const char *path;             /* "-" or "" is standard output */
  const char *opt_format;       /* NULL or "": by the name of the file */
  const volatile int *opt_stop; /* as in output.h */
} tx_table_options;

/* Opens the file, unless its name has "{sample}" in it. TX_ERROR_USAGE: no such format, one that the name
   does not tell, two files for standard output, "{sample}" in a format of all samples; TX_ERROR_IO. */
TX_API tx_status tx_table_file_open(const tx_table_options *options, tx_table_file **ret_file,
                                    tx_error *error);
/* Names of the files that will be written, for these samples: *ret_count, borrowed until the next call and
   valid while the file is open. TX_ERROR_USAGE: two samples would have the same file; TX_ERROR_MEMORY. */
TX_API tx_status tx_table_file_names(tx_table_file *file, const char *const *samples, size_t sample_count,
                                     const char *const **ret_names, size_t *ret_count, tx_error *error);

typedef struct tx_table_content {
  const tx_taxon_table *table;
  const char *const *samples; /* names of the samples, by number */
  size_t sample_count;
  /* NULL or "": each lineage as deep as it was called. Else the name of a rank: a row for each of its taxa,
     and one, "unclassified", for all reads without a taxon there; krona and kraken keep their lineages, and
     leave out the ranks below it */
  const char *opt_rank;
} tx_table_content;

/* Writes all files, and completes the rows of a run with them: either all or none appear (but for a crash
   between two renames: docs/files.md). Closes and frees them, also when it fails. The rows of a table are in
   the order of the bytes of their lineages, unclassified first. Errors: TX_ERROR_USAGE: no such rank;
   TX_ERROR_IO, TX_ERROR_PIPE, TX_ERROR_MEMORY, TX_STOPPED. */
TX_API tx_status tx_table_files_commit(tx_table_file **files, size_t count, const tx_table_content *content,
                                       tx_prediction_writer *opt_rows, tx_error *error);
/* Frees the file and leaves an existing one as it was; NULL is allowed. */
TX_API void tx_table_file_abort(tx_table_file *file);
/* Names of the formats, "tsv|biom|...". Static storage. */
TX_API const char *tx_table_formats(void);

#ifdef __cplusplus
}
#endif
#endif
