/* The scores of sets of taxa against golden/multilabel_metrics.json (scikit-learn). */
#include "golden/golden.h"

#include "base/json.h"
#include "eval/set_metrics.h"
#include "tensor/multilabel.h"

enum { NODES = 12, RECORDS = 60, DEPTHS = 3 };

typedef struct fixture {
  tx_safetensors *file;
  char *text;
  tx_json *json;
  int8_t states[RECORDS * NODES];
  float probabilities[RECORDS * NODES];
  uint8_t depths[NODES];
  tx_set_records records;
} fixture;

static fixture own;

static const void *values(const char *name, tx_dtype dtype, size_t size)
{
  const tx_section *section = golden_section(own.file, "", name);
  assert_int_equal(section->dtype, dtype);
  assert_int_equal(section->size, size);
  return section->data;
}

static int set_up(void **state)
{
  FILE *file = fopen(TX_TESTS_DIR "/golden/multilabel_metrics.json", "rb");
  tx_error error;
  size_t length;
  const double *targets, *known, *probabilities;
  const int32_t *depths;
  (void)state;
  own.text = calloc(1, 1 << 16);
  assert_non_null(file);
  assert_non_null(own.text);
  length = fread(own.text, 1, (1 << 16) - 1, file);
  fclose(file);
  if (tx_json_parse(own.text, length, "metrics", &own.json, &error) != TX_OK ||
      tx_safetensors_open(TX_TESTS_DIR "/golden/multilabel.safetensors", 0, &own.file, &error) != TX_OK)
    fail_msg("%s", error.message);
  targets = values("metrics.targets", TX_DTYPE_F64, RECORDS * NODES * sizeof(double));
  known = values("metrics.known", TX_DTYPE_F64, RECORDS * NODES * sizeof(double));
  probabilities = values("metrics.probabilities", TX_DTYPE_F64, RECORDS * NODES * sizeof(double));
  depths = values("depth", TX_DTYPE_I32, NODES * sizeof(int32_t));
  for (size_t i = 0; i < RECORDS * NODES; i++) {
    own.states[i] = known[i] == 0 ? TX_NODE_UNKNOWN : targets[i] > 0 ? TX_NODE_PRESENT : TX_NODE_ABSENT;
    own.probabilities[i] = (float)probabilities[i];
  }
  for (size_t n = 0; n < NODES; n++) own.depths[n] = (uint8_t)depths[n];
  own.records = (tx_set_records){.nodes = NODES,
                                 .count = RECORDS,
                                 .parents = values("parent", TX_DTYPE_I32, NODES * sizeof(int32_t)),
                                 .depths = own.depths,
                                 .states = own.states,
                                 .probabilities = own.probabilities};
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  tx_json_free(own.json);
  tx_safetensors_close(own.file);
  free(own.text);
  return 0;
}

static void expect(const tx_json *object, const char *key, double got)
{
  const tx_json *value = tx_json_get(object, key);
  double expected;
  if (!value) fail_msg("no '%s'", key);
  expected = tx_json_number(value);
  if (!(fabs(got - expected) <= 1e-10 * (1 + fabs(expected))))
    fail_msg("%s: %.15g, expected %.15g", key, got, expected);
}

static void test_overall(void **state)
{
  const tx_json *overall = tx_json_get(own.json, "overall");
  tx_set_overall scores;
  tx_error error;
  (void)state;
  assert_int_equal(tx_set_overall_scores(&own.records, &scores, &error), TX_OK);
  expect(overall, "micro AP over known entries", scores.micro_ap);
  expect(overall, "micro F1 over known entries", scores.micro_f1);
  expect(overall, "macro AP over nodes with a known positive", scores.macro_ap);
  expect(overall, "subset accuracy on known entries", scores.exact);
  expect(overall, "hierarchical precision (known)", scores.precision);
  expect(overall, "hierarchical recall (known)", scores.recall);
  expect(overall, "hierarchical F1 (known)", scores.micro_f1);
  expect(overall, "mean depth of the truth", scores.depth_present);
  expect(overall, "mean depth of the prediction", scores.depth_called);
  expect(overall, "mean depth of the correct prediction", scores.depth_right);
}

