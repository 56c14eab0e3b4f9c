/* A trait from embeddings: ridge regression, intervals that hold at a stated rate, and scores. */
#ifndef TAXAMBA_TRAIT_STUDY_H
#define TAXAMBA_TRAIT_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>
#include <taxamba/model.h>
#include <taxamba/points.h>
#include <taxamba/prediction.h>
#include <taxamba/traits.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Records with a vector each, and what is known of their taxa and splits. Changed by one thread. */
typedef struct tx_trait_records tx_trait_records;

/* Creates a list for the predictions of a model, which must outlive it: their embeddings, the lineages that
   the model calls, and what its heads of traits say. */
TX_API tx_status tx_trait_records_create(const tx_model *model, tx_trait_records **ret_records,
                                         tx_error *error);
/* A tx_prediction_sink that adds a record; `context` is the tx_trait_records. */
TX_API tx_status tx_trait_records_put(void *context, const tx_record *record, const tx_prediction *prediction,
                                      tx_error *error);
/* Creates a list from points, which belong to it from now on; on an error they are freed. */
TX_API tx_status tx_trait_records_of_points(tx_points *points, tx_trait_records **ret_records,
                                            tx_error *error);
/* Reads the taxa and splits of the records from a labelled file (tx_labelled_open), by their names. A record
   with other labels in two rows is TX_ERROR_DATA, as is a file that has none of the records. */
TX_API tx_status tx_trait_records_label(tx_trait_records *records, const char *path,
                                        const tx_labelled_options *options, tx_error *error);
/* Borrowed. */
TX_API const tx_points *tx_trait_records_points(const tx_trait_records *records);
TX_API void tx_trait_records_free(tx_trait_records *records);

/* Where the groups of records come from. */
typedef enum tx_trait_splitting {
  /* the split column, if the labels or the table of traits have one, else random */
  TX_TRAIT_SPLIT_AUTO,
  /* train; val, validation or calibration; test; test_unseen. Others only get a prediction */
  TX_TRAIT_SPLIT_COLUMN,
  /* by the seed: 60 % train, 20 % calibration, 20 % test; of the taxa a share is wholly in the test */
  TX_TRAIT_SPLIT_RANDOM
} tx_trait_splitting;

typedef struct tx_trait_study_options {
  tx_trait_splitting splitting;
  uint64_t seed;       /* of the random groups and of the intervals of scores */
  double unseen_share; /* of the taxa, 0 to 0.9: those of random groups that training does not have */
  bool heads;          /* the model's own heads of these names predict, instead of a ridge regression */
  bool log;            /* of the logarithm; records whose value is not above 0 are left out */
  /* lambda is chosen by leaving out all training records of a taxon together instead of one by one: by what
     is expected of new species */
  bool leave_taxa;
  bool zscore;      /* columns of the vectors are divided by their standard deviations in the training */
  double tolerance; /* in the unit of the trait */
  double level;     /* one of the levels below: that of the intervals of the rows and of the width */
  size_t resamples; /* of intervals of the scores, 0: none */
  const volatile int *stop; /* may be NULL; set to nonzero it ends the work with TX_STOPPED */
} tx_trait_study_options;

/* AUTO, seed 1, 10 % of the taxa, tolerance 0.1, level 0.9, 1000 resamples. */
TX_API void tx_trait_study_defaults(tx_trait_study_options *options);

/* Levels of the intervals. */
enum { TX_TRAIT_LEVELS = 4 };
TX_API double tx_trait_level(size_t index); /* 0.8, 0.9, 0.95, 0.99 */

/* UNSEEN: of a taxon of the lowest rank that training has no record of, or of the split test_unseen. SEEN: of
   a taxon that training has. A record without a taxon counts in ALL only. */
typedef enum tx_trait_set { TX_TRAIT_ALL, TX_TRAIT_SEEN, TX_TRAIT_UNSEEN, TX_TRAIT_SETS } tx_trait_set;

/* Scores of the test records of a set. A rate or error without a value is NaN. */
typedef enum tx_trait_score {
  TX_TRAIT_RMSE,
  TX_TRAIT_MAE,
  TX_TRAIT_R2,   /* 1 - squares of the errors / squares around the mean of the set */
  TX_TRAIT_BIAS, /* mean of predicted - measured */
  TX_TRAIT_WITHIN,
  TX_TRAIT_COVERAGE,                                    /* TX_TRAIT_LEVELS scores */
  TX_TRAIT_WIDTH = TX_TRAIT_COVERAGE + TX_TRAIT_LEVELS, /* mean width at the level of the options */
  /* RMSE of predicting the mean of the training, that of the training records of the given taxon, and that of
     the taxon which the model calls: of the lowest rank that training has, else the mean of the training */
  TX_TRAIT_BASE_MEAN,
  TX_TRAIT_BASE_GIVEN,
  TX_TRAIT_BASE_CALLED,
  TX_TRAIT_GAIN_MEAN, /* RMSE of the baseline less that of the prediction: above 0 the prediction is better */
  TX_TRAIT_GAIN_GIVEN,
  TX_TRAIT_GAIN_CALLED,
  TX_TRAIT_SCORES
} tx_trait_score;

