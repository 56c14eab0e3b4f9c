/* The layout of the network: the golden file's names and shapes, offsets without gaps, bounds, initial
   values. */
#include "model/safetensors.h"
#include "nn/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tx_dims golden = {.vocabulary = 72,
                               .width = 32,
                               .layers = 2,
                               .state = 16,
                               .head_width = 16,
                               .expand = 2,
                               .kernel = 4,
                               .mlp = 128,
                               .head_count = 4,
                               .heads = {{TX_HEAD_TAXA, 1},
                                         {TX_HEAD_TAXA, 3},
                                         {TX_HEAD_TAXA, 5},
                                         {TX_HEAD_TAXA, 11}}};

static void layout_is_that_of_the_golden_file(void **state)
{
  tx_safetensors *file = NULL;
  tx_error error = {0};
  size_t weights = 0;
  (void)state;

  assert_int_equal(tx_safetensors_open(TX_TESTS_DIR "/golden/mamba2_encoder.safetensors", 1, &file, &error),
                   TX_OK);
  for (size_t i = 0; i < tx_safetensors_count(file); i++)
    weights += strncmp(tx_safetensors_at(file, i)->name, "w.", 2) == 0;
  assert_int_equal(weights, tx_layout_count(&golden));
  for (size_t i = 0; i < weights; i++) {
    tx_tensor_info info;
    char name[TX_TENSOR_NAME_SIZE + 2];
    const tx_section *section;
    tx_layout_tensor(&golden, i, &info);
    snprintf(name, sizeof name, "w.%s", info.name);
    section = tx_safetensors_find(file, name);
    if (!section) fail_msg("%s is not in the golden file", name);
    assert_int_equal(section->dtype, TX_DTYPE_F32);
    assert_int_equal(section->dimensions, info.dimensions);
    for (size_t j = 0; j < info.dimensions; j++) assert_int_equal(section->shape[j], info.shape[j]);
    assert_int_equal(section->size, info.count * sizeof(float));
  }
  tx_safetensors_close(file);
}

static void check_offsets(const tx_dims *dims)
{
  size_t offset = 0;
  for (size_t i = 0; i < tx_layout_count(dims); i++) {
    tx_tensor_info info;
    size_t count = 1;
    tx_layout_tensor(dims, i, &info);
    for (size_t j = 0; j < info.dimensions; j++) count *= info.shape[j];
    assert_int_equal(info.offset, offset);
    assert_int_equal(info.count, count);
    offset += count;
  }
  assert_int_equal(offset, tx_layout_elements(dims));
}

static void tensors_follow_each_other_without_gaps(void **state)
{
  tx_dims dims = golden;
  (void)state;
  check_offsets(&dims);
  dims = (tx_dims){.vocabulary = 5,
                   .width = 6,
                   .layers = 3,
                   .state = 7,
                   .head_width = 9,
                   .expand = 3,
                   .kernel = 2,
                   .mlp = 11};
  assert_null(tx_dims_fault(&dims));
  check_offsets(&dims);
  assert_int_equal(tx_layout_count(&dims), 1 + 3 * 16 + 2);
  dims.positions = 9;
  check_offsets(&dims);
  assert_int_equal(tx_layout_count(&dims), 1 + 3 * 16 + 2 + 1);
  dims.head_count = 2;
  dims.heads[0].size = dims.heads[1].size = 4;
  check_offsets(&dims);
  dims.token_head = 5;
  dims.decoder_layers = 2;
  check_offsets(&dims);
  assert_int_equal(tx_layout_count(&dims), 1 + 3 * 16 + 2 + 1 + 4 + (1 + 2 * 16 + 2 + 1 + 2));
  dims.positions = 0;
  check_offsets(&dims);
  dims.token_head = dims.decoder_layers = 0;
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_SHARED, 3};
  dims.towers[0] = 7;
  dims.towers[1] = 1;
  dims.tower_count = 2;
  assert_null(tx_dims_fault(&dims));
  check_offsets(&dims);
  assert_int_equal(tx_layout_count(&dims), 1 + 3 * 16 + 2 + 6 + 4 + 1);
  dims.projection = 5;
  check_offsets(&dims);
}

/* A shared space has a head of the DNA, the last one, and a tower at least. */
static void a_shared_space_is_whole(void **state)
{
  tx_dims dims = golden;
  tx_tensor_info info;
  (void)state;
  dims.towers[0] = 5;
  dims.tower_count = 1;
  assert_non_null(tx_dims_fault(&dims));
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_SHARED, 3};
  assert_null(tx_dims_fault(&dims));
  assert_int_equal(tx_dims_shared_width(&dims), 3);
  tx_layout_tensor(&dims, tx_tower_tensor(&dims, 0), &info);
  assert_string_equal(info.name, "towers.0.weight");
  assert_int_equal(info.shape[0], 3);
  assert_int_equal(info.shape[1], 5);
  tx_layout_tensor(&dims, tx_log_scale_tensor(&dims), &info);
  assert_string_equal(info.name, "log_scale");
  dims.towers[0] = 0;
  assert_non_null(tx_dims_fault(&dims));
  dims.tower_count = 0;
  assert_non_null(tx_dims_fault(&dims));
}

