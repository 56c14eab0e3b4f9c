#include <taxamba/predict.h>

#include "base/error.h"
#include "infer/pipeline.h"
#include "infer/group.h"
#include "search/region.h"

#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>

enum { THREADS_MAX = 4096 };

/* One run of tx_predict: context of the compute step and of the sink. */
typedef struct run {
  tx_classifier *classifier;
  tx_group **groups; /* (threads) */
  const tx_predict_steps *steps;
  uint64_t called, duplicates, extent, longer, parts;
} run;

void tx_predict_extent(const tx_model *model, const tx_predict_options *options, size_t *ret_first,
                       size_t *ret_last)
{
  const bool evidence = options->references != NULL;
  const size_t most = evidence ? TX_RECORD_MAX : model->tokenizer.max_bases;
  const bool pairs = !evidence && tx_model_both_strands(model);
  const tx_strand strand = tx_strand_read(model, options);
  *ret_first = strand == TX_STRAND_MINUS && !pairs ? 0 : most;
  *ret_last = strand == TX_STRAND_PLUS && !pairs ? 0 : most;
}

static tx_status compute(void *context, size_t thread, const tx_record *records, void *const *results,
                         size_t count, size_t *ret_computed, tx_error *error)
{
  run *self = context;
  return tx_group_predict(self->classifier, self->groups[thread], records, results, count, ret_computed,
                          error);
}

static tx_status put(void *context, const tx_record *record, const void *target, tx_error *error)
{
  run *self = context;
  const tx_result *result = target;
  self->called += result->prediction.status == TX_RECORD_OK;
  self->duplicates += result->duplicate;
  /* letters are left out as gaps, too */
  self->longer += self->extent && (record->base_count > self->extent ||
                                   (record->base_count == self->extent && record->omitted));
  self->parts += tx_prediction_part(&result->prediction, &(size_t){0}, &(size_t){0});
  return self->steps->sink(self->steps->sink_context, record, &result->prediction, error);
}

static tx_status flush(void *context, tx_error *error)
{
  run *self = context;
  const tx_predict_steps *steps = self->steps;
  return steps->flush ? steps->flush(steps->sink_context, error) : TX_OK;
}

static tx_status check_run(const tx_predict_options *options, tx_error *error)
{
  if (options->threads < 1 || options->threads > THREADS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "threads: %zu is not in 1..%d", options->threads, THREADS_MAX);
  if (options->batch < 1)
    return tx_fail(error, TX_ERROR_USAGE, "batch: 0 is not a number of records; use 1 or more");
  return TX_OK;
}

static void free_groups(run *self, size_t threads)
{
  for (size_t i = 0; self->groups && i < threads; i++) tx_group_free(self->groups[i]);
  free(self->groups);
}

static tx_status create_groups(run *self, size_t threads, tx_error *error)
{
  tx_status status = TX_OK;
  self->groups = calloc(threads, sizeof(tx_group *));
  if (!self->groups) return tx_fail_memory(error, "the workspaces of the threads");
  for (size_t i = 0; i < threads && status == TX_OK; i++)
    status = tx_group_create(self->classifier, &self->groups[i], error);
  return status;
}

static tx_status run_pipeline(run *self, tx_run_stats *stats, tx_error *error)
{
  const tx_predict_options *options = &self->classifier->options;
  size_t first, last;
  tx_pipeline_options pipeline_options = {.threads = options->threads,
                                          .batch = options->batch,
                                          .result_size = tx_result_size(self->classifier),
                                          .stop = options->stop};
  tx_pipeline_steps steps = {
      self->steps->source, self->steps->source_context, compute, self, put, flush, self};
  tx_pipeline_stats pipeline_stats;
  tx_status status;
  tx_predict_extent(self->classifier->model, options, &first, &last);
  self->extent = (uint64_t)first + last;
  tx_group_limits(self->classifier, &pipeline_options.group_records, &pipeline_options.group_bases);
  status = tx_pipeline_run(&pipeline_options, &steps, &pipeline_stats, error);
  stats->records = pipeline_stats.records;
  stats->bases = pipeline_stats.bases;
  stats->called = self->called;
  stats->duplicates = self->duplicates;
  stats->extent = self->extent;
  stats->longer = self->longer;
  stats->parts = self->parts;
  return status;
}

tx_status tx_predict(const tx_model *model, const tx_predict_options *options, const tx_predict_steps *steps,
                     tx_run_stats *opt_stats, tx_error *error)
{
  double started = tx_clock();
  run self = {.steps = steps};
  tx_run_stats stats;
  tx_status status = check_run(options, error);
  memset(&stats, 0, sizeof stats);
  if (status == TX_OK) status = tx_classifier_create(model, options, &self.classifier, error);
  if (status == TX_OK) status = create_groups(&self, options->threads, error);
  if (status == TX_OK) status = run_pipeline(&self, &stats, error);
  free_groups(&self, options->threads);
  tx_classifier_free(self.classifier);
  stats.seconds = tx_clock() - started;
  if (opt_stats) *opt_stats = stats;
  return status;
}
