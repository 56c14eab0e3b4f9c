#include "peak.h"

#include "bench.h"

#include "base/cpu.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { REPEATS = 10, ARRAYS = 3, OPERAND_BYTES = 64 };

/* ---- loops of independent multiply-adds ---- */

/* Twelve chains or more hide the latency of what is started twice a cycle and takes five or six. `a` is made
   unknown before each, so that no product is taken out of the loop; the sums are used after it, so that the
   loop stays. */
#define CHAINS_12(DO, KEEP, STEP) \
  DO(0, KEEP, STEP) \
  DO(1, KEEP, STEP) \
  DO(2, KEEP, STEP) \
  DO(3, KEEP, STEP) \
  DO(4, KEEP, STEP) \
  DO(5, KEEP, STEP) \
  DO(6, KEEP, STEP) \
  DO(7, KEEP, STEP) \
  DO(8, KEEP, STEP) \
  DO(9, KEEP, STEP) \
  DO(10, KEEP, STEP) \
  DO(11, KEEP, STEP)
#define CHAINS_16(DO, KEEP, STEP) \
  CHAINS_12(DO, KEEP, STEP) \
  DO(12, KEEP, STEP) \
  DO(13, KEEP, STEP) \
  DO(14, KEEP, STEP) \
  DO(15, KEEP, STEP)
#define CHAIN_NAME(I, KEEP, STEP) c##I = zero,
#define CHAIN_STEP(I, KEEP, STEP) \
  KEEP(a); \
  c##I = STEP(c##I, a, b);
#define CHAIN_USE(I, KEEP, STEP) KEEP(c##I);

#define ARITHMETIC_LOOP(NAME, TARGET, CHAINS, SUM, OPERAND, KEEP, STEP) \
  TARGET static void NAME(const unsigned char *operands, size_t steps) \
  { \
    const SUM zero = {0}; \
    SUM CHAINS(CHAIN_NAME, KEEP, STEP) unused = zero; \
    OPERAND a, b; \
    memcpy(&a, operands, sizeof a); \
    b = a; \
    for (size_t i = 0; i < steps; i++) { \
      CHAINS(CHAIN_STEP, KEEP, STEP) \
    } \
    CHAINS(CHAIN_USE, KEEP, STEP) \
    (void)unused; \
  }

/* a = b + s c, `passes` times over arrays of `count` vectors (a multiple of 4). */
#define TRIAD_LOOP(NAME, TARGET, VECTOR, STEP) \
  TARGET static void NAME(void *memory, size_t stride, size_t bytes, size_t passes) \
  { \
    VECTOR *a = memory; \
    const VECTOR *b = (const VECTOR *)((const char *)memory + stride), \
                 *c = (const VECTOR *)((const char *)memory + 2 * stride); \
    const size_t count = bytes / sizeof *a; \
    const VECTOR s = a[0]; \
    for (size_t pass = 0; pass < passes; pass++) { \
      for (size_t i = 0; i < count; i += 4) { \
        a[i] = STEP(b[i], s, c[i]); \
        a[i + 1] = STEP(b[i + 1], s, c[i + 1]); \
        a[i + 2] = STEP(b[i + 2], s, c[i + 2]); \
        a[i + 3] = STEP(b[i + 3], s, c[i + 3]); \
      } \
      __asm__ volatile("" : : : "memory"); /* a pass is not left out because the next one writes the same */ \
    } \
  }

#if defined(__x86_64__)
#define KEEP_ZMM(x) __asm__ volatile("" : "+v"(x))
#define KEEP_XMM(x) __asm__ volatile("" : "+x"(x))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define AVX512_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define AVX2 __attribute__((target("avx2,fma")))
#define FMA512(c, a, b) _mm512_fmadd_ps(a, b, c)
#define BF512(c, a, b) _mm512_dpbf16_ps(c, (__m512bh)(a), (__m512bh)(b))
#define DOT512(c, a, b) _mm512_dpbusd_epi32(c, a, b)
/* Two words of four products each. */
#define TWO512(c, a, b) \
  _mm512_add_epi32(c, _mm512_madd_epi16(_mm512_add_epi16(_mm512_maddubs_epi16(a, b), \
                                                         _mm512_maddubs_epi16(b, a)), a))
