/* The list of objectives against the settings, and what the terms of a run are: their columns, parts, losses
   and figures. */
#include "unit/train_fixture.h"

#include "objective/list.h"
#include "objective/objective.h"

#include <math.h>

enum { RECORDS = 6, RANKS = 2, WIDTH = 4, MEMORY = 3 };

#define VALUE_OF(value, functions) value,
static const int values[] = {TX_OBJECTIVE_LIST(VALUE_OF)};
#undef VALUE_OF
enum { OBJECTIVES = sizeof values / sizeof values[0] };

static tx_error error;

static void set_defaults(tx_train_config *config)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  assert_int_equal(tx_param_defaults(params, count, config, &error), TX_OK);
}

/* The choices of --objective are the names of the list, in the order of their values, and the default is the
   standard one. */
static void test_names(void **state)
{
  size_t count, at = 0;
  const tx_param *params = tx_train_params(&count), *param = params;
  tx_train_config config;
  char names[256] = "";
  (void)state;
  set_defaults(&config);
  while (strcmp(param->name, "objective") != 0) assert_true(++param < params + count);
  assert_ptr_equal(tx_objective_of(&config), tx_objective_standard());
  for (size_t i = 0; i < OBJECTIVES; i++) {
    assert_int_equal(values[i], i);
    config.objective = values[i];
    at +=
        (size_t)snprintf(names + at, sizeof names - at, "%s%s", i ? "|" : "", tx_objective_of(&config)->name);
    assert_true(at < sizeof names);
  }
  assert_string_equal(names, param->values);
}

/* What the trainer calls without asking. */
static void test_functions(void **state)
{
  tx_train_config config;
  (void)state;
  set_defaults(&config);
  for (size_t i = 0; i < OBJECTIVES; i++) {
    const tx_objective_functions *objective;
    config.objective = values[i];
    objective = tx_objective_of(&config);
    assert_true(objective->choose_metric && objective->learn && objective->backward && objective->validate &&
                objective->figures);
    assert_true(objective->scale || objective->conclude);
    assert_true(!objective->prepare == !objective->release &&
                !objective->prepare_worker == !objective->release_worker);
    assert_true(objective->needs.tokens >= 2);
    assert_true((objective->needs.labels || objective->needs.ids) == !objective->head);
    assert_true(objective->reverse_complement >= 0 && objective->reverse_complement <= 1);
  }
}

typedef struct scene {
  tx_train_config config;
  tx_dataset *dataset;
  tx_dims dims;
  tx_objective_terms terms;
} scene;