/* Published: 4.26 M parameters with the char vocabulary, d 384 and 2 layers (without heads). */
static void published_size_is_met(void **state)
{
  const tx_dims dims = {.vocabulary = 8,
                        .width = 384,
                        .layers = 2,
                        .state = 64,
                        .head_width = 48,
                        .expand = 2,
                        .kernel = 4,
                        .mlp = 1536};
  (void)state;
  assert_true(fabs((double)tx_layout_elements(&dims) - 4.26e6) < 0.02e6);
}

static void expect_fault(const tx_dims *dims, const char *word)
{
  const char *fault = tx_dims_fault(dims);
  if (!fault || !strstr(fault, word))
    fail_msg("expected a fault about '%s', got '%s'", word, fault ? fault : "none");
}

static void sizes_out_of_bounds_are_faults(void **state)
{
  tx_dims dims = golden;
  (void)state;
  assert_null(tx_dims_fault(&dims));
#define EXPECT(field, value, word) (dims = golden, dims.field = (value), expect_fault(&dims, word))
  EXPECT(vocabulary, 0, "vocabulary");
  EXPECT(vocabulary, ((size_t)1 << 20) + 1, "vocabulary");
  EXPECT(width, 0, "width");
  EXPECT(width, 8193, "width");
  EXPECT(layers, 0, "layers");
  EXPECT(layers, 257, "layers");
  EXPECT(state, 0, "state");
  EXPECT(state, SIZE_MAX, "state");
  dims = golden;
  dims.state = 4096;
  dims.layers = (1 << 23) / (dims.expand * dims.width * dims.state);
  assert_null(tx_dims_fault(&dims));
  dims.layers++;
  expect_fault(&dims, "states of all layers");
  EXPECT(head_width, 0, "head width");
  EXPECT(head_width, 7, "head width");
  EXPECT(head_width, 65, "head width");
  EXPECT(expand, 0, "expansion");
  EXPECT(expand, SIZE_MAX / 2, "expansion");
  EXPECT(kernel, 1, "convolution");
  EXPECT(kernel, 5, "convolution");
  EXPECT(mlp, 0, "MLP");
  EXPECT(mlp, SIZE_MAX, "MLP");
  EXPECT(positions, ((size_t)1 << 20) + 1, "positions");
  EXPECT(decoder_layers, 257, "decoder");
  EXPECT(decoder_layers, 1, "token head");
  EXPECT(head_count, TX_HEADS_MAX + 1, "ranks");
  EXPECT(heads[2].size, 0, "taxa");
  EXPECT(heads[3].size, ((size_t)1 << 24) + 1, "taxa");
#undef EXPECT
}

/* At the largest sizes allowed the sums still agree, so that no product overflows unseen. */
static void largest_sizes_do_not_overflow(void **state)
{
  tx_dims dims = {.vocabulary = (size_t)1 << 20,
                  .width = 8192,
                  .layers = 64, /* as many as the states of all layers allow */
                  .state = 1,
                  .head_width = 1,
                  .expand = 16,
                  .kernel = 4,
                  .mlp = (size_t)1 << 17,
                  .head_count = TX_HEADS_MAX,
                  .positions = (size_t)1 << 20,
                  .token_head = (size_t)1 << 20,
                  .decoder_layers = 256};
  (void)state;
  for (size_t head = 0; head < TX_RANKS_MAX; head++) dims.heads[head].size = (size_t)1 << 24;
  dims.heads[TX_RANKS_MAX] = (tx_head){TX_HEAD_STRAND, 1};
  dims.heads[TX_RANKS_MAX + 1] = (tx_head){TX_HEAD_REGRESSION, 16};
  dims.heads[TX_RANKS_MAX + 2] = (tx_head){TX_HEAD_SHARED, 1 << 16};
  dims.tower_count = TX_TOWERS_MAX;
  for (size_t tower = 0; tower < TX_TOWERS_MAX; tower++) dims.towers[tower] = (size_t)1 << 20;
  if (sizeof(size_t) < 8) {
    assert_non_null(tx_dims_fault(&dims));
    return;
  }
  assert_null(tx_dims_fault(&dims));
  check_offsets(&dims);
}

