/* Indices of the tensors in the layout: 0 is the embedding; then LAYER_TENSORS per layer, two of the last
   norm, one of the position embeddings if there are any, two per head, two per tower of another modality
   and one of the scale of their cosines, and for training one of a projection of the embedding, for
   pretraining two of the token head, or all tensors of a decoder, which ends with its token head. */
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

/* The weight of the last LayerNorm; its bias follows. */
static inline size_t tx_last_norm_tensor(const tx_dims *dims)
{
  return tx_layer_tensor(dims->layers, 0);
}

/* The position embeddings, if dims->positions is not 0. */
static inline size_t tx_position_tensor(const tx_dims *dims)
{
  return tx_last_norm_tensor(dims) + 2;
}

/* The weight of a head; its bias follows. The tensors before that of head 0 are the encoder. */
static inline size_t tx_head_tensor(const tx_dims *dims, size_t head)
{
  return tx_position_tensor(dims) + (dims->positions ? 1 : 0) + 2 * head;
}

/* Returns the sizes of the decoder as a network of its own: a single embedding, that of the mask, positions
   as in the encoder, no heads, and the token head. dims->decoder_layers must not be 0. */
tx_dims tx_decoder_dims(const tx_dims *dims);

/* Returns the sizes of the stored model: those of the network without the layers for training only. The
   tensors of the model are the first tensors of the network. */
static inline tx_dims tx_model_dims(const tx_dims *dims)
{
  tx_dims kept = *dims;
  kept.token_head = kept.decoder_layers = kept.projection = 0;
  return kept;
}

/* The weight of a tower, (shared width, numbers of its vectors); its bias follows. */
static inline size_t tx_tower_tensor(const tx_dims *dims, size_t tower)
{
  return tx_head_tensor(dims, dims->head_count) + 2 * tower;
}

/* The logarithm of the scale of the cosines in the shared space, one number; where there are towers. */
static inline size_t tx_log_scale_tensor(const tx_dims *dims)
{
  return tx_tower_tensor(dims, dims->tower_count);
}

/* The first tensor after those of the stored model. */
static inline size_t tx_model_end_tensor(const tx_dims *dims)
{
  return tx_log_scale_tensor(dims) + (dims->tower_count ? 1 : 0);
}

/* The first tensor of the decoder; the other tensors of the decoder's layout follow in order. */
static inline size_t tx_decoder_tensor(const tx_dims *dims)
{
  return tx_model_end_tensor(dims);
}

/* The projection of the embedding, if dims->projection is not 0. */
static inline size_t tx_projection_tensor(const tx_dims *dims)
{
  return tx_model_end_tensor(dims);
}

/* The weight of the token head of a network without a decoder; its bias follows. */
static inline size_t tx_token_head_tensor(const tx_dims *dims)
{
  return tx_model_end_tensor(dims);
}

#endif
