/* Time and memory of an optimiser's step on a network's shape: AdamW on everything, KL-Shampoo and KL-SOAP
   with AdamW for the rest. Steps come in cycles from one renewal of the eigenvectors to the next; the time of
   a step is the mean over the best cycle. The processor's time, all threads together, says more than the
   clock's where other programs run. */
#include "bench.h"
#include "report.h"

#include "base/memory.h"
#include "base/random.h"
#include "optim/adamw.h"
#include "optim/kl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <taxamba/runtime.h>
#include <time.h>

enum { THREADS_MAX = 64 };

typedef struct options {
  uint64_t width, head_width, classes, limit, block, frequency, threads, repeats;
  char json[TX_TEXT_SIZE];
} options;

static const tx_param params[] = {
    {"d-model", 0, TX_PARAM_COUNT, offsetof(options, width), 1, 65536, "384", "N", "",
     "Width of the network of two layers."},
    {"headdim", 0, TX_PARAM_COUNT, offsetof(options, head_width), 1, 65536, "48", "N", "",
     "Width of a head."},
    {"classes", 0, TX_PARAM_COUNT, offsetof(options, classes), 2, 10000000, "1653", "N", "",
     "Classes of the one head."},
    {"limit", 0, TX_PARAM_COUNT, offsetof(options, limit), 1, 32768, "4096", "N", "",
     "Longest side of a matrix that is preconditioned."},
    {"block", 0, TX_PARAM_COUNT, offsetof(options, block), 8, 32768, "512", "N", "",
     "Longest side of a block of a matrix."},
    {"frequency", 0, TX_PARAM_COUNT, offsetof(options, frequency), 1, 1000, "10", "N", "",
     "Steps of a cycle."},
    {"threads", 0, TX_PARAM_COUNT, offsetof(options, threads), 1, THREADS_MAX, "2", "N", "",
     "With 1 thread, 2, ... N threads."},
    {"repeats", 0, TX_PARAM_COUNT, offsetof(options, repeats), 1, 1000, "3", "N", "",
     "Cycles; the best counts."},
    {"json", 0, TX_PARAM_OUTPUT, offsetof(options, json), 0, 0, "", "FILE", "",
     "Write the results as JSON; - is standard output."},
};

typedef struct kind {
  const char *name;
  bool matrices, soap;
} kind;

static const kind kinds[] = {{"adamw", false, false}, {"kl-shampoo", true, false}, {"kl-soap", true, true}};

/* Weights, gradients that are new at every step, and the state of both optimisers. */
typedef struct bench {
  tx_dims dims;
  size_t elements;
  uint64_t steps;
  float *weights, *gradients;
  tx_adamw adamw;
  tx_kl kl;
} bench;

static void bench_new(const options *given, const kind *how, size_t threads, bench *b)
{
  const tx_kl_options kl = {.soap = how->soap,
                            .beta1 = 0.9,
                            .beta2 = 0.98,
                            .epsilon = 1e-8,
                            .clamp = 4000,
                            .frequency = given->frequency,
                            .block = (size_t)given->block,
                            .weight_decay = 0.1};
  const tx_adamw_options adamw = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1};
  const tx_group_rules rules = {.encoder_rate = 1,
                                .preconditioner_limit = how->matrices ? (size_t)given->limit : 0};
  tx_parameter_groups groups;
  tx_error error;
  *b = (bench){.dims = {.vocabulary = 4104,
                        .width = given->width,
                        .layers = 2,
                        .state = 64,
                        .head_width = given->head_width,
                        .expand = 2,
                        .kernel = 4,
                        .mlp = 4 * given->width,
                        .head_count = 1,
                        .heads = {{TX_HEAD_TAXA, given->classes}}}};
  if (tx_dims_fault(&b->dims)) {
    fprintf(stderr, "bench_optimiser: %s\n", tx_dims_fault(&b->dims));
    exit(2);
  }
  b->elements = tx_layout_elements(&b->dims);
  b->weights = tx_bench_must(tx_calloc_aligned(b->elements, sizeof *b->weights));
  b->gradients = tx_bench_must(tx_calloc_aligned(b->elements, sizeof *b->gradients));
  tx_layout_initialise(&b->dims, 1, b->weights);
  tx_bench_must_do(tx_parameter_groups_create(&b->dims, &rules, &groups, &error), &error);
  tx_bench_must_do(tx_adamw_create(&groups, &adamw, &b->adamw, &error), &error);
  tx_bench_must_do(tx_kl_create(&groups, &kl, threads, &b->kl, &error), &error);
  tx_parameter_groups_free(&groups);
}

