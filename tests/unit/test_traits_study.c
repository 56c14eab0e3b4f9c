/* Ridge regression: leave-one-out and leave-one-taxon-out in closed form against fitting anew without the
   records; odd data. Studies: groups that are drawn, records of one name, intervals of few records. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "cluster/points.h"
#include "traits/trait_study.h"

enum { ROWS = 24, WIDTH = 3, TAXA = 6 };

static double x[ROWS][WIDTH], y[ROWS];
static const double *rows[ROWS];
static int32_t taxa[ROWS];

static void must(tx_status status, const tx_error *error)
{
  if (status != TX_OK) fail_msg("%s", error->message);
}

static void near(const char *what, double got, double want, double tolerance)
{
  if (!(fabs(got - want) <= tolerance)) fail_msg("%s is %.15g, not %.15g", what, got, want);
}

static int make_data(void **state)
{
  tx_random random;
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  for (size_t i = 0; i < ROWS; i++) {
    rows[i] = x[i];
    taxa[i] = (int32_t)(i % TAXA);
    for (size_t j = 0; j < WIDTH; j++)
      x[i][j] = tx_random_normal(&random) * (j == 1 ? 10 : 1) + 3 * (double)taxa[i];
    y[i] = x[i][0] - 0.2 * x[i][1] + tx_random_normal(&random);
  }
  return 0;
}

/* Solves (X'X + penalty) w = X'y of the centred rows that are not of the group, by elimination, and predicts
   row `at`. */
static double predict_without(int32_t group, const int32_t *groups, double penalty, size_t at)
{
  double a[WIDTH][WIDTH + 1] = {{0}}, means[WIDTH] = {0}, mean = 0, count = 0, value;
  for (size_t i = 0; i < ROWS; i++) count += groups[i] != group;
  for (size_t i = 0; i < ROWS; i++) {
    if (groups[i] == group) continue;
    mean += y[i] / count;
    for (size_t j = 0; j < WIDTH; j++) means[j] += x[i][j] / count;
  }
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < WIDTH && groups[i] != group; j++) {
      for (size_t k = 0; k < WIDTH; k++) a[j][k] += (x[i][j] - means[j]) * (x[i][k] - means[k]);
      a[j][WIDTH] += (x[i][j] - means[j]) * (y[i] - mean);
    }
  for (size_t j = 0; j < WIDTH; j++) a[j][j] += penalty;
  for (size_t j = 0; j < WIDTH; j++)
    for (size_t k = 0; k < WIDTH; k++) {
      const double factor = a[k][j] / a[j][j];
      for (size_t c = j; c <= WIDTH && k != j; c++) a[k][c] -= factor * a[j][c];
    }
  value = mean;
  for (size_t j = 0; j < WIDTH; j++) value += a[j][WIDTH] / a[j][j] * (x[at][j] - means[j]);
  return value;
}

static void test_left_out(void **state)
{
  int32_t alone[ROWS];
  (void)state;
  for (size_t i = 0; i < ROWS; i++) alone[i] = (int32_t)i;
  for (int grouped = 0; grouped < 2; grouped++) {
    const int32_t *groups = grouped ? taxa : alone;
    tx_ridge_data data = {
        .x = rows, .y = y, .count = ROWS, .width = WIDTH, .opt_groups = grouped ? groups : NULL};
    tx_ridge ridge;
    tx_error error;
    size_t best = 0;
    must(tx_ridge_fit(&data, &ridge, &error), &error);
    for (size_t l = 0; l < TX_RIDGE_PENALTIES; l++) {
      double sum = 0;
      for (size_t i = 0; i < ROWS; i++) {
        const double off = y[i] - predict_without(groups[i], groups, tx_ridge_penalty(l), i);
        sum += off * off / ROWS;
      }
      near("error", ridge.loo[l], sum, 1e-9 * (1 + sum));
      if (ridge.loo[l] < ridge.loo[best]) best = l;
    }
    near("penalty", ridge.penalty, tx_ridge_penalty(best), 0);
    near("its error", ridge.loo_error, ridge.loo[best], 0);
    near("prediction", tx_ridge_predict(&ridge, x[2], WIDTH), predict_without(-1, groups, ridge.penalty, 2),
         1e-9);
    tx_ridge_free(&ridge);
  }
}

/* Singular: a constant column and two that are equal, more columns than rows; too few rows; a stop. */
static void test_odd(void **state)
{
  static const double odd[4][6] = {
      {1, 1, 7, 0, 2, 3}, {2, 2, 7, 1, 0, 1}, {3, 3, 7, 0, 1, 5}, {5, 5, 7, 1, 1, 2}};
  const double *const odd_rows[4] = {odd[0], odd[1], odd[2], odd[3]}, values[4] = {1, 2, 3, 5};
  const volatile int stop = 1;
  tx_ridge_data data = {.x = odd_rows, .y = values, .count = 4, .width = 6, .zscore = true};
  tx_ridge ridge;
  tx_error error;
  (void)state;
  must(tx_ridge_fit(&data, &ridge, &error), &error);
  for (size_t j = 0; j < 6; j++) assert_true(isfinite(ridge.weights[j]));
  assert_true(ridge.weights[2] == 0);
  near("equal columns", ridge.weights[0], ridge.weights[1], 1e-9);
  tx_ridge_free(&ridge);
  data.stop = &stop;
  assert_int_equal(tx_ridge_fit(&data, &ridge, &error), TX_STOPPED);
  data.stop = NULL;
  data.count = 2;
  assert_int_equal(tx_ridge_fit(&data, &ridge, &error), TX_ERROR_DATA);
}

