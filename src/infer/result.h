/* What the pipeline and the cache keep of a record: its prediction with its embedding. */
#ifndef TX_INFER_RESULT_H
#define TX_INFER_RESULT_H

#include "infer/classifier.h"
#include "infer/prediction.h"

typedef struct tx_result {
  tx_prediction prediction; /* its embedding is the one below */
  bool duplicate;           /* answered from the cache */
  float embedding[];        /* (D) if options.embed */
} tx_result;

/* Bytes of one, with its embedding if one is asked for. */
static inline size_t tx_result_size(const tx_classifier *classifier)
{
  const size_t width = classifier->options.embed ? classifier->model->dims.width : 0;
  return sizeof(tx_result) + width * sizeof(float);
}

#endif
