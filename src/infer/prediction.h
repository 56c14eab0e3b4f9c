/* The structure behind <taxamba/prediction.h>. */
#ifndef TX_INFER_PREDICTION_H
#define TX_INFER_PREDICTION_H

#include "evidence/details.h"

#include <taxamba/prediction.h>

struct tx_prediction {
  tx_record_status status;
  char strand;
  int32_t taxa[TX_RANKS_MAX];      /* class per rank, -1 = none */
  double confidence[TX_RANKS_MAX]; /* 0 where there is no taxon */
  const float *embedding;          /* (D), or NULL */
  const float *opt_nodes;          /* (node_count) probabilities of the taxa of all ranks, or NULL */
  size_t node_count;
  double min_confidence;           /* of a call among them */
  bool has_evidence;
  tx_evidence_answer evidence;     /* if it has; its lineage is not cut */
  const tx_evidence_details *opt_details; /* borrowed like the prediction */
};

#endif
