/* Pretraining and starting from a model: the targets, whole runs on a tiny clade, what is taken and what is
   refused. */
#include "unit/train_runs.h"

#include "nn/layout.h"
#include "objective/tokens.h"

#include <math.h>
#include <sys/stat.h>

static tx_status train(fixture *f, watch *w, const char *output, bool resume)
{
  f->notes[0] = 0;
  return watch_run(f, w, NULL, output, resume);
}

static void must_train(fixture *f, const char *output)
{
  watch w = {0};
  if (train(f, &w, output, false) != TX_OK) fail_msg("%s", f->error.message);
}

/* A refusal, whose message has `word`. */
static void must_refuse(fixture *f, tx_status status, const char *word)
{
  watch w = {0};
  assert_int_equal(train(f, &w, f->output, false), status);
  if (!strstr(f->error.message, word)) fail_msg("'%s' does not name %s", f->error.message, word);
}

static const char *const objectives[] = {"next-token", "masked"};

/* A shard of two sequences of 12 tokens, the second with 4 of padding. */
typedef struct small_shard {
  tx_shard shard;
  int32_t ids[24], targets[24];
  uint32_t starts[3], padding[2];
} small_shard;

static void make_small(small_shard *s, size_t sequences)
{
  memset(s, 0, sizeof *s);
  for (int32_t i = 0; i < 24; i++) s->ids[i] = 10 + i;
  for (uint32_t i = 0; i < 3; i++) s->starts[i] = 12 * i;
  s->padding[1] = 4;
  s->shard = (tx_shard){.ids = s->ids,
                        .targets = s->targets,
                        .starts = s->starts,
                        .padding = s->padding,
                        .pack.sequences = sequences};
}

static void test_next_token_targets(void **state)
{
  small_shard s;
  (void)state;
  make_small(&s, 1);
  tx_tokens_next(&s.shard);
  s.shard.pack.sequences = 2;
  tx_tokens_next(&s.shard);
  for (int32_t t = 0; t < 24; t++) {
    assert_int_equal(s.ids[t], 10 + t);
    assert_int_equal(s.targets[t], t == 11 || t == 23 || (t >= 12 && t < 16) ? TX_TARGET_NONE : 11 + t);
  }
}

/* The same stream masks the same tokens; every token is masked with the probability of the share, whatever
   the others are; padding and unknown tokens are not. */
static void test_masked_targets(void **state)
{
  small_shard s, again;
  enum { EPOCHS = 2000, UNKNOWN = 18 };
  size_t seen[24] = {0}, both = 0, counts[9] = {0};
  bool different = false;
  (void)state;
  for (uint64_t epoch = 0; epoch < EPOCHS; epoch++) {
    tx_random random;
    size_t masked = 0;
    make_small(&s, 2);
    make_small(&again, 2);
    s.ids[UNKNOWN] = again.ids[UNKNOWN] = TX_TOKEN_UNK;
    tx_random_seed(&random, 1, epoch, 7, 16);
    tx_tokens_mask(&s.shard, 0.25, &random);
    tx_random_seed(&random, 1, epoch, 7, 16);
    tx_tokens_mask(&again.shard, 0.25, &random);
    assert_memory_equal(s.ids, again.ids, sizeof s.ids);
    assert_memory_equal(s.targets, again.targets, sizeof s.targets);
    for (int32_t t = 12; t < 24; t++) {
      const bool is_masked = s.ids[t] == TX_TOKEN_MASK;
      assert_int_equal(s.targets[t], is_masked ? 10 + t : TX_TARGET_NONE);
      if (!is_masked) assert_int_equal(s.ids[t], t == UNKNOWN ? TX_TOKEN_UNK : 10 + t);
      masked += is_masked;
      seen[t] += is_masked;
    }
    counts[masked]++;
    both += s.ids[16] == TX_TOKEN_MASK && s.ids[17] == TX_TOKEN_MASK;
    tx_random_seed(&random, 1, epoch + 1, 7, 16);
    make_small(&again, 2);
    tx_tokens_mask(&again.shard, 0.25, &random);
    different = different || memcmp(s.ids, again.ids, sizeof s.ids) != 0;
  }
  assert_true(different);
  /* means of 500 and 125 with standard deviations of 19 and 11 */
  for (size_t t = 12; t < 24; t++)
    assert_true(t < 16 || t == UNKNOWN ? seen[t] == 0 : seen[t] > 400 && seen[t] < 600);
  assert_true(both > 75 && both < 175);
  assert_true(counts[0] > 0 && counts[4] > 0); /* of 7: their number varies */
}

