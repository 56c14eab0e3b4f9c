/* The weights of the softmax, fitted on the references alone: records are taken for unknown barcodes, whole
   and cut, while they, their species, genus, family, ... are left out of the search. */
#ifndef TX_EVIDENCE_FIT_H
#define TX_EVIDENCE_FIT_H

#include "base/pool.h"
#include "evidence/reliability.h"

enum { TX_FIT_LENGTHS = 6 };

/* Weights by length of the barcode; between two lengths they are interpolated in the logarithm. */
typedef struct tx_fitted_weights {
  size_t length_count;
  uint32_t lengths[TX_FIT_LENGTHS]; /* ascending */
  tx_outcome_weights weights[TX_FIT_LENGTHS];
  tx_reliability reliability[TX_FIT_LENGTHS];
  double prior[TX_KINDS_MAX]; /* share of the kinds among the examples, by weight */
} tx_fitted_weights;

/* Share of each of `kinds` kinds unless told otherwise: .60, .22, .10, .05, and .03 for what is above. */
void tx_prior_default(size_t kinds, double *prior);

/* The weights for barcodes with so many bases. */
void tx_fitted_weights_at(const tx_fitted_weights *fitted, size_t kinds, double length,
                          tx_outcome_weights *ret_weights);

/* The confidence that keeps the share of wrong lineages at `rate` for barcodes with so many bases: see
   tx_reliability_threshold. */
double tx_fitted_threshold(const tx_fitted_weights *fitted, double length, double rate);

/* With fewer than 30 examples of a length the weights are those that a fit starts from (evidence/standard.h).
   seed: of the choice of records and cuts. The result does not depend on the threads of the pool.
   TX_ERROR_MEMORY; TX_STOPPED. */
tx_status tx_evidence_fit(const tx_outcome_space *space, tx_pool *pool, uint64_t seed,
                          const volatile int *opt_stop, tx_fitted_weights *ret_fitted, tx_error *error);

#endif
