/* Ridge regression of traits, conformal intervals and agreement against golden/traits (numpy, scikit-learn
   1.2.1; leave-one-out also by brute force). */
#include "golden/golden.h"

#include <taxamba/trait_study.h>

#include "base/file.h"
#include "base/json.h"
#include "cluster/points.h"
#include "traits/trait_study.h"

#define FOLDER TX_TESTS_DIR "/golden/traits/"

static tx_json *expected;

static void must(tx_status status, const tx_error *error)
{
  if (status != TX_OK) fail_msg("%s", error->message);
}

static int open_expected(void **state)
{
  char *text = NULL;
  size_t length = 0;
  tx_error error;
  (void)state;
  must(tx_read_file(FOLDER "traits_expected.json", 1 << 20, NULL, &text, &length, &error), &error);
  must(tx_json_parse(text, length, "golden values", &expected, &error), &error);
  free(text);
  return 0;
}

static int close_expected(void **state)
{
  (void)state;
  tx_json_free(expected);
  return 0;
}

static double number(const tx_json *object, const char *key)
{
  const tx_json *value = tx_json_get(object, key);
  if (!value) fail_msg("no '%s'", key);
  return tx_json_is_string(value) ? (double)INFINITY : tx_json_number(value);
}

static void near(const char *what, double found, double want, double tolerance)
{
  if (isinf(want) && found == want) return;
  if (!(fabs(found - want) <= tolerance)) fail_msg("%s is %.15g, not %.15g", what, found, want);
}

static tx_trait_records *golden_records(void)
{
  tx_safetensors *file = NULL;
  tx_trait_records *records = NULL;
  tx_points *points = NULL;
  char *ids = NULL, *at;
  size_t length = 0;
  tx_error error;
  const float *x;
  must(tx_safetensors_open(FOLDER "traits_embeddings.safetensors", 0, &file, &error), &error);
  x = golden_floats(file, "", "x", 320 * 16);
  must(tx_read_file(FOLDER "traits_embeddings.ids", 1 << 20, NULL, &ids, &length, &error), &error);
  must(tx_points_create(16, &points, &error), &error);
  at = ids;
  for (size_t i = 0; i < 320; i++) {
    double *vector;
    const size_t size = strcspn(at, "\n");
    must(tx_points_add(points, &vector, &error), &error);
    for (size_t j = 0; j < 16; j++) vector[j] = (double)x[i * 16 + j];
    tx_points_judge(points);
    must(tx_points_name(points, at, size, &error), &error);
    at += size + 1;
  }
  free(ids);
  tx_safetensors_close(file);
  must(tx_trait_records_of_points(points, &records, &error), &error);
  return records;
}

static void check_trait(const tx_trait_study *study, size_t trait, const char *key, tx_safetensors *file)
{
  const tx_trait_result *result = tx_trait_study_result(study, trait);
  const tx_json *want = tx_json_get(expected, key), *widths = tx_json_get(want, "half width"),
                *coverage = tx_json_get(want, "coverage");
  const double *score = result->sets[TX_TRAIT_ALL].score;
  static const char *const levels[] = {"0.2", "0.1", "0.05", "0.01"};
  const double *weights = golden_section(file, key, ".weights")->data,
               *intercept = golden_section(file, key, ".intercept")->data,
               *predictions = golden_section(file, key, ".predictions")->data;
  const tx_json *loo = tx_json_first(tx_json_get(want, "loo_mse_of_the_grid"));
  assert_int_equal(result->training, (int)number(want, "train"));
  assert_int_equal(result->calibration, (int)number(want, "calibration"));
  assert_int_equal(result->test, (int)number(want, "test"));
  near("lambda", result->lambda, number(want, "lambda"), 1e-12);
  for (size_t l = 0; l < TX_RIDGE_PENALTIES; l++, loo = tx_json_next(loo))
    near("leave-one-out error", study->outcomes[trait].ridge.loo[l], tx_json_number(loo), 1e-9);
  for (size_t j = 0; j < 16; j++) near("weight", result->weights[j], weights[j], 1e-8);
  near("intercept", result->weights[16], intercept[0], 1e-8);
  for (size_t i = 0; i < 320; i++) {
    double low, high;
    near("prediction", tx_trait_study_predicted(study, trait, i, &low, &high), predictions[i], 1e-8);
    near("width", high - low, 2 * number(widths, "0.1"), 1e-8);
  }
  near("RMSE", score[TX_TRAIT_RMSE], number(want, "RMSE"), 1e-9);
  near("MAE", score[TX_TRAIT_MAE], number(want, "MAE"), 1e-9);
  near("R2", score[TX_TRAIT_R2], number(want, "R2"), 1e-9);
  near("bias", score[TX_TRAIT_BIAS], number(want, "bias (predicted - measured)"), 1e-9);
  near("within", score[TX_TRAIT_WITHIN], number(want, "within 1 mm"), 1e-9);
  near("baseline", score[TX_TRAIT_BASE_MEAN], number(want, "baseline RMSE (mean of train)"), 1e-9);
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++) {
    near("half width", result->half_width[l], number(widths, levels[l]), 1e-9);
    near("coverage", score[TX_TRAIT_COVERAGE + l], number(coverage, levels[l]), 1e-9);
  }
}

