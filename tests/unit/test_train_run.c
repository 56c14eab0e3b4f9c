/* Whole runs on a tiny clade: they learn, and the bytes of the model depend on nothing they should not. */
#include "unit/train_runs.h"

#include "unit/scratch.h"

#include "base/json.h"

#include <math.h>
#include <sys/stat.h>

static tx_status train(fixture *f, watch *w, const char *output, bool resume)
{
  return watch_run(f, w, f->log, output, resume);
}

static tx_status train_quietly(fixture *f)
{
  watch w = {0};
  return train(f, &w, f->output, false);
}

static bool exists(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0;
}

static void test_learns(void **state)
{
  fixture *f = *state;
  watch w = {0};
  tx_model *model = NULL;
  /* two minutes under an emulator; the other tests here train as well, but not to the end */
  if (TX_LIGHT_TESTS) skip();
  fixture_set(f, "epochs", "40");
  fixture_set(f, "patience", "0");
  fixture_set(f, "learning-rate", "0.005");
  assert_int_equal(train(f, &w, f->output, false), TX_OK);
  assert_int_equal(w.steps, 40 * 3); /* 36 records in batches of 12 */
  assert_int_equal(w.epoch_ends, 40);
  assert_true(w.last_loss < 0.5 * w.first_loss);
  assert_true(w.metric >= 0.9);
  assert_false(exists(f->checkpoint));
  assert_int_equal(tx_model_open(f->output, &model, &f->error), TX_OK);
  assert_int_equal(tx_taxonomy_rank_count(tx_model_taxonomy(model)), 4);
  assert_int_equal(tx_taxonomy_class_count(tx_model_taxonomy(model), 3), FIXTURE_SPECIES);
  assert_non_null(strstr(model->provenance, "\"training_records\":36"));
  assert_non_null(strstr(model->config, "\"d-model\""));
  tx_model_close(model);
}

static void test_threads_do_not_matter(void **state)
{
  fixture *f = *state;
  char path[3][256];
  for (int i = 0; i < 3; i++) {
    watch w = {0};
    snprintf(path[i], sizeof path[i], "%s/threads%d", f->folder, i);
    fixture_set(f, "threads", i == 0 ? "1" : i == 1 ? "2" : "5");
    assert_int_equal(train(f, &w, path[i], false), TX_OK);
  }
  assert_same_bytes(path[0], path[1]);
  assert_same_bytes(path[0], path[2]);
}

/* bf16 products: another model, the same for all threads, and as good a one. */
static void test_bf16(void **state)
{
  fixture *f = *state;
  char one[256], two[256];
  watch exact = {0}, rounded = {0};
  if (TX_LIGHT_TESTS) skip();
  fixture_set(f, "epochs", "12");
  fixture_set(f, "patience", "0");
  fixture_set(f, "learning-rate", "0.005");
  assert_int_equal(train(f, &exact, f->output, false), TX_OK);
  snprintf(one, sizeof one, "%s/one", f->folder);
  snprintf(two, sizeof two, "%s/two", f->folder);
  fixture_set(f, "precision", "bf16");
  fixture_set(f, "threads", "1");
  assert_int_equal(train(f, &rounded, one, false), TX_OK);
  fixture_set(f, "threads", "2");
  assert_int_equal(train(f, &rounded, two, false), TX_OK);
  assert_same_bytes(one, two);
  assert_true(fabs(rounded.last_loss - exact.last_loss) < 0.05 * exact.last_loss);
  assert_true(rounded.last_loss != exact.last_loss);
}

static void test_seed_matters(void **state)
{
  fixture *f = *state;
  char other[256];
  tx_content a, b;
  watch w = {0};
  snprintf(other, sizeof other, "%s/other", f->folder);
  assert_int_equal(train_quietly(f), TX_OK);
  fixture_set(f, "seed", "2");
  assert_int_equal(train(f, &w, other, false), TX_OK);
  assert_int_equal(tx_content_read(f->output, NULL, &a, &f->error), TX_OK);
  assert_int_equal(tx_content_read(other, NULL, &b, &f->error), TX_OK);
  assert_true(a.size != b.size || memcmp(a.data, b.data, a.size) != 0);
  tx_content_free(&a);
  tx_content_free(&b);
}

