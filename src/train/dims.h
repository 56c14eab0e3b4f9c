/* The sizes of a network in the settings of a training. */
#ifndef TX_TRAIN_DIMS_H
#define TX_TRAIN_DIMS_H

#include "nn/network.h"

#include <taxamba/train.h>

/* Sets every size that has a setting, and the strands. 0 positions are not resolved (tx_train_positions). */
void tx_train_dims_take(const tx_train_config *config, tx_dims *dims);

/* Sets the settings that give these sizes. */
void tx_train_dims_put(const tx_dims *dims, tx_train_config *config);

#endif