#define FMA256(c, a, b) _mm256_fmadd_ps(a, b, c)
#define TWO256(c, a, b) \
  _mm256_add_epi32(c, _mm256_madd_epi16(_mm256_add_epi16(_mm256_maddubs_epi16(a, b), \
                                                         _mm256_maddubs_epi16(b, a)), a))
#define MADD128(c, a, b) _mm_add_epi32(c, _mm_madd_epi16(a, b))
ARITHMETIC_LOOP(float32_avx512, AVX512, CHAINS_16, __m512, __m512, KEEP_ZMM, FMA512)
ARITHMETIC_LOOP(bf16_avx512, AVX512_BF16, CHAINS_16, __m512, __m512i, KEEP_ZMM, BF512)
ARITHMETIC_LOOP(int8_avx512, AVX512_VNNI, CHAINS_16, __m512i, __m512i, KEEP_ZMM, DOT512)
ARITHMETIC_LOOP(int16_avx512, AVX512, CHAINS_16, __m512i, __m512i, KEEP_ZMM, TWO512)
ARITHMETIC_LOOP(float32_avx2, AVX2, CHAINS_12, __m256, __m256, KEEP_XMM, FMA256)
ARITHMETIC_LOOP(int16_avx2, AVX2, CHAINS_12, __m256i, __m256i, KEEP_XMM, TWO256)
ARITHMETIC_LOOP(int16_portable, , CHAINS_12, __m128i, __m128i, KEEP_XMM, MADD128)
TRIAD_LOOP(triad_avx512, AVX512, __m512, FMA512)
TRIAD_LOOP(triad_avx2, AVX2, __m256, FMA256)
#define KEEP_PORTABLE KEEP_XMM
#elif defined(__aarch64__)
#define KEEP_PORTABLE(x) __asm__ volatile("" : "+w"(x))
ARITHMETIC_LOOP(int16_portable, , CHAINS_12, int32x4_t, int16x4_t, KEEP_PORTABLE, vmlal_s16)
#else
/* No name for a vector register: c = c a + b instead, which no compiler can shorten. */
#define KEEP_PORTABLE(x) __asm__ volatile("" : : "m"(x))
typedef unsigned portable_int __attribute__((vector_size(16), may_alias));
#define MULTIPLY_INT(c, a, b) ((c) * (a) + (b))
ARITHMETIC_LOOP(int16_portable, , CHAINS_12, portable_int, portable_int, KEEP_PORTABLE, MULTIPLY_INT)
#endif

#if defined(__aarch64__)
typedef float32x4_t portable_vector;
#define MULTIPLY_ADD vfmaq_f32
#else
typedef float portable_vector __attribute__((vector_size(16), may_alias));
#define MULTIPLY_ADD(c, a, b) ((c) * (a) + (b))
#endif
#define TRIAD_ADD(c, a, b) ((c) + (a) * (b))
ARITHMETIC_LOOP(float32_portable, , CHAINS_12, portable_vector, portable_vector, KEEP_PORTABLE, MULTIPLY_ADD)
TRIAD_LOOP(triad_portable, , portable_vector, TRIAD_ADD)

/* ---- which loop ---- */

typedef struct arithmetic {
  const char *instruction;
  void (*loop)(const unsigned char *operands, size_t steps);
  double operations; /* of one step */
} arithmetic;

typedef void (*triad_loop)(void *memory, size_t stride, size_t bytes, size_t passes);

