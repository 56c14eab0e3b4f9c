/* Pretraining as a masked autoencoder: what is hidden, that it learns, that runs give the same bytes, what a
   model keeps of it. */
#include "unit/train_runs.h"

#include "nn/layout.h"
#include "objective/tokens.h"

#include <math.h>

enum { WORDS = 8, TOKENS = 60, RECORDS = 60 };

static tx_status train(fixture *f, watch *w, const char *output, bool resume)
{
  f->notes[0] = 0;
  return watch_run(f, w, NULL, output, resume);
}

static void must_train(fixture *f, const char *output, bool resume)
{
  watch w = {0};
  if (train(f, &w, output, resume) != TX_OK) fail_msg("%s", f->error.message);
}

/* A refusal, whose message has `word`. */
static void must_refuse(fixture *f, const char *word)
{
  watch w = {0};
  assert_int_equal(train(f, &w, f->output, false), TX_ERROR_USAGE);
  if (!strstr(f->error.message, word)) fail_msg("'%s' does not name %s", f->error.message, word);
}

static int set_up(void **state)
{
  fixture *f;
  const int failed = fixture_set_up(state);
  if (failed) return failed;
  f = *state;
  fixture_set(f, "objective", "masked-autoencoder");
  fixture_set(f, "max-bases", "240");
  return 0;
}

/* Each token with the probability of the share, but one token at least stays visible; ids stay; padding and
   unknown tokens are visible. */
static void test_targets(void **state)
{
  static const struct {
    uint32_t tokens, padding, unknown; /* the first tokens */
    double share;
    size_t fewest, most;
  } cases[] = {{12, 0, 0, 0.5, 2, 10}, {12, 4, 0, 0.5, 1, 7}, {12, 0, 0, 1, 11, 11}, {12, 10, 0, 1, 1, 1},
               {2, 0, 0, 1, 1, 1},     {1, 0, 0, 1, 0, 0},    {5, 4, 0, 1, 0, 0},    {12, 0, 3, 1, 9, 9},
               {12, 0, 12, 1, 0, 0},   {12, 4, 1, 1, 7, 7}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int32_t ids[12], targets[12];
    uint32_t starts[2] = {0, cases[i].tokens}, padding[1] = {cases[i].padding};
    tx_shard shard = {
        .ids = ids, .targets = targets, .starts = starts, .padding = padding, .pack.sequences = 1};
    size_t hidden = 0;
    tx_random random;
    for (int32_t t = 0; t < 12; t++) ids[t] = 10 + t;
    for (uint32_t t = 0; t < cases[i].unknown; t++) ids[cases[i].padding + t] = TX_TOKEN_UNK;
    tx_random_seed(&random, 1, i, 7, 16);
    tx_tokens_hide(&shard, cases[i].share, &random);
    for (uint32_t t = 0; t < cases[i].tokens; t++) {
      assert_true(targets[t] == TX_TARGET_NONE ||
                  (targets[t] == ids[t] && ids[t] == (int32_t)(10 + t) && t >= cases[i].padding));
      hidden += targets[t] >= 0;
    }
    assert_in_range(hidden, cases[i].fewest, cases[i].most);
  }
}

/* Eight words one after the other, from any of them on: each is as frequent as the others, so that without
   the visible ones nothing better than log 8 can be had. */
static void write_periodic(fixture *f)
{
  static const char *const words[WORDS] = {"ACGT", "TTAC", "GGCA", "CATG", "AAGC", "TCTC", "GATA", "CGGT"};
  char *text = calloc(RECORDS, 4 * TOKENS + 16);
  size_t used = 0;
  assert_non_null(text);
  for (size_t i = 0; i < RECORDS; i++) {
    used += (size_t)sprintf(text + used, ">r%zu\n", i);
    for (size_t t = 0; t < TOKENS; t++)
      used += (size_t)sprintf(text + used, "%s", words[(i * 5 + t) % WORDS]);
    used += (size_t)sprintf(text + used, "\n");
  }
  fixture_write(f, "periodic.fasta", text, f->input);
  free(text);
}

static void test_learns(void **state)
{
  fixture *f = *state;
  watch w = {0};
  tx_model *model;
  if (TX_LIGHT_TESTS) skip();
  write_periodic(f);
  fixture_set(f, "epochs", "40");
  fixture_set(f, "learning-rate", "0.01");
  fixture_set(f, "valid-fraction", "0.2");
  fixture_set(f, "random-offset", "false");
  fixture_set(f, "dropout", "0");
  fixture_set(f, "reverse-complement", "0");
  fixture_set(f, "crop", "0");
  fixture_set(f, "substitution", "0");
  if (train(f, &w, f->output, false) != TX_OK) fail_msg("%s", f->error.message);
  assert_true(fabs(w.first_loss - log(264)) < 0.3); /* knows nothing: the logarithm of the vocabulary */
  assert_string_equal(w.metric_name, "token-accuracy");
  if (!(w.valid_loss < 0.6 * log(WORDS) && w.metric > 0.7 && w.metric <= 1))
    fail_msg("loss %.3f, accuracy %.3f", w.valid_loss, w.metric);
  model = open_model(f->output);
  assert_int_equal(model->dims.positions, TOKENS);
  assert_int_equal(tx_dims_ranks(&model->dims), 0);
  assert_non_null(tx_safetensors_find(model->file, "emb.positions"));
  for (size_t i = 0; i < tx_safetensors_count(model->file); i++)
    assert_null(strstr(tx_safetensors_at(model->file, i)->name, "decoder."));
  assert_non_null(strstr(model->provenance, "\"objective\":\"masked-autoencoder\""));
  tx_model_close(model);
}

