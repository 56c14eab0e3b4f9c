/* What the answer to one record was made from, in a form that outlives the answer. */
#ifndef TX_EVIDENCE_DETAILS_H
#define TX_EVIDENCE_DETAILS_H

#include "evidence/answer.h"

typedef struct tx_evidence_details {
  size_t outcome_count, candidate_count;
  tx_answer_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];     /* the most probable first */
  tx_answer_candidate candidates[TX_CANDIDATES_MAX]; /* nearest first */
} tx_evidence_details;

/* Copies the outcomes and candidates of the last answer, which must be that of a record that is `like`.
   coding: of the search index of the set. */
void tx_evidence_details_fill(const tx_evidence *evidence, bool coding, tx_evidence_details *ret_details);

#endif
