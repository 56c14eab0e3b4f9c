#include "evidence/softmax.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 50, HALVINGS_MAX = 20 };

bool tx_outcome_examples_add(tx_outcome_examples *examples, const tx_outcome *outcomes, size_t count,
                             size_t truth)
{
  if (!tx_reserve(&examples->outcomes, &examples->outcome_capacity, examples->outcome_count + count,
                  sizeof *outcomes) ||
      !tx_reserve(&examples->examples, &examples->capacity, examples->count + 1, sizeof *examples->examples))
    return false;
  memcpy(examples->outcomes + examples->outcome_count, outcomes, count * sizeof *outcomes);
  examples->examples[examples->count++] =
      (struct tx_outcome_example){examples->outcome_count, count, truth, 0, 1, 1, false};
  examples->outcome_count += count;
  return true;
}

void tx_outcome_examples_free(tx_outcome_examples *examples)
{
  free(examples->outcomes);
  free(examples->examples);
  memset(examples, 0, sizeof *examples);
}

size_t tx_outcome_examples_kind(const tx_outcome_examples *examples, size_t index)
{
  const struct tx_outcome_example *e = &examples->examples[index];
  return examples->outcomes[e->first + e->truth].kind;
}

size_t tx_outcome_kind_weights(const tx_outcome_examples *examples, unsigned half, const double *prior,
                               double weights[TX_KINDS_MAX])
{
  size_t counts[TX_KINDS_MAX] = {0}, total = 0;
  double present = 0;
  for (size_t i = 0; i < examples->count; i++) {
    if (half != TX_BOTH_HALVES && examples->examples[i].half != half) continue;
    counts[tx_outcome_examples_kind(examples, i)]++;
    total++;
  }
  for (size_t k = 0; k < TX_KINDS_MAX; k++) present += counts[k] ? prior[k] : 0;
  for (size_t k = 0; k < TX_KINDS_MAX; k++)
    weights[k] = counts[k] ? prior[k] / present * (double)total / (double)counts[k] : 0;
  return total;
}

size_t tx_outcome_examples_weigh(tx_outcome_examples *examples, unsigned half, const double *prior)
{
  double weights[TX_KINDS_MAX];
  const size_t total = tx_outcome_kind_weights(examples, half, prior, weights);
  for (size_t i = 0; i < examples->count; i++) {
    struct tx_outcome_example *e = &examples->examples[i];
    const bool used = half == TX_BOTH_HALVES || e->half == half;
    e->weight = used ? weights[tx_outcome_examples_kind(examples, i)] : 0;
  }
  return total;
}

void tx_outcome_probabilities(const tx_outcome_weights *weights, const tx_outcome *outcomes, size_t count,
                              const double *opt_shift, double *probabilities)
{
  double most = -INFINITY, sum = 0;
  for (size_t i = 0; i < count; i++) {
    const double *w = weights->of[outcomes[i].kind];
    double score = opt_shift ? opt_shift[outcomes[i].kind] : 0;
    for (size_t f = 0; f < TX_FEATURES; f++) score += w[f] * outcomes[i].features[f];
    probabilities[i] = score;
    if (score > most) most = score;
  }
  for (size_t i = 0; i < count; i++) sum += probabilities[i] = exp(probabilities[i] - most);
  for (size_t i = 0; i < count; i++) probabilities[i] /= sum;
}

double tx_outcome_loss(const tx_outcome_examples *examples, const tx_outcome_weights *weights)
{
  double probabilities[TX_OUTCOMES_MAX], sum = 0;
  for (size_t i = 0; i < examples->count; i++) {
    const struct tx_outcome_example *e = &examples->examples[i];
    if (e->weight == 0) continue;
    tx_outcome_probabilities(weights, examples->outcomes + e->first, e->count, NULL, probabilities);
    sum -= e->weight * log(probabilities[e->truth] > 1e-300 ? probabilities[e->truth] : 1e-300);
  }
  return sum;
}

/* State of a fit of `size` weights, ordered by kind. */
typedef struct problem {
  const tx_outcome_examples *examples;
  const tx_outcome_weights *start;
  size_t kinds, size;
  double penalty;
  double *gradient; /* (size) */
  double *hessian;  /* (size, size), the lower triangle */
  double *mean;     /* (size) */
  double *step;     /* (size) */
} problem;

static double loss(const problem *p, const tx_outcome_weights *weights)
{
  double sum = tx_outcome_loss(p->examples, weights);
  for (size_t k = 0; k < p->kinds; k++)
    for (size_t f = 0; f < TX_FEATURES; f++) {
      const double away = weights->of[k][f] - p->start->of[k][f];
      sum += p->penalty / 2 * away * away;
    }
  return sum;
}

