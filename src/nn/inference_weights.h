/* The structure tx_inference_weights, for nn/inference*.c only. */
#ifndef TX_NN_INFERENCE_WEIGHTS_H
#define TX_NN_INFERENCE_WEIGHTS_H

#include "nn/inference.h"
#include "nn/sizes.h"
#include "tensor/products.h"
#include "tensor/scan.h"

#include <stdatomic.h>

typedef struct tx_inference_layer {
  void *in_proj, *out_proj, *fc1, *fc2; /* packed */
  /* (kernel, channels) weights of the convolution by distance from the current row */
  float *taps;
  float *a;                             /* (H) -exp(A_log) */
} tx_inference_layer;

/* State of a row of the table of in_proj of the first layer; the thread that needs a row first computes
   it. */
typedef enum tx_token_state { TX_TOKEN_ABSENT, TX_TOKEN_CLAIMED, TX_TOKEN_READY } tx_token_state;

struct tx_inference_weights {
  tx_dims dims;
  tx_sizes z;
  const float *const *weights; /* borrowed */
  const tx_kernels *kernels;
  const tx_product *product;
  const tx_scan *scan;
  tx_inference_layer *layers;
  void *heads[TX_HEADS_MAX];   /* packed, float32 */
  /* (vocabulary), or NULL: there is no table, because it would be too large, or because a row also depends on
     its position */
  atomic_uchar *token_states;
  float *token_rows;           /* (vocabulary, projected) */
};

/* Returns the row of a token, NULL if it has to be computed. There must be a table. */
static inline const float *tx_token_table_row(const tx_inference_weights *weights, int32_t id)
{
  if (atomic_load_explicit(&weights->token_states[id], memory_order_acquire) != TX_TOKEN_READY) return NULL;
  return weights->token_rows + (size_t)id * weights->z.projected;
}

/* Stores a computed row, unless another thread has claimed it. */
void tx_token_table_put(const tx_inference_weights *weights, int32_t id, const float *row);

#endif
