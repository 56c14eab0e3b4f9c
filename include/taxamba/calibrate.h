/* Calibration: the weights of a reference set fitted on labelled records of one's own. */
#ifndef TAXAMBA_CALIBRATE_H
#define TAXAMBA_CALIBRATE_H

#include <taxamba/references.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialise for the defaults. */
typedef struct tx_calibrate_options {
  size_t threads; /* 0: all processors */
  uint64_t seed;  /* of the cuts, the folds, and the choice of references and records */
  /* records of another split are skipped, those without a split are not; NULL: no record is skipped */
  const char *usual_split;
  /* may be NULL; borrowed: weights of its network as a witness are fitted too, in place of those that the set
     has; without a model these are removed. The network must not have learned the records */
  const tx_model *model;
  tx_reference_hooks hooks;
} tx_calibrate_options;

/* What weights make of the records of one length. Each record is judged by weights that were fitted without
   the records of its taxon. */
typedef struct tx_calibration_scores {
  double log_loss; /* mean of -ln P(true outcome), natural logarithm */
  double accuracy; /* share named right at the lowest rank; a taxon without a reference never is */
  double ece;      /* expected calibration error of the confidence there, 10 bins */
} tx_calibration_scores;

enum { TX_CALIBRATION_LENGTHS = 6, TX_WITNESS_GROUPS = 3 };

/* What the network adds to the answers by references at one length (docs/numerics.md). Each record is judged
   by weights that were fitted without the records of its taxon. */
typedef struct tx_witness_scores {
  bool fitted; /* 30 records or more: there are weights */
  bool helps;  /* log_loss - log_loss_with is more than two standard errors: used by itself */
  /* of the log-probabilities: known taxa of the lowest rank, new ones in a taxon of the rank above it, new
     ones in a taxon of a higher rank; 0: it changes nothing there */
  double weight[TX_WITNESS_GROUPS];
  uint64_t records;
  uint64_t asked;       /* of them: not decided by the references alone */
  double log_loss;      /* by the references alone: mean of -ln P(true outcome) */
  double log_loss_with; /* with the network */
  double gain_error;    /* standard error of the difference; records of one taxon are not independent */
  /* records whose name becomes right, or wrong, at the lowest rank at which the references have their
     taxon */
  uint64_t corrected, spoiled;
} tx_witness_scores;

/* Places in which a taxon may be new to the references: of the lowest rank, inside a taxon of the rank above
   it that they have; of a higher rank, inside one that they have or none; inside one that only the network
   knows. */
enum { TX_SPLIT_GROUPS = 3 };

/* How the network's taxa that the references lack are named at one length in one of these places: they get
   the share 1 / (1 + exp(-(offset + slope ln q))) of the probability of a new taxon, q what the network gives
   to those in that place together (docs/numerics.md). Examples are records of new taxa, and records whose
   taxon was hidden from the references, or from both. Each is judged by weights that were fitted without the
   examples of its taxon. */
typedef struct tx_split_scores {
  bool fitted; /* 30 examples or more of either kind: there are weights */
  bool helps;  /* loss - loss_with is more than two standard errors: used by itself */
  double offset, slope;
  uint64_t records; /* of new taxa, nothing hidden */
  uint64_t network; /* examples whose taxon the network knows */
  uint64_t neither; /* examples whose taxon neither knows */
  double loss;      /* mean squared error of the probabilities of these taxa (Brier), never named */
  double loss_with; /* with the weights */
  double gain_error; /* standard error of the difference; records of one taxon are not independent */
  uint64_t right, wrong; /* examples with a name that has more than half of the probability */
} tx_split_scores;

typedef struct tx_calibration_length {
  uint32_t length;   /* bases */
  uint64_t records;  /* that have an answer at this length */
  bool scored;       /* 30 records or more: else there are no scores, and nothing changes */
  bool fitted;       /* the log loss is lower: the weights are new. Else only the thresholds are */
  tx_calibration_scores before, after;
  tx_witness_scores witness; /* of the network of options->model */
  tx_split_scores split[TX_SPLIT_GROUPS]; /* of its taxa that the references lack; all 0 if there are none */
} tx_calibration_length;

typedef struct tx_calibration_report {
  uint64_t records; /* that the weights were fitted on */
  uint64_t taxa;    /* lowest labels of these */
  uint64_t equal;   /* records whose barcode equals a reference */
  size_t length_count;
  tx_calibration_length lengths[TX_CALIBRATION_LENGTHS]; /* ascending */
} tx_calibration_report;

/* Reads labelled records to their end, and fits the weights, the reliability and the thresholds of the set on
   them: whole and cut to the lengths that it has weights for (docs/numerics.md). The true outcome of a record
   is the deepest that the references allow: of a species without a reference it is a new species of its
   genus. Held-out references stand for the kinds of outcomes that the records do not have. The shares of the
   kinds that they have move towards theirs; the other kinds keep their shares.
   Records are left out that have no label at a rank of the set, that are too short, whose labels do not tell
   the true outcome or contradict the references, and that resemble no reference.
   The set must not be in use elsewhere during the call. After an error it is unchanged. The result does not
   depend on the threads or on the order of the records; the provenance lists the files in their order.
   Errors: those of the reader; TX_ERROR_DATA: fewer than 30 records are left, or they are of fewer than 5
   taxa; TX_ERROR_USAGE: too many threads; TX_ERROR_NUMERIC; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_reference_set_calibrate(tx_reference_set *set, tx_labelled *reader,
                                            const tx_calibrate_options *options,
                                            tx_calibration_report *ret_report, tx_error *error);

/* What tells that a sequence is unlike the barcodes that a network has learnt (docs/numerics.md). */
typedef struct tx_unlike tx_unlike;

typedef struct tx_unlike_report {
  uint64_t records;
  uint64_t taxa; /* at the rank at which taxa were held out */
  size_t length_count;
  double bases[TX_CALIBRATION_LENGTHS], thresholds[TX_CALIBRATION_LENGTHS]; /* ascending; bits a base */
} tx_unlike_report;

/* Reads labelled records to their end, which should be those that the network has learnt, and fits what is
   unlike them. Of the options it takes usual_split and hooks. Free it with tx_unlike_free. With more than
   20,000 records the result depends on their order. Errors: those of the reader; TX_ERROR_DATA: fewer than
   200 records with a label; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_unlike_create(tx_labelled *reader, const tx_calibrate_options *options,
                                  tx_unlike **ret_unlike, tx_unlike_report *ret_report, tx_error *error);
/* NULL is allowed. */
TX_API void tx_unlike_free(tx_unlike *unlike);
/* Commits a copy of the model that calls such sequences unlike, in place of what it had. Closes the writer
   whether or not it succeeds. TX_ERROR_MODEL: the model is a checkpoint. */
TX_API tx_status tx_reference_writer_commit_unlike(tx_reference_writer *writer, const tx_unlike *unlike,
                                                   const tx_model *model, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
