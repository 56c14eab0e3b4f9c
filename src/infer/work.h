/* One record through the model: codes, tokens, network, lineage. */
#ifndef TX_INFER_WORK_H
#define TX_INFER_WORK_H

#include "infer/decode.h"
#include "model/model.h"

#include <taxamba/predict.h>

/* What all threads share. Borrowed pointers; decoder NULL when lineages are neither asked for nor needed to choose a strand. */
typedef struct tx_predictor {
  const tx_model *model;
  const tx_predict_options *options;
  const tx_decoder *decoder;
} tx_predictor;

/* Scratch of one thread. It grows to the longest record seen and allocates no more after that. */
typedef struct tx_predict_work tx_predict_work;

tx_status tx_predict_work_create(const tx_predictor *predictor, tx_predict_work **ret_work, tx_error *error);
void tx_predict_work_free(tx_predict_work *work);

/* Fills the prediction; embedding (D), where it is put if options->embed. The result depends on the record alone, never on those
   before it. A record that cannot be called is a status of the prediction, not an error.
   Errors: TX_ERROR_MEMORY for a record too long for the memory, TX_ERROR_NUMERIC when the model's answer is not finite. */
tx_status tx_predict_record(const tx_predictor *predictor, tx_predict_work *work, const tx_record *record, float *embedding,
                            tx_prediction *ret_prediction, tx_error *error);

#endif
