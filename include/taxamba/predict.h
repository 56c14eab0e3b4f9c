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

/* AUTO: both where references answer, else plus. A model of both strands (tx_model_both_strands) gives the
   same to each. */
typedef enum tx_strand { TX_STRAND_AUTO, TX_STRAND_PLUS, TX_STRAND_MINUS, TX_STRAND_BOTH } tx_strand;

typedef struct tx_predict_options {
  tx_precision precision; /* to compute in; TX_PRECISION_STORED: that of the model file */
  size_t threads;         /* >= 1 */
  size_t batch;           /* at most so many records travel together; >= 1. No effect on the results */
  tx_strand strand;       /* BOTH: the strand that is like a reference, or whose lineage scores higher */
  /* may be NULL; borrowed. They answer in place of the network: the taxa of the predictions are those of
     their taxonomy, and no model is needed. Without effect then: precision, offsets. Not with embed */
  const tx_reference_set *references;
  double min_confidence;  /* 0..1: the lineage is cut below the last rank that reaches it */
  /* 0..1, 0 for none; by references only: the lineage is cut so that, of barcodes of its length, at most this
     share have a wrong last taxon (as measured when the references were fitted) */
  double error_rate;
  /* by references only, NULL for those of the fit: the share of barcodes of a known taxon of the lowest rank,
     of a new one inside a known taxon of the next rank, ..., of none (tx_reference_set_kinds numbers, each
     above 0) */
  const double *prior;
  size_t min_bases;       /* fewer certain bases (A C G T) in the part the model reads: TX_RECORD_TOO_SHORT */
  /* memory for the answers of barcodes seen before in this run, shared by all threads: equal ones (as the
     model reads them) are computed once; 0 = none. No effect on the results */
  size_t cache_bytes;
  /* 1: offset 0; more: probabilities and embeddings averaged over so many offsets (at most
     tx_model_offsets) */
  size_t offsets;
  bool classify;          /* fill taxa and confidence */
  bool embed;             /* fill embedding */
  bool normalise;         /* embeddings of length 1 */
  /* may be NULL; set to nonzero (from a signal handler) it ends the run with TX_STOPPED */
  const volatile int *stop;
} tx_predict_options;

/* Sensible defaults: 1 thread, batch 64, strand auto, min_confidence 0, min_bases 50, 1 offset, classify,
   cache of 32 MiB, the precision of the file. */
TX_API void tx_predict_defaults(tx_predict_options *options);

/* Receives each record with its prediction, in input order, from one thread. Anything but TX_OK ends the
   run. */
typedef tx_status (*tx_prediction_sink)(void *context, const tx_record *record,
                                        const tx_prediction *prediction, tx_error *error);
/* Called when the rows so far should be flushed (nothing more is ready). May be NULL. */
typedef tx_status (*tx_flush_sink)(void *context, tx_error *error);

/* What a run reads from and writes to. */
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
  /* answered from the cache; more than it holds at a time may vary from run to run with more threads */
  uint64_t duplicates;
  uint64_t bases;      /* letters of the sequences as read */
  double seconds;      /* wall clock */
} tx_run_stats;

/* How much of a sequence a run with these options reads: its first *ret_first and its last *ret_last bases,
   0, 0 for all of it. For tx_reader_limit: with it a record of any length takes little memory, and the sink
   sees only these bases. */
TX_API void tx_predict_extent(const tx_model *model, const tx_predict_options *options, size_t *ret_first,
                              size_t *ret_last);

/* Runs source -> model -> sink: the source in a thread of its own, the sink and flush in the calling thread.
   Memory is bounded by threads * batch * the longest record as the source gives it, and cache_bytes. Every
   record gets exactly one call of the sink. Same results for every thread count, batch and cache. On an error
   the rows before it have reached the sink; an error of the sink itself ends the run at once.
   Errors: TX_ERROR_USAGE for bad options; TX_ERROR_NUMERIC when the model's answer is not finite; those of
   source, sink and flush. TX_STOPPED after *stop. A run that ends early
   waits until the source has returned: give the source the same flag (tx_input_hooks), so that it does not
   wait for a silent pipe. */
TX_API tx_status tx_predict(const tx_model *model, const tx_predict_options *options,
                            const tx_predict_steps *steps, tx_run_stats *opt_stats, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
