/* Weights to start a fit from: those fitted on 7,877 COI barcodes of arthropods. */
#ifndef TX_EVIDENCE_STANDARD_H
#define TX_EVIDENCE_STANDARD_H

#include "evidence/fitted.h"

/* Fills the weights for barcodes of `length` bases. A kind that the arthropod references do not have gets the
   weights of the nearest kind that they have. */
void tx_standard_weights(size_t kinds, double length, tx_outcome_weights *ret_weights);

#endif
