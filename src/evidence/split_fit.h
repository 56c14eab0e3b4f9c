/* Fits how much of a new taxon's probability the taxa get that only the network knows. */
#ifndef TX_EVIDENCE_SPLIT_FIT_H
#define TX_EVIDENCE_SPLIT_FIT_H

#include "base/random.h"
#include "evidence/split.h"

/* One place in which the true taxon is new, for the fit. */
typedef struct tx_split_example {
  unsigned group;
  bool network;   /* the network knows the true taxon; else neither does */
  bool own;       /* found as it is; else taxa were hidden from the references or the network */
  double log_sum; /* of the taxa that only the network knows, TX_WITNESS_LEAST to 0 */
  double truth;   /* share of the true taxon among them, 0 if neither knows it */
  double most;    /* the largest share */
  double squares; /* sum of the squares of the shares */
} tx_split_example;

/* What is known of a labelled record. */
typedef struct tx_split_truth {
  int known_rank;      /* of the lowest of its taxa that the references have; -1: none */
  int32_t known_taxon; /* -1: none */
  int rank;            /* of the lowest that the joint taxonomy has; -1: none */
  int32_t taxon;
} tx_split_truth;

enum { TX_SPLIT_EXAMPLES_MAX = 5 * TX_RANKS_MAX + 1 };
/* The share of a node's children that only the network knows, where there are some: of taxa of the lowest
   rank (0) and of higher ones (1). */
void tx_split_coverage(const tx_joint *joint, double coverage[2]);
/* Makes examples of what the network has said of a record (examples, TX_SPLIT_EXAMPLES_MAX): where it is new
   to the references; and of each of its taxa that both know, hidden from the references, then from both,
   while of the other taxa beside it a share (coverage) is hidden from the references. scratch:
   (output_count). Returns their number. */
size_t tx_split_examples_make(const tx_joint *joint, size_t top, const tx_split_truth *truth,
                              const double coverage[2], const double *said, tx_random *random,
                              tx_split_example *examples);

/* An example for a fit, of a record with a fold and a taxon as in tx_witness_example. */
typedef struct tx_split_item {
  tx_split_example example;
  unsigned fold;
  uint32_t taxon;
} tx_split_item;
/* Fits and scores the weights of all groups at one length. TX_ERROR_MEMORY. */
tx_status tx_split_fit(const tx_split_item *items, size_t count, tx_split_scores scores[TX_SPLIT_GROUPS],
                       tx_error *error);

#endif
