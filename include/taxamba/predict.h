/* Predictions and embeddings of a stream of records, in input order, by any number of threads. */
#ifndef TAXAMBA_PREDICT_H
#define TAXAMBA_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/model.h>
#include <taxamba/prediction.h>
#include <taxamba/record.h>
#include <taxamba/references.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The strands that are read. AUTO: both if references answer or the model tells the strand
   (tx_model_tells_strand), else plus. A model of both strands
   (tx_model_both_strands) gives the same result for every value. */
typedef enum tx_strand { TX_STRAND_AUTO, TX_STRAND_PLUS, TX_STRAND_MINUS, TX_STRAND_BOTH } tx_strand;

typedef struct tx_predict_options {
  tx_precision precision; /* precision of the computation; TX_PRECISION_STORED: that of the model file */
  size_t threads;         /* >= 1 */
  size_t batch;           /* largest number of records in a batch; >= 1. No effect on the results */
  /* BOTH: the strand that is similar to a reference, which the model says is the given way round, or, where
     it does not tell the strand, whose lineage scores higher */
  tx_strand strand;
  /* may be NULL; borrowed. References answer instead of the network: the taxa of the predictions are those of
     their taxonomy, and no model is needed. precision and offsets then have no effect. Not with embed */
  const tx_reference_set *references;
  /* only for references and a model: in which of their answers its network takes part, by the weights that
     they have for it (calibrate.h). Without such weights FITTED is TX_ERROR_USAGE, and HELPING is NEVER. With
     weights for taxa that only the network knows, predictions have these too: see tx_predict_taxonomy */
  tx_witness_use witness;
  double min_confidence;  /* 0..1: the lineage is cut below the lowest rank that reaches it */
  /* only for references; 0..1, 0 for none: the lineage is cut so that, of barcodes of its length, at most
     this share have a wrong last taxon (as measured when the references were fitted, for `prior`) */
  double error_rate;
  /* only for references; NULL for the shares of the fit: the share of barcodes of a known taxon of the lowest
     rank, of a new taxon inside a known taxon of the next rank, ..., of a taxon inside none
     (tx_reference_set_kinds numbers, each above 0) */
  const double *prior;
  size_t min_bases;       /* fewer certain bases (A C G T) in the part the model reads: TX_RECORD_TOO_SHORT */
  /* memory for the answers to barcodes seen before in this run, shared by all threads: equal barcodes (as the
     model reads them) are computed once; 0 = none. No effect on the results */
  size_t cache_bytes;
  /* 1: offset 0; more: probabilities and embeddings are averaged over this many offsets (at most
     tx_model_offsets) */
  size_t offsets;
  bool classify;          /* fill taxa and confidence */
  bool embed;             /* fill embedding */
  bool shared;            /* with its place in the shared space (tx_model_shared_width) */
  bool normalise;         /* embeddings of length 1 */
  /* only for references: keep what an answer was made from (tx_prediction_outcome, tx_prediction_candidate),
     about 7 KiB for each record in hand and in the cache. The answers are the same */
  bool details;
  /* may be NULL; set to nonzero (from a signal handler) it ends the run with TX_STOPPED */
  const volatile int *stop;
} tx_predict_options;

/* Sensible defaults: 1 thread, batch 64, strand auto, min_confidence 0, min_bases 50, 1 offset, classify,
   cache of 32 MiB, the precision of the file. */
TX_API void tx_predict_defaults(tx_predict_options *options);

/* Makes the taxonomy of the predictions of a run with these options, where it is more than that of the
   references: if taxa are named that only the network knows. The taxa of the references have the classes that
   they have in their own taxonomy, the others follow. *ret_taxonomy, which the caller frees, is NULL if there
   are no such taxa: the predictions then have the taxonomy of the references, or of the model without them.
   TX_ERROR_MEMORY. */
TX_API tx_status tx_predict_taxonomy(const tx_model *model, const tx_predict_options *options,
                                     tx_taxonomy **ret_taxonomy, tx_error *error);

/* Receives each record with its prediction, in input order, from one thread. Any status other than TX_OK ends
   the run. */
typedef tx_status (*tx_prediction_sink)(void *context, const tx_record *record,
                                        const tx_prediction *prediction, tx_error *error);
/* Called when the rows so far should be flushed (nothing more is ready). May be NULL. */
typedef tx_status (*tx_flush_sink)(void *context, tx_error *error);

/* The source and the sink of a run. */
typedef struct tx_predict_steps {
  tx_record_source source;
  void *source_context;
  tx_prediction_sink sink;
  tx_flush_sink flush; /* may be NULL */
  void *sink_context;  /* of sink and flush */
} tx_predict_steps;

typedef struct tx_run_stats {
  uint64_t records;
  uint64_t called;     /* status OK */
  /* records answered from the cache; if there are more than it can hold, the number may vary between runs
     with several threads */
  uint64_t duplicates;
  uint64_t bases;      /* letters of the sequences as read */
  /* bases of a sequence that are read, both ends together (tx_predict_extent), and records that have more */
  uint64_t extent, longer;
  uint64_t parts;      /* records of which a part was compared: tx_prediction_part */
  double seconds;      /* wall clock */
} tx_run_stats;

/* The part of a sequence that a run with these options reads: its first *ret_first and its last *ret_last
   bases, 0, 0 for the whole sequence. References read 262,144 of each strand. With tx_reader_limit a record
   of any length then takes little memory, and the sink sees only these bases. */
TX_API void tx_predict_extent(const tx_model *model, const tx_predict_options *options, size_t *ret_first,
                              size_t *ret_last);

/* Runs source -> model -> sink: the source in a thread of its own, the sink and flush in the calling thread.
   The model may be NULL with options->references. Memory is bounded by threads * batch * the longest record
   as the source gives it, plus cache_bytes. The sink is called exactly once for every record. The results are
   the same for every thread count, batch and cache. On an error the rows before it have reached the sink; an
   error of the sink itself ends the run at once.
   Errors: TX_ERROR_USAGE for bad options; TX_ERROR_NUMERIC when the model's answer is not finite; those of
   source, sink and flush. TX_STOPPED after *stop. A run that ends early waits until the source has returned:
   give the source the same flag (tx_input_hooks), so that it does not wait for a silent pipe. */
TX_API tx_status tx_predict(const tx_model *model, const tx_predict_options *options,
                            const tx_predict_steps *steps, tx_run_stats *opt_stats, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
