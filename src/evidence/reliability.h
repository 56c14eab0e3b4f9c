/* How often confidences were right on the examples of the fit, and the threshold that keeps a promised share
   of errors. */
#ifndef TX_EVIDENCE_RELIABILITY_H
#define TX_EVIDENCE_RELIABILITY_H

#include "evidence/softmax.h"

enum { TX_EVIDENCE_BINS = 10, TX_THRESHOLDS = 64 };

/* Sums over the examples of one length. */
typedef struct tx_reliability {
  /* calls at a rank with a confidence in bin b, from b / 10 to (b + 1) / 10: their weight, the weighted sum
     of their confidences, and the weight of the correct ones; the weights give the kinds of outcomes the
     shares of the prior of the fit */
  double weight[TX_RANKS_MAX][TX_EVIDENCE_BINS];
  double confidence[TX_RANKS_MAX][TX_EVIDENCE_BINS];
  double right[TX_RANKS_MAX][TX_EVIDENCE_BINS];
  /* by the kind of the true outcome, so that they can be weighed by any prior: the number of examples (the
     sum of what they are worth), and, when each lineage is cut below the last rank that reaches threshold t
     (tx_threshold), the number of those that are called at some rank and of those whose last taxon is
     wrong */
  double examples[TX_KINDS_MAX];
  double called[TX_KINDS_MAX][TX_THRESHOLDS], wrong[TX_KINDS_MAX][TX_THRESHOLDS];
} tx_reliability;

/* Threshold t of the table: 1 - 2^(-t / 6), ascending from 0. */
double tx_threshold(size_t t);
/* Adds the examples of a half (or of TX_BOTH_HALVES), answered with these weights and the prior of the fit.
   They count in the bins with their weight, by kinds with their worth. The table is zero at the start. */
void tx_reliability_add(const tx_outcome_space *space, const tx_outcome_examples *examples, unsigned half,
                        const tx_outcome_weights *weights, tx_reliability *reliability);
/* Adds one example by the probabilities of its outcomes. */
typedef struct tx_judged_example {
  const tx_outcome *outcomes;
  size_t count, truth;
  const double *probabilities; /* (count) */
  double weight, worth;
} tx_judged_example;
void tx_reliability_count(const tx_outcome_space *space, const tx_judged_example *example,
                          tx_reliability *reliability);
/* The expected calibration error of the confidences at a rank, over the bins of the table; 0 without
   calls. */
double tx_reliability_error(const tx_reliability *reliability, size_t rank);
/* The lowest threshold from which on the share of wrong calls, with one and a half times its standard error,
   stays at most `rate` when the kinds with examples have the shares of `prior` (kinds). Thresholds with fewer
   than 100 called examples (their effective number) are left out. 1 if there is none. */
double tx_reliability_threshold(const tx_reliability *reliability, size_t kinds, const double *prior,
                                double rate);

/* The numbers of a table for this number of ranks and kinds, as a file has them: weight, confidence, right
   (ranks, bins), then for each kind examples, called and wrong (thresholds). */
size_t tx_reliability_size(size_t ranks, size_t kinds);
void tx_reliability_pack(const tx_reliability *reliability, size_t ranks, size_t kinds, double *numbers);
void tx_reliability_unpack(const double *numbers, size_t ranks, size_t kinds,
                           tx_reliability *ret_reliability);

#endif
