/* The sizes of a network as a table, with their names in files and settings and their bounds. All code that
   reads, checks, writes or describes the sizes uses its rows. */
#ifndef TX_NN_DIMS_H
#define TX_NN_DIMS_H

#include "nn/network.h"

typedef struct tx_dim {
  const char *key;        /* in a model file and in the description for programs */
  const char *opt_option; /* setting of a training that gives it, within bounds of its own; NULL = none */
  const char *opt_label;  /* in the description for people; NULL = it is not in the line of the encoder */
  bool counted;           /* label after the number: "2 layers" beside "state 64" */
  bool optional;          /* a file has it only where it is above `absent` */
  size_t absent;
  size_t least, most; /* what a file may have */
  const char *fault;  /* what to say of other values */
  size_t offset;      /* in tx_dims */
} tx_dim;

/* Returns the rows, in the order of the model file. Static. */
const tx_dim *tx_dim_table(size_t *ret_count);

/* Returns the field of `dims`. */
static inline size_t *tx_dim_field(const tx_dim *dim, tx_dims *dims)
{
  return (size_t *)(void *)((char *)dims + dim->offset);
}

/* Returns the value. An optional size may also be 0 in `dims` for `absent`. */
static inline size_t tx_dim_value(const tx_dim *dim, const tx_dims *dims)
{
  const size_t value = *(const size_t *)(const void *)((const char *)dims + dim->offset);
  return dim->optional && value < dim->absent ? dim->absent : value;
}

/* Returns whether a file has the size. */
static inline bool tx_dim_is_present(const tx_dim *dim, const tx_dims *dims)
{
  return !dim->optional || tx_dim_value(dim, dims) > dim->absent;
}

/* Returns the number of all parameters, in 64 bits: within the bounds no sum here reaches 2^45. */
uint64_t tx_dims_elements(const tx_dims *dims);

#endif
