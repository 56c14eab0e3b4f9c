/* Speed of the encoder, forward and training step, beside the machine's float32 peak measured in the same run.
   usage: bench_encoder [d_model [headdim [tokens [classes [threads]]]]]   (384 48 110 1653 2)
   Output: one line per figure; GFLOP/s counts two operations per multiply-add of the matrix products. */
#include "base/cpu.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/random.h"
#include "nn/network.h"
#include "tensor/kernels.h"
#include "tensor/loss.h"

#include <stdio.h>
#include <stdlib.h>
#include <taxamba/runtime.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { FORWARD_RECORDS = 8, STEP_RECORDS = 8, THREADS_MAX = 64, REPEATS = 5 };

/* ---- the machine's peak: independent multiply-adds in registers ---- */

enum { PEAK_STEPS = 2000000, PEAK_CHAINS = 16 };

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static float peak_avx512(void)
{
  __m512 c0 = _mm512_setzero_ps(), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0, c8 = c0, c9 = c0, c10 = c0, c11 = c0,
         c12 = c0, c13 = c0, c14 = c0, c15 = c0;
  const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  for (int i = 0; i < PEAK_STEPS; i++) {
#define STEP512(c) c = _mm512_fmadd_ps(c, a, b);
    STEP512(c0) STEP512(c1) STEP512(c2) STEP512(c3) STEP512(c4) STEP512(c5) STEP512(c6) STEP512(c7)
    STEP512(c8) STEP512(c9) STEP512(c10) STEP512(c11) STEP512(c12) STEP512(c13) STEP512(c14) STEP512(c15)
    /* The values are kept alive, so that the loop is not folded away. */
    __asm__ volatile("" : "+v"(c0), "+v"(c1), "+v"(c2), "+v"(c3), "+v"(c4), "+v"(c5), "+v"(c6), "+v"(c7));
    __asm__ volatile("" : "+v"(c8), "+v"(c9), "+v"(c10), "+v"(c11), "+v"(c12), "+v"(c13), "+v"(c14), "+v"(c15));
  }
  return _mm512_reduce_add_ps(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11 + c12 + c13 + c14 + c15);
}

