#include "infer/pipeline.h"

#include "base/error.h"
#include "base/wait.h"
#include "infer/batch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* INTERVAL: nanoseconds after which the calling thread polls *stop while it waits. */
enum { BATCH_BYTES = 4 << 20, INTERVAL = 100000000, SECOND = 1000000000 };

/* RECORD_COST: cost of a record besides its bases, in bases, so that empty records have a cost too. SHARE: a
   group is at most backlog / (SHARE * threads); with 1 the other threads would be idle while the last group
   is computed. */
enum { RECORD_COST = 32, SHARE = 2 };

/* The batches form a ring: batch number n is ring[n % depth]. The numbers only increase, with written <=
   taken <= open <= written + depth. Batches written..taken-1 have been given to workers, batches
   taken..open-1 wait for workers (a part of the first may have been given out), and batch `open` is being
   filled; its place in the ring is free, and its count valid, only while open < written + depth. Members are
   protected by `lock` unless stated otherwise. */
typedef struct pipeline {
  tx_pipeline_options options;
  tx_pipeline_steps steps;
  size_t result_size; /* rounded up for alignment */
  pthread_mutex_t lock;
  pthread_cond_t work_ready; /* for the workers */
  pthread_cond_t place_free; /* for the reader */
  pthread_cond_t progress;   /* for the calling thread */
  tx_batch *ring;
  size_t depth;
  uint64_t open, taken, written;
  uint64_t backlog; /* cost of the records that wait for the workers */
  size_t idle;      /* waiting workers */
  bool ended;       /* the reader has stopped adding records and calling the source */
  tx_status source_status;
  tx_error source_error; /* used by the reader alone until `ended` */
  bool cancelled;
} pipeline;

typedef struct worker {
  pipeline *line;
  size_t number;
  pthread_t thread;
  tx_record *records; /* records of a group */
  void **results;
} worker;

/* Records first..first+count-1 of a batch. */
typedef struct group {
  tx_batch *batch;
  size_t first, count;
} group;

static bool open_has_records(const pipeline *line)
{
  return line->open - line->written < line->depth && line->ring[line->open % line->depth].count > 0;
}

static bool everything_written(const pipeline *line)
{
  return line->ended && line->written == line->open && !open_has_records(line);
}

static void free_pipeline(pipeline *line)
{
  for (size_t i = 0; i < line->depth; i++) tx_batch_free(&line->ring[i]);
  free(line->ring);
  pthread_cond_destroy(&line->progress);
  pthread_cond_destroy(&line->place_free);
  pthread_cond_destroy(&line->work_ready);
  pthread_mutex_destroy(&line->lock);
  free(line);
}

static bool init_progress(pthread_cond_t *condition)
{
  pthread_condattr_t attributes;
  bool good;
  if (pthread_condattr_init(&attributes)) return false;
  good = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
         pthread_cond_init(condition, &attributes) == 0;
  pthread_condattr_destroy(&attributes);
  return good;
}

static pipeline *create_pipeline(const tx_pipeline_options *options, const tx_pipeline_steps *steps)
{
  pipeline *line = calloc(1, sizeof *line);
  if (!line) return NULL;
  line->options = *options;
  line->steps = *steps;
  line->result_size = (options->result_size + 15) / 16 * 16;
  line->depth = 2 * options->threads + 2;
  line->ring = calloc(line->depth, sizeof *line->ring);
  if (!line->ring) goto no_ring;
  for (size_t i = 0; i < line->depth; i++) tx_batch_clear(&line->ring[i]);
  if (pthread_mutex_init(&line->lock, NULL)) goto no_lock;
  if (pthread_cond_init(&line->work_ready, NULL)) goto no_work_ready;
  if (pthread_cond_init(&line->place_free, NULL)) goto no_place_free;
  if (!init_progress(&line->progress)) goto no_progress;
  return line;
no_progress:
  pthread_cond_destroy(&line->place_free);
no_place_free:
  pthread_cond_destroy(&line->work_ready);
no_work_ready:
  pthread_mutex_destroy(&line->lock);
no_lock:
  free(line->ring);
no_ring:
  free(line);
  return NULL;
}