/* One thread or several, in one go or with stops: the same bytes. The checkpoint has the decoder. */
static void check_same_bytes(fixture *f)
{
  const uint64_t stops[] = {1, 4};
  char whole[256];
  fixture_set(f, "threads", "1");
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  must_train(f, whole, false);
  for (size_t j = 0; j < sizeof stops / sizeof stops[0]; j++) {
    watch stopped = {.stop_at = stops[j]};
    tx_safetensors *file = NULL;
    fixture_set(f, "threads", j % 2 ? "2" : "3");
    assert_int_equal(train(f, &stopped, f->output, j > 0), TX_STOPPED);
    assert_int_equal(tx_safetensors_open(f->checkpoint, 1, &file, &f->error), TX_OK);
    assert_non_null(tx_safetensors_find(file, "decoder.emb.weight"));
    assert_non_null(tx_safetensors_find(file, "decoder.layers.1.fc2.bias"));
    assert_non_null(tx_safetensors_find(file, "decoder.token_head.weight"));
    tx_safetensors_close(file);
  }
  must_train(f, f->output, true);
  assert_same_bytes(whole, f->output);
}

static void test_same_bytes(void **state)
{
  static const char *const everything[][2] = {{"optimiser", "kl-soap"}, {"preconditioner-frequency", "2"},
                                              {"ema", "0.9"},           {"tokenizer", "bpe"},
                                              {"bpe-symbols", "48"},    {"precision", "bf16"}};
  fixture *f = *state;
  tx_model *model;
  fixture_set(f, "decoder-layers", "2");
  check_same_bytes(f);
  for (size_t i = 0; i < sizeof everything / sizeof *everything; i++)
    fixture_set(f, everything[i][0], everything[i][1]);
  check_same_bytes(f);
  model = open_model(f->output);
  assert_int_equal(model->dims.positions, 120); /* half the bases */
  tx_model_close(model);
}

/* With a learning rate of 0 a run ends with what it began with: the positions too. */
static void test_init(void **state)
{
  fixture *f = *state;
  char first[256];
  tx_model *a, *b;
  size_t encoder;
  tx_train_config *config = calloc(1, sizeof *config);
  assert_non_null(config);
  snprintf(first, sizeof first, "%s/first", f->folder);
  must_train(f, first, false);
  assert_int_equal(tx_train_config_take(first, config, &f->error), TX_OK);
  assert_int_equal(config->positions, TOKENS);
  free(config);
  fixture_set(f, "init", first);
  fixture_set(f, "learning-rate", "0");
  fixture_set(f, "seed", "5"); /* other random weights */
  must_train(f, f->output, false);
  assert_non_null(strstr(f->notes, "taken: encoder (36 tensors) from "));
  assert_non_null(strstr(f->notes, "; new: decoder\n"));
  fixture_set(f, "objective", "taxa");
  must_refuse(f, "--positions 0 does not agree");
  fixture_set(f, "positions", "60");
  must_train(f, f->output, false);
  assert_non_null(strstr(f->notes, "; new: heads order, family, genus, species\n"));
  a = open_model(first);
  b = open_model(f->output);
  encoder = tx_head_tensor(&a->dims, 0);
  assert_int_equal(encoder, 36);
  assert_int_equal(b->dims.positions, 60);
  assert_true(same_tensors(a, b, 0, encoder));
  tx_model_close(b);
  /* the decoder alone learns */
  fixture_set(f, "objective", "masked-autoencoder");
  fixture_set(f, "learning-rate", "0.002");
  fixture_set(f, "freeze-encoder", "true");
  must_train(f, f->output, false);
  b = open_model(f->output);
  assert_true(same_tensors(a, b, 0, encoder));
  tx_model_close(b);
  /* and what was pretrained goes on to learn */
  fixture_set(f, "freeze-encoder", "false");
  fixture_set(f, "objective", "taxa");
  must_train(f, f->output, false);
  b = open_model(f->output);
  for (size_t i = 0; i < encoder; i++) assert_false(same_tensors(a, b, i, i + 1));
  tx_model_close(b);
  tx_model_close(a);
}

static void test_refusals(void **state)
{
  fixture *f = *state;
  char plain[256];
  fixture_set(f, "epochs", "1");
  fixture_set(f, "max-bases", "0");
  must_refuse(f, "--positions");
  fixture_set(f, "positions", "20"); /* fewer than tokens */
  must_train(f, f->output, false);
  fixture_set(f, "positions", "0");
  fixture_set(f, "max-bases", "240");
  fixture_set(f, "metric", "species-accuracy");
  must_refuse(f, "species-accuracy");
  fixture_set(f, "metric", "");
  snprintf(plain, sizeof plain, "%s/plain", f->folder);
  fixture_set(f, "objective", "masked");
  must_train(f, plain, false);
  fixture_set(f, "init", plain);
  fixture_set(f, "objective", "masked-autoencoder");
  must_refuse(f, "of --init has none");
  fixture_set(f, "positions", "30");
  must_refuse(f, "--positions 30 does not agree");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_targets), TEST(test_learns), TEST(test_same_bytes),
                                     TEST(test_init), TEST(test_refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