static void write_file(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

/* Reads a table of the text. */
static tx_traits *read_table(const char *text, const char *columns)
{
  char path[] = "/tmp/taxamba_traits_XXXXXX";
  const tx_traits_options options = {.columns = columns};
  tx_traits *traits = NULL;
  tx_error error;
  const int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  close(descriptor);
  write_file(path, text);
  must(tx_traits_read(path, &options, &traits, &error), &error);
  unlink(path);
  return traits;
}

static tx_trait_records *make_records(size_t count)
{
  tx_points *points = NULL;
  tx_trait_records *records = NULL;
  tx_error error;
  must(tx_points_create(WIDTH, &points, &error), &error);
  for (size_t i = 0; i < count; i++) {
    double *vector;
    char id[16];
    snprintf(id, sizeof id, "r%zu", i % ROWS);
    must(tx_points_add(points, &vector, &error), &error);
    memcpy(vector, x[i % ROWS], sizeof x[0]);
    tx_points_judge(points);
    must(tx_points_name(points, id, strlen(id), &error), &error);
  }
  must(tx_trait_records_of_points(points, &records, &error), &error);
  return records;
}

/* Random groups: whole taxa are held out, no record is in two groups, the same seed gives the same, and a
   second record of a name is not used. */
static void test_groups(void **state)
{
  char text[2048] = "id\ttaxon\tz\n";
  size_t used = strlen(text), held = 0;
  tx_trait_records *records = make_records(ROWS + 2);
  tx_trait_study_options options;
  tx_trait_study *study = NULL, *again = NULL;
  const tx_trait_result *result;
  tx_traits *traits;
  tx_error error;
  (void)state;
  for (size_t i = 0; i < ROWS; i++)
    used += (size_t)snprintf(text + used, sizeof text - used, "r%zu\tt%d\t%.9g\n", i, (int)taxa[i], y[i]);
  traits = read_table(text, "z");
  tx_trait_study_defaults(&options);
  options.unseen_share = 0.34; /* two of six */
  options.resamples = 50;
  must(tx_trait_study_run(records, traits, &options, &study, &error), &error);
  must(tx_trait_study_run(records, traits, &options, &again, &error), &error);
  result = tx_trait_study_result(study, 0);
  assert_int_equal(result->measured, ROWS);
  assert_int_equal(result->training + result->calibration + result->test, ROWS);
  assert_int_equal(tx_trait_study_join(study).repeated_records, 2);
  assert_int_equal(result->sets[TX_TRAIT_UNSEEN].taxa, 2);
  assert_int_equal(result->sets[TX_TRAIT_UNSEEN].records, 8);
  for (size_t i = 0; i < ROWS; i++)
    if (study->groups[i] == TX_TRAIT_TEST_UNSEEN) {
      held++;
      for (size_t k = 0; k < ROWS; k++)
        assert_true(taxa[k] != taxa[i] || study->groups[k] == TX_TRAIT_TEST_UNSEEN);
    }
  assert_int_equal(held, 8);
  assert_int_equal(result->training, 10);    /* 3 fifths of 16, rounded up */
  assert_true(isinf(result->half_width[3])); /* 99 % needs 99 records */
  assert_true(isnan(result->sets[TX_TRAIT_ALL].score[TX_TRAIT_BASE_CALLED]));
  near("a gain", result->sets[TX_TRAIT_ALL].score[TX_TRAIT_GAIN_MEAN],
       result->sets[TX_TRAIT_ALL].score[TX_TRAIT_BASE_MEAN] - result->sets[TX_TRAIT_ALL].score[TX_TRAIT_RMSE],
       1e-15);
  assert_memory_equal(result->sets, tx_trait_study_result(again, 0)->sets, sizeof result->sets);
  assert_true(result->sets[TX_TRAIT_ALL].low[TX_TRAIT_RMSE] <=
              result->sets[TX_TRAIT_ALL].score[TX_TRAIT_RMSE]);
  options.splitting = TX_TRAIT_SPLIT_COLUMN;
  assert_int_equal(tx_trait_study_run(records, traits, &options, &study, &error), TX_ERROR_DATA);
  options.splitting = TX_TRAIT_SPLIT_AUTO;
  options.heads = true;
  tx_trait_study_free(study);
  assert_int_equal(tx_trait_study_run(records, traits, &options, &study, &error), TX_ERROR_USAGE);
  tx_trait_study_free(again);
  tx_traits_free(traits);
  tx_trait_records_free(records);
}

/* Of values in several rows: the same once, different ones not; a taxon that changes is none. */
static void test_repeated(void **state)
{
  tx_traits *traits = read_table("id,taxon,a,b\nr0,t,1,NA\nr1,t,2,4\nr0,t,1,6\nr1,u,3,4\n", "a,b,a+b");
  const tx_traits_counts counts = tx_traits_count_rows(traits);
  (void)state;
  assert_int_equal(counts.rows, 4);
  assert_int_equal(counts.repeated, 2);
  assert_int_equal(counts.conflicts, 1);
  assert_string_equal(counts.conflict, "r1");
  near("a of r0", tx_traits_value(traits, 0, 0), 1, 0);
  near("b of r0", tx_traits_value(traits, 1, 0), 6, 0);
  near("mean of r0", tx_traits_value(traits, 2, 0), 3.5, 0);
  assert_true(isnan(tx_traits_value(traits, 0, 1)));
  near("mean of r1", tx_traits_value(traits, 2, 1), 4, 0);
  assert_string_equal(tx_traits_taxon(traits, 0), "t");
  assert_null(tx_traits_taxon(traits, 1));
  tx_traits_free(traits);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_left_out), cmocka_unit_test(test_odd),
                                     cmocka_unit_test(test_groups), cmocka_unit_test(test_repeated)};
  return cmocka_run_group_tests(tests, make_data, NULL);
}
