#include "evidence/details.h"

/* Inserts an outcome behind those that are at least as probable: of equal ones the listed order stays. */
static void insert(tx_evidence_details *details, const tx_answer_outcome *own)
{
  size_t at = details->outcome_count++;
  for (; at > 0 && details->outcomes[at - 1].probability < own->probability; at--)
    details->outcomes[at] = details->outcomes[at - 1];
  details->outcomes[at] = *own;
}

static tx_answer_candidate describe(const tx_candidate *candidate, bool coding)
{
  const tx_alignment *alignment = &candidate->alignment;
  return (tx_answer_candidate){.reference = candidate->reference,
                               .columns = alignment->length,
                               .mismatches = alignment->mismatches,
                               .transversions = alignment->transversions,
                               .codon_substitutions = coding ? (int32_t)alignment->codon : -1,
                               .score = candidate->score};
}

void tx_evidence_details_fill(const tx_evidence *evidence, bool coding, tx_evidence_details *ret_details)
{
  const double *probabilities, *alone;
  size_t count;
  const tx_outcome *outcomes = tx_evidence_outcomes(evidence, &probabilities, &alone, &count);
  const tx_candidate *candidates;
  ret_details->outcome_count = 0;
  for (size_t o = 0; o < count; o++) {
    const tx_answer_outcome own = {outcomes[o].rank, outcomes[o].taxon, probabilities[o],
                                   alone[o],         outcomes[o].heard, outcomes[o].log_probability};
    insert(ret_details, &own);
  }
  candidates = tx_evidence_candidates(evidence, &ret_details->candidate_count);
  for (size_t i = 0; i < ret_details->candidate_count; i++)
    ret_details->candidates[i] = describe(&candidates[i], coding);
}
