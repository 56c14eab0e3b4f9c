/* Softmax cross-entropy over one rank's classes. */
#ifndef TX_TENSOR_LOSS_H
#define TX_TENSOR_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* logits (B, C) are overwritten by dL/dlogits where L = scale * sum over labelled rows of the cross-entropy against
   (1 - smoothing) on the true class + smoothing / (C - 1) on every other. Rows with label -1 get gradient 0.
   Returns the unscaled sum of the losses (double); NaN or infinity pass through. *opt_correct: rows whose argmax is the label. */
double tx_cross_entropy(float *logits, const int32_t *labels, size_t rows, size_t classes, float smoothing, float scale, size_t *opt_correct);

#endif
