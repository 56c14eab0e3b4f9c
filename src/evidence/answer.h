/* The answer of the references for one barcode: a lineage whose confidences are probabilities, what speaks
   for a taxon that has no reference, and the nearest references. */
#ifndef TX_EVIDENCE_ANSWER_H
#define TX_EVIDENCE_ANSWER_H

#include "evidence/joint.h"
#include "evidence/reference_set.h"

#include <taxamba/prediction.h>

typedef struct tx_evidence_answer {
  bool like;       /* enough 8-mers lie on one diagonal with some reference, so that the record is a
                      barcode of this marker; otherwise the fields below are not set */
  bool reversed;   /* the reverse complement of the record is what resembles a reference */
  /* the part of a long record (tx_region_is_in) that was compared: its first base, from 0, and its bases,
     gaps not counted, on the strand of the record; part_count 0: all of it */
  size_t part_first, part_count;
  int32_t taxa[TX_RANKS_MAX]; /* class per rank of the set's taxonomy, or the joint one; -1 = none */
  /* sum of the probabilities of the outcomes whose lineage contains the taxon; never more than that of a
     taxon above it */
  double confidence[TX_RANKS_MAX];
  /* the same by the prior of the fit, to be compared with tx_fitted_threshold */
  double fitted_confidence[TX_RANKS_MAX];
  /* the highest rank whose true taxon is probably (more than 0.5) not among the references, nor, where a
     network was asked, known to it; -1 = none; and the probability of that; without one, the probability for
     the lowest rank */
  int novel_rank;
  double novelty;
  bool undecided; /* a network is to be asked (tx_evidence_pause): one of the next two */
  bool moves;     /* as no outcome is as good as certain */
  bool divides;   /* as the taxon may be new to the references, and known to the network */
  bool asked;     /* it was, and the probabilities contain what it said */
  tx_reason reason;
  tx_match nearest;
  /* the nearest reference that differs from the nearest in the taxon of the lowest rank at which both have a
     label */
  bool has_runner_up;
  tx_match runner_up;
} tx_evidence_answer;

/* The scratch of one thread. */
typedef struct tx_evidence tx_evidence;

tx_status tx_evidence_create(const tx_reference_set *set, tx_evidence **ret_evidence, tx_error *error);
void tx_evidence_free(tx_evidence *evidence);
/* From now on answers may have taxa that only a network knows; borrowed. */
void tx_evidence_join(tx_evidence *evidence, const tx_joint *joint);

/* Options of an answer. forward, reverse: the strands that are searched; with both, the second only if the
   first does not resemble any reference. opt_prior (kinds of the set): share of each kind of outcome, NULL
   for those of the fit. witness: which answers a network takes part in. */
typedef struct tx_evidence_options {
  bool forward, reverse;
  const double *opt_prior;
  tx_witness_use witness;
} tx_evidence_options;
/* Answers for one record of `count` letters. TX_ERROR_MEMORY. */
tx_status tx_evidence_answer_record(tx_evidence *evidence, const tx_evidence_options *options,
                                    const char *letters, size_t count, tx_evidence_answer *ret_answer);

/* The part of an undecided answer that is kept while a network is asked. */
typedef struct tx_evidence_paused {
  tx_evidence_answer answer; /* by the references alone */
  tx_outcome outcomes[TX_OUTCOMES_MAX]; /* for the network to fill in */
  size_t outcome_count;
  tx_candidate candidates[TX_CANDIDATES_MAX];
  size_t candidate_count;
} tx_evidence_paused;
/* Copies what belongs to the last answer. */
void tx_evidence_pause(const tx_evidence *evidence, const tx_evidence_answer *answer,
                       tx_evidence_paused *ret_paused);
/* The barcode of the last answer on the strand that resembles a reference. Borrowed until the next. */
const tx_sequence *tx_evidence_sequence(const tx_evidence *evidence, const tx_evidence_answer *answer);
/* Answers with what the network has said: of the outcomes in `paused`, and, in `opt_said`, which is needed if
   the answer `divides`, the log-probabilities of its taxa (output_count of the joint taxonomy). The outcomes
   and candidates of the last answer are then those of this one; the candidates are borrowed from `paused`. */
void tx_evidence_resume(tx_evidence *evidence, const tx_evidence_options *options,
                        const tx_evidence_paused *paused, const double *opt_said,
                        tx_evidence_answer *ret_answer);

/* Whether a barcode of `bases` bases is of this marker and on this strand: at least 16 shared 8-mers, and one
   in 20 of the barcode's, lie on one diagonal with some reference. votes: those of tx_search_run. */
bool tx_evidence_is_like(uint32_t votes, size_t bases);

/* The candidates of the last answer; borrowed until the next. */
const tx_candidate *tx_evidence_candidates(const tx_evidence *evidence, size_t *ret_count);
/* Its outcomes and their probabilities (*ret_count), and those by the references alone, which are the same
   unless a network was asked, and 0 of a taxon that only it knows; none if the record is not `like`. Borrowed
   likewise. */
const tx_outcome *tx_evidence_outcomes(const tx_evidence *evidence, const double **ret_probabilities,
                                       const double **ret_alone, size_t *ret_count);

#endif
