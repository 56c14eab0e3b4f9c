/* Speed of each kernel of the CPU level in use, beside the machine's peaks measured in the same run. The
   kernels are those of kernel_list.c; every thread runs the same one on buffers of its own. */
#include "bench.h"
#include "kernel_list.h"
#include "report.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 64 };

typedef struct options {
  uint64_t threads, repeats;
  double seconds;
  char filter[TX_TEXT_SIZE], json[TX_TEXT_SIZE];
} options;

static const tx_param params[] = {
    {"threads", 0, TX_PARAM_COUNT, offsetof(options, threads), 1, THREADS_MAX, "1", "N", "",
     "Threads, each with its own data."},
    {"seconds", 0, TX_PARAM_REAL, offsetof(options, seconds), 0, 10, "0.03", "S", "",
     "Seconds of one repeat."},
    {"repeats", 0, TX_PARAM_COUNT, offsetof(options, repeats), 1, 1000, "5", "N", "",
     "Repeats of a kernel; the best counts."},
    {"filter", 0, TX_PARAM_TEXT, offsetof(options, filter), 0, 0, "", "TEXT", "",
     "Only kernels whose name has this in it."},
    {"json", 0, TX_PARAM_OUTPUT, offsetof(options, json), 0, 0, "", "FILE", "",
     "Write the results as JSON; - is standard output."},
};

/* Everything that the threads share while one kernel is measured. */
typedef struct measurement {
  const tx_bench_kernel *kernel;
  tx_bench_thread threads[THREADS_MAX];
  const float *values; /* what the buffers hold at first */
  size_t calls;
  bool restore_only;
} measurement;

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

static size_t buffer_elements(const tx_bench_kernel *kernel, tx_bench_buffer buffer)
{
  if (buffer == TX_BENCH_SCRATCH) return tx_bench_kernel_scratch();
  if (buffer >= TX_BENCH_WEIGHT) return larger(tx_bench_kernel_weight(kernel), kernel->n);
  return kernel->m * larger(kernel->n, kernel->k);
}

/* Buffers for the largest kernel that is asked for. They start at different places of a page, so that equal
   indices of two of them do not fall into the same set of the first cache. */
static void allocate(measurement *m, size_t threads, const char *filter)
{
  const tx_kernels *kernels = tx_kernels_current();
  size_t rows = 1, elements[TX_BENCH_BUFFERS] = {0};
  for (size_t i = 0; i < tx_bench_kernel_count; i++) {
    const tx_bench_kernel *kernel = &tx_bench_kernels[i];
    if (!strstr(kernel->name, filter)) continue;
    rows = larger(rows, kernel->m);
    for (tx_bench_buffer b = 0; b < TX_BENCH_BUFFERS; b++)
      elements[b] = larger(elements[b], buffer_elements(kernel, b));
  }
  for (size_t t = 0; t < threads; t++) {
    tx_bench_thread *thread = &m->threads[t];
    thread->kernels = kernels;
    for (tx_bench_buffer b = 0; b < TX_BENCH_BUFFERS; b++)
      thread->buffers[b] =
          (float *)tx_bench_must(tx_calloc_aligned(elements[b] + 4096, sizeof(float))) + 80 * (size_t)b;
    thread->starts = tx_bench_must(calloc(2, sizeof *thread->starts));
    thread->ids = tx_bench_must(calloc(rows, sizeof *thread->ids));
  }
  {
    const size_t count =
        larger(elements[TX_BENCH_OUT], larger(elements[TX_BENCH_WEIGHT], elements[TX_BENCH_SCRATCH]));
    float *values = tx_bench_must(tx_malloc_aligned(count, sizeof *values));
    tx_random stream;
    tx_random_seed(&stream, 1, 0, 0, 0);
    for (size_t i = 0; i < count; i++) values[i] = (float)(2 * tx_random_real(&stream) - 1);
    m->values = values;
  }
}