static arithmetic arithmetic_of(tx_bench_format format)
{
  const arithmetic none = {"none", NULL, 0};
#if defined(__x86_64__)
  const tx_cpu_features features = tx_cpu_current();
  if (tx_cpu_has(features, TX_CPU_AVX512)) {
    if (format == TX_BENCH_FLOAT32) return (arithmetic){"vfmadd231ps zmm", float32_avx512, 16 * 16 * 2};
    if (format == TX_BENCH_BF16)
      return tx_cpu_has(features, TX_CPU_AVX512_BF16)
                 ? (arithmetic){"vdpbf16ps zmm", bf16_avx512, 16 * 32 * 2}
                 : none;
    if (tx_cpu_has(features, TX_CPU_AVX512_VNNI))
      return (arithmetic){"vpdpbusd zmm", int8_avx512, 16 * 64 * 2};
    return (arithmetic){"vpmaddubsw zmm", int16_avx512, 16 * 128 * 2};
  }
  if (tx_cpu_has(features, TX_CPU_AVX2)) {
    if (format == TX_BENCH_FLOAT32) return (arithmetic){"vfmadd231ps ymm", float32_avx2, 12 * 8 * 2};
    return format == TX_BENCH_INT8 ? (arithmetic){"vpmaddubsw ymm", int16_avx2, 12 * 64 * 2} : none;
  }
  if (format == TX_BENCH_INT8) return (arithmetic){"pmaddwd xmm", int16_portable, 12 * 8 * 2};
#elif defined(__aarch64__)
  if (format == TX_BENCH_INT8) return (arithmetic){"smlal 4s", int16_portable, 12 * 4 * 2};
#else
  if (format == TX_BENCH_INT8) return (arithmetic){"integer vectors", int16_portable, 12 * 4 * 2};
#endif
  return format == TX_BENCH_FLOAT32 ? (arithmetic){"vectors of 4", float32_portable, 12 * 4 * 2} : none;
}

static triad_loop current_triad(void)
{
#if defined(__x86_64__)
  if (tx_cpu_has(tx_cpu_current(), TX_CPU_AVX512)) return triad_avx512;
  if (tx_cpu_has(tx_cpu_current(), TX_CPU_AVX2)) return triad_avx2;
#endif
  return triad_portable;
}

/* ---- measuring ---- */

/* One of the two kinds of loop, run `steps` times by each thread. */
typedef struct probe {
  void (*arithmetic)(const unsigned char *operands, size_t steps);
  unsigned char operands[OPERAND_BYTES];
  triad_loop triad;
  char *memory; /* of all threads */
  size_t stride, bytes;
  size_t steps;
} probe;

static void probe_task(void *context, size_t item, size_t thread)
{
  const probe *p = context;
  (void)thread;
  if (p->arithmetic)
    p->arithmetic(p->operands, p->steps);
  else
    p->triad(p->memory + item * ARRAYS * p->stride, p->stride, p->bytes, p->steps);
}

/* Steps of all threads in a second: as many as fill `seconds`, then the best of some repeats. */
static double steps_per_second(tx_pool *pool, double seconds, probe *p)
{
  const size_t threads = tx_pool_threads(pool);
  p->steps = 1;
  while (tx_bench_best(pool, 1, threads, probe_task, p) < 0.6 * seconds) p->steps *= 2;
  return (double)(threads * p->steps) / tx_bench_best(pool, REPEATS, threads, probe_task, p);
}

/* First word of an attribute of a cache of processor 0; false when there is no such file. */
static bool read_cache(int index, const char *attribute, char word[32])
{
  char path[128];
  FILE *file;
  bool found;
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, attribute);
  file = fopen(path, "re");
  if (!file) return false;
  found = fscanf(file, "%31s", word) == 1;
  fclose(file);
  return found;
}

/* Bytes of the data cache of a level, as Linux tells them: sysconf gives caches that the processors of a
   virtual machine do not have. */
