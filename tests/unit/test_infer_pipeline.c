/* The ordered pipeline with made-up steps: order under random delays, groups, balance, bounded read-ahead, live input, errors at
   every stage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/random.h"
#include "infer/pipeline.h"

#define NEVER UINT64_MAX
enum { GROUP = 5, GROUP_BASES = 1000 };

typedef struct result {
  uint64_t number;
  uint64_t hash;
  unsigned char padding[13]; /* a size that is no multiple of the alignment */
} result;

typedef struct fixture {
  uint64_t count, fail_source, fail_compute, fail_sink, fail_flush; /* record numbers, from 1; flushes from 1 */
  uint64_t fail_late;                                               /* fails too, but only after a while */
  size_t longest;
  uint64_t delay; /* largest delay of a computation in microseconds */
  uint64_t sink_delay;
  volatile int stop;
  uint64_t stop_at;
  atomic_uint_fast64_t produced;
  atomic_size_t largest;                      /* group */
  atomic_bool odd_group;                      /* one that is empty, too large or not side by side */
  uint64_t taken, flushed, flushes, furthest; /* of the sink */
  char *text;                                 /* the source's only buffer, overwritten at each call */
  size_t text_size;
  char file[32];
  tx_bytes rows;
} fixture;

static void start(fixture *self, uint64_t count)
{
  memset(self, 0, sizeof *self);
  self->count = count;
  self->fail_source = self->fail_compute = self->fail_sink = self->fail_flush = self->fail_late = self->stop_at = NEVER;
  self->longest = 300;
}

static void finish(fixture *self)
{
  free(self->text);
  tx_bytes_free(&self->rows);
}

static void sleep_microseconds(uint64_t microseconds)
{
  struct timespec time = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
  nanosleep(&time, NULL);
}

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static tx_status source(void *context, tx_record *record, tx_error *error)
{
  fixture *self = context;
  uint64_t number = atomic_load(&self->produced) + 1;
  tx_random random;
  size_t length;
  if (number == self->fail_source) return tx_fail_at(error, TX_ERROR_DATA, "made.fa", number, number, "a made-up fault");
  if (number > self->count) return TX_END;
  tx_random_seed(&random, 7, number, 0, 0);
  length = tx_random_below(&random, self->longest + 1);
  free(self->text); /* what was borrowed is gone: a reader of stale memory is seen by the sanitizers */
  self->text_size = length + 64;
  self->text = malloc(self->text_size);
  if (!self->text) return tx_fail_memory(error, "a test record");
  record->id_length = (size_t)snprintf(self->text, 64, "r%" PRIu64, number);
  record->id = self->text;
  record->comment = self->text + record->id_length; /* "" */
  record->bases = self->text + record->id_length + 1;
  record->base_count = length;
  for (size_t i = 0; i < length; i++) self->text[record->id_length + 1 + i] = "ACGTN"[tx_random_below(&random, 5)];
  self->text[record->id_length + 1 + length] = '\0';
  snprintf(self->file, sizeof self->file, "file%" PRIu64 ".fa", number / 10);
  record->file = self->file;
  record->line = 3 * number;
  record->number = number;
  atomic_store(&self->produced, number);
  return TX_OK;
}

static tx_status compute_one(fixture *self, const tx_record *record, void *target, tx_error *error)
{
  result *answer = target;
  tx_random random;
  if ((uintptr_t)target % 16) return tx_fail(error, TX_ERROR_USAGE, "the result is not aligned");
  if (record->number == self->fail_late) {
    sleep_microseconds(100000);
    return tx_fail(error, TX_ERROR_NUMERIC, "late");
  }
  if (record->number == self->fail_compute) return tx_fail(error, TX_ERROR_NUMERIC, "no number");
  tx_random_seed(&random, 11, record->number, 0, 0);
  if (self->delay) sleep_microseconds(tx_random_below(&random, self->delay));
  answer->number = record->number;
  answer->hash = 14695981039346656037u;
  for (size_t i = 0; i < record->base_count; i++) answer->hash = (answer->hash ^ (unsigned char)record->bases[i]) * 1099511628211u;
  memset(answer->padding, 0, sizeof answer->padding);
  return TX_OK;
}

