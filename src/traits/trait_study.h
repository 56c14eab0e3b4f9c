/* What the parts of a study of traits share: the records, and the scores of a set. */
#ifndef TX_TRAITS_TRAIT_STUDY_H
#define TX_TRAITS_TRAIT_STUDY_H

#include <taxamba/trait_study.h>

#include "base/names.h"
#include "traits/ridge.h"

/* Ranks of a record, top first: numbers of `taxa`, NO_TAXON where there is none. */
enum { TX_TRAIT_NO_TAXON = -1 };
typedef struct tx_trait_lineage {
  int32_t taxa[TX_RANKS_MAX];
} tx_trait_lineage;

struct tx_trait_records {
  tx_points *points;       /* owned */
  tx_names *taxa;          /* "rank<NUL>name" */
  size_t given_ranks;      /* of the labels; 0: there are none */
  tx_trait_lineage *given; /* (points), or NULL without labels */
  int32_t *splits;         /* (points) numbers of split_names, -1: none; NULL without a split column */
  tx_names *split_names;
  const tx_model *model;    /* may be NULL; borrowed */
  tx_trait_lineage *called; /* (points), or NULL without a model */
  size_t called_capacity;
};

/* The number of a taxon, which is added. '_' and a blank are one letter. */
tx_status tx_trait_taxon(tx_names *taxa, const char *rank, const char *name, int32_t *ret_taxon,
                         tx_error *error);

/* Test records to score: all arrays (count). */
typedef struct tx_trait_tests {
  size_t count;
  const double *measured, *predicted;  /* in the unit of the trait */
  const double *regressed, *target;    /* the same on the scale of the regression */
  const double *low, *high;            /* interval at the level of the options, in the unit */
  const double *mean, *given, *called; /* baselines in the unit; given and called NULL: there is none */
  const int32_t *groups;               /* below count: what intervals are drawn by */
} tx_trait_tests;

/* Scores of the tests for which `in` (count) is true, with intervals. TX_ERROR_MEMORY, TX_STOPPED. */
tx_status tx_trait_score_set(const tx_trait_tests *tests, const bool *in,
                             const double half_width[TX_TRAIT_LEVELS], const tx_trait_study_options *options,
                             tx_trait_set_scores *ret_scores, tx_error *error);

/* One trait of a study. */
typedef struct tx_trait_outcome {
  bool log; /* the regression is of the logarithm */
  tx_trait_result result;
  tx_ridge ridge;
  double *measured;  /* (points), in the unit; NaN: none */
  double *regressed; /* (points), on the scale of the regression; NaN without a vector */
} tx_trait_outcome;

typedef enum tx_trait_group {
  TX_TRAIT_OTHER,
  TX_TRAIT_TRAINING,
  TX_TRAIT_CALIBRATION,
  TX_TRAIT_TEST,
  TX_TRAIT_TEST_UNSEEN /* the split says so */
} tx_trait_group;

struct tx_trait_study {
  const tx_trait_records *records;
  const tx_traits *traits;
  tx_trait_study_options options;
  tx_trait_join join;
  tx_names *taxa;           /* own copy of those of the records, with those of the table */
  tx_trait_lineage *given;  /* (points), or NULL */
  int32_t *lowest;          /* (points) taxon at the lowest rank of the labels, or -1 */
  tx_trait_group *groups;   /* (points) */
  const char **split_names; /* (points), for the rows */
  bool random;              /* groups were drawn */
  size_t count;
  tx_trait_outcome *outcomes; /* (count) */
};

/* A value in the unit of the trait from one on the scale of the regression. */
double tx_trait_unit(const tx_trait_outcome *outcome, double value);

/* Forms the groups of the records, whose values are known. */
tx_status tx_trait_study_group(tx_trait_study *study, tx_error *error);

#endif
