#include "nn/token_head.h"

#include "nn/layout.h"
#include "nn/pieces.h"
#include "tensor/kernels.h"
#include "tensor/loss.h"
#include "tensor/products.h"

#include <string.h>

struct tx_token_head {
  const tx_kernels *kernels;
  const tx_product *product;
  float *hidden;          /* (ROWS, D) rows that have a target */
  float *logits;          /* (ROWS, V), then their gradient */
  float *row_gradient;    /* (ROWS, D) */
  float *hidden_gradient; /* (tokens, D) */
  float *scratch;         /* of the product */
  int32_t targets[TX_TOKEN_HEAD_ROWS];
  size_t places[TX_TOKEN_HEAD_ROWS]; /* which token each row of the block is */
};

/* With p->memory NULL the pointers are NULL and only the size is computed. */
static void lay_out(tx_pieces *p, const tx_dims *dims, tx_precision precision, size_t tokens,
                    tx_token_head *head)
{
  memset(head, 0, sizeof *head);
  head->kernels = tx_kernels_current();
  head->product = tx_product_current(precision);
  head->hidden = tx_piece_rows(p, TX_TOKEN_HEAD_ROWS, dims->width);
  head->logits = tx_piece_rows(p, TX_TOKEN_HEAD_ROWS, dims->token_head);
  head->row_gradient = tx_piece_rows(p, TX_TOKEN_HEAD_ROWS, dims->width);
  head->hidden_gradient = tx_piece_rows(p, tokens, dims->width);
  head->scratch = tx_piece_rows(p, *head->product->gemm_scratch, 1);
}

size_t tx_token_head_size(const tx_dims *dims, tx_precision precision, size_t max_tokens)
{
  tx_pieces p = {NULL, 0, false};
  tx_token_head unused;
  tx_piece(&p, 1, sizeof unused);
  lay_out(&p, dims, precision, max_tokens, &unused);
  return p.overflow ? 0 : p.used;
}

tx_token_head *tx_token_head_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                                  void *memory)
{
  tx_pieces p = {memory, 0, false};
  tx_token_head *head = tx_piece(&p, 1, sizeof *head);
  lay_out(&p, dims, precision, max_tokens, head);
  return head;
}

float *tx_token_head_gradient(tx_token_head *head)
{
  return head->hidden_gradient;
}

/* Gathers the next rows with a target from token *at on; returns how many. Half of the rows of a masked
   sequence have none, and would cost as much as the others. */
static size_t gather(tx_token_head *head, size_t width, const float *hidden, const int32_t *targets,
                     size_t tokens, size_t *at)
{
  size_t rows = 0;
  for (; *at < tokens && rows < TX_TOKEN_HEAD_ROWS; (*at)++) {
    if (targets[*at] < 0) continue;
    memcpy(head->hidden + rows * width, hidden + *at * width, width * sizeof(float));
    head->targets[rows] = targets[*at];
    head->places[rows++] = *at;
  }
  return rows;
}

static void logits(const tx_dims *dims, const float *const *weights, tx_token_head *head, size_t rows)
{
  const size_t width = dims->width, symbols = dims->token_head, tensor = tx_token_head_tensor(dims);
  head->product->gemm(false, true, rows, symbols, width, head->hidden, width, weights[tensor], width, false,
                      head->logits, symbols, head->scratch);
  head->kernels->add_bias(rows, symbols, weights[tensor + 1], head->logits);
}

void tx_token_head_forward(const tx_dims *dims, const float *const *weights, const float *hidden,
                           const int32_t *targets, size_t tokens, tx_token_head *head, tx_token_sums *sums)
{
  size_t at = 0, rows;
  memset(sums, 0, sizeof *sums);
  while ((rows = gather(head, dims->width, hidden, targets, tokens, &at)) > 0) {
    size_t correct = 0;
    logits(dims, weights, head, rows);
    sums->loss += tx_cross_entropy(head->logits, head->targets, rows, dims->token_head, 0.0F, 0.0F, &correct);
    sums->correct += correct;
    sums->targets += rows;
  }
}

/* Gradients of a block whose logits have been replaced by their gradient. */
static void block_backward(const tx_dims *dims, const float *const *weights, tx_token_head *head, size_t rows,
                           float *opt_hidden_gradient, float *gradients)
{
  const size_t width = dims->width, symbols = dims->token_head, tensor = tx_token_head_tensor(dims);
  tx_tensor_info weight, bias;
  tx_layout_tensor(dims, tensor, &weight);
  tx_layout_tensor(dims, tensor + 1, &bias);
  head->product->gemm(true, false, symbols, width, rows, head->logits, symbols, head->hidden, width, true,
                      gradients + weight.offset, width, head->scratch);
  head->kernels->add_column_sums(rows, symbols, head->logits, gradients + bias.offset);
  if (!opt_hidden_gradient) return;
  head->product->gemm(false, false, rows, width, symbols, head->logits, symbols, weights[tensor], width,
                      false, head->row_gradient, width, head->scratch);
  for (size_t i = 0; i < rows; i++)
    memcpy(opt_hidden_gradient + head->places[i] * width, head->row_gradient + i * width,
           width * sizeof(float));
}

void tx_token_head_backward(const tx_dims *dims, const float *const *weights, const float *hidden,
                            const int32_t *targets, size_t tokens, tx_token_head *head,
                            float *opt_hidden_gradient, float *gradients, tx_token_sums *sums)
{
  size_t at = 0, rows;
  memset(sums, 0, sizeof *sums);
  if (opt_hidden_gradient) memset(opt_hidden_gradient, 0, tokens * dims->width * sizeof(float));
  while ((rows = gather(head, dims->width, hidden, targets, tokens, &at)) > 0) {
    logits(dims, weights, head, rows);
    sums->loss += tx_cross_entropy(head->logits, head->targets, rows, dims->token_head, 0.0F, 1.0F, NULL);
    sums->targets += rows;
    block_backward(dims, weights, head, rows, opt_hidden_gradient, gradients);
  }
}
