/* Reference sets: labelled barcodes with which others are compared, and the fitted weights of the answer. */
#ifndef TAXAMBA_REFERENCES_H
#define TAXAMBA_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>
#include <taxamba/model.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable, but for tx_reference_set_calibrate (calibrate.h); may be used by any number of threads at
   once. */
typedef struct tx_reference_set tx_reference_set;

/* Reads a file that tx_reference_set_write made (docs/references-format.md), or a model file with references
   in it, into memory, closes it, validates it in full, and makes the index of the search.
   Errors: TX_ERROR_IO; TX_ERROR_MODEL: damaged, of another kind, or of a version whose weights have another
   meaning. */
TX_API tx_status tx_reference_set_open(const char *path, tx_reference_set **ret_set, tx_error *error);
/* The references in a model; *ret_set is NULL if it has none. The set does not depend on the model
   afterwards. TX_ERROR_MODEL, TX_ERROR_MEMORY. */
TX_API tx_status tx_reference_set_of_model(const tx_model *model, tx_reference_set **ret_set,
                                           tx_error *error);
/* Writes the file: the same references and weights give the same bytes. An existing file is replaced at the
   end or not at all. opt_stop: stop flag for a path that is not a regular file, as in the hooks of record.h.
   Errors: TX_ERROR_IO; TX_ERROR_NUMERIC: the fit has given invalid numbers; TX_STOPPED. */
TX_API tx_status tx_reference_set_write(const tx_reference_set *set, const char *path,
                                        const volatile int *opt_stop, tx_error *error);
/* Writes the file in two steps, so that a path that cannot be written is reported before a set is made for
   it. The commit closes the writer whether or not it succeeds. The abort, also with NULL, leaves an existing
   file unchanged. */
typedef struct tx_reference_writer tx_reference_writer;
TX_API tx_status tx_reference_writer_open(const char *path, const volatile int *opt_stop,
                                          tx_reference_writer **ret_writer, tx_error *error);
TX_API tx_status tx_reference_writer_commit(tx_reference_writer *writer, const tx_reference_set *set,
                                            tx_error *error);
/* Commits a copy of the model with the set in it, which replaces references that the model had. */
TX_API tx_status tx_reference_writer_commit_model(tx_reference_writer *writer, const tx_reference_set *set,
                                                  const tx_model *model, tx_error *error);
TX_API void tx_reference_writer_abort(tx_reference_writer *writer);
/* Describes the set, for people (json false) or as one JSON object: references and the records they stand
   for, ranks with their numbers of taxa, median length, whether the marker is coding, k of the search, the
   lengths that weights were fitted for, provenance. A new string; the caller frees it. */
TX_API tx_status tx_reference_set_describe(const tx_reference_set *set, bool json, char **ret_text,
                                           tx_error *error);

/* The text of tx_model_describe, and a description of the references in the model, if it has any. */
TX_API tx_status tx_reference_describe_model(const tx_model *model, bool json, char **ret_text,
                                             tx_error *error);

/* The progress of tx_reference_set_build. */
typedef struct tx_reference_progress {
  uint64_t records; /* read so far */
  bool fitting;     /* all records are read, and the weights are being fitted */
} tx_reference_progress;

/* Hooks of tx_reference_set_build; all may be NULL. Called from the thread of the caller. */
typedef struct tx_reference_hooks {
  void (*progress)(void *context, const tx_reference_progress *progress); /* after every record */
  /* a line on what was left out, or on labels that contradict each other */
  void (*message)(void *context, const char *line);
  /* called when all records are read; an error ends the building */
  tx_status (*check)(void *context, tx_error *error);
  void *context;
  const volatile int *stop;
} tx_reference_hooks;

/* Zero-initialise for the defaults. */
typedef struct tx_reference_options {
  size_t threads; /* number of threads of the fit; 0: all processors */
  uint64_t seed;  /* seed of the fit */
  /* records of another split are skipped, those without a split are not; NULL: no record is skipped */
  const char *usual_split;
  /* a set that the records are added to, and its name for messages; NULL: none. The new set has its ranks and
     its weights; the weights are fitted anew only if the number of kinds of answers (tx_reference_set_kinds)
     has changed */
  const tx_reference_set *opt_base;
  const char *opt_base_name;
  /* primers "FORWARD,REVERSE", both from 5' to 3', IUPAC letters or I (inosine): only the stretch between
     their sites is taken of each record, without the sites, on the strand of the forward primer. A site has
     at most 15 % mismatches (rounded down, but 1 in any case). Where a record ends before the second site,
     one is enough. Records without sites are cut by their alignment with the others' amplicons; those that
     resemble none are left out. NULL: records are taken whole */
  const char *opt_amplicon;
  tx_reference_hooks hooks;
} tx_reference_options;

