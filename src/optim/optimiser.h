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

/* Makes the groups and the state of zeros for a network with these sizes; up to `threads` matrices are
   processed at once. TX_ERROR_MEMORY, and the errors of tx_kl_create; must be freed even on failure. */
tx_status tx_optimiser_create(const tx_train_config *config, const tx_dims *dims, size_t threads,
                              tx_optimiser *optimiser, tx_error *error);
void tx_optimiser_free(tx_optimiser *optimiser);

/* Norm of the gradient (flat over the layout) of everything that is updated. The same bits for any number of
   threads. */
double tx_optimiser_norm(tx_optimiser *optimiser, tx_pool *pool, const float *gradients);

/* Updates the weights once with `scale` * gradients, both flat over the layout. TX_ERROR_NUMERIC or
   TX_ERROR_MEMORY, with *ret_failed the matrix at fault: the weights are then invalid. */
tx_status tx_optimiser_step(tx_optimiser *optimiser, tx_pool *pool, double learning_rate, float scale,
                            const float *gradients, float *weights, const tx_kl_entry **ret_failed);

/* Adds the parts that a checkpoint stores; the optimiser must not be moved in memory after that. The run
   stores the number of updates. */
tx_status tx_optimiser_parts(tx_optimiser *optimiser, tx_state_parts *parts, tx_error *error);
/* Sets the number of updates made so far, after the parts have been read. */
void tx_optimiser_set_step(tx_optimiser *optimiser, uint64_t step);

/* Number of bytes of the state that a checkpoint stores. */
size_t tx_optimiser_bytes(const tx_optimiser *optimiser);

#endif
