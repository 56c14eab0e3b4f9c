/* Scores and calibration of predictions against truth. */
#ifndef TAXAMBA_EVALUATE_H
#define TAXAMBA_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/prediction.h>
#include <taxamba/predictions.h>
#include <taxamba/record.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>
#include <taxamba/truth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scores over one set of queries of one rank. A query counts if it has a true label at the rank; a missing
   call counts as wrong. */
typedef struct tx_scores {
  uint64_t queries;
  uint64_t called; /* queries with a call */
  uint64_t correct;
  uint64_t classes;      /* distinct true taxa among the queries */
  double accuracy;       /* correct / queries */
  double macro_accuracy; /* mean over true taxa of their accuracy */
  double macro_f1;       /* mean over true taxa of F1 */
  double coverage;       /* called / queries */
} tx_scores;

typedef struct tx_rank_scores {
  tx_scores all;   /* every labelled query */
  tx_scores known; /* queries whose true taxon the model (or the reference) has */
} tx_rank_scores;

/* Calls grouped by confidence into bins of equal width: bin b has those in (b / 15, (b + 1) / 15], and bin 0
   also has 0. */
enum { TX_RELIABILITY_BINS = 15 };

typedef struct tx_reliability_bin {
  uint64_t count;    /* calls in the bin; the means are 0 without any */
  double confidence; /* mean confidence */
  double accuracy;   /* share of the calls that are right */
} tx_reliability_bin;

/* Calibration over the queries of one set and rank that have a label and a call with a confidence. */
typedef struct tx_calibration {
  uint64_t calls;
  /* expected calibration error, sum over bins of count / calls |accuracy - confidence| (Guo et al. 2017,
     equation 3) */
  double ece;
  tx_reliability_bin bins[TX_RELIABILITY_BINS];
} tx_calibration;

typedef struct tx_rank_calibration {
  tx_calibration all;
  tx_calibration known;
} tx_rank_calibration;

/* A 95 % interval by the percentile bootstrap over queries (Efron 1979). */
typedef struct tx_interval {
  double low, high;
} tx_interval;

typedef struct tx_score_intervals {
  /* resamples that have a query of this rank and set; the others are not used. 0: there are no intervals */
  uint64_t resamples;
  tx_interval accuracy;
} tx_score_intervals;

typedef struct tx_rank_intervals {
  tx_score_intervals all;
  tx_score_intervals known;
} tx_rank_intervals;

/* Collects (truth, prediction) pairs by taxon name: taxa of one name under two parents count as one, and '_'
   in a name is a blank. Not thread-safe. */
typedef struct tx_evaluation tx_evaluation;

TX_API tx_status tx_evaluation_create(const char *const *ranks, size_t rank_count,
                                      tx_evaluation **ret_evaluation, tx_error *error);
/* Declares a taxon as known at a rank (one that the model was trained on). Only before the first query,
   otherwise TX_ERROR_USAGE. */
TX_API tx_status tx_evaluation_know(tx_evaluation *evaluation, size_t rank, const char *name,
                                    tx_error *error);
/* Whether there are labels at a rank and none of them is a taxon that is known, or, where none is known, that
   was called: *ret_label and *ret_taxon are examples of both, borrowed. After the last query. */
TX_API bool tx_evaluation_unmatched(const tx_evaluation *evaluation, size_t rank, const char **ret_label,
                                    const char **ret_taxon);
/* Declares the taxa of a taxonomy as known, at the ranks of the same names. */
TX_API tx_status tx_evaluation_know_taxonomy(tx_evaluation *evaluation, const tx_taxonomy *taxonomy,
                                             tx_error *error);
/* Declares the taxa of all records of a truth as known; the truth was matched with the ranks of the
   evaluation (tx_truth_match). TX_STOPPED after *opt_stop. */
TX_API tx_status tx_evaluation_know_truth(tx_evaluation *evaluation, tx_truth *known,
                                          const volatile int *opt_stop, tx_error *error);
