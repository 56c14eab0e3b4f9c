/* Fitted weights of the outcomes, by length of the barcode. */
#ifndef TX_EVIDENCE_FITTED_H
#define TX_EVIDENCE_FITTED_H

#include "evidence/reliability.h"

enum { TX_FIT_LENGTHS = 6 };

/* Weights by length of the barcode; between two lengths they are interpolated in the logarithm of the
   length. */
typedef struct tx_fitted_weights {
  size_t length_count;
  uint32_t lengths[TX_FIT_LENGTHS]; /* ascending */
  tx_outcome_weights weights[TX_FIT_LENGTHS];
  tx_reliability reliability[TX_FIT_LENGTHS];
  double prior[TX_KINDS_MAX]; /* share of the kinds among the examples, by weight */
} tx_fitted_weights;

/* Interpolates the weights for barcodes of `length` bases. */
void tx_fitted_weights_at(const tx_fitted_weights *fitted, size_t kinds, double length,
                          tx_outcome_weights *ret_weights);

/* The lowest confidence, by the prior of the fit, that keeps the share of wrong lineages at `rate` for
   barcodes of `length` bases of which the kinds have the shares of opt_prior (kinds; NULL: those of the fit):
   see tx_reliability_threshold. */
double tx_fitted_threshold(const tx_fitted_weights *fitted, size_t kinds, const double *opt_prior,
                           double length, double rate);

#endif
