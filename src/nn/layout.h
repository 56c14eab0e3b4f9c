/* Places of the tensors in the layout: 0 is the embedding, then LAYER_TENSORS per layer, then the last norm's two, two per head, and
   two of the token head if there is one. */
#ifndef TX_NN_LAYOUT_H
#define TX_NN_LAYOUT_H

#include "nn/network.h"

/* Tensors of one layer, in file order. */
enum {
  NORM1_WEIGHT,
  NORM1_BIAS,
  IN_PROJ,
  CONV_WEIGHT,
  CONV_BIAS,
  DT_BIAS,
  A_LOG,
  SKIP,
  NORM_WEIGHT,
  OUT_PROJ,
  NORM2_WEIGHT,
  NORM2_BIAS,
  FC1_WEIGHT,
  FC1_BIAS,
  FC2_WEIGHT,
  FC2_BIAS,
  LAYER_TENSORS
};

static inline size_t tx_layer_tensor(size_t layer, size_t which)
{
  return 1 + layer * LAYER_TENSORS + which;
}

/* Weight of the last LayerNorm; its bias follows. */
static inline size_t tx_last_norm_tensor(const tx_dims *dims)
{
  return tx_layer_tensor(dims->layers, 0);
}

/* Weight of a head; its bias follows. */
static inline size_t tx_head_tensor(const tx_dims *dims, size_t rank)
{
  return tx_last_norm_tensor(dims) + 2 + 2 * rank;
}

/* Weight of the token head; its bias follows. */
static inline size_t tx_token_head_tensor(const tx_dims *dims)
{
  return tx_head_tensor(dims, dims->ranks);
}

#endif