/* Stops after one step, in the middle of an epoch, at the last step of an epoch: every time to the same
   bytes. */
static void test_resume_same_bytes(void **state)
{
  fixture *f = *state;
  const uint64_t stops[] = {1, 3, 5, 6, 8};
  char whole[256];
  watch w = {0};
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  assert_int_equal(train(f, &w, whole, false), TX_OK);
  for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
    watch stopped = {.stop_at = stops[i]};
    fixture_set(f, "threads", i % 2 ? "1" : "3");
    assert_int_equal(train(f, &stopped, f->output, i > 0), TX_STOPPED);
    assert_int_equal(stopped.steps, stops[i] - (i ? stops[i - 1] : 0));
    assert_true(exists(f->checkpoint));
  }
  w = (watch){0};
  assert_int_equal(train(f, &w, f->output, true), TX_OK);
  assert_int_equal(w.steps, 1);
  assert_same_bytes(whole, f->output);
  assert_false(exists(f->checkpoint));
}

static void test_resume_refuses(void **state)
{
  fixture *f = *state;
  watch w = {.stop_at = 4};
  char path[192], moved[192];
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_IO); /* nothing to resume */
  assert_non_null(strstr(f->error.message, "no checkpoint"));
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  w.stop_at = 0;
  fixture_set(f, "weight-decay", "0.05");
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--weight-decay"));
  fixture_set(f, "weight-decay", "0.1");
  fixture_table(f, "table.csv", 9, true, path);
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "data"));
  fixture_table(f, "table.csv", 8, true, path);
  snprintf(moved, sizeof moved, "%s/moved", f->folder);
  assert_int_equal(rename(f->output, moved), 0);
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_IO); /* the best model has gone */
  assert_int_equal(rename(moved, f->output), 0);
  assert_int_equal(train(f, &w, f->output, true), TX_OK);
}

static void test_damaged_checkpoint(void **state)
{
  fixture *f = *state;
  watch w = {.stop_at = 4};
  FILE *file;
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  w.stop_at = 0;
  file = fopen(f->checkpoint, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, -100, SEEK_END), 0);
  assert_true(fputc(0x5a, file) >= 0);
  assert_true(fputc(0xa5, file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_MODEL);
  assert_int_equal(rename(f->output, f->checkpoint), 0); /* a model is no checkpoint */
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_MODEL);
}

/* Writes a checkpoint anew in which `count` bytes from `at` of a section are others, with its checksum. */
static void break_checkpoint(const fixture *f, const unsigned char *bytes, size_t size, const char *name,
                             size_t at, const void *value, size_t count)
{
  unsigned char *broken = malloc(size);
  tx_safetensors *file = NULL;
  const tx_section *section;
  size_t place = size;
  tx_error error;
  assert_non_null(broken);
  memcpy(broken, bytes, size);
  write_whole(f->checkpoint, bytes, size);
  assert_int_equal(tx_safetensors_open(f->checkpoint, 1, &file, &error), TX_OK);
  section = tx_safetensors_find(file, name);
  assert_non_null(section);
  place -= section->size; /* from the end: the figures of one epoch are also those of the best */
  while (memcmp(bytes + place, section->data, section->size) != 0) assert_true(place-- > 0);
  tx_safetensors_close(file);
  memcpy(broken + place + at, value, count);
  refresh_checksum(broken, size);
  write_whole(f->checkpoint, broken, size);
  free(broken);
}

