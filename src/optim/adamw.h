/* AdamW (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2) over the flat
   parameters. */
#ifndef TX_OPTIM_ADAMW_H
#define TX_OPTIM_ADAMW_H

#include "base/pool.h"
#include "optim/groups.h"

#include <stdint.h>

/* A block of the flat parameters with one rule for weight decay; the blocks never depend on the number of
   threads. */
typedef struct tx_block {
  size_t offset;
  size_t moment; /* first element of its moments */
  size_t count;
  double rate; /* share of the learning rate */
  bool decay;
  bool left; /* updated by another optimiser: counts in the norm only, and has no moments */
} tx_block;

typedef struct tx_adamw_options {
  double beta1, beta2; /* decay of the moments */
  double epsilon;
  double weight_decay;
} tx_adamw_options;

typedef struct tx_adamw {
  tx_adamw_options options;
  uint64_t step;   /* updates made so far */
  size_t elements; /* parameters that have moments: all but the preconditioned ones, frozen ones included */
  float *m, *v;    /* (elements) first and second moment */
  tx_block *blocks; /* blocks that are updated */
  size_t block_count;
  double *sums; /* (block_count) scratch of the norm */
} tx_adamw;

/* Makes moments of zero for the groups that are not preconditioned, and does not keep the groups.
   TX_ERROR_MEMORY; on failure there is nothing to free. */
tx_status tx_adamw_create(const tx_parameter_groups *groups, const tx_adamw_options *options,
                          tx_adamw *optimiser, tx_error *error);

/* Norm of the gradient (flat over the layout) of everything that is updated, including preconditioned groups,
   summed in double in a fixed order. */
double tx_gradient_norm(tx_adamw *optimiser, tx_pool *pool, const float *gradients);

/* Updates the weights once with `scale` * gradients, both flat over the layout. */
void tx_adamw_step(tx_adamw *optimiser, tx_pool *pool, double learning_rate, float scale,
                   const float *gradients, float *weights);

void tx_adamw_free(tx_adamw *optimiser);

#endif
