/* The decoder of the masked autoencoder (docs/numerics.md), for pretraining: the encoder has seen only the
   visible tokens of a sequence; the decoder, a network of the same blocks (tx_decoder_dims), sees at every
   place the encoder's output or, where the token is hidden, the mask embedding, each with a position
   embedding of its own, and its token head says which tokens the hidden ones are. Its parameters stand behind
   those of the encoder. Nothing here allocates, prints, reads files or knows threads. */
#ifndef TX_NN_DECODER_H
#define TX_NN_DECODER_H

#include "nn/token_head.h"

/* Scratch of one thread. */
typedef struct tx_decoder tx_decoder;

/* Bytes for packs of up to max_tokens tokens, hidden ones included, in max_sequences sequences; 0 on
   overflow. dims has a decoder. `precision` as for tx_network_work_size. */
size_t tx_decoder_size(const tx_dims *dims, tx_precision precision, size_t max_tokens, size_t max_sequences);
/* Lays it out in `memory` (64-byte aligned, tx_decoder_size bytes, owned by the caller). Returns memory. */
tx_decoder *tx_decoder_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                            size_t max_sequences, void *memory);

/* What the encoder is to see of `pack`: the tokens without a target, each at its place. targets (tokens) are
   symbols at hidden places and TX_TARGET_NONE elsewhere; every sequence must have a visible token. Without
   padding, so its embeddings are of no use. Borrowed from the decoder until the next call. */
const tx_pack *tx_decoder_visible(tx_decoder *decoder, const tx_pack *pack, const int32_t *targets);

/* What the decoder reads. */
typedef struct tx_decoder_input {
  const float
      *hidden; /* (visible tokens, D) what the encoder has made of tx_decoder_visible(pack, targets) */
  const tx_pack *pack;
  const int32_t *targets; /* (tokens) */
} tx_decoder_input;

/* Loss of the hidden tokens; weights are those of the whole layout. */
void tx_decoder_forward(const tx_dims *dims, const float *const *weights, const tx_decoder_input *input,
                        tx_decoder *decoder, tx_token_sums *sums);

/* The same with the gradients: opt_hidden (visible tokens, D), and the weights of the decoder. */
void tx_decoder_backward(const tx_dims *dims, const float *const *weights, const tx_decoder_input *input,
                         tx_decoder *decoder, const tx_token_gradients *gradients, tx_token_sums *sums);

/* Room for the gradient of `hidden` (max_tokens, D), free for the caller between the calls. */
float *tx_decoder_gradient(tx_decoder *decoder);

#endif
