#include "train/tokens.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* Exactly the share of the tokens, at least one: chosen one after the other with the probability that the rest asks for (Knuth's
   algorithm S), so that nothing has to be kept. */
static void mask(int32_t *ids, int32_t *targets, size_t count, double share, tx_random *random)
{
  size_t wanted = (size_t)(share * (double)count + 0.5);
  if (wanted == 0) wanted = 1;
  for (size_t t = 0; t < count; t++) {
    targets[t] = TX_TARGET_NONE;
    if (tx_random_below(random, count - t) >= wanted) continue;
    targets[t] = ids[t];
    ids[t] = TX_TOKEN_MASK;
    wanted--;
  }
}

void tx_tokens_target(tx_shard *shard, tx_objective objective, double share, tx_random *random)
{
  const size_t last = shard->pack.sequences - 1, start = shard->starts[last], end = shard->starts[last + 1];
  const size_t first = start + shard->padding[last];
  int32_t *ids = shard->ids, *targets = shard->targets;
  for (size_t t = start; t < first; t++) targets[t] = TX_TARGET_NONE;
  if (objective == TX_OBJECTIVE_MASKED) {
    mask(ids + first, targets + first, end - first, share, random);
    return;
  }
  for (size_t t = first; t + 1 < end; t++) targets[t] = ids[t + 1];
  targets[end - 1] = TX_TARGET_NONE;
}

tx_status tx_tokens_prepare(const tx_trainer *trainer, tx_train_worker *worker, tx_error *error)
{
  const tx_precision precision = tx_trainer_precision(trainer);
  const size_t tokens = tx_shard_tokens(&worker->shard), size = tx_token_head_size(&trainer->dims, precision, tokens);
  worker->token_memory = size ? tx_malloc_aligned(size, 1) : NULL;
  if (!worker->token_memory) return tx_fail_memory(error, "the token head: lower --threads or --shard");
  worker->token_head = tx_token_head_init(&trainer->dims, precision, tokens, worker->token_memory);
  return TX_OK;
}

static void keep_sums(const tx_token_sums *tokens, tx_shard_sums *sums)
{
  sums->loss = tokens->loss;
  sums->known = sums->queries = tokens->targets;
  sums->correct = tokens->correct;
}

void tx_tokens_learn(tx_trainer *trainer, tx_train_worker *worker, tx_shard_sums *sums)
{
  const tx_pack *pack = &worker->shard.pack;
  float *hidden_gradient = trainer->frozen ? NULL : tx_token_head_gradient(worker->token_head);
  tx_token_sums tokens;
  tx_network_forward(&trainer->dims, trainer->tensors, pack, worker->work);
  tx_token_head_backward(&trainer->dims, trainer->tensors, tx_network_hidden(worker->work), worker->shard.targets,
                         pack->starts[pack->sequences], worker->token_head, hidden_gradient, worker->gradients, &tokens);
  if (hidden_gradient) tx_network_backward_hidden(&trainer->dims, trainer->tensors, pack, worker->work, hidden_gradient, worker->gradients);
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
  const tx_pack *pack = &worker->shard.pack;
  tx_token_sums tokens;
  tx_network_forward(&trainer->dims, trainer->kept, pack, worker->work);
  tx_token_head_forward(&trainer->dims, trainer->kept, tx_network_hidden(worker->work), worker->shard.targets,
                        pack->starts[pack->sequences], worker->token_head, &tokens);
  keep_sums(&tokens, sums);
}
