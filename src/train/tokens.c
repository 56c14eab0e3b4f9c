#include "train/tokens.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* Makes exactly the share of the tokens targets, from one to `most`: chosen one after the other with the probability that the rest asks for
   (Knuth's algorithm S), so that nothing has to be kept. */
static void choose(const int32_t *ids, int32_t *targets, size_t count, double share, size_t most, tx_random *random)
{
  size_t wanted = (size_t)(share * (double)count + 0.5);
  if (wanted == 0) wanted = 1;
  if (wanted > most) wanted = most;
  for (size_t t = 0; t < count; t++) {
    targets[t] = TX_TARGET_NONE;
    if (tx_random_below(random, count - t) >= wanted) continue;
    targets[t] = ids[t];
    wanted--;
  }
}

void tx_tokens_target(tx_shard *shard, tx_objective objective, double share, tx_random *random)
{
  const size_t last = shard->pack.sequences - 1, start = shard->starts[last], end = shard->starts[last + 1];
  const size_t first = start + shard->padding[last];
  int32_t *ids = shard->ids, *targets = shard->targets;
  for (size_t t = start; t < first; t++) targets[t] = TX_TARGET_NONE;
  if (objective == TX_OBJECTIVE_MASKED_AUTOENCODER) {
    choose(ids + first, targets + first, end - first, share, end - first - 1, random);
    return;
  }
  if (objective == TX_OBJECTIVE_MASKED) {
    choose(ids + first, targets + first, end - first, share, end - first, random);
    for (size_t t = first; t < end; t++)
      if (targets[t] >= 0) ids[t] = TX_TOKEN_MASK;
    return;
  }
  for (size_t t = first; t + 1 < end; t++) targets[t] = ids[t + 1];
  targets[end - 1] = TX_TARGET_NONE;
}

tx_status tx_tokens_prepare(const tx_trainer *trainer, tx_train_worker *worker, tx_error *error)
{
  const tx_precision precision = tx_trainer_precision(trainer);
  const tx_dims *dims = &trainer->dims;
  const size_t tokens = tx_shard_tokens(&worker->shard), sequences = worker->shard.capacity;
  const size_t size = dims->decoder_layers ? tx_decoder_size(dims, precision, tokens, sequences) : tx_token_head_size(dims, precision, tokens);
  worker->token_memory = size ? tx_malloc_aligned(size, 1) : NULL;
  if (!worker->token_memory) return tx_fail_memory(error, "the token head: lower --threads or --shard");
  if (dims->decoder_layers)
    worker->decoder = tx_decoder_init(dims, precision, tokens, sequences, worker->token_memory);
  else
    worker->token_head = tx_token_head_init(dims, precision, tokens, worker->token_memory);
  return TX_OK;
}

static void keep_sums(const tx_token_sums *tokens, tx_shard_sums *sums)
{
  sums->loss = tokens->loss;
  sums->known = sums->queries = tokens->targets;
  sums->correct = tokens->correct;
}

/* What the encoder sees of the worker's shard. */
static const tx_pack *seen(tx_train_worker *worker)
{
  const tx_shard *shard = &worker->shard;
  return worker->decoder ? tx_decoder_visible(worker->decoder, &shard->pack, shard->targets) : &shard->pack;
}

void tx_tokens_learn(tx_trainer *trainer, tx_train_worker *worker, tx_shard_sums *sums)
{
  const tx_dims *dims = &trainer->dims;
  const tx_shard *shard = &worker->shard;
  const tx_pack *pack = seen(worker);
  const float *hidden = tx_network_hidden(worker->work);
  float *hidden_gradient = worker->decoder ? tx_decoder_gradient(worker->decoder) : tx_token_head_gradient(worker->token_head);
  tx_token_sums tokens;
  if (trainer->frozen) hidden_gradient = NULL;
  tx_network_forward(dims, trainer->tensors, pack, worker->work);
  if (worker->decoder)
    tx_decoder_backward(dims, trainer->tensors, hidden, &shard->pack, shard->targets, worker->decoder, hidden_gradient, worker->gradients,
                        &tokens);
  else
    tx_token_head_backward(dims, trainer->tensors, hidden, shard->targets, pack->starts[pack->sequences], worker->token_head, hidden_gradient,
                           worker->gradients, &tokens);
  if (hidden_gradient) tx_network_backward_hidden(dims, trainer->tensors, pack, worker->work, hidden_gradient, worker->gradients);
  keep_sums(&tokens, sums);
}

double tx_tokens_conclude(tx_trainer *trainer, size_t shards)
{
  float *total = trainer->reduction.total;
  double loss = 0;
  uint64_t targets = 0;
  float scale;
  for (size_t i = 0; i < shards; i++) {
    loss += trainer->sums[i].loss;
    targets += trainer->sums[i].known;
  }
  if (targets == 0) return 0; /* the gradient is 0 as well */
  scale = (float)(1.0 / (double)targets);
  for (size_t i = trainer->frozen; i < trainer->elements; i++) total[i] *= scale;
  return loss / (double)targets;
}

void tx_tokens_validate(tx_trainer *trainer, tx_train_worker *worker, tx_shard_sums *sums)
{
  const tx_dims *dims = &trainer->dims;
  const tx_shard *shard = &worker->shard;
  const tx_pack *pack = seen(worker);
  const float *hidden = tx_network_hidden(worker->work);
  tx_token_sums tokens;
  tx_network_forward(dims, trainer->kept, pack, worker->work);
  if (worker->decoder)
    tx_decoder_forward(dims, trainer->kept, hidden, &shard->pack, shard->targets, worker->decoder, &tokens);
  else
    tx_token_head_forward(dims, trainer->kept, hidden, shard->targets, pack->starts[pack->sequences], worker->token_head, &tokens);
  keep_sums(&tokens, sums);
}
