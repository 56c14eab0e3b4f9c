/* The answer for one record, read through functions, so that later versions can add values. */
#ifndef TAXAMBA_PREDICTION_H
#define TAXAMBA_PREDICTION_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tx_record_status {
  TX_RECORD_OK,        /* called */
  /* fewer certain bases than min_bases, or less than one whole token; on either strand, if the model reads
     both */
  TX_RECORD_TOO_SHORT,
  TX_RECORD_NO_BASES,  /* nothing but N, or an empty sequence */
  /* only for references: on every strand that is read, it shares too few 8-mers at corresponding positions
     with any reference to be a barcode of this marker */
  TX_RECORD_UNLIKE
} tx_record_status;

/* A prediction. It is borrowed until the sink returns (tx_predict), or until the next call with the same
   workspace (tx_classify). Immutable. */
typedef struct tx_prediction tx_prediction;

TX_API tx_record_status tx_prediction_status(const tx_prediction *prediction);
/* '+' as given, '-' reverse complement, '.' without a call or where the model reads both strands as one. */
TX_API char tx_prediction_strand(const tx_prediction *prediction);
/* The class of the taxon at a rank of the model's taxonomy (tx_taxonomy_class_name); -1 = none: there is no
   call, the lineage was cut above it or has a gap there, or there is no such rank. */
TX_API int32_t tx_prediction_taxon(const tx_prediction *prediction, size_t rank);
/* Probability of that taxon, 0..1, rounded down to 4 decimals; 0 where there is none. */
TX_API double tx_prediction_confidence(const tx_prediction *prediction, size_t rank);
/* The following two are for models of which a record may have several taxa at a rank
   (tx_model_is_multilabel): `node` numbers the taxa of all ranks (tx_taxonomy_node). Such a prediction has no
   tx_prediction_taxon. */
/* Probability that the record has the taxon, 0..1: at least that of each taxon below it. 0 without a call. */
TX_API double tx_prediction_probability(const tx_prediction *prediction, size_t node);
/* 1 if the taxon is called: its probability is above 0.5 and, rounded down to 4 decimals, at least
   tx_predict_options.min_confidence. The taxa above it are then called too. */
TX_API int tx_prediction_calls(const tx_prediction *prediction, size_t node);
/* The embedding, (tx_model_width) floats, borrowed like the prediction; NULL unless asked for, and without a
   call. */
TX_API const float *tx_prediction_embedding(const tx_prediction *prediction);

/* The following functions have values for a record that references have answered
   (tx_predict_options.references) with status OK; for other records they return 0, or the value stated. */

/* The main property of an answer by references. */
typedef enum tx_reason {
  TX_REASON_NONE,      /* no answer by references */
  TX_REASON_MATCH,     /* one taxon of the lowest rank has at least half of the probability */
  TX_REASON_AMBIGUOUS, /* several taxa of the lowest rank share it */
  TX_REASON_NOVEL,     /* the taxon of some rank probably has no reference: tx_prediction_novel_rank */
  /* the network decided: without it another name would stand at some rank, or no taxon of the lowest rank
     would have half of the probability */
  TX_REASON_NETWORK,
  /* only the network knows a taxon of the lineage, which has at least half of the probability: no reference
     speaks for it */
  TX_REASON_NETWORK_ONLY
} tx_reason;
TX_API tx_reason tx_prediction_reason(const tx_prediction *prediction);
/* 1 if the network was asked as a witness (tx_predict_options.witness), else 0. */
TX_API int tx_prediction_asked(const tx_prediction *prediction);
/* The highest rank whose true taxon, with a probability above 0.5, is not among the references, nor, where
   the network was asked, among the taxa that it knows; -1: none. */
TX_API int tx_prediction_novel_rank(const tx_prediction *prediction);
/* The probability of that; where there is no such rank, the probability for the lowest rank. */
TX_API double tx_prediction_novelty(const tx_prediction *prediction);

/* An alignment with a reference. */
typedef struct tx_match {
  size_t reference; /* number of the reference in the set */
  double identity;  /* 0..1: 1 - mismatches / columns; an inserted or deleted base is a mismatch */
  size_t columns;   /* aligned bases, without uncertain ones */
  size_t rank;      /* lowest rank at which the reference has a label */
  int32_t taxon;    /* class of the reference at that rank */
} tx_match;
/* The nearest reference. Returns 1, or 0 if there is none. */
TX_API int tx_prediction_nearest(const tx_prediction *prediction, tx_match *ret_match);
/* The nearest of the references whose taxon differs from that of the nearest: rank and taxon are the lowest
   at which they differ. */
TX_API int tx_prediction_runner_up(const tx_prediction *prediction, tx_match *ret_match);

/* The part of the record that was compared, where it is much longer than the references and was searched for
   the barcode in it: its first base, from 0, and its bases, on the strand as given, gaps not counted. Returns
   1, or 0 if the record was compared as a whole. */
TX_API int tx_prediction_part(const tx_prediction *prediction, size_t *ret_first, size_t *ret_count);

/* The following two have values for an answer by references if tx_predict_options.details was set. */

/* One of the possibilities that the probability is shared among: the barcode is of a known taxon of the
   lowest rank; of a new taxon, one rank down, of a known one; or of none of the known taxa. With the network
   as a witness, taxa that only it knows are among them: those that the taxonomy of the references does not
   have (tx_predict_taxonomy). */
typedef struct tx_answer_outcome {
  int rank;           /* of the known taxon; -1: none of them */
  int32_t taxon;      /* class at that rank; -1 with none */
  double probability; /* 0..1; all together 1 */
  /* that by the references alone: the same unless the network was asked; 0 of a taxon that only it knows */
  double alone;
  int heard;          /* 1: the network was asked, and knows the taxon */
  double log_probability; /* of the taxon at its rank by the network (-9 or more), if it was heard */
} tx_answer_outcome;
/* Outcome `index`, the most probable first. Returns 1, or 0 if there are no more. */
TX_API int tx_prediction_outcome(const tx_prediction *prediction, size_t index,
                                 tx_answer_outcome *ret_outcome);

/* An alignment with one of the references that were compared. */
typedef struct tx_answer_candidate {
  size_t reference;       /* number of the reference in the set */
  uint32_t columns;       /* aligned bases, without uncertain ones */
  uint32_t mismatches;    /* of them: substitutions, inserted and deleted bases */
  uint32_t transversions; /* among the substitutions */
  /* substitutions at codon positions 1 and 2; -1 for a marker that is not coding */
  int32_t codon_substitutions;
  /* sum over the shared k-mers of 256 ln(N / references that have it), N the lowest power of 2 above the
     number of references; the rarest k-mers alone where they have many references */
  uint32_t score;
} tx_answer_candidate;
/* Candidate `index`, nearest first: by (mismatches + 1) / (columns + 10). Returns 1, or 0 if there are no
   more. */
TX_API int tx_prediction_candidate(const tx_prediction *prediction, size_t index,
                                   tx_answer_candidate *ret_candidate);

#ifdef __cplusplus
}
#endif
#endif
