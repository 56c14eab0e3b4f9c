#include "optim/groups.h"

#include "base/error.h"
#include "nn/layout.h"

#include <stdlib.h>
#include <string.h>

bool tx_suits_preconditioner(const tx_dims *dims, size_t index, size_t limit)
{
  /* prefix of the embeddings of tokens and positions, also within a decoder */
  static const char embedding[] = "emb.";
  tx_tensor_info info;
  tx_layout_tensor(dims, index, &info);
  if (info.dimensions != 2 || info.init == TX_INIT_CONV) return false;
  if (strstr(info.name, embedding)) return false;
  return info.shape[0] >= 2 && info.shape[1] >= 2 && info.shape[0] <= limit && info.shape[1] <= limit;
}

tx_status tx_parameter_groups_create(const tx_dims *dims, const tx_group_rules *rules,
                                     tx_parameter_groups *groups, tx_error *error)
{
  const size_t encoder = tx_head_tensor(dims, 0);
  memset(groups, 0, sizeof *groups);
  groups->count = tx_layout_count(dims);
  groups->groups = calloc(groups->count, sizeof *groups->groups);
  if (!groups->groups) return tx_fail_memory(error, "the parameter groups");
  for (size_t i = 0; i < groups->count; i++) {
    tx_parameter_group *group = &groups->groups[i];
    tx_layout_tensor(dims, i, &group->tensor);
    group->rate = i < encoder ? rules->encoder_rate : 1.0;
    group->decay = group->tensor.decay;
    group->frozen = i < encoder && rules->freeze_encoder;
    group->preconditioned = tx_suits_preconditioner(dims, i, rules->preconditioner_limit);
    if (group->frozen) groups->frozen = group->tensor.offset + group->tensor.count;
  }
  groups->elements = tx_layout_elements(dims);
  return TX_OK;
}

void tx_parameter_groups_free(tx_parameter_groups *groups)
{
  free(groups->groups);
  memset(groups, 0, sizeof *groups);
}
