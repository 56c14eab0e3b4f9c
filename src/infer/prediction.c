#include "infer/prediction.h"

#include "infer/decode.h"

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

double tx_prediction_probability(const tx_prediction *prediction, size_t node)
{
  return prediction->opt_nodes && node < prediction->node_count ? (double)prediction->opt_nodes[node] : 0;
}

int tx_prediction_calls(const tx_prediction *prediction, size_t node)
{
  const double probability = tx_prediction_probability(prediction, node);
  return probability > 0.5 && tx_round_down(probability) >= prediction->min_confidence;
}

tx_reason tx_prediction_reason(const tx_prediction *prediction)
{
  return prediction->has_evidence ? prediction->evidence.reason : TX_REASON_NONE;
}

int tx_prediction_asked(const tx_prediction *prediction)
{
  return prediction->has_evidence && prediction->evidence.asked;
}

int tx_prediction_novel_rank(const tx_prediction *prediction)
{
  return prediction->has_evidence ? prediction->evidence.novel_rank : -1;
}

double tx_prediction_novelty(const tx_prediction *prediction)
{
  return prediction->has_evidence ? prediction->evidence.novelty : 0;
}

int tx_prediction_nearest(const tx_prediction *prediction, tx_match *ret_match)
{
  if (!prediction->has_evidence) return 0;
  *ret_match = prediction->evidence.nearest;
  return 1;
}

int tx_prediction_runner_up(const tx_prediction *prediction, tx_match *ret_match)
{
  if (!prediction->has_evidence || !prediction->evidence.has_runner_up) return 0;
  *ret_match = prediction->evidence.runner_up;
  return 1;
}

int tx_prediction_part(const tx_prediction *prediction, size_t *ret_first, size_t *ret_count)
{
  if (!prediction->has_evidence || !prediction->evidence.part_count) return 0;
  *ret_first = prediction->evidence.part_first;
  *ret_count = prediction->evidence.part_count;
  return 1;
}

int tx_prediction_outcome(const tx_prediction *prediction, size_t index, tx_answer_outcome *ret_outcome)
{
  const tx_evidence_details *details = prediction->opt_details;
  if (!details || index >= details->outcome_count) return 0;
  *ret_outcome = details->outcomes[index];
  return 1;
}

int tx_prediction_candidate(const tx_prediction *prediction, size_t index, tx_answer_candidate *ret_candidate)
{
  const tx_evidence_details *details = prediction->opt_details;
  if (!details || index >= details->candidate_count) return 0;
  *ret_candidate = details->candidates[index];
  return 1;
}
