/* Decoding: one lineage from the outcomes and their probabilities. */
#ifndef TX_EVIDENCE_LINEAGE_H
#define TX_EVIDENCE_LINEAGE_H

#include "evidence/outcomes.h"

/* The taxa of each outcome: -1 below its rank, and in gaps. */
typedef int32_t tx_lineages[TX_ANSWER_OUTCOMES_MAX][TX_RANKS_MAX];

/* taxonomy: of the references, or one with more taxa in which theirs have the same classes. */
void tx_lineages_fill(const tx_taxonomy *taxonomy, const tx_outcome *outcomes, size_t count,
                      tx_lineages lineages);
/* Chooses the lineage from the top down: at each rank the taxon with the highest probability among those
   inside the taxa chosen above it; of equal ones that of the first outcome. The probability of a taxon is the
   sum over the outcomes whose lineage contains it. A taxon whose parent is more than one rank above it
   competes at the ranks of that gap too: where it has the highest probability, the lineage has the gap. taxa,
   confidence (ranks): -1 and 0 at a rank without a taxon; a confidence is never higher than that of a taxon
   above it. */
void tx_lineages_choose(const tx_outcome_space *space, tx_lineages lineages, const double *probabilities,
                        size_t count, int32_t *taxa, double *confidence);

/* The confidences (ranks) of a chosen lineage with other probabilities. */
void tx_lineages_confidence(const tx_outcome_space *space, tx_lineages lineages, const double *probabilities,
                            size_t count, const int32_t *taxa, double *confidence);

#endif
