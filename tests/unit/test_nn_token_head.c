/* The token head of pretraining: its loss is that of plain sums whatever the blocks, the gradient of either
   objective is the slope of its loss, and a network without a token head is the beginning of one with it. */
#include "nn/token_head.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEQUENCES = 4, TOKENS = 400, WIDTH = 32, SYMBOLS = 72 };
static const tx_dims dims = {.vocabulary = SYMBOLS,
                             .width = WIDTH,
                             .layers = 2,
                             .state = 16,
                             .head_width = 16,
                             .expand = 2,
                             .kernel = 4,
                             .mlp = 64,
                             .token_head = SYMBOLS};
static const uint32_t starts[SEQUENCES + 1] = {0, 1, 130, 390, 400};

typedef struct fixture {
  float *flat, *gradients;
  const float **weights;
  int32_t ids[TOKENS], targets[2][TOKENS], masked[TOKENS]; /* targets: of the next token, of masked tokens */
  void *memory[2];
  tx_work *work;
  tx_token_head *head;
} fixture;

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  const size_t sizes[2] = {tx_network_work_size(&dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES),
                           tx_token_head_size(&dims, TX_PRECISION_FLOAT32, TOKENS)};
  tx_random stream;
  assert_non_null(f);
  f->flat = tx_calloc_aligned(tx_layout_elements(&dims), sizeof *f->flat);
  f->gradients = tx_calloc_aligned(tx_layout_elements(&dims), sizeof *f->gradients);
  f->weights = calloc(tx_layout_count(&dims), sizeof *f->weights);
  for (int i = 0; i < 2; i++) f->memory[i] = tx_malloc_aligned(sizes[i], 1);
  assert_true(f->flat && f->gradients && f->weights && f->memory[0] && f->memory[1]);
  f->work = tx_network_work_init(&dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES, f->memory[0]);
  f->head = tx_token_head_init(&dims, TX_PRECISION_FLOAT32, TOKENS, f->memory[1]);
  tx_layout_initialise(&dims, 3, f->flat);
  tx_random_seed(&stream, 9, 0, 0, 0);
  for (size_t i = 0; i < tx_layout_count(&dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    f->weights[i] = f->flat + info.offset;
    /* larger than at the start, so that the softmax is not flat */
    if (strncmp(info.name, "token_head", 10) == 0)
      for (size_t j = 0; j < info.count; j++)
        f->flat[info.offset + j] = (float)(0.2 * tx_random_normal(&stream));
  }
  for (size_t i = 0; i < TOKENS; i++) {
    f->ids[i] = f->masked[i] = (int32_t)tx_random_below(&stream, SYMBOLS);
    f->targets[1][i] = TX_TARGET_NONE;
    if (tx_random_below(&stream, 2)) continue;
    f->targets[1][i] = f->ids[i];
    f->masked[i] = 0;
  }
  for (size_t s = 0; s < SEQUENCES; s++)
    for (size_t t = starts[s]; t < starts[s + 1]; t++)
      f->targets[0][t] = t + 1 < starts[s + 1] ? f->ids[t + 1] : TX_TARGET_NONE;
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  for (int i = 0; i < 2; i++) free(f->memory[i]);
  free(f->flat);
  free(f->gradients);
  free(f->weights);
  free(f);
  return 0;
}