static void bench_free(bench *b)
{
  tx_adamw_free(&b->adamw);
  tx_kl_free(&b->kl);
  free(b->weights);
  free(b->gradients);
}

/* Seconds by the clock and of the processor. */
typedef struct cost {
  double clock, processor;
} cost;

/* One step on random gradients. */
static cost step(bench *b, tx_pool *pool)
{
  const tx_kl_entry *failed;
  tx_random random;
  cost spent;
  clock_t ticks;
  tx_random_seed(&random, 1, b->steps++, 0, 0);
  for (size_t i = 0; i < b->elements; i++)
    b->gradients[i] = 1e-3F * ((float)(tx_random_next(&random) >> 40) / 8388608.0F - 1.0F);
  spent.clock = tx_clock();
  ticks = clock();
  tx_adamw_step(&b->adamw, pool, 1e-3, 1.0F, b->gradients, b->weights);
  if (tx_kl_step(&b->kl, pool, 1e-3, 1.0F, b->gradients, b->weights, &failed) != TX_OK) tx_bench_must(NULL);
  spent.processor = (double)(clock() - ticks) / CLOCKS_PER_SEC;
  spent.clock = tx_clock() - spent.clock;
  return spent;
}

static void report_value(const kind *how, const bench *b, const char *what, double value, const char *unit,
                         tx_bench_result *result, tx_bench_report *report)
{
  snprintf(result->name, sizeof result->name, "%s, %zu wide: %s", how->name, b->dims.width, what);
  result->value = value;
  result->unit = unit;
  tx_bench_report_add(report, result);
}

static void measure(const options *given, const kind *how, tx_pool *pool, tx_bench_report *report)
{
  double best = INFINITY, longest = INFINITY, processor = INFINITY;
  bench b;
  tx_bench_result result = {.threads = tx_pool_threads(pool)};
  bench_new(given, how, tx_pool_threads(pool), &b);
  step(&b, pool); /* the first, with the decomposition of the factors */
  for (uint64_t i = 0; i < given->repeats; i++) {
    double sum = 0, most = 0, sum_processor = 0;
    for (uint64_t j = 0; j < given->frequency; j++) {
      const cost spent = step(&b, pool);
      sum += spent.clock;
      sum_processor += spent.processor;
      most = fmax(most, spent.clock);
    }
    best = fmin(best, sum);
    longest = fmin(longest, most);
    processor = fmin(processor, sum_processor);
  }
  report_value(how, &b, "step", 1e3 * best / (double)given->frequency, "ms", &result, report);
  report_value(how, &b, "step, processor time", 1e3 * processor / (double)given->frequency, "ms", &result,
               report);
  report_value(how, &b, "longest step", 1e3 * longest, "ms", &result, report);
  report_value(how, &b, "state", (double)(2 * b.adamw.elements + b.kl.elements) * sizeof(float) / 1048576.0,
               "MiB", &result, report);
  bench_free(&b);
}

int main(int argument_count, char **arguments)
{
  static options given;
  tx_bench_report report = {.program = "bench_optimiser"};
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  for (size_t threads = 1; threads <= given.threads; threads++) {
    tx_pool *pool;
    tx_error error;
    tx_bench_must_do(tx_pool_create(threads, &pool, &error), &error);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) measure(&given, &kinds[i], pool, &report);
    tx_pool_free(pool);
  }
  return tx_bench_report_close(&report, given.json) ? 0 : 1;
}
