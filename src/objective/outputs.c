/* What objectives with a loss on the outputs of the heads share. */
#include "objective/objective.h"

void tx_objective_backward_outputs(const tx_objective_term *term, tx_objective_worker *worker)
{
  const tx_objective_context *context = term->context;
  if (context->frozen)
    tx_network_backward_heads(context->dims, context->weights, worker->pack, worker->work, worker->gradients);
  else
    tx_network_backward(context->dims, context->weights, worker->pack, worker->work,
                        worker->embedding_gradient, worker->gradients);
}
