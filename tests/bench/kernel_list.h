/* The kernels that bench_kernels measures, at the shapes of the encoder with d_model 384: one line each.
   `run` calls the kernel once on the buffers of a thread (rows m, columns n, inner length k; what else they
   mean is between the line and its `run`). */
#ifndef TX_BENCH_KERNEL_LIST_H
#define TX_BENCH_KERNEL_LIST_H

#include "peak.h"

#include "tensor/kernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Buffers of floats between -1 and 1. WEIGHT and WEIGHT_GRADIENT hold n k elements or n k packed, the others
   m n or m k. */
typedef enum tx_bench_buffer {
  TX_BENCH_OUT,
  TX_BENCH_X,
  TX_BENCH_X_GRADIENT,
  TX_BENCH_Z,
  TX_BENCH_Z_GRADIENT,
  TX_BENCH_OUT_GRADIENT,
  TX_BENCH_BIAS,
  TX_BENCH_BIAS_GRADIENT,
  TX_BENCH_STATISTICS,
  TX_BENCH_POSITIVE, /* between 0 and 1 */
  TX_BENCH_WEIGHT,
  TX_BENCH_WEIGHT_GRADIENT,
  TX_BENCH_SCRATCH, /* of gemm and ssd */
  TX_BENCH_BUFFERS
} tx_bench_buffer;

typedef struct tx_bench_thread {
  const tx_kernels *kernels;
  float *buffers[TX_BENCH_BUFFERS];
  uint32_t *starts; /* (2): one sequence of m rows */
  int32_t *ids;     /* (m) below k */
} tx_bench_thread;

typedef struct tx_bench_kernel {
  const char *name;
  void (*run)(const struct tx_bench_kernel *kernel, tx_bench_thread *thread);
  size_t m, n, k;
  double operations; /* two per multiply-add, compared with the peak of `format`; 0: `bytes` count */
  double bytes;      /* read and written, compared with the triad of the memory that holds them */
  tx_bench_format format;
  void (*prepare)(const struct tx_bench_kernel *kernel, tx_bench_thread *thread); /* once; NULL for nothing */
  /* the kernel works in place: OUT is restored before each call, and the time of that taken off */
  bool restore;
} tx_bench_kernel;

extern const tx_bench_kernel tx_bench_kernels[];
extern const size_t tx_bench_kernel_count;
/* Largest number of elements of SCRATCH. */
size_t tx_bench_kernel_scratch(void);
/* Elements of WEIGHT, packed or not. */
size_t tx_bench_kernel_weight(const tx_bench_kernel *kernel);

#endif