static int set_up(void **state)
{
  static const char *const names[] = {"genus", "species"};
  static const char *lineages[RECORDS][RANKS] = {{"A", "a"},  {"A", "b"}, {"B", "c"},
                                                 {"B", NULL}, {"A", "a"}, {"B", "c"}};
  const uint8_t code = 0;
  scene *s = calloc(1, sizeof *s);
  assert_non_null(s);
  set_defaults(&s->config);
  s->config.contrast = 0;
  s->config.contrast_memory = MEMORY;
  s->dataset = fixture_dataset(names, RANKS);
  for (size_t i = 0; i < RECORDS; i++) fixture_add(s->dataset, &code, 1, lineages[i], i + 1);
  if (tx_dataset_label(s->dataset, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  s->dims = (tx_dims){.width = WIDTH};
  tx_objective_taxa.set_heads(&s->config, s->dataset, &s->dims);
  assert_int_equal(tx_dims_ranks(&s->dims), RANKS);
  assert_int_equal(s->dims.heads[0].size, 2);
  assert_int_equal(s->dims.heads[1].size, 3);
  *state = s;
  return 0;
}

static int tear_down(void **state)
{
  scene *s = *state;
  tx_objective_terms_free(&s->terms);
  tx_dataset_free(s->dataset);
  free(s);
  return 0;
}

static void make_terms(scene *s)
{
  const tx_objective_context context = {.config = &s->config, .dataset = s->dataset, .dims = &s->dims};
  tx_objective_terms_free(&s->terms);
  assert_int_equal(tx_objective_terms_create(&context, &s->terms, &error), TX_OK);
}

/* The contrastive term is there when it has a weight and something to move, and not with an objective that
   scales at the end. */
static void test_terms(void **state)
{
  scene *s = *state;
  make_terms(s);
  assert_int_equal(s->terms.count, 1);
  assert_int_equal(s->terms.columns, RANKS);
  s->config.contrast = 0.5;
  make_terms(s);
  assert_int_equal(s->terms.count, 2);
  assert_int_equal(s->terms.columns, RANKS + 1);
  assert_ptr_equal(s->terms.terms[1].functions, &tx_objective_contrast);
  assert_int_equal(s->terms.terms[1].column, RANKS);
  s->config.objective = TX_OBJECTIVE_MASKED;
  make_terms(s);
  assert_int_equal(s->terms.count, 1);
  assert_int_equal(s->terms.columns, 1);
  s->config.objective = TX_OBJECTIVE_TAXA;
  s->config.freeze_encoder = true;
  make_terms(s);
  assert_int_equal(s->terms.count, 1);
}

/* The parts are the memory of the term; records that the data lack are refused. */
static void test_parts(void **state)
{
  scene *s = *state;
  tx_state_parts parts = {0};
  int32_t *records;
  make_terms(s);
  assert_int_equal(tx_objective_parts(&s->terms, &parts, &error), TX_OK);
  assert_int_equal(parts.count, 0);
  assert_int_equal(tx_objective_restore(&s->terms, 2, "x.checkpoint", &error), TX_OK);
  s->config.contrast = 0.5;
  make_terms(s);
  assert_int_equal(tx_objective_parts(&s->terms, &parts, &error), TX_OK);
  assert_int_equal(parts.count, 2);
  assert_string_equal(parts.parts[0].name, "checkpoint.contrast.embeddings");
  assert_int_equal(parts.parts[0].kind, TX_STATE_FINITE);
  assert_int_equal(parts.parts[0].count, MEMORY * WIDTH);
  assert_string_equal(parts.parts[1].name, "checkpoint.contrast.records");
  assert_int_equal(parts.parts[1].kind, TX_STATE_INT32);
  assert_int_equal(parts.parts[1].count, MEMORY);
  records = parts.parts[1].data;
  records[0] = 1;
  records[1] = RECORDS - 1;
  assert_int_equal(tx_objective_restore(&s->terms, 2, "x.checkpoint", &error), TX_OK);
  records[1] = RECORDS;
  assert_int_equal(tx_objective_restore(&s->terms, 2, "x.checkpoint", &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "x.checkpoint"));
  tx_state_parts_free(&parts);
}

/* The loss is that of all columns, each by its scale; a validation is judged by the objective's alone. */
static void test_sums(void **state)
{
  scene *s = *state;
  const tx_objective_batch batch = {.scales = {0.5, 0.25, 2}};
  const tx_shard_sums sums[2 * (RANKS + 1)] = {{.loss = 1},  {.loss = 2},  {.loss = 3},
                                               {.loss = 10}, {.loss = 20}, {.loss = 30}};
  const tx_shard_sums totals[RANKS] = {{.loss = 6, .known = 3, .queries = 4, .correct = 1}, {.loss = 0}};
  tx_judgement validation;
  tx_figure figures[TX_RANKS_MAX];
  s->config.contrast = 0.5;
  make_terms(s);
  assert_true(fabs(tx_objective_conclude(&s->terms, &batch, sums, 2, NULL) -
                   (0.5 * 11 + 0.25 * 22 + 2 * 33)) < 1e-12);
  tx_objective_judge(&s->terms, totals, &validation);
  assert_true(fabs(validation.loss - 2) < 1e-12);
  assert_true(fabs(validation.accuracy[0] - 0.25) < 1e-12 && isnan(validation.accuracy[1]));
  assert_int_equal(s->terms.terms[0].functions->figures(&s->terms.terms[0], &validation, figures), 1);
  assert_string_equal(figures[0].name, "genus");
  s->config.objective = TX_OBJECTIVE_NEXT_TOKEN;
  make_terms(s);
  {
    const tx_shard_sums tokens[2] = {{.loss = 6, .known = 3}, {.loss = 10, .known = 5}};
    float gradients[2] = {8, -16};
    s->terms.context.elements = 2;
    s->terms.context.frozen = 1;
    assert_true(fabs(tx_objective_conclude(&s->terms, &batch, tokens, 2, gradients) - 2) < 1e-12);
    assert_true(gradients[0] == 8.0F && gradients[1] == -2.0F);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_functions),
                                     cmocka_unit_test_setup_teardown(test_terms, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(test_sums, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
