/* Evaluation of a model of which a record may have several taxa at a rank (tx_model_is_multilabel). */
#ifndef TAXAMBA_MULTILABEL_H
#define TAXAMBA_MULTILABEL_H

#include <taxamba/prediction.h>
#include <taxamba/truth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scores over the known entries: pairs of a record and a taxon of which its annotation says that it is
   present or absent. A taxon is called where its probability is above 0.5 (and reaches the least
   confidence). */
typedef struct tx_set_overall {
  uint64_t records, entries, present; /* annotated records; their known entries, and those that are present */
  double micro_ap, macro_ap; /* average precision: over all entries, mean of the taxa with a present one */
  double micro_f1, exact;    /* F1; share of the records with no wrong call */
  double precision, recall;  /* over all entries: of the taxa of all ranks, the hierarchical ones */
  /* mean over the records of the rank, counted from 1, of the lowest present, called, and rightly called
     taxon; 0 counts for none */
  double depth_present, depth_called, depth_right;
} tx_set_overall;

/* Scores of the records with a present taxon at exactly this rank. */
typedef struct tx_set_depth {
  uint64_t records, sets; /* those records, and different sets of present taxa down to the rank */
  /* over the known taxa down to the rank, the mean over the sets of the mean over their records: no wrong
     call; mean of the F1 of the present and of the absent taxa; average precision of the calls; Matthews'
     correlation; 0 for 0/0 */
  double exact, f1, ap, mcc;
  /* at the rank alone: present taxa, and means over the taxa that are present or called there */
  uint64_t taxa;
  double precision, recall, macro_f1;
} tx_set_depth;

/* Scores of the taxa whose probability is above a threshold. */
typedef struct tx_set_threshold {
  double threshold;
  uint64_t called; /* records with a taxon above it */
  double precision, recall;
  double depth_called, depth_right;
} tx_set_threshold;

/* The truth of the records as states of the taxa of a model. */
typedef struct tx_set_truth tx_set_truth;
/* The truth must have been matched with the ranks of the taxonomy (tx_truth_match), and both must outlive the
   new object. */
TX_API tx_status tx_set_truth_create(tx_truth *truth, const tx_taxonomy *taxonomy, tx_set_truth **ret_truth,
                                     tx_error *error);
/* A tx_record_source like tx_truth_source, `context` is the object: the tag of a record is the state of each
   taxon, `const signed char *` (tx_taxonomy_node_count): 1 present, 0 absent, -1 unknown; NULL: the record
   has no label that the taxonomy has. A lineage makes its taxa present, leaves open those below it, and all
   others are absent. TX_ERROR_DATA: the name of a taxon without its lineage is that of several. */
TX_API tx_status tx_set_truth_source(void *context, tx_record *record, tx_error *error);
/* The number of lineages and names so far of which the taxonomy has no taxon. */
TX_API uint64_t tx_set_truth_unknown(const tx_set_truth *truth);
TX_API void tx_set_truth_free(tx_set_truth *truth);

/* The predictions with their truth. Memory: 5 bytes for each record and taxon. Not thread-safe. */
typedef struct tx_set_scores tx_set_scores;
/* min_confidence: that of the predictions. opt_stop: while it is not 0, long computations end early. */
TX_API tx_status tx_set_scores_create(const tx_taxonomy *taxonomy, double min_confidence, size_t resamples,
                                      uint64_t seed, const volatile int *opt_stop, tx_set_scores **ret_scores,
                                      tx_error *error);
/* Adds a record of the training to the baselines: the share of each taxon among the records of which it is
   known, and the most frequent set. `states`: see above. */
TX_API tx_status tx_set_scores_add_training(tx_set_scores *scores, const signed char *states,
                                            tx_error *error);
/* A tx_prediction_sink for records of tx_set_truth_source, `context` is the object. */
TX_API tx_status tx_set_scores_put(void *context, const tx_record *record, const tx_prediction *prediction,
                                   tx_error *error);
/* The number of records with a label so far. */
TX_API uint64_t tx_set_scores_records(const tx_set_scores *scores);
/* Makes the report: tables with a header line each, separated by an empty line, or one JSON object. The
   caller frees *ret_text. TX_STOPPED. */
TX_API tx_status tx_set_scores_report(const tx_set_scores *scores, bool json, char **ret_text,
                                      tx_error *error);
TX_API void tx_set_scores_free(tx_set_scores *scores);

#ifdef __cplusplus
}
#endif
#endif