/* ---- reader ---- */

/* Returns the cost of record `index` of a batch. */
static uint64_t cost(const tx_batch *batch, size_t index)
{
  return (uint64_t)tx_batch_bases(batch, index) + RECORD_COST;
}

/* Adds one record to the open batch, after waiting for a free place in the ring. Called under the lock. */
static tx_status append(pipeline *line, const tx_record *record)
{
  tx_batch *batch;
  tx_status status;
  while (!line->cancelled && line->open - line->written >= line->depth)
    pthread_cond_wait(&line->place_free, &line->lock);
  if (line->cancelled) return TX_STOPPED;
  batch = &line->ring[line->open % line->depth];
  status = tx_batch_add(batch, record, line->result_size, &line->source_error);
  if (status != TX_OK) return status;
  line->backlog += cost(batch, batch->count - 1);
  if (batch->count >= line->options.batch || tx_batch_size(batch, line->result_size) >= BATCH_BYTES)
    line->open++;
  if (line->idle) pthread_cond_signal(&line->work_ready);
  return TX_OK;
}

static void *reader_main(void *argument)
{
  pipeline *line = argument;
  tx_status status;
  do {
    tx_record record;
    memset(&record, 0, sizeof record);
    status = line->steps.source(line->steps.source_context, &record, &line->source_error);
    if (status != TX_OK) break;
    pthread_mutex_lock(&line->lock);
    status = append(line, &record);
    pthread_mutex_unlock(&line->lock);
  } while (status == TX_OK);
  pthread_mutex_lock(&line->lock);
  line->ended = true;
  line->source_status = status == TX_END ? TX_OK : status;
  pthread_cond_broadcast(&line->work_ready);
  pthread_cond_broadcast(&line->progress);
  pthread_mutex_unlock(&line->lock);
  return NULL;
}

/* ---- workers ---- */

/* Returns the size of the next group of a batch, limited by the options and by a share of the backlog. */
static size_t group_size(const pipeline *line, const tx_batch *batch)
{
  uint64_t share = line->backlog / (SHARE * (uint64_t)line->options.threads),
           used = cost(batch, batch->taken);
  size_t count = 1;
  if (share > line->options.group_bases) share = line->options.group_bases;
  while (count < line->options.group_records && batch->taken + count < batch->count) {
    used += cost(batch, batch->taken + count);
    if (used > share) break;
    count++;
  }
  return count;
}

/* Waits for the next group and takes it; false when there are no more groups. Called under the lock. */
static bool take_group(pipeline *line, group *ret_group)
{
  tx_batch *batch;
  while (!line->cancelled && line->taken == line->open && !open_has_records(line) && !line->ended) {
    line->idle++;
    pthread_cond_wait(&line->work_ready, &line->lock);
    line->idle--;
  }
  if (line->cancelled) return false;
  if (line->taken == line->open) {
    if (!open_has_records(line)) return false;
    line->open++; /* a batch that is being handed out grows no more */
  }
  batch = &line->ring[line->taken % line->depth];
  *ret_group = (group){batch, batch->taken, group_size(line, batch)};
  for (size_t i = 0; i < ret_group->count; i++) line->backlog -= cost(batch, batch->taken++);
  if (batch->taken == batch->count) line->taken++;
  /* One signal may have been sent for several records. */
  if (line->idle && line->backlog) pthread_cond_signal(&line->work_ready);
  return true;
}

/* Called without the lock: no other thread uses these records, and a batch that has been given out does not
   move in memory. */
static tx_status compute_group(worker *self, const group *own, size_t *ret_computed, tx_error *error)
{
  const pipeline *line = self->line;
  for (size_t i = 0; i < own->count; i++) {
    tx_batch_record(own->batch, own->first + i, &self->records[i]);
    self->results[i] = tx_batch_result(own->batch, own->first + i, line->result_size);
  }
  *ret_computed = own->count;
  return line->steps.compute(line->steps.compute_context, self->number, self->records, self->results,
                             own->count, ret_computed, error);
}

/* Records the end of a group. If several groups of a batch failed, the first in order counts. Called under
   the lock. */
