/* Places of the tensors in the layout: 0 is the embedding, then LAYER_TENSORS per layer, then the last norm's
   two, that of the positions if there are any, two per head, and what only pretraining has: two of the token
   head, or all of a decoder, which ends with the token head. */
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

/* The position embeddings, if dims->positions is not 0. */
static inline size_t tx_position_tensor(const tx_dims *dims)
{
  return tx_last_norm_tensor(dims) + 2;
}

/* Weight of a head; its bias follows. Before that of head 0 is the encoder. */
static inline size_t tx_head_tensor(const tx_dims *dims, size_t head)
{
  return tx_position_tensor(dims) + (dims->positions ? 1 : 0) + 2 * head;
}

/* Sizes of the decoder as a network of its own: one row of embedding, which is that of the mask, positions
   like the encoder's, no heads, and the token head. dims->decoder_layers is not 0. */
tx_dims tx_decoder_dims(const tx_dims *dims);

/* Sizes of the model that is kept of a network: without what only pretraining has. Its tensors are the first
   of the network's. */
static inline tx_dims tx_model_dims(const tx_dims *dims)
{
  tx_dims kept = *dims;
  kept.token_head = kept.decoder_layers = 0;
  return kept;
}

/* First tensor of the decoder; all of its own layout stand there one after the other. */
static inline size_t tx_decoder_tensor(const tx_dims *dims)
{
  return tx_head_tensor(dims, dims->head_count);
}

/* Weight of the token head of a network without a decoder; its bias follows. */
static inline size_t tx_token_head_tensor(const tx_dims *dims)
{
  return tx_head_tensor(dims, dims->head_count);
}

#endif