/* Numbers and settings that no run can have written, in a file that is whole otherwise. */
static void test_impossible_checkpoint(void **state)
{
  const double nan = NAN, infinite = INFINITY, two = 2, below = -1;
  const float nan_float = NAN, infinite_float = INFINITY, negative = -1;
  const int64_t many = 1000, none = 0;
  const struct {
    const char *section;
    size_t at, count;
    const void *value;
    const char *word;
  } faults[] = {{"checkpoint.values", 0, 8, &nan, "checkpoint.values"},
                {"checkpoint.values", 0, 8, &infinite, "checkpoint.values"},
                {"checkpoint.values", 0, 8, &two, "best species-accuracy is 2"},
                {"checkpoint.values", 16, 8, &nan, "checkpoint.values"},
                {"checkpoint.values", 24, 8, &infinite, "checkpoint.values"},
                {"checkpoint.extremes", 0, 8, &nan, "checkpoint.extremes"},
                {"checkpoint.extremes", 0, 8, &infinite, "checkpoint.extremes"},
                {"checkpoint.extremes", 0, 8, &two, "the highest 2"},
                {"checkpoint.extremes", 0, 8, &below, "the highest -1"},
                {"checkpoint.extremes", 8, 8, &infinite, "the lowest inf"},
                {"checkpoint.extremes", 8, 8, &nan, "the lowest"},
                {"checkpoint.extremes", 16, 8, &nan, "compared with nan"},
                {"checkpoint.extremes", 16, 8, &below, "compared with -1"},
                {"checkpoint.extremes", 16, 8, &infinite, "compared with inf"},
                {"checkpoint.extremes", 24, 8, &nan, "+ nan"},
                {"checkpoint.extremes", 24, 8, &below, "+ -1"},
                {"checkpoint.extremes", 24, 8, &infinite, "+ inf"},
                {"checkpoint.counts", 32, 8, &many, "position"},
                {"checkpoint.counts", 24, 8, &many, "position"},
                {"checkpoint.counts", 40, 8, &many, "position"},
                {"checkpoint.counts", 40, 8, &none, "position"},
                {"checkpoint.counts", 48, 8, &many, "position"},
                {"emb.weight", 4, 4, &nan_float, "emb.weight"},
                {"emb.weight", 0, 4, &infinite_float, "emb.weight"},
                {"checkpoint.adamw.m", 0, 4, &infinite_float, "adamw.m"},
                {"checkpoint.adamw.v", 0, 4, &negative, "adamw.v"},
                {"checkpoint.adamw.v", 4, 4, &nan_float, "adamw.v"},
                {"checkpoint.kl.state", 0, 4, &nan_float, "kl.state"}};
  static const char *const settings[][2] = {{"\\\"epochs\\\"", "\\\"epochz\\\""},
                                            {"\\\"dropout\\\": 0", "\\\"dropout\\\": x"}};
  fixture *f = *state;
  watch w = {.stop_at = 4};
  unsigned char *bytes;
  size_t size;
  fixture_set(f, "dropout", "0");
  fixture_set(f, "optimiser", "kl-soap");
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  w.stop_at = 0;
  bytes = read_whole(f->checkpoint, &size);
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    break_checkpoint(f, bytes, size, faults[i].section, faults[i].at, faults[i].value, faults[i].count);
    assert_int_equal(train(f, &w, f->output, true), TX_ERROR_MODEL);
    if (!strstr(f->error.message, faults[i].word))
      fail_msg("'%s' does not name %s", f->error.message, faults[i].word);
  }
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    unsigned char *broken = malloc(size);
    assert_non_null(broken);
    memcpy(broken, bytes, size);
    for (size_t both = 0; both < 2; both++)
      replace_text(broken, size, settings[i][0], settings[i][1]); /* taxamba.config has them too */
    refresh_checksum(broken, size);
    write_whole(f->checkpoint, broken, size);
    assert_int_equal(train(f, &w, f->output, true), TX_ERROR_MODEL);
    free(broken);
  }
  write_whole(f->checkpoint, bytes, size);
  free(bytes);
  assert_int_equal(train(f, &w, f->output, true), TX_OK);
}

