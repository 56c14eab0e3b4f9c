/* The optimiser of a run: its parameter groups, and AdamW, KL-Shampoo or KL-SOAP on them. */
#ifndef TX_OPTIM_OPTIMISER_H
#define TX_OPTIM_OPTIMISER_H

#include "optim/adamw.h"
#include "optim/kl.h"
#include "optim/state.h"

#include <taxamba/train.h>

typedef struct tx_optimiser {
  const char *name; /* for people; static */
  tx_parameter_groups groups;
  tx_adamw adamw;
  tx_kl matrices; /* none with --optimiser adamw */
} tx_optimiser;

/* The groups and the state of zeros for a network of these sizes; up to `threads` matrices are in work at
   once. TX_ERROR_MEMORY, and the errors of tx_kl_create; on failure free it all the same. */
tx_status tx_optimiser_create(const tx_train_config *config, const tx_dims *dims, size_t threads,
                              tx_optimiser *optimiser, tx_error *error);
void tx_optimiser_free(tx_optimiser *optimiser);

/* Norm of the gradient (flat over the layout) of all that learns. The same bits for any number of threads. */
double tx_optimiser_norm(tx_optimiser *optimiser, tx_pool *pool, const float *gradients);

/* One update of weights with `scale` * gradients, both flat over the layout. TX_ERROR_NUMERIC or
   TX_ERROR_MEMORY, with *ret_failed the matrix at fault: the weights are then of no use. */
tx_status tx_optimiser_step(tx_optimiser *optimiser, tx_pool *pool, double learning_rate, float scale,
                            const float *gradients, float *weights, const tx_kl_entry **ret_failed);

/* Adds what a checkpoint keeps; the optimiser must not move after that. The number of updates is kept by the
   run. */
tx_status tx_optimiser_parts(tx_optimiser *optimiser, tx_state_parts *parts, tx_error *error);
/* After the parts have been read: so many updates have been made. */
void tx_optimiser_set_step(tx_optimiser *optimiser, uint64_t step);

/* Bytes of the state that a checkpoint keeps. */
size_t tx_optimiser_bytes(const tx_optimiser *optimiser);

#endif
