/* The masked autoencoder: what the encoder sees, that hidden tokens do not leak into it, that the gradient of
   every part is the slope of the loss, and that a model is the beginning of the layout. */
#include "nn/decoder.h"

#include "base/memory.h"
#include "base/random.h"
#include "nn/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEQUENCES = 4, TOKENS = 200, WIDTH = 32, SYMBOLS = 72 };
/* Fewer positions than the longest sequence has tokens. */
static const tx_dims dims = {.vocabulary = SYMBOLS,
                             .width = WIDTH,
                             .layers = 2,
                             .state = 16,
                             .head_width = 16,
                             .expand = 2,
                             .kernel = 4,
                             .mlp = 64,
                             .positions = 90,
                             .token_head = SYMBOLS,
                             .decoder_layers = 1};
static const uint32_t starts[SEQUENCES + 1] = {0, 2, 53, 191, 200};

typedef struct fixture {
  float *flat, *gradients;
  const float **weights;
  int32_t ids[TOKENS], targets[TOKENS];
  void *memory[2];
  tx_work *work;
  tx_decoder *decoder;
} fixture;

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  const size_t sizes[2] = {tx_network_work_size(&dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES),
                           tx_decoder_size(&dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES)};
  tx_random stream;
  assert_non_null(f);
  assert_null(tx_dims_fault(&dims));
  f->flat = tx_calloc_aligned(tx_layout_elements(&dims), sizeof *f->flat);
  f->gradients = tx_calloc_aligned(tx_layout_elements(&dims), sizeof *f->gradients);
  f->weights = calloc(tx_layout_count(&dims), sizeof *f->weights);
  for (int i = 0; i < 2; i++) f->memory[i] = tx_malloc_aligned(sizes[i], 1);
  assert_true(f->flat && f->gradients && f->weights && f->memory[0] && f->memory[1]);
  f->work = tx_network_work_init(&dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES, f->memory[0]);
  f->decoder = tx_decoder_init(&dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES, f->memory[1]);
  tx_layout_initialise(&dims, 3, f->flat);
  tx_random_seed(&stream, 9, 0, 0, 0);
  for (size_t i = 0; i < tx_layout_count(&dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    f->weights[i] = f->flat + info.offset;
    /* larger than at the start, so that all of them count */
    if (strstr(info.name, "emb.") || strstr(info.name, "token_head"))
      for (size_t j = 0; j < info.count; j++)
        f->flat[info.offset + j] = (float)(0.2 * tx_random_normal(&stream));
  }
  for (size_t i = 0; i < TOKENS; i++) {
    f->ids[i] = (int32_t)tx_random_below(&stream, SYMBOLS);
    f->targets[i] = tx_random_below(&stream, 2) ? f->ids[i] : TX_TARGET_NONE;
  }
  f->targets[0] = f->ids[0]; /* the first sequence begins with a hidden token and ends with a visible one */
  f->targets[1] = TX_TARGET_NONE;
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

static void the_encoder_sees_what_is_visible(void **state)
{
  fixture *f = *state;
  const tx_pack pack = {
      .sequences = SEQUENCES, .starts = starts, .ids = f->ids, .dropout = 0.25f, .dropout_seed = 4};
  const tx_pack *seen = tx_decoder_visible(f->decoder, &pack, f->targets);
  size_t row = 0;
  assert_int_equal(seen->sequences, SEQUENCES);
  for (size_t s = 0; s < SEQUENCES; s++) {
    assert_int_equal(seen->starts[s], row);
    for (uint32_t t = starts[s]; t < starts[s + 1]; t++) {
      if (f->targets[t] >= 0) continue;
      assert_int_equal(seen->ids[row], f->ids[t]);
      assert_int_equal(seen->positions[row++], t - starts[s]);
    }
    assert_true(row > seen->starts[s]);
  }
  assert_int_equal(seen->starts[SEQUENCES], row);
  assert_true(seen->dropout == pack.dropout && seen->dropout_seed == pack.dropout_seed && !seen->rows &&
              !seen->padding);
}

static double loss_of(fixture *f, const tx_pack *pack)
{
  tx_token_sums sums;
  tx_network_forward(&dims, f->weights, tx_decoder_visible(f->decoder, pack, f->targets), f->work);
  tx_decoder_forward(&dims, f->weights, &(tx_decoder_input){tx_network_hidden(f->work), pack, f->targets},
                     f->decoder, &sums);
  return sums.loss;
}

/* Other ids at hidden places: the same loss to the last bit. At a visible place: another one. */
static void hidden_tokens_do_not_leak(void **state)
{
  fixture *f = *state;
  int32_t other[TOKENS];
  const tx_pack pack = {.sequences = SEQUENCES, .starts = starts, .ids = f->ids},
                changed = {.sequences = SEQUENCES, .starts = starts, .ids = other};
  const double loss = loss_of(f, &pack);
  size_t visible = 60;
  for (size_t t = 0; t < TOKENS; t++) other[t] = f->targets[t] >= 0 ? (f->ids[t] + 7) % SYMBOLS : f->ids[t];
  assert_true(loss - loss_of(f, &changed) == 0.0);
  while (f->targets[visible] >= 0) visible++;
  other[visible] = (other[visible] + 1) % SYMBOLS;
  assert_true(fabs(loss - loss_of(f, &changed)) > 1e-4);
}

static void gradient(fixture *f, const tx_pack *pack, bool encoder, tx_token_sums *sums)
{
  const tx_pack *seen = tx_decoder_visible(f->decoder, pack, f->targets);
  float *hidden_gradient = encoder ? tx_decoder_gradient(f->decoder) : NULL;
  memset(f->gradients, 0, tx_layout_elements(&dims) * sizeof *f->gradients);
  tx_network_forward(&dims, f->weights, seen, f->work);
  tx_decoder_backward(&dims, f->weights, &(tx_decoder_input){tx_network_hidden(f->work), pack, f->targets},
                      f->decoder, &(tx_token_gradients){hidden_gradient, f->gradients}, sums);
  if (encoder) tx_network_backward_hidden(&dims, f->weights, seen, f->work, hidden_gradient, f->gradients);
}

static size_t offset_of(size_t tensor)
{
  tx_tensor_info info;
  if (tensor == tx_layout_count(&dims)) return tx_layout_elements(&dims);
  tx_layout_tensor(&dims, tensor, &info);
  return info.offset;
}

/* Along the gradient of tensors first..last-1 the loss rises by the square of its norm. */
static void check_slope(fixture *f, const tx_pack *pack, const char *part, size_t first_tensor,
                        size_t last_tensor)
{
  const size_t first = offset_of(first_tensor), count = offset_of(last_tensor) - first;
  float *original = malloc(count * sizeof *original);
  double squares = 0, losses[2], step, slope;
  assert_non_null(original);
  memcpy(original, f->flat + first, count * sizeof *original);
  for (size_t i = 0; i < count; i++)
    squares += (double)f->gradients[first + i] * (double)f->gradients[first + i];
  assert_true(squares > 0);
  step = 0.2 / squares; /* changes a loss of some hundreds by 0.2 */
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < count; i++)
      f->flat[first + i] =
          (float)((double)original[i] + (side ? step : -step) * (double)f->gradients[first + i]);
    losses[side] = loss_of(f, pack);
  }
  memcpy(f->flat + first, original, count * sizeof *original);
  slope = (losses[1] - losses[0]) / (2 * step);
  if (!(fabs(slope - squares) < 0.01 * squares))
    fail_msg("%s: slope %.6g, squared gradient %.6g", part, slope, squares);
  free(original);
}