static void test_not_finite(void **state)
{
  fixture *f = *state;
  fixture_set(f, "learning-rate", "1000");
  fixture_set(f, "warmup", "0");
  fixture_set(f, "epochs", "50");
  assert_int_equal(train_quietly(f), TX_ERROR_NUMERIC);
  assert_non_null(strstr(f->error.message, "--learning-rate"));
  assert_true(exists(f->checkpoint));
}

static void test_early_stop_and_metric(void **state)
{
  fixture *f = *state;
  watch w = {0};
  fixture_set(f, "metric", "loss");
  fixture_set(f, "patience", "2");
  fixture_set(f, "epochs", "60");
  fixture_set(f, "learning-rate", "0");
  assert_int_equal(train(f, &w, f->output, false), TX_OK);
  assert_int_equal(w.epoch_ends, 3); /* the first is the best, two bring nothing */
  assert_non_null(strstr(f->notes, "stopped early"));
  fixture_set(f, "metric", "tribe-accuracy");
  assert_int_equal(train_quietly(f), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "tribe-accuracy"));
}

static void test_without_validation(void **state)
{
  fixture *f = *state;
  watch w = {0};
  fixture_set(f, "valid-split", "nothing");
  fixture_set(f, "valid-fraction", "0");
  fixture_set(f, "patience", "1");
  assert_int_equal(train(f, &w, f->output, false), TX_OK);
  assert_int_equal(w.epoch_ends, 3);
  assert_non_null(strstr(f->notes, "no validation records"));
  assert_true(exists(f->output));
}

static void test_log(void **state)
{
  fixture *f = *state;
  char *text, *line, *rest;
  size_t length, events[4] = {0};
  watch w = {.stop_at = 4};
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  w.stop_at = 0;
  assert_int_equal(train(f, &w, f->output, true), TX_OK);
  assert_int_equal(tx_read_file(f->log, 1 << 20, NULL, &text, &length, &f->error), TX_OK);
  for (line = text; *line; line = rest + 1) {
    const char *const names[] = {"start", "resume", "epoch", "end"}, *event = NULL;
    tx_json *json = NULL;
    rest = strchr(line, '\n');
    assert_non_null(rest);
    if (tx_json_parse(line, (size_t)(rest - line), "log", &json, &f->error) != TX_OK)
      fail_msg("%s", f->error.message);
    assert_int_equal(tx_json_get_string(json, "event", &event, &f->error), TX_OK);
    for (size_t i = 0; i < 4; i++) events[i] += strcmp(event, names[i]) == 0;
    if (strcmp(event, "epoch") == 0) {
      assert_true(tx_json_is_number(tx_json_get(json, "valid_loss")));
      assert_true(tx_json_is_number(tx_json_get(tx_json_get(json, "accuracy"), "species")));
    }
    tx_json_free(json);
  }
  assert_int_equal(events[0], 1);
  assert_int_equal(events[1], 1);
  assert_int_equal(events[2], 3);
  assert_int_equal(events[3], 2);
  free(text);
}

/* Faults show before any training, and the message names the word to change. */
static void test_bad_settings(void **state)
{
  static const struct {
    const char *name, *value, *good, *word;
  } cases[] = {{"headdim", "48", "16", "headdim"},
               {"stride", "5", "0", "stride"},
               {"split", "nosuch", "train", "nosuch"},
               {"ranks", "tribe", "", "tribe"}};
  fixture *f = *state;
  watch w = {0};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    fixture_set(f, cases[i].name, cases[i].value);
    assert_true(train_quietly(f) < 0);
    if (!strstr(f->error.message, cases[i].word))
      fail_msg("'%s' does not name %s", f->error.message, cases[i].word);
    fixture_set(f, cases[i].name, cases[i].good);
  }
  assert_int_equal(train(f, &w, "/nonexistent/model", false), TX_ERROR_IO);
  assert_int_equal(train(f, &w, "-", false), TX_ERROR_USAGE);
  f->config.dropout = 7;
  assert_int_equal(train_quietly(f), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "dropout"));
  assert_int_equal(w.steps, 0);
}

