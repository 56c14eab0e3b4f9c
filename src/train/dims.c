#include "train/dims.h"

#include "nn/dims.h"
#include "nn/strands.h"
#include "settings/config.h"

#include <string.h>

void tx_train_dims_take(const tx_train_config *config, tx_dims *dims)
{
  size_t count;
  const tx_dim *table = tx_dim_table(&count);
  for (size_t i = 0; i < count; i++) {
    uint64_t value;
    if (!table[i].opt_option) continue;
    memcpy(&value, (const char *)config + tx_train_param(table[i].opt_option)->offset, sizeof value);
    *tx_dim_field(&table[i], dims) = (size_t)value;
  }
  if (dims->mlp == 0) dims->mlp = 4 * dims->width;
  dims->strands = config->both_strands ? 2 : 1;
}

void tx_train_dims_put(const tx_dims *dims, tx_train_config *config)
{
  size_t count;
  const tx_dim *table = tx_dim_table(&count);
  for (size_t i = 0; i < count; i++) {
    const uint64_t value = tx_dim_value(&table[i], dims);
    if (!table[i].opt_option) continue;
    memcpy((char *)config + tx_train_param(table[i].opt_option)->offset, &value, sizeof value);
  }
  if (dims->mlp == 4 * dims->width) config->mlp_width = 0;
  config->both_strands = tx_dims_strands(dims) > 1; /* no shared setting: the weights fit either way */
}
