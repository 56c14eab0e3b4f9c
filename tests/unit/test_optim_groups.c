/* Parameter groups, what AdamW does with them, and the parts of an optimiser's state. */
#include "optim/groups.h"

#include "nn/layout.h"
#include "optim/adamw.h"
#include "optim/optimiser.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tx_dims network = {.vocabulary = 12,
                                .width = 8,
                                .layers = 1,
                                .state = 4,
                                .head_width = 8,
                                .expand = 2,
                                .kernel = 4,
                                .mlp = 16,
                                .head_count = 2,
                                .heads = {{TX_HEAD_TAXA, 3}, {TX_HEAD_TAXA, 5}}};

static tx_error error;

static tx_parameter_groups make_groups(const tx_group_rules *rules)
{
  tx_parameter_groups groups;
  assert_int_equal(tx_parameter_groups_create(&network, rules, &groups, &error), TX_OK);
  assert_int_equal(groups.count, tx_layout_count(&network));
  assert_int_equal(groups.elements, tx_layout_elements(&network));
  return groups;
}

static tx_tensor_info first_head(void)
{
  tx_tensor_info info;
  tx_layout_tensor(&network, tx_head_tensor(&network, 0), &info);
  return info;
}

/* Rate and freezing end where the heads begin; decay is that of the layout. */
static void test_rules(void **state)
{
  const tx_group_rules plain = {.encoder_rate = 1},
                       tuned = {.encoder_rate = 0.25, .freeze_encoder = true, .preconditioner_limit = 100};
  tx_parameter_groups groups = make_groups(&plain);
  const size_t heads = tx_head_tensor(&network, 0);
  size_t preconditioned = 0;
  (void)state;
  assert_int_equal(groups.frozen, 0);
  for (size_t i = 0; i < groups.count; i++) {
    const tx_parameter_group *group = &groups.groups[i];
    assert_true(group->rate == 1 && !group->frozen && !group->preconditioned &&
                group->decay == group->tensor.decay);
  }
  tx_parameter_groups_free(&groups);
  groups = make_groups(&tuned);
  assert_int_equal(groups.frozen, first_head().offset);
  for (size_t i = 0; i < groups.count; i++) {
    const tx_parameter_group *group = &groups.groups[i];
    assert_true(group->rate == (i < heads ? 0.25 : 1.0));
    assert_true(group->frozen == (i < heads));
    assert_true(group->preconditioned == tx_suits_preconditioner(&network, i, 100));
    preconditioned += group->preconditioned;
  }
  assert_true(preconditioned > 2);
  tx_parameter_groups_free(&groups);
  assert_null(groups.groups);
}

/* What is frozen keeps its moments in the state, but gets no update and counts in no norm. */
static void test_frozen(void **state)
{
  const tx_group_rules rules = {.encoder_rate = 1, .freeze_encoder = true};
  const tx_adamw_options options = {.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.1};
  tx_parameter_groups groups = make_groups(&rules);
  const size_t elements = groups.elements, frozen = groups.frozen;
  float *weights = calloc(elements, sizeof *weights), *gradients = calloc(elements, sizeof *gradients);
  tx_adamw optimiser;
  tx_pool *pool = NULL;
  (void)state;
  assert_true(weights && gradients);
  for (size_t i = 0; i < elements; i++) weights[i] = gradients[i] = 1;
  assert_int_equal(tx_pool_create(2, &pool, &error), TX_OK);
  assert_int_equal(tx_adamw_create(&groups, &options, &optimiser, &error), TX_OK);
  assert_int_equal(optimiser.elements, elements);
  assert_true(fabs(tx_gradient_norm(&optimiser, pool, gradients) - sqrt((double)(elements - frozen))) < 1e-9);
  tx_adamw_step(&optimiser, pool, 0.1, 1, gradients, weights);
  for (size_t i = 0; i < elements; i++) assert_true(i < frozen ? weights[i] == 1.0F : weights[i] < 1.0F);
  tx_adamw_free(&optimiser);
  tx_pool_free(pool);
  tx_parameter_groups_free(&groups);
  free(weights);
  free(gradients);
}

static void check_part(const tx_state_part *part, const char *name, tx_state_kind kind, size_t count)
{
  assert_string_equal(part->name, name);
  assert_int_equal(part->kind, kind);
  assert_int_equal(part->count, count);
  assert_non_null(part->data);
}

/* Moments alone, or with the state of the matrices and the library that makes it. */
static void test_parts(void **state)
{
  static const int kinds[] = {TX_OPTIMISER_ADAMW, TX_OPTIMISER_KL_SHAMPOO, TX_OPTIMISER_KL_SOAP};
  static const char *const names[] = {"AdamW", "KL-Shampoo", "KL-SOAP"};
  size_t count;
  const tx_param *params = tx_train_params(&count);
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    tx_train_config config;
    tx_optimiser optimiser;
    tx_state_parts parts = {0};
    assert_int_equal(tx_param_defaults(params, count, &config, &error), TX_OK);
    config.optimiser = kinds[i];
    if (tx_optimiser_create(&config, &network, 2, &optimiser, &error) != TX_OK) fail_msg("%s", error.message);
    assert_string_equal(optimiser.name, names[i]);
    assert_int_equal(tx_optimiser_parts(&optimiser, &parts, &error), TX_OK);
    assert_int_equal(parts.count, i ? 4 : 2);
    check_part(&parts.parts[0], "checkpoint.adamw.m", TX_STATE_FINITE, optimiser.adamw.elements);
    check_part(&parts.parts[1], "checkpoint.adamw.v", TX_STATE_SQUARES, optimiser.adamw.elements);
    if (i) {
      check_part(&parts.parts[2], "checkpoint.kl.state", TX_STATE_NOT_NAN, optimiser.matrices.elements);
      check_part(&parts.parts[3], "checkpoint.openblas", TX_STATE_TEXT, sizeof optimiser.matrices.library);
      assert_true(optimiser.matrices.library[0] != 0);
    }
    count = 0;
    for (size_t p = 0; p < parts.count; p++)
      if (parts.parts[p].kind != TX_STATE_TEXT)
        count += parts.parts[p].count * tx_state_size(parts.parts[p].kind);
    assert_int_equal(tx_optimiser_bytes(&optimiser), count);
    tx_optimiser_set_step(&optimiser, 17);
    assert_true(optimiser.adamw.step == 17 && optimiser.matrices.step == 17);
    tx_state_parts_free(&parts);
    tx_optimiser_free(&optimiser);
    params = tx_train_params(&count);
  }
}

/* A part without elements is no part. */
static void test_empty_part(void **state)
{
  tx_state_parts parts = {0};
  int32_t numbers[4] = {0};
  (void)state;
  for (size_t i = 0; i < 40; i++) {
    const tx_state_part part = {"numbers", TX_STATE_INT32, i % 2 ? 4 : 0, numbers};
    assert_int_equal(tx_state_parts_add(&parts, part, &error), TX_OK);
  }
  assert_int_equal(parts.count, 20);
  assert_int_equal(tx_state_size(TX_STATE_INT32), sizeof(int32_t));
  assert_int_equal(tx_state_size(TX_STATE_TEXT), 1);
  assert_int_equal(tx_state_size(TX_STATE_SQUARES), sizeof(float));
  tx_state_parts_free(&parts);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules), cmocka_unit_test(test_frozen),
                                     cmocka_unit_test(test_parts), cmocka_unit_test(test_empty_part)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
