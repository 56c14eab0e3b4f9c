/* Samples: which sample a record belongs to, and how many reads it stands for there. */
#ifndef TAXAMBA_SAMPLES_H
#define TAXAMBA_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/count_table.h>
#include <taxamba/record.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Samples have numbers 0, 1, ... in the order in which they are first named. Used by one thread. */
typedef struct tx_samples tx_samples;

/* Where samples and reads come from. Zero-initialise for the defaults; the strings must outlive the
   samples. */
typedef struct tx_sample_options {
  /* NULL, "" or "file": the name of the record's file, without its folder and the endings of sequence files
     and tables (.gz, .fasta, .tsv, ...).
     "id": the sample that the id names, as vsearch --otutabout and usearch read it: ";sample=NAME" or
     ";barcodelabel=NAME" in it, else NAME.123; and NAME_123, as QIIME 1 and usearch write it (vsearch takes
     the whole of it as the sample).
     Else a file with two columns, id and sample, separated by a tab, or by a comma in a CSV. A header line is
     optional; lines that begin with '#' are skipped. */
  const char *from;
  bool size; /* a record stands for record->size reads, else for one */
  /* may be NULL, borrowed: the samples and reads of a record are those of its row in this table, found by id,
     by id up to its first ';', or, where the table has sequences in place of ids, by its bases. `from` and
     `size` have no effect */
  const tx_count_table *opt_counts;
  tx_input_hooks hooks; /* of the file */
} tx_sample_options;

/* So many reads in one sample. */
typedef struct tx_share {
  uint32_t sample;
  double reads;
} tx_share;

/* Errors: those of the file: TX_ERROR_IO; TX_ERROR_DATA: not two columns, an empty name, an id twice;
   TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_samples_open(const tx_sample_options *options, tx_samples **ret_samples, tx_error *error);
/* Names a sample after a file, if that is where samples come from, so that a file without records has a
   column too. TX_ERROR_USAGE: another file has given the same name; TX_ERROR_MEMORY. */
TX_API tx_status tx_samples_add_file(tx_samples *samples, const char *path, tx_error *error);
/* Shares of a record in the samples: *ret_count of them, borrowed until the next call; none for a record that
   opt_counts does not have. Errors: TX_ERROR_DATA: no sample can be found in its id, or no entry in the file;
   a record that was there already (opt_counts); TX_ERROR_MEMORY. */
TX_API tx_status tx_samples_of(tx_samples *samples, const tx_record *record, const tx_share **ret_shares,
                               size_t *ret_count, tx_error *error);
/* The number of the sample of that name, which is added if it is new. */
TX_API tx_status tx_samples_add(tx_samples *samples, const char *name, uint32_t *ret_sample, tx_error *error);

/* The samples so far, in order. Borrowed; the array is valid until a sample is added. */
TX_API size_t tx_samples_count(const tx_samples *samples);
TX_API const char *const *tx_samples_names(const tx_samples *samples);

/* With opt_counts: what did not meet. */
typedef struct tx_samples_unmatched {
  uint64_t records; /* records without a row */
  uint64_t rows;    /* rows without a record */
  double reads;     /* of these rows */
} tx_samples_unmatched;
TX_API tx_samples_unmatched tx_samples_missed(const tx_samples *samples);

/* Frees the samples; NULL is allowed. */
TX_API void tx_samples_close(tx_samples *samples);

#ifdef __cplusplus
}
#endif
#endif