static void test_full_disk(void **state)
{
  fixture *f = *state;
  watch w = {0};
  if (!exists("/dev/full")) skip();
  snprintf(f->log, sizeof f->log, "/dev/full");
  assert_int_equal(train(f, &w, f->output, false), TX_ERROR_IO);
  assert_non_null(strstr(f->error.message, "/dev/full"));
}

/* The character tokenizer, left padding, and a rank with a single class go the same road. */
static void test_other_networks(void **state)
{
  fixture *f = *state;
  fixture_set(f, "tokenizer", "char");
  fixture_set(f, "pad-to", "260");
  fixture_set(f, "epochs", "1");
  assert_int_equal(train_quietly(f), TX_OK);
  fixture_set(f, "tokenizer", "kmer");
  fixture_set(f, "pad-to", "0");
  fixture_set(f, "stride", "2");
  fixture_set(f, "shard", "64"); /* more than the batch */
  assert_int_equal(train_quietly(f), TX_OK);
}

static size_t count_text(const char *text, const char *part)
{
  size_t count = 0;
  for (; (text = strstr(text, part)); text++) count++;
  return count;
}

/* Symbols are learned once, from the training records alone; threads and interruptions do not change the
   model, and conversion keeps it. */
static void test_bpe(void **state)
{
  fixture *f = *state;
  char whole[256], converted[256], valid[192];
  watch w = {0};
  tx_model *model = NULL, *other = NULL;
  fixture_set(f, "tokenizer", "bpe");
  fixture_set(f, "bpe-symbols", "60");
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  snprintf(converted, sizeof converted, "%s/converted", f->folder);
  fixture_set(f, "threads", "1");
  assert_int_equal(train(f, &w, whole, false), TX_OK);
  assert_non_null(strstr(f->notes, "tokenizer: 60 symbols of up to "));
  assert_non_null(strstr(f->notes, " are learned from 36 records, "));
  fixture_set(f, "threads", "3");
  w = (watch){.stop_at = 4};
  assert_int_equal(train(f, &w, f->output, false), TX_STOPPED);
  assert_int_equal(count_text(f->notes, "are learned"), 2);
  w = (watch){0};
  fixture_set(f, "bpe-symbols", "61");
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--bpe-symbols"));
  fixture_set(f, "bpe-symbols", "60");
  fixture_set(f, "tokenizer", "kmer");
  assert_int_equal(train(f, &w, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--tokenizer"));
  fixture_set(f, "tokenizer", "bpe");
  assert_int_equal(train(f, &w, f->output, true), TX_OK);
  assert_int_equal(count_text(f->notes, "are learned"), 2); /* the checkpoint had them */
  assert_same_bytes(whole, f->output);

  assert_int_equal(tx_model_open(whole, &model, &f->error), TX_OK);
  assert_int_equal(model->dims.vocabulary, 64);
  assert_int_equal(tx_bpe_merges(model->tokenizer.bpe), 53);
  assert_int_equal(tx_model_offsets(model), 1);
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, converted, NULL, &f->error), TX_OK);
  tx_model_close(model);
  assert_int_equal(tx_model_open(whole, &model, &f->error), TX_OK);
  assert_int_equal(tx_model_open(converted, &other, &f->error), TX_OK);
  assert_string_equal(tx_safetensors_metadata(model->file, "taxamba.tokenizer"),
                      tx_safetensors_metadata(other->file, "taxamba.tokenizer"));
  tx_model_close(other);

  /* Other validation records, the same symbols. */
  fixture_table(f, "valid.csv", 5, false, valid);
  fixture_set(f, "valid-file", valid);
  w = (watch){0};
  assert_int_equal(train(f, &w, f->output, false), TX_OK);
  assert_int_equal(tx_model_open(f->output, &other, &f->error), TX_OK);
  assert_string_equal(tx_safetensors_metadata(model->file, "taxamba.tokenizer"),
                      tx_safetensors_metadata(other->file, "taxamba.tokenizer"));
  tx_model_close(other);
  tx_model_close(model);
}