static void test_ridge(void **state)
{
  tx_trait_records *records = golden_records();
  const tx_traits_options reading = {.columns = "cm_elytra_max_length,cm_elytra_max_width"};
  tx_trait_study_options options;
  tx_trait_study *study = NULL;
  tx_safetensors *file = NULL;
  tx_traits *traits = NULL;
  tx_trait_join join;
  tx_error error;
  (void)state;
  tx_trait_study_defaults(&options);
  options.resamples = 0;
  must(tx_traits_read(FOLDER "traits.tsv", &reading, &traits, &error), &error);
  must(tx_trait_study_run(records, traits, &options, &study, &error), &error);
  must(tx_safetensors_open(FOLDER "traits.safetensors", 0, &file, &error), &error);
  join = tx_trait_study_join(study);
  assert_int_equal(join.records, 320);
  assert_int_equal(join.without_record, 1);
  check_trait(study, 0, "length", file);
  check_trait(study, 1, "width", file);
  tx_safetensors_close(file);
  tx_trait_study_free(study);
  tx_traits_free(traits);
  tx_trait_records_free(records);
}

static void test_agreement(void **state)
{
  static const struct {
    const char *columns, *key;
  } pairs[] = {
      {"AnnotatorA_length,AnnotatorB_length", "AnnotatorA vs AnnotatorB"},
      {"AnnotatorB_length,AnnotatorC_length", "AnnotatorB vs AnnotatorC"},
      {"AnnotatorC_length,AnnotatorA_length", "AnnotatorC vs AnnotatorA"},
      {"AnnotatorA_length,System_length", "AnnotatorA vs System"},
      {"AnnotatorB_length,System_length", "AnnotatorB vs System"},
      {"AnnotatorC_length,System_length", "AnnotatorC vs System"},
      {"AnnotatorA_length+AnnotatorB_length+AnnotatorC_length,System_length",
       "mean of annotators (those present) vs System"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    const tx_json *want = tx_json_get(tx_json_get(expected, "agreement"), pairs[i].key);
    const tx_json *limits = tx_json_first(tx_json_get(want, "limits of agreement"));
    const tx_traits_options reading = {.columns = pairs[i].columns};
    tx_agreement found;
    tx_traits *traits = NULL;
    tx_error error;
    must(tx_traits_read(FOLDER "measurements.csv", &reading, &traits, &error), &error);
    must(tx_traits_agreement(traits, 0, 1, 0.1, &found, &error), &error);
    assert_int_equal(found.pairs, (int)number(want, "n"));
    near("RMSE", found.rmse, number(want, "RMSE"), 1e-9);
    near("MAE", found.mae, number(want, "MAE"), 1e-9);
    near("R2", found.r2, number(want, "R2"), 1e-9);
    near("bias", found.bias, number(want, "bias"), 1e-9);
    near("low", found.low, tx_json_number(limits), 1e-9);
    near("high", found.high, tx_json_number(tx_json_next(limits)), 1e-9);
    near("within", found.within, 1, 0);
    tx_traits_free(traits);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ridge), cmocka_unit_test(test_agreement)};
  return cmocka_run_group_tests(tests, open_expected, close_expected);
}
