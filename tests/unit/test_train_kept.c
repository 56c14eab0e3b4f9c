/* Whole runs on the tiny clade: which epoch is kept, by the log, what the validation judges, and that
   checkpoints from before the rule go on. */
#include "unit/train_runs.h"

#include "base/json.h"
#include "train/selection.h"

#include <math.h>

enum { EPOCHS = 16 };

/* The figures of the epochs in a log, and which was kept after each. */
typedef struct history {
  size_t epochs;
  double metric[EPOCHS], loss[EPOCHS], error[EPOCHS];
  size_t kept[EPOCHS]; /* 0-based */
  double end_metric, end_loss;
} history;

static double number(const tx_json *object, const char *key)
{
  const tx_json *value = tx_json_get(object, key);
  assert_true(tx_json_is_number(value));
  return tx_json_number(value);
}

static void read_history(fixture *f, history *h)
{
  char *text, *line, *rest;
  size_t length;
  memset(h, 0, sizeof *h);
  assert_int_equal(tx_read_file(f->log, 1 << 20, NULL, &text, &length, &f->error), TX_OK);
  for (line = text; *line; line = rest + 1) {
    const char *event = NULL;
    tx_json *json = NULL;
    rest = strchr(line, '\n');
    assert_non_null(rest);
    if (tx_json_parse(line, (size_t)(rest - line), "log", &json, &f->error) != TX_OK)
      fail_msg("%s", f->error.message);
    assert_int_equal(tx_json_get_string(json, "event", &event, &f->error), TX_OK);
    if (strcmp(event, "epoch") == 0) {
      assert_true(h->epochs < EPOCHS);
      h->metric[h->epochs] = number(json, "metric");
      h->loss[h->epochs] = number(json, "valid_loss");
      h->error[h->epochs] = number(json, "valid_loss_error");
      h->kept[h->epochs] = (size_t)number(json, "best_epoch") - 1;
      h->epochs++;
    } else if (strcmp(event, "end") == 0) {
      h->end_metric = number(json, "best_metric");
      h->end_loss = number(json, "best_loss");
      assert_true(number(json, "highest_metric") >= h->end_metric);
      assert_true(number(json, "metric_noise") > 0);
    }
    tx_json_free(json);
  }
  free(text);
}

/* The epoch that the rule keeps by the figures of the log. */
static size_t chosen(const history *h, size_t epochs)
{
  tx_selection selection = {0};
  for (size_t e = 0; e < epochs; e++)
    tx_selection_offer(&selection, &(tx_selection_figures){e + 1, 12, h->metric[e], h->loss[e], h->error[e]});
  return selection.epoch - 1;
}

/* What was kept when the highest accuracy alone decided, and the loss between equal ones only. */
static size_t highest(const history *h, size_t epochs)
{
  size_t best = 0;
  for (size_t e = 1; e < epochs; e++)
    if (h->metric[e] > h->metric[best] || (h->metric[e] >= h->metric[best] && h->loss[e] < h->loss[best]))
      best = e;
  return best;
}

/* With twelve validation records accuracies are 8 % apart, and the highest comes early by chance. */
static void test_small_validation(void **state)
{
  static const char *const seeds[] = {"1", "2", "4"};
  fixture *f = *state;
  size_t differs = 0;
  if (TX_LIGHT_TESTS) skip();
  fixture_set(f, "epochs", "16");
  fixture_set(f, "patience", "0");
  fixture_set(f, "learning-rate", "0.01");
  for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
    watch w = {0};
    history h;
    fixture_set(f, "seed", seeds[s]);
    assert_int_equal(watch_run(f, &w, f->log, f->output, false), TX_OK);
    read_history(f, &h);
    assert_int_equal(h.epochs, EPOCHS);
    for (size_t e = 0; e < EPOCHS; e++) {
      const size_t kept = h.kept[e], before = highest(&h, e + 1);
      const double noise = tx_selection_noise(h.metric[before], 12);
      assert_true(h.metric[kept] >= h.metric[before] - noise - 1e-6);
      assert_true(kept == chosen(&h, e + 1));
      assert_true(h.error[e] > 0 && h.error[e] < 2 * h.loss[e]);
      differs += kept != before;
    }
    assert_true(fabs(h.end_metric - h.metric[h.kept[EPOCHS - 1]]) < 1e-6 &&
                fabs(h.end_loss - h.loss[h.kept[EPOCHS - 1]]) < 1e-6);
  }
  if (differs == 0) fail_msg("no run tells the two rules apart: %zu", differs);
  assert_non_null(strstr(f->notes, "chosen by species-accuracy of the validation records, whole and cut, "
                                   "the last within chance"));
}

/* The figures of the whole and the cut records in the last epoch of a log. */
typedef struct halves {
  bool cut; /* the log has them */
  double metric, loss, accuracies[2], losses[2], highest, noise;
} halves;

