/* Two sources of labels of different trust, individual by individual: where they agree, where not, and which
   label stands. */
#ifndef TAXAMBA_LABEL_SOURCES_H
#define TAXAMBA_LABEL_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>
#include <taxamba/record.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The labels of two sources by individual. Not thread-safe. */
typedef struct tx_label_sources tx_label_sources;

typedef enum tx_label_side { TX_LABEL_FIRST, TX_LABEL_SECOND, TX_LABEL_SIDES } tx_label_side;

/* How the two sources stand to each other in one individual. Names are compared with '_' as a blank, at the
   ranks at which both have one; a source stops at its lowest rank with a name. */
typedef enum tx_label_state {
  TX_LABELS_AGREE,        /* the same names, and both stop at the same rank */
  TX_LABELS_GENUS_AGREES, /* the same genus, another name below it */
  TX_LABELS_COMPATIBLE,   /* the same names, but one stops at a higher rank */
  TX_LABELS_DISAGREE,     /* another name at the genus or above; without a genus, at any rank */
  TX_LABELS_APART,        /* both have names, but at no rank in common */
  TX_LABELS_FIRST_ONLY,
  TX_LABELS_SECOND_ONLY,
  TX_LABELS_NEITHER,
  TX_LABELS_FIRST_CONFLICTS,  /* the first has several rows with different labels: nothing is used */
  TX_LABELS_SECOND_CONFLICTS, /* likewise the second */
  TX_LABELS_BOTH_CONFLICT,
  TX_LABEL_STATES
} tx_label_state;
/* "agree", "genus agrees", ...; static storage. */
TX_API const char *tx_label_state_name(tx_label_state state);

/* A table of one source. Strings are NULL or "" where they are not given.

   Its labels are columns with the names of ranks (tx_labelled_options), or, where it has no such column,
   those of NEON's tables: scientificName, taxonRank, identificationQualifier, morphospeciesID. Of a
   scientific name the first word is the genus and the first two are the species, as far down as the
   taxonRank says (without one: as far as the words go); "Pterostichus sp." is a genus. A taxonRank above the
   genus gives the name to that rank. A qualifier and a morphospecies are kept and told, and decide
   nothing. */
typedef struct tx_label_table {
  const char *path;
  const char *ranks;           /* columns that are read as ranks, comma-separated, top first */
  const char *id_column;       /* default: individualID, else as in tx_labelled_options */
  const char *sequence_column; /* default: as in tx_labelled_options; a table need not have one */
  const char *prefix, *suffix; /* of the names of the columns with labels: "second_genus" */
  const char *where;           /* conditions, one a line, as in tx_labelled_options */
  const char *missing_names;   /* as in tx_labelled_options */
  tx_input_hooks hooks;
} tx_label_table;

/* Reads both tables, which may be one file with two sets of columns. Individuals are joined by their id.
   Several rows of an individual in one table with the same label are one; with different labels they
   contradict each other. Errors: TX_ERROR_IO; TX_ERROR_DATA for a column that is missing, or a bad row;
   TX_ERROR_USAGE for bad options; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_label_sources_read(const tx_label_table tables[TX_LABEL_SIDES],
                                       tx_label_sources **ret_sources, tx_error *error);
/* Takes the sequences of individuals that have none from the records of a reader (opened `unlabelled`), by
   id. *ret_unknown: records that are no individual of the tables. */
TX_API tx_status tx_label_sources_add_sequences(tx_label_sources *sources, tx_labelled *reader,
                                                uint64_t *ret_unknown, tx_error *error);
TX_API void tx_label_sources_free(tx_label_sources *sources);

/* The individuals, in order of their ids. */
TX_API size_t tx_label_sources_count(const tx_label_sources *sources);
/* Everything that the following return is borrowed. The ranks are those of either source, top first. */
TX_API size_t tx_label_sources_rank_count(const tx_label_sources *sources);
TX_API const char *tx_label_sources_rank_name(const tx_label_sources *sources, size_t rank);
TX_API const char *tx_label_sources_id(const tx_label_sources *sources, size_t individual);
/* The label as it stands in the table ("Pterostichus sp."), of columns of ranks the name at the lowest;
   several with '|' between them where a source contradicts itself; "" if there is none. */
TX_API const char *tx_label_sources_text(const tx_label_sources *sources, size_t individual,
                                         tx_label_side side);
/* The name at a rank; NULL if there is none, or the source contradicts itself. */
TX_API const char *tx_label_sources_taxon(const tx_label_sources *sources, size_t individual,
                                          tx_label_side side, size_t rank);
TX_API tx_label_state tx_label_sources_state(const tx_label_sources *sources, size_t individual);
/* The highest rank at which the two names differ; -1 if they do not. */
TX_API int tx_label_sources_differing_rank(const tx_label_sources *sources, size_t individual);
/* The letters of the sequence; NULL if there is none. */
TX_API const char *tx_label_sources_sequence(const tx_label_sources *sources, size_t individual);
/* Whose label stands. */
typedef struct tx_label_trust {
  tx_label_side side; /* that of this source, where both have one */
  bool alone;         /* never that of the other */
} tx_label_trust;
/* Whose label stands for the individual: TX_LABEL_SIDES for nobody's, as where a source contradicts
   itself. */
TX_API tx_label_side tx_label_sources_used(const tx_label_sources *sources, size_t individual,
                                           tx_label_trust trust);

/* Numbers of one rank. Individuals in which a source contradicts itself are left out. */
typedef struct tx_label_agreement {
  uint64_t both, same; /* individuals with a name in both, and the same one */
  uint64_t first_only, second_only;
  /* Cohen's kappa of the names of `both`: (po - pe) / (1 - pe), po the share that is the same, pe what would
     be by chance; NaN where pe is 1 or there is none */
  double kappa;
} tx_label_agreement;
/* TX_ERROR_MEMORY. */
TX_API tx_status tx_label_sources_agreement(const tx_label_sources *sources, size_t rank,
                                            tx_label_agreement *ret_agreement, tx_error *error);

/* How the sources are written. */
typedef enum tx_label_format {
  TX_LABEL_SUMMARY, /* for people: counts of the states, agreement by rank, what the evidence supports */
  /* a row per individual: id, first, second, state, used; with evidence its rank and, of each kind, what it
     supports, the values of either name, and the best name */
  TX_LABEL_TSV,
  TX_LABEL_JSONL /* an object per individual with all that is known, and one with the summary */
} tx_label_format;

typedef struct tx_label_evidence tx_label_evidence; /* label_evidence.h */

/* The text of a format, which the caller frees. opt_evidence: of these sources. */
TX_API tx_status tx_label_sources_report(const tx_label_sources *sources,
                                         const tx_label_evidence *opt_evidence, tx_label_trust trust,
                                         tx_label_format format, char **ret_text, tx_error *error);
/* Writes a labelled table (TSV) that taxamba train and index read: the id, the ranks with the label that
   stands, ID_status (first, second, none: whose label it is), state, the names of the other source as
   other_RANK (of the one that is not trusted, where no label stands), the split if a table has that column,
   and dna_barcode if any individual has a sequence. Individuals without a label that stands have a row
   without names. *ret_labelled: rows with a label. */
TX_API tx_status tx_label_sources_write(const tx_label_sources *sources, tx_label_trust trust,
                                        const char *path, const volatile int *opt_stop,
                                        uint64_t *ret_labelled, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
