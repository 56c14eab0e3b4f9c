#include "evidence/answer.h"

#include "base/error.h"
#include "base/memory.h"
#include "evidence/lineage.h"
#include "search/region.h"
#include "seq/bases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VOTES_LEAST = 16, VOTES_SHARE = 20 }; /* at least 16, and one in 20 of the barcode's 8-mers */

struct tx_evidence {
  const tx_reference_set *set;
  tx_search *search;
  tx_sequence_buffer forward, reverse;
  tx_region_work region;
  char *letters; /* of a long record, without gaps */
  size_t letter_capacity;
  const tx_candidate *candidates; /* those of the last answer */
  size_t candidate_count;
  tx_outcome outcomes[TX_OUTCOMES_MAX];
  double probabilities[TX_OUTCOMES_MAX];
  double alone[TX_OUTCOMES_MAX]; /* without a network */
  size_t outcome_count;
  tx_lineages lineages; /* those of the outcomes */
};

tx_status tx_evidence_create(const tx_reference_set *set, tx_evidence **ret_evidence, tx_error *error)
{
  tx_evidence *evidence = calloc(1, sizeof *evidence);
  tx_status status;
  *ret_evidence = NULL;
  if (!evidence) return tx_fail_memory(error, "the workspace of a thread");
  evidence->set = set;
  status = tx_search_create(set->index, &evidence->search, error);
  if (status == TX_OK)
    *ret_evidence = evidence;
  else
    tx_evidence_free(evidence);
  return status;
}

void tx_evidence_free(tx_evidence *evidence)
{
  if (!evidence) return;
  tx_search_free(evidence->search);
  tx_sequence_buffer_free(&evidence->forward);
  tx_sequence_buffer_free(&evidence->reverse);
  tx_region_work_free(&evidence->region);
  free(evidence->letters);
  free(evidence);
}

const tx_candidate *tx_evidence_candidates(const tx_evidence *evidence, size_t *ret_count)
{
  *ret_count = evidence->candidate_count;
  return evidence->candidates;
}

const tx_outcome *tx_evidence_outcomes(const tx_evidence *evidence, const double **ret_probabilities,
                                       const double **ret_alone, size_t *ret_count)
{
  *ret_probabilities = evidence->probabilities;
  *ret_alone = evidence->alone;
  *ret_count = evidence->outcome_count;
  return evidence->outcomes;
}

bool tx_evidence_is_like(uint32_t votes, size_t bases)
{
  return votes >= VOTES_LEAST && (uint64_t)votes * VOTES_SHARE >= bases;
}

static bool look(tx_evidence *evidence, const tx_sequence *sequence)
{
  /* A sequence that goes on beyond the barcode shares no more than a barcode. */
  const size_t usual = tx_references_median_length(evidence->set->references);
  const size_t count = sequence->count < usual ? sequence->count : usual;
  uint32_t votes;
  evidence->candidates =
      tx_search_run(evidence->search, sequence, NULL, &evidence->candidate_count, &votes);
  return evidence->candidate_count && tx_evidence_is_like(votes, count);
}

/* Makes *letters the record without gaps, if it is so long that it is searched in parts; *ret_long. */
static tx_status remove_gaps(tx_evidence *evidence, const char **letters, size_t *count, bool *ret_long)
{
  size_t kept = 0;
  *ret_long = tx_region_is_in(evidence->set->index, *count);
  if (!*ret_long) return TX_OK;
  if (!tx_reserve(&evidence->letters, &evidence->letter_capacity, *count, 1)) return TX_ERROR_MEMORY;
  for (size_t i = 0; i < *count; i++)
    if (tx_bases_set((*letters)[i])) evidence->letters[kept++] = (*letters)[i];
  *letters = evidence->letters;
  *count = kept;
  *ret_long = tx_region_is_in(evidence->set->index, kept);
  return TX_OK;
}

/* Searches with one strand of a record, or with the part of it that resembles a reference. */
static tx_status look_strand(tx_evidence *evidence, const char *letters, size_t count, bool reversed,
                             tx_evidence_answer *answer)
{
  tx_sequence_buffer *forward = &evidence->forward;
  if (answer->part_count) {
    const size_t skipped = reversed && count > TX_RECORD_MAX ? count - TX_RECORD_MAX : 0;
    const tx_region_text text = {letters + skipped, count < TX_RECORD_MAX ? count : TX_RECORD_MAX, reversed};
    tx_region region;
    const tx_status status =
        tx_region_find(evidence->search, evidence->set->index, &text, &evidence->region, &region);
    if (status != TX_OK || !region.count) return status;
    answer->part_first = skipped + region.first;
    answer->part_count = count = region.count;
    letters += answer->part_first;
  }
  if (!tx_sequence_fill(forward, letters, count, reversed)) return TX_ERROR_MEMORY;
  if (reversed && !tx_sequence_reverse(&evidence->reverse, &forward->view)) return TX_ERROR_MEMORY;
  answer->like = look(evidence, reversed ? &evidence->reverse.view : &forward->view);
  answer->reversed = answer->like && reversed;
  return TX_OK;
}