static void read_halves(fixture *f, halves *h)
{
  static const char *const names[] = {"whole", "cut"};
  char *text, *line, *rest;
  size_t length;
  memset(h, 0, sizeof *h);
  assert_int_equal(tx_read_file(f->log, 1 << 20, NULL, &text, &length, &f->error), TX_OK);
  for (line = text; *line; line = rest + 1) {
    tx_json *json = NULL;
    rest = strchr(line, '\n');
    assert_int_equal(tx_json_parse(line, (size_t)(rest - line), "log", &json, &f->error), TX_OK);
    if (tx_json_get(json, "valid_loss")) {
      h->metric = number(json, "metric");
      h->loss = number(json, "valid_loss");
      h->cut = tx_json_get(json, "cut") != NULL;
      assert_true(h->cut == (tx_json_get(json, "whole") != NULL));
      for (size_t i = 0; h->cut && i < 2; i++) {
        const tx_json *half = tx_json_get(json, names[i]);
        assert_true(fabs(number(half, "records") - 12) < 1e-9);
        h->losses[i] = number(half, "loss");
        h->accuracies[i] = number(tx_json_get(half, "accuracy"), "species");
      }
    }
    if (tx_json_get(json, "metric_noise")) {
      h->highest = number(json, "highest_metric");
      h->noise = number(json, "metric_noise");
    }
    tx_json_free(json);
  }
  free(text);
}

/* Where the training crops, the validation judges each record whole and cut, and counts it once. */
static void test_cut_validation(void **state)
{
  fixture *f = *state;
  halves first, h;
  watch w = {0};
  fixture_set(f, "epochs", "8");
  fixture_set(f, "patience", "0");
  fixture_set(f, "learning-rate", "0.01");
  fixture_set(f, "crop", "0");
  assert_int_equal(watch_run(f, &w, f->log, f->output, false), TX_OK);
  read_halves(f, &h);
  assert_false(h.cut);
  assert_non_null(strstr(f->notes, "of the validation records, the last within"));
  fixture_set(f, "crop", "0.5");
  fixture_set(f, "crop-lengths", "60");
  for (size_t threads = 1; threads <= 2; threads++) {
    fixture_set(f, "threads", threads == 1 ? "1" : "2");
    assert_int_equal(watch_run(f, &w, f->log, f->output, false), TX_OK);
    read_halves(f, &h);
    assert_true(h.cut);
    if (threads == 1) first = h;
    assert_memory_equal(&first, &h, sizeof h);
  }
  assert_true(fabs(h.metric - (h.accuracies[0] + h.accuracies[1]) / 2) < 1e-5);
  assert_true(fabs(h.loss - (h.losses[0] + h.losses[1]) / 2) < 1e-5);
  /* a quarter of the bases tells less than all */
  assert_true(h.losses[1] > h.losses[0]);
  assert_true(fabs(h.noise - tx_selection_noise(h.highest, 12)) < 1e-6);
}

/* Leaves so many numbers of a section of a file; 0: takes it out. */
static void shorten_section(const char *path, const char *name, size_t numbers)
{
  tx_safetensors *file = NULL;
  tx_section sections[128];
  tx_metadata all[32], metadata[32];
  size_t count = 0, kept = 0;
  tx_error error;
  assert_int_equal(tx_safetensors_open(path, 1, &file, &error), TX_OK);
  assert_non_null(tx_safetensors_find(file, name));
  assert_true(tx_safetensors_count(file) <= 128 && tx_safetensors_metadata_count(file) <= 32);
  for (size_t i = 0; i < tx_safetensors_count(file); i++) {
    const bool found = strcmp(tx_safetensors_at(file, i)->name, name) == 0;
    if (found && !numbers) continue;
    sections[count] = *tx_safetensors_at(file, i);
    if (found) {
      assert_true(sections[count].shape[0] > numbers);
      sections[count].size = sections[count].size / sections[count].shape[0] * numbers;
      sections[count].shape[0] = numbers;
    }
    count++;
  }
  tx_safetensors_metadata_list(file, all);
  for (size_t i = 0; i < tx_safetensors_metadata_count(file); i++)
    if (strcmp(all[i].key, "taxamba.crc32") != 0) metadata[kept++] = all[i];
  if (tx_safetensors_write(path, sections, count, metadata, kept, &error) != TX_OK)
    fail_msg("%s", error.message);
  tx_safetensors_close(file);
}

/* Checkpoints from before the rules know the kept epoch only, which had the highest accuracy, or the highest
   accuracy and the lowest loss. */
static void test_older_checkpoint(void **state)
{
  fixture *f = *state;
  char whole[256];
  watch w = {0};
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  assert_int_equal(watch_run(f, &w, NULL, whole, false), TX_OK);
  for (size_t numbers = 0; numbers <= 2; numbers += 2) {
    watch stopped = {.stop_at = 4};
    /* One epoch is over: it is the best in all. */
    assert_int_equal(watch_run(f, &stopped, NULL, f->output, false), TX_STOPPED);
    shorten_section(f->checkpoint, "checkpoint.extremes", numbers);
    assert_int_equal(watch_run(f, &w, NULL, f->output, true), TX_OK);
    assert_same_bytes(whole, f->output);
  }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_small_validation), TEST(test_cut_validation),
                                     TEST(test_older_checkpoint)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
