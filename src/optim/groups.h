/* The parameter groups of a network: how each tensor of its layout learns, computed once for a run. */
#ifndef TX_OPTIM_GROUPS_H
#define TX_OPTIM_GROUPS_H

#include "nn/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

/* How one tensor is updated. */
typedef struct tx_parameter_group {
  tx_tensor_info tensor;
  double rate;         /* share of the learning rate, which weight decay is multiplied by as well */
  bool decay;          /* whether weight decay applies */
  bool frozen;         /* not updated, by weight decay neither, and not counted in the norm */
  bool preconditioned; /* by KL-Shampoo or KL-SOAP (optim/kl.h); otherwise by AdamW (optim/adamw.h) */
} tx_parameter_group;

typedef struct tx_parameter_groups {
  tx_parameter_group *groups; /* (count) in the order of the layout */
  size_t count;
  size_t elements; /* number of elements of all tensors */
  size_t frozen;   /* elements before this one are not updated */
} tx_parameter_groups;

/* What determines the groups. */
typedef struct tx_group_rules {
  bool freeze_encoder; /* everything before the heads, or before the head of pretraining, is not updated */
  double encoder_rate; /* the encoder's share of the learning rate; other tensors have 1 */
  size_t preconditioner_limit; /* longest side of a matrix that is preconditioned; 0 = AdamW updates all */
} tx_group_rules;

/* Makes the groups of a network with these sizes. TX_ERROR_MEMORY; on failure there is nothing to free. */
tx_status tx_parameter_groups_create(const tx_dims *dims, const tx_group_rules *rules,
                                     tx_parameter_groups *groups, tx_error *error);
void tx_parameter_groups_free(tx_parameter_groups *groups);

/* Whether a preconditioner suits tensor `index` of the layout: a matrix with both sides from 2 to `limit`,
   but not the embedding, whose gradient has rows only for the tokens of the batch, nor the convolution. */
bool tx_suits_preconditioner(const tx_dims *dims, size_t index, size_t limit);

#endif