static void weight_decay_spares_norms_biases_and_state(void **state)
{
  static const char *const decaying[] = {"emb.weight",      "in_proj.weight", "conv1d.weight",
                                         "out_proj.weight", "fc1.weight",     "fc2.weight"};
  (void)state;
  for (size_t i = 0; i < tx_layout_count(&golden); i++) {
    tx_tensor_info info;
    bool expected;
    tx_layout_tensor(&golden, i, &info);
    expected = strncmp(info.name, "heads.", 6) == 0 && strstr(info.name, ".weight") != NULL;
    for (size_t j = 0; j < sizeof decaying / sizeof *decaying; j++) {
      const size_t length = strlen(decaying[j]), name_length = strlen(info.name);
      if (name_length >= length && strcmp(info.name + name_length - length, decaying[j]) == 0)
        expected = true;
    }
    if (info.decay != expected) fail_msg("weight decay of %s is wrong", info.name);
  }
}

static void moments(const float *values, size_t count, double *mean, double *deviation, double *smallest,
                    double *largest)
{
  double sum = 0, squares = 0;
  *smallest = INFINITY;
  *largest = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    sum += values[i];
    squares += (double)values[i] * values[i];
    *smallest = fmin(*smallest, values[i]);
    *largest = fmax(*largest, values[i]);
  }
  *mean = sum / (double)count;
  *deviation = sqrt(squares / (double)count - *mean * *mean);
}

static void check_initial(const tx_tensor_info *info, const float *values)
{
  double mean, deviation, smallest, largest;
  moments(values, info->count, &mean, &deviation, &smallest, &largest);
  switch (info->init) {
  case TX_INIT_NORMAL:
  case TX_INIT_NORMAL_RESIDUAL: {
    const double wanted = info->init == TX_INIT_NORMAL ? 0.02 : 0.02 / sqrt(4.0);
    if (info->count < 1000) break;
    assert_true(fabs(mean) < 5 * wanted / sqrt((double)info->count));
    assert_true(fabs(deviation / wanted - 1) < 5 / sqrt(2.0 * (double)info->count));
    break;
  }
  case TX_INIT_ZERO:
    assert_true(smallest == 0 && largest == 0);
    break;
  case TX_INIT_ONE:
    assert_true(smallest == 1 && largest == 1);
    break;
  case TX_INIT_A_LOG:
    assert_true(smallest >= 0 && largest <= log(16) + 1e-6);
    break;
  case TX_INIT_DT_BIAS: /* softplus gives dt back */
    assert_true(log1p(exp(smallest)) >= 0.001 * (1 - 1e-5) && log1p(exp(largest)) <= 0.1 * (1 + 1e-5));
    break;
  case TX_INIT_CONV:
    assert_true(smallest >= -0.5 && largest <= 0.5 && smallest < -0.4 && largest > 0.4);
    break;
  case TX_INIT_LOG_SCALE:
    assert_true(fabs(smallest - log(1 / 0.07)) < 1e-6 && smallest == largest);
    break;
  }
}

static void initial_weights_have_their_distributions(void **state)
{
  const size_t elements = tx_layout_elements(&golden);
  float *first = malloc(elements * sizeof *first), *second = malloc(elements * sizeof *second);
  (void)state;
  assert_true(first && second);
  tx_layout_initialise(&golden, 7, first);
  tx_layout_initialise(&golden, 7, second);
  assert_memory_equal(first, second, elements * sizeof *first);
  tx_layout_initialise(&golden, 8, second);
  for (size_t i = 0; i < tx_layout_count(&golden); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&golden, i, &info);
    check_initial(&info, first + info.offset);
    if (info.init != TX_INIT_ZERO && info.init != TX_INIT_ONE)
      assert_memory_not_equal(first + info.offset, second + info.offset, info.count * sizeof *first);
  }
  free(first);
  free(second);
}

/* A tensor's stream is its own: more classes in a later head do not change the tensors before it. */
static void initial_weights_do_not_depend_on_other_tensors(void **state)
{
  tx_dims wider = golden;
  float *first = malloc(tx_layout_elements(&golden) * sizeof *first), *second;
  tx_tensor_info last;
  (void)state;
  wider.heads[3].size = 20;
  second = malloc(tx_layout_elements(&wider) * sizeof *second);
  assert_true(first && second);
  tx_layout_initialise(&golden, 7, first);
  tx_layout_initialise(&wider, 7, second);
  tx_layout_tensor(&golden, tx_layout_count(&golden) - 1, &last);
  assert_memory_equal(first, second, last.offset * sizeof *first);
  free(first);
  free(second);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layout_is_that_of_the_golden_file),
      cmocka_unit_test(tensors_follow_each_other_without_gaps),
      cmocka_unit_test(a_shared_space_is_whole),
      cmocka_unit_test(published_size_is_met),
      cmocka_unit_test(sizes_out_of_bounds_are_faults),
      cmocka_unit_test(largest_sizes_do_not_overflow),
      cmocka_unit_test(weight_decay_spares_norms_biases_and_state),
      cmocka_unit_test(initial_weights_have_their_distributions),
      cmocka_unit_test(initial_weights_do_not_depend_on_other_tensors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
