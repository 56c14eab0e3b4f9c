/* The network of training as a whole: padding is left out of the mean, and the gradient is the slope of the
   loss. What inference promises is in test_nn_inference. */
#include "nn/network.h"

#include "base/memory.h"
#include "base/random.h"
#include "nn/layout.h"
#include "nn/strands.h"
#include "tensor/loss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tx_dims dims = {.vocabulary = 72,
                             .width = 48,
                             .layers = 2,
                             .state = 16,
                             .head_width = 24,
                             .expand = 2,
                             .kernel = 4,
                             .mlp = 96,
                             .head_count = 2,
                             .heads = {{TX_HEAD_TAXA, 3}, {TX_HEAD_TAXA, 17}}};
enum { SEQUENCES = 5, TOKENS = 400, WIDTH = 48 };
static const uint32_t starts[SEQUENCES + 1] = {0, 1, 30, 140, 390, 400};

typedef struct fixture {
  float *flat;
  const float **weights;
  int32_t ids[TOKENS];
} fixture;

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  tx_random stream;
  f->flat = tx_calloc_aligned(tx_layout_elements(&dims), sizeof *f->flat);
  f->weights = calloc(tx_layout_count(&dims), sizeof *f->weights);
  assert_true(f->flat && f->weights);
  tx_layout_initialise(&dims, 3, f->flat);
  for (size_t i = 0; i < tx_layout_count(&dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    f->weights[i] = f->flat + info.offset;
  }
  tx_random_seed(&stream, 9, 0, 0, 0);
  for (size_t i = 0; i < TOKENS; i++) f->ids[i] = (int32_t)tx_random_below(&stream, 72);
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  free(f->flat);
  free(f->weights);
  free(f);
  return 0;
}

static tx_work *new_work(size_t tokens, size_t sequences, void **ret_memory)
{
  *ret_memory = tx_malloc_aligned(tx_network_work_size(&dims, TX_PRECISION_FLOAT32, tokens, sequences), 1);
  assert_non_null(*ret_memory);
  return tx_network_work_init(&dims, TX_PRECISION_FLOAT32, tokens, sequences, *ret_memory);
}

static void padding_is_left_out_of_the_mean(void **state)
{
  const fixture *f = *state;
  void *memory;
  tx_work *work = new_work(TOKENS, 1, &memory);
  const uint32_t own[2] = {0, 20}, padding[1] = {15};
  const tx_pack pack = {.sequences = 1, .starts = own, .ids = f->ids, .padding = padding};
  tx_network_forward(&dims, f->weights, &pack, work);
  for (size_t j = 0; j < WIDTH; j++) {
    double sum = 0;
    for (size_t t = 15; t < 20; t++) sum += (double)tx_network_hidden(work)[t * WIDTH + j];
    assert_true(fabs(sum / 5 - (double)tx_network_embedding(work)[j]) < 1e-5);
  }
  free(memory);
}

/* Of the records of the pack, the first of SEQUENCES. */
static double loss_of(const fixture *f, tx_work *work, const tx_pack *pack)
{
  static const int32_t labels[2][SEQUENCES] = {{0, 1, 2, -1, 0}, {16, -1, 3, 4, 0}};
  double loss = 0;
  tx_network_forward(&dims, f->weights, pack, work);
  for (size_t r = 0; r < 2; r++)
    loss += 0.25 * tx_cross_entropy(tx_network_outputs(work, r), labels[r], tx_pack_records(pack),
                                    dims.heads[r].size, 0.05f, 0.25f, NULL);
  return loss;
}

/* The slope of the loss along the gradient, by finite differences, is the gradient's squared norm: the whole
   of backward, dropout included (its mask is the same in every forward of one seed). */
static void check_slope(fixture *f, const tx_pack *pack)
{
  void *memory;
  tx_work *work = new_work(TOKENS, SEQUENCES, &memory);
  const size_t elements = tx_layout_elements(&dims);
  float *gradients = tx_calloc_aligned(elements, sizeof *gradients),
        *original = tx_malloc_aligned(elements, sizeof *original);
  double squares = 0, losses[2], step;
  assert_true(gradients && original);
  memcpy(original, f->flat, elements * sizeof *original);
  loss_of(f, work, pack);
  tx_network_backward(&dims, f->weights, pack, work, NULL, gradients);
  for (size_t i = 0; i < elements; i++) squares += (double)gradients[i] * (double)gradients[i];
  step = 0.003 / sqrt(squares);
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < elements; i++)
      f->flat[i] = (float)((double)original[i] + (side ? step : -step) * (double)gradients[i]);
    losses[side] = loss_of(f, work, pack);
  }
  memcpy(f->flat, original, elements * sizeof *original);
  assert_true(fabs((losses[1] - losses[0]) / (2 * step) - squares) < 0.01 * squares);
  free(gradients);
  free(original);
  free(memory);
}

static void the_gradient_is_the_slope(void **state)
{
  fixture *f = *state;
  const uint32_t padding[SEQUENCES] = {0, 3, 0, 50, 1};
  tx_pack pack = {
      .sequences = SEQUENCES, .starts = starts, .ids = f->ids, .dropout = 0.2f, .dropout_seed = 5};
  check_slope(f, &pack);
  pack.sequences = 4; /* two records of two strands */
  pack.strands = 2;
  check_slope(f, &pack);
  pack.padding = padding;
  check_slope(f, &pack);
}

