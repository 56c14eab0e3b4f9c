/* Functions shared by the objectives that predict tokens: targets, token head, figures. */
#ifndef TX_OBJECTIVE_TOKENS_H
#define TX_OBJECTIVE_TOKENS_H

#include "nn/token_head.h"
#include "objective/objective.h"

/* The following set the targets of the last sequence of the shard; padding has no target. */

/* The target of a token is the next token. */
void tx_tokens_next(tx_shard *shard);
/* Each token but the unknown ones has itself as target, and is replaced by MASK, with the probability
   `share`. */
void tx_tokens_mask(tx_shard *shard, double share, tx_random *random);
/* The same, with one token at least that has no target. They are not replaced: tokens with a target are later
   hidden from the encoder. */
void tx_tokens_hide(tx_shard *shard, double share, tx_random *random);

/* Members of the tx_objective_functions of these objectives (objective/objective.h). */

/* Sets the rows of the token head to the size of the vocabulary. */
tx_status tx_tokens_set_sizes(const tx_train_config *config, tx_dims *dims, tx_error *error);
/* Chooses token-accuracy by default, or the loss where there are no validation records. */
tx_status tx_tokens_choose_metric(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                                  tx_error *error);
/* As above with another default metric: loss, perplexity or token-accuracy. */
tx_status tx_tokens_set_metric(const tx_train_config *config, const tx_dataset *dataset, const char *standard,
                               tx_metric *metric, tx_error *error);
/* Scales to the mean over all targets of the batch. Their number is known only after the records of all
   shards have been cropped, so that the scale is applied last. */
double tx_tokens_conclude(const tx_objective_term *term, const tx_shard_sums *sums, size_t shards,
                          size_t stride, float *gradients);
/* Sets perplexity and accuracy. */
size_t tx_tokens_figures(const tx_objective_term *term, const tx_judgement *judgement, tx_figure *figures);

/* A token head on the hidden states of the encoder: the workspace of a worker, and the computation on a
   shard. */
tx_status tx_tokens_prepare_worker(const tx_objective_term *term, tx_objective_worker *worker,
                                   tx_error *error);
void tx_tokens_release_worker(const tx_objective_term *term, tx_objective_worker *worker);
void tx_tokens_learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                     tx_objective_worker *worker, tx_shard_sums *sums);
void tx_tokens_backward(const tx_objective_term *term, tx_objective_worker *worker);
void tx_tokens_validate(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums);

/* For objectives with a workspace of their own: stores the memory of a worker's workspace (NULL is an error
   of memory), and the sums of its shard. */
tx_status tx_tokens_keep_memory(const tx_objective_term *term, tx_objective_worker *worker, void *memory,
                                tx_error *error);
void tx_tokens_keep_sums(const tx_token_sums *tokens, tx_shard_sums *sums);

#endif