/* Adds one example: gradient x_mean - x_truth, Hessian sum p x x' - x_mean x_mean'. */
static void add_example(const problem *p, const struct tx_outcome_example *e, const double *probabilities)
{
  const tx_outcome *outcomes = p->examples->outcomes + e->first;
  memset(p->mean, 0, p->size * sizeof *p->mean);
  for (size_t o = 0; o < e->count; o++) {
    const size_t at = outcomes[o].kind * TX_FEATURES;
    const double *x = outcomes[o].features;
    for (size_t a = 0; a < TX_FEATURES; a++) {
      const double own = e->weight * probabilities[o] * x[a];
      double *row = p->hessian + (at + a) * p->size + at;
      p->mean[at + a] += probabilities[o] * x[a];
      for (size_t b = 0; b <= a; b++) row[b] += own * x[b];
      if (o == e->truth) p->gradient[at + a] -= e->weight * x[a];
    }
  }
  for (size_t a = 0; a < p->size; a++) {
    const double own = e->weight * p->mean[a];
    double *row = p->hessian + a * p->size;
    p->gradient[a] += own;
    if (own != 0)
      for (size_t b = 0; b <= a; b++) row[b] -= own * p->mean[b];
  }
}

static void differentiate(const problem *p, const tx_outcome_weights *weights)
{
  double probabilities[TX_OUTCOMES_MAX];
  memset(p->gradient, 0, p->size * sizeof *p->gradient);
  memset(p->hessian, 0, p->size * p->size * sizeof *p->hessian);
  for (size_t i = 0; i < p->examples->count; i++) {
    const struct tx_outcome_example *e = &p->examples->examples[i];
    if (e->weight == 0) continue;
    tx_outcome_probabilities(weights, p->examples->outcomes + e->first, e->count, NULL, probabilities);
    add_example(p, e, probabilities);
  }
  for (size_t a = 0; a < p->size; a++) {
    const size_t k = a / TX_FEATURES, f = a % TX_FEATURES;
    p->gradient[a] += p->penalty * (weights->of[k][f] - p->start->of[k][f]);
    p->hessian[a * p->size + a] += p->penalty;
  }
}

/* step = hessian^-1 gradient, by Cholesky in place. False: not positive definite. */
static bool solve(const problem *p)
{
  const size_t n = p->size;
  double *h = p->hessian, *x = p->step;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = h[i * n + j];
      for (size_t k = 0; k < j; k++) sum -= h[i * n + k] * h[j * n + k];
      if (i != j) {
        h[i * n + j] = sum / h[j * n + j];
      } else {
        if (!(sum > 0)) return false;
        h[i * n + i] = sqrt(sum);
      }
    }
  }
  for (size_t i = 0; i < n; i++) {
    double sum = p->gradient[i];
    for (size_t k = 0; k < i; k++) sum -= h[i * n + k] * x[k];
    x[i] = sum / h[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    double sum = x[i];
    for (size_t k = i + 1; k < n; k++) sum -= h[k * n + i] * x[k];
    x[i] = sum / h[i * n + i];
  }
  return true;
}

/* Takes one step, which is halved until the loss decreases. False: no step decreases it. */
static bool advance(const problem *p, tx_outcome_weights *weights, double *own_loss)
{
  double share = 1;
  for (size_t halving = 0; halving < HALVINGS_MAX; halving++, share /= 2) {
    tx_outcome_weights trial = *weights;
    double trial_loss;
    for (size_t a = 0; a < p->size; a++) trial.of[a / TX_FEATURES][a % TX_FEATURES] -= share * p->step[a];
    trial_loss = loss(p, &trial);
    if (trial_loss < *own_loss) {
      const double gain = *own_loss - trial_loss;
      *weights = trial;
      *own_loss = trial_loss;
      return gain > 1e-9 * (1 + trial_loss);
    }
  }
  return false;
}

tx_status tx_outcome_weights_fit(const tx_outcome_examples *examples, size_t kinds, double penalty,
                                 tx_outcome_weights *weights, double *ret_loss, tx_error *error)
{
  const tx_outcome_weights start = *weights;
  const size_t size = kinds * TX_FEATURES;
  problem p = {examples, &start, kinds, size, penalty, NULL, NULL, NULL, NULL};
  tx_status status = TX_OK;
  p.gradient = calloc(size, sizeof *p.gradient);
  p.hessian = calloc(size * size, sizeof *p.hessian);
  p.mean = calloc(size, sizeof *p.mean);
  p.step = calloc(size, sizeof *p.step);
  if (!p.gradient || !p.hessian || !p.mean || !p.step) status = tx_fail_memory(error, "the fit");
  if (status == TX_OK) *ret_loss = loss(&p, weights);
  for (size_t step = 0; status == TX_OK && step < STEPS_MAX; step++) {
    differentiate(&p, weights);
    if (!solve(&p))
      status = tx_fail(error, TX_ERROR_NUMERIC, "the weights of the evidence cannot be fitted");
    else if (!advance(&p, weights, ret_loss))
      break;
  }
  free(p.gradient);
  free(p.hessian);
  free(p.mean);
  free(p.step);
  return status;
}
