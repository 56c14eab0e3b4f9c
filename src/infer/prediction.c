#include "infer/prediction.h"

tx_record_status tx_prediction_status(const tx_prediction *prediction)
{
  return prediction->status;
}

char tx_prediction_strand(const tx_prediction *prediction)
{
  return prediction->strand;
}

int32_t tx_prediction_taxon(const tx_prediction *prediction, size_t rank)
{
  return rank < TX_RANKS_MAX ? prediction->taxa[rank] : -1;
}

double tx_prediction_confidence(const tx_prediction *prediction, size_t rank)
{
  return rank < TX_RANKS_MAX ? prediction->confidence[rank] : 0;
}

const float *tx_prediction_embedding(const tx_prediction *prediction)
{
  return prediction->embedding;
}
