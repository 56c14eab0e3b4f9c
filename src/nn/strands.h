/* Records of one or two strands in a pack: with two, the encoder runs on both with the same weights, and the
   embedding of the record is the mean of the two, so that it is the same for a barcode and its reverse
   complement ("conjoined" or siamese network: Zhou, Shrikumar & Kundaje 2022, "Towards a better understanding
   of reverse-complement equivariance for deep learning models in genomics"). */
#ifndef TX_NN_STRANDS_H
#define TX_NN_STRANDS_H

#include "nn/network.h"

/* Returns the number of sequences per record of a model. */
static inline size_t tx_dims_strands(const tx_dims *dims)
{
  return dims->strands > 1 ? dims->strands : 1;
}

static inline size_t tx_pack_strands(const tx_pack *pack)
{
  return pack->strands > 1 ? pack->strands : 1;
}

static inline size_t tx_pack_records(const tx_pack *pack)
{
  return pack->sequences / tx_pack_strands(pack);
}

/* Replaces the embeddings of the sequences (S, width) by those of the records (B, width), in place. The sum
   of two floats does not depend on their order, so that the result is the same whichever strand comes
   first. */
static inline void tx_strands_join(const tx_pack *pack, size_t width, float *rows)
{
  if (tx_pack_strands(pack) == 1) return;
  for (size_t b = 0; b < pack->sequences / 2; b++)
    for (size_t j = 0; j < width; j++)
      rows[b * width + j] = 0.5F * (rows[2 * b * width + j] + rows[(2 * b + 1) * width + j]);
}

#endif
