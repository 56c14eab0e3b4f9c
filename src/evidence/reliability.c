#include "evidence/reliability.h"

#include "base/error.h"
#include "evidence/lineage.h"

#include <math.h>
#include <stdlib.h>

#define STANDARD_ERRORS 1.5
#define FEWEST_CALLED 100

double tx_threshold(size_t t)
{
  return 1 - exp2(-(double)t / 6);
}

typedef struct measure {
  const tx_outcome_space *space;
  tx_reliability *reliability;
  double probabilities[TX_OUTCOMES_MAX];
  tx_lineages lineages;
} measure;

static void count_ranks(measure *m, const int32_t *taxa, const double *confidence, const int32_t *truth,
                        double weight)
{
  tx_reliability *table = m->reliability;
  for (size_t r = 0; r < m->space->ranks; r++) {
    size_t bin = (size_t)(confidence[r] * TX_EVIDENCE_BINS);
    if (taxa[r] < 0) continue;
    if (bin >= TX_EVIDENCE_BINS) bin = TX_EVIDENCE_BINS - 1;
    table->weight[r][bin] += weight;
    table->confidence[r][bin] += weight * confidence[r];
    if (taxa[r] == truth[r]) table->right[r][bin] += weight;
  }
}

static void count_calls(measure *m, const int32_t *taxa, const double *confidence, const int32_t *truth,
                        double weight)
{
  tx_reliability *table = m->reliability;
  for (size_t t = 0; t < TX_THRESHOLDS; t++) {
    size_t called = 0;
    bool right = true;
    for (size_t r = 0; r < m->space->ranks && (taxa[r] < 0 || confidence[r] >= tx_threshold(t)); r++) {
      if (taxa[r] < 0) continue;
      called = r + 1;
      right = taxa[r] == truth[r];
    }
    if (!called) continue;
    table->called[t] += weight;
    table->depth[t] += weight * (double)called;
    if (!right) table->wrong[t] += weight;
  }
}

tx_status tx_reliability_add(const tx_outcome_space *space, const tx_outcome_examples *examples,
                             const tx_outcome_weights *weights, tx_reliability *reliability, tx_error *error)
{
  measure *m = calloc(1, sizeof *m);
  if (!m) return tx_fail_memory(error, "the fit");
  m->space = space;
  m->reliability = reliability;
  reliability->examples += (double)examples->count;
  for (size_t i = 0; i < examples->count; i++) {
    const struct tx_outcome_example *e = &examples->examples[i];
    const tx_outcome *outcomes = examples->outcomes + e->first;
    int32_t taxa[TX_RANKS_MAX];
    double confidence[TX_RANKS_MAX];
    tx_outcome_probabilities(weights, outcomes, e->count, NULL, m->probabilities);
    tx_lineages_fill(space, outcomes, e->count, m->lineages);
    tx_lineages_choose(space, m->lineages, m->probabilities, e->count, taxa, confidence);
    count_ranks(m, taxa, confidence, m->lineages[e->truth], e->weight);
    count_calls(m, taxa, confidence, m->lineages[e->truth], e->weight);
  }
  free(m);
  return TX_OK;
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

double tx_reliability_threshold(const tx_reliability *reliability, double rate)
{
  double found = 1;
  for (size_t t = TX_THRESHOLDS; t-- > 0;) {
    const double called = reliability->called[t];
    double share, error;
    if (called < FEWEST_CALLED) continue; /* the weights sum to the number of examples */
    share = reliability->wrong[t] / called;
    error = sqrt(share * (1 - share) / called);
    if (share + STANDARD_ERRORS * error > rate) break;
    found = tx_threshold(t);
  }
  return found;
}
