/* The ordered pipeline with made-up steps: order under random delays, groups, bounded read-ahead, live input,
   errors at every stage. */
#include "base/wait.h"
#include "unit/pipeline_fixture.h"

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

/* However slow the sink, the source is at most the batches in flight ahead of it, and the record in its
   hand. */
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
  while (self->visible < atomic_load(&self->base.produced) && !late)
    late = pthread_cond_timedwait(&self->changed, &self->lock, &until);
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
  __atomic_store_n(&alarm_stop, 1, __ATOMIC_RELAXED);
}

static tx_status silent_source(void *context, tx_record *record, tx_error *error)
{
  silent *self = context;
  if (atomic_load(&self->base.produced) < 3) return source(&self->base, record, error);
  assert_false(tx_wait_read(self->pipe[0], &alarm_stop));
  atomic_store(&self->returned, true);
  return TX_STOPPED;
}

/* A run and its source see the same stop: both end, and the rows so far are out. */
static void test_silent_source_is_stopped(void **state)
{
  silent self;
  tx_pipeline_options options = make_options(2, 64);
  tx_pipeline_steps steps = {silent_source, &self, compute, &self.base, sink, flush, &self.base};
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
  options.stop = &alarm_stop;
  assert_int_equal(tx_pipeline_run(&options, &steps, &stats, &error), TX_STOPPED);
  assert_int_equal(stats.records, 3);
  assert_int_equal(self.base.flushed, 3);
  assert_true(now() - started < 8);
  assert_true(atomic_load(&self.returned));
  close(self.pipe[1]);
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

/* A run waits for the source, so that its context may be freed. */
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
      cmocka_unit_test(test_sink_error),
      cmocka_unit_test(test_flush_error),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_bounded),
      cmocka_unit_test(test_long_records),
      cmocka_unit_test(test_live),
      cmocka_unit_test(test_silent_source_is_stopped),
      cmocka_unit_test(test_slow_source_is_waited_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
