/* Traits that are learnt beside the taxa: a head of numbers on the embedding (kind REGRESSION). */
#include "objective/traits.h"

#include "objective/list.h"

#include <math.h>

double tx_traits_loss(float *outputs, const float *opt_targets, size_t columns, double bound, double scale)
{
  double sum = 0;
  for (size_t c = 0; c < columns; c++) {
    double error;
    if (!opt_targets || isnan(opt_targets[c])) {
      outputs[c] = 0;
      continue;
    }
    error = (double)outputs[c] - (double)opt_targets[c];
    if (bound > 0 && fabs(error) > bound) {
      sum += bound * (fabs(error) - bound / 2);
      outputs[c] = (float)(scale * (error > 0 ? bound : -bound));
    } else {
      sum += error * error / 2;
      outputs[c] = (float)(scale * error);
    }
  }
  return sum;
}

static bool wanted(const tx_objective_context *context)
{
  return tx_dims_regression_head(context->dims) < context->dims->head_count;
}

/* Nothing is learnt of a record that is shown as reverse complement without its labels. */
static const float *targets_of(const tx_objective_term *term, const tx_objective_batch *batch, size_t record)
{
  const tx_dataset *dataset = term->context->dataset;
  if (batch->opt_reversed && batch->opt_reversed[record]) return NULL;
  return dataset->trait_values + (size_t)batch->records[record] * dataset->traits.count;
}

static void scale(const tx_objective_term *term, const tx_objective_batch *batch, double *scales)
{
  const size_t columns = term->context->dataset->traits.count;
  size_t known = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const float *targets = targets_of(term, batch, i);
    for (size_t c = 0; targets && c < columns; c++) known += !isnan(targets[c]);
  }
  scales[0] = known ? term->context->config->trait_weight / (double)known : 0;
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_context *context = term->context;
  const size_t columns = context->dataset->traits.count;
  float *outputs = tx_network_outputs(worker->work, tx_dims_regression_head(context->dims));
  sums->loss = 0;
  for (size_t i = 0; i < tx_shard_records(&worker->shard); i++)
    sums->loss += tx_traits_loss(outputs + i * columns, targets_of(term, batch, first + i), columns,
                                 context->config->trait_huber, batch->scales[term->column]);
}

const tx_objective_functions tx_objective_traits = {
    .name = "traits", .wanted = wanted, .scale = scale, .learn = learn};
