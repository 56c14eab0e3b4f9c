/* The decoder of the masked autoencoder (docs/numerics.md), for pretraining. The encoder reads only the
   visible tokens of a sequence. The decoder is a network of the same blocks (tx_decoder_dims). Its input at
   every position is the output of the encoder or, where the token is hidden, the mask embedding, plus a
   position embedding of the decoder; its token head predicts the hidden tokens. Its parameters follow those
   of the encoder. Nothing here allocates, prints, reads files or uses threads. */
#ifndef TX_NN_DECODER_H
#define TX_NN_DECODER_H

#include "nn/token_head.h"

/* The workspace of one thread. */
typedef struct tx_decoder tx_decoder;

/* Returns the bytes of a workspace for packs of up to max_tokens tokens, hidden ones included, in
   max_sequences sequences; 0 on overflow. dims has a decoder. `precision` is as for tx_network_work_size. */
size_t tx_decoder_size(const tx_dims *dims, tx_precision precision, size_t max_tokens, size_t max_sequences);
/* Makes the workspace in `memory` (64-byte aligned, tx_decoder_size bytes, owned by the caller). Returns
   memory. */
tx_decoder *tx_decoder_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                            size_t max_sequences, void *memory);

/* Returns the visible part of `pack`, which the encoder reads: the tokens without a target, with their
   positions. targets (tokens) are symbols at hidden positions and TX_TARGET_NONE elsewhere; every sequence
   must have a visible token. The padding of the sequences is not set, so that embeddings of this pack are not
   usable. Borrowed from the decoder until the next call. */
const tx_pack *tx_decoder_visible(tx_decoder *decoder, const tx_pack *pack, const int32_t *targets);

/* Computes the loss of the hidden tokens. hidden (visible tokens, D) is the output of the encoder for
   tx_decoder_visible(pack, targets); `weights` has all tensors of the layout. */
void tx_decoder_forward(const tx_dims *dims, const float *const *weights, const float *hidden,
                        const tx_pack *pack, const int32_t *targets, tx_decoder *decoder,
                        tx_token_sums *sums);

/* As above, with the gradient of the sum of the losses: adds the gradient of the decoder's weights to
   gradients (flat, tx_layout_elements floats) and, unless opt_hidden_gradient is NULL, sets the gradient of
   `hidden`. */
void tx_decoder_backward(const tx_dims *dims, const float *const *weights, const float *hidden,
                         const tx_pack *pack, const int32_t *targets, tx_decoder *decoder,
                         float *opt_hidden_gradient, float *gradients, tx_token_sums *sums);

/* Returns a buffer (max_tokens, D) for the gradient of `hidden`, which the caller may use between the
   calls. */
float *tx_decoder_gradient(tx_decoder *decoder);

#endif
