/* Speed of the encoder, forward and training step, beside the machine's peaks measured in the same run. FLOP
   count two operations per multiply-add of the matrix products; a training step is three times its
   forward. */
#include "bench.h"
#include "report.h"

#include "base/memory.h"
#include "base/random.h"
#include "nn/inference.h"
#include "tensor/kernels.h"
#include "tensor/loss.h"

#include <stdio.h>
#include <stdlib.h>

/* records of a pack; packs of a thread in one repeat */
enum { RECORDS = 8, THREADS_MAX = 64, FORWARDS = 8, STEPS = 2 };

typedef struct options {
  uint64_t width, head_width, tokens, classes, threads, repeats;
  double seconds;
  char json[TX_TEXT_SIZE];
} options;

static const tx_param params[] = {
    {"d-model", 0, TX_PARAM_COUNT, offsetof(options, width), 1, 65536, "384", "N", "",
     "Width of the network."},
    {"headdim", 0, TX_PARAM_COUNT, offsetof(options, head_width), 1, 65536, "48", "N", "",
     "Width of a head."},
    {"tokens", 0, TX_PARAM_COUNT, offsetof(options, tokens), 0, 100000, "0", "N", "",
     "Tokens of a record; 0 for 110 (6-mers) and then 660 (single bases)."},
    {"classes", 0, TX_PARAM_COUNT, offsetof(options, classes), 2, 10000000, "1653", "N", "",
     "Classes of the one head."},
    {"threads", 0, TX_PARAM_COUNT, offsetof(options, threads), 1, THREADS_MAX, "2", "N", "",
     "With 1 thread, 2, ... N threads."},
    {"repeats", 0, TX_PARAM_COUNT, offsetof(options, repeats), 1, 1000, "5", "N", "",
     "Repeats; the best counts."},
    {"seconds", 0, TX_PARAM_REAL, offsetof(options, seconds), 0, 10, "0.03", "S", "",
     "Seconds of one repeat of a peak."},
    {"json", 0, TX_PARAM_OUTPUT, offsetof(options, json), 0, 0, "", "FILE", "",
     "Write the results as JSON; - is standard output."},
};

/* How the network computes. One line each; encoder_new, forward and train_step look at it. */
typedef struct precision {
  const char *name;
  tx_precision precision;
  tx_bench_format format; /* whose peak is the limit */
  bool trains;
} precision;

static const precision precisions[] = {{"float32", TX_PRECISION_FLOAT32, TX_BENCH_FLOAT32, true},
                                       {"bf16", TX_PRECISION_BF16, TX_BENCH_BF16, true},
                                       {"int8", TX_PRECISION_INT8, TX_BENCH_INT8, false}};

/* A network of random weights, random records, and a workspace of each kind per thread. */
typedef struct encoder {
  const precision *precision;
  tx_dims dims;
  size_t tokens, threads;
  float *flat;
  const float **weights;
  tx_inference_weights *packed;
  int32_t *ids;
  uint32_t starts[RECORDS + 1];
  tx_inference_work *inference[THREADS_MAX];
  tx_work *training[THREADS_MAX];
  float *gradients[THREADS_MAX];
} encoder;

static tx_work *new_training(const encoder *e)
{
  const size_t tokens = RECORDS * e->tokens,
               size = tx_network_work_size(&e->dims, e->precision->precision, tokens, RECORDS);
  return tx_network_work_init(&e->dims, e->precision->precision, tokens, RECORDS,
                              tx_bench_must(tx_calloc_aligned(size, 1)));
}

static tx_inference_work *new_inference(const encoder *e)
{
  const size_t size = tx_inference_work_size(&e->dims, e->precision->precision, RECORDS);
  return tx_inference_work_init(e->packed, RECORDS, tx_bench_must(tx_calloc_aligned(size, 1)));
}

static void forward(encoder *e, size_t thread)
{
  const tx_pack pack = {.sequences = RECORDS, .starts = e->starts, .ids = e->ids};
  tx_inference_forward(e->packed, &pack, e->inference[thread]);
}

static void train_step(encoder *e, size_t thread, size_t item)
{
  static const int32_t labels[RECORDS] = {0};
  const tx_pack pack = {
      .sequences = RECORDS, .starts = e->starts, .ids = e->ids, .dropout = 0.1f, .dropout_seed = item};
  tx_network_forward(&e->dims, e->weights, &pack, e->training[thread]);
  tx_cross_entropy(tx_network_outputs(e->training[thread], 0), labels, RECORDS, e->dims.heads[0].size, 0.05f,
                   0.1f, NULL);
  tx_network_backward(&e->dims, e->weights, &pack, e->training[thread], NULL, e->gradients[thread]);
}

