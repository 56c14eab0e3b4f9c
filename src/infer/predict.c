#include <taxamba/predict.h>

#include "base/error.h"
#include "infer/pipeline.h"
#include "infer/work.h"

#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>

enum { THREADS_MAX = 4096 };

/* One run of tx_predict: context of the compute step and of the sink. */
typedef struct run {
  tx_predictor predictor;
  tx_predict_work **works; /* (threads) */
  tx_prediction_sink sink;
  tx_flush_sink flush;
  void *sink_context;
  uint64_t called;
} run;

void tx_predict_defaults(tx_predict_options *options)
{
  memset(options, 0, sizeof *options);
  options->threads = 1;
  options->batch = 64;
  options->strand = TX_STRAND_PLUS;
  options->min_bases = 50;
  options->offsets = 1;
  options->classify = true;
}

/* A result is a prediction and behind it, if asked for, its embedding. */
static size_t result_size(const tx_predictor *predictor)
{
  return sizeof(tx_prediction) + (predictor->options->embed ? predictor->model->dims.width * sizeof(float) : 0);
}

static tx_status compute(void *context, size_t thread, const tx_record *record, void *result, tx_error *error)
{
  run *self = context;
  tx_prediction *prediction = result;
  return tx_predict_record(&self->predictor, self->works[thread], record, (float *)(void *)(prediction + 1), prediction, error);
}

static tx_status put(void *context, const tx_record *record, const void *result, tx_error *error)
{
  run *self = context;
  const tx_prediction *prediction = result;
  self->called += prediction->status == TX_PREDICTION_OK;
  return self->sink(self->sink_context, record, prediction, error);
}

static tx_status flush(void *context, tx_error *error)
{
  run *self = context;
  return self->flush ? self->flush(self->sink_context, error) : TX_OK;
}

static tx_status check_options(const tx_model *model, const tx_predict_options *options, bool stats, tx_error *error)
{
  size_t offsets = tx_tokenizer_offsets(&model->tokenizer), max_bases = model->tokenizer.max_bases;
  if (options->threads < 1 || options->threads > THREADS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "threads: %zu is not in 1..%d", options->threads, THREADS_MAX);
  if (options->batch < 1) return tx_fail(error, TX_ERROR_USAGE, "batch: 0 is not a number of records; use 1 or more");
  if (options->strand != TX_STRAND_PLUS && options->strand != TX_STRAND_MINUS && options->strand != TX_STRAND_BOTH)
    return tx_fail(error, TX_ERROR_USAGE, "strand: %d is none of plus, minus and both", (int)options->strand);
  if (!(options->min_confidence >= 0 && options->min_confidence <= 1))
    return tx_fail(error, TX_ERROR_USAGE, "min-confidence: %g is not in 0..1", options->min_confidence);
  if (options->offsets < 1 || options->offsets > offsets)
    return tx_fail(error, TX_ERROR_USAGE, "offsets: %zu is not in 1..%zu, which is what this model's tokenizer has", options->offsets, offsets);
  if (max_bases && options->min_bases > max_bases)
    return tx_fail(error, TX_ERROR_USAGE, "min-bases: %zu is more than the %zu bases that the model reads", options->min_bases, max_bases);
  if (!options->classify && !options->embed)
    return tx_fail(error, TX_ERROR_USAGE, "neither a classification nor an embedding is asked for");
  if (options->abandon_source && !stats)
    return tx_fail(error, TX_ERROR_USAGE, "abandon_source needs opt_stats, where it is told");
  if (model->dims.ranks == 0 && options->classify)
    return tx_fail(error, TX_ERROR_USAGE, "the model has no ranks: it can embed, but not classify");
  if (model->dims.ranks == 0 && options->strand == TX_STRAND_BOTH)
    return tx_fail(error, TX_ERROR_USAGE, "strand: the model has no ranks to choose between the strands by; use plus or minus");
  return TX_OK;
}

static void free_works(run *self, size_t threads)
{
  for (size_t i = 0; self->works && i < threads; i++) tx_predict_work_free(self->works[i]);
  free(self->works);
}

static tx_status create_works(run *self, size_t threads, tx_error *error)
{
  tx_status status = TX_OK;
  self->works = calloc(threads, sizeof(tx_predict_work *));
  if (!self->works) return tx_fail_memory(error, "the workspaces of the threads");
  for (size_t i = 0; i < threads && status == TX_OK; i++) status = tx_predict_work_create(&self->predictor, &self->works[i], error);
  return status;
}

static tx_status run_pipeline(run *self, tx_record_source source, void *source_context, tx_run_stats *stats, tx_error *error)
{
  const tx_predict_options *options = self->predictor.options;
  tx_pipeline_options pipeline_options = {options->threads, options->batch, result_size(&self->predictor), options->stop,
                                          options->abandon_source};
  tx_pipeline_steps steps = {source, source_context, compute, self, put, flush, self};
  tx_pipeline_stats pipeline_stats;
  tx_status status = tx_pipeline_run(&pipeline_options, &steps, &pipeline_stats, error);
  stats->records = pipeline_stats.records;
  stats->bases = pipeline_stats.bases;
  stats->source_abandoned = pipeline_stats.source_abandoned;
  stats->called = self->called;
  return status;
}

tx_status tx_predict(const tx_model *model, const tx_predict_options *options, tx_record_source source, void *source_context,
                     tx_prediction_sink sink, tx_flush_sink flush_sink, void *sink_context, tx_run_stats *opt_stats, tx_error *error)
{
  double started = tx_clock();
  run self = {{model, options, NULL}, NULL, sink, flush_sink, sink_context, 0};
  tx_decoder *decoder = NULL;
  tx_run_stats stats;
  tx_status status = check_options(model, options, opt_stats != NULL, error);
  memset(&stats, 0, sizeof stats);
  if (status == TX_OK && (options->classify || options->strand == TX_STRAND_BOTH))
    status = tx_decoder_create(model->taxonomy, &decoder, error);
  self.predictor.decoder = decoder;
  if (status == TX_OK) status = create_works(&self, options->threads, error);
  if (status == TX_OK) status = run_pipeline(&self, source, source_context, &stats, error);
  free_works(&self, options->threads);
  tx_decoder_free(decoder);
  stats.seconds = tx_clock() - started;
  if (opt_stats) *opt_stats = stats;
  return status;
}
