/* Writers of predictions and embeddings. Files appear complete or not at all; "-" or "" is standard
   output. */
#ifndef TAXAMBA_OUTPUT_H
#define TAXAMBA_OUTPUT_H

#include <taxamba/predict.h>
#include <taxamba/samples.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tx_prediction_format {
  TX_FORMAT_TSV,
  TX_FORMAT_JSONL,
  TX_FORMAT_SINTAX,
  TX_FORMAT_QIIME2,
  TX_FORMAT_EVIDENCE
} tx_prediction_format;

typedef struct tx_prediction_writer tx_prediction_writer;

/* All formats have one row per record and confidences with 4 decimals, rounded down. Identifiers and names
   are not changed, but a tab or line break inside one becomes a space.
   TSV: header id, then per rank RANK and RANK_confidence, then strand and status (ok, too_short, no_bases,
   unlike); an uncalled rank is two empty fields.
   With references (those that computed the answers), also: reason (match, ambiguous, novel, network,
   network_only), novel_rank and novel_probability (tx_prediction_novel_rank, _novelty), reference (its
   identifier), identity (percent) and aligned (columns) of the nearest reference, runner_up (taxon) and
   runner_up_identity.
   JSONL:
   {"id":"x","status":"ok","strand":"+","lineage":[{"rank":"order","taxon":"Diptera","confidence":0.99},...]}
   with the called ranks only; with references also "reason", "novel_rank", "novel_probability",
   "reference":{"id","identity","aligned"} and "runner_up":{"taxon","id","identity","aligned"}.
   SINTAX: id, "o:name(0.9876),f:...", strand, the same list without confidences (as vsearch --tabbedout):
   both lists hold the taxa of the prediction, which may have been cut. The standard ranks have the letters d
   k p c o f g s, other ranks their whole name; a comma in a name becomes '_'. A record without a call has two
   empty lists and strand '.'.
   QIIME2: header "Feature ID", "Taxon", "Confidence"; taxon "o__Diptera; f__; g__Aedes" down to the lowest
   one called, with its confidence; "Unassigned" and 0 without a call. The standard ranks have the prefixes
   that QIIME 2 taxonomies have (sk d k p c o f sf g s t), other ranks their whole name.
   EVIDENCE: the object of JSONL with the members "length" (letters of the record), "outcomes" and
   "candidates" at its end, the latter two empty for a record without an answer:
   "outcomes":[{"kind":"new species of","rank":"genus","taxon":"Aedes","probability":0.998712},...], the most
   probable first, with 6 decimals; kind is "known", "new RANK of" or "none", whose rank and taxon are null; a
   taxon that only the network knows has "only":"network" behind it;
   "candidates":[{"id":"x","lineage":{"genus":"Aedes",...},"identity":97.21,"aligned":646,"mismatches":18,
   "transversions":4,"codon_substitutions":3,"score":71234},...], nearest first, codon_substitutions only for
   a coding marker. Needs predictions with details (tx_predict_options.details), and references: else
   TX_ERROR_USAGE.
   taxonomy: the one of the predictions, which belongs to the model or to the references. It and the
   references must outlive the writer. Not thread-safe. Errors: TX_ERROR_IO, TX_ERROR_PIPE,
   TX_ERROR_MEMORY. */
/* opt_stop: while it is not 0, writing to a pipe or a terminal that takes nothing returns TX_STOPPED instead
   of waiting. */
TX_API tx_status tx_prediction_writer_open(const char *path, tx_prediction_format format,
                                           const tx_taxonomy *taxonomy,
                                           const tx_reference_set *opt_references,
                                           const volatile int *opt_stop, tx_prediction_writer **ret_writer,
                                           tx_error *error);
/* Adds columns at the end of TSV, members of JSONL and EVIDENCE: sample, the first one of the record in
   opt_samples, which must outlive the writer; size, that of the record. Before the first row. */
TX_API void tx_prediction_writer_add_columns(tx_prediction_writer *writer, tx_samples *opt_samples,
                                             bool sizes);
/* The rows are those of a model of which a record may have several taxa at a rank (tx_model_is_multilabel),
   in TSV or JSONL (else TX_ERROR_USAGE). TSV: RANK and RANK_confidence are the called taxa and their
   confidences, with ';' between them; before strand a column taxa has the lineages of the lowest called taxa,
   with '|' between the names and ';' between lineages, which can be read as tx_labelled_options.taxa_column.
   In names both become '_'. JSONL: "taxa" in place of "lineage",
   [{"rank":"genus","taxon":"Aedes","confidence":0.9,"above":["Diptera","Culicidae"]},...], top rank first.
   Before the first row. */
TX_API tx_status tx_prediction_writer_sets(tx_prediction_writer *writer, tx_error *error);
/* A tx_prediction_sink and a tx_flush_sink of the writer; `context` is the writer. A flush does nothing for a
   file that appears only when it is complete. */
TX_API tx_status tx_prediction_writer_put(void *context, const tx_record *record,
                                          const tx_prediction *prediction, tx_error *error);
TX_API tx_status tx_prediction_writer_flush(void *context, tx_error *error);
/* Completes the file (rename) and frees the writer, also when it fails. */
TX_API tx_status tx_prediction_writer_commit(tx_prediction_writer *writer, tx_error *error);
/* Frees the writer and removes files that were not committed; NULL is allowed. */
TX_API void tx_prediction_writer_abort(tx_prediction_writer *writer);

typedef enum tx_embedding_format { TX_EMBEDDING_NPY, TX_EMBEDDING_TSV } tx_embedding_format;

typedef struct tx_embedding_writer tx_embedding_writer;

/* NPY: (n, width) float32, C order, streaming (the count is patched at the end, so `path` must be a file:
   TX_ERROR_USAGE for anything else); ids one per line in `ids_path`, which may be "-". A record without an
   embedding is a row of NaN.
   TSV: id and width numbers per line, no header ("nan" without an embedding); ids_path is not used. */
TX_API tx_status tx_embedding_writer_open(const char *path, const char *ids_path, tx_embedding_format format,
                                          size_t width, const volatile int *opt_stop,
                                          tx_embedding_writer **ret_writer, tx_error *error);
TX_API tx_status tx_embedding_writer_put(void *context, const tx_record *record,
                                         const tx_prediction *prediction, tx_error *error);
/* Writes a vector (width) under a name; NULL: a row of NaN. */
TX_API tx_status tx_embedding_writer_add(tx_embedding_writer *writer, const char *id, size_t length,
                                         const float *opt_vector, tx_error *error);
TX_API tx_status tx_embedding_writer_flush(void *context, tx_error *error);
/* Completes the files (both or none, but for a crash between two renames: docs/files.md) and frees the
   writer, also when it fails. */
TX_API tx_status tx_embedding_writer_commit(tx_embedding_writer *writer, tx_error *error);
TX_API void tx_embedding_writer_abort(tx_embedding_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
