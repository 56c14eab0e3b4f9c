/* Fits the weights of the network's word, and decides at which lengths it is worth asking. */
#include "base/error.h"
#include "evidence/fit.h"
#include "evidence/lineage.h"
#include "evidence/witness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the quadratic penalty on a weight: at 0.5 it is that of one nat of log loss. */
#define PENALTY 8.0
/* The gain must be more than so many standard errors: the network takes ten times the time of a search. */
#define NOISE 2.0
enum { STEPS_MAX = 50 };

typedef struct fitting {
  const tx_witness_task *task;
  double (*evidence)[TX_OUTCOMES_MAX]; /* (examples) probabilities by the references alone */
  bool *undecided;                     /* (examples) */
  tx_witness_weights folds[TX_CALIBRATION_FOLDS]; /* fitted without the fold */
} fitting;

/* The loss of one example inside its kind: gradient and second derivative, with respect to the weight. */
static void differentiate(const tx_witness_example *e, const double *evidence, double weight,
                          double *gradient, double *curvature)
{
  const tx_outcome *truth = &e->outcomes[e->truth];
  double sum = 0, first = 0, second = 0;
  for (size_t i = 0; i < e->count; i++) {
    const tx_outcome *o = &e->outcomes[i];
    const double away = o->log_probability - truth->log_probability;
    double share;
    if (o->kind != truth->kind || !o->heard) continue;
    share = evidence[i] * exp(weight * away);
    sum += share;
    first += share * away;
    second += share * away * away;
  }
  if (!(sum > 0)) return;
  *gradient += first / sum;
  *curvature += second / sum - first / sum * (first / sum);
}

/* Minimises the loss of a group of kinds with its penalty; it is convex. fold: left out. */
static double fit_group(const fitting *self, size_t group, unsigned fold)
{
  double weight = 0;
  for (size_t step = 0; step < STEPS_MAX; step++) {
    double gradient = PENALTY * weight, curvature = PENALTY, next;
    for (size_t i = 0; i < self->task->count; i++) {
      const tx_witness_example *e = &self->task->examples[i];
      const tx_outcome *truth = &e->outcomes[e->truth];
      if (e->fold == fold || !self->undecided[i] || !truth->heard) continue;
      if (tx_witness_group(truth->kind) == group)
        differentiate(e, self->evidence[i], weight, &gradient, &curvature);
    }
    next = weight - gradient / curvature;
    next = fmin(fmax(next, fmax(0, weight - 0.5)), fmin(TX_WITNESS_WEIGHT_MOST, weight + 0.5));
    if (fabs(next - weight) < 1e-9) return next;
    weight = next;
  }
  return weight;
}

static void fit_all(const fitting *self, unsigned fold, tx_witness_weights *ret_weights)
{
  for (size_t g = 0; g < TX_WITNESS_GROUPS; g++) ret_weights->of[g] = fit_group(self, g, fold);
}

/* The probabilities of an example with the network, by weights of the other folds. */
static void judge(const fitting *self, size_t index, double *probabilities)
{
  const tx_witness_example *e = &self->task->examples[index];
  memcpy(probabilities, self->evidence[index], e->count * sizeof *probabilities);
  if (self->undecided[index])
    tx_witness_weigh(&self->folds[e->fold], e->outcomes, e->count, probabilities);
}