static void test_learns(void **state)
{
  fixture *f = *state;
  fixture_set(f, "epochs", "60");
  fixture_set(f, "learning-rate", "0.01");
  fixture_set(f, "random-offset", "false");
  fixture_set(f, "dropout", "0");
  fixture_set(f, "reverse-complement", "0");
  fixture_set(f, "crop", "0");
  for (int i = 0; i < 2; i++) {
    watch w = {0};
    tx_model *model;
    fixture_set(f, "objective", objectives[i]);
    if (train(f, &w, f->output, false) != TX_OK) fail_msg("%s", f->error.message);
    assert_true(fabs(w.first_loss - log(264)) < 0.3); /* knows nothing: the logarithm of the vocabulary */
    assert_true(w.last_loss < w.first_loss - 2);
    assert_string_equal(w.metric_name, i ? "token-accuracy" : "perplexity");
    if (i == 0) assert_true(w.metric < 5 && fabs(w.metric - exp(w.valid_loss)) < 1e-9 * w.metric);
    if (i == 1) assert_true(w.metric > 0.3 && w.metric <= 1);
    model = open_model(f->output);
    assert_int_equal(tx_dims_ranks(&model->dims), 0);
    assert_int_equal(tx_taxonomy_rank_count(tx_model_taxonomy(model)), 0);
    assert_null(tx_safetensors_find(model->file, "token_head.weight"));
    assert_non_null(strstr(model->provenance, objectives[i]));
    tx_model_close(model);
  }
}

/* One thread or several, in one go or with stops: the same bytes. The checkpoint has the token head. */
static void test_same_bytes(void **state)
{
  fixture *f = *state;
  const uint64_t stops[] = {1, 3, 5};
  for (int i = 0; i < 2; i++) {
    char whole[256];
    watch w = {0};
    tx_safetensors *file = NULL;
    fixture_set(f, "objective", objectives[i]);
    fixture_set(f, "threads", "1");
    snprintf(whole, sizeof whole, "%s/whole", f->folder);
    must_train(f, whole);
    for (size_t j = 0; j < sizeof stops / sizeof stops[0]; j++) {
      watch stopped = {.stop_at = stops[j]};
      fixture_set(f, "threads", j % 2 ? "2" : "3");
      assert_int_equal(train(f, &stopped, f->output, j > 0), TX_STOPPED);
      assert_int_equal(tx_safetensors_open(f->checkpoint, 1, &file, &f->error), TX_OK);
      assert_non_null(tx_safetensors_find(file, "token_head.weight"));
      tx_safetensors_close(file);
    }
    assert_int_equal(train(f, &w, f->output, true), TX_OK);
    assert_same_bytes(whole, f->output);
  }
}

/* The same sequences without labels, as FASTA, give the same weights as the table. */
static void test_labels_do_not_matter(void **state)
{
  fixture *f = *state;
  char table[192], other[256], *text, *line, *rest;
  size_t length, used = 0;
  char *fasta = calloc(1, 1 << 16);
  tx_model *a, *b;
  assert_non_null(fasta);
  fixture_set(f, "objective", "masked");
  fixture_table(f, "plain.csv", 6, false, table);
  memcpy(f->input, table, sizeof table);
  must_train(f, f->output);
  assert_int_equal(tx_read_file(table, 1 << 20, NULL, &text, &length, &f->error), TX_OK);
  line = strchr(text, '\n') + 1;
  for (; *line; line = rest + 1) {
    rest = strchr(line, '\n');
    used += (size_t)sprintf(fasta + used, ">%zu\n%.*s\n", used, FIXTURE_BASES, rest - FIXTURE_BASES);
  }
  fixture_write(f, "plain.fasta", fasta, f->input);
  snprintf(other, sizeof other, "%s/other", f->folder);
  must_train(f, other);
  a = open_model(f->output);
  b = open_model(other);
  assert_true(same_tensors(a, b, 0, tx_layout_count(&a->dims)));
  tx_model_close(a);
  tx_model_close(b);
  free(text);
  free(fasta);
  fixture_set(f, "objective", "taxa");
  must_refuse(f, TX_ERROR_DATA, "no label");
  fixture_set(f, "objective", "next-token");
  fixture_write(f, "bare.csv", "id,sequence\n", f->input);
  must_refuse(f, TX_ERROR_DATA, "no record in");
}

