/* Options that meet in one run: optimisers, averages, losses, learned words, pretraining and starting from a
   model. */
#include "unit/train_runs.h"

#include "nn/layout.h"

#include <math.h>

static tx_status train(fixture *f, uint64_t stop_at, const char *output, bool resume)
{
  watch w = {.stop_at = stop_at};
  f->notes[0] = 0;
  return watch_run(f, &w, NULL, output, resume);
}

static void must_train(fixture *f, const char *output, bool resume)
{
  if (train(f, 0, output, resume) != TX_OK) fail_msg("%s", f->error.message);
}

static void set_all(fixture *f, const char *const settings[][2], size_t count)
{
  for (size_t i = 0; i < count; i++) fixture_set(f, settings[i][0], settings[i][1]);
}

#define SET_ALL(f, settings) set_all((f), (settings), sizeof(settings) / sizeof *(settings))

static bool same_words(const tx_model *a, const tx_model *b)
{
  const tx_bpe *x = a->tokenizer.bpe, *y = b->tokenizer.bpe;
  if (!x || !y || tx_bpe_merges(x) != tx_bpe_merges(y)) return false;
  for (size_t i = 0; i < tx_bpe_merges(x); i++)
    if (tx_bpe_merge(x, i).left != tx_bpe_merge(y, i).left ||
        tx_bpe_merge(x, i).right != tx_bpe_merge(y, i).right)
      return false;
  return true;
}

/* In one go with one thread, and with stops at several places and other numbers of threads: the same
   bytes. */
static void resumes_to_the_same(fixture *f, const char *whole)
{
  const uint64_t stops[] = {1, 3, 4, 7};
  fixture_set(f, "threads", "1");
  must_train(f, whole, false);
  for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
    fixture_set(f, "threads", i % 2 ? "2" : "3");
    assert_int_equal(train(f, stops[i], f->output, i > 0), TX_STOPPED);
  }
  must_train(f, f->output, true);
  assert_same_bytes(whole, f->output);
}

static const char *const everything[][2] = {{"optimiser", "kl-soap"},
                                            {"preconditioner-frequency", "2"},
                                            {"ema", "0.9"},
                                            {"hierarchical-smoothing", "0.02"},
                                            {"class-weights", "0.5"},
                                            {"rank-weights", "1,1,1,2"},
                                            {"balance", "0.5"},
                                            {"tokenizer", "bpe"},
                                            {"bpe-symbols", "48"},
                                            {"precision", "bf16"},
                                            {"reverse-complement", "0.3"},
                                            {"noise-robustness", "0.2"},
                                            {"contrast", "0.5"},
                                            {"contrast-memory", "20"},
                                            {"both-strands", "true"},
                                            {"encoder-rate", "0.5"}};