static tx_status compute(void *context, size_t thread, const tx_record *records, void *const *results, size_t count, size_t *ret_computed,
                         tx_error *error)
{
  fixture *self = context;
  size_t total = 0, largest = atomic_load(&self->largest);
  (void)thread;
  while (count > largest && !atomic_compare_exchange_weak(&self->largest, &largest, count)) continue;
  for (size_t i = 0; i < count; i++) {
    tx_status status = compute_one(self, &records[i], results[i], error);
    total += records[i].base_count;
    if (records[i].number != records[0].number + i) atomic_store(&self->odd_group, true);
    if (status == TX_OK) continue;
    *ret_computed = i;
    return status;
  }
  if (count < 1 || count > GROUP || (count > 1 && total > GROUP_BASES)) atomic_store(&self->odd_group, true);
  return TX_OK;
}

static tx_status sink(void *context, const tx_record *record, const void *target, tx_error *error)
{
  fixture *self = context;
  const result *answer = target;
  uint64_t ahead = atomic_load(&self->produced) - self->taken;
  if (self->sink_delay) sleep_microseconds(self->sink_delay);
  if (ahead > self->furthest) self->furthest = ahead;
  if (record->number == self->fail_sink) return tx_fail(error, TX_ERROR_PIPE, "gone");
  if (record->bases[record->base_count] || record->id[record->id_length] || *record->comment)
    return tx_fail(error, TX_ERROR_USAGE, "a string without its NUL");
  tx_bytes_printf(&self->rows, "%s %zu %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n", record->id, record->base_count,
                  record->file, record->line, record->number, answer->number, answer->hash);
  self->taken++;
  if (self->taken == self->stop_at) self->stop = 1;
  return TX_OK;
}

static tx_status flush(void *context, tx_error *error)
{
  fixture *self = context;
  self->flushes++;
  self->flushed = self->taken;
  if (self->flushes == self->fail_flush) return tx_fail(error, TX_ERROR_IO, "disk full");
  return TX_OK;
}

static tx_pipeline_options make_options(size_t threads, size_t batch)
{
  return (tx_pipeline_options){
      .threads = threads, .batch = batch, .group_records = GROUP, .group_bases = GROUP_BASES, .result_size = sizeof(result)};
}

static tx_status run(fixture *self, size_t threads, size_t batch, tx_pipeline_stats *stats, tx_error *error)
{
  tx_pipeline_options options = make_options(threads, batch);
  tx_pipeline_steps steps = {source, self, compute, self, sink, flush, self};
  options.stop = &self->stop;
  return tx_pipeline_run(&options, &steps, stats, error);
}

static void test_same_bytes_in_order(void **state)
{
  static const size_t threads[] = {1, 2, 3, 4, 8}, batches[] = {1, 7, 64};
  size_t largest = 0;
  fixture first;
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&first, 400);
  assert_int_equal(run(&first, 1, 1, &stats, &error), TX_OK);
  assert_true(strncmp(first.rows.data, "r1 ", 3) == 0);
  for (size_t t = 0; t < 5; t++) {
    for (size_t b = 0; b < 3; b++) {
      fixture self;
      start(&self, 400);
      self.delay = 300;
      assert_int_equal(run(&self, threads[t], batches[b], &stats, &error), TX_OK);
      assert_int_equal(stats.records, 400);
      assert_int_equal(self.flushed, 400);
      assert_int_equal(self.rows.size, first.rows.size);
      assert_memory_equal(self.rows.data, first.rows.data, first.rows.size);
      assert_false(atomic_load(&self.odd_group));
      if (b == 0) assert_int_equal(atomic_load(&self.largest), 1);
      if (atomic_load(&self.largest) > largest) largest = atomic_load(&self.largest);
      finish(&self);
    }
  }
  assert_int_equal(largest, GROUP); /* under load */
  finish(&first);
}

static void test_empty(void **state)
{
  fixture self;
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&self, 0);
  assert_int_equal(run(&self, 3, 64, &stats, &error), TX_OK);
  assert_int_equal(stats.records, 0);
  assert_int_equal(stats.bases, 0);
  finish(&self);
}

