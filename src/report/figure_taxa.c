/* Figures of taxa from predictions and their truth: confusions, and the taxonomy by accuracy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/tally.h"

enum { WORST = 20 };

/* Finds the scored predictions that are asked for by name; without a name, the first. */
static tx_status find_calls(const tx_result_report *report, const tx_report_calls **ret_calls,
                            tx_error *error)
{
  for (size_t i = 0; i < report->calls_count; i++) {
    *ret_calls = &report->calls[i];
    if (report->calls[i].scored && (!report->series || strcmp(report->calls[i].name, report->series) == 0))
      return TX_OK;
  }
  return tx_fail(error, TX_ERROR_USAGE, "no predictions that have records of the truth are called '%.200s'",
                 report->series ? report->series : "");
}

static void note_series(const tx_result_report *report, const tx_report_calls *calls, tx_numbers *numbers)
{
  size_t scored = 0;
  for (size_t i = 0; i < report->calls_count; i++) scored += report->calls[i].scored;
  if (scored > 1)
    snprintf(numbers->note, sizeof numbers->note, "Of one of %zu series, %.200s.", scored, calls->name);
}

static bool is_suspect(const tx_result_report *report, const tx_report_row *row)
{
  const uint32_t ids[] = {row->id, report->truth.ids[row->truth]};
  for (size_t i = 0; i < 2; i++)
    if (ids[i] < report->suspect_capacity && report->suspect_ids[ids[i]]) return true;
  return false;
}

const tx_column tx_confusions_columns[6] = {{"truth", -1},          {"called", -1},        {"records", 0},
                                            {"mean_confidence", 4}, {"suspect_labels", 0}, {"mark", -1}};

/* Counts the wrong calls of a rank: the key is both lineages down to it. */
static tx_status tally_confusions(const tx_result_report *report, const tx_report_calls *calls, size_t rank,
                                  tx_tally *tally, tx_error *error)
{
  const tx_report_truth *truth = &report->truth;
  int places[TX_RANKS_MAX];
  tx_match_ranks(calls, truth->ranks, truth->rank_count, places);
  for (size_t i = 0; i < calls->row_count; i++) {
    const tx_report_row *row = &calls->rows[i];
    const tx_report_call *call =
        places[rank] >= 0 ? tx_report_call_at(calls, row, (size_t)places[rank]) : NULL;
    const uint32_t *labels;
    uint32_t key[TX_TALLY_KEY_MAX];
    tx_tally_sums *sums;
    if (row->truth == TX_REPORT_NONE || !call) continue;
    labels = &truth->labels[row->truth * truth->rank_count];
    if (labels[rank] == TX_REPORT_NONE || labels[rank] == call->taxon) continue;
    for (size_t r = 0; r <= rank; r++) {
      const tx_report_call *own = places[r] >= 0 ? tx_report_call_at(calls, row, (size_t)places[r]) : NULL;
      key[r] = labels[r];
      key[rank + 1 + r] = own ? own->taxon : TX_REPORT_NONE;
    }
    sums = tx_tally_at(tally, key, 2 * (rank + 1));
    if (!sums) return tx_fail_memory(error, "the confusions");
    sums->records++;
    sums->reads++;
    sums->suspect += is_suspect(report, row);
    if (isnan(call->confidence)) continue;
    sums->confident++;
    sums->confidence += (double)call->confidence;
  }
  return TX_OK;
}

tx_status tx_collect_confusions(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_truth *truth = &report->truth;
  const size_t rank = tx_report_chosen_rank(report, truth->ranks, truth->rank_count);
  const tx_report_calls *calls = NULL;
  tx_tally tally = {0};
  tx_status status = find_calls(report, &calls, error);
  if (status != TX_OK) return status;
  status = tally_confusions(report, calls, rank, &tally, error);
  tx_tally_sort(&tally);
  for (size_t i = 0; i < tally.count && i < WORST && status == TX_OK; i++) {
    const tx_tally_sums *sums = &tally.sums[i];
    const double confidence = sums->confident > 0 ? sums->confidence / sums->confident : NAN;
    uint32_t key[TX_TALLY_KEY_MAX];
    const size_t length = tx_tally_key(&tally, sums, key);
    char text[1200];
    tx_lineage_text(report, key, length / 2, text, sizeof text);
    tx_numbers_text(numbers, text);
    tx_lineage_text(report, key + length / 2, length / 2, text, sizeof text);
    tx_numbers_text(numbers, text);
    tx_numbers_put(numbers, sums->records);
    tx_numbers_put(numbers, confidence);
    tx_numbers_put(numbers, sums->suspect);
    tx_numbers_text(numbers, sums->suspect > 0    ? "suspect label: in the audit"
                             : confidence >= 0.95 ? "suspect label: sure of another taxon"
                                                  : "");
  }
  tx_tally_free(&tally);
  note_series(report, calls, numbers);
  return status;
}

const tx_column tx_accuracy_tree_columns[6] = {{"lineage", -1}, {"rank", -1},   {"depth", 0},
                                               {"taxon", -1},   {"records", 0}, {"accuracy", 4}};

tx_status tx_collect_accuracy_tree(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_truth *truth = &report->truth;
  const tx_report_calls *calls = NULL;
  tx_taxa_tree tree = {0};
  int places[TX_RANKS_MAX];
  tx_status status = find_calls(report, &calls, error);
  if (status != TX_OK) return status;
  tx_match_ranks(calls, truth->ranks, truth->rank_count, places);
  for (size_t i = 0; i < calls->row_count && status == TX_OK; i++) {
    const tx_report_row *row = &calls->rows[i];
    const uint32_t *labels;
    bool hits[TX_RANKS_MAX];
    size_t depth = 0;
    if (row->truth == TX_REPORT_NONE) continue;
    labels = &truth->labels[row->truth * truth->rank_count];
    for (size_t r = 0; r < truth->rank_count; r++) {
      const tx_report_call *call = places[r] >= 0 ? tx_report_call_at(calls, row, (size_t)places[r]) : NULL;
      hits[r] = call && call->taxon == labels[r];
      if (labels[r] != TX_REPORT_NONE) depth = r + 1;
    }
    status = tx_taxa_tree_add(&tree, labels, depth, 1, hits, error);
  }
  if (status == TX_OK) status = tx_taxa_tree_put(&tree, report, truth->ranks, true, numbers, error);
  tx_taxa_tree_free(&tree);
  note_series(report, calls, numbers);
  return status;
}