/* One weight after the other, those with the largest gradients of some tensors: not only the sum is right. */
static void gradients_of_pairs_are_slopes(void **state)
{
  fixture *f = *state;
  void *memory;
  tx_work *work = new_work(TOKENS, SEQUENCES, &memory);
  const tx_pack pack = {.sequences = 4, .strands = 2, .starts = starts, .ids = f->ids};
  const size_t tensors = tx_layout_count(&dims), elements = tx_layout_elements(&dims);
  float *gradients = tx_calloc_aligned(elements, sizeof *gradients);
  assert_non_null(gradients);
  loss_of(f, work, &pack);
  tx_network_backward(&dims, f->weights, &pack, work, NULL, gradients);
  for (size_t i = 0; i < tensors; i++) {
    tx_tensor_info info;
    size_t largest;
    double losses[2], step, slope;
    float kept;
    tx_layout_tensor(&dims, i, &info);
    largest = info.offset;
    for (size_t e = info.offset; e < info.offset + info.count; e++)
      if (fabsf(gradients[e]) > fabsf(gradients[largest])) largest = e;
    if (fabsf(gradients[largest]) < 2e-3f) continue; /* less than the loss shows in float */
    kept = f->flat[largest];
    step = fmin(0.05, 2e-3 / (double)fabsf(gradients[largest]));
    for (int side = 0; side < 2; side++) {
      f->flat[largest] = kept + (float)(side ? step : -step);
      losses[side] = loss_of(f, work, &pack);
    }
    f->flat[largest] = kept;
    slope = (losses[1] - losses[0]) / (2 * step);
    if (!(fabs(slope - (double)gradients[largest]) < 0.03 * fabs(slope)))
      fail_msg("%s: slope %g, gradient %g", info.name, slope, (double)gradients[largest]);
  }
  free(gradients);
  free(memory);
}

/* The embedding of a record is the mean of its strands', whichever comes first, and its logits are those of
   that. */
static void strands_are_averaged(void **state)
{
  const fixture *f = *state;
  enum { FIRST = 20, SECOND = 33 };
  const uint32_t turns[2][3] = {{0, FIRST, FIRST + SECOND}, {0, SECOND, FIRST + SECOND}};
  int32_t ids[2][FIRST + SECOND];
  float embeddings[2][WIDTH], logits[2][17];
  void *memory;
  tx_work *work = new_work(TOKENS, SEQUENCES, &memory);
  memcpy(ids[0], f->ids, sizeof ids[0]);
  memcpy(ids[1], f->ids + FIRST, SECOND * sizeof ids[0][0]);
  memcpy(ids[1] + SECOND, f->ids, FIRST * sizeof ids[0][0]);
  for (int turn = 0; turn < 2; turn++) {
    tx_pack pack = {.sequences = 2, .starts = turns[turn], .ids = ids[turn]};
    float means[WIDTH];
    tx_network_forward(&dims, f->weights, &pack, work);
    for (size_t j = 0; j < WIDTH; j++)
      means[j] = 0.5F * (tx_network_embedding(work)[j] + tx_network_embedding(work)[WIDTH + j]);
    pack.strands = 2;
    tx_network_forward(&dims, f->weights, &pack, work);
    assert_memory_equal(means, tx_network_embedding(work), sizeof means);
    memcpy(embeddings[turn], tx_network_embedding(work), sizeof embeddings[turn]);
    memcpy(logits[turn], tx_network_outputs(work, 1), sizeof logits[turn]);
    for (size_t c = 0; c < 17; c++) {
      const float *weight = f->weights[tx_head_tensor(&dims, 1)] + c * WIDTH;
      double logit = (double)f->weights[tx_head_tensor(&dims, 1) + 1][c];
      for (size_t j = 0; j < WIDTH; j++) logit += (double)weight[j] * (double)means[j];
      assert_true(fabs(logit - (double)logits[turn][c]) < 1e-5);
    }
  }
  for (size_t j = 0; j < WIDTH; j++) assert_true(fabsf(embeddings[0][j] - embeddings[1][j]) < 1e-5f);
  free(memory);
}

/* A label of -1 gives no gradient at that rank. */
static void missing_labels_give_no_gradient(void **state)
{
  float logits[2 * 3] = {1, 2, 3, 4, 5, 6};
  const int32_t labels[2] = {-1, 2};
  size_t correct;
  const double loss = tx_cross_entropy(logits, labels, 2, 3, 0.0f, 1.0f, &correct);
  (void)state;
  assert_true(fabs(loss - 0.40760596444438) < 1e-5);
  assert_int_equal(correct, 1);
  for (size_t c = 0; c < 3; c++) assert_true(logits[c] == 0.0f);
  assert_true(logits[5] < 0 && logits[3] > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(padding_is_left_out_of_the_mean),
      cmocka_unit_test(the_gradient_is_the_slope),
      cmocka_unit_test(gradients_of_pairs_are_slopes),
      cmocka_unit_test(strands_are_averaged),
      cmocka_unit_test(missing_labels_give_no_gradient),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
