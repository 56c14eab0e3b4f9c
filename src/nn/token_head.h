/* The token head of pretraining: one linear layer from a token's hidden row to the vocabulary, and its
   cross-entropy (docs/numerics.md). Rows go through it in blocks, so that the logits of all tokens never
   stand in memory together. Nothing here allocates, prints, reads files or knows threads. */
#ifndef TX_NN_TOKEN_HEAD_H
#define TX_NN_TOKEN_HEAD_H

#include "nn/network.h"

/* Rows of a block: the logits of one take 2 MiB with the 4,104 symbols of 6-mers. */
#define TX_TOKEN_HEAD_ROWS 128

/* A token whose row has no loss. */
enum { TX_TARGET_NONE = -1 };

/* Scratch of one thread. */
typedef struct tx_token_head tx_token_head;

/* Bytes for packs of up to max_tokens tokens; 0 on overflow. dims->token_head is the vocabulary. `precision`
   is that of tx_network_work_size and holds for the products of the head as well. */
size_t tx_token_head_size(const tx_dims *dims, tx_precision precision, size_t max_tokens);
/* Lays it out in `memory` (64-byte aligned, tx_token_head_size bytes, owned by the caller). Returns
   memory. */
tx_token_head *tx_token_head_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                                  void *memory);

typedef struct tx_token_sums {
  double loss;    /* sum of the cross-entropies, natural logarithm; NaN and infinity pass through */
  size_t targets; /* tokens with a target */
  size_t correct; /* of them, those whose target has the largest logit; not counted by backward */
} tx_token_sums;

/* What the head reads. */
typedef struct tx_token_rows {
  const float *hidden;    /* (tokens, D) */
  const int32_t *targets; /* (tokens) symbols or TX_TARGET_NONE */
  size_t tokens;
} tx_token_rows;

/* Where the gradient of the sum of the losses goes. */
typedef struct tx_token_gradients {
  float *opt_hidden; /* that of the hidden rows is set; may be NULL */
  float *weights;    /* that of the weights is added; flat, tx_layout_elements floats */
} tx_token_gradients;

/* Loss of the tokens that have a target. */
void tx_token_head_forward(const tx_dims *dims, const float *const *weights, const tx_token_rows *rows,
                           tx_token_head *head, tx_token_sums *sums);

/* The same with the gradients: opt_hidden (tokens, D), and the weights of the head. */
void tx_token_head_backward(const tx_dims *dims, const float *const *weights, const tx_token_rows *rows,
                            tx_token_head *head, const tx_token_gradients *gradients, tx_token_sums *sums);

/* Room for the gradient of the hidden rows (max_tokens, D), free for the caller between the calls. */
float *tx_token_head_gradient(tx_token_head *head);

#endif