/* Whether the name is right at the lowest rank at which the references have the true taxon. */
static bool is_right(const tx_outcome_space *space, const tx_witness_example *e, tx_lineages lineages,
                     const double *probabilities)
{
  const tx_outcome *truth = &e->outcomes[e->truth];
  int32_t taxa[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  tx_lineages_choose(space, lineages, probabilities, e->count, taxa, confidence);
  return truth->rank >= 0 && taxa[truth->rank] == truth->taxon;
}

static double loss(double probability)
{
  return -log(probability > 1e-300 ? probability : 1e-300);
}

/* Adds the scores of one record; returns the gain. */
static double score_record(const fitting *self, size_t index, tx_witness_scores *scores)
{
  const tx_witness_example *e = &self->task->examples[index];
  const double *evidence = self->evidence[index];
  double probabilities[TX_OUTCOMES_MAX];
  tx_lineages lineages;
  bool before, after;
  judge(self, index, probabilities);
  tx_lineages_fill(self->task->space->index->references->taxonomy, e->outcomes, e->count, lineages);
  before = is_right(self->task->space, e, lineages, evidence);
  after = is_right(self->task->space, e, lineages, probabilities);
  scores->records++;
  scores->asked += self->undecided[index];
  scores->corrected += after && !before;
  scores->spoiled += before && !after;
  scores->log_loss += loss(evidence[e->truth]);
  scores->log_loss_with += loss(probabilities[e->truth]);
  return loss(evidence[e->truth]) - loss(probabilities[e->truth]);
}

/* Scores the labelled records. gains, counts (taxa): zeros; sums per taxon, as its records are alike. */
static void score(const fitting *self, size_t taxa, double *gains, size_t *counts, tx_witness_scores *scores)
{
  double records, mean, square = 0;
  for (size_t i = 0; i < self->task->count; i++) {
    const tx_witness_example *e = &self->task->examples[i];
    if (!e->own) continue;
    gains[e->taxon] += score_record(self, i, scores);
    counts[e->taxon]++;
  }
  records = (double)scores->records;
  mean = (scores->log_loss - scores->log_loss_with) / records;
  for (size_t t = 0; t < taxa; t++) {
    const double away = gains[t] - (double)counts[t] * mean;
    square += away * away;
  }
  scores->log_loss /= records;
  scores->log_loss_with /= records;
  scores->gain_error = sqrt(square) / records;
  scores->helps = mean > NOISE * scores->gain_error;
}

/* Counts how often confidences were right. A kind of which the network was hardly asked has what was measured
   of the references alone. */
static void measure(const fitting *self, tx_reliability *table)
{
  const tx_witness_task *task = self->task;
  size_t counts[TX_KINDS_MAX] = {0};
  double present = 0;
  for (size_t i = 0; i < task->count; i++)
    counts[task->examples[i].outcomes[task->examples[i].truth].kind]++;
  for (size_t k = 0; k < task->space->kinds; k++) {
    if (counts[k] >= TX_FIT_FEWEST) {
      present += task->prior[k];
      continue;
    }
    table->examples[k] = task->reliability->examples[k];
    memcpy(table->called[k], task->reliability->called[k], sizeof table->called[k]);
    memcpy(table->wrong[k], task->reliability->wrong[k], sizeof table->wrong[k]);
  }
  for (size_t i = 0; i < task->count; i++) {
    const tx_witness_example *e = &task->examples[i];
    const size_t kind = e->outcomes[e->truth].kind;
    double probabilities[TX_OUTCOMES_MAX];
    if (counts[kind] < TX_FIT_FEWEST) continue;
    judge(self, i, probabilities);
    tx_reliability_count(task->space,
                         &(tx_judged_example){e->outcomes, e->count, e->truth, probabilities,
                                              task->prior[kind] / present / (double)counts[kind] *
                                                  (double)task->count,
                                              1},
                         table);
  }
}

static void weigh_evidence(fitting *self)
{
  for (size_t i = 0; i < self->task->count; i++) {
    const tx_witness_example *e = &self->task->examples[i];
    tx_outcome_probabilities(self->task->evidence[e->fold], e->outcomes, e->count, NULL, self->evidence[i]);
    self->undecided[i] = tx_witness_undecided(e->outcomes, self->evidence[i], e->count);
  }
}

tx_status tx_witness_fit(const tx_witness_task *task, tx_witness_length *ret_length, tx_error *error)
{
  fitting self = {.task = task};
  size_t taxa = 0, own = 0, *counts;
  double *gains;
  bool allocated;
  memset(ret_length, 0, sizeof *ret_length);
  for (size_t i = 0; i < task->count; i++) {
    own += task->examples[i].own;
    if (task->examples[i].taxon >= taxa) taxa = task->examples[i].taxon + 1;
  }
  ret_length->scores.records = own;
  if (own < TX_FIT_FEWEST) return TX_OK;
  self.evidence = calloc(task->count, sizeof *self.evidence);
  self.undecided = calloc(task->count, sizeof *self.undecided);
  gains = calloc(taxa, sizeof *gains);
  counts = calloc(taxa, sizeof *counts);
  allocated = self.evidence && self.undecided && gains && counts;
  if (allocated) {
    ret_length->scores.records = 0;
    weigh_evidence(&self);
    for (unsigned f = 0; f < TX_CALIBRATION_FOLDS; f++) fit_all(&self, f, &self.folds[f]);
    fit_all(&self, TX_CALIBRATION_FOLDS, &ret_length->weights);
    score(&self, taxa, gains, counts, &ret_length->scores);
    measure(&self, &ret_length->reliability);
    memcpy(ret_length->scores.weight, ret_length->weights.of, sizeof ret_length->weights.of);
    ret_length->scores.fitted = true;
  }
  free(self.evidence);
  free(self.undecided);
  free(gains);
  free(counts);
  return allocated ? TX_OK : tx_fail_memory(error, "the weights of the network");
}