static void test_everything_resumes(void **state)
{
  fixture *f = *state;
  char whole[256];
  tx_model *model;
  tx_safetensors *file = NULL;
  const tx_section *average;
  SET_ALL(f, everything);
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  resumes_to_the_same(f, whole);
  model = open_model(whole);
  assert_int_equal(tx_bpe_symbols(model->tokenizer.bpe), 48);
  assert_int_equal(train(f, 5, f->output, false), TX_STOPPED);
  assert_int_equal(tx_safetensors_open(f->checkpoint, 1, &file, &f->error), TX_OK);
  assert_non_null(tx_safetensors_find(file, "checkpoint.kl.state"));
  average = tx_safetensors_find(file, "checkpoint.average");
  assert_non_null(tx_safetensors_find(file, "checkpoint.contrast.records"));
  assert_non_null(average); /* of all weights, those of the matrices too */
  assert_int_equal(average->size, tx_layout_elements(&model->dims) * sizeof(float));
  tx_safetensors_close(file);
  tx_model_close(model);
  fixture_set(f, "ema", "0.8");
  assert_int_equal(train(f, 0, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--ema"));
}

/* The average only looks on: with it the weights go the same way. At a decay close to 0 it is the weights. */
static void test_average_of_any_optimiser(void **state)
{
  static const char *const optimisers[] = {"adamw", "kl-shampoo", "kl-soap"};
  fixture *f = *state;
  char plain[256], close[256], slow[256];
  if (TX_LIGHT_TESTS) skip();
  fixture_set(f, "epochs", "1");
  snprintf(plain, sizeof plain, "%s/plain", f->folder);
  snprintf(close, sizeof close, "%s/close", f->folder);
  snprintf(slow, sizeof slow, "%s/slow", f->folder);
  for (size_t i = 0; i < sizeof optimisers / sizeof optimisers[0]; i++) {
    tx_model *a, *b, *c;
    fixture_set(f, "optimiser", optimisers[i]);
    fixture_set(f, "ema", "0");
    must_train(f, plain, false);
    fixture_set(f, "ema", "1e-07");
    must_train(f, close, false);
    fixture_set(f, "ema", "0.9");
    must_train(f, slow, false);
    a = open_model(plain);
    b = open_model(close);
    c = open_model(slow);
    for (size_t t = 0; t < tx_layout_count(&a->dims); t++) {
      tx_tensor_info info;
      tx_layout_tensor(&a->dims, t, &info);
      for (size_t e = 0; e < info.count; e++)
        assert_true(fabsf(a->weights[t][e] - b->weights[t][e]) <= 1e-6F);
    }
    assert_false(same_tensors(a, c, tx_head_tensor(&a->dims, 0), tx_head_tensor(&a->dims, 0) + 1));
    tx_model_close(a);
    tx_model_close(b);
    tx_model_close(c);
  }
}

/* What is said about labels makes no difference to a run that does not look at them, and that is told. */
static void test_pretraining_leaves_labels_aside(void **state)
{
  /* of a number of ranks that it cannot have */
  static const char *const about_labels[][2] = {{"hierarchical-smoothing", "0.1,0.2"},
                                                {"class-weights", "0.5"},
                                                {"rank-weights", "1,2"},
                                                {"balance", "0.5"},
                                                {"label-smoothing", "0.3"},
                                                {"noise-robustness", "0.2"},
                                                {"contrast", "0.3"}};
  static const char *const objectives[] = {"next-token", "masked"};
  fixture *f = *state;
  char plain[256];
  snprintf(plain, sizeof plain, "%s/plain", f->folder);
  fixture_set(f, "strand-share", "-1");
  for (int i = 0; i < 2; i++) {
    fixture_set(f, "objective", objectives[i]);
    fixture_set(f, "hierarchical-smoothing", "");
    fixture_set(f, "class-weights", "0");
    fixture_set(f, "rank-weights", "");
    fixture_set(f, "balance", "0");
    fixture_set(f, "label-smoothing", "0.05");
    fixture_set(f, "noise-robustness", "0");
    fixture_set(f, "contrast", "0.5"); /* the default */
    must_train(f, plain, false);
    assert_null(strstr(f->notes, "left aside"));
    assert_non_null(strstr(f->notes, "label smoothing is 0")); /* it is not by default */
    SET_ALL(f, about_labels);
    must_train(f, f->output, false);
    assert_non_null(strstr(f->notes, "left aside, as it has no effect with --objective "));
    assert_non_null(strstr(f->notes, "--label-smoothing, --hierarchical-smoothing, --class-weights, "
                                     "--rank-weights, --balance, --noise-robustness, "
                                     "--contrast\n"));
    assert_same_bytes(plain, f->output);
  }
  fixture_set(f, "objective", "taxa");
  assert_int_equal(train(f, 0, f->output, false), TX_ERROR_USAGE);
}

/* Pretraining with learned words, matrices and an average; then a run on the taxa that takes words and
   encoder from there. */
static void test_pretraining_and_after(void **state)
{
  static const char *const good[][2] = {{"bpe-symbols", "48"}, {"bpe-longest", "1024"}};
  fixture *f = *state;
  char encoder[256], tuned[256];
  tx_model *a, *b;
  SET_ALL(f, everything);
  fixture_set(f, "objective", "masked");
  snprintf(encoder, sizeof encoder, "%s/encoder", f->folder);
  snprintf(tuned, sizeof tuned, "%s/tuned", f->folder);
  resumes_to_the_same(f, encoder);
  fixture_set(f, "objective", "taxa");
  fixture_set(f, "init", encoder);
  fixture_table(f, "fewer.csv", 6, true, f->input); /* other records would be other words */
  resumes_to_the_same(f, tuned);
  assert_null(strstr(f->notes, "tokenizer:")); /* nothing was learned */
  a = open_model(encoder);
  b = open_model(tuned);
  assert_true(same_words(a, b));
  assert_false(same_tensors(a, b, 0, 1));
  tx_model_close(b);
  fixture_set(f, "freeze-encoder", "true");
  resumes_to_the_same(f, tuned);
  b = open_model(tuned);
  assert_true(same_tensors(a, b, 0, tx_head_tensor(&a->dims, 0)));
  tx_model_close(b);
  fixture_set(f, "learning-rate", "0"); /* the average starts from what was taken */
  fixture_set(f, "freeze-encoder", "false");
  must_train(f, tuned, false);
  b = open_model(tuned);
  assert_true(same_tensors(a, b, 0, tx_head_tensor(&a->dims, 0)));
  tx_model_close(a);
  tx_model_close(b);
  fixture_set(f, "bpe-symbols", "64");
  assert_int_equal(train(f, 0, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--bpe-symbols 64 "));
  SET_ALL(f, good);
  fixture_set(f, "bpe-longest", "2");
  assert_int_equal(train(f, 0, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--bpe-longest 2 "));
  SET_ALL(f, good);
  fixture_set(f, "tokenizer", "kmer");
  assert_int_equal(train(f, 0, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--tokenizer kmer "));
  assert_int_equal(tx_train_config_take(encoder, &f->config, &f->error), TX_OK);
  assert_int_equal(f->config.bpe_symbols, 48);
  must_train(f, f->output, false);
}

/* A token head of few symbols goes to KL-SOAP, one of many and a frozen encoder do not. */
static void test_matrices_that_learn(void **state)
{
  fixture *f = *state;
  char encoder[256];
  snprintf(encoder, sizeof encoder, "%s/encoder", f->folder);
  fixture_set(f, "epochs", "1");
  fixture_set(f, "optimiser", "kl-shampoo");
  fixture_set(f, "objective", "next-token");
  must_train(f, encoder, false); /* two layers of 4 matrices and the token head of 264 symbols */
  assert_non_null(strstr(f->notes, "optimiser: 9 matrices by KL-Shampoo"));
  fixture_set(f, "preconditioner-limit", "200");
  must_train(f, encoder, false);
  assert_non_null(strstr(f->notes, "optimiser: 8 matrices by KL-Shampoo"));
  fixture_set(f, "objective", "taxa");
  fixture_set(f, "init", encoder);
  fixture_set(f, "freeze-encoder", "true");
  must_train(f, f->output, false); /* the heads of genus and species: order and family have one taxon */
  assert_non_null(strstr(f->notes, "optimiser: 2 matrices by KL-Shampoo"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_everything_resumes), TEST(test_average_of_any_optimiser),
                                     TEST(test_pretraining_leaves_labels_aside),
                                     TEST(test_pretraining_and_after), TEST(test_matrices_that_learn)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