/* With a learning rate of 0 a run ends with what it began with. */
static void test_init_copies_exactly(void **state)
{
  fixture *f = *state;
  char pretrained[256], tuned[256];
  size_t encoder;
  tx_model *a, *b;
  snprintf(pretrained, sizeof pretrained, "%s/pretrained", f->folder);
  snprintf(tuned, sizeof tuned, "%s/tuned", f->folder);
  fixture_set(f, "objective", "next-token");
  must_train(f, pretrained);
  fixture_set(f, "objective", "taxa");
  fixture_set(f, "init", pretrained);
  fixture_set(f, "learning-rate", "0");
  must_train(f, f->output);
  assert_non_null(strstr(f->notes, "taken: encoder (35 tensors) from "));
  assert_non_null(strstr(f->notes, "; new: heads order, family, genus, species\n"));
  a = open_model(pretrained);
  b = open_model(f->output);
  encoder = tx_head_tensor(&a->dims, 0);
  assert_int_equal(encoder, 35);
  assert_true(same_tensors(a, b, 0, encoder));
  assert_non_null(strstr(b->provenance, "\"init\":{\"file\":\"pretrained\",\"crc32\":\""));
  assert_non_null(strstr(b->provenance, tx_safetensors_metadata(a->file, "taxamba.crc32")));
  tx_model_close(a);
  tx_model_close(b);
  /* all of a model with the same taxa */
  fixture_set(f, "learning-rate", "0.002");
  must_train(f, f->output);
  fixture_set(f, "init", f->output);
  fixture_set(f, "seed", "5"); /* other random weights */
  fixture_set(f, "learning-rate", "0");
  must_train(f, tuned);
  assert_non_null(strstr(f->notes, "taken: encoder (35 tensors), heads order, family, genus, species from "));
  a = open_model(f->output);
  b = open_model(tuned);
  assert_true(same_tensors(a, b, 0, tx_layout_count(&a->dims)));
  tx_model_close(a);
  tx_model_close(b);
}

/* Heads of ranks whose taxa differ are new; an encoder for the other objective is taken as well. */
static void test_init_takes_what_fits(void **state)
{
  fixture *f = *state;
  char first[256], table[192];
  FILE *file;
  tx_model *a, *b;
  snprintf(first, sizeof first, "%s/first", f->folder);
  must_train(f, first);
  file = fopen(f->input, "ab"); /* a seventh species of a fourth genus */
  assert_non_null(file);
  fixture_row(file, 6, 0, "train");
  assert_int_equal(fclose(file), 0);
  memcpy(table, f->input, sizeof table);
  fixture_set(f, "init", first);
  fixture_set(f, "learning-rate", "0");
  must_train(f, f->output);
  assert_non_null(strstr(f->notes, "taken: encoder (35 tensors), heads order, family from "));
  assert_non_null(strstr(f->notes, "; new: heads genus, species\n"));
  a = open_model(first);
  b = open_model(f->output);
  assert_true(same_tensors(a, b, 0, tx_head_tensor(&a->dims, 2)));
  tx_model_close(a);
  tx_model_close(b);
  fixture_set(f, "objective", "masked");
  must_train(f, f->output);
  assert_non_null(strstr(f->notes, "; new: token head\n"));
}

static void test_frozen_encoder(void **state)
{
  fixture *f = *state;
  char first[256], whole[256];
  size_t encoder;
  tx_model *a, *b;
  watch w = {.stop_at = 4};
  snprintf(first, sizeof first, "%s/first", f->folder);
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  fixture_set(f, "freeze-encoder", "true");
  must_refuse(f, TX_ERROR_USAGE, "--init");
  fixture_set(f, "freeze-encoder", "false");
  fixture_set(f, "objective", "masked");
  must_train(f, first);
  fixture_set(f, "objective", "taxa");
  fixture_set(f, "init", first);
  must_train(f, whole);
  a = open_model(first);
  b = open_model(whole);
  encoder = tx_head_tensor(&a->dims, 0);
  assert_false(same_tensors(a, b, 0, encoder));
  tx_model_close(b);
  fixture_set(f, "freeze-encoder", "true");
  fixture_set(f, "threads", "3");
  must_train(f, whole);
  b = open_model(whole);
  assert_true(same_tensors(a, b, 0, encoder));
  for (size_t i = 0; i < b->dims.heads[3].size; i++)
    assert_true(fabsf(b->weights[tx_head_tensor(&b->dims, 3) + 1][i]) > 0); /* a bias begins at 0 */
  tx_model_close(a);
  tx_model_close(b);
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  w.stop_at = 0;
  fixture_set(f, "threads", "1");
  assert_int_equal(train(f, &w, f->output, true), TX_OK);
  assert_same_bytes(whole, f->output);
}

