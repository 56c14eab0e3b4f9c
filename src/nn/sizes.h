/* Sizes derived from the sizes of a network. */
#ifndef TX_NN_SIZES_H
#define TX_NN_SIZES_H

#include "nn/network.h"
#include "tensor/kernels.h"

typedef struct tx_sizes {
  tx_ssd_dims ssd;
  size_t inner, heads, channels, projected; /* I; H; x B C; z x B C dt */
} tx_sizes;

static inline tx_sizes tx_sizes_of(const tx_dims *dims)
{
  tx_sizes z;
  z.inner = dims->expand * dims->width;
  z.heads = z.inner / dims->head_width;
  z.channels = z.inner + 2 * dims->state;
  z.projected = z.inner + z.channels + z.heads;
  z.ssd.state = dims->state;
  z.ssd.head_width = dims->head_width;
  z.ssd.heads = z.heads;
  return z;
}

#endif