static void finish_group(const group *own, tx_status status, size_t computed, const tx_error *error)
{
  tx_batch *batch = own->batch;
  if (status != TX_OK && own->first + computed < batch->computed) {
    batch->computed = own->first + computed;
    batch->status = status;
    batch->error = *error;
  }
  batch->finished += own->count;
  if (batch->finished < batch->count) return;
  if (batch->computed > batch->count) batch->computed = batch->count;
  batch->done = true;
}

static void *worker_main(void *argument)
{
  worker *self = argument;
  pipeline *line = self->line;
  group own;
  pthread_mutex_lock(&line->lock);
  while (take_group(line, &own)) {
    tx_error error;
    tx_status status;
    size_t computed;
    pthread_mutex_unlock(&line->lock);
    memset(&error, 0, sizeof error);
    status = compute_group(self, &own, &computed, &error);
    pthread_mutex_lock(&line->lock);
    finish_group(&own, status, computed, &error);
    if (own.batch->done) pthread_cond_signal(&line->progress);
  }
  pthread_mutex_unlock(&line->lock);
  return NULL;
}

/* ---- calling thread ---- */

/* Waits for a signal, at most one interval. Called under the lock. */
static void wait_for_progress(pipeline *line)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += INTERVAL;
  if (until.tv_nsec >= SECOND) {
    until.tv_nsec -= SECOND;
    until.tv_sec++;
  }
  pthread_cond_timedwait(&line->progress, &line->lock, &until);
}

static bool stop_asked(const pipeline *line)
{
  return tx_is_stopped(line->options.stop);
}

static tx_status flush(const pipeline *line, bool *dirty, tx_error *error)
{
  *dirty = false;
  return line->steps.flush ? line->steps.flush(line->steps.sink_context, error) : TX_OK;
}

/* Passes the records of a finished batch to the sink. *dirty: whether a flush is due; never after a failure
   of the sink. */
static tx_status write_batch(const pipeline *line, const tx_batch *batch, tx_pipeline_stats *stats,
                             bool *dirty, tx_error *error)
{
  for (size_t i = 0; i < batch->computed; i++) {
    tx_record record;
    tx_status status;
    if (stop_asked(line)) return TX_STOPPED;
    tx_batch_record(batch, i, &record);
    status = line->steps.sink(line->steps.sink_context, &record, tx_batch_result(batch, i, line->result_size),
                              error);
    *dirty = status == TX_OK;
    if (status != TX_OK) return status;
    stats->records++;
    stats->bases += record.base_count + record.omitted;
  }
  if (batch->status < 0 && error) *error = batch->error;
  return batch->status;
}

/* Waits until the next batch in order is done; *ret_batch NULL when everything has been written. Called under
   the lock. */
static tx_status next_batch(pipeline *line, bool *dirty, tx_batch **ret_batch, tx_error *error)
{
  tx_batch *batch = &line->ring[line->written % line->depth];
  *ret_batch = NULL;
  while (!batch->done && !everything_written(line)) {
    if (stop_asked(line)) return TX_STOPPED;
    if (*dirty) {
      tx_status status;
      pthread_mutex_unlock(&line->lock);
      status = flush(line, dirty, error);
      pthread_mutex_lock(&line->lock);
      if (status != TX_OK) return status;
    } else if (line->options.stop) {
      wait_for_progress(line);
    } else {
      pthread_cond_wait(&line->progress, &line->lock);
    }
  }
  if (batch->done) *ret_batch = batch;
  return TX_OK;
}

/* The loop of the calling thread: writes the batches in order until all are written or an error occurs. */
static tx_status write_all(pipeline *line, tx_pipeline_stats *stats, tx_error *error)
{
  tx_status status, flushed = TX_OK;
  bool dirty = false;
  pthread_mutex_lock(&line->lock);
  for (;;) {
    tx_batch *batch;
    status = next_batch(line, &dirty, &batch, error);
    if (status != TX_OK || !batch) break;
    pthread_mutex_unlock(&line->lock);
    status = write_batch(line, batch, stats, &dirty, error);
    pthread_mutex_lock(&line->lock);
    if (status != TX_OK) break;
    tx_batch_clear(batch);
    line->written++;
    pthread_cond_signal(&line->place_free);
  }
  if (status == TX_OK && line->source_status != TX_OK) {
    status = line->source_status;
    if (status < 0 && error) *error = line->source_error;
  }
  pthread_mutex_unlock(&line->lock);
  if (dirty) flushed = flush(line, &dirty, status == TX_OK ? error : NULL);
  return status == TX_OK ? flushed : status;
}

