/* Scores of sets of taxa, about which the annotations may be silent, on plain arrays. docs/numerics.md has
   the definitions; those per depth are the ones of BenthicNet's notebook, grouped by node. */
#ifndef TX_EVAL_SET_METRICS_H
#define TX_EVAL_SET_METRICS_H

#include "base/bytes.h"

#include <stddef.h>
#include <stdint.h>
#include <taxamba/multilabel.h>

/* Records (count) with what is known and what is said of each node of a tree. All arrays are borrowed. */
typedef struct tx_set_records {
  size_t nodes, count;
  const int32_t *parents;     /* (nodes) */
  const uint8_t *depths;      /* (nodes) 0 for the top */
  const int8_t *states;       /* (count, nodes) tensor/multilabel.h */
  const float *probabilities; /* (count, nodes), or (nodes) where `constant` */
  int constant;               /* all records have the same probabilities */
  double least;               /* least confidence of a call, which is above 0.5 in any case */
} tx_set_records;

/* Whether a probability is a call. */
int tx_set_is_call(double probability, double least);

/* The scores over the known entries. TX_ERROR_MEMORY. */
tx_status tx_set_overall_scores(const tx_set_records *records, tx_set_overall *scores, tx_error *error);
/* The scores of depth d = 0 .. depths - 1, and the number of true, false and missed calls of each node at its
   own depth: counts (nodes, 3). */
tx_status tx_set_depth_scores(const tx_set_records *records, size_t depths, tx_set_depth *scores,
                              uint64_t *counts, tx_error *error);
/* Precision and depth of the calls above a probability. */
void tx_set_threshold_scores(const tx_set_records *records, double threshold, tx_set_threshold *scores);

/* The known entries in the order of falling probability, for averages of precision under weights of the
   records. */
typedef struct tx_set_ranking {
  uint64_t *entries; /* (count) record * nodes + node */
  size_t count;
} tx_set_ranking;
tx_status tx_set_ranking_create(const tx_set_records *records, tx_set_ranking *ranking, tx_error *error);
/* The average precision over the known entries, each as often as its record (opt_weights, NULL = once); 0
   without a present one. */
double tx_set_average_precision(const tx_set_records *records, const tx_set_ranking *ranking,
                                const uint32_t *opt_weights);
/* The F1 over the known entries, likewise. */
double tx_set_micro_f1(const tx_set_records *records, const uint32_t *opt_weights);
void tx_set_ranking_free(tx_set_ranking *ranking);

#endif
