/* Predictions read back from a file: those that taxamba classify writes (output.h), and those of other
   classifiers. */
#ifndef TAXAMBA_PREDICTIONS_H
#define TAXAMBA_PREDICTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/count_table.h>
#include <taxamba/record.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Stands for the confidence of a call that has none. */
#define TX_NO_CONFIDENCE (-1.0)

/* Predictions by id. Immutable; any number of threads. */
typedef struct tx_predictions tx_predictions;

typedef enum tx_predictions_format {
  TX_PREDICTIONS_AUTO, /* decided by the first line */
  /* TSV or CSV with a column "id" and a column for each rank, of any classifier; a column RANK_confidence
     has the confidences */
  TX_PREDICTIONS_TABLE,
  TX_PREDICTIONS_JSONL,  /* taxamba classify -f jsonl */
  TX_PREDICTIONS_SINTAX, /* vsearch --sintax --tabbedout, taxamba classify -f sintax */
  TX_PREDICTIONS_QIIME2, /* Feature ID, Taxon, and perhaps Confidence, which is that of the last name */
  /* BLAST -outfmt 6 (or 7), vsearch --blast6out: the lineage of the best hit, by bit score, then by identity;
     of equal hits what their lineages agree on. Lineages: options.lineages, or "tax=" in the hit's name */
  TX_PREDICTIONS_BLAST6,
  /* kraken, kraken2 --use-names: "name (taxid N)"; options.lineages has the lineages of the names */
  TX_PREDICTIONS_KRAKEN
} tx_predictions_format;

/* Zero-initialise for the defaults; NULL or "" means the default. */
typedef struct tx_predictions_options {
  tx_predictions_format format;
  /* Lineages are cut below the last rank that reaches it (0..1); a call without a confidence does not. */
  double min_confidence;
  /* Labelled file, or QIIME 2 taxonomy, of the references of BLAST6 and kraken: their ids and lineages. */
  const char *lineages;
  /* Its ranks, comma-separated, top first; default: those that it has. */
  const char *ranks;
  tx_input_hooks hooks;
} tx_predictions_options;

/* Reads a whole file, plain or compressed ("-" is standard input). opt_options may be NULL.
   Errors: TX_ERROR_IO; TX_ERROR_DATA with file and line (no known format, an id twice, a row of another
   length, an invalid confidence, a hit without lineage in options.lineages); TX_ERROR_USAGE (a minimum for
   predictions without any confidence); TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_predictions_read(const char *path, const tx_predictions_options *opt_options,
                                     tx_predictions **ret_predictions, tx_error *error);
/* The lineages of a labelled file (a table, also one without sequences, or FASTA) or a QIIME 2 taxonomy, by
   id, as predictions without confidences. opt_ranks: as options.ranks; those that a table lacks are left
   out. */
TX_API tx_status tx_predictions_read_lineages(const char *path, const char *opt_ranks,
                                              const tx_input_hooks *opt_hooks,
                                              tx_predictions **ret_predictions, tx_error *error);
/* The lineages that a count table gives its sequences. opt_ranks: names of positions in lineages without
   prefixes. TX_ERROR_DATA when it gives none, or one that cannot be read. */
TX_API tx_status tx_predictions_from_counts(const tx_count_table *counts, const char *opt_ranks,
                                            tx_predictions **ret_predictions, tx_error *error);
/* The format that was read, in words. Static storage. */
TX_API const char *tx_predictions_format_name(const tx_predictions *predictions);
/* Whether any call can have a confidence. */
TX_API bool tx_predictions_has_confidences(const tx_predictions *predictions);
/* The number of records. */
TX_API size_t tx_predictions_count(const tx_predictions *predictions);
/* The ranks, up to TX_RANKS_MAX, top first; the name is borrowed. */
TX_API size_t tx_predictions_rank_count(const tx_predictions *predictions);
TX_API const char *tx_predictions_rank_name(const tx_predictions *predictions, size_t rank);
/* The called names of a record, called (ranks), NULL = no call, borrowed; and their confidence (ranks),
   TX_NO_CONFIDENCE where there is none, 0 where there is no call. False, and no call at any rank, when the id
   is not there. Where no id is the same, annotations (";size=12") are left out of the comparison. */
TX_API bool tx_predictions_find(const tx_predictions *predictions, const char *id, const char **called,
                                double *confidence);
/* Frees them; NULL is allowed. */
TX_API void tx_predictions_free(tx_predictions *predictions);

#ifdef __cplusplus
}
#endif
#endif
