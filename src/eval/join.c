/* Truth and predictions joined: known taxa, and the queries of a table of predictions or of a model's
   heads. */
#include "eval/evaluation.h"

#include <string.h>

#include "base/error.h"
#include "eval/truth.h"

tx_status tx_evaluation_know_taxonomy(tx_evaluation *evaluation, const tx_taxonomy *taxonomy, tx_error *error)
{
  const size_t ranks = tx_taxonomy_rank_count(taxonomy);
  for (size_t e = 0; e < evaluation->rank_count; e++) {
    size_t rank = 0;
    while (rank < ranks && strcmp(tx_taxonomy_rank_name(taxonomy, rank), evaluation->ranks[e].name) != 0)
      rank++;
    for (size_t c = 0; rank < ranks && c < tx_taxonomy_class_count(taxonomy, rank); c++) {
      tx_status status =
          tx_evaluation_know(evaluation, e, tx_taxonomy_class_name(taxonomy, rank, (int32_t)c), error);
      if (status != TX_OK) return status;
    }
  }
  return TX_OK;
}

tx_status tx_evaluation_know_truth(tx_evaluation *evaluation, tx_truth *known, const volatile int *opt_stop,
                                   tx_error *error)
{
  tx_labelled_record record;
  tx_status status = TX_OK;
  while (status == TX_OK) {
    status = opt_stop && *opt_stop ? TX_STOPPED : tx_truth_next(known, &record, error);
    for (size_t e = 0; status == TX_OK && e < known->rank_count; e++)
      if (record.taxa[e]) status = tx_evaluation_know(evaluation, known->other[e], record.taxa[e], error);
  }
  return status == TX_END ? TX_OK : status;
}

/* Adds one query with the row of its id. */
static tx_status join_record(tx_evaluation *evaluation, const tx_truth *truth,
                             const tx_predictions *predictions, const tx_labelled_record *record,
                             tx_join_counts *counts, tx_error *error)
{
  const char *found[TX_RANKS_MAX], *called[TX_RANKS_MAX];
  double found_confidence[TX_RANKS_MAX], confidence[TX_RANKS_MAX];
  counts->queries++;
  if (tx_predictions_find(predictions, record->record.id, found, found_confidence)) counts->matched++;
  for (size_t e = 0; e < truth->rank_count; e++) {
    called[e] = found[truth->other[e]];
    confidence[e] = found_confidence[truth->other[e]];
  }
  return tx_evaluation_add(evaluation, record->taxa, called,
                           tx_predictions_has_confidences(predictions) ? confidence : NULL, error);
}

tx_status tx_evaluation_join(tx_evaluation *evaluation, tx_truth *truth, const tx_predictions *predictions,
                             const volatile int *opt_stop, tx_join_counts *ret_counts, tx_error *error)
{
  tx_names *seen = NULL;
  tx_status status = tx_names_create(&seen, error);
  memset(ret_counts, 0, sizeof *ret_counts);
  while (status == TX_OK) {
    tx_labelled_record record;
    uint32_t number = 0;
    status = opt_stop && *opt_stop ? TX_STOPPED : tx_truth_next(truth, &record, error);
    if (status == TX_OK)
      status = tx_names_add(seen, record.record.id, strlen(record.record.id), &number, error);
    if (status != TX_OK) break;
    if (number < ret_counts->queries)
      status =
          tx_fail_at(error, TX_ERROR_DATA, record.record.file, record.record.line, 0,
                     "id '%.200s' is there a second time: predictions are matched by id", record.record.id);
    else
      status = join_record(evaluation, truth, predictions, &record, ret_counts, error);
  }
  tx_names_free(seen);
  return status == TX_END ? TX_OK : status;
}

tx_status tx_heads_put(void *context, const tx_record *record, const tx_prediction *prediction,
                       tx_error *error)
{
  const tx_heads *heads = context;
  const char *called[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  for (size_t e = 0; e < heads->truth->rank_count; e++) {
    const size_t rank = heads->truth->other[e];
    const int32_t taxon =
        tx_prediction_status(prediction) == TX_RECORD_OK ? tx_prediction_taxon(prediction, rank) : -1;
    called[e] = taxon >= 0 ? tx_taxonomy_class_name(heads->taxonomy, rank, taxon) : NULL;
    confidence[e] = taxon >= 0 ? tx_prediction_confidence(prediction, rank) : 0;
  }
  return tx_evaluation_add(heads->evaluation, record->tag, called, confidence, error);
}
