/* The state-space part of Mamba-2 for inference, one chunk of a sequence at a time (Dao & Gu 2024,
   "Transformers are SSMs", sections 6 and 7). Formulas as in ssd_body.h, which is its counterpart in
   training. */
#ifndef TX_TENSOR_SCAN_H
#define TX_TENSOR_SCAN_H

#include "tensor/kernels.h"

/* Longest chunk, in tokens. */
#define TX_SCAN_CHUNK 128

/* One chunk. Rows are tokens. */
typedef struct tx_scan_chunk {
  size_t length;     /* 1..TX_SCAN_CHUNK */
  /* whether the chunk is the first of its sequence (`state` is not read) or the last (`state` is not
     written) */
  bool first, last;
  const float *x;    /* (H, P columns by row): head h, token t at x + h * x_head + t * P */
  size_t x_head;
  const float *b, *c; /* (length, N) */
  const float *dt;    /* (length, H) after the softplus */
  float *state;       /* (H, N, P) at the start of the chunk, and on return at its end */
  float *y;           /* (length, inner), ldy floats from row to row */
  size_t ldy;
} tx_scan_chunk;

typedef struct tx_scan {
  /* a (H) = -exp(A_log), skip (H). scratch: tx_scan_scratch floats, 64-byte aligned. */
  void (*run)(const tx_ssd_dims *dims, const float *a, const float *skip, const tx_scan_chunk *chunk,
              float *scratch);
} tx_scan;

size_t tx_scan_scratch(const tx_ssd_dims *dims);
const tx_scan *tx_scan_current(void);
/* The scan for other features, as tx_product_with. */
const tx_scan *tx_scan_with(tx_cpu_features features);

#endif
