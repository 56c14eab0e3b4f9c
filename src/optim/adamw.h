/* AdamW (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2) over the flat parameters. */
#ifndef TX_OPTIM_ADAMW_H
#define TX_OPTIM_ADAMW_H

#include "base/pool.h"
#include "nn/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* A stretch of the flat parameters with one rule for weight decay; the blocks never depend on the number of threads. */
typedef struct tx_block {
  size_t offset;
  size_t moment; /* first element of its moments */
  size_t count;
  bool decay;
  bool left; /* to another optimiser: counts in the norm only, and has no moments */
} tx_block;

typedef struct tx_adamw {
  double beta1, beta2, epsilon, weight_decay;
  uint64_t step;   /* updates made so far */
  size_t elements; /* parameters that it updates */
  float *m, *v;    /* (elements) first and second moment */
  tx_block *blocks;
  size_t block_count;
  double *sums; /* (block_count) scratch of the norm */
  size_t slow_end;   /* elements before this one learn with slow_share of the rate */
  double slow_share;
} tx_adamw;

/* Moments of zero. `decay_all` applies weight decay to every tensor instead of those the layout marks. opt_left (layout count) marks
   tensors that another optimiser updates. */
tx_status tx_adamw_create(const tx_dims *dims, double beta1, double beta2, double epsilon, double weight_decay, bool decay_all,
                          const bool *opt_left, tx_adamw *optimiser, tx_error *error);

/* Leaves the elements before `first`, the first of a tensor, as they are: they count in no norm and get no update, weight decay
   included. */
void tx_adamw_freeze(tx_adamw *optimiser, size_t first);

/* Elements before `end`, the first of a tensor, learn with this share of the learning rate, weight decay included. */
void tx_adamw_slow(tx_adamw *optimiser, size_t end, double share);

/* Norm of the whole gradient (flat over the layout), summed in double in a fixed order. */
double tx_gradient_norm(tx_adamw *optimiser, tx_pool *pool, const float *gradients);

/* One update of weights with `scale` * gradients, both flat over the layout. */
void tx_adamw_step(tx_adamw *optimiser, tx_pool *pool, double learning_rate, float scale, const float *gradients, float *weights);

void tx_adamw_free(tx_adamw *optimiser);

#endif
