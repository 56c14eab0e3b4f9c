/* The predictions of sets of taxa with their truth, and the baselines. */
#ifndef TX_EVAL_SET_SCORES_H
#define TX_EVAL_SET_SCORES_H

#include "base/names.h"
#include "eval/set_metrics.h"

#include <stdbool.h>
#include <taxamba/evaluate.h>

/* What is scored: the model, and for every record alike the shares of the training records and their most
   frequent set. */
enum { TX_SET_MODEL, TX_SET_SHARES, TX_SET_FREQUENT, TX_SET_SYSTEMS };

struct tx_set_scores {
  const tx_taxonomy *taxonomy;
  size_t nodes, resamples;
  uint64_t seed;
  const volatile int *opt_stop;
  double least;
  int32_t *parents; /* (nodes) */
  uint8_t *depths;  /* (nodes) */
  int8_t *states;   /* (count, nodes) */
  float *probabilities; /* (count, nodes) */
  size_t count, states_capacity, probabilities_capacity;
  uint64_t unlabelled;

  uint64_t training;          /* records of the training */
  uint64_t *known, *present;  /* (nodes) of those */
  tx_names *sets;             /* their sets: states */
  uint64_t *set_counts;       /* (sets) */
  size_t set_counts_capacity;
};

/* An interval of resamples. */
/* Intervals of each system, and of its difference to the model, of average precision and F1 over all known
   entries. */
typedef struct tx_set_intervals {
  tx_interval ap[TX_SET_SYSTEMS], f1[TX_SET_SYSTEMS];
  tx_interval ap_gain[TX_SET_SYSTEMS], f1_gain[TX_SET_SYSTEMS]; /* model minus system */
} tx_set_intervals;

/* What the systems say of the records. */
typedef struct tx_set_systems {
  tx_set_records records[TX_SET_SYSTEMS];
  float *constant[TX_SET_SYSTEMS]; /* (nodes) of the baselines */
  size_t count;                    /* 1 without training records */
} tx_set_systems;

tx_status tx_set_systems_create(const tx_set_scores *scores, tx_set_systems *systems, tx_error *error);
void tx_set_systems_free(tx_set_systems *systems);

/* Percentile bootstrap over the records (Efron 1979), the same resamples for all systems. TX_STOPPED. */
tx_status tx_set_bootstrap(const tx_set_scores *scores, const tx_set_systems *systems,
                           tx_set_intervals *intervals, tx_error *error);

#endif