/* Searches with the strands of the options until one resembles a reference. Of a strand longer than
   TX_RECORD_MAX the start is searched. */
static tx_status look_strands(tx_evidence *evidence, const tx_evidence_options *options, const char *letters,
                              size_t count, tx_evidence_answer *answer)
{
  bool is_long;
  tx_status status = remove_gaps(evidence, &letters, &count, &is_long);
  answer->part_count = is_long ? count : 0;
  if (status == TX_OK && options->forward) status = look_strand(evidence, letters, count, false, answer);
  if (status == TX_OK && !answer->like && options->reverse) {
    answer->part_count = is_long ? count : 0;
    status = look_strand(evidence, letters, count, true, answer);
  }
  return status;
}

/* Fills the probabilities of the outcomes; opt_prior: NULL for that of the fit. */
static void weigh(const tx_evidence *evidence, const double *opt_prior, double *probabilities)
{
  const tx_reference_set *set = evidence->set;
  const size_t kinds = set->space.kinds;
  double shift[TX_KINDS_MAX];
  tx_outcome_weights weights;
  tx_fitted_weights_at(&set->fitted, kinds, evidence->candidates[0].alignment.length, &weights);
  for (size_t k = 0; opt_prior && k < kinds; k++) shift[k] = log(opt_prior[k] / set->fitted.prior[k]);
  tx_outcome_probabilities(&weights, evidence->outcomes, evidence->outcome_count, opt_prior ? shift : NULL,
                           probabilities);
}

/* Chooses the lineage by the prior of the options, and adds what its confidences are by that of the fit.
   opt_witness: weights of what a network has said. */
static void decide(tx_evidence *evidence, const double *opt_prior, const tx_witness_weights *opt_witness,
                   tx_evidence_answer *answer)
{
  const tx_outcome_space *space = &evidence->set->space;
  const size_t count = evidence->outcome_count;
  double fitted[TX_OUTCOMES_MAX];
  tx_lineages_fill(space, evidence->outcomes, count, evidence->lineages);
  weigh(evidence, opt_prior, evidence->alone);
  memcpy(evidence->probabilities, evidence->alone, count * sizeof *evidence->alone);
  if (opt_witness) tx_witness_weigh(opt_witness, evidence->outcomes, count, evidence->probabilities);
  tx_lineages_choose(space, evidence->lineages, evidence->probabilities, count, answer->taxa,
                     answer->confidence);
  memcpy(answer->fitted_confidence, answer->confidence, sizeof answer->confidence);
  if (!opt_prior) return;
  weigh(evidence, NULL, fitted);
  if (opt_witness) tx_witness_weigh(opt_witness, evidence->outcomes, count, fitted);
  tx_lineages_confidence(space, evidence->lineages, fitted, count, answer->taxa, answer->fitted_confidence);
}

/* Whether a network is to be asked, by the prior of the fit. */
static bool is_undecided(const tx_evidence *evidence, tx_witness_use use)
{
  double fitted[TX_OUTCOMES_MAX];
  if (!tx_fitted_witness_is_used(&evidence->set->fitted, use, evidence->candidates[0].alignment.length))
    return false;
  weigh(evidence, NULL, fitted);
  return tx_witness_undecided(evidence->outcomes, fitted, evidence->outcome_count);
}

/* Sets the novelty. The probability that the true taxon of a rank has no reference is the sum over the
   outcomes that end above that rank. */
static void judge_novelty(const tx_evidence *evidence, tx_evidence_answer *answer)
{
  const tx_outcome_space *space = &evidence->set->space;
  answer->novel_rank = -1;
  for (size_t r = space->top; r < space->ranks; r++) {
    double sum = 0;
    for (size_t o = 0; o < evidence->outcome_count; o++)
      if (evidence->outcomes[o].rank < (int)r) sum += evidence->probabilities[o];
    answer->novelty = sum < 1 ? sum : 1;
    if (sum > 0.5) {
      answer->novel_rank = (int)r;
      return;
    }
  }
}

static tx_reason find_reason(const tx_evidence *evidence, const tx_evidence_answer *answer)
{
  if (answer->novel_rank >= 0) return TX_REASON_NOVEL;
  return answer->confidence[evidence->set->space.ranks - 1] >= 0.5 ? TX_REASON_MATCH : TX_REASON_AMBIGUOUS;
}

