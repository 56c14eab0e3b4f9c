/* KL-Shampoo and KL-SOAP over the matrices of a network that are suitable for them; AdamW (optim/adamw.h)
   updates the other parameters. A matrix whose sides are longer than options.block is cut into equal blocks,
   each an entry of its own: the time of a step then grows with the elements, not with the square of the
   longer side. */
#ifndef TX_OPTIM_KL_H
#define TX_OPTIM_KL_H

#include "base/pool.h"
#include "optim/groups.h"
#include "optim/kl_matrix.h"
#include "tensor/blas.h"

/* A matrix, or a block of one, and its position in the flat parameters. */
typedef struct tx_kl_entry {
  tx_kl_matrix state;
  size_t offset, stride; /* of its first element; floats from one row to the next */
  double rate; /* share of the learning rate */
  bool decay;
  char name[TX_TENSOR_NAME_SIZE];
  tx_status status; /* status of the last step */
  const char *fault;
} tx_kl_entry;

typedef struct tx_kl {
  tx_kl_options options;
  uint64_t step;        /* gradients seen so far */
  size_t elements;      /* floats of state of all matrices; 0 = there is no matrix */
  float *state;         /* (elements) */
  tx_kl_entry *entries; /* the most expensive first */
  size_t count;
  size_t matrices;      /* of which the entries are blocks */
  size_t lanes;        /* number of entries processed at once */
  size_t lane_scratch; /* floats of scratch of a lane */
  float *scratch;      /* (lanes, lane_scratch) */
  /* the OpenBLAS, with its kernels, that computes the state; empty without matrices */
  char library[TX_BLAS_VERSION_SIZE];
} tx_kl;

/* Makes a state of zeros for every preconditioned group that is updated, and scratch for up to `threads` of
   them at once. The groups are not kept. If there is a matrix, OpenBLAS is loaded: TX_ERROR_IO or
   TX_ERROR_MEMORY when it cannot be (tx_blas_load). On failure there is nothing to free. */
tx_status tx_kl_create(const tx_parameter_groups *groups, const tx_kl_options *options, size_t threads,
                       tx_kl *kl, tx_error *error);

/* Updates the matrices in weights once with `scale` * gradients, both flat over the layout; the first changes
   no weight (see kl_matrix.h). Matrices are spread over the pool, each computed by one thread, so that the
   result does not depend on their number. TX_ERROR_NUMERIC or TX_ERROR_MEMORY, with *ret_failed the matrix at
   fault: the weights are then invalid. */
tx_status tx_kl_step(tx_kl *kl, tx_pool *pool, double learning_rate, float scale, const float *gradients,
                     float *weights, const tx_kl_entry **ret_failed);

void tx_kl_free(tx_kl *kl);

#endif
