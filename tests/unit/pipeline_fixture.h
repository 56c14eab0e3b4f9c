/* Made-up steps for tests of the ordered pipeline: records of random letters, a hash as their result, delays
   and faults on demand. */
#ifndef TX_TESTS_PIPELINE_FIXTURE_H
#define TX_TESTS_PIPELINE_FIXTURE_H

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
  /* record numbers, from 1; flushes from 1 */
  uint64_t count, fail_source, fail_compute, fail_sink, fail_flush;
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

static inline void start(fixture *self, uint64_t count)
{
  memset(self, 0, sizeof *self);
  self->count = count;
  self->fail_source = self->fail_compute = self->fail_sink = self->fail_flush = self->fail_late =
      self->stop_at = NEVER;
  self->longest = 300;
}

static inline void finish(fixture *self)
{
  free(self->text);
  tx_bytes_free(&self->rows);
}

static inline void sleep_microseconds(uint64_t microseconds)
{
  struct timespec time = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
  nanosleep(&time, NULL);
}

static inline double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static inline tx_status source(void *context, tx_record *record, tx_error *error)
{
  fixture *self = context;
  uint64_t number = atomic_load(&self->produced) + 1;
  tx_random random;
  size_t length;
  if (number == self->fail_source)
    return tx_fail_at(error, TX_ERROR_DATA, "made.fa", number, number, "a made-up fault");
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
  for (size_t i = 0; i < length; i++)
    self->text[record->id_length + 1 + i] = "ACGTN"[tx_random_below(&random, 5)];
  self->text[record->id_length + 1 + length] = '\0';
  snprintf(self->file, sizeof self->file, "file%" PRIu64 ".fa", number / 10);
  record->file = self->file;
  record->line = 3 * number;
  record->number = number;
  record->size = number % 3; /* sources of callers need not set it */
  record->tag = (const void *)(uintptr_t)number;
  atomic_store(&self->produced, number);
  return TX_OK;
}

static inline tx_status compute_one(fixture *self, const tx_record *record, void *target, tx_error *error)
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
  for (size_t i = 0; i < record->base_count; i++)
    answer->hash = (answer->hash ^ (unsigned char)record->bases[i]) * 1099511628211u;
  memset(answer->padding, 0, sizeof answer->padding);
  return TX_OK;
}

static inline tx_status compute(void *context, size_t thread, const tx_record *records, void *const *results,
                                size_t count, size_t *ret_computed, tx_error *error)
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

static inline tx_status sink(void *context, const tx_record *record, const void *target, tx_error *error)
{
  fixture *self = context;
  const result *answer = target;
  uint64_t ahead = atomic_load(&self->produced) - self->taken;
  if (self->sink_delay) sleep_microseconds(self->sink_delay);
  if (ahead > self->furthest) self->furthest = ahead;
  if (record->number == self->fail_sink) return tx_fail(error, TX_ERROR_PIPE, "gone");
  if (record->bases[record->base_count] || record->id[record->id_length] || *record->comment)
    return tx_fail(error, TX_ERROR_USAGE, "a string without its NUL");
  if ((uintptr_t)record->tag != record->number) return tx_fail(error, TX_ERROR_USAGE, "another tag");
  if (record->size != (record->number % 3 ? record->number % 3 : 1))
    return tx_fail(error, TX_ERROR_USAGE, "another size");
  tx_bytes_printf(&self->rows, "%s %zu %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n", record->id,
                  record->base_count, record->file, record->line, record->number, answer->number,
                  answer->hash);
  self->taken++;
  if (self->taken == self->stop_at) self->stop = 1;
  return TX_OK;
}

static inline tx_status flush(void *context, tx_error *error)
{
  fixture *self = context;
  self->flushes++;
  self->flushed = self->taken;
  if (self->flushes == self->fail_flush) return tx_fail(error, TX_ERROR_IO, "disk full");
  return TX_OK;
}

static inline tx_pipeline_options make_options(size_t threads, size_t batch)
{
  return (tx_pipeline_options){.threads = threads,
                               .batch = batch,
                               .group_records = GROUP,
                               .group_bases = GROUP_BASES,
                               .result_size = sizeof(result)};
}

#endif