static void expect_counts(const tx_json *object, const char *key, const uint64_t *counts, size_t depth,
                          size_t kind)
{
  size_t n = 0;
  for (const tx_json *item = tx_json_first(tx_json_get(object, key)); item; item = tx_json_next(item), n++)
    if (own.depths[n] == depth) assert_int_equal(counts[3 * n + kind], (uint64_t)tx_json_number(item));
  assert_int_equal(n, NODES);
}

static void test_depths(void **state)
{
  const tx_json *item = tx_json_first(tx_json_get(own.json, "per_depth"));
  const tx_json *single = tx_json_first(tx_json_get(own.json, "single_label"));
  tx_set_depth scores[DEPTHS];
  uint64_t counts[3 * NODES];
  tx_error error;
  (void)state;
  assert_int_equal(tx_set_depth_scores(&own.records, DEPTHS, scores, counts, &error), TX_OK);
  for (size_t d = 0; d < DEPTHS; d++, item = tx_json_next(item), single = tx_json_next(single)) {
    assert_non_null(item);
    assert_non_null(single);
    expect(item, "samples", (double)scores[d].records);
    expect(item, "label_sets", (double)scores[d].sets);
    expect(item, "accuracy", scores[d].exact);
    expect(item, "bit_F1", scores[d].f1);
    expect(item, "bit_AP", scores[d].ap);
    expect(item, "bit_MCC", scores[d].mcc);
    expect(single, "count", (double)scores[d].taxa);
    expect(single, "precision", scores[d].precision);
    expect(single, "recall", scores[d].recall);
    expect(single, "F1", scores[d].macro_f1);
    expect_counts(single, "TP", counts, d, 0);
    expect_counts(single, "FP", counts, d, 1);
    expect_counts(single, "FN", counts, d, 2);
  }
}

/* At the threshold of a call the table by thresholds has the overall scores; a higher one calls less. */
static void test_thresholds(void **state)
{
  tx_set_overall overall;
  tx_set_threshold at, above;
  tx_error error;
  (void)state;
  assert_int_equal(tx_set_overall_scores(&own.records, &overall, &error), TX_OK);
  tx_set_threshold_scores(&own.records, 0.5, &at);
  tx_set_threshold_scores(&own.records, 0.9, &above);
  assert_float_equal(at.precision, overall.precision, 1e-12);
  assert_float_equal(at.recall, overall.recall, 1e-12);
  assert_float_equal(at.depth_called, overall.depth_called, 1e-12);
  assert_true(above.recall < at.recall && above.depth_called < at.depth_called);
}

/* Weights are repetitions of the records. */
static void test_weights_are_repetitions(void **state)
{
  enum { TAKEN = 20 };
  tx_set_records some = own.records, doubled = own.records;
  int8_t states[2 * TAKEN * NODES];
  float probabilities[2 * TAKEN * NODES];
  uint32_t weights[TAKEN];
  tx_set_ranking ranking = {0}, longer = {0};
  tx_error error;
  (void)state;
  for (size_t i = 0; i < TAKEN; i++) weights[i] = i % 3 == 0 ? 2 : i % 3 == 1 ? 1 : 0;
  some.count = TAKEN;
  doubled.count = 0;
  for (size_t i = 0; i < TAKEN; i++)
    for (uint32_t k = 0; k < weights[i]; k++, doubled.count++) {
      memcpy(states + doubled.count * NODES, own.states + i * NODES, NODES);
      memcpy(probabilities + doubled.count * NODES, own.probabilities + i * NODES, NODES * sizeof(float));
    }
  doubled.states = states;
  doubled.probabilities = probabilities;
  assert_int_equal(tx_set_ranking_create(&some, &ranking, &error), TX_OK);
  assert_int_equal(tx_set_ranking_create(&doubled, &longer, &error), TX_OK);
  assert_float_equal(tx_set_average_precision(&some, &ranking, weights),
                     tx_set_average_precision(&doubled, &longer, NULL), 1e-12);
  assert_float_equal(tx_set_micro_f1(&some, weights), tx_set_micro_f1(&doubled, NULL), 1e-12);
  tx_set_ranking_free(&ranking);
  tx_set_ranking_free(&longer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_overall),
      cmocka_unit_test(test_depths),
      cmocka_unit_test(test_thresholds),
      cmocka_unit_test(test_weights_are_repetitions),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