__attribute__((target("avx2,fma"))) static float peak_avx2(void)
{
  __m256 c0 = _mm256_setzero_ps(), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0, c8 = c0, c9 = c0, c10 = c0, c11 = c0;
  const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  float out[8];
  for (int i = 0; i < PEAK_STEPS; i++) {
#define STEP256(c) c = _mm256_fmadd_ps(c, a, b);
    STEP256(c0) STEP256(c1) STEP256(c2) STEP256(c3) STEP256(c4) STEP256(c5) STEP256(c6) STEP256(c7)
    STEP256(c8) STEP256(c9) STEP256(c10) STEP256(c11)
    __asm__ volatile("" : "+x"(c0), "+x"(c1), "+x"(c2), "+x"(c3), "+x"(c4), "+x"(c5));
    __asm__ volatile("" : "+x"(c6), "+x"(c7), "+x"(c8), "+x"(c9), "+x"(c10), "+x"(c11));
  }
  _mm256_storeu_ps(out, c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
  return out[0];
}
#endif

static float sinks[THREADS_MAX];

static void peak_task(void *context, size_t item, size_t thread)
{
  (void)context;
  (void)item;
#if defined(__x86_64__)
  sinks[thread] = tx_cpu_current() == TX_CPU_AVX512 ? peak_avx512() : tx_cpu_current() == TX_CPU_AVX2 ? peak_avx2() : 0;
#else
  sinks[thread] = 0;
#endif
}

static double peak_flops(void)
{
  return tx_cpu_current() == TX_CPU_AVX512 ? 2.0 * 16 * 16 * PEAK_STEPS : tx_cpu_current() == TX_CPU_AVX2 ? 2.0 * 12 * 8 * PEAK_STEPS : 0;
}

/* ---- the encoder ---- */

typedef struct bench {
  tx_dims dims;
  float *flat;
  const float **weights;
  void *packed;
  int32_t *ids;
  uint32_t starts[STEP_RECORDS + 1];
  tx_work *inference[THREADS_MAX], *training[THREADS_MAX];
  float *gradients[THREADS_MAX];
} bench;

static void forward_task(void *context, size_t item, size_t thread)
{
  bench *b = context;
  const tx_pack pack = {.sequences = FORWARD_RECORDS, .starts = b->starts, .ids = b->ids};
  (void)item;
  tx_network_forward(&b->dims, b->weights, b->packed, &pack, b->inference[thread]);
}

static void step_task(void *context, size_t item, size_t thread)
{
  bench *b = context;
  const tx_pack pack = {.sequences = STEP_RECORDS, .starts = b->starts, .ids = b->ids, .dropout = 0.1f, .dropout_seed = item};
  static const int32_t labels[STEP_RECORDS] = {0};
  tx_network_forward(&b->dims, b->weights, NULL, &pack, b->training[thread]);
  tx_cross_entropy(tx_network_logits(b->training[thread], 0), labels, STEP_RECORDS, b->dims.classes[0], 0.05f, 0.1f, NULL);
  tx_network_backward(&b->dims, b->weights, &pack, b->training[thread], NULL, b->gradients[thread]);
}

/* Best of REPEATS runs of `items` tasks. */
static double best_seconds(tx_pool *pool, size_t items, tx_pool_task task, void *context)
{
  double best = 1e30;
  for (int i = 0; i < REPEATS; i++) {
    const double begin = tx_clock();
    double seconds;
    tx_pool_run(pool, items, task, context);
    seconds = tx_clock() - begin;
    if (seconds < best) best = seconds;
  }
  return best;
}

static void *must(void *pointer)
{
  if (!pointer) {
    fprintf(stderr, "bench_encoder: out of memory\n");
    exit(1);
  }
  return pointer;
}

static tx_work *new_work(const tx_dims *dims, size_t tokens, size_t sequences, bool training)
{
  const size_t size = tx_network_work_size(dims, tokens, sequences, training);
  return tx_network_work_init(dims, tokens, sequences, training, must(tx_calloc_aligned(size, 1)));
}

/* Multiply-adds of the matrix products for one record of `tokens` tokens, doubled: what anchors call its work. */
static double forward_flops(const tx_dims *d, size_t tokens)
{
  const double inner = (double)(d->expand * d->width), width = (double)d->width, heads = inner / (double)d->head_width, t = (double)tokens;
  const double projections = width * (2 * inner + 2 * (double)d->state + heads) + inner * width + 2 * width * (double)d->mlp;
  const double chunk = tokens < TX_SSD_CHUNK ? t : TX_SSD_CHUNK;
  const double ssd = chunk * (double)d->state + chunk * inner;
  return 2 * ((double)d->layers * t * (projections + ssd) + width * (double)d->classes[0]);
}

int main(int argument_count, char **arguments)
{
  size_t values[5] = {384, 48, 110, 1653, 2};
  bench b = {0};
  for (int i = 1; i < argument_count && i <= 5; i++) values[i - 1] = strtoul(arguments[i], NULL, 10);
  b.dims = (tx_dims){.vocabulary = values[2] > 300 ? 8 : 4104, .width = values[0], .layers = 2, .state = 64, .head_width = values[1],
                     .expand = 2, .kernel = 4, .mlp = 4 * values[0], .ranks = 1, .classes = {values[3]}};
  if (tx_dims_fault(&b.dims) || values[4] < 1 || values[4] > THREADS_MAX) {
    fprintf(stderr, "bench_encoder: %s\n", tx_dims_fault(&b.dims) ? tx_dims_fault(&b.dims) : "bad number of threads");
    return 2;
  }
  {
    const size_t count = tx_layout_count(&b.dims), tokens = values[2];
    tx_random stream;
    b.flat = must(tx_calloc_aligned(tx_layout_elements(&b.dims), sizeof(float)));
    b.weights = must(calloc(count, sizeof *b.weights));
    tx_layout_initialise(&b.dims, 1, b.flat);
    for (size_t i = 0; i < count; i++) {
      tx_tensor_info info;
      tx_layout_tensor(&b.dims, i, &info);
      b.weights[i] = b.flat + info.offset;
    }
    b.packed = must(tx_calloc_aligned(tx_network_packed_size(&b.dims) + 64, 1));
    tx_network_pack(&b.dims, b.weights, b.packed);
    b.ids = must(calloc(STEP_RECORDS * tokens, sizeof *b.ids));
    tx_random_seed(&stream, 1, 0, 0, 0);
    for (size_t i = 0; i < STEP_RECORDS * tokens; i++) b.ids[i] = (int32_t)tx_random_below(&stream, b.dims.vocabulary);
    for (size_t i = 0; i <= STEP_RECORDS; i++) b.starts[i] = (uint32_t)(i * tokens);
    for (size_t i = 0; i < values[4]; i++) {
      b.inference[i] = new_work(&b.dims, FORWARD_RECORDS * tokens, FORWARD_RECORDS, false);
      b.training[i] = new_work(&b.dims, STEP_RECORDS * tokens, STEP_RECORDS, true);
      b.gradients[i] = must(tx_calloc_aligned(tx_layout_elements(&b.dims), sizeof(float)));
    }
    printf("cpu level %s, d_model %zu, headdim %zu, %zu tokens, %zu classes, %.3f GFLOP per record forward\n", tx_cpu(), values[0], values[1],
           tokens, values[3], forward_flops(&b.dims, tokens) * 1e-9);
    for (size_t threads = 1; threads <= values[4]; threads++) {
      tx_pool *pool;
      tx_error error;
      double peak, forward, step;
      if (tx_pool_create(threads, &pool, &error) != TX_OK) {
        fprintf(stderr, "bench_encoder: %s\n", error.message);
        return 1;
      }
      peak = (double)threads * peak_flops() / best_seconds(pool, threads, peak_task, NULL) * 1e-9;
      forward = (double)(threads * 8 * FORWARD_RECORDS) / best_seconds(pool, threads * 8, forward_task, &b);
      step = (double)(threads * 2 * STEP_RECORDS) / best_seconds(pool, threads * 2, step_task, &b);
      printf("threads %zu  float32 peak      %8.1f GFLOP/s\n", threads, peak);
      printf("threads %zu  forward           %8.1f records/s  %7.1f GFLOP/s  %5.1f %% of peak\n", threads, forward,
             forward * forward_flops(&b.dims, tokens) * 1e-9, peak > 0 ? 100 * forward * forward_flops(&b.dims, tokens) * 1e-9 / peak : 0);
      printf("threads %zu  training step     %8.1f records/s  %7.1f GFLOP/s  %5.1f %% of peak\n", threads, step,
             3 * step * forward_flops(&b.dims, tokens) * 1e-9, peak > 0 ? 300 * step * forward_flops(&b.dims, tokens) * 1e-9 / peak : 0);
      tx_pool_free(pool);
    }
  }
  return 0;
}
