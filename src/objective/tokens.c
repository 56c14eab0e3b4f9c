#include "objective/tokens.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes each token a target with the probability `share`, independently of the others. Unknown tokens (words
   with N) are never targets: nothing is learnt from naming them. Returns the number of targets. */
static size_t choose(const int32_t *ids, int32_t *targets, size_t count, double share, tx_random *random)
{
  size_t chosen = 0;
  for (size_t t = 0; t < count; t++) {
    const bool is_target = tx_random_real(random) < share && ids[t] != TX_TOKEN_UNK;
    targets[t] = is_target ? ids[t] : TX_TARGET_NONE;
    chosen += is_target;
  }
  return chosen;
}

/* The tokens begin <= t < end of the last sequence that are not padding; padding has no targets. */
typedef struct token_span {
  size_t begin, end;
} token_span;

static token_span last_sequence(tx_shard *shard)
{
  const size_t last = shard->pack.sequences - 1, start = shard->starts[last];
  const token_span span = {start + shard->padding[last], shard->starts[last + 1]};
  for (size_t t = start; t < span.begin; t++) shard->targets[t] = TX_TARGET_NONE;
  return span;
}

void tx_tokens_next(tx_shard *shard)
{
  const token_span span = last_sequence(shard);
  for (size_t t = span.begin; t + 1 < span.end; t++) shard->targets[t] = shard->ids[t + 1];
  shard->targets[span.end - 1] = TX_TARGET_NONE;
}

void tx_tokens_mask(tx_shard *shard, double share, tx_random *random)
{
  const token_span span = last_sequence(shard);
  const size_t count = span.end - span.begin;
  (void)choose(shard->ids + span.begin, shard->targets + span.begin, count, share, random);
  for (size_t t = span.begin; t < span.end; t++)
    if (shard->targets[t] >= 0) shard->ids[t] = TX_TOKEN_MASK;
}

void tx_tokens_hide(tx_shard *shard, double share, tx_random *random)
{
  const token_span span = last_sequence(shard);
  const size_t count = span.end - span.begin;
  /* the encoder must have a token to read */
  if (choose(shard->ids + span.begin, shard->targets + span.begin, count, share, random) == count)
    shard->targets[span.begin + tx_random_below(random, count)] = TX_TARGET_NONE;
}

tx_status tx_tokens_set_sizes(const tx_train_config *config, tx_dims *dims, tx_error *error)
{
  (void)config;
  (void)error;
  dims->token_head = dims->vocabulary;
  return TX_OK;
}

tx_status tx_tokens_set_metric(const tx_train_config *config, const tx_dataset *dataset, const char *standard,
                               tx_metric *metric, tx_error *error)
{
  const char *name = *config->metric ? config->metric : standard;
  snprintf(metric->name, sizeof metric->name, "%s", name);
  metric->is_perplexity = strcmp(name, "perplexity") == 0;
  metric->is_loss = metric->is_perplexity || strcmp(name, "loss") == 0;
  if (metric->is_loss) return TX_OK;
  if (strcmp(name, "token-accuracy") != 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--metric '%.100s' is none of loss, perplexity and token-accuracy, which pretraining has",
                   name);
  if (dataset->valid.count == 0)
    return tx_fail(error, TX_ERROR_USAGE, "--metric token-accuracy needs validation records");
  return TX_OK;
}

tx_status tx_tokens_choose_metric(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                                  tx_error *error)
{
  return tx_tokens_set_metric(config, dataset, dataset->valid.count > 0 ? "token-accuracy" : "loss", metric,
                              error);
}

double tx_tokens_conclude(const tx_objective_term *term, const tx_shard_sums *sums, size_t shards,
                          size_t stride, float *gradients)
{
  double loss = 0;
  uint64_t targets = 0;
  float scale;
  for (size_t i = 0; i < shards; i++) {
    loss += sums[i * stride].loss;
    targets += sums[i * stride].known;
  }
  if (targets == 0) return 0; /* the gradient is 0 as well */
  scale = (float)(1.0 / (double)targets);
  for (size_t i = term->context->frozen; i < term->context->elements; i++) gradients[i] *= scale;
  return loss / (double)targets;
}

size_t tx_tokens_figures(const tx_objective_term *term, const tx_judgement *judgement, tx_figure *figures)
{
  (void)term;
  figures[0] = (tx_figure){"perplexity", exp(judgement->loss)};
  figures[1] = (tx_figure){"token_accuracy", judgement->accuracy[0]};
  return 2;
}

tx_status tx_tokens_keep_memory(const tx_objective_term *term, tx_objective_worker *worker, void *memory,
                                tx_error *error)
{
  worker->workspaces[term->number] = memory;
  return memory ? TX_OK : tx_fail_memory(error, "the token head: lower --threads or --shard");
}

tx_status tx_tokens_prepare_worker(const tx_objective_term *term, tx_objective_worker *worker,
                                   tx_error *error)
{
  const tx_objective_context *context = term->context;
  const size_t tokens = tx_shard_tokens(&worker->shard);
  const size_t size = tx_token_head_size(context->dims, context->precision, tokens);
  void *memory = size ? tx_malloc_aligned(size, 1) : NULL;
  tx_status status = tx_tokens_keep_memory(term, worker, memory, error);
  if (status == TX_OK) tx_token_head_init(context->dims, context->precision, tokens, memory);
  return status;
}

void tx_tokens_release_worker(const tx_objective_term *term, tx_objective_worker *worker)
{
  free(worker->workspaces[term->number]);
  worker->workspaces[term->number] = NULL;
}

void tx_tokens_keep_sums(const tx_token_sums *tokens, tx_shard_sums *sums)
{
  sums->loss = tokens->loss;
  sums->squares = 0; /* tokens of one record depend on each other */
  sums->known = sums->queries = tokens->targets;
  sums->correct = tokens->correct;
}

static tx_token_rows token_rows(const tx_objective_worker *worker)
{
  const tx_pack *pack = worker->pack;
  return (tx_token_rows){tx_network_hidden(worker->work), worker->shard.targets,
                         pack->starts[pack->sequences]};
}

void tx_tokens_learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                     tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_context *context = term->context;
  tx_token_head *head = worker->workspaces[term->number];
  const tx_token_rows rows = token_rows(worker);
  const tx_token_gradients gradients = {context->frozen ? NULL : tx_token_head_gradient(head),
                                        worker->gradients};
  tx_token_sums tokens;
  (void)batch;
  (void)first;
  tx_token_head_backward(context->dims, context->weights, &rows, head, &gradients, &tokens);
  tx_tokens_keep_sums(&tokens, sums);
}

void tx_tokens_backward(const tx_objective_term *term, tx_objective_worker *worker)
{
  const tx_objective_context *context = term->context;
  if (context->frozen) return;
  tx_network_backward_hidden(context->dims, context->weights, worker->pack, worker->work,
                             tx_token_head_gradient(worker->workspaces[term->number]), worker->gradients);
}

void tx_tokens_validate(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_context *context = term->context;
  const tx_token_rows rows = token_rows(worker);
  tx_token_sums tokens;
  tx_token_head_forward(context->dims, context->kept, &rows, worker->workspaces[term->number], &tokens);
  tx_tokens_keep_sums(&tokens, sums);
}