static void the_gradient_is_the_slope(void **state)
{
  fixture *f = *state;
  const tx_pack pack = {
      .sequences = SEQUENCES, .starts = starts, .ids = f->ids, .dropout = 0.2f, .dropout_seed = 5};
  const tx_dims own = tx_decoder_dims(&dims);
  const size_t all = tx_layout_count(&dims), decoder = tx_decoder_tensor(&dims);
  tx_token_sums sums;
  gradient(f, &pack, true, &sums);
  assert_true(fabs(sums.loss - loss_of(f, &pack)) < 1e-9);
  check_slope(f, &pack, "all", 0, all);
  check_slope(f, &pack, "tokens", 0, 1);
  check_slope(f, &pack, "layers", 1, tx_last_norm_tensor(&dims));
  check_slope(f, &pack, "last norm", tx_last_norm_tensor(&dims), tx_position_tensor(&dims));
  check_slope(f, &pack, "positions", tx_position_tensor(&dims), decoder);
  check_slope(f, &pack, "mask embedding", decoder, decoder + 1);
  check_slope(f, &pack, "decoder's layers", decoder + 1, decoder + tx_position_tensor(&own));
  check_slope(f, &pack, "decoder's positions", decoder + tx_position_tensor(&own),
              decoder + tx_token_head_tensor(&own));
  check_slope(f, &pack, "token head", decoder + tx_token_head_tensor(&own), all);
}

