/* An ordered pipeline: a thread reads records, several threads compute on them, and the calling thread hands
   them with their results to a sink, in the order in which they were read.

   Records are processed in batches whose size follows the backlog: an idle worker starts on the open batch as
   soon as it has one record, so that with a slow pipe each row appears immediately, while under load a batch
   fills up to its limit. At most 2 * threads + 2 batches are in flight, each of at most `batch` records or
   4 MiB (a single longer record is a batch of its own).

   The workers share the batches. A worker takes one group at a time: consecutive records of one batch. A
   group is at most a small part of the backlog, counted in bases, so that groups shrink to single records at
   the end of the input and all threads end together; under load it has the size that the compute step
   prefers. */
#ifndef TX_INFER_PIPELINE_H
#define TX_INFER_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/predict.h>
#include <taxamba/record.h>

typedef struct tx_pipeline_options {
  size_t threads;           /* number of computing threads, >= 1 */
  size_t batch;             /* >= 1 */
  size_t group_records;     /* maximum records of a group, >= 1 */
  size_t group_bases;       /* maximum bases, >= 1; a group has at least one record, however long */
  size_t result_size;       /* bytes of one record's result */
  /* may be NULL; polled by the calling thread: a nonzero value ends the run with TX_STOPPED */
  const volatile int *stop;
} tx_pipeline_options;

/* Fills results[0..count-1] (each 16-byte aligned, indeterminate on entry, at the same address until the sink
   returns) for a group of `count` >= 1 records, on thread 0..threads-1. A status other than TX_OK belongs to
   record *ret_computed, the first in order that failed: the results before it are filled and passed to the
   sink, then the run ends. *ret_computed is not written on TX_OK. */
typedef tx_status (*tx_pipeline_compute)(void *context, size_t thread, const tx_record *records,
                                         void *const *results, size_t count, size_t *ret_computed,
                                         tx_error *error);
typedef tx_status (*tx_pipeline_sink)(void *context, const tx_record *record, const void *result,
                                      tx_error *error);

typedef struct tx_pipeline_steps {
  tx_record_source source;
  void *source_context;
  tx_pipeline_compute compute;
  void *compute_context;
  tx_pipeline_sink sink;
  /* may be NULL; called when the next row is not ready yet, and at the end of a run that wrote rows */
  tx_flush_sink flush;
  void *sink_context;  /* context of sink and flush */
} tx_pipeline_steps;

typedef struct tx_pipeline_stats {
  uint64_t records; /* records passed to the sink */
  uint64_t bases;
} tx_pipeline_stats;

/* Runs until the source ends, a step fails, or *stop is nonzero. An error of the source or of a computation
   is returned after the records before it have been passed to the sink; an error of the sink ends the run at
   once. The first error in record order is returned. */
tx_status tx_pipeline_run(const tx_pipeline_options *options, const tx_pipeline_steps *steps,
                          tx_pipeline_stats *stats, tx_error *error);

#endif
