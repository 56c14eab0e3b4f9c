/* Products of activations with weights that are packed once: C (rows, n) = X (rows, k) W^T, W (n, k) as a
   Linear stores it.

   k is cut into blocks (tx_product_block). Per block the activations are encoded and interleaved (pack_rows),
   then multiplied by the packed weights of that block; the blocks' results are added in float32 in their
   order. So a row of C has the same bits whatever other rows are multiplied with it. At int8 the activations
   of a row get one scale per block, the weights one per row; the sums inside a block are whole numbers, hence
   exact and the same at every CPU level.

   Nothing here allocates; all buffers are the caller's and 64-byte aligned. Any number of threads may read
   packed weights. */
#ifndef TX_TENSOR_PRODUCTS_H
#define TX_TENSOR_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/precision.h>

#include "base/cpu.h"

/* Longest block of k. Sums of int8 products of so many terms stay exact in float32 too (384 * 127 * 127 <
   2^24). */
#define TX_PRODUCT_DEPTH 384
/* Blocks begin at multiples of this; it is a multiple of the columns that any level packs side by side. */
#define TX_PRODUCT_GRAIN 32

/* The number of blocks of k, and the first element of block `index`. */
static inline size_t tx_product_blocks(size_t k)
{
  return (k + TX_PRODUCT_DEPTH - 1) / TX_PRODUCT_DEPTH;
}

static inline size_t tx_product_block_start(size_t k, size_t index)
{
  const size_t blocks = tx_product_blocks(k), even = (k + blocks - 1) / blocks;
  const size_t start = index * ((even + TX_PRODUCT_GRAIN - 1) / TX_PRODUCT_GRAIN * TX_PRODUCT_GRAIN);
  return start < k ? start : k;
}

typedef void (*tx_gemm)(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a,
                        size_t lda, const float *b, size_t ldb, bool accumulate, float *c, size_t ldc,
                        float *scratch);

typedef struct tx_product {
  const char *name;
  /* Bytes of the packed weights (n, k), a multiple of 64. */
  size_t (*weights_size)(size_t n, size_t k);
  /* w (n, k) without gaps between its rows. */
  void (*pack_weights)(size_t n, size_t k, const float *w, void *packed);
  /* Bytes of packed activations of up to `rows` rows of one block. */
  size_t (*rows_size)(size_t rows);
  /* x (rows, depth), depth <= TX_PRODUCT_DEPTH; ldx floats from row to row. */
  void (*pack_rows)(size_t rows, size_t depth, const float *x, size_t ldx, void *packed);
  /* c (rows, columns; ldc) = or += X_block W_block^T for the columns first..first+columns-1 of n; first is a
     multiple of TX_PRODUCT_GRAIN. */
  void (*multiply)(size_t rows, size_t first, size_t columns, size_t n, size_t k, size_t block,
                   const void *packed_rows, const void *packed_weights, bool accumulate, float *c,
                   size_t ldc);
  /* The general product, for training: c (m, n) = op(a) op(b), or += with accumulate. op is the transpose
     when the flag is set: a is (m, k) or (k, m), b is (k, n) or (n, k). Both are rounded and packed as they
     are read; no element of c depends on m or n. scratch: *gemm_scratch floats. NULL at int8. */
  tx_gemm gemm;
  const size_t *gemm_scratch;
} tx_product;

/* The fastest product of a precision for the CPU features in use, and for other features, which tests and
   benchmarks choose; they must be a subset of tx_cpu_found(). A precision that the features have no
   instructions for is computed in float32 or 16-bit numbers from the same rounded values. */
const tx_product *tx_product_current(tx_precision precision);
const tx_product *tx_product_with(tx_cpu_features features, tx_precision precision);

#endif