/* A frozen encoder: the decoder's gradient is the same, and nothing else is touched. */
static void the_decoder_alone(void **state)
{
  fixture *f = *state;
  const tx_pack pack = {.sequences = SEQUENCES, .starts = starts, .ids = f->ids};
  const size_t elements = tx_layout_elements(&dims), encoder = offset_of(tx_decoder_tensor(&dims));
  float *whole = malloc(elements * sizeof *whole);
  tx_token_sums sums;
  assert_non_null(whole);
  gradient(f, &pack, true, &sums);
  memcpy(whole, f->gradients, elements * sizeof *whole);
  gradient(f, &pack, false, &sums);
  assert_memory_equal(whole + encoder, f->gradients + encoder, (elements - encoder) * sizeof *whole);
  for (size_t i = 0; i < encoder; i++) assert_true(f->gradients[i] == 0.0f);
  free(whole);
}

static void the_model_is_the_beginning(void **state)
{
  tx_dims model = dims;
  tx_tensor_info a, b;
  float *flat;
  fixture *f = *state;
  (void)f;
  model.token_head = model.decoder_layers = 0;
  assert_int_equal(tx_layout_count(&model), tx_decoder_tensor(&dims));
  for (size_t i = 0; i < tx_layout_count(&model); i++) {
    tx_layout_tensor(&model, i, &a);
    tx_layout_tensor(&dims, i, &b);
    assert_string_equal(a.name, b.name);
    assert_int_equal(a.offset, b.offset);
  }
  assert_string_equal(a.name, "emb.positions");
  assert_true(a.decay && a.shape[0] == 90 && a.shape[1] == WIDTH);
  tx_layout_tensor(&dims, tx_decoder_tensor(&dims), &b);
  assert_string_equal(b.name, "decoder.emb.weight");
  assert_int_equal(b.shape[0], 1);
  tx_layout_tensor(&dims, tx_layout_count(&dims) - 1, &b);
  assert_string_equal(b.name, "decoder.token_head.bias");
  assert_int_equal(tx_decoder_size(&dims, TX_PRECISION_FLOAT32, SIZE_MAX / 8, 2), 0);
  flat = malloc(tx_layout_elements(&dims) * sizeof *flat);
  assert_non_null(flat);
  tx_layout_initialise(&dims, 3, flat);
  for (size_t i = 0; i < tx_layout_elements(&model); i++) f->flat[i] = 0;
  tx_layout_initialise(&model, 3, f->flat);
  assert_memory_equal(flat, f->flat, tx_layout_elements(&model) * sizeof *flat);
  free(flat);
}

/* What goes into the residual stream begins as small as the decoder's own layers ask for, not the
   encoder's. */
static void the_decoder_begins_as_a_network_of_its_depth(void **state)
{
  const fixture *f = *state;
  for (size_t i = 0; i < tx_layout_count(&dims); i++) {
    const double layers = i < tx_decoder_tensor(&dims) ? 2 : 1;
    double squares = 0;
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    if (info.init != TX_INIT_NORMAL_RESIDUAL) continue;
    for (size_t j = 0; j < info.count; j++) squares += (double)f->weights[i][j] * (double)f->weights[i][j];
    assert_true(fabs(sqrt(squares / (double)info.count) * sqrt(2 * layers) / 0.02 - 1) < 0.1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_encoder_sees_what_is_visible),
                                     cmocka_unit_test(hidden_tokens_do_not_leak),
                                     cmocka_unit_test(the_gradient_is_the_slope),
                                     cmocka_unit_test(the_decoder_alone),
                                     cmocka_unit_test(the_decoder_begins_as_a_network_of_its_depth),
                                     cmocka_unit_test(the_model_is_the_beginning)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
