/* What may be true of a barcode, judged by its nearest references: it is of a known taxon of the lowest rank;
   or of a new taxon inside a known one of a higher rank; or of none of them. Each outcome has the features
   that a fitted softmax weighs (docs/numerics.md). */
#ifndef TX_EVIDENCE_OUTCOMES_H
#define TX_EVIDENCE_OUTCOMES_H

#include "search/search.h"

typedef enum tx_feature {
  TX_FEATURE_ONE,
  /* d: distance (percent) of the nearest reference of the outcome's taxon; of the outcome "none": of all */
  TX_FEATURE_NEAR,         /* min(d, 1.5) */
  TX_FEATURE_MIDDLE,       /* min(d, 6) */
  TX_FEATURE_FAR,          /* min(d, 20) */
  /* among the candidates at most 1 farther than the nearest: the share that are of the taxon */
  TX_FEATURE_SHARE,
  /* exp(-(d_l - d_nearest) / 3) summed over the lineages l of the taxon, divided by the sum over all */
  TX_FEATURE_MASS,
  TX_FEATURE_CHILDREN,     /* ln(1 + taxa below it, one rank down) */
  TX_FEATURE_OTHER,        /* min(d_o, 10), d_o the nearest candidate of another taxon of the rank; else 10 */
  TX_FEATURE_RATIO,        /* d / (d + d_o) */
  TX_FEATURE_TRANSVERSION, /* percent of the columns, at most 10; 0 for a marker that is not coding */
  TX_FEATURE_CODON,        /* substitutions at codon positions 1 and 2, likewise */
  TX_FEATURE_SCORE,        /* the highest k-mer score of a candidate of the taxon, divided by that of all */
  TX_FEATURE_MISMATCHES,   /* ln(0.1 + mismatches of the nearest) */
  /* transversions in percent of the columns: min(least among the taxon's candidates - least among all, 6);
     0 for a marker that is not coding */
  TX_FEATURE_TRANSVERSION_LAG,
  TX_FEATURE_CODON_LAG,    /* substitutions at codon positions 1 and 2, likewise */
  TX_FEATURES
} tx_feature;

/* Its name in a file of weights. Static storage. */
const char *tx_feature_name(tx_feature feature);

enum {
  TX_KNOWN_MAX = 8,  /* outcomes of the lowest rank */
  TX_NEW_MAX = 6,    /* of each rank above it */
  TX_OUTCOMES_MAX = TX_KNOWN_MAX + TX_NEW_MAX * (TX_RANKS_MAX - 1) + 1,
  TX_KINDS_MAX = TX_RANKS_MAX + 1,
  TX_FOREIGN_MAX = 32, /* outcomes of taxa that only a network knows (evidence/split.h) */
  TX_ANSWER_OUTCOMES_MAX = TX_OUTCOMES_MAX + TX_FOREIGN_MAX
};

typedef struct tx_outcome {
  int rank;      /* of its taxon; -1: none of the taxa */
  int32_t taxon; /* class at that rank, -1 with none */
  size_t kind;   /* 0: a known taxon of the lowest rank; 1, 2, ...: a new one inside the taxon, by its rank
                    from below; the highest kind: none */
  size_t nearest; /* the first candidate of the taxon */
  double features[TX_FEATURES];
  /* what a network says of the taxon (evidence/witness.h): nothing unless it was asked and knows it */
  bool heard;
  double log_probability;
} tx_outcome;

/* What the outcomes of a set of references depend on. Immutable; shared by all threads. */
typedef struct tx_outcome_space {
  const tx_search_index *index; /* borrowed */
  size_t ranks;
  size_t top;   /* the highest rank with more than one taxon (or the lowest rank): above it nothing can be
                   told apart */
  size_t kinds; /* ranks - top + 1 */
  uint32_t *children[TX_RANKS_MAX]; /* (classes of the rank) taxa one rank down whose parent it is */
} tx_outcome_space;

/* The highest rank with more than one taxon (or the lowest rank): `top` of the space. */
size_t tx_outcome_top(const tx_taxonomy *taxonomy);
tx_status tx_outcome_space_init(tx_outcome_space *space, const tx_search_index *index, tx_error *error);
void tx_outcome_space_clear(tx_outcome_space *space);

/* The outcomes that the candidates speak for, at most TX_OUTCOMES_MAX, "none" last. `missing`: as for
   tx_search_run; the parent of an excluded taxon has one child less. Returns the number. */
size_t tx_outcomes_list(const tx_outcome_space *space, const tx_candidate *candidates, size_t count,
                        const tx_exclusion *opt_missing, tx_outcome *outcomes);

#endif
