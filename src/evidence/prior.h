/* The prior: the share of each kind of outcome among the barcodes that are classified. */
#ifndef TX_EVIDENCE_PRIOR_H
#define TX_EVIDENCE_PRIOR_H

#include "evidence/outcomes.h"

/* Estimates the prior of barcodes that are sampled as the references were: .60 known species, .03 of no known
   taxon at all, and of the other .37 to a new taxon at each rank the share of the species that are the only
   one of their taxon there. After I. J. Good (1953): the probability that the next species belongs to a taxon
   not seen before is the share of the species that are alone in theirs. 20 species with the shares of
   arthropods and fungi (prior.c) are added, for small sets. prior (kinds of the space): its sum is 1.
   TX_ERROR_MEMORY. */
tx_status tx_prior_estimate(const tx_outcome_space *space, double *prior, tx_error *error);

#endif
