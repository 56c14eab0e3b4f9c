/* The forward pass of the network for inference, in float32, bf16 or int8. It computes the same function as
   tx_network_forward (nn/network.h, which training differentiates) in another order. A pack is divided into
   blocks of at most TX_INFERENCE_BLOCK tokens. A block passes through all layers while it is in the L2 cache,
   and passes a state to the next block of its sequence (the state and three rows of the convolution of each
   layer). Thus the memory does not depend on the length of a sequence, and the result of a sequence does not
   depend on its neighbours in the pack. Nothing here allocates, prints, reads files or starts threads. */
#ifndef TX_NN_INFERENCE_H
#define TX_NN_INFERENCE_H

#include "nn/network.h"

#include <taxamba/precision.h>

/* Tokens of a block: a multiple of the rows of a micro-kernel at every CPU level. */
#define TX_INFERENCE_BLOCK 126
/* Tokens of a chunk, two of which are a block. A state is passed between chunks; within a chunk the cost per
   token grows with its length. A sequence that fits into one block is a single chunk. */
#define TX_INFERENCE_CHUNK 63

/* Weights packed for one precision and the CPU level in use. They are immutable except for a table that is
   filled on demand by atomic operations (the first layer's in_proj of each token of the vocabulary, unless
   there are position embeddings). Any number of threads may share them. */
typedef struct tx_inference_weights tx_inference_weights;

/* Returns the bytes of packed weights; 0 on overflow. `precision` is not TX_PRECISION_STORED. */
size_t tx_inference_weights_size(const tx_dims *dims, tx_precision precision);
/* Packs `weights` (tensors of the layout) into memory (64-byte aligned, tx_inference_weights_size bytes,
   owned by the caller). Embeddings, norms and biases stay borrowed from `weights`. Returns memory. */
tx_inference_weights *tx_inference_weights_init(const tx_dims *dims, const float *const *weights,
                                                tx_precision precision, void *memory);

/* The workspace of one thread, for packs of up to max_sequences sequences of any length. The size is in
   bytes; 0 on overflow. */
typedef struct tx_inference_work tx_inference_work;
size_t tx_inference_work_size(const tx_dims *dims, tx_precision precision, size_t max_sequences);
tx_inference_work *tx_inference_work_init(const tx_inference_weights *weights, size_t max_sequences,
                                          void *memory);

/* Computes the embedding and the outputs of the heads of every record of the pack, without dropout; they are
   valid until the next call. */
void tx_inference_forward(const tx_inference_weights *weights, const tx_pack *pack, tx_inference_work *work);
/* (B, D) mean over the tokens that are not padding, and over the strands */
const float *tx_inference_embedding(const tx_inference_work *work);
/* (B, size of the head) */
const float *tx_inference_outputs(const tx_inference_work *work, size_t head);

/* Calls `probe` with intermediate results (rows, columns), block by block, for tests: dt, ssd, gated and
   resid of every layer, and hidden at the end. NULL removes the probe. */
void tx_inference_set_probe(tx_inference_work *work, tx_network_probe probe, void *context);

#endif