static void the_loss_is_that_of_plain_sums(void **state)
{
  fixture *f = *state;
  const tx_pack pack = {.sequences = SEQUENCES, .starts = starts, .ids = f->masked};
  const float *weight = f->weights[tx_layout_count(&dims) - 2],
              *bias = f->weights[tx_layout_count(&dims) - 1], *hidden;
  double loss = 0;
  size_t targets = 0, correct = 0;
  tx_token_sums sums;
  tx_network_forward(&dims, f->weights, &pack, f->work);
  hidden = tx_network_hidden(f->work);
  for (size_t t = 0; t < TOKENS; t++) {
    double logits[SYMBOLS], total = 0;
    const int32_t target = f->targets[1][t];
    size_t best = 0;
    if (target < 0) continue;
    for (size_t v = 0; v < SYMBOLS; v++) {
      logits[v] = (double)bias[v];
      for (size_t j = 0; j < WIDTH; j++)
        logits[v] += (double)weight[v * WIDTH + j] * (double)hidden[t * WIDTH + j];
      total += exp(logits[v]);
      if (logits[v] > logits[best]) best = v;
    }
    loss += log(total) - logits[target];
    targets++;
    correct += best == (size_t)target;
  }
  tx_token_head_forward(&dims, f->weights, &(tx_token_rows){hidden, f->targets[1], TOKENS}, f->head, &sums);
  assert_true(targets > TX_TOKEN_HEAD_ROWS); /* more than one block */
  assert_int_equal(sums.targets, targets);
  assert_int_equal(sums.correct, correct);
  assert_true(fabs(sums.loss - loss) < 1e-5 * loss);
}

static double loss_of(fixture *f, const tx_pack *pack, const int32_t *targets)
{
  tx_token_sums sums;
  tx_network_forward(&dims, f->weights, pack, f->work);
  tx_token_head_forward(&dims, f->weights, &(tx_token_rows){tx_network_hidden(f->work), targets, TOKENS},
                        f->head, &sums);
  return sums.loss;
}

/* Along the gradient of the elements first..last-1 the loss rises by the square of its norm. */
static void check_slope(fixture *f, const tx_pack *pack, const int32_t *targets, size_t first, size_t last)
{
  const size_t count = last - first;
  float *original = malloc(count * sizeof *original);
  double squares = 0, losses[2], step;
  assert_non_null(original);
  memcpy(original, f->flat + first, count * sizeof *original);
  for (size_t i = first; i < last; i++) squares += (double)f->gradients[i] * (double)f->gradients[i];
  assert_true(squares > 0);
  step = 0.5 / sqrt(squares) / sqrt(squares); /* changes a loss of some hundreds by 0.5 */
  for (int side = 0; side < 2; side++) {
    for (size_t i = first; i < last; i++)
      f->flat[i] = (float)((double)original[i - first] + (side ? step : -step) * (double)f->gradients[i]);
    losses[side] = loss_of(f, pack, targets);
  }
  memcpy(f->flat + first, original, count * sizeof *original);
  assert_true(fabs((losses[1] - losses[0]) / (2 * step) - squares) < 0.01 * squares);
  free(original);
}

/* Of the whole, of the encoder and of the head each by itself, so that neither hides the other. */
static void the_gradient_is_the_slope(void **state)
{
  fixture *f = *state;
  const size_t elements = tx_layout_elements(&dims), encoder = elements - SYMBOLS * (WIDTH + 1);
  for (int objective = 0; objective < 2; objective++) {
    const tx_pack pack = {.sequences = SEQUENCES,
                          .starts = starts,
                          .ids = objective ? f->masked : f->ids,
                          .dropout = 0.2f,
                          .dropout_seed = 5};
    tx_token_sums sums;
    tx_network_forward(&dims, f->weights, &pack, f->work);
    memset(f->gradients, 0, elements * sizeof *f->gradients);
    tx_token_head_backward(
        &dims, f->weights, &(tx_token_rows){tx_network_hidden(f->work), f->targets[objective], TOKENS},
        f->head, &(tx_token_gradients){tx_token_head_gradient(f->head), f->gradients}, &sums);
    tx_network_backward_hidden(&dims, f->weights, &pack, f->work, tx_token_head_gradient(f->head),
                               f->gradients);
    assert_true(fabs(sums.loss - loss_of(f, &pack, f->targets[objective])) < 1e-9);
    check_slope(f, &pack, f->targets[objective], 0, elements);
    check_slope(f, &pack, f->targets[objective], 0, encoder);
    check_slope(f, &pack, f->targets[objective], encoder, elements - SYMBOLS);
    check_slope(f, &pack, f->targets[objective], elements - SYMBOLS, elements);
  }
}

/* A frozen encoder: the head's gradient is the same, and nothing else is touched. Rows without a target have
   a gradient of 0. */