static tx_match match(const tx_candidate *candidate, size_t rank, int32_t taxon)
{
  const double columns = candidate->alignment.length;
  return (tx_match){candidate->reference, 1 - candidate->alignment.mismatches / columns,
                    candidate->alignment.length, rank, taxon};
}

/* Whether two lineages differ at the lowest rank at which both have a label. */
static bool differ(const int32_t *a, const int32_t *b, size_t ranks, size_t *ret_rank)
{
  for (size_t r = ranks; r-- > 0;)
    if (a[r] >= 0 && b[r] >= 0) {
      *ret_rank = r;
      return a[r] != b[r];
    }
  return false;
}

static void fill_matches(const tx_evidence *evidence, tx_evidence_answer *answer)
{
  const tx_references *references = evidence->set->references;
  const tx_candidate *candidates = evidence->candidates;
  const int32_t *nearest = tx_references_lineage(references, candidates[0].reference);
  size_t rank = references->ranks - 1;
  while (rank > 0 && nearest[rank] < 0) rank--;
  answer->nearest = match(&candidates[0], rank, nearest[rank]);
  for (size_t i = 1; i < evidence->candidate_count && !answer->has_runner_up; i++) {
    const int32_t *own = tx_references_lineage(references, candidates[i].reference);
    answer->has_runner_up = differ(nearest, own, references->ranks, &rank);
    if (answer->has_runner_up) answer->runner_up = match(&candidates[i], rank, own[rank]);
  }
}

tx_status tx_evidence_answer_record(tx_evidence *evidence, const tx_evidence_options *options,
                                    const char *letters, size_t count, tx_evidence_answer *ret_answer)
{
  tx_status status;
  memset(ret_answer, 0, sizeof *ret_answer);
  evidence->outcome_count = 0;
  status = look_strands(evidence, options, letters, count, ret_answer);
  if (status != TX_OK || !ret_answer->like) return status;
  evidence->outcome_count = tx_outcomes_list(&evidence->set->space, evidence->candidates,
                                             evidence->candidate_count, NULL, evidence->outcomes);
  decide(evidence, options->opt_prior, NULL, ret_answer);
  judge_novelty(evidence, ret_answer);
  ret_answer->reason = find_reason(evidence, ret_answer);
  ret_answer->undecided = is_undecided(evidence, options->witness);
  fill_matches(evidence, ret_answer);
  return TX_OK;
}

void tx_evidence_pause(const tx_evidence *evidence, const tx_evidence_answer *answer,
                       tx_evidence_paused *ret_paused)
{
  ret_paused->answer = *answer;
  ret_paused->outcome_count = evidence->outcome_count;
  memcpy(ret_paused->outcomes, evidence->outcomes, evidence->outcome_count * sizeof *evidence->outcomes);
  ret_paused->candidate_count = evidence->candidate_count;
  memcpy(ret_paused->candidates, evidence->candidates,
         evidence->candidate_count * sizeof *evidence->candidates);
}

const tx_sequence *tx_evidence_sequence(const tx_evidence *evidence, const tx_evidence_answer *answer)
{
  return answer->reversed ? &evidence->reverse.view : &evidence->forward.view;
}

/* Whether another name was chosen, or one of several became the likely one. */
static bool network_decided(const tx_outcome_space *space, const tx_evidence_answer *alone,
                            const tx_evidence_answer *answer)
{
  const size_t lowest = space->ranks - 1;
  return memcmp(alone->taxa, answer->taxa, space->ranks * sizeof *answer->taxa) != 0 ||
         (alone->confidence[lowest] < 0.5 && answer->confidence[lowest] >= 0.5);
}

void tx_evidence_resume(tx_evidence *evidence, const double *opt_prior, const tx_evidence_paused *paused,
                        tx_evidence_answer *ret_answer)
{
  const tx_fitted_weights *fitted = &evidence->set->fitted;
  tx_witness_weights weights;
  *ret_answer = paused->answer;
  evidence->outcome_count = paused->outcome_count;
  memcpy(evidence->outcomes, paused->outcomes, paused->outcome_count * sizeof *evidence->outcomes);
  evidence->candidates = paused->candidates;
  evidence->candidate_count = paused->candidate_count;
  tx_fitted_witness_at(fitted, paused->candidates[0].alignment.length, &weights);
  decide(evidence, opt_prior, &weights, ret_answer);
  judge_novelty(evidence, ret_answer);
  ret_answer->asked = true;
  ret_answer->reason = network_decided(&evidence->set->space, &paused->answer, ret_answer)
                           ? TX_REASON_NETWORK
                           : find_reason(evidence, ret_answer);
}