/* KL-Shampoo and KL-SOAP: the same bytes for any number of threads, and after stops around a renewal of the
   eigenvectors; a checkpoint knows its optimiser. */
static void test_matrix_optimisers(void **state)
{
  static const char *const names[] = {"kl-shampoo", "kl-soap"};
  static const uint64_t stops[] = {1, 4, 6, 8};
  fixture *f = *state;
  char whole[256];
  if (TX_LIGHT_TESTS) skip();
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  fixture_set(f, "preconditioner-frequency", "3");
  for (size_t o = 0; o < sizeof names / sizeof *names; o++) {
    watch w = {0};
    fixture_set(f, "optimiser", names[o]);
    fixture_set(f, "threads", "1");
    f->notes[0] = 0;
    assert_int_equal(train(f, &w, whole, false), TX_OK);
    assert_non_null(strstr(f->notes, "MiB of state"));
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
      watch stopped = {.stop_at = stops[i]};
      fixture_set(f, "threads", i % 2 ? "5" : "3");
      assert_int_equal(train(f, &stopped, f->output, i > 0), TX_STOPPED);
    }
    fixture_set(f, "optimiser", o ? "kl-shampoo" : "adamw");
    assert_int_equal(train(f, &w, f->output, true), TX_ERROR_USAGE);
    assert_non_null(strstr(f->error.message, "--optimiser"));
    fixture_set(f, "optimiser", names[o]);
    w = (watch){0};
    assert_int_equal(train(f, &w, f->output, true), TX_OK);
    assert_int_equal(w.steps, 1);
    assert_same_bytes(whole, f->output);
  }
}

/* With no matrix small enough they are AdamW, but for the settings in the file. */
static void test_no_matrix(void **state)
{
  fixture *f = *state;
  tx_model *model = NULL, *other = NULL;
  char path[256];
  watch w = {0};
  snprintf(path, sizeof path, "%s/limit", f->folder);
  fixture_set(f, "optimiser", "adamw");
  assert_int_equal(train_quietly(f), TX_OK);
  fixture_set(f, "optimiser", "kl-soap");
  fixture_set(f, "preconditioner-limit", "1");
  assert_int_equal(train(f, &w, path, false), TX_OK);
  assert_int_equal(tx_model_open(f->output, &model, &f->error), TX_OK);
  assert_int_equal(tx_model_open(path, &other, &f->error), TX_OK);
  for (size_t i = 0; i < tx_layout_count(&model->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    const tx_section *a = tx_safetensors_find(model->file, info.name),
                     *b = tx_safetensors_find(other->file, info.name);
    assert_memory_equal(a->data, b->data, a->size);
  }
  tx_model_close(model);
  tx_model_close(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_learns),
                                     TEST(test_threads_do_not_matter),
                                     TEST(test_bf16),
                                     TEST(test_seed_matters),
                                     TEST(test_resume_same_bytes),
                                     TEST(test_resume_refuses),
                                     TEST(test_damaged_checkpoint),
                                     TEST(test_impossible_checkpoint),
                                     TEST(test_not_finite),
                                     TEST(test_early_stop_and_metric),
                                     TEST(test_without_validation),
                                     TEST(test_log),
                                     TEST(test_bad_settings),
                                     TEST(test_full_disk),
                                     TEST(test_other_networks),
                                     TEST(test_bpe),
                                     TEST(test_matrix_optimisers),
                                     TEST(test_no_matrix)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
