/* What the machine itself can do, measured in the run that its figures are compared with: arithmetic in
   registers and the STREAM triad. The instructions are those of the CPU level in use (base/cpu.h): with
   TX_CPU=avx2 the peaks are AVX2's. */
#ifndef TX_BENCH_PEAK_H
#define TX_BENCH_PEAK_H

#include "base/pool.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum tx_bench_format {
  TX_BENCH_FLOAT32,
  TX_BENCH_BF16,
  TX_BENCH_INT8,
  TX_BENCH_FORMATS
} tx_bench_format;
typedef enum tx_bench_memory {
  TX_BENCH_L1,
  TX_BENCH_L2,
  TX_BENCH_L3,
  TX_BENCH_DRAM,
  TX_BENCH_MEMORIES
} tx_bench_memory;

typedef struct tx_bench_peaks {
  size_t threads;
  /* per second, a multiply-add is two; 0 for a format that the level lacks */
  double operations[TX_BENCH_FORMATS];
  const char *instruction[TX_BENCH_FORMATS]; /* that did them; "none" */
  /* per second, of all threads: a[i] = b[i] + s c[i] reads two arrays and writes one */
  double bytes[TX_BENCH_MEMORIES];
  size_t triad_bytes[TX_BENCH_MEMORIES];     /* of the three arrays of one thread */
  size_t cache_bytes[TX_BENCH_DRAM];         /* one thread's share of each cache */
} tx_bench_peaks;

/* "float32", "bf16", "int8"; "L1", "L2", "L3", "DRAM". */
const char *tx_bench_format_name(tx_bench_format format);
const char *tx_bench_memory_name(tx_bench_memory memory);

/* Measures all of them with the threads of the pool; every repeat takes about `seconds` (some tens of
   milliseconds; the best counts). False when there is no memory for the arrays. */
bool tx_bench_measure_peaks(tx_pool *pool, double seconds, tx_bench_peaks *peaks);

/* The nearest memory that holds a thread's `bytes`. */
tx_bench_memory tx_bench_memory_of(const tx_bench_peaks *peaks, size_t bytes);

#endif
