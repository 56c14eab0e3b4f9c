/* Figures from the scores of evaluations: accuracy per rank, reliability. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/figures.h"
#include "report/scale.h"

static const char *const set_names[TX_REPORT_SETS] = {"all taxa", "known taxa"};

bool tx_needs_scores(const tx_result_report *report)
{
  return report->score_count > 0;
}

const tx_column tx_accuracy_columns[13] = {
    {"series", -1},        {"set", -1},     {"rank", -1}, {"queries", 0},   {"classes", 0},
    {"accuracy", 4},       {"low", 4},      {"high", 4},  {"interval", -1}, {"coverage", 4},
    {"macro_accuracy", 4}, {"macro_f1", 4}, {"ece", 4}};

/* Whether no query of a rank has a known taxon: then none can be right. */
static bool is_hopeless(const tx_report_rank *rank)
{
  const tx_report_set *sets = rank->sets;
  return sets[TX_REPORT_KNOWN].there && sets[TX_REPORT_KNOWN].queries == 0 && sets[TX_REPORT_ALL].queries > 0;
}

size_t tx_report_shown_rank(const tx_result_report *report, const tx_report_scores *scores)
{
  size_t shown = scores->rank_count ? scores->rank_count - 1 : 0;
  for (size_t r = 0; report->rank && r < scores->rank_count; r++)
    if (strcmp(scores->ranks[r].name, report->rank) == 0) return r;
  while (shown && is_hopeless(&scores->ranks[shown])) shown--;
  return shown;
}

/* Whether the queries of known taxa are other ones than all, at any rank. */
static bool has_unknown(const tx_report_scores *scores)
{
  for (size_t r = 0; r < scores->rank_count; r++) {
    const tx_report_set *sets = scores->ranks[r].sets;
    if (sets[TX_REPORT_KNOWN].there && sets[TX_REPORT_KNOWN].queries < sets[TX_REPORT_ALL].queries)
      return true;
  }
  return false;
}

static void put_set(const tx_report_scores *scores, size_t r, int set, tx_numbers *numbers)
{
  const tx_report_set *s = &scores->ranks[r].sets[set];
  tx_numbers_text(numbers, scores->name);
  tx_numbers_text(numbers, has_unknown(scores) ? set_names[set] : "");
  tx_numbers_text(numbers, scores->ranks[r].name);
  tx_numbers_put(numbers, s->queries);
  tx_numbers_put(numbers, s->classes);
  tx_numbers_put(numbers, s->accuracy);
  tx_numbers_put(numbers, s->low);
  tx_numbers_put(numbers, s->high);
  tx_numbers_text(numbers, s->resampled ? "bootstrap" : "Wilson");
  tx_numbers_put(numbers, s->coverage);
  tx_numbers_put(numbers, s->macro_accuracy);
  tx_numbers_put(numbers, s->macro_f1);
  tx_numbers_put(numbers, s->ece);
}

tx_status tx_collect_accuracy(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  (void)error;
  for (size_t i = 0; i < report->score_count; i++) {
    const tx_report_scores *scores = &report->scores[i];
    if (scores->rank_count && is_hopeless(&scores->ranks[scores->rank_count - 1]))
      snprintf(numbers->note, sizeof numbers->note,
               "Left out: ranks at which no query has a taxon that the classifier knows, where none can be "
               "right.");
    for (int set = 0; set < (has_unknown(scores) ? TX_REPORT_SETS : 1); set++)
      for (size_t r = 0; r < scores->rank_count; r++)
        if (!is_hopeless(&scores->ranks[r]) && scores->ranks[r].sets[set].there &&
            scores->ranks[r].sets[set].queries > 0)
          put_set(scores, r, set, numbers);
  }
  return TX_OK;
}

const tx_column tx_reliability_columns[7] = {{"series", -1}, {"rank", -1}, {"confidence", 4}, {"accuracy", 4},
                                             {"calls", 0},   {"low", 4},   {"high", 4}};

tx_status tx_collect_reliability(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  (void)error;
  for (size_t i = 0; i < report->score_count; i++) {
    const tx_report_scores *scores = &report->scores[i];
    const size_t r = tx_report_shown_rank(report, scores);
    const tx_report_set *set = scores->rank_count ? &scores->ranks[r].sets[TX_REPORT_ALL] : NULL;
    for (size_t b = 0; set && set->has_bins && b < TX_RELIABILITY_BINS; b++) {
      const tx_reliability_bin *bin = &set->bins[b];
      if (!bin->count) continue;
      tx_numbers_text(numbers, scores->name);
      tx_numbers_text(numbers, scores->ranks[r].name);
      tx_numbers_put(numbers, bin->confidence);
      tx_numbers_put(numbers, bin->accuracy);
      tx_numbers_put(numbers, (double)bin->count);
      {
        double low, high;
        tx_wilson(round(bin->accuracy * (double)bin->count), (double)bin->count, &low, &high);
        tx_numbers_put(numbers, low);
        tx_numbers_put(numbers, high);
      }
    }
  }
  return TX_OK;
}
