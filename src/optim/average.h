/* Exponential moving average of the weights (Polyak and Juditsky 1992, "Acceleration of stochastic
   approximation by averaging"). */
#ifndef TX_OPTIM_AVERAGE_H
#define TX_OPTIM_AVERAGE_H

#include "base/pool.h"

#include <stdint.h>

/* average = d average + (1 - d) weights, both (elements), after the update number `step` (from 0) of the
   weights. d is `decay`, but at first (1 + step) / (10 + step), so that the initial weights are forgotten
   soon. The same bits for any number of threads. */
void tx_average_update(tx_pool *pool, double decay, uint64_t step, size_t elements, const float *weights,
                       float *average);

#endif
