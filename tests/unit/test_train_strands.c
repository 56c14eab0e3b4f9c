/* Training of a model that reads both strands as one: alone, from and for models of one strand, and when
   pretraining. */
#include "unit/train_runs.h"

#include "nn/layout.h"

#include <math.h>

/* The same bytes for any number of threads and with a stop; it learns; and the property is in the model. */
static void test_resume_and_threads(void **state)
{
  fixture *f = *state;
  char whole[256];
  watch w = {0};
  tx_model *model;
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  fixture_set(f, "both-strands", "true");
  fixture_set(f, "pad-to", "250");
  fixture_set(f, "ema", "0.5");
  fixture_set(f, "threads", "1");
  if (watch_run(f, &w, NULL, whole, false) != TX_OK) fail_msg("%s", f->error.message);
  assert_true(w.last_loss < w.first_loss);
  fixture_set(f, "threads", "3");
  assert_int_equal(train_until(f, 5, f->output, false), TX_STOPPED);
  model = open_model(f->checkpoint);
  assert_true(tx_model_both_strands(model));
  tx_model_close(model);
  fixture_set(f, "both-strands", "false");
  assert_int_equal(train_until(f, 0, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--both-strands"));
  fixture_set(f, "both-strands", "true");
  fixture_set(f, "threads", "2");
  if (train_until(f, 0, f->output, true) != TX_OK) fail_msg("%s", f->error.message);
  assert_same_bytes(whole, f->output);
  model = open_model(whole);
  assert_true(tx_model_both_strands(model));
  tx_model_close(model);
}

/* Read without augmentation, the table and its reverse complements are the same records: loss and metric of
   the validation agree. */
static void test_the_strand_of_the_table_does_not_matter(void **state)
{
  static const char *const plain[] = {"substitution", "crop", "dropout", "learning-rate"};
  fixture *f = *state;
  watch given = {0}, turned = {0};
  fixture_set(f, "both-strands", "true");
  fixture_set(f, "random-offset", "false");
  fixture_set(f, "epochs", "1");
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) fixture_set(f, plain[i], "0");
  if (watch_run(f, &given, NULL, f->output, false) != TX_OK) fail_msg("%s", f->error.message);
  fixture_set(f, "reverse-complement", "1");
  if (watch_run(f, &turned, NULL, f->output, false) != TX_OK) fail_msg("%s", f->error.message);
  assert_true(given.first_loss > 0 && fabs(given.last_loss - turned.last_loss) < 1e-6 * given.last_loss);
}

/* The weights fit either way: the setting is the model's unless the run says otherwise, and a change is told.
   Without learning the weights stay: a model trained on one strand becomes one of both afterwards
   ("post-hoc"). */
static void test_init(void **state)
{
  fixture *f = *state;
  char one[256], both[256];
  tx_train_config taken;
  tx_model *a, *b;
  snprintf(one, sizeof one, "%s/one", f->folder);
  snprintf(both, sizeof both, "%s/both", f->folder);
  fixture_set(f, "epochs", "1");
  fixture_set(f, "reverse-complement", "0.5");
  must_train_whole(f, one);
  fixture_set(f, "init", one);
  fixture_set(f, "both-strands", "true");
  fixture_set(f, "learning-rate", "0");
  must_train_whole(f, both);
  assert_non_null(strstr(f->notes, "/one reads one strand; from here on both strands are read "
                                   "(--both-strands)"));
  a = open_model(one);
  b = open_model(both);
  assert_false(tx_model_both_strands(a));
  assert_true(tx_model_both_strands(b));
  assert_true(same_tensors(a, b, 0, tx_layout_count(&a->dims)));
  tx_model_close(a);
  tx_model_close(b);
  taken = f->config;
  taken.both_strands = false;
  assert_int_equal(tx_train_config_take(both, &taken, &f->error), TX_OK);
  assert_true(taken.both_strands);
  fixture_set(f, "init", both);
  fixture_set(f, "strand-share", "-1");
  must_train_whole(f, f->output);
  assert_null(strstr(f->notes, "strand"));
  fixture_set(f, "both-strands", "false");
  must_train_whole(f, f->output);
  assert_non_null(strstr(f->notes, "/both reads both strands; from here on one strand is read "
                                   "(--no-both-strands)"));
  fixture_set(f, "both-strands", "true");
  fixture_set(f, "learning-rate", "0.002");
  fixture_set(f, "freeze-encoder", "true"); /* the heads learn from the averaged embeddings */
  must_train_whole(f, f->output);
  a = open_model(both);
  b = open_model(f->output);
  assert_true(same_tensors(a, b, 0, tx_head_tensor(&a->dims, 0)));
  assert_false(same_tensors(a, b, tx_head_tensor(&a->dims, 0), tx_layout_count(&a->dims)));
  tx_model_close(a);
  tx_model_close(b);
}

/* Tokens are predicted one strand at a time: the weights are those of a run without the option, which the
   model has. */
static void test_pretraining_keeps_the_setting(void **state)
{
  static const char *const objectives[] = {"next-token", "masked"};
  fixture *f = *state;
  char plain[256];
  snprintf(plain, sizeof plain, "%s/plain", f->folder);
  fixture_set(f, "epochs", "1");
  for (int i = 0; i < 2; i++) {
    tx_model *a, *b;
    fixture_set(f, "objective", objectives[i]);
    fixture_set(f, "both-strands", "false");
    must_train_whole(f, plain);
    fixture_set(f, "both-strands", "true");
    must_train_whole(f, f->output);
    a = open_model(plain);
    b = open_model(f->output);
    assert_true(same_tensors(a, b, 0, tx_layout_count(&a->dims)));
    assert_false(tx_model_both_strands(a));
    assert_true(tx_model_both_strands(b));
    tx_model_close(a);
    tx_model_close(b);
  }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_resume_and_threads),
                                     TEST(test_the_strand_of_the_table_does_not_matter), TEST(test_init),
                                     TEST(test_pretraining_keeps_the_setting)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
