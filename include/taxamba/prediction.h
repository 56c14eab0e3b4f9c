/* One record's answer, read through functions, so that later versions can answer more. */
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
  TX_RECORD_TOO_SHORT, /* fewer certain bases than min_bases, or not one whole token; on either strand, if the
                          model reads both */
  TX_RECORD_NO_BASES   /* nothing but N, or an empty sequence */
} tx_record_status;

/* Borrowed from whoever gives it: until the sink returns (tx_predict), or until the next call with the same
   workspace (tx_classify). Immutable. */
typedef struct tx_prediction tx_prediction;

TX_API tx_record_status tx_prediction_status(const tx_prediction *prediction);
/* '+' as given, '-' reverse complement, '.' without a call or where the model reads both strands as one. */
TX_API char tx_prediction_strand(const tx_prediction *prediction);
/* The class of the taxon at a rank of the model's taxonomy (tx_taxonomy_class_name); -1 = none: without a
   call, cut by min_confidence, a gap of the lineage, or no such rank. */
TX_API int32_t tx_prediction_taxon(const tx_prediction *prediction, size_t rank);
/* Probability of that taxon, 0..1, rounded down to 4 decimals; 0 where there is none. */
TX_API double tx_prediction_confidence(const tx_prediction *prediction, size_t rank);
/* (tx_model_width) floats, borrowed like the prediction; NULL unless asked for, and without a call. */
TX_API const float *tx_prediction_embedding(const tx_prediction *prediction);

#ifdef __cplusplus
}
#endif
#endif
