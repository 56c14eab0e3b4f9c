/* The weights of the softmax, fitted on the references alone: records are taken for unknown barcodes, whole
   and cut, while they, their species, genus, family, ... are left out of the search. */
#ifndef TX_EVIDENCE_FIT_H
#define TX_EVIDENCE_FIT_H

#include "base/pool.h"
#include "evidence/fitted.h"

/* With fewer examples of a length nothing is fitted. */
enum { TX_FIT_FEWEST = 30 };
/* Of the quadratic penalty on what weights differ from those at the start. */
#define TX_FIT_PENALTY 1.0

/* Fits the weights. With fewer than 30 examples of a length the weights are those that a fit starts from
   (evidence/standard.h). seed: random seed of the choice of records and cuts. The result does not depend on
   the threads of the pool. TX_ERROR_MEMORY; TX_STOPPED. */
tx_status tx_evidence_fit(const tx_outcome_space *space, tx_pool *pool, uint64_t seed,
                          const volatile int *opt_stop, tx_fitted_weights *ret_fitted, tx_error *error);

#endif
