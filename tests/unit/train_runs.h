/* Whole training runs on the clade of train_fixture.h, and what they are compared by. */
#ifndef TX_TESTS_TRAIN_RUNS_H
#define TX_TESTS_TRAIN_RUNS_H

#include "unit/train_fixture.h"

#include "base/content.h"
#include "model/model.h"

/* What a run showed of itself. */
typedef struct watch {
  fixture *fixture;
  volatile int stop;
  uint64_t stop_at; /* step after which to stop, 0 = never */
  uint64_t steps;   /* progress calls of steps */
  uint64_t epoch_ends;
  double first_loss, last_loss, valid_loss, metric;
  char metric_name[32];
} watch;

static inline void watch_note(void *context, const char *line)
{
  watch *w = context;
  fixture_note(w->fixture, line);
}

static inline void watch_progress(void *context, const tx_train_progress *progress)
{
  watch *w = context;
  if (progress->epoch_end) {
    w->epoch_ends++;
    w->metric = progress->metric;
    w->valid_loss = progress->valid_loss;
    snprintf(w->metric_name, sizeof w->metric_name, "%s", progress->metric_name);
    return;
  }
  w->steps++;
  if (w->steps == 1) w->first_loss = progress->loss;
  w->last_loss = progress->loss;
  assert_true(progress->step <= progress->steps && progress->epoch <= progress->epochs);
  if (w->stop_at && progress->step == w->stop_at) w->stop = 1;
}

/* The notes of the runs of a fixture follow each other in f->notes. */
static inline tx_status watch_run(fixture *f, watch *w, const char *opt_log, const char *output, bool resume)
{
  const char *const inputs[] = {f->input};
  const tx_train_files files = {.inputs = inputs,
                                .input_count = 1,
                                .output = output,
                                .log = opt_log,
                                .command = "test",
                                .resume = resume};
  tx_train_hooks hooks = {watch_progress, watch_note, w, &w->stop};
  w->fixture = f;
  w->stop = 0;
  memset(&f->error, 0, sizeof f->error);
  return tx_train(&f->config, &files, &hooks, &f->error);
}

/* A run of which nothing but its notes is looked at; it stops after `stop_at` steps, 0 = at its end. */
static inline tx_status train_until(fixture *f, uint64_t stop_at, const char *output, bool resume)
{
  watch w = {.stop_at = stop_at};
  f->notes[0] = 0;
  return watch_run(f, &w, NULL, output, resume);
}

static inline void must_train_whole(fixture *f, const char *output)
{
  if (train_until(f, 0, output, false) != TX_OK) fail_msg("%s", f->error.message);
}

static inline void assert_same_bytes(const char *left, const char *right)
{
  tx_content a, b;
  tx_error error;
  assert_int_equal(tx_content_read(left, NULL, &a, &error), TX_OK);
  assert_int_equal(tx_content_read(right, NULL, &b, &error), TX_OK);
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
  tx_content_free(&a);
  tx_content_free(&b);
}

static inline tx_model *open_model(const char *path)
{
  tx_model *model = NULL;
  tx_error error;
  if (tx_model_open(path, &model, &error) != TX_OK) fail_msg("%s", error.message);
  return model;
}

/* Whether tensors first..last-1 have the same values in two models. */
static inline bool same_tensors(const tx_model *a, const tx_model *b, size_t first, size_t last)
{
  for (size_t i = first; i < last; i++) {
    tx_tensor_info info;
    tx_layout_tensor(&a->dims, i, &info);
    if (memcmp(a->weights[i], b->weights[i], info.count * sizeof(float)) != 0) return false;
  }
  return true;
}

#endif