static void test_source_error(void **state)
{
  static const uint64_t places[] = {1, 2, 65, 200};
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    fixture self;
    tx_pipeline_stats stats;
    tx_error error;
    start(&self, 300);
    self.fail_source = places[i];
    self.delay = 100;
    assert_int_equal(run(&self, 3, 16, &stats, &error), TX_ERROR_DATA);
    assert_int_equal(error.code, TX_ERROR_DATA);
    assert_int_equal(error.record, places[i]);
    assert_non_null(strstr(error.message, "a made-up fault"));
    assert_int_equal(self.taken, places[i] - 1);
    assert_int_equal(self.flushed, places[i] - 1);
    assert_int_equal(stats.records, places[i] - 1);
    finish(&self);
  }
}

static void test_compute_error(void **state)
{
  static const uint64_t places[] = {1, 33, 300};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    fixture self;
    tx_pipeline_stats stats;
    tx_error error;
    start(&self, 300);
    self.fail_compute = places[i];
    self.fail_source = 301; /* comes later in order, so it is not the one to be told */
    self.delay = 100;
    assert_int_equal(run(&self, 3, 7, &stats, &error), TX_ERROR_NUMERIC);
    assert_string_equal(error.message, "no number");
    assert_int_equal(self.taken, places[i] - 1);
    assert_int_equal(self.flushed, places[i] - 1);
    finish(&self);
  }
}

/* Of two records that fail the first in order is told, though it fails last; in one group or in two. */
static void test_first_of_two_errors(void **state)
{
  static const uint64_t places[] = {51, 52, 60};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    fixture self;
    tx_pipeline_stats stats;
    tx_error error;
    start(&self, 300);
    self.fail_late = 50;
    self.fail_compute = places[i];
    assert_int_equal(run(&self, 3, 64, &stats, &error), TX_ERROR_NUMERIC);
    assert_string_equal(error.message, "late");
    assert_int_equal(self.taken, 49);
    finish(&self);
  }
}

static void test_sink_error(void **state)
{
  fixture self;
  tx_pipeline_stats stats;
  tx_error error;
  double started = now();
  (void)state;
  start(&self, NEVER - 1); /* a source that never ends, as of `yes` */
  self.fail_sink = 20;
  assert_int_equal(run(&self, 3, 7, &stats, &error), TX_ERROR_PIPE);
  assert_string_equal(error.message, "gone");
  assert_int_equal(self.taken, 19);
  assert_true(now() - started < 10);
  finish(&self);
}

static void test_flush_error(void **state)
{
  fixture self;
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&self, 100);
  self.fail_flush = 1;
  assert_int_equal(run(&self, 2, 7, &stats, &error), TX_ERROR_IO);
  assert_string_equal(error.message, "disk full");
  assert_int_equal(self.flushes, 1); /* a writer that failed is left alone */
  finish(&self);
}

static void test_stop(void **state)
{
  fixture self;
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&self, NEVER - 1);
  self.stop_at = 50;
  assert_int_equal(run(&self, 3, 7, &stats, &error), TX_STOPPED);
  assert_int_equal(self.taken, 50);
  assert_int_equal(self.flushed, 50);
  finish(&self);
  start(&self, 10);
  self.stop = 1;
  assert_int_equal(run(&self, 3, 7, &stats, &error), TX_STOPPED);
  assert_int_equal(self.taken, 0);
  finish(&self);
}

/* However slow the sink, the source is at most the batches in flight ahead of it, and the record in its hand. */
static void test_bounded(void **state)
{
  static const size_t threads[] = {1, 3}, batches[] = {1, 5};
  (void)state;
  for (size_t t = 0; t < 2; t++) {
    for (size_t b = 0; b < 2; b++) {
      fixture self;
      tx_pipeline_stats stats;
      tx_error error;
      size_t depth = 2 * threads[t] + 2;
      start(&self, 300);
      self.sink_delay = 200;
      assert_int_equal(run(&self, threads[t], batches[b], &stats, &error), TX_OK);
      assert_true(self.furthest <= depth * batches[b] + 1);
      assert_true(self.furthest > 1); /* it does read ahead */
      finish(&self);
    }
  }
}

