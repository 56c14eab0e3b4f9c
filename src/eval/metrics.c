/* Queries, scores and calibration of an evaluation. */
#include "eval/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

tx_status tx_evaluation_create(const char *const *ranks, size_t rank_count, tx_evaluation **ret_evaluation,
                               tx_error *error)
{
  tx_evaluation *evaluation;
  if (rank_count == 0) return tx_fail(error, TX_ERROR_USAGE, "no rank to evaluate");
  evaluation = calloc(1, sizeof *evaluation);
  if (!evaluation) return tx_fail_memory(error, "the evaluation");
  evaluation->ranks = calloc(rank_count, sizeof *evaluation->ranks);
  if (!evaluation->ranks) {
    free(evaluation);
    return tx_fail_memory(error, "the evaluation");
  }
  evaluation->rank_count = rank_count;
  for (size_t r = 0; r < rank_count; r++) {
    tx_rank_entry *rank = &evaluation->ranks[r];
    tx_status status;
    rank->name = tx_copy_text(ranks[r], strlen(ranks[r]));
    status = rank->name ? tx_names_create(&rank->names, error) : tx_fail_memory(error, "the evaluation");
    if (status != TX_OK) {
      tx_evaluation_free(evaluation);
      return status;
    }
  }
  *ret_evaluation = evaluation;
  return TX_OK;
}

void tx_evaluation_free(tx_evaluation *evaluation)
{
  if (!evaluation) return;
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    free(evaluation->ranks[r].name);
    tx_names_free(evaluation->ranks[r].names);
    free(evaluation->ranks[r].taxa);
  }
  free(evaluation->ranks);
  free(evaluation->outcomes);
  free(evaluation);
}

/* The number of a taxon, whose entry exists afterwards. */
static tx_status taxon_number(tx_rank_entry *rank, const char *name, uint32_t *ret_number, tx_error *error)
{
  const size_t before = tx_names_count(rank->names);
  tx_status status;
  if (!tx_reserve(&rank->taxa, &rank->capacity, before + 1, sizeof *rank->taxa))
    return tx_fail_memory(error, "the evaluation");
  status = tx_names_add_spaced(rank->names, name, ret_number, error);
  if (status == TX_OK && tx_names_count(rank->names) > before)
    memset(&rank->taxa[*ret_number], 0, sizeof *rank->taxa);
  return status;
}

tx_status tx_evaluation_know(tx_evaluation *evaluation, size_t rank_index, const char *name, tx_error *error)
{
  tx_rank_entry *rank;
  uint32_t number = 0;
  tx_status status;
  if (rank_index >= evaluation->rank_count)
    return tx_fail(error, TX_ERROR_USAGE, "the evaluation has no rank %zu", rank_index);
  if (evaluation->queries)
    return tx_fail(error, TX_ERROR_USAGE,
                   "known taxa must be declared before the first query");
  rank = &evaluation->ranks[rank_index];
  status = taxon_number(rank, name, &number, error);
  if (status != TX_OK) return status;
  if (!rank->taxa[number].known) rank->known_count++;
  rank->taxa[number].known = true;
  return TX_OK;
}

bool tx_evaluation_unmatched(const tx_evaluation *evaluation, size_t rank_index, const char **ret_label,
                             const char **ret_taxon)
{
  const tx_rank_entry *rank = &evaluation->ranks[rank_index];
  *ret_label = *ret_taxon = NULL;
  for (size_t t = 0; t < tx_names_count(rank->names); t++) {
    const tx_scored_taxon *taxon = &rank->taxa[t];
    const bool label = taxon->sets[TX_SET_ALL].queries > 0,
               possible = rank->known_count ? taxon->known : taxon->sets[TX_SET_ALL].calls > 0;
    if (label && possible) return false;
    if (label && !*ret_label) *ret_label = tx_names_key(rank->names, (uint32_t)t, NULL);
    if (possible && !*ret_taxon) *ret_taxon = tx_names_key(rank->names, (uint32_t)t, NULL);
  }
  return *ret_label && *ret_taxon;
}

/* Bins are open below: 1/15 belongs to the first. Rounding up puts a confidence of 0 there too. */
static size_t bin_of(double confidence)
{
  double above = ceil(confidence * TX_RELIABILITY_BINS);
  return above < 1 ? 0 : above > TX_RELIABILITY_BINS ? TX_RELIABILITY_BINS - 1 : (size_t)above - 1;
}

static void add_to_bin(tx_bin_sums *bins, double confidence, bool correct)
{
  tx_bin_sums *bin = &bins[bin_of(confidence)];
  bin->count++;
  bin->correct += correct;
  bin->confidence += confidence;
}

static tx_status check_confidences(const tx_evaluation *evaluation, const char *const *truth,
                                   const char *const *predicted, const double *confidence, tx_error *error)
{
  for (size_t r = 0; r < evaluation->rank_count; r++)
    if (truth[r] && predicted[r] && confidence[r] != TX_NO_CONFIDENCE &&
        !(confidence[r] >= 0 && confidence[r] <= 1))
      return tx_fail(error, TX_ERROR_USAGE, "the confidence %g of a call at rank '%s' is not from 0 to 1",
                     confidence[r], evaluation->ranks[r].name);
  return TX_OK;
}

