/* The result of a record in the pipeline and the cache: its prediction with its embedding, or with the
   details of an answer by references, which has no embedding. */
#ifndef TX_INFER_RESULT_H
#define TX_INFER_RESULT_H

#include "infer/classifier.h"
#include "infer/prediction.h"

typedef struct tx_result {
  tx_prediction prediction; /* prediction.embedding points to the embedding below */
  bool duplicate;           /* found in the cache */
  float embedding[];        /* (D) if options.embed, then (nodes) probabilities if the taxa may be several */
} tx_result;

/* Returns the bytes of a result, with its embedding or details if they are requested. */
static inline size_t tx_result_size(const tx_classifier *classifier)
{
  const size_t width = classifier->options.embed ? tx_classifier_width(classifier) : 0;
  if (classifier->options.details) return sizeof(tx_result) + sizeof(tx_evidence_details);
  return sizeof(tx_result) + (width + classifier->nodes) * sizeof(float);
}

/* The place of the probabilities of the taxa, if they may be several. */
static inline float *tx_result_nodes(const tx_classifier *classifier, tx_result *result)
{
  return result->embedding + (classifier->options.embed ? tx_classifier_width(classifier) : 0);
}

/* The place of the details, if they are requested. */
static inline tx_evidence_details *tx_result_details(tx_result *result)
{
  return (tx_evidence_details *)(void *)((char *)result + sizeof(tx_result));
}

#endif
