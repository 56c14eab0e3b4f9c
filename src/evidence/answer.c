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
  const tx_joint *opt_joint; /* with the taxa that only a network knows */
  tx_search *search;
  tx_sequence_buffer forward, reverse;
  tx_region_work region;
  char *letters; /* of a long record, without gaps */
  size_t letter_capacity;
  const tx_candidate *candidates; /* those of the last answer */
  size_t candidate_count;
  tx_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];
  double probabilities[TX_ANSWER_OUTCOMES_MAX];
  double alone[TX_ANSWER_OUTCOMES_MAX]; /* without a network */
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

void tx_evidence_join(tx_evidence *evidence, const tx_joint *joint)
{
  evidence->opt_joint = joint;
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

/* What a network has said, and what is made of it. */
typedef struct word {
  bool moves, divides;
  tx_witness_weights witness;
  tx_split_weights split;
  const double *said;
} word;

/* Turns the probabilities of the references into those with the network. Outcomes may be appended; returns
   their number. */
static size_t apply(const tx_evidence *evidence, const word *heard, tx_outcome *outcomes,
                    double *probabilities)
{
  const size_t count = evidence->outcome_count;
  if (heard->moves) tx_witness_weigh(&heard->witness, outcomes, count, probabilities);
  return heard->divides ? tx_split_divide(evidence->opt_joint, &heard->split, evidence->set->space.top,
                                         heard->said, outcomes, probabilities, count)
                       : count;
}

static const tx_taxonomy *taxonomy_of(const tx_evidence *evidence)
{
  return evidence->opt_joint ? evidence->opt_joint->taxonomy : evidence->set->references->taxonomy;
}

/* The confidences of the lineage by the prior of the fit. outcomes: those of the references; may grow. */
static void confide(const tx_evidence *evidence, const word *heard, tx_evidence_answer *answer)
{
  tx_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];
  double fitted[TX_ANSWER_OUTCOMES_MAX];
  tx_lineages lineages;
  size_t count;
  memcpy(outcomes, evidence->outcomes, evidence->outcome_count * sizeof *outcomes);
  weigh(evidence, NULL, fitted);
  count = apply(evidence, heard, outcomes, fitted);
  tx_lineages_fill(taxonomy_of(evidence), outcomes, count, lineages);
  tx_lineages_confidence(&evidence->set->space, lineages, fitted, count, answer->taxa,
                         answer->fitted_confidence);
}

/* Chooses the lineage by the prior of the options, and adds what its confidences are by that of the fit. */
static void decide(tx_evidence *evidence, const double *opt_prior, const word *heard,
                   tx_evidence_answer *answer)
{
  const tx_outcome_space *space = &evidence->set->space;
  const size_t own = evidence->outcome_count;
  size_t count;
  weigh(evidence, opt_prior, evidence->alone);
  memcpy(evidence->probabilities, evidence->alone, own * sizeof *evidence->alone);
  count = apply(evidence, heard, evidence->outcomes, evidence->probabilities);
  for (size_t i = own; i < count; i++) evidence->alone[i] = 0;
  tx_lineages_fill(taxonomy_of(evidence), evidence->outcomes, count, evidence->lineages);
  tx_lineages_choose(space, evidence->lineages, evidence->probabilities, count, answer->taxa,
                     answer->confidence);
  memcpy(answer->fitted_confidence, answer->confidence, sizeof answer->confidence);
  if (opt_prior) confide(evidence, heard, answer);
  evidence->outcome_count = count;
}

/* Whether a network is to be asked, and what for, by the prior of the fit. */
static void find_undecided(const tx_evidence *evidence, tx_witness_use use, tx_evidence_answer *answer)
{
  const tx_fitted_weights *fitted = &evidence->set->fitted;
  const double length = evidence->candidates[0].alignment.length;
  const bool witness = tx_fitted_witness_is_used(fitted, use, length);
  const size_t count = evidence->outcome_count;
  double probabilities[TX_OUTCOMES_MAX];
  tx_split_weights split;
  const bool joint = evidence->opt_joint && tx_fitted_split_at(fitted, use, length, &split);
  if (!witness && !joint) return;
  weigh(evidence, NULL, probabilities);
  answer->moves = witness && tx_witness_undecided(evidence->outcomes, probabilities, count);
  answer->divides = joint && tx_split_is_due(evidence->opt_joint, &split, evidence->set->space.top,
                                             evidence->outcomes, probabilities, count);
  answer->undecided = answer->moves || answer->divides;
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
  decide(evidence, options->opt_prior, &(word){.moves = false}, ret_answer);
  judge_novelty(evidence, ret_answer);
  ret_answer->reason = find_reason(evidence, ret_answer);
  find_undecided(evidence, options->witness, ret_answer);
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

static bool is_foreign(const tx_evidence *evidence, const tx_evidence_answer *answer, size_t rank)
{
  return evidence->opt_joint && tx_joint_is_foreign(evidence->opt_joint, rank, answer->taxa[rank]);
}

/* Whether a likely name of the lineage is one that only the network knows. */
static bool is_named_by_network(const tx_evidence *evidence, const tx_evidence_answer *answer)
{
  for (size_t r = 0; r < evidence->set->space.ranks; r++)
    if (is_foreign(evidence, answer, r) && answer->confidence[r] >= 0.5) return true;
  return false;
}

/* Whether another name of the references was chosen, or one of several became the likely one. */
static bool network_decided(const tx_evidence *evidence, const tx_evidence_answer *alone,
                            const tx_evidence_answer *answer)
{
  const size_t lowest = evidence->set->space.ranks - 1;
  for (size_t r = 0; r <= lowest; r++)
    if (alone->taxa[r] != answer->taxa[r] && !is_foreign(evidence, answer, r)) return true;
  return alone->confidence[lowest] < 0.5 && answer->confidence[lowest] >= 0.5;
}

void tx_evidence_resume(tx_evidence *evidence, const tx_evidence_options *options,
                        const tx_evidence_paused *paused, const double *opt_said,
                        tx_evidence_answer *ret_answer)
{
  const tx_fitted_weights *fitted = &evidence->set->fitted;
  const double length = paused->candidates[0].alignment.length;
  word heard = {.moves = paused->answer.moves, .divides = paused->answer.divides, .said = opt_said};
  *ret_answer = paused->answer;
  evidence->outcome_count = paused->outcome_count;
  memcpy(evidence->outcomes, paused->outcomes, paused->outcome_count * sizeof *evidence->outcomes);
  evidence->candidates = paused->candidates;
  evidence->candidate_count = paused->candidate_count;
  tx_fitted_witness_at(fitted, length, &heard.witness);
  (void)tx_fitted_split_at(fitted, options->witness, length, &heard.split);
  decide(evidence, options->opt_prior, &heard, ret_answer);
  judge_novelty(evidence, ret_answer);
  ret_answer->asked = true;
  if (is_named_by_network(evidence, ret_answer))
    ret_answer->reason = TX_REASON_NETWORK_ONLY;
  else if (network_decided(evidence, &paused->answer, ret_answer))
    ret_answer->reason = TX_REASON_NETWORK;
  else
    ret_answer->reason = find_reason(evidence, ret_answer);
}
