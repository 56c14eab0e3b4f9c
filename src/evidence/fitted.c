#include "evidence/fitted.h"

#include <math.h>

/* Finds the fitted lengths around `length`: *ret_below is the index of the lower one, and the weight of the
   next one is returned, 0 if only *ret_below counts. */
static double place(const tx_fitted_weights *fitted, double length, size_t *ret_below)
{
  const uint32_t *lengths = fitted->lengths;
  size_t above = 0;
  while (above < fitted->length_count && lengths[above] < length) above++;
  *ret_below = above ? above - 1 : 0;
  if (above == 0 || above == fitted->length_count) return 0;
  return log(length / lengths[above - 1]) / log((double)lengths[above] / lengths[above - 1]);
}

void tx_fitted_weights_at(const tx_fitted_weights *fitted, size_t kinds, double length,
                          tx_outcome_weights *ret_weights)
{
  size_t below;
  const double share = place(fitted, length, &below);
  *ret_weights = fitted->weights[below];
  if (share == 0) return;
  for (size_t k = 0; k < kinds; k++)
    for (size_t f = 0; f < TX_FEATURES; f++)
      ret_weights->of[k][f] += share * (fitted->weights[below + 1].of[k][f] - ret_weights->of[k][f]);
}

size_t tx_fitted_nearest(const tx_fitted_weights *fitted, double length)
{
  size_t nearest = 0;
  for (size_t i = 1; i < fitted->length_count; i++)
    if (fabs(log(length / fitted->lengths[i])) < fabs(log(length / fitted->lengths[nearest]))) nearest = i;
  return nearest;
}

bool tx_fitted_witness_is_used(const tx_fitted_weights *fitted, tx_witness_use use, double length)
{
  const tx_witness_scores *scores;
  if (use == TX_WITNESS_NEVER || !fitted->witness.present) return false;
  scores = &fitted->witness.lengths[tx_fitted_nearest(fitted, length)].scores;
  return use == TX_WITNESS_FITTED ? scores->fitted : scores->helps;
}

void tx_fitted_witness_at(const tx_fitted_weights *fitted, double length, tx_witness_weights *ret_weights)
{
  size_t below;
  const double share = place(fitted, length, &below);
  *ret_weights = fitted->witness.lengths[below].weights;
  for (size_t g = 0; share > 0 && g < TX_WITNESS_GROUPS; g++)
    ret_weights->of[g] += share * (fitted->witness.lengths[below + 1].weights.of[g] - ret_weights->of[g]);
}

bool tx_fitted_split_at(const tx_fitted_weights *fitted, tx_witness_use use, double length,
                        tx_split_weights *ret_weights)
{
  const tx_split_scores *scores = fitted->witness.lengths[tx_fitted_nearest(fitted, length)].split;
  bool any = false;
  *ret_weights = (tx_split_weights){{false}, {0}, {0}};
  for (size_t g = 0; g < TX_SPLIT_GROUPS && fitted->witness.present && use != TX_WITNESS_NEVER; g++) {
    ret_weights->used[g] = use == TX_WITNESS_FITTED ? scores[g].fitted : scores[g].helps;
    ret_weights->offset[g] = scores[g].offset;
    ret_weights->slope[g] = scores[g].slope;
    any = any || ret_weights->used[g];
  }
  return any;
}

static double threshold_at(const tx_fitted_weights *fitted, size_t kinds, const double *prior, bool witness,
                           size_t at, double rate)
{
  const bool own = witness && fitted->witness.lengths[at].scores.fitted;
  return tx_reliability_threshold(
      own ? &fitted->witness.lengths[at].reliability : &fitted->reliability[at], kinds, prior, rate);
}

double tx_fitted_threshold(const tx_fitted_weights *fitted, size_t kinds, const double *opt_prior,
                           bool witness, double length, double rate)
{
  const double *prior = opt_prior ? opt_prior : fitted->prior;
  size_t below;
  const double share = place(fitted, length, &below);
  const double threshold = threshold_at(fitted, kinds, prior, witness, below, rate);
  if (share == 0) return threshold;
  return threshold + share * (threshold_at(fitted, kinds, prior, witness, below + 1, rate) - threshold);
}