/* Records longer than the byte limit of a batch. */
static void test_long_records(void **state)
{
  fixture self;
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&self, 12);
  self.longest = 3 << 20;
  self.sink_delay = 2000;
  assert_int_equal(run(&self, 1, 1000, &stats, &error), TX_OK);
  assert_int_equal(stats.records, 12);
  assert_true(self.furthest <= 4 * 4 + 1); /* batches are cut by size long before 1000 records */
  finish(&self);
}

/* ---- live input: the source gives a record only when the row of the one before has been flushed ---- */

typedef struct live {
  fixture base;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t visible; /* rows flushed */
} live;

static tx_status live_source(void *context, tx_record *record, tx_error *error)
{
  live *self = context;
  struct timespec until;
  int late = 0;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 20;
  pthread_mutex_lock(&self->lock);
  while (self->visible < atomic_load(&self->base.produced) && !late) late = pthread_cond_timedwait(&self->changed, &self->lock, &until);
  pthread_mutex_unlock(&self->lock);
  if (late) return tx_fail(error, TX_ERROR_IO, "a row was held back");
  return source(&self->base, record, error);
}

static tx_status live_sink(void *context, const tx_record *record, const void *target, tx_error *error)
{
  live *self = context;
  return sink(&self->base, record, target, error);
}

static tx_status live_flush(void *context, tx_error *error)
{
  live *self = context;
  tx_status status = flush(&self->base, error);
  pthread_mutex_lock(&self->lock);
  self->visible = self->base.flushed;
  pthread_cond_signal(&self->changed);
  pthread_mutex_unlock(&self->lock);
  return status;
}

static void test_live(void **state)
{
  live self;
  tx_pipeline_options options = make_options(3, 64);
  tx_pipeline_steps steps = {live_source, &self, compute, &self.base, live_sink, live_flush, &self};
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&self.base, 40);
  pthread_mutex_init(&self.lock, NULL);
  pthread_cond_init(&self.changed, NULL);
  self.visible = 0;
  assert_int_equal(tx_pipeline_run(&options, &steps, &stats, &error), TX_OK);
  assert_int_equal(stats.records, 40);
  assert_int_equal(self.base.flushes, 40);
  pthread_cond_destroy(&self.changed);
  pthread_mutex_destroy(&self.lock);
  finish(&self.base);
}

/* ---- balance: a thread that is held up keeps nothing but its group from the others ---- */

enum { HELD = 100, BALANCE_THREADS = 2 };

typedef struct balance {
  fixture base;
  atomic_size_t computed; /* records */
  size_t held_group;      /* size of the group that waited for all others */
} balance;

/* Waits until so many records are read, or computed. */
static bool wait_for(const double until, atomic_uint_fast64_t *produced, atomic_size_t *computed, size_t count)
{
  while ((produced ? (size_t)atomic_load(produced) : atomic_load(computed)) < count) {
    if (now() > until) return false;
    sleep_microseconds(500);
  }
  return true;
}

static tx_status balance_compute(void *context, size_t thread, const tx_record *records, void *const *results, size_t count,
                                 size_t *ret_computed, tx_error *error)
{
  balance *self = context;
  bool good = true;
  uint64_t first = records[0].number, last = records[count - 1].number;
  tx_status status = compute(&self->base, thread, records, results, count, ret_computed, error);
  if (first == 1) { /* the backlog builds up */
    good = wait_for(now() + 20, &self->base.produced, NULL, self->base.count);
    sleep_microseconds(20000);
  }
  if (first <= HELD && last >= HELD) {
    self->held_group = count;
    good = wait_for(now() + 20, NULL, &self->computed, self->base.count - count);
  }
  if (!good) return tx_fail(error, TX_ERROR_IO, "the others wait for a thread that is held up");
  atomic_fetch_add(&self->computed, count);
  return status;
}