static void encoder_new(const tx_dims *dims, size_t tokens, size_t threads, const precision *how, encoder *e)
{
  const size_t count = tx_layout_count(dims);
  tx_random stream;
  *e = (encoder){.precision = how, .dims = *dims, .tokens = tokens, .threads = threads};
  e->flat = tx_bench_must(tx_calloc_aligned(tx_layout_elements(dims), sizeof(float)));
  e->weights = tx_bench_must(calloc(count, sizeof *e->weights));
  tx_layout_initialise(dims, 1, e->flat);
  for (size_t i = 0; i < count; i++) {
    tx_tensor_info info;
    tx_layout_tensor(dims, i, &info);
    e->weights[i] = e->flat + info.offset;
  }
  e->packed = tx_inference_weights_init(
      dims, e->weights, how->precision,
      tx_bench_must(tx_malloc_aligned(tx_inference_weights_size(dims, how->precision), 1)));
  e->ids = tx_bench_must(calloc(RECORDS * tokens, sizeof *e->ids));
  tx_random_seed(&stream, 1, 0, 0, 0);
  for (size_t i = 0; i < RECORDS * tokens; i++)
    e->ids[i] = (int32_t)tx_random_below(&stream, dims->vocabulary);
  for (size_t i = 0; i <= RECORDS; i++) e->starts[i] = (uint32_t)(i * tokens);
  for (size_t i = 0; i < threads; i++) {
    e->inference[i] = new_inference(e);
    if (!how->trains) continue;
    e->training[i] = new_training(e);
    e->gradients[i] = tx_bench_must(tx_calloc_aligned(tx_layout_elements(dims), sizeof(float)));
  }
}

static void encoder_free(encoder *e)
{
  for (size_t i = 0; i < e->threads; i++) {
    free(e->inference[i]);
    free(e->training[i]);
    free(e->gradients[i]);
  }
  free(e->ids);
  free(e->packed);
  free(e->weights);
  free(e->flat);
}

static void forward_task(void *context, size_t item, size_t thread)
{
  (void)item;
  forward(context, thread);
}

static void step_task(void *context, size_t item, size_t thread)
{
  train_step(context, thread, item);
}

/* Operations of the matrix products for one record's forward. */
static double forward_operations(const encoder *e)
{
  const tx_dims *d = &e->dims;
  const double inner = (double)(d->expand * d->width), width = (double)d->width,
               heads = inner / (double)d->head_width;
  const double projections =
      width * (2 * inner + 2 * (double)d->state + heads) + inner * width + 2 * width * (double)d->mlp;
  const double chunk = e->tokens < TX_SSD_CHUNK ? (double)e->tokens : TX_SSD_CHUNK;
  const double ssd = chunk * (double)d->state + chunk * inner;
  return 2 * ((double)d->layers * (double)e->tokens * (projections + ssd) + width * (double)d->heads[0].size);
}

/* What is measured: so many packs by each thread, each of so many operations per record. */
typedef struct job {
  const char *name;
  tx_pool_task task;
  size_t packs;
  double operations;
} job;

static void measure(const job *j, encoder *e, const options *given, tx_pool *pool,
                    const tx_bench_peaks *peaks, tx_bench_report *report)
{
  const size_t items = peaks->threads * j->packs;
  const double seconds = tx_bench_best(pool, given->repeats, items, j->task, e),
               records = (double)(j->packs * RECORDS);
  tx_bench_result rate = {0};
  snprintf(rate.name, sizeof rate.name, "%s %s, %zu tokens", j->name, e->precision->name, e->tokens);
  tx_bench_rate_operations(&rate, peaks, e->precision->format, j->operations, seconds / records);
  tx_bench_report_add(report, &rate);
  rate.value = (double)peaks->threads * records / seconds;
  rate.unit = "records/s";
  tx_bench_report_add(report, &rate);
}

static void measure_all(encoder *e, const options *given, tx_pool *pool, const tx_bench_peaks *peaks,
                        tx_bench_report *report)
{
  const job forwards = {"forward", forward_task, FORWARDS, forward_operations(e)};
  const job steps = {"training step", step_task, STEPS, 3 * forward_operations(e)};
  measure(&forwards, e, given, pool, peaks, report);
  if (e->precision->trains) measure(&steps, e, given, pool, peaks, report);
}

/* One length of records, at every precision. */
static void bench_tokens(const options *given, size_t tokens, tx_pool *pool, const tx_bench_peaks *peaks,
                         tx_bench_report *report)
{
  const tx_dims dims = {.vocabulary = tokens > 300 ? 8 : 4104,
                        .width = given->width,
                        .layers = 2,
                        .state = 64,
                        .head_width = given->head_width,
                        .expand = 2,
                        .kernel = 4,
                        .mlp = 4 * given->width,
                        .head_count = 1,
                        .heads = {{TX_HEAD_TAXA, given->classes}}};
  if (tx_dims_fault(&dims)) {
    fprintf(stderr, "bench_encoder: %s\n", tx_dims_fault(&dims));
    exit(2);
  }
  for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
    encoder e;
    encoder_new(&dims, tokens, peaks->threads, &precisions[i], &e);
    measure_all(&e, given, pool, peaks, report);
    encoder_free(&e);
  }
}

int main(int argument_count, char **arguments)
{
  static options given;
  tx_bench_report report = {.program = "bench_encoder"};
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  for (size_t threads = 1; threads <= given.threads; threads++) {
    tx_bench_peaks peaks;
    tx_pool *pool;
    tx_error error;
    tx_bench_must_do(tx_pool_create(threads, &pool, &error), &error);
    if (!tx_bench_measure_peaks(pool, given.seconds, &peaks)) tx_bench_must(NULL);
    tx_bench_report_peaks(&report, &peaks);
    bench_tokens(&given, given.tokens ? given.tokens : 110, pool, &peaks, &report);
    if (!given.tokens) bench_tokens(&given, 660, pool, &peaks, &report);
    tx_pool_free(pool);
  }
  return tx_bench_report_close(&report, given.json) ? 0 : 1;
}
