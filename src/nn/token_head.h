/* The token head of pretraining: one linear layer from the hidden state of a token to the vocabulary, and
   its cross-entropy (docs/numerics.md). Tokens are processed in blocks, so that the logits of all tokens are
   never in memory together. Nothing here allocates, prints, reads files or uses threads. */
#ifndef TX_NN_TOKEN_HEAD_H
#define TX_NN_TOKEN_HEAD_H

#include "nn/network.h"

/* Tokens of a block: its logits take 2 MiB with the 4,104 symbols of 6-mers. */
#define TX_TOKEN_HEAD_ROWS 128

/* The target of a token without a loss. */
enum { TX_TARGET_NONE = -1 };

/* The workspace of one thread. */
typedef struct tx_token_head tx_token_head;

/* Returns the bytes of a workspace for packs of up to max_tokens tokens; 0 on overflow. dims->token_head is
   the vocabulary. `precision` is as for tx_network_work_size and applies to the matrix products of the
   head. */
size_t tx_token_head_size(const tx_dims *dims, tx_precision precision, size_t max_tokens);
/* Makes the workspace in `memory` (64-byte aligned, tx_token_head_size bytes, owned by the caller). Returns
   memory. */
tx_token_head *tx_token_head_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                                  void *memory);

typedef struct tx_token_sums {
  double loss;    /* sum of the cross-entropies, natural logarithm; NaN and infinity pass through */
  size_t targets; /* tokens with a target */
  size_t correct; /* targets that have the largest logit; not counted by backward */
} tx_token_sums;

/* Computes the loss of the tokens with a target: hidden (tokens, D); targets (tokens) are symbols or
   TX_TARGET_NONE. */
void tx_token_head_forward(const tx_dims *dims, const float *const *weights, const float *hidden,
                           const int32_t *targets, size_t tokens, tx_token_head *head, tx_token_sums *sums);

/* As above, with the gradient of the sum of the losses: adds the gradient of the head's weights to gradients
   (flat, tx_layout_elements floats) and, unless opt_hidden_gradient is NULL, sets the gradient of the hidden
   states (tokens, D). */
void tx_token_head_backward(const tx_dims *dims, const float *const *weights, const float *hidden,
                            const int32_t *targets, size_t tokens, tx_token_head *head,
                            float *opt_hidden_gradient, float *gradients, tx_token_sums *sums);

/* Returns a buffer (max_tokens, D) for the gradient of the hidden states, which the caller may use between
   the calls. */
float *tx_token_head_gradient(tx_token_head *head);

#endif
