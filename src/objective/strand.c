/* The strand as a question that is learnt beside the taxa: some records are shown as reverse complement, and
   a head tells them from the others. */
#include "objective/strand.h"

#include "objective/list.h"

#include <math.h>

double tx_strand_loss(float *logits, const uint8_t *reversed, size_t rows, double share, double scale)
{
  double sum = 0;
  for (size_t i = 0; i < rows; i++) {
    const double sign = reversed[i] ? -1 : 1, weight = 0.5 / (reversed[i] ? share : 1 - share);
    const double margin = sign * (double)logits[i], small = exp(-fabs(margin));
    /* 1 / (1 + exp(margin)), without overflow for either sign */
    const double error = margin > 0 ? small / (1 + small) : 1 / (1 + small);
    sum += weight * (log1p(small) + fmax(-margin, 0));
    logits[i] = (float)(-scale * weight * sign * error);
  }
  return sum;
}

static bool wanted(const tx_objective_context *context)
{
  return tx_dims_have_strand_head(context->dims);
}

static void scale(const tx_objective_term *term, const tx_objective_batch *batch, double *scales)
{
  scales[0] = term->context->config->strand_weight / (double)batch->count;
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_context *context = term->context;
  const tx_shard *shard = &worker->shard;
  (void)first;
  sums->loss = tx_strand_loss(tx_network_outputs(worker->work, tx_dims_strand_head(context->dims)),
                              shard->reversed, tx_shard_records(shard), context->config->strand_share,
                              batch->scales[term->column]);
}

const tx_objective_functions tx_objective_strand = {
    .name = "strand", .wanted = wanted, .scale = scale, .learn = learn};
