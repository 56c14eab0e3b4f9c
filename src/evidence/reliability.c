#include "evidence/reliability.h"

#include "evidence/lineage.h"

#include <math.h>
#include <string.h>

#define STANDARD_ERRORS 1.5
#define FEWEST_CALLED 100

double tx_threshold(size_t t)
{
  return 1 - exp2(-(double)t / 6);
}

static void count_ranks(const tx_outcome_space *space, const int32_t *taxa, const double *confidence,
                        const int32_t *truth, double weight, tx_reliability *table)
{
  for (size_t r = 0; r < space->ranks; r++) {
    size_t bin = (size_t)(confidence[r] * TX_EVIDENCE_BINS);
    if (taxa[r] < 0) continue;
    if (bin >= TX_EVIDENCE_BINS) bin = TX_EVIDENCE_BINS - 1;
    table->weight[r][bin] += weight;
    table->confidence[r][bin] += weight * confidence[r];
    if (taxa[r] == truth[r]) table->right[r][bin] += weight;
  }
}

/* called, wrong (TX_THRESHOLDS): those of the kind of the true outcome. */
static void count_calls(const tx_outcome_space *space, const int32_t *taxa, const double *confidence,
                        const int32_t *truth, double worth, double *called, double *wrong)
{
  for (size_t t = 0; t < TX_THRESHOLDS; t++) {
    bool any = false, right = true;
    for (size_t r = 0; r < space->ranks && (taxa[r] < 0 || confidence[r] >= tx_threshold(t)); r++) {
      if (taxa[r] < 0) continue;
      any = true;
      right = taxa[r] == truth[r];
    }
    if (any) called[t] += worth;
    if (!right) wrong[t] += worth;
  }
}

void tx_reliability_count(const tx_outcome_space *space, const tx_judged_example *example,
                          tx_reliability *reliability)
{
  const size_t kind = example->outcomes[example->truth].kind;
  int32_t taxa[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  tx_lineages lineages;
  tx_lineages_fill(space->index->references->taxonomy, example->outcomes, example->count, lineages);
  tx_lineages_choose(space, lineages, example->probabilities, example->count, taxa, confidence);
  count_ranks(space, taxa, confidence, lineages[example->truth], example->weight, reliability);
  reliability->examples[kind] += example->worth;
  count_calls(space, taxa, confidence, lineages[example->truth], example->worth, reliability->called[kind],
              reliability->wrong[kind]);
}

void tx_reliability_add(const tx_outcome_space *space, const tx_outcome_examples *examples, unsigned half,
                        const tx_outcome_weights *weights, tx_reliability *reliability)
{
  for (size_t i = 0; i < examples->count; i++) {
    const struct tx_outcome_example *e = &examples->examples[i];
    const tx_outcome *outcomes = examples->outcomes + e->first;
    double probabilities[TX_OUTCOMES_MAX];
    if (half != TX_BOTH_HALVES && e->half != half) continue;
    tx_outcome_probabilities(weights, outcomes, e->count, NULL, probabilities);
    tx_reliability_count(
        space, &(tx_judged_example){outcomes, e->count, e->truth, probabilities, e->weight, e->worth},
        reliability);
  }
}

double tx_reliability_error(const tx_reliability *reliability, size_t rank)
{
  double away = 0, weight = 0;
  for (size_t b = 0; b < TX_EVIDENCE_BINS; b++) {
    away += fabs(reliability->confidence[rank][b] - reliability->right[rank][b]);
    weight += reliability->weight[rank][b];
  }
  return weight > 0 ? away / weight : 0;
}

/* Whether the calls at threshold t are wrong too often; *ret_few: there are too few of them to tell. */
static bool exceeds(const tx_reliability *reliability, size_t kinds, const double *prior, size_t t,
                    double rate, bool *ret_few)
{
  double called = 0, wrong = 0, squares = 0, effective, share;
  for (size_t k = 0; k < kinds; k++) {
    const double weight = reliability->examples[k] > 0 ? prior[k] / reliability->examples[k] : 0;
    called += weight * reliability->called[k][t];
    wrong += weight * reliability->wrong[k][t];
    squares += weight * weight * reliability->called[k][t];
  }
  effective = squares > 0 ? called * called / squares : 0; /* as many unweighted calls have that variance */
  *ret_few = effective < FEWEST_CALLED;
  if (*ret_few) return false;
  share = wrong / called;
  return share + STANDARD_ERRORS * sqrt(share * (1 - share) / effective) > rate;
}

double tx_reliability_threshold(const tx_reliability *reliability, size_t kinds, const double *prior,
                                double rate)
{
  double found = 1;
  for (size_t t = TX_THRESHOLDS; t-- > 0;) {
    bool few;
    if (exceeds(reliability, kinds, prior, t, rate, &few)) break;
    if (!few) found = tx_threshold(t);
  }
  return found;
}

size_t tx_reliability_size(size_t ranks, size_t kinds)
{
  return 3 * ranks * TX_EVIDENCE_BINS + kinds * (1 + 2 * TX_THRESHOLDS);
}

void tx_reliability_pack(const tx_reliability *reliability, size_t ranks, size_t kinds, double *numbers)
{
  const size_t bins = ranks * TX_EVIDENCE_BINS;
  memcpy(numbers, reliability->weight, bins * sizeof *numbers);
  memcpy(numbers + bins, reliability->confidence, bins * sizeof *numbers);
  memcpy(numbers + 2 * bins, reliability->right, bins * sizeof *numbers);
  numbers += 3 * bins;
  for (size_t k = 0; k < kinds; k++, numbers += 1 + 2 * TX_THRESHOLDS) {
    numbers[0] = reliability->examples[k];
    memcpy(numbers + 1, reliability->called[k], sizeof reliability->called[k]);
    memcpy(numbers + 1 + TX_THRESHOLDS, reliability->wrong[k], sizeof reliability->wrong[k]);
  }
}

void tx_reliability_unpack(const double *numbers, size_t ranks, size_t kinds, tx_reliability *ret_reliability)
{
  const size_t bins = ranks * TX_EVIDENCE_BINS;
  memset(ret_reliability, 0, sizeof *ret_reliability);
  memcpy(ret_reliability->weight, numbers, bins * sizeof *numbers);
  memcpy(ret_reliability->confidence, numbers + bins, bins * sizeof *numbers);
  memcpy(ret_reliability->right, numbers + 2 * bins, bins * sizeof *numbers);
  numbers += 3 * bins;
  for (size_t k = 0; k < kinds; k++, numbers += 1 + 2 * TX_THRESHOLDS) {
    ret_reliability->examples[k] = numbers[0];
    memcpy(ret_reliability->called[k], numbers + 1, sizeof ret_reliability->called[k]);
    memcpy(ret_reliability->wrong[k], numbers + 1 + TX_THRESHOLDS, sizeof ret_reliability->wrong[k]);
  }
}