static void count_query(tx_rank_entry *rank, uint32_t true_taxon, const uint32_t *called_taxon,
                        const double *confidence)
{
  const bool correct = called_taxon && *called_taxon == true_taxon;
  for (int set = TX_SET_ALL; set < TX_SET_COUNT; set++) {
    if (set == TX_SET_KNOWN && !rank->taxa[true_taxon].known) continue;
    rank->taxa[true_taxon].sets[set].queries++;
    if (!called_taxon) continue;
    rank->taxa[*called_taxon].sets[set].calls++;
    if (correct) rank->taxa[true_taxon].sets[set].correct++;
    if (confidence) add_to_bin(rank->bins[set], *confidence, correct);
  }
}

tx_status tx_evaluation_add(tx_evaluation *evaluation, const char *const *truth, const char *const *predicted,
                            const double *opt_confidence, tx_error *error)
{
  tx_status status =
      opt_confidence ? check_confidences(evaluation, truth, predicted, opt_confidence, error) : TX_OK;
  bool labelled = false;
  if (status == TX_OK) status = tx_outcomes_reserve(evaluation, error);
  if (status != TX_OK) return status;
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    tx_rank_entry *rank = &evaluation->ranks[r];
    uint32_t true_taxon = 0, called_taxon = 0;
    if (!truth[r]) continue;
    status = taxon_number(rank, truth[r], &true_taxon, error);
    if (status == TX_OK && predicted[r]) status = taxon_number(rank, predicted[r], &called_taxon, error);
    if (status != TX_OK) return status;
    count_query(rank, true_taxon, predicted[r] ? &called_taxon : NULL,
                opt_confidence && opt_confidence[r] != TX_NO_CONFIDENCE ? &opt_confidence[r] : NULL);
    tx_outcome_set(evaluation, r, rank->taxa[true_taxon].known, predicted[r] && called_taxon == true_taxon);
    labelled = true;
  }
  if (labelled && evaluation->resamples) evaluation->outcome_count++;
  if (opt_confidence) evaluation->has_confidences = true;
  evaluation->queries++;
  return TX_OK;
}

static tx_scores score(const tx_rank_entry *rank, int set)
{
  tx_scores scores = {0};
  double accuracy_sum = 0, f1_sum = 0;
  for (size_t t = 0; t < tx_names_count(rank->names); t++) {
    const tx_taxon_counts *taxon = &rank->taxa[t].sets[set];
    scores.called += taxon->calls;
    if (!taxon->queries) continue;
    scores.classes++;
    scores.queries += taxon->queries;
    scores.correct += taxon->correct;
    accuracy_sum += (double)taxon->correct / (double)taxon->queries;
    /* F1 = 2 TP / (2 TP + FP + FN), and TP + FP = calls, TP + FN = queries */
    f1_sum += 2.0 * (double)taxon->correct / (double)(taxon->calls + taxon->queries);
  }
  if (scores.queries) {
    scores.accuracy = (double)scores.correct / (double)scores.queries;
    scores.coverage = (double)scores.called / (double)scores.queries;
    scores.macro_accuracy = accuracy_sum / (double)scores.classes;
    scores.macro_f1 = f1_sum / (double)scores.classes;
  }
  return scores;
}

tx_status tx_evaluation_scores(const tx_evaluation *evaluation, tx_rank_scores *ret_scores, tx_error *error)
{
  (void)error; /* every count exists already, so nothing can fail */
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    ret_scores[r].all = score(&evaluation->ranks[r], TX_SET_ALL);
    ret_scores[r].known = score(&evaluation->ranks[r], TX_SET_KNOWN);
  }
  return TX_OK;
}

/* Calibration by Guo et al. (2017), equation 3. */
static tx_calibration calibrate(const tx_bin_sums *bins)
{
  tx_calibration calibration = {0};
  double gaps = 0;
  for (size_t b = 0; b < TX_RELIABILITY_BINS; b++) {
    calibration.bins[b].count = bins[b].count;
    if (!bins[b].count) continue;
    calibration.calls += bins[b].count;
    calibration.bins[b].confidence = bins[b].confidence / (double)bins[b].count;
    calibration.bins[b].accuracy = (double)bins[b].correct / (double)bins[b].count;
    gaps += fabs((double)bins[b].correct - bins[b].confidence); /* count * |accuracy - confidence| */
  }
  if (calibration.calls) calibration.ece = gaps / (double)calibration.calls;
  return calibration;
}

tx_status tx_evaluation_calibration(const tx_evaluation *evaluation, tx_rank_calibration *ret_calibration,
                                    tx_error *error)
{
  (void)error;
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    ret_calibration[r].all = calibrate(evaluation->ranks[r].bins[TX_SET_ALL]);
    ret_calibration[r].known = calibrate(evaluation->ranks[r].bins[TX_SET_KNOWN]);
  }
  return TX_OK;
}
