/* The reliability of answers about taxa that had no part in the fit of the weights. */
#ifndef TX_EVIDENCE_CROSS_VALIDATION_H
#define TX_EVIDENCE_CROSS_VALIDATION_H

#include "evidence/reliability.h"

/* The rank whose taxa are divided between the two halves: the highest with TX_HALVES_TAXA taxa or more, so
   that relatives stay together, else the lowest rank. */
enum { TX_HALVES_TAXA = 16 };
size_t tx_halves_rank(const tx_outcome_space *space);
/* The half that a reference belongs to, 0 or 1, by its taxon of that rank, or of the next rank below at which
   it has a label. seed: random seed. */
unsigned tx_half_of(const tx_outcome_space *space, size_t rank, uint32_t reference, uint64_t seed);

/* Fits weights to each half of the examples, from `start`, and measures them on the other half. A half with
   fewer than `fewest` examples has the weights of `start`. Leaves all examples with the weights of the prior.
   TX_ERROR_MEMORY, TX_ERROR_NUMERIC. */
typedef struct tx_cross_validation {
  const tx_outcome_space *space;
  const tx_outcome_weights *start;
  const double *prior; /* (kinds) */
  double penalty;      /* of tx_outcome_weights_fit */
  size_t fewest;
} tx_cross_validation;
tx_status tx_reliability_cross_validate(const tx_cross_validation *task, tx_outcome_examples *examples,
                                        tx_reliability *ret_reliability, tx_error *error);

#endif
