/* Balanced draws and averaged weights: what they are by definition, and that runs with them resume to the
   same bytes. */
#include "unit/train_fixture.h"

#include "base/content.h"
#include "base/file.h"
#include "dataset/balance.h"
#include "dataset/batch.h"
#include "optim/average.h"

#include <math.h>

enum { RECORDS = 60 };

static tx_error error;

/* 40 records of species a, 10 of b, 1 of c; 9 end at the family. */
static const char *species_of(size_t i)
{
  return i < 40 ? "a" : i < 50 ? "b" : i < 51 ? "c" : NULL;
}

static tx_dataset *make_dataset(void)
{
  static const char *const ranks[] = {"family", "species"};
  tx_dataset *dataset = fixture_dataset(ranks, 2);
  const uint8_t code = 0;
  for (size_t i = 0; i < RECORDS; i++) {
    /* a gap above does not make another group */
    const char *const taxa[] = {i % 2 && i < 51 ? NULL : "F", species_of(i)};
    fixture_add(dataset, &code, 1, taxa, i + 1);
  }
  if (tx_dataset_label(dataset, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  return dataset;
}

static void test_draws(void **state)
{
  static const double powers[] = {0.5, 1.0};
  tx_dataset *dataset = make_dataset();
  (void)state;
  for (size_t p = 0; p < 2; p++) {
    enum { EPOCHS = 2000 };
    const size_t sizes[] = {40, 10, 1, 9};
    double due[4], all = 0, drawn[4] = {0};
    tx_balance balance;
    for (size_t g = 0; g < 4; g++) all += (double)sizes[g] * pow((double)sizes[g], -powers[p]);
    /* of one record */
    for (size_t g = 0; g < 4; g++) due[g] = RECORDS * pow((double)sizes[g], -powers[p]) / all;
    assert_int_equal(tx_balance_create(dataset, powers[p], &balance, &error), TX_OK);
    for (uint64_t epoch = 0; epoch < EPOCHS; epoch++) {
      uint32_t order[RECORDS];
      size_t times[RECORDS] = {0};
      tx_balance_order(&balance, dataset, 5, epoch, order);
      for (size_t i = 0; i < RECORDS; i++) times[order[i]]++;
      for (size_t i = 0; i < RECORDS; i++) {
        const size_t g = i < 40 ? 0 : i < 50 ? 1 : i < 51 ? 2 : 3;
        assert_true(times[i] >= (size_t)floor(due[g] - 1e-9) && times[i] <= (size_t)ceil(due[g] + 1e-9));
        drawn[g] += (double)times[i];
      }
    }
    for (size_t g = 0; g < 4; g++) {
      const double mean = drawn[g] / EPOCHS / (double)sizes[g];
      if (!(fabs(mean - due[g]) < 0.03 * due[g] + 0.01))
        fail_msg("group %zu: %g draws a record, expected %g", g, mean, due[g]);
    }
    tx_balance_free(&balance);
  }
  tx_dataset_free(dataset);
}

static void test_order(void **state)
{
  tx_dataset *dataset = make_dataset();
  tx_balance balance;
  uint32_t first[RECORDS], again[RECORDS], next[RECORDS], seed[RECORDS];
  (void)state;
  assert_int_equal(tx_balance_create(dataset, 1, &balance, &error), TX_OK);
  tx_balance_order(&balance, dataset, 1, 3, first);
  tx_balance_order(&balance, dataset, 1, 4, next);
  tx_balance_order(&balance, dataset, 2, 3, seed);
  tx_balance_order(&balance, dataset, 1, 3, again);
  assert_memory_equal(first, again, sizeof first);
  assert_memory_not_equal(first, next, sizeof first);
  assert_memory_not_equal(first, seed, sizeof first);
  tx_balance_free(&balance);
  assert_int_equal(tx_balance_create(dataset, 0, &balance, &error), TX_OK); /* 0: as without */
  tx_balance_order(&balance, dataset, 1, 3, first);
  tx_epoch_order(&dataset->train, 1, 3, again);
  assert_memory_equal(first, again, sizeof first);
  tx_balance_free(&balance);
  tx_dataset_free(dataset);
}

static void test_average(void **state)
{
  enum { ELEMENTS = 40000 };
  float *weights = calloc(ELEMENTS, sizeof *weights), *average = calloc(ELEMENTS, sizeof *average);
  double expected[2] = {0, 0};
  tx_pool *pool = NULL;
  (void)state;
  assert_true(weights && average);
  assert_int_equal(tx_pool_create(3, &pool, &error), TX_OK);
  for (uint64_t step = 0; step < 100; step++) {
    const double early = (1.0 + (double)step) / (10.0 + (double)step), decay = early < 0.8 ? early : 0.8;
    const double now[2] = {sin((double)step), (double)step};
    weights[0] = (float)now[0];
    weights[ELEMENTS - 1] = (float)now[1];
    tx_average_update(pool, 0.8, step, ELEMENTS, weights, average);
    for (size_t i = 0; i < 2; i++) expected[i] = decay * expected[i] + (1 - decay) * now[i];
  }
  assert_true(fabs((double)average[0] - expected[0]) < 1e-5 &&
              fabs((double)average[ELEMENTS - 1] - expected[1]) < 1e-3);
  assert_true(average[1] == 0.0F && average[ELEMENTS - 2] == 0.0F);
  tx_pool_free(pool);
  free(weights);
  free(average);
}

static volatile int stop;
static uint64_t stop_at;

static void watch_progress(void *context, const tx_train_progress *progress)
{
  (void)context;
  if (stop_at && !progress->epoch_end && progress->step == stop_at) stop = 1;
}

static tx_status train(fixture *f, const char *output, uint64_t until, bool resume)
{
  const char *const inputs[] = {f->input};
  const tx_train_files files = {
      .inputs = inputs, .input_count = 1, .output = output, .command = "test", .resume = resume};
  const tx_train_hooks hooks = {watch_progress, fixture_note, f, &stop};
  stop = 0;
  stop_at = until;
  return tx_train(&f->config, &files, &hooks, &f->error);
}

static bool same_bytes(const char *left, const char *right)
{
  tx_content a, b;
  bool same;
  assert_int_equal(tx_content_read(left, NULL, &a, &error), TX_OK);
  assert_int_equal(tx_content_read(right, NULL, &b, &error), TX_OK);
  same = a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
  tx_content_free(&a);
  tx_content_free(&b);
  return same;
}

/* Bytes after the header, which has the settings in it. */
static bool same_weights(const char *left, const char *right)
{
  tx_content a, b;
  uint64_t header[2];
  bool same;
  assert_int_equal(tx_content_read(left, NULL, &a, &error), TX_OK);
  assert_int_equal(tx_content_read(right, NULL, &b, &error), TX_OK);
  memcpy(&header[0], a.data, 8); /* little-endian, as every machine that the tests run on */
  memcpy(&header[1], b.data, 8);
  assert_int_equal(a.size - header[0], b.size - header[1]);
  same = memcmp((const char *)a.data + 8 + header[0], (const char *)b.data + 8 + header[1],
                a.size - 8 - header[0]) == 0;
  tx_content_free(&a);
  tx_content_free(&b);
  return same;
}

/* Species of 4, 6, 8, ... individuals. */
static void write_uneven(fixture *f)
{
  FILE *file = fopen(f->input, "wb");
  assert_non_null(file);
  fprintf(file, "processid,order,family,genus,species,dna_barcode,split\n");
  for (size_t s = 0; s < FIXTURE_SPECIES; s++)
    for (size_t i = 0; i < 4 + 2 * s; i++) fixture_row(file, s, i, i % 4 == 2 ? "val" : "train");
  assert_int_equal(fclose(file), 0);
}

/* Everything at once: stopped in the middle and at the end of epochs, with other threads, to the same
   bytes. */
static void test_resume(void **state)
{
  fixture *f = *state;
  const uint64_t stops[] = {1, 3, 5};
  char whole[256];
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  fixture_set(f, "hierarchical-smoothing", "0.02");
  fixture_set(f, "class-weights", "0.5");
  fixture_set(f, "rank-weights", "1,1,2,3");
  fixture_set(f, "balance", "0.7");
  fixture_set(f, "ema", "0.9");
  if (train(f, whole, 0, false) != TX_OK) fail_msg("%s", f->error.message);
  for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
    fixture_set(f, "threads", i % 2 ? "1" : "3");
    assert_int_equal(train(f, f->output, stops[i], i > 0), TX_STOPPED);
  }
  fixture_set(f, "balance", "0.6");
  assert_int_equal(train(f, f->output, 0, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--balance"));
  fixture_set(f, "balance", "0.7");
  if (train(f, f->output, 0, true) != TX_OK) fail_msg("%s", f->error.message);
  assert_true(same_bytes(whole, f->output));
}

/* Each setting changes the model, and is refused when it does not fit the data. */
static void test_each_matters(void **state)
{
  static const struct {
    const char *name, *value, *standard, *bad;
  } settings[] = {{"hierarchical-smoothing", "0.1", "", "0.1,0.1"},
                  {"class-weights", "1", "0", NULL},
                  {"rank-weights", "1,2,3,4", "", "1,2,3"},
                  {"balance", "1", "0", NULL},
                  {"ema", "0.9", "0", NULL}};
  fixture *f = *state;
  char plain[256];
  snprintf(plain, sizeof plain, "%s/plain", f->folder);
  fixture_set(f, "epochs", "1");
  write_uneven(f);
  assert_int_equal(train(f, plain, 0, false), TX_OK);
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    if (settings[i].bad) {
      fixture_set(f, settings[i].name, settings[i].bad);
      assert_int_equal(train(f, f->output, 0, false), TX_ERROR_USAGE);
      assert_non_null(strstr(f->error.message, settings[i].name));
    }
    fixture_set(f, settings[i].name, settings[i].value);
    if (train(f, f->output, 0, false) != TX_OK) fail_msg("%s", f->error.message);
    if (same_weights(plain, f->output))
      fail_msg("--%s %s changes nothing", settings[i].name, settings[i].value);
    fixture_set(f, settings[i].name, settings[i].standard);
  }
  assert_int_equal(train(f, f->output, 0, false), TX_OK);
  assert_true(same_bytes(plain, f->output));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_draws), cmocka_unit_test(test_order),
                                     cmocka_unit_test(test_average), TEST(test_resume),
                                     TEST(test_each_matters)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
