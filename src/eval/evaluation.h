/* The state of an evaluation; shared by the scores, the calibration, the intervals and the report. */
#ifndef TX_EVAL_EVALUATION_H
#define TX_EVAL_EVALUATION_H

#include <taxamba/evaluate.h>

#include "base/bytes.h"
#include "base/names.h"

/* Counts of one taxon over one set of queries. */
typedef struct tx_taxon_counts {
  uint64_t queries; /* queries whose true taxon this is */
  uint64_t calls;   /* queries called as this taxon */
  uint64_t correct; /* queries for which both hold */
} tx_taxon_counts;

enum { TX_SET_ALL, TX_SET_KNOWN, TX_SET_COUNT };

typedef struct tx_scored_taxon {
  tx_taxon_counts sets[TX_SET_COUNT];
  bool known;
} tx_scored_taxon;

/* Calls whose confidence falls into one bin. */
typedef struct tx_bin_sums {
  uint64_t count, correct;
  double confidence; /* sum */
} tx_bin_sums;

typedef struct tx_rank_entry {
  char *name;
  tx_names *names;      /* taxa seen in truth, in predictions, or declared as known; a blank for each '_' */
  tx_scored_taxon *taxa; /* by number in `names` */
  size_t capacity;
  size_t known_count;
  tx_bin_sums bins[TX_SET_COUNT][TX_RELIABILITY_BINS];
} tx_rank_entry;

struct tx_evaluation {
  tx_rank_entry *ranks;
  size_t rank_count;
  uint64_t queries;
  bool has_confidences; /* some query had confidences */

  /* for the bootstrap; nothing is kept without resamples */
  size_t resamples, threads;
  const volatile int *opt_stop; /* ends the resampling */
  uint64_t seed;
  /* (outcome_count, rank_count) of the queries with a label: whether it counts, is known, is right */
  uint8_t *outcomes;
  size_t outcome_count, outcome_capacity;
};

/* The 95 % interval between the percentiles of the values that are not NaN, whose number is returned; moves
   and sorts them in place. NaN if there are none. */
size_t tx_percentile_interval(double *values, size_t count, tx_interval *ret_interval);

/* Makes space for the outcomes of one more query, all of them "no label". */
tx_status tx_outcomes_reserve(tx_evaluation *evaluation, tx_error *error);
/* Sets the outcome of the last query, which has a label at the rank: whether the true taxon is known, and
   whether it was called. */
void tx_outcome_set(tx_evaluation *evaluation, size_t rank, bool known, bool right);

#endif
