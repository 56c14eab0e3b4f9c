/* How often confidences were right on the examples of the fit, and the threshold that keeps a promised share
   of errors. */
#ifndef TX_EVIDENCE_RELIABILITY_H
#define TX_EVIDENCE_RELIABILITY_H

#include "evidence/softmax.h"

enum { TX_EVIDENCE_BINS = 10, TX_THRESHOLDS = 64 };

/* Sums over the weighted examples of one length. */
typedef struct tx_reliability {
  /* calls at a rank with a confidence in bin b, from b / 10 to (b + 1) / 10: their weight, the weighted sum
     of their confidences, and the weight of the correct ones */
  double weight[TX_RANKS_MAX][TX_EVIDENCE_BINS];
  double confidence[TX_RANKS_MAX][TX_EVIDENCE_BINS];
  double right[TX_RANKS_MAX][TX_EVIDENCE_BINS];
  /* when each lineage is cut below the last rank that reaches threshold t (tx_threshold): the weight of the
     lineages that are called at some rank, the weight of those whose last taxon is wrong, and the weighted
     sum of the depths of the calls, in ranks */
  double called[TX_THRESHOLDS], wrong[TX_THRESHOLDS], depth[TX_THRESHOLDS];
  double examples; /* number of examples */
} tx_reliability;

/* Threshold t of the table: 1 - 2^(-t / 6), ascending from 0. */
double tx_threshold(size_t t);
/* Adds examples to the table, which is zero at the start. TX_ERROR_MEMORY. */
tx_status tx_reliability_add(const tx_outcome_space *space, const tx_outcome_examples *examples,
                             const tx_outcome_weights *weights, tx_reliability *reliability, tx_error *error);
/* The expected calibration error of the confidences at a rank, over the bins of the table; 0 without
   calls. */
double tx_reliability_error(const tx_reliability *reliability, size_t rank);
/* The lowest threshold from which on the share of wrong calls, with one and a half times its standard error,
   stays at most `rate`; thresholds with fewer than 100 called examples are left out. 1 if there is none. */
double tx_reliability_threshold(const tx_reliability *reliability, double rate);

#endif