/* Stops the threads. The reader stops after the source has returned. */
static void join_all(pipeline *line, worker *workers, size_t started, const pthread_t *opt_reader)
{
  pthread_mutex_lock(&line->lock);
  line->cancelled = true;
  pthread_cond_broadcast(&line->work_ready);
  pthread_cond_broadcast(&line->place_free);
  pthread_mutex_unlock(&line->lock);
  for (size_t i = 0; i < started; i++) pthread_join(workers[i].thread, NULL);
  if (opt_reader) pthread_join(*opt_reader, NULL);
}

/* Blocks signals in the new threads, so that handlers, which set *stop, run in the caller's threads. Signals
   for errors of a thread itself are not blocked. */
static void block_signals(sigset_t *ret_before)
{
  sigset_t blocked;
  sigfillset(&blocked);
  sigdelset(&blocked, SIGSEGV);
  sigdelset(&blocked, SIGBUS);
  sigdelset(&blocked, SIGFPE);
  sigdelset(&blocked, SIGILL);
  sigdelset(&blocked, SIGABRT);
  pthread_sigmask(SIG_SETMASK, &blocked, ret_before);
}

static void free_workers(worker *workers, size_t count)
{
  for (size_t i = 0; workers && i < count; i++) {
    free(workers[i].records);
    free(workers[i].results);
  }
  free(workers);
}

/* Returns the workers with the memory of their groups, NULL if an allocation failed. */
static worker *create_workers(pipeline *line)
{
  size_t count = line->options.threads, most = line->options.group_records;
  worker *workers = calloc(count, sizeof *workers);
  for (size_t i = 0; workers && i < count; i++) {
    workers[i].line = line;
    workers[i].number = i;
    workers[i].records = calloc(most, sizeof *workers[i].records);
    workers[i].results = calloc(most, sizeof *workers[i].results);
    if (workers[i].records && workers[i].results) continue;
    free_workers(workers, count);
    return NULL;
  }
  return workers;
}

/* Starts the workers, and the reader last, so that a failure never leaves a reader inside the source. */
static tx_status start_all(pipeline *line, worker *workers, size_t *ret_started, pthread_t *ret_reader,
                           tx_error *error)
{
  tx_status status = TX_OK;
  sigset_t before;
  block_signals(&before);
  for (*ret_started = 0; *ret_started < line->options.threads; ++*ret_started) {
    worker *self = &workers[*ret_started];
    if (pthread_create(&self->thread, NULL, worker_main, self)) break;
  }
  if (*ret_started < line->options.threads || pthread_create(ret_reader, NULL, reader_main, line))
    status = tx_fail(error, TX_ERROR_MEMORY,
                     "cannot start %zu threads, only %zu: not enough memory, or a "
                     "limit of the system; ask for fewer",
                     line->options.threads + 1, *ret_started);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

tx_status tx_pipeline_run(const tx_pipeline_options *options, const tx_pipeline_steps *steps,
                          tx_pipeline_stats *stats, tx_error *error)
{
  pipeline *line = create_pipeline(options, steps);
  worker *workers = line ? create_workers(line) : NULL;
  size_t started = 0;
  pthread_t reader;
  tx_status status;
  memset(stats, 0, sizeof *stats);
  if (!workers) {
    if (line) free_pipeline(line);
    return tx_fail_memory(error, "the batches of the pipeline");
  }
  status = start_all(line, workers, &started, &reader, error);
  if (status != TX_OK) {
    join_all(line, workers, started, NULL);
  } else {
    status = write_all(line, stats, error);
    join_all(line, workers, started, &reader);
  }
  free_pipeline(line);
  free_workers(workers, options->threads);
  return status;
}
