/* The parameter table of training, and configurations in files. */
#include "settings/config.h"

#include "nn/dims.h"
#include "seq/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tx_param *params;
static size_t param_count;

static tx_train_config *defaults(void)
{
  tx_train_config *config = calloc(1, sizeof *config);
  tx_error error;
  assert_non_null(config);
  params = tx_train_params(&param_count);
  if (tx_param_defaults(params, param_count, config, &error) != TX_OK) fail_msg("%s", error.message);
  return config;
}

static void set(tx_train_config *config, const char *name, const char *value)
{
  tx_error error;
  if (tx_param_set(params, param_count, config, name, value, &error) != TX_OK) fail_msg("%s", error.message);
}

/* Every field of the struct has a parameter: a pattern written before the defaults is gone everywhere. */
static void test_table(void **state)
{
  tx_train_config *config = defaults();
  size_t covered = 0;
  (void)state;
  for (size_t i = 0; i < param_count; i++) {
    const tx_param *p = &params[i];
    assert_true(strlen(p->help) > 10 && p->help[strlen(p->help) - 1] == '.');
    assert_true(p->section && *p->section);
    assert_null(strpbrk(p->name, "_ ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    for (size_t j = 0; j < i; j++) {
      assert_string_not_equal(p->name, params[j].name);
      assert_true(p->offset != params[j].offset);
      assert_true(!p->letter || p->letter != params[j].letter);
    }
    covered += tx_param_is_text(p->type)     ? TX_TEXT_SIZE
               : p->type == TX_PARAM_FLAG   ? sizeof(bool)
               : p->type == TX_PARAM_CHOICE ? sizeof(int)
                                            : 8;
  }
  assert_true(covered <= sizeof *config && sizeof *config - covered < 32); /* only padding is left */
  assert_int_equal(config->d_model, 128);
  assert_string_equal(config->split, "train");
  assert_true(config->random_offset);
  assert_true(config->learning_rate > 0);
  free(config);
}

/* The settings that the sizes of a network name are whole numbers, within the bounds of a model. */
static void test_sizes(void **state)
{
  size_t count, options = 0;
  const tx_dim *table = tx_dim_table(&count);
  (void)state;
  for (size_t i = 0; i < count; i++) {
    const tx_param *param;
    if (!table[i].opt_option) continue;
    param = tx_train_param(table[i].opt_option);
    assert_non_null(param);
    assert_int_equal(param->type, TX_PARAM_COUNT);
    assert_true(param->maximum <= (double)table[i].most);
    options++;
  }
  assert_int_equal(options, 8);
  assert_null(tx_train_param("no-such-setting"));
}

/* No setting by itself asks for more than a model may have. */
static void test_within_the_bounds_of_models(void **state)
{
  static const tx_dims small = {.vocabulary = 8,
                                .width = 8,
                                .layers = 1,
                                .state = 1,
                                .head_width = 1,
                                .expand = 1,
                                .kernel = 2,
                                .mlp = 1};
  size_t count;
  const tx_dim *table = tx_dim_table(&count);
  tx_train_config *config = defaults();
  (void)state;
  for (size_t i = 0; i < param_count; i++) {
    const char *name = params[i].name;
    const size_t most = (size_t)params[i].maximum;
    tx_tokenizer tokenizer = {.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1};
    tx_dims dims = small;
    tx_error error;
    if (strcmp(name, "max-bases") == 0) tokenizer.max_bases = (uint32_t)most;
    if (strcmp(name, "pad-to") == 0) tokenizer.pad_to = (uint32_t)most;
    for (size_t d = 0; d < count; d++)
      if (table[d].opt_option && strcmp(name, table[d].opt_option) == 0 && strcmp(name, "headdim") != 0)
        *tx_dim_field(&table[d], &dims) = most;
    assert_int_equal(tx_tokenizer_check(&tokenizer, &error), TX_OK);
    if (tx_dims_fault(&dims)) fail_msg("--%s: %s", name, tx_dims_fault(&dims));
  }
  free(config);
}

static void test_check(void **state)
{
  tx_train_config *config = defaults();
  tx_error error;
  (void)state;
  assert_int_equal(tx_train_config_check(config, &error), TX_OK);
  config->beta1 = 1.0;
  assert_int_equal(tx_train_config_check(config, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "beta1"));
  config->beta1 = 0.9;
  config->batch = 0;
  assert_int_equal(tx_train_config_check(config, &error), TX_ERROR_USAGE);
  config->batch = 64;
  config->tokenizer = 3;
  assert_int_equal(tx_train_config_check(config, &error), TX_ERROR_USAGE);
  config->tokenizer = 1;
  memset(config->ranks, 'x', sizeof config->ranks);
  assert_int_equal(tx_train_config_check(config, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "ranks"));
  free(config);
}

static void test_write_and_compare(void **state)
{
  tx_train_config *config = defaults();
  char *one = NULL, *other = NULL;
  tx_error error;
  (void)state;
  set(config, "learning-rate", "0.00123456789012345");
  set(config, "ranks", "order,family \"quoted\"");
  set(config, "threads", "3");
  assert_int_equal(tx_train_config_write(config, &one, &error), TX_OK);
  set(config, "threads", "7");
  set(config, "checkpoint-minutes", "1");
  assert_int_equal(tx_train_config_write(config, &other, &error), TX_OK);
  assert_string_equal(one, other);
  if (tx_train_config_agrees(config, one, "x.checkpoint", &error) != TX_OK) fail_msg("%s", error.message);
  set(config, "patience", "3");
  assert_int_equal(tx_train_config_agrees(config, one, "x.checkpoint", &error), TX_OK);
  set(config, "epochs", "41");
  assert_int_equal(tx_train_config_agrees(config, one, "x.checkpoint", &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "--epochs"));
  assert_non_null(strstr(error.message, "x.checkpoint"));
  /* Cut, of a wrong type, out of bounds, with an unknown key, no object: a fault of the checkpoint, whose
     name is in the message. */
  static const char *const broken[] = {
      "{\"epochs\":",          "{\"epochs\": true}", "{\"batch\": 0}", "{\"epochz\": 4}", "[]", "",
      "{\"optimiser\": \"x\"}"};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    assert_int_equal(tx_train_config_agrees(config, broken[i], "x.checkpoint", &error), TX_ERROR_MODEL);
    assert_int_equal(strncmp(error.message, "x.checkpoint is damaged", 23), 0);
  }
  free(one);
  free(other);
  free(config);
}

