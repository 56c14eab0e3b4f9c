/* The names of the weights in the published code of BarcodeMamba (docs/model-format.md). */
#ifndef TX_MODEL_PYTORCH_NAMES_H
#define TX_MODEL_PYTORCH_NAMES_H

#include "nn/network.h"

enum { TX_PYTORCH_NAME_SIZE = 96 };

#define TX_PYTORCH_VOCABULARY "backbone.embeddings.word_embeddings.weight"
#define TX_PYTORCH_POSITIONS "backbone.embeddings.position_embeddings.weight"

/* The head of the strand, which that code does not have; ".weight" and ".bias" follow. */
#define TX_PYTORCH_STRAND "head.strand"

/* Keys of the texts that Taxamba adds to a checkpoint. */
#define TX_PYTORCH_TOKENIZER "taxamba.tokenizer"
#define TX_PYTORCH_TAXONOMY "taxamba.taxonomy"

/* Writes the name of a tensor of the layout. A network with one head has the published one; the published
   code has no network with several, whose names are chosen here. */
void tx_pytorch_name(const tx_dims *dims, size_t index, char name[TX_PYTORCH_NAME_SIZE]);

#endif
