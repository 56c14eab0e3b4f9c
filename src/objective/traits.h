/* The loss of the head of traits: squared errors of z-scaled numbers, or Huber's. */
#ifndef TX_OBJECTIVE_TRAITS_H
#define TX_OBJECTIVE_TRAITS_H

#include <stddef.h>

/* Returns the sum over the columns of one record: with e = output - target, e^2 / 2, or above a bound > 0 in
   size bound (|e| - bound / 2) (Huber 1964); NaN targets count nothing. Overwrites outputs (columns) by scale
   times the gradient. opt_targets NULL: none is known. NaN outputs pass through. */
double tx_traits_loss(float *outputs, const float *opt_targets, size_t columns, double bound, double scale);

#endif