/* Reads labelled records to their end and makes a set of them: equal barcodes of one lineage become one
   reference, those with other labels stay apart, and the weights of the answer are fitted. The order of the
   records and the number of threads make no difference, but for the provenance, which lists the files in
   their order.
   Errors: those of the reader; TX_ERROR_DATA: no reference is left; TX_ERROR_USAGE; TX_ERROR_NUMERIC: the fit
   has failed; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_reference_set_build(tx_labelled *reader, const tx_reference_options *options,
                                        tx_reference_set **ret_set, tx_error *error);

/* Kinds of findings, in the order in which they are reported. */
typedef enum tx_audit_kind {
  TX_AUDIT_LABEL,   /* the nearest references all have another taxon at a rank */
  TX_AUDIT_UNLIKE,  /* the barcode resembles no other reference, or better as its reverse complement */
  TX_AUDIT_EQUAL,   /* an equal barcode has another taxon at a rank */
  TX_AUDIT_NAME,    /* the name of a taxon is nearly that of another one of its rank */
  TX_AUDIT_SEQUENCE /* uncertain bases, a short barcode, stop codons */
} tx_audit_kind;
/* The word for a kind: "label", "unlike", ... Static storage. */
TX_API const char *tx_audit_kind_name(tx_audit_kind kind);

/* A reference that a person should look at. */
typedef struct tx_audit_finding {
  tx_audit_kind kind;
  size_t reference;
  size_t other;        /* the reference that it is compared with; the number of references: none */
  size_t rank;         /* of the taxa; for UNLIKE and SEQUENCE the lowest rank at which it has a label */
  int32_t taxon;       /* class of the reference at that rank */
  int32_t other_taxon; /* class of the other one; -1: none */
  double identity;     /* of the two barcodes, 0 to 1; negative: they were not compared */
  const char *note;    /* one line; valid during the call */
} tx_audit_finding;

/* Zero-initialise for the defaults. The functions are called from the thread of the caller. */
typedef struct tx_audit_options {
  size_t threads; /* 0: all processors */
  /* takes a finding; an error ends the audit */
  tx_status (*finding)(void *context, const tx_audit_finding *finding, tx_error *error);
  /* may be NULL: number of references that have been compared so far */
  void (*progress)(void *context, size_t compared);
  void *context;
  const volatile int *stop; /* may be NULL */
} tx_audit_options;

/* Looks for references with a doubtful label or barcode. Each reference is compared with those that are
   nearest to it while it is left out itself. A label is reported when all references at most 1 % farther than
   the nearest have another taxon, at the highest such rank, and only up to the distance at which the nearest
   reference usually (19 times in 20, in this set) has the same taxon of that rank. The findings of a kind
   are ordered: labels by rank, top first, then by identity, highest first; the others by rank or by the
   number of the reference. They do not depend on the threads.
   Errors: those of `finding`; TX_ERROR_MEMORY; TX_ERROR_USAGE: too many threads; TX_STOPPED. */
TX_API tx_status tx_reference_set_audit(const tx_reference_set *set, const tx_audit_options *options,
                                        tx_error *error);

/* The number of references: distinct barcodes with one lineage each; and the number of their records. */
TX_API size_t tx_reference_set_count(const tx_reference_set *set);
TX_API uint64_t tx_reference_set_records(const tx_reference_set *set);
/* The taxonomy of the references. Borrowed from the set. */
TX_API const tx_taxonomy *tx_reference_set_taxonomy(const tx_reference_set *set);
/* How many kinds of answers there are: a known taxon of the lowest rank, a new one inside a taxon of each
   rank above it that has more than one taxon, and none. */
TX_API size_t tx_reference_set_kinds(const tx_reference_set *set);
/* Which answers by references a network takes part in (calibrate.h): none; those at lengths where it was
   found to help; those at all lengths that have weights. */
typedef enum tx_witness_use { TX_WITNESS_NEVER, TX_WITNESS_HELPING, TX_WITNESS_FITTED } tx_witness_use;
/* Whether the set has weights of the network of this model. */
TX_API bool tx_reference_set_hears(const tx_reference_set *set, const tx_model *model);
/* The class of a reference (0..count - 1) at a rank of the taxonomy; -1: no label. */
TX_API int32_t tx_reference_set_taxon(const tx_reference_set *set, size_t index, size_t rank);
/* The identifier of the first record of a reference. Not NUL-terminated: *ret_length bytes, borrowed. */
TX_API const char *tx_reference_set_id(const tx_reference_set *set, size_t index, size_t *ret_length);
/* Frees the set; NULL is allowed. */
TX_API void tx_reference_set_free(tx_reference_set *set);

#ifdef __cplusplus
}
#endif
#endif