/* The same values for every kernel, whatever ran before. */
static void fill(const measurement *m, tx_bench_thread *thread)
{
  const tx_bench_kernel *kernel = m->kernel;
  tx_random stream;
  for (tx_bench_buffer b = 0; b < TX_BENCH_SCRATCH; b++)
    memcpy(thread->buffers[b], m->values, buffer_elements(kernel, b) * sizeof(float));
  for (size_t i = 0; i < buffer_elements(kernel, TX_BENCH_POSITIVE); i++)
    thread->buffers[TX_BENCH_POSITIVE][i] = fabsf(m->values[i]);
  tx_random_seed(&stream, 2, 0, 0, 0);
  for (size_t i = 0; i < kernel->m; i++) thread->ids[i] = (int32_t)tx_random_below(&stream, kernel->k);
  thread->starts[1] = (uint32_t)kernel->m;
  if (kernel->prepare) kernel->prepare(kernel, thread);
}

static void kernel_task(void *context, size_t item, size_t thread)
{
  measurement *m = context;
  const tx_bench_kernel *kernel = m->kernel;
  tx_bench_thread *t = &m->threads[item];
  (void)thread;
  for (size_t call = 0; call < m->calls; call++) {
    if (kernel->restore) {
      memcpy(t->buffers[TX_BENCH_OUT], m->values, kernel->m * kernel->n * sizeof(float));
      __asm__ volatile("" : : : "memory"); /* the copy is made even if nothing reads it */
    }
    if (!m->restore_only) kernel->run(kernel, t);
  }
}

/* Seconds of one call while every thread makes them. */
static double call_seconds(measurement *m, tx_pool *pool, const options *given)
{
  const size_t threads = tx_pool_threads(pool);
  m->calls = 1;
  while (tx_bench_best(pool, 1, threads, kernel_task, m) < 0.6 * given->seconds) m->calls *= 2;
  return tx_bench_best(pool, given->repeats, threads, kernel_task, m) / (double)m->calls;
}

static void measure(measurement *m, tx_pool *pool, const options *given, const tx_bench_peaks *peaks,
                    tx_bench_report *report)
{
  const tx_bench_kernel *kernel = m->kernel;
  tx_bench_result result = {.elements = (double)(kernel->m * kernel->n)};
  double one;
  for (size_t t = 0; t < peaks->threads; t++) fill(m, &m->threads[t]);
  m->restore_only = false;
  one = call_seconds(m, pool, given);
  if (kernel->restore) {
    double copy;
    m->restore_only = true;
    copy = call_seconds(m, pool, given);
    one -= copy < 0.9 * one ? copy : 0;
  }
  if (kernel->operations > 0)
    tx_bench_rate_operations(&result, peaks, kernel->format, kernel->operations, one);
  else
    tx_bench_rate_bytes(&result, peaks, tx_bench_memory_of(peaks, (size_t)kernel->bytes), kernel->bytes, one);
  if (kernel->k > 1)
    snprintf(result.name, sizeof result.name, "%s %zux%zux%zu", kernel->name, kernel->m, kernel->n,
             kernel->k);
  else
    snprintf(result.name, sizeof result.name, "%s %zux%zu", kernel->name, kernel->m, kernel->n);
  tx_bench_report_add(report, &result);
}

int main(int argument_count, char **arguments)
{
  static options given;
  static measurement m;
  tx_bench_report report = {.program = "bench_kernels"};
  tx_bench_peaks peaks;
  tx_pool *pool;
  tx_error error;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  tx_bench_must_do(tx_pool_create(given.threads, &pool, &error), &error);
  if (!tx_bench_measure_peaks(pool, given.seconds, &peaks)) tx_bench_must(NULL);
  tx_bench_report_peaks(&report, &peaks);
  allocate(&m, given.threads, given.filter);
  for (size_t i = 0; i < tx_bench_kernel_count; i++) {
    m.kernel = &tx_bench_kernels[i];
    if (strstr(m.kernel->name, given.filter)) measure(&m, pool, &given, &peaks, &report);
  }
  tx_pool_free(pool);
  return tx_bench_report_close(&report, given.json) ? 0 : 1;
}
