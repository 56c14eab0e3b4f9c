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

double tx_fitted_threshold(const tx_fitted_weights *fitted, size_t kinds, const double *opt_prior,
                           double length, double rate)
{
  const double *prior = opt_prior ? opt_prior : fitted->prior;
  size_t below;
  const double share = place(fitted, length, &below);
  const double threshold = tx_reliability_threshold(&fitted->reliability[below], kinds, prior, rate);
  double above;
  if (share == 0) return threshold;
  above = tx_reliability_threshold(&fitted->reliability[below + 1], kinds, prior, rate);
  return threshold + share * (above - threshold);
}
