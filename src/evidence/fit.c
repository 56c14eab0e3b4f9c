#include "evidence/fit.h"

#include "evidence/cross_validation.h"
#include "evidence/prior.h"
#include "evidence/standard.h"
#include "evidence/trials.h"

#include <string.h>

/* Lengths besides the whole barcode. */
static const uint32_t cut_lengths[] = {100, 150, 250, 313, 418};
enum { CUT_LENGTHS = sizeof cut_lengths / sizeof *cut_lengths };

/* The thresholds are measured first, with weights of halves; the weights of the answer are fitted to all. */
static tx_status fit_length(const tx_outcome_space *space, tx_trials *trials, uint32_t cut,
                            tx_fitted_weights *fitted, tx_error *error)
{
  const size_t at_length = fitted->length_count;
  tx_outcome_weights *weights = &fitted->weights[at_length];
  const tx_cross_validation task = {space, weights, fitted->prior, TX_FIT_PENALTY, TX_FIT_FEWEST};
  tx_outcome_examples examples = {0};
  double loss;
  tx_status status = tx_trials_run(trials, cut, &examples, error);
  tx_standard_weights(space->kinds, fitted->lengths[at_length], weights);
  if (status == TX_OK && examples.count >= TX_FIT_FEWEST) {
    status = tx_reliability_cross_validate(&task, &examples, &fitted->reliability[at_length], error);
    if (status == TX_OK)
      status = tx_outcome_weights_fit(&examples, space->kinds, TX_FIT_PENALTY, weights, &loss, error);
  }
  tx_outcome_examples_free(&examples);
  return status;
}

static tx_status fit_lengths(const tx_outcome_space *space, tx_trials *trials, tx_fitted_weights *fitted,
                             tx_error *error)
{
  const uint32_t whole = tx_references_median_length(space->index->references);
  tx_status status = TX_OK;
  for (size_t i = 0; status == TX_OK && i <= CUT_LENGTHS; i++) {
    const uint32_t cut = i < CUT_LENGTHS ? cut_lengths[i] : 0;
    if (cut && cut * 8 > whole * 7) continue;
    fitted->lengths[fitted->length_count] = cut ? cut : whole;
    status = fit_length(space, trials, cut, fitted, error);
    fitted->length_count++;
  }
  return status;
}

tx_status tx_evidence_fit(const tx_outcome_space *space, tx_pool *pool, uint64_t seed,
                          const volatile int *opt_stop, tx_fitted_weights *ret_fitted, tx_error *error)
{
  tx_trials *trials = NULL;
  tx_status status = tx_trials_create(space, pool, seed, opt_stop, &trials, error);
  memset(ret_fitted, 0, sizeof *ret_fitted);
  if (status == TX_OK) status = tx_prior_estimate(space, ret_fitted->prior, error);
  if (status == TX_OK) status = fit_lengths(space, trials, ret_fitted, error);
  tx_trials_free(trials);
  return status;
}
