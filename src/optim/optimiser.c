#include "optim/optimiser.h"

#include <string.h>

static const char *const names[] = {"AdamW", "KL-Shampoo", "KL-SOAP"}; /* in the order of TX_OPTIMISER_... */

tx_status tx_optimiser_create(const tx_train_config *config, const tx_dims *dims, size_t threads,
                              tx_optimiser *optimiser, tx_error *error)
{
  const tx_group_rules rules = {.freeze_encoder = config->freeze_encoder,
                                .encoder_rate = config->encoder_rate,
                                .preconditioner_limit = config->optimiser == TX_OPTIMISER_ADAMW
                                                            ? 0
                                                            : (size_t)config->preconditioner_limit};
  const tx_adamw_options adamw = {.beta1 = config->beta1,
                                  .beta2 = config->beta2,
                                  .epsilon = config->epsilon,
                                  .weight_decay = config->weight_decay};
  const tx_kl_options kl = {.soap = config->optimiser == TX_OPTIMISER_KL_SOAP,
                            .normalise = config->normalise_updates,
                            .beta1 = config->preconditioner_beta1,
                            .beta2 = config->preconditioner_beta2,
                            .epsilon = config->preconditioner_epsilon,
                            .clamp = config->preconditioner_clamp,
                            .frequency = config->preconditioner_frequency,
                            .block = (size_t)config->preconditioner_block,
                            .weight_decay = config->weight_decay};
  tx_status status;
  memset(optimiser, 0, sizeof *optimiser);
  optimiser->name = names[config->optimiser];
  status = tx_parameter_groups_create(dims, &rules, &optimiser->groups, error);
  if (status == TX_OK) status = tx_adamw_create(&optimiser->groups, &adamw, &optimiser->adamw, error);
  if (status == TX_OK) status = tx_kl_create(&optimiser->groups, &kl, threads, &optimiser->matrices, error);
  return status;
}

void tx_optimiser_free(tx_optimiser *optimiser)
{
  tx_adamw_free(&optimiser->adamw);
  tx_kl_free(&optimiser->matrices);
  tx_parameter_groups_free(&optimiser->groups);
}

double tx_optimiser_norm(tx_optimiser *optimiser, tx_pool *pool, const float *gradients)
{
  return tx_gradient_norm(&optimiser->adamw, pool, gradients);
}

tx_status tx_optimiser_step(tx_optimiser *optimiser, tx_pool *pool, double learning_rate, float scale,
                            const float *gradients, float *weights, const tx_kl_entry **ret_failed)
{
  tx_adamw_step(&optimiser->adamw, pool, learning_rate, scale, gradients, weights);
  return tx_kl_step(&optimiser->matrices, pool, learning_rate, scale, gradients, weights, ret_failed);
}

tx_status tx_optimiser_parts(tx_optimiser *optimiser, tx_state_parts *parts, tx_error *error)
{
  const tx_adamw *adamw = &optimiser->adamw;
  tx_kl *matrices = &optimiser->matrices;
  const size_t library_size = matrices->count ? sizeof matrices->library : 0;
  const tx_state_part own[] = {{"checkpoint.adamw.m", TX_STATE_FINITE, adamw->elements, adamw->m},
                               {"checkpoint.adamw.v", TX_STATE_SQUARES, adamw->elements, adamw->v},
                               {"checkpoint.kl.state", TX_STATE_NOT_NAN, matrices->elements, matrices->state},
                               {"checkpoint.openblas", TX_STATE_TEXT, library_size, matrices->library}};
  tx_status status = TX_OK;
  for (size_t i = 0; i < sizeof own / sizeof *own && status == TX_OK; i++)
    status = tx_state_parts_add(parts, own[i], error);
  return status;
}

void tx_optimiser_set_step(tx_optimiser *optimiser, uint64_t step)
{
  optimiser->adamw.step = optimiser->matrices.step = step;
}

size_t tx_optimiser_bytes(const tx_optimiser *optimiser)
{
  return (2 * optimiser->adamw.elements + optimiser->matrices.elements) * sizeof(float);
}
