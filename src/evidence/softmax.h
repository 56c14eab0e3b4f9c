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
    unsigned half;       /* 0 or 1: which half of the taxa it is from (evidence/cross_validation.h) */
    double weight;
    double worth;        /* how much of an example it is in the reliability: 1, or less */
    bool asked;          /* a network was asked about it (evidence/witness.h) */
  } *examples;
  size_t count, capacity;
} tx_outcome_examples;

/* Copies an example of half 0 with weight 1 and worth 1. False: no memory. */
bool tx_outcome_examples_add(tx_outcome_examples *examples, const tx_outcome *outcomes, size_t count,
                             size_t truth);
void tx_outcome_examples_free(tx_outcome_examples *examples);

/* The kind of the true outcome of an example. */
size_t tx_outcome_examples_kind(const tx_outcome_examples *examples, size_t index);
/* Which half of the examples to use: 0, 1 or both. */
enum { TX_BOTH_HALVES = 2 };
/* Fills the weight of an example of each kind with which the kinds among the examples of `half` get their
   shares of the prior, whatever the number of their examples; the weights sum to the number of examples. 0
   for a kind without examples. Returns the number of examples. */
size_t tx_outcome_kind_weights(const tx_outcome_examples *examples, unsigned half, const double *prior,
                               double weights[TX_KINDS_MAX]);
/* Sets the weights of the examples of `half` to those, and the weights of all others to 0. Returns the number
   of examples. */
size_t tx_outcome_examples_weigh(tx_outcome_examples *examples, unsigned half, const double *prior);

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
