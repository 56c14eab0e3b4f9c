/* The structure behind <taxamba/classifier.h>, shared by all threads of a run. */
#ifndef TX_INFER_CLASSIFIER_H
#define TX_INFER_CLASSIFIER_H

#include "infer/cache.h"
#include "infer/decode.h"
#include "model/model.h"
#include "nn/inference.h"

#include <taxamba/classifier.h>

struct tx_classifier {
  const tx_model *model;
  tx_predict_options options;
  tx_inference_weights *weights;  /* weights packed for the precision and the CPU features */
  /* NULL when lineages are neither requested nor needed to choose a strand */
  tx_lineage_decoder *opt_decoder;
  tx_cache *opt_cache;            /* NULL when duplicates are computed again */
};

/* Returns the precision of its computations; never TX_PRECISION_STORED. */
tx_precision tx_classifier_precision(const tx_classifier *classifier);

#endif