/* The settings of the model are taken on request, and others are refused with their name. */
static void test_init_asks_for_agreement(void **state)
{
  static const struct {
    const char *name, *value, *good;
  } cases[] = {{"d-model", "48", "32"},      {"k", "5", "4"},
               {"stride", "2", "0"},         {"tokenizer", "char", "kmer"},
               {"n-layer", "3", "2"},        {"d-state", "8", "16"},
               {"headdim", "8", "16"},       {"mlp-width", "128", "64"},
               {"max-bases", "660", "1500"}, {"pad-to", "300", "0"},
               {"d-conv", "3", "4"},         {"expand", "1", "2"}};
  fixture *f = *state;
  char first[256];
  size_t count;
  const tx_param *params = tx_train_params(&count);
  tx_train_config *config = calloc(1, sizeof *config);
  watch w = {.stop_at = 2};
  snprintf(first, sizeof first, "%s/first", f->folder);
  fixture_set(f, "objective", "masked");
  must_train(f, first);
  fixture_set(f, "init", first);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char option[32];
    snprintf(option, sizeof option, "--%s %s ", cases[i].name, cases[i].value);
    fixture_set(f, cases[i].name, cases[i].value);
    must_refuse(f, TX_ERROR_USAGE, option);
    fixture_set(f, cases[i].name, cases[i].good);
  }
  fixture_set(f, "stride", "4"); /* another way to say 0 */
  fixture_set(f, "epochs", "1");
  must_train(f, f->output);
  assert_non_null(config);
  assert_int_equal(tx_param_defaults(params, count, config, &f->error), TX_OK);
  assert_int_equal(tx_train_config_take(first, config, &f->error), TX_OK);
  assert_string_equal(config->init, first);
  assert_true(config->k == 4 && config->stride == 0 && config->d_model == 32 && config->d_state == 16 &&
              config->headdim == 16);
  assert_true(config->mlp_width == 64 && config->n_layer == 2 && config->epochs == 0);
  assert_int_equal(tx_train_config_take("nowhere", config, &f->error), TX_ERROR_IO);
  free(config);
  /* resuming from another model under the same name */
  fixture_set(f, "epochs", "3");
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  w.stop_at = 0;
  fixture_set(f, "init", "");
  fixture_set(f, "stride", "0");
  fixture_set(f, "seed", "2");
  must_train(f, first);
  fixture_set(f, "seed", "1");
  fixture_set(f, "init", first);
  fixture_set(f, "stride", "4");
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--init"));
  fixture_set(f, "init", f->input);
  must_refuse(f, TX_ERROR_MODEL, f->input);
}

static void test_metrics_and_augmentation(void **state)
{
  fixture *f = *state;
  tx_model *model;
  char other[256];
  fixture_set(f, "objective", "next-token");
  fixture_set(f, "metric", "species-accuracy");
  must_refuse(f, TX_ERROR_USAGE, "species-accuracy");
  fixture_set(f, "metric", "token-accuracy");
  must_train(f, f->output);
  model = open_model(f->output);
  assert_non_null(strstr(model->provenance, "\"metric\":\"token-accuracy\""));
  /* the default of pretraining, filled in */
  assert_non_null(strstr(model->config, "\"reverse-complement\": 0.5"));
  tx_model_close(model);
  fixture_set(f, "valid-split", "nothing");
  fixture_set(f, "valid-fraction", "0");
  must_refuse(f, TX_ERROR_USAGE, "token-accuracy");
  fixture_set(f, "metric", "");
  fixture_set(f, "objective", "masked");
  must_train(f, f->output);
  /* reading backwards changes a run on taxa too */
  fixture_set(f, "objective", "taxa");
  snprintf(other, sizeof other, "%s/other", f->folder);
  must_train(f, f->output);
  fixture_set(f, "reverse-complement", "0.5");
  must_train(f, other);
  model = open_model(f->output);
  {
    tx_model *second = open_model(other);
    assert_non_null(strstr(model->config, "\"reverse-complement\": 0,"));
    assert_false(same_tensors(model, second, 0, 1));
    tx_model_close(second);
  }
  tx_model_close(model);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_next_token_targets),
                                     cmocka_unit_test(test_masked_targets),
                                     TEST(test_learns),
                                     TEST(test_same_bytes),
                                     TEST(test_labels_do_not_matter),
                                     TEST(test_init_copies_exactly),
                                     TEST(test_init_takes_what_fits),
                                     TEST(test_frozen_encoder),
                                     TEST(test_init_asks_for_agreement),
                                     TEST(test_metrics_and_augmentation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
