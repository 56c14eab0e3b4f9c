/* One AdamW step against golden/mamba2_encoder.safetensors: learning rate 8e-4, weight decay 0.1 on every
   tensor. */
#include "golden/golden.h"

#include "base/pool.h"
#include "optim/adamw.h"
#include "optim/groups.h"

enum { RANKS = 4 };

static void test_step(void **state)
{
  const tx_dims dims = {.vocabulary = 72,
                        .width = 32,
                        .layers = 2,
                        .state = 16,
                        .head_width = 16,
                        .expand = 2,
                        .kernel = 4,
                        .mlp = 128,
                        .head_count = RANKS,
                        .heads = {{TX_HEAD_TAXA, 1},
                                  {TX_HEAD_TAXA, 3},
                                  {TX_HEAD_TAXA, 5},
                                  {TX_HEAD_TAXA, 11}}};
  const tx_group_rules rules = {.encoder_rate = 1};
  const tx_adamw_options options = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1};
  const size_t elements = tx_layout_elements(&dims);
  float *weights = calloc(elements, sizeof *weights), *gradients = calloc(elements, sizeof *gradients);
  tx_safetensors *file = NULL;
  tx_parameter_groups groups;
  tx_adamw optimiser;
  tx_pool *pool = NULL;
  tx_error error;
  (void)state;
  assert_non_null(weights);
  assert_non_null(gradients);
  if (tx_safetensors_open(TX_TESTS_DIR "/golden/mamba2_encoder.safetensors", 0, &file, &error) != TX_OK)
    fail_msg("%s", error.message);
  assert_int_equal(tx_pool_create(2, &pool, &error), TX_OK);
  assert_int_equal(tx_parameter_groups_create(&dims, &rules, &groups, &error), TX_OK);
  for (size_t i = 0; i < groups.count; i++) groups.groups[i].decay = true;
  assert_int_equal(tx_adamw_create(&groups, &options, &optimiser, &error), TX_OK);
  tx_parameter_groups_free(&groups);
  for (size_t i = 0; i < tx_layout_count(&dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    memcpy(weights + info.offset, golden_floats(file, "w.", info.name, info.count),
           info.count * sizeof *weights);
    memcpy(gradients + info.offset, golden_floats(file, "g.", info.name, info.count),
           info.count * sizeof *gradients);
  }
  tx_adamw_step(&optimiser, pool, 8e-4, 1.0F, gradients, weights);
  for (size_t i = 0; i < tx_layout_count(&dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    golden_compare(info.name, weights + info.offset, golden_floats(file, "adamw1.", info.name, info.count),
                   info.count, 1e-6);
  }
  tx_adamw_free(&optimiser);
  tx_pool_free(pool);
  tx_safetensors_close(file);
  free(gradients);
  free(weights);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_step)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
