/* Fitted weights of the outcomes, by length of the barcode. */
#ifndef TX_EVIDENCE_FITTED_H
#define TX_EVIDENCE_FITTED_H

#include "evidence/split.h"

#include <taxamba/references.h>

enum { TX_FIT_LENGTHS = 6 };

/* Weights by length of the barcode; between two lengths they are interpolated in the logarithm of the
   length. */
typedef struct tx_fitted_weights {
  size_t length_count;
  uint32_t lengths[TX_FIT_LENGTHS]; /* ascending */
  tx_outcome_weights weights[TX_FIT_LENGTHS];
  tx_reliability reliability[TX_FIT_LENGTHS];
  double prior[TX_KINDS_MAX]; /* share of the kinds among the examples, by weight */
  tx_witness witness;         /* of a network */
} tx_fitted_weights;

/* Index of the fitted length that is nearest to `length`, by ratio. */
size_t tx_fitted_nearest(const tx_fitted_weights *fitted, double length);

/* Interpolates the weights for barcodes of `length` bases. */
void tx_fitted_weights_at(const tx_fitted_weights *fitted, size_t kinds, double length,
                          tx_outcome_weights *ret_weights);

/* Whether it is asked about barcodes of `length` bases: what holds for the nearest fitted length. */
bool tx_fitted_witness_is_used(const tx_fitted_weights *fitted, tx_witness_use use, double length);
/* Interpolates its weights. */
void tx_fitted_witness_at(const tx_fitted_weights *fitted, double length, tx_witness_weights *ret_weights);

/* Fills the weights of the network's taxa that the references lack, for barcodes of `length` bases: those of
   the nearest fitted length. False: none of them is used. */
bool tx_fitted_split_at(const tx_fitted_weights *fitted, tx_witness_use use, double length,
                        tx_split_weights *ret_weights);

/* The lowest confidence, by the prior of the fit, that keeps the share of wrong lineages at `rate` for
   barcodes of `length` bases of which the kinds have the shares of opt_prior (kinds; NULL: those of the fit):
   see tx_reliability_threshold. witness: of answers with the network, else by the references alone. */
double tx_fitted_threshold(const tx_fitted_weights *fitted, size_t kinds, const double *opt_prior,
                           bool witness, double length, double rate);

#endif
