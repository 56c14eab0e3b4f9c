/* A softmax over outcomes (conditional logit): the score of an outcome is the product of its features with
   the weights of its kind. Fitted by Newton's method with a quadratic penalty. */
#ifndef TX_EVIDENCE_SOFTMAX_H
#define TX_EVIDENCE_SOFTMAX_H

#include "evidence/outcomes.h"

/* Weights of the features, for each kind of outcome. */
typedef struct tx_outcome_weights {
  double of[TX_KINDS_MAX][TX_FEATURES];
} tx_outcome_weights;

/* Examples, each with its outcomes and the one that is true. */
typedef struct tx_outcome_examples {
  tx_outcome *outcomes;
  size_t outcome_count, outcome_capacity;
  struct tx_outcome_example {
    size_t first, count; /* its outcomes in `outcomes` */
    size_t truth;        /* index of the true outcome, 0..count-1 */
    double weight;
  } *examples;
  size_t count, capacity;
} tx_outcome_examples;

/* Copies an example. False: no memory. */
bool tx_outcome_examples_add(tx_outcome_examples *examples, const tx_outcome *outcomes, size_t count,
                             size_t truth);
void tx_outcome_examples_free(tx_outcome_examples *examples);

/* Computes probabilities (count), one for each outcome. opt_shift (kinds) is added to the scores of the
   outcomes of a kind. */
void tx_outcome_probabilities(const tx_outcome_weights *weights, const tx_outcome *outcomes, size_t count,
                              const double *opt_shift, double *probabilities);

/* The weighted sum of -ln P(truth). */
double tx_outcome_loss(const tx_outcome_examples *examples, const tx_outcome_weights *weights);

/* Minimises the weighted sum of -ln P(truth) plus penalty / 2 * |weights - start|^2, from *weights = start.
   TX_ERROR_MEMORY, TX_ERROR_NUMERIC. */
tx_status tx_outcome_weights_fit(const tx_outcome_examples *examples, size_t kinds, double penalty,
                                 tx_outcome_weights *weights, double *ret_loss, tx_error *error);

#endif
