#include "objective/losses.h"

#include "base/error.h"
#include "base/memory.h"
#include "settings/lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void tx_class_weights(const uint64_t *counts, size_t classes, double power, float *weights)
{
  double sum = 0;
  for (size_t c = 0; c < classes; c++) sum += counts[c] ? pow((double)counts[c], -power) : 0.0;
  for (size_t c = 0; c < classes; c++)
    weights[c] = counts[c] ? (float)(pow((double)counts[c], -power) / sum) : 0.0F;
}

static tx_status weigh_classes(const tx_dataset *dataset, size_t rank, double power, float **ret_weights,
                               tx_error *error)
{
  const size_t classes = tx_taxonomy_class_count(dataset->taxonomy, rank);
  uint64_t *counts = calloc(classes, sizeof *counts);
  float *weights = tx_calloc_aligned(classes, sizeof *weights);
  *ret_weights = weights;
  if (counts && weights) {
    for (size_t i = 0; i < dataset->train.count; i++) {
      const int32_t label = tx_dataset_label_of(dataset, dataset->train.records[i], rank);
      if (label >= 0) counts[label]++;
    }
    tx_class_weights(counts, classes, power, weights);
  }
  free(counts);
  return counts && weights ? TX_OK : tx_fail_memory(error, "the class weights");
}

/* A single number applies to every rank but the last; the smoothing at the last rank is --label-smoothing. */
static tx_status read_smoothing(const tx_train_config *config, size_t ranks, double *smoothing,
                                tx_error *error)
{
  size_t count;
  double sum = config->label_smoothing;
  tx_status status = tx_smoothing_list(config, smoothing, &count, error);
  if (status != TX_OK) return status;
  if (count > 1 && count != ranks - 1)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--hierarchical-smoothing has %zu numbers; the data have %zu ranks, so give one number, "
                   "or %zu: one for each rank but the last",
                   count, ranks, ranks - 1);
  for (size_t r = 0; r + 1 < ranks; r++) {
    smoothing[r] = count == 0 ? 0.0 : smoothing[count == 1 ? 0 : r];
    sum += smoothing[r];
  }
  if (!(sum < 1))
    return tx_fail(error, TX_ERROR_USAGE,
                   "--hierarchical-smoothing and --label-smoothing together take %g of the target; less "
                   "than 1 is due", sum);
  return TX_OK;
}

static tx_status read_rank_weights(const tx_train_config *config, size_t ranks, double *weights,
                                   tx_error *error)
{
  size_t count;
  tx_status status = tx_rank_weight_list(config, weights, &count, error);
  if (status != TX_OK) return status;
  for (size_t r = 0; r < ranks && count == 0; r++) weights[r] = 1;
  if (count > 0 && count != ranks)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--rank-weights has %zu numbers, but the data have %zu ranks: give one for each",
                   count, ranks);
  return TX_OK;
}

/* Sets the target of a rank: 1 - own share - shares of the levels above on the true class, the own share over
   the other classes, and the tables of the levels above. */
static tx_status make_targets(const tx_train_config *config, const tx_dataset *dataset, size_t rank,
                              const double *smoothing, tx_losses *losses, tx_error *error)
{
  const size_t classes = tx_taxonomy_class_count(dataset->taxonomy, rank);
  const float own = classes > 1 ? (float)config->label_smoothing : 0.0F;
  tx_targets *targets = &losses->targets[rank];
  tx_status status = TX_OK;
  double above = 0;
  for (size_t l = 0; l < rank; l++) above += smoothing[l];
  targets->on_true = above > 0 ? (float)(1.0 - (double)own - above) : 1.0F - own;
  targets->robustness = (float)config->noise_robustness;
  targets->other = classes > 1 ? own / (float)(classes - 1) : 0.0F;
  if (above > 0) {
    tx_hierarchy *hierarchy = &losses->hierarchies[rank];
    status = tx_hierarchy_create(dataset->taxonomy, rank, smoothing, hierarchy, error);
    targets->levels = hierarchy->levels;
    targets->spans = hierarchy->spans;
    targets->shares = (const float *const *)hierarchy->shares;
  }
  if (status == TX_OK && config->class_weights > 0) {
    status = weigh_classes(dataset, rank, config->class_weights, &losses->class_weights[rank], error);
    targets->class_weights = losses->class_weights[rank];
  }
  return status;
}

tx_status tx_losses_create(const tx_train_config *config, const tx_dataset *dataset, tx_losses *losses,
                           tx_error *error)
{
  double smoothing[TX_RANKS_MAX] = {0};
  tx_status status;
  memset(losses, 0, sizeof *losses);
  losses->ranks = dataset->ranks;
  status = read_smoothing(config, dataset->ranks, smoothing, error);
  if (status == TX_OK) status = read_rank_weights(config, dataset->ranks, losses->rank_weights, error);
  for (size_t r = 0; r < dataset->ranks && status == TX_OK; r++)
    status = make_targets(config, dataset, r, smoothing, losses, error);
  if (status != TX_OK) tx_losses_free(losses);
  return status;
}

void tx_losses_free(tx_losses *losses)
{
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    tx_hierarchy_free(&losses->hierarchies[r]);
    free(losses->class_weights[r]);
  }
  memset(losses, 0, sizeof *losses);
}

void tx_loss_scales(const tx_losses *losses, const tx_dataset *dataset, const tx_objective_batch *batch,
                    double *scales)
{
  double labelled[TX_RANKS_MAX] = {0}, active = 0;
  for (size_t r = 0; r < dataset->ranks; r++) {
    const float *weights = losses->class_weights[r];
    for (size_t i = 0; i < batch->count; i++) {
      const int32_t label = tx_dataset_label_of(dataset, batch->records[i], r);
      if (batch->opt_reversed && batch->opt_reversed[i]) continue;
      if (label >= 0) labelled[r] += weights ? (double)weights[label] : 1.0;
    }
    if (labelled[r] > 0) active += losses->rank_weights[r];
  }
  for (size_t r = 0; r < dataset->ranks; r++)
    scales[r] = labelled[r] > 0 && active > 0 ? losses->rank_weights[r] / labelled[r] / active : 0.0;
}
