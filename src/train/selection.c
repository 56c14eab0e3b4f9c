#include "train/selection.h"

#include <math.h>

double tx_selection_noise(double accuracy, uint64_t judged)
{
  const double count = (double)judged + 4;
  const double share = (accuracy * (double)judged + 2) / count;
  return judged ? 2 * sqrt(share * (1 - share) / count) : (double)INFINITY;
}

static bool is_lower(double loss, double than)
{
  return loss < than || (isnan(than) && !isnan(loss));
}

bool tx_selection_offer(tx_selection *selection, const tx_selection_figures *figures)
{
  const double metric = figures->metric, loss = figures->loss;
  const uint64_t judged = figures->judged;
  const bool first = selection->epoch == 0;
  const bool rises = first || (judged && metric > selection->highest_metric);
  const bool falls = first || is_lower(loss, selection->lowest_loss);
  bool lower;
  double least;
  if (rises) selection->highest_metric = metric;
  if (falls) selection->lowest_loss = loss;
  selection->stale = rises || falls ? 0 : selection->stale + 1;
  least = selection->highest_metric - tx_selection_noise(selection->highest_metric, judged);
  if (metric < least) return false;
  lower = first || selection->metric < least || is_lower(loss, selection->reference_loss);
  if (!lower &&
      !(selection->reference_error > 0 && loss <= selection->reference_loss + selection->reference_error))
    return false;
  if (lower) {
    selection->reference_loss = loss;
    selection->reference_error = judged && isfinite(figures->loss_error) ? figures->loss_error : 0;
  }
  selection->epoch = figures->epoch;
  selection->metric = metric;
  selection->loss = loss;
  return true;
}

bool tx_selection_possible(const tx_selection *selection, bool metric_is_loss)
{
  const double metric = selection->metric, highest = selection->highest_metric;
  if (!metric_is_loss && !(metric >= 0 && metric <= highest && highest <= 1)) return false;
  return !is_lower(selection->loss, selection->reference_loss) &&
         !is_lower(selection->reference_loss, selection->lowest_loss) && selection->reference_error >= 0 &&
         isfinite(selection->reference_error) &&
         !(selection->loss > selection->reference_loss + selection->reference_error);
}