static void test_balance(void **state)
{
  balance self;
  tx_pipeline_options options = make_options(BALANCE_THREADS, 64);
  tx_pipeline_steps steps = {source, &self.base, balance_compute, &self, sink, flush, &self.base};
  tx_pipeline_stats stats;
  tx_error error = {0};
  (void)state;
  start(&self.base, 110); /* two batches or three: the last is begun by one thread, and ended by the other */
  self.base.longest = 0; /* all cost the same */
  atomic_init(&self.computed, 0);
  self.held_group = 0;
  if (tx_pipeline_run(&options, &steps, &stats, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(stats.records, 110);
  assert_in_range(self.held_group, 1, 3); /* few records are left by then, so that the group is smaller than under load */
  finish(&self.base);
}

/* ---- a source that waits for a silent pipe ---- */

typedef struct silent {
  fixture base;
  int pipe[2];
  atomic_bool returned;
} silent;

static volatile int alarm_stop;

static void on_alarm(int number)
{
  (void)number;
  alarm_stop = 1;
}

static tx_status silent_source(void *context, tx_record *record, tx_error *error)
{
  silent *self = context;
  char letter;
  if (atomic_load(&self->base.produced) < 3) return source(&self->base, record, error);
  while (read(self->pipe[0], &letter, 1) > 0) continue;
  atomic_store(&self->returned, true);
  return TX_END;
}

static tx_status run_silent(silent *self, bool abandon, tx_pipeline_stats *stats, tx_error *error)
{
  tx_pipeline_options options = make_options(2, 64);
  tx_pipeline_steps steps = {silent_source, self, compute, &self->base, sink, flush, &self->base};
  options.stop = &alarm_stop;
  options.abandon_source = abandon;
  return tx_pipeline_run(&options, &steps, stats, error);
}

static void test_silent_source_is_left(void **state)
{
  static silent self; /* outlives the run, as the contract asks */
  struct sigaction action;
  tx_pipeline_stats stats;
  tx_error error;
  double started = now();
  (void)state;
  start(&self.base, 3);
  atomic_init(&self.returned, false);
  assert_int_equal(pipe(self.pipe), 0);
  memset(&action, 0, sizeof action);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
  alarm_stop = 0;
  alarm(1);
  assert_int_equal(run_silent(&self, true, &stats, &error), TX_STOPPED);
  assert_true(stats.source_abandoned);
  assert_int_equal(stats.records, 3);
  assert_int_equal(self.base.flushed, 3);
  assert_true(now() - started < 8);
  assert_false(atomic_load(&self.returned));
  close(self.pipe[1]); /* now it returns, and frees what the pipeline held */
  while (!atomic_load(&self.returned)) sleep_microseconds(1000);
  sleep_microseconds(100000);
  close(self.pipe[0]);
  finish(&self.base);
}

static tx_status slow_source(void *context, tx_record *record, tx_error *error)
{
  silent *self = context;
  if (atomic_load(&self->base.produced) < 3) return source(&self->base, record, error);
  sleep_microseconds(1500000);
  atomic_store(&self->returned, true);
  return TX_END;
}

/* Without leave to abandon it the run waits for the source, so that its context may be freed. */
static void test_slow_source_is_waited_for(void **state)
{
  silent self;
  tx_pipeline_options options = make_options(2, 64);
  tx_pipeline_steps steps = {slow_source, &self, compute, &self.base, sink, flush, &self.base};
  tx_pipeline_stats stats;
  tx_error error;
  (void)state;
  start(&self.base, 3);
  atomic_init(&self.returned, false);
  self.base.fail_sink = 3; /* once this record is in the line, the source has been called again */
  assert_int_equal(tx_pipeline_run(&options, &steps, &stats, &error), TX_ERROR_PIPE);
  assert_true(atomic_load(&self.returned));
  assert_false(stats.source_abandoned);
  finish(&self.base);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_bytes_in_order),
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_source_error),
      cmocka_unit_test(test_compute_error),
      cmocka_unit_test(test_first_of_two_errors),
      cmocka_unit_test(test_balance),
      cmocka_unit_test(test_sink_error),
      cmocka_unit_test(test_flush_error),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_bounded),
      cmocka_unit_test(test_long_records),
      cmocka_unit_test(test_live),
      cmocka_unit_test(test_silent_source_is_left),
      cmocka_unit_test(test_slow_source_is_waited_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