typedef struct tx_trait_set_scores {
  size_t records, taxa; /* taxa are those that intervals are drawn by; a record without one counts alone */
  double score[TX_TRAIT_SCORES];
  /* 95 % intervals by the percentile bootstrap over taxa (Efron 1979); NaN without */
  double low[TX_TRAIT_SCORES], high[TX_TRAIT_SCORES];
} tx_trait_set_scores;

/* What was found of one trait. */
typedef struct tx_trait_result {
  const char *name;
  size_t measured;                           /* records with a vector and a value */
  size_t not_positive;                       /* left out under a logarithm */
  size_t training, calibration, test, other; /* those of them in each group */
  double lambda;                             /* of the ridge; NaN with heads */
  double loo_error; /* mean square of its leave-one-out errors, of the logarithm if so asked */
  double half_width[TX_TRAIT_LEVELS]; /* on the scale of the regression; infinite: too few records */
  const double *weights; /* (width) of the ridge, then the intercept; NULL with heads. Borrowed */
  tx_trait_set_scores sets[TX_TRAIT_SETS];
} tx_trait_result;

/* All traits. Immutable. */
typedef struct tx_trait_study tx_trait_study;

/* Joins records and traits by name, forms the groups, predicts, and scores the test. For a ridge, x and y are
   centred, the intercept is free, and lambda is the value of 10^-3 ... 10^4 (half decades) with the least
   leave-one-out error, in closed form: e_i / (1 - h_i), h_i = 1/n + x_i' (X'X + lambda)^-1 x_i. Intervals are
   split-conformal (Vovk et al. 2005; Lei et al. 2018): half width the ceil(level (k + 1))-th smallest size of
   the errors of k calibration records, infinite if that exceeds k. They hold on average for records that are
   exchangeable with those, which records of new species are not. Loads OpenBLAS. Errors: TX_ERROR_DATA: no
   record has a vector and a value, or fewer than three are for training, no split column; TX_ERROR_USAGE: no
   head of that name; TX_ERROR_NUMERIC, TX_ERROR_IO (OpenBLAS), TX_ERROR_MEMORY, TX_STOPPED. Both arguments
   must outlive the study. */
TX_API tx_status tx_trait_study_run(const tx_trait_records *records, const tx_traits *traits,
                                    const tx_trait_study_options *options, tx_trait_study **ret_study,
                                    tx_error *error);
TX_API void tx_trait_study_free(tx_trait_study *study);

typedef struct tx_trait_join {
  size_t records;          /* with a vector */
  size_t without_value;    /* of them: no value of any trait, or not in the table */
  size_t without_record;   /* specimens of the table that no record has */
  size_t repeated_records; /* records whose name an earlier one has: they are not used */
} tx_trait_join;
TX_API tx_trait_join tx_trait_study_join(const tx_trait_study *study);
TX_API size_t tx_trait_study_count(const tx_trait_study *study);
/* Borrowed. */
TX_API const tx_trait_result *tx_trait_study_result(const tx_trait_study *study, size_t trait);
/* The prediction for a record, in the unit of the trait, and its interval at the level of the options; NaN
   without a vector. */
TX_API double tx_trait_study_predicted(const tx_trait_study *study, size_t trait, size_t record,
                                       double *ret_low, double *ret_high);

/* Writes the scores as text, or as one JSON object. `path`: "-" is standard output; a file appears when it is
   complete. TX_ERROR_IO, TX_ERROR_PIPE, TX_ERROR_MEMORY, TX_STOPPED. */
TX_API tx_status tx_trait_study_report(const tx_trait_study *study, bool json, const char *path,
                                       tx_error *error);
/* Writes a row for each record and trait: id, trait, predicted, low, high, measured, split; NA where there is
   no number. */
TX_API tx_status tx_trait_study_rows(const tx_trait_study *study, const char *path, tx_error *error);
typedef struct tx_agreement_options {
  double tolerance;         /* in the unit of the traits */
  bool json;                /* one JSON object instead of text */
  const char *path;         /* "-" is standard output; a file appears when it is complete */
  const volatile int *stop; /* may be NULL; as in the hooks of record.h */
} tx_agreement_options;
/* Writes the agreement of two traits of a table. Errors as in tx_traits_agreement; TX_ERROR_IO,
   TX_ERROR_PIPE, TX_STOPPED. */
TX_API tx_status tx_agreement_report(const tx_traits *traits, size_t first, size_t second,
                                     const tx_agreement_options *options, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