/* A checkpoint of before there was a choice of optimisers was made with AdamW. */
static void test_older_checkpoint(void **state)
{
  static const char older[] = "{\"batch\": 64, \"learning-rate\": 0.002, \"beta1\": 0.9, \"beta2\": 0.999}";
  tx_train_config *config = defaults();
  tx_error error;
  (void)state;
  assert_int_equal(config->optimiser, TX_OPTIMISER_KL_SOAP);
  set(config, "optimiser", "adamw");
  set(config, "batch", "64");
  set(config, "contrast", "0");
  set(config, "ema", "0");
  if (tx_train_config_agrees(config, older, "x.checkpoint", &error) != TX_OK) fail_msg("%s", error.message);
  set(config, "optimiser", "kl-soap");
  assert_int_equal(config->optimiser, TX_OPTIMISER_KL_SOAP);
  assert_int_equal(tx_train_config_agrees(config, older, "x.checkpoint", &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "--optimiser 'adamw'"));
  free(config);
}

/* One of before matrices were cut into blocks has whole ones. */
static void test_checkpoint_of_whole_matrices(void **state)
{
  static const char older[] = "{\"optimiser\": \"kl-soap\"}";
  tx_train_config *config = defaults();
  tx_error error;
  (void)state;
  set(config, "contrast", "0");
  set(config, "ema", "0");
  assert_int_equal(tx_train_config_agrees(config, older, "x.checkpoint", &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "--preconditioner-block '32768'"));
  set(config, "preconditioner-block", "32768");
  if (tx_train_config_agrees(config, older, "x.checkpoint", &error) != TX_OK) fail_msg("%s", error.message);
  free(config);
}

/* Files from before a setting existed mean its default, which is what the run did then. */
static void test_old_files(void **state)
{
  static const char *const since[] = {"hierarchical-smoothing", "class-weights", "rank-weights", "balance",
                                      "ema"};
  static const char old[] = "{\"epochs\":40,\"batch\":64,\"label-smoothing\":0.05}";
  tx_train_config *config = defaults();
  tx_error error;
  (void)state;
  /* those that have another default now */
  set(config, "optimiser", "adamw");
  set(config, "epochs", "40");
  set(config, "batch", "64");
  set(config, "contrast", "0");
  set(config, "ema", "0");
  if (tx_train_config_agrees(config, old, "x.checkpoint", &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t i = 0; i < sizeof since / sizeof since[0]; i++) {
    set(config, since[i], "0.5");
    assert_int_equal(tx_train_config_check(config, &error), TX_OK);
    assert_int_equal(tx_train_config_agrees(config, old, "x.checkpoint", &error), TX_ERROR_USAGE);
    assert_non_null(strstr(error.message, since[i]));
    set(config, since[i], strchr(since[i], '-') && strcmp(since[i], "class-weights") ? "" : "0");
  }
  strcpy(config->rank_weights, "1,,2");
  assert_int_equal(tx_train_config_check(config, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "--rank-weights"));
  free(config);
}

/* 0 epochs are as many as the number of records asks for. */
static void test_epochs(void **state)
{
  static const struct {
    size_t records;
    uint64_t epochs;
  } cases[] = {{1, 80}, {506, 80}, {1459, 47}, {7877, 20}, {34496, 10}, {1000000, 2}, {SIZE_MAX, 2}};
  tx_train_config config = {0};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    config.epochs = 0;
    assert_int_equal(tx_train_epochs(&config, cases[i].records), cases[i].epochs);
    config.epochs = 7;
    assert_int_equal(tx_train_epochs(&config, cases[i].records), 7);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                     cmocka_unit_test(test_check),
                                     cmocka_unit_test(test_epochs),
                                     cmocka_unit_test(test_sizes),
                                     cmocka_unit_test(test_within_the_bounds_of_models),
                                     cmocka_unit_test(test_write_and_compare),
                                     cmocka_unit_test(test_older_checkpoint),
                                     cmocka_unit_test(test_checkpoint_of_whole_matrices),
                                     cmocka_unit_test(test_old_files)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