/* Asks for intervals from `resamples` (0 = none) samples of the queries that have a label at any rank, drawn
   with replacement by `seed`; a sample has as many queries as there are of them, and is the same for all
   ranks. A byte is kept per query and rank. tx_evaluation_intervals and tx_evaluation_report compute them
   with `threads` threads (0 counts as 1): the bits are the same for any number. They return TX_STOPPED when
   *opt_stop is set. Only before the first query, otherwise TX_ERROR_USAGE. */
TX_API tx_status tx_evaluation_bootstrap(tx_evaluation *evaluation, size_t resamples, uint64_t seed,
                                         size_t threads, const volatile int *opt_stop, tx_error *error);
/* Adds one query: truth[rank_count] and predicted[rank_count], NULL = no label / no call;
   opt_confidence[rank_count] of the calls, 0 to 1 or TX_NO_CONFIDENCE (else TX_ERROR_USAGE), read where there
   is a call; NULL = the confidences are not known. In a name '_' and a blank are the same. */
TX_API tx_status tx_evaluation_add(tx_evaluation *evaluation, const char *const *truth,
                                   const char *const *predicted, const double *opt_confidence,
                                   tx_error *error);

typedef struct tx_join_counts {
  uint64_t queries, matched; /* records, and those with a row among the predictions */
} tx_join_counts;

/* Adds every record of the truth with the row of its id; a record without a row is a query without a call.
   The truth was matched with the ranks of the predictions, and its ranks are those of the evaluation.
   TX_ERROR_DATA for an id that occurs twice; TX_STOPPED after *opt_stop. */
TX_API tx_status tx_evaluation_join(tx_evaluation *evaluation, tx_truth *truth,
                                    const tx_predictions *predictions, const volatile int *opt_stop,
                                    tx_join_counts *ret_counts, tx_error *error);

/* A model's calls as queries. The truth was matched with the ranks of the taxonomy, and its ranks are those
   of the evaluation. */
typedef struct tx_heads {
  tx_evaluation *evaluation;
  const tx_truth *truth;
  const tx_taxonomy *taxonomy; /* taxonomy of the model */
} tx_heads;

/* A tx_prediction_sink for records of tx_truth_source, `context` is a tx_heads: adds a query. */
TX_API tx_status tx_heads_put(void *context, const tx_record *record, const tx_prediction *prediction,
                              tx_error *error);

/* Scores of every rank so far: ret_scores[rank_count]. */
TX_API tx_status tx_evaluation_scores(const tx_evaluation *evaluation, tx_rank_scores *ret_scores,
                                      tx_error *error);
/* Calibration of every rank so far: ret_calibration[rank_count]; without confidences everything is 0. */
TX_API tx_status tx_evaluation_calibration(const tx_evaluation *evaluation,
                                           tx_rank_calibration *ret_calibration, tx_error *error);
/* Computes the intervals of every rank from the queries so far, ret_intervals[rank_count]: the quantiles
   0.025 and 0.975 of the resampled accuracies. All are 0 unless they were asked for. Means over taxa have no
   intervals: a sample lacks some taxa with few queries, so its mean is biased. */
TX_API tx_status tx_evaluation_intervals(const tx_evaluation *evaluation, tx_rank_intervals *ret_intervals,
                                         tx_error *error);
/* Writes a text table, or one JSON object on one line. `title` is its heading ("heads", "1-nearest
   neighbour"). The scores over known taxa are left out when no taxon was declared as known, the calibration
   when no query had confidences (the table has its error, JSON also the bins), the intervals when they were
   not asked for; a score over no query is "-" (JSON: null). A new string; the caller frees it. */
TX_API tx_status tx_evaluation_report(const tx_evaluation *evaluation, const char *title, bool json,
                                      char **ret_text, tx_error *error);
TX_API void tx_evaluation_free(tx_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
