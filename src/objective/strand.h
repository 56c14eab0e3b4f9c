/* The loss of the head of the strand: binary cross-entropy of "this is the given way round". */
#ifndef TX_OBJECTIVE_STRAND_H
#define TX_OBJECTIVE_STRAND_H

#include <stddef.h>
#include <stdint.h>

/* Returns the sum over rows of weight * log(1 + exp(-t z)), z the logit (rows, 1) and t = -1 for a reversed
   row, 1 for another; overwrites the logits by scale times its gradient. The weights make both kinds count
   half, whatever their numbers, so that a logit of 0 is no evidence for either: 0.5 / share for reversed
   rows, 0.5 / (1 - share) for the others, 0 < share < 1. NaN passes through. */
double tx_strand_loss(float *logits, const uint8_t *reversed, size_t rows, double share, double scale);

#endif
