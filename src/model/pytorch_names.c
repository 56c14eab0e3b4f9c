#include "model/pytorch_names.h"

#include "nn/layout.h"

#include <stdio.h>
#include <string.h>

/* What is named otherwise within a layer. */
static const struct {
  const char *ours, *theirs;
} parts[] = {
    {"mixer.norm_weight", "mixer.norm.weight"},
    {"fc1.", "mlp.fc1."},
    {"fc2.", "mlp.fc2."},
};

static void name_of_layer(const char *ours, char *name)
{
  const char *part = strchr(ours + strlen("layers."), '.') + 1;
  const int before = (int)(part - ours);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    const size_t length = strlen(parts[i].ours);
    if (strncmp(part, parts[i].ours, length) != 0) continue;
    snprintf(name, TX_PYTORCH_NAME_SIZE, "backbone.%.*s%s%s", before, ours, parts[i].theirs, part + length);
    return;
  }
  snprintf(name, TX_PYTORCH_NAME_SIZE, "backbone.%s", ours);
}

void tx_pytorch_name(const tx_dims *dims, size_t index, char name[TX_PYTORCH_NAME_SIZE])
{
  tx_tensor_info info;
  tx_layout_tensor(dims, index, &info);
  if (index == 0)
    snprintf(name, TX_PYTORCH_NAME_SIZE, TX_PYTORCH_VOCABULARY);
  else if (dims->positions && index == tx_position_tensor(dims))
    snprintf(name, TX_PYTORCH_NAME_SIZE, TX_PYTORCH_POSITIONS);
  else if (strncmp(info.name, "layers.", strlen("layers.")) == 0)
    name_of_layer(info.name, name);
  else if (index < tx_head_tensor(dims, 0))
    snprintf(name, TX_PYTORCH_NAME_SIZE, "backbone.%s", info.name); /* the last norm */
  else if (tx_dims_regression_head(dims) < dims->head_count &&
           index >= tx_head_tensor(dims, tx_dims_regression_head(dims)))
    snprintf(name, TX_PYTORCH_NAME_SIZE, "head.traits%s", strrchr(info.name, '.'));
  else if (tx_dims_have_strand_head(dims) && index >= tx_head_tensor(dims, tx_dims_strand_head(dims)))
    snprintf(name, TX_PYTORCH_NAME_SIZE, TX_PYTORCH_STRAND "%s", strrchr(info.name, '.'));
  else if (tx_dims_ranks(dims) == 1)
    snprintf(name, TX_PYTORCH_NAME_SIZE, "head.output_transform%s", strrchr(info.name, '.'));
  else
    snprintf(name, TX_PYTORCH_NAME_SIZE, "head.%s", info.name);
}
