/* Pretraining on the sequences themselves: what the token head is to predict, and the work on one shard. */
#ifndef TX_TRAIN_TOKENS_H
#define TX_TRAIN_TOKENS_H

#include "train/trainer.h"

/* Targets of the last sequence of the shard, padding left out: of each token the next one, or, for the masked objectives, `share` of the
   tokens, at least one. These are replaced by MASK, or, for the autoencoder, left as they are: what has a target is then not shown to the
   encoder, and one token at least has none. `random` is used by the masked objectives only. */
void tx_tokens_target(tx_shard *shard, tx_objective objective, double share, tx_random *random);

/* Room of one worker, after its shard has been made. */
tx_status tx_tokens_prepare(const tx_trainer *trainer, tx_train_worker *worker, tx_error *error);

/* Forward, loss and backward of the worker's shard: the gradient of the sum of the losses goes to worker->gradients, whose learning part
   must be 0. */
void tx_tokens_learn(tx_trainer *trainer, tx_train_worker *worker, tx_shard_sums *sums);

/* Turns the sum of `shards` shards into the mean over all their targets, gradient included, and returns that of the loss. How many
   targets a batch has is known only when its shards have been cropped, so that the scale comes last. */
double tx_tokens_conclude(tx_trainer *trainer, size_t shards);

/* Loss and correct tokens of a shard of validation records. */
void tx_tokens_validate(tx_trainer *trainer, tx_train_worker *worker, tx_shard_sums *sums);

#endif