static void the_head_alone(void **state)
{
  fixture *f = *state;
  const size_t elements = tx_layout_elements(&dims), encoder = elements - SYMBOLS * (WIDTH + 1);
  const tx_pack pack = {.sequences = SEQUENCES, .starts = starts, .ids = f->masked};
  float *whole = tx_calloc_aligned(elements, sizeof *whole),
        *hidden_gradient = tx_token_head_gradient(f->head);
  tx_token_sums sums;
  assert_non_null(whole);
  tx_network_forward(&dims, f->weights, &pack, f->work);
  tx_token_head_backward(&dims, f->weights,
                         &(tx_token_rows){tx_network_hidden(f->work), f->targets[1], TOKENS}, f->head,
                         &(tx_token_gradients){hidden_gradient, whole}, &sums);
  for (size_t t = 0; t < TOKENS; t++) {
    double size = 0;
    for (size_t j = 0; j < WIDTH; j++) size += fabs((double)hidden_gradient[t * WIDTH + j]);
    assert_true((size > 0) == (f->targets[1][t] >= 0));
  }
  memset(f->gradients, 0, elements * sizeof *f->gradients);
  tx_token_head_backward(&dims, f->weights,
                         &(tx_token_rows){tx_network_hidden(f->work), f->targets[1], TOKENS}, f->head,
                         &(tx_token_gradients){NULL, f->gradients}, &sums);
  assert_memory_equal(whole, f->gradients, elements * sizeof *whole);
  for (size_t i = 0; i < encoder; i++) assert_true(f->gradients[i] == 0.0f);
  free(whole);
}

/* Products in bf16: close to those in float32, and not the same. */
static void the_precision_holds_for_the_head(void **state)
{
  fixture *f = *state;
  const tx_pack pack = {.sequences = SEQUENCES, .starts = starts, .ids = f->ids};
  void *memory = tx_malloc_aligned(tx_token_head_size(&dims, TX_PRECISION_BF16, TOKENS), 1);
  tx_token_head *head;
  tx_token_sums exact, rounded;
  assert_non_null(memory);
  head = tx_token_head_init(&dims, TX_PRECISION_BF16, TOKENS, memory);
  tx_network_forward(&dims, f->weights, &pack, f->work);
  tx_token_head_forward(&dims, f->weights,
                        &(tx_token_rows){tx_network_hidden(f->work), f->targets[0], TOKENS}, f->head, &exact);
  tx_token_head_forward(&dims, f->weights,
                        &(tx_token_rows){tx_network_hidden(f->work), f->targets[0], TOKENS}, head, &rounded);
  assert_true(exact.loss < rounded.loss || exact.loss > rounded.loss);
  assert_true(fabs(exact.loss - rounded.loss) < 2e-3 * exact.loss);
  free(memory);
}

static void the_model_is_the_beginning(void **state)
{
  tx_dims model = dims;
  float *flat;
  fixture *f = *state;
  (void)f;
  model.token_head = 0;
  assert_int_equal(tx_layout_count(&model) + 2, tx_layout_count(&dims));
  for (size_t i = 0; i < tx_layout_count(&model); i++) {
    tx_tensor_info a, b;
    tx_layout_tensor(&model, i, &a);
    tx_layout_tensor(&dims, i, &b);
    assert_string_equal(a.name, b.name);
    assert_int_equal(a.offset, b.offset);
  }
  flat = malloc(tx_layout_elements(&model) * sizeof *flat);
  assert_non_null(flat);
  tx_layout_initialise(&model, 3, flat);
  assert_memory_equal(flat, f->flat, tx_layout_elements(&model) * sizeof *flat);
  free(flat);
  model.token_head = 5;
  assert_non_null(tx_dims_fault(&model));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_loss_is_that_of_plain_sums), cmocka_unit_test(the_gradient_is_the_slope),
      cmocka_unit_test(the_head_alone), cmocka_unit_test(the_precision_holds_for_the_head),
      cmocka_unit_test(the_model_is_the_beginning)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
