/* Traits that are learnt beside the taxa: threads and resuming, what the model stores and keeps, and what is
   refused. */
#include "unit/train_runs.h"

#include "nn/layout.h"

#include <math.h>

/* Lengths of the records of the fixture: one for each species, with some missing; "long" is 100 times it. */
static void write_traits(fixture *f, double step, char *path)
{
  char text[16384] = "individualID\tlength\tlong\n";
  size_t used = strlen(text);
  for (size_t s = 0; s < FIXTURE_SPECIES; s++)
    for (size_t i = 0; i < 16; i++) {
      const double value = 2 + step * (double)s + 0.01 * (double)(i % 5);
      if (i % 7 == 3)
        used += (size_t)snprintf(text + used, sizeof text - used, "R%zu-%zu\t\t%g\n", s, i, 100 * value);
      else
        used += (size_t)snprintf(text + used, sizeof text - used, "R%zu-%zu\t%g\t%g\n", s, i, value,
                                 100 * value);
    }
  fixture_write(f, "traits.tsv", text, path);
  fixture_set(f, "traits", path);
  fixture_set(f, "trait-columns", "length,long");
}

static void test_resume_and_threads(void **state)
{
  fixture *f = *state;
  char whole[256], path[192];
  tx_model *model;
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  write_traits(f, 0.5, path);
  fixture_set(f, "threads", "1");
  must_train_whole(f, whole);
  assert_non_null(strstr(f->notes, "trait length: "));
  fixture_set(f, "threads", "3");
  assert_int_equal(train_until(f, 5, f->output, false), TX_STOPPED);
  write_traits(f, 0.6, path); /* other values: another run */
  assert_int_equal(train_until(f, 0, f->output, true), TX_ERROR_USAGE);
  write_traits(f, 0.5, path);
  fixture_set(f, "threads", "2");
  if (train_until(f, 0, f->output, true) != TX_OK) fail_msg("%s", f->error.message);
  assert_same_bytes(whole, f->output);
  model = open_model(whole);
  assert_int_equal(tx_model_trait_count(model), 2);
  assert_string_equal(tx_model_trait_name(model, 1), "long");
  assert_false(tx_model_trait_is_log(model, 0));
  /* all values but the missing ones of "length" are 100 times it */
  assert_true(
      fabs(model->regression.outputs[1].deviation / model->regression.outputs[0].deviation - 100) < 5);
  tx_model_close(model);
}

/* Precisions, copies and starting from the model keep what they have to. */
static void test_model(void **state)
{
  fixture *f = *state;
  char small[256], path[192];
  double *embedding;
  tx_model *model, *again;
  snprintf(small, sizeof small, "%s/small", f->folder);
  write_traits(f, 0.5, path);
  fixture_set(f, "epochs", "1");
  fixture_set(f, "trait-transform", "log");
  fixture_set(f, "trait-huber", "1.5");
  must_train_whole(f, f->output);
  model = open_model(f->output);
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, small, NULL, &f->error), TX_OK);
  again = open_model(small);
  assert_int_equal(tx_model_trait_count(again), 2);
  assert_true(tx_model_trait_is_log(again, 0));
  embedding = calloc(tx_model_width(model), sizeof *embedding);
  assert_non_null(embedding);
  for (size_t i = 0; i < tx_model_width(model); i++) embedding[i] = 0.1 * (double)i - 0.5;
  for (size_t t = 0; t < 2; t++) /* the weights of the head are rounded like others */
    assert_true(fabs(tx_model_trait(model, t, embedding) - tx_model_trait(again, t, embedding)) <
                0.1 * model->regression.outputs[t].deviation);
  free(embedding);
  tx_model_close(again);
  tx_model_close(model);
  fixture_set(f, "init", f->output);
  must_train_whole(f, small);
  assert_non_null(strstr(f->notes, "traits"));
  fixture_set(f, "traits", "");
  fixture_set(f, "trait-columns", "");
  fixture_set(f, "trait-transform", "none");
  fixture_set(f, "trait-huber", "0");
  must_train_whole(f, small);
  again = open_model(small);
  assert_int_equal(tx_model_trait_count(again), 0);
  tx_model_close(again);
}

static void test_refused(void **state)
{
  fixture *f = *state;
  char path[192];
  write_traits(f, 0.5, path);
  fixture_set(f, "trait-columns", "");
  assert_int_equal(train_until(f, 0, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--trait-columns"));
  fixture_set(f, "trait-columns", "width");
  assert_int_equal(train_until(f, 0, f->output, false), TX_ERROR_DATA);
  fixture_set(f, "trait-columns", "length");
  fixture_write(f, "traits.tsv", "id\tlength\nnobody\t1\n", path);
  assert_int_equal(train_until(f, 0, f->output, false), TX_ERROR_DATA);
  assert_non_null(strstr(f->error.message, "0 training records have a value"));
  fixture_write(f, "traits.tsv", "id\tlength\nR0-0\t1\nR1-0\t1\n", path);
  assert_int_equal(train_until(f, 0, f->output, false), TX_ERROR_DATA);
  assert_non_null(strstr(f->error.message, "all the same"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_resume_and_threads), TEST(test_model), TEST(test_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
