/* The network forward for inference, in float32, bf16 or int8: the same function as tx_network_forward
   (nn/network.h, the one that training differentiates), in another order. A pack is cut into blocks of at
   most TX_INFERENCE_BLOCK tokens that go through all layers while they lie in the second cache; what a block
   leaves to the next one of its sequence (the state and three rows of the convolution of each layer) is
   carried. So the memory does not depend on the length of a sequence, and a sequence's result does not depend
   on its neighbours in the pack. Nothing here allocates, prints, reads files or starts threads. */
#ifndef TX_NN_INFERENCE_H
#define TX_NN_INFERENCE_H

#include "nn/network.h"

#include <taxamba/precision.h>

/* Tokens that go through the layers together: a multiple of the strips of every CPU level's product. */
#define TX_INFERENCE_BLOCK 126
/* A longer sequence is cut into chunks of so many tokens (two to a block): between chunks a state is carried,
   inside them the cost grows with their length. A sequence that fits one block is one chunk. */
#define TX_INFERENCE_CHUNK 63

/* Weights packed for one precision and the CPU level in use. Immutable but for a table that fills as it is
   used (the first layer's in_proj of each token of the vocabulary, unless there are position embeddings), by
   atomic steps: any number of threads may share it. */
typedef struct tx_inference_weights tx_inference_weights;

/* Bytes; 0 on overflow. `precision` is not TX_PRECISION_STORED. */
size_t tx_inference_weights_size(const tx_dims *dims, tx_precision precision);
/* Packs `weights` (tensors of the layout; embedding, norms and biases stay borrowed from it) into memory
   (64-byte aligned, tx_inference_weights_size bytes, owned by the caller). Returns memory. */
tx_inference_weights *tx_inference_weights_init(const tx_dims *dims, const float *const *weights,
                                                tx_precision precision, void *memory);

/* Scratch of one thread, for packs of up to max_sequences sequences of any length. Bytes; 0 on overflow. */
typedef struct tx_inference_work tx_inference_work;
size_t tx_inference_work_size(const tx_dims *dims, tx_precision precision, size_t max_sequences);
tx_inference_work *tx_inference_work_init(const tx_inference_weights *weights, size_t max_sequences,
                                          void *memory);

/* Embeddings and outputs of the heads of every record of the pack (no dropout), valid until the next call. */
void tx_inference_forward(const tx_inference_weights *weights, const tx_pack *pack, tx_inference_work *work);
/* (B, D) mean over the tokens that are not padding, and over the strands */
const float *tx_inference_embedding(const tx_inference_work *work);
/* (B, size of the head) */
const float *tx_inference_outputs(const tx_inference_work *work, size_t head);

/* Shows intermediate results, block by block, (rows, columns) each, for tests: of every layer dt, ssd, gated
   and resid, and at the end hidden. NULL ends it. */
void tx_inference_set_probe(tx_inference_work *work, tx_network_probe probe, void *context);

#endif