static size_t cache_bytes(unsigned long level, size_t otherwise)
{
  char word[32];
  for (int index = 0; read_cache(index, "level", word); index++) {
    char *unit;
    unsigned long size;
    if (strtoul(word, NULL, 10) != level || !read_cache(index, "type", word) || !strcmp(word, "Instruction"))
      continue;
    if (!read_cache(index, "size", word)) break;
    size = strtoul(word, &unit, 10);
    if (size) return size * (*unit == 'K' ? 1024 : *unit == 'M' ? 1024 * 1024 : 1);
  }
  return otherwise;
}

static void find_caches(size_t threads, tx_bench_peaks *peaks)
{
  const size_t kib = 1024, least = 192 * kib * kib, most = 512 * kib * kib;
  const size_t whole = cache_bytes(3, 16 * kib * kib);
  peaks->cache_bytes[TX_BENCH_L1] = cache_bytes(1, 32 * kib);
  peaks->cache_bytes[TX_BENCH_L2] = cache_bytes(2, 512 * kib);
  peaks->cache_bytes[TX_BENCH_L3] = whole / threads; /* the processors share it */
  /* Half a cache: the other half is for what else lives there. */
  for (int i = 0; i < TX_BENCH_DRAM; i++) peaks->triad_bytes[i] = peaks->cache_bytes[i] / 2;
  peaks->triad_bytes[TX_BENCH_DRAM] = (4 * whole < least  ? least
                                       : 4 * whole > most ? most
                                                          : 4 * whole) /
                                      threads;
}

static bool measure_triad(tx_pool *pool, double seconds, tx_bench_memory memory, tx_bench_peaks *peaks)
{
  /* four vectors of the widest kind */
  const size_t threads = tx_pool_threads(pool), block = 4 * sizeof(float) * 16;
  probe p = {.triad = current_triad()};
  p.bytes = peaks->triad_bytes[memory] / ARRAYS / block * block;
  if (p.bytes < block) p.bytes = block;
  /* not a multiple of 4096: a store would seem to collide with the next loads */
  p.stride = (p.bytes + 4095) / 4096 * 4096 + 5 * block;
  p.memory = tx_calloc_aligned(threads * ARRAYS, p.stride);
  if (!p.memory) return false;
  peaks->triad_bytes[memory] = ARRAYS * p.bytes;
  peaks->bytes[memory] = steps_per_second(pool, seconds, &p) * (double)(ARRAYS * p.bytes);
  free(p.memory);
  return true;
}

bool tx_bench_measure_peaks(tx_pool *pool, double seconds, tx_bench_peaks *peaks)
{
  *peaks = (tx_bench_peaks){.threads = tx_pool_threads(pool)};
  if (seconds < 0.001) seconds = 0.001; /* below, the start of the threads would be most of it */
  find_caches(peaks->threads, peaks);
  for (tx_bench_format format = 0; format < TX_BENCH_FORMATS; format++) {
    const arithmetic a = arithmetic_of(format);
    probe p = {.arithmetic = a.loop};
    /* 0.0115 as float: sums neither overflow nor become subnormal */
    memset(p.operands, 0x3c, sizeof p.operands);
    peaks->instruction[format] = a.instruction;
    if (a.loop) peaks->operations[format] = steps_per_second(pool, seconds, &p) * a.operations;
  }
  for (tx_bench_memory memory = 0; memory < TX_BENCH_MEMORIES; memory++)
    if (!measure_triad(pool, seconds, memory, peaks)) return false;
  return true;
}

tx_bench_memory tx_bench_memory_of(const tx_bench_peaks *peaks, size_t bytes)
{
  tx_bench_memory memory = TX_BENCH_L1;
  while (memory < TX_BENCH_DRAM && bytes > peaks->cache_bytes[memory]) memory++;
  return memory;
}

const char *tx_bench_format_name(tx_bench_format format)
{
  static const char *const names[TX_BENCH_FORMATS] = {"float32", "bf16", "int8"};
  return names[format];
}

const char *tx_bench_memory_name(tx_bench_memory memory)
{
  static const char *const names[TX_BENCH_MEMORIES] = {"L1", "L2", "L3", "DRAM"};
  return names[memory];
}
