/* The objective of a masked autoencoder: tokens that the encoder does not see are predicted by a decoder,
   which is not part of the stored model (as in BarcodeMAE, Safari et al. 2025). */
#include "base/error.h"
#include "base/memory.h"
#include "nn/decoder.h"
#include "objective/list.h"
#include "objective/tokens.h"

static tx_status set_sizes(const tx_train_config *config, tx_dims *dims, tx_error *error)
{
  dims->decoder_layers = (size_t)config->decoder_layers;
  if (!dims->positions)
    return tx_fail(error, TX_ERROR_USAGE, "--objective masked-autoencoder needs position embeddings: %s%s",
                   config->init[0] ? config->init : "with --max-bases 0 say how many (--positions)",
                   config->init[0] ? " of --init has none" : "");
  return tx_tokens_set_sizes(config, dims, error);
}

static tx_status prepare_worker(const tx_objective_term *term, tx_objective_worker *worker, tx_error *error)
{
  const tx_objective_context *context = term->context;
  const size_t tokens = tx_shard_tokens(&worker->shard), sequences = worker->shard.capacity;
  const size_t size = tx_decoder_size(context->dims, context->precision, tokens, sequences);
  void *memory = size ? tx_malloc_aligned(size, 1) : NULL;
  tx_status status = tx_tokens_keep_memory(term, worker, memory, error);
  if (status == TX_OK) tx_decoder_init(context->dims, context->precision, tokens, sequences, memory);
  return status;
}

static void fill(const tx_objective_term *term, tx_shard *shard, tx_random *random)
{
  tx_tokens_hide(shard, term->context->config->mask_share, random);
}

static const tx_pack *visible(const tx_objective_term *term, tx_objective_worker *worker)
{
  return tx_decoder_visible(worker->workspaces[term->number], &worker->shard.pack, worker->shard.targets);
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_context *context = term->context;
  tx_decoder *decoder = worker->workspaces[term->number];
  float *hidden_gradient = context->frozen ? NULL : tx_decoder_gradient(decoder);
  tx_token_sums tokens;
  (void)batch;
  (void)first;
  tx_decoder_backward(context->dims, context->weights, tx_network_hidden(worker->work), &worker->shard.pack,
                      worker->shard.targets, decoder, hidden_gradient, worker->gradients, &tokens);
  tx_tokens_keep_sums(&tokens, sums);
}

static void backward(const tx_objective_term *term, tx_objective_worker *worker)
{
  const tx_objective_context *context = term->context;
  if (context->frozen) return;
  tx_network_backward_hidden(context->dims, context->weights, worker->pack, worker->work,
                             tx_decoder_gradient(worker->workspaces[term->number]), worker->gradients);
}

static void validate(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_context *context = term->context;
  tx_token_sums tokens;
  tx_decoder_forward(context->dims, context->kept, tx_network_hidden(worker->work), &worker->shard.pack,
                     worker->shard.targets, worker->workspaces[term->number], &tokens);
  tx_tokens_keep_sums(&tokens, sums);
}

const tx_objective_functions tx_objective_masked_autoencoder = {.name = "masked-autoencoder",
                                                                .needs = {.tokens = 2},
                                                                .reverse_complement = 0.5,
                                                                .one_strand = true,
                                                                .head = "decoder",
                                                                .set_sizes = set_sizes,
                                                                .choose_metric = tx_tokens_choose_metric,
                                                                .prepare_worker = prepare_worker,
                                                                .release_worker = tx_tokens_release_worker,
                                                                .fill = fill,
                                                                .visible = visible,
                                                                .learn = learn,
                                                                .backward = backward,
                                                                .conclude = tx_tokens_conclude,
                                                                .validate = validate,
                                                                .figures = tx_tokens_figures};
