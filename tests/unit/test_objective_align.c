/* A space that DNA shares with other modalities: the gradient of the loss through the encoder, missing
   modalities, whole runs, resuming, and what is refused. */
#include "unit/train_runs.h"
#include "unit/vector_files.h"

#include "nn/layout.h"
#include "objective/align_loss.h"
#include "train/setup.h"

#include <math.h>

enum { IMAGE = 6, TEXT = 4, INDIVIDUALS = 8, ROWS = FIXTURE_SPECIES * INDIVIDUALS };

/* Vectors of the records of the fixture: a random one of each species with noise. Every 5th record has no
   image, every 7th no text, and record 35 neither. `stray`: one that is no record's comes first. */
static void write_modality(const fixture *f, const char *name, size_t width, size_t gap, bool stray)
{
  static float rows[(ROWS + 1) * 8];
  static char ids[ROWS * 32];
  size_t count = 0, used = 0;
  if (stray) {
    used += (size_t)snprintf(ids, sizeof ids, "stray\n");
    for (size_t d = 0; d < width; d++) rows[d] = 1;
    count++;
  }
  for (size_t s = 0; s < FIXTURE_SPECIES; s++)
    for (size_t i = 0; i < INDIVIDUALS; i++) {
      tx_random own, noise;
      if ((s * INDIVIDUALS + i) % gap == 0) continue;
      tx_random_seed(&own, 11, s, width, 0);
      tx_random_seed(&noise, 12, s * INDIVIDUALS + i, width, 0);
      for (size_t d = 0; d < width; d++)
        rows[count * width + d] =
            (float)(tx_random_normal(&own) + 0.3 * tx_random_normal(&noise));
      used += (size_t)snprintf(ids + used, sizeof ids - used, "R%zu-%zu\n", s, i);
      count++;
    }
  vector_file(f->folder, name, rows, count, width, 0);
  vector_ids(f->folder, name, ids);
}

static void use_vectors(fixture *f)
{
  char list[600];
  write_modality(f, "image", IMAGE, 5, true);
  write_modality(f, "text", TEXT, 7, false);
  snprintf(list, sizeof list, "%s/image.npy,%s/text.npy", f->folder, f->folder);
  fixture_set(f, "objective", "align");
  fixture_set(f, "vectors", list);
  fixture_set(f, "shared-width", "16");
}

/* ---- the gradient ---- */

typedef struct differences {
  tx_trainer trainer;
  tx_train_files files;
  const char *input;
  tx_objective_batch batch;
} differences;

static void fill(differences *d, size_t first, tx_shard *shard)
{
  tx_shard_clear(shard);
  for (size_t i = first; i < d->batch.count && i < first + shard->capacity; i++)
    tx_shard_add(shard, d->trainer.dataset, &d->trainer.tokenizer, d->batch.records[i], NULL, NULL);
}

/* The loss of the batch; its gradient, if it is asked for. */
static double loss_of(differences *d, float *opt_gradients)
{
  tx_trainer *trainer = &d->trainer;
  tx_objective_worker *worker = &trainer->workers[0];
  tx_shard_sums sums[16];
  size_t shards = 0;
  for (size_t first = 0; first < d->batch.count; first += worker->shard.capacity) {
    fill(d, first, &worker->shard);
    tx_objective_collect(&trainer->terms, first, worker);
  }
  tx_objective_compare(&trainer->terms, &d->batch);
  memset(worker->gradients, 0, trainer->elements * sizeof *worker->gradients);
  for (size_t first = 0; opt_gradients && first < d->batch.count; first += worker->shard.capacity) {
    fill(d, first, &worker->shard);
    tx_objective_learn(&trainer->terms, &d->batch, first, worker, &sums[shards++]);
  }
  const double loss =
      tx_objective_conclude(&trainer->terms, &d->batch, sums, shards, worker->gradients);
  if (opt_gradients)
    memcpy(opt_gradients, worker->gradients, trainer->elements * sizeof *opt_gradients);
  return loss;
}

static void open_differences(fixture *f, differences *d)
{
  d->input = f->input;
  d->files = (tx_train_files){.inputs = &d->input, .input_count = 1, .output = f->output};
  d->trainer.config = &f->config;
  d->trainer.files = &d->files;
  d->trainer.objective = tx_objective_of(&f->config);
  if (tx_trainer_setup(&d->trainer, &f->error) != TX_OK) fail_msg("%s", f->error.message);
  d->batch.records = d->trainer.dataset->train.records;
  d->batch.count = 24;
}

/* Along the gradient of each part of the network, of three shards and more, the loss changes as it says. */
static void test_finite_differences(void **state)
{
  fixture *f = *state;
  differences *d = calloc(1, sizeof *d);
  float *gradients, *kept;
  size_t bounds[5];
  tx_tensor_info info;
  assert_non_null(d);
  use_vectors(f);
  fixture_set(f, "batch", "24");
  fixture_set(f, "dropout", "0");
  fixture_set(f, "positives", "genus");
  open_differences(f, d);
  gradients = calloc(d->trainer.elements, sizeof *gradients);
  kept = calloc(d->trainer.elements, sizeof *kept);
  assert_true(gradients && kept);
  memcpy(kept, d->trainer.weights, d->trainer.elements * sizeof *kept);
  tx_layout_tensor(&d->trainer.dims, tx_head_tensor(&d->trainer.dims, 0), &info);
  bounds[0] = 0;
  bounds[1] = info.offset;
  tx_layout_tensor(&d->trainer.dims, tx_tower_tensor(&d->trainer.dims, 0), &info);
  bounds[2] = info.offset;
  bounds[3] = d->trainer.elements - 1;
  bounds[4] = d->trainer.elements;
  assert_true(loss_of(d, gradients) > 0);
  for (size_t part = 0; part < 4; part++) {
    double square = 0, norm, slope;
    double losses[2];
    for (size_t i = bounds[part]; i < bounds[part + 1]; i++)
      square += (double)gradients[i] * (double)gradients[i];
    norm = sqrt(square);
    assert_true(norm > 1e-3);
    for (int side = 0; side < 2; side++) {
      const double step = (side ? -1 : 1) * 2e-3;
      for (size_t i = bounds[part]; i < bounds[part + 1]; i++)
        d->trainer.weights[i] = (float)((double)kept[i] + step * (double)gradients[i] / norm);
      losses[side] = loss_of(d, NULL);
      memcpy(d->trainer.weights, kept, d->trainer.elements * sizeof *kept);
    }
    slope = (losses[0] - losses[1]) / 4e-3;
    if (!(fabs(slope - norm) <= 0.01 * norm)) fail_msg("part %zu: %g, expected %g", part, norm, slope);
  }
  free(gradients);
  free(kept);
  tx_trainer_free(&d->trainer);
  free(d);
}

/* ---- missing modalities ---- */

enum { COUNT = 6, WIDTH = 3 };

/* A record that lacks a modality is as if its pairs of that modality were those of the others alone. */
static void test_missing_modalities(void **state)
{
  static const unsigned char all[COUNT] = {1, 1, 1, 1, 1, 1}, some[COUNT] = {1, 0, 1, 1, 0, 1};
  static const size_t members[4] = {0, 2, 3, 5};
  static const int32_t labels[COUNT] = {0, 1, 2, 3, 4, 5};
  double features[3][COUNT * WIDTH], few[2][4 * WIDTH], gradients[3][COUNT * WIDTH], parts[3];
  double *targets[3] = {gradients[0], gradients[1], gradients[2]};
  tx_random random;
  tx_align_work work;
  tx_align_result result;
  tx_error error;
  tx_align_batch batch = {.count = COUNT,
                          .width = WIDTH,
                          .modalities = 3,
                          .features = {features[0], features[1], features[2]},
                          .present = {all, some, all},
                          .labels = labels,
                          .log_scale = 1};
  tx_align_batch pair = {.count = COUNT, .width = WIDTH, .modalities = 2, .labels = labels, .log_scale = 1};
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < 3 * COUNT * WIDTH; i++) (&features[0][0])[i] = tx_random_normal(&random);
  assert_int_equal(tx_align_work_create(COUNT, WIDTH, 3, &work, &error), TX_OK);
  pair.present[0] = pair.present[1] = all;
  pair.features[0] = features[0];
  pair.features[1] = features[2];
  tx_align_loss(&pair, &work, NULL, &result);
  parts[0] = result.loss;
  pair.count = 4;
  for (size_t other = 0; other < 2; other++) { /* with the middle one */
    for (size_t i = 0; i < 4; i++) {
      memcpy(few[0] + i * WIDTH, features[2 * other] + members[i] * WIDTH, WIDTH * sizeof(double));
      memcpy(few[1] + i * WIDTH, features[1] + members[i] * WIDTH, WIDTH * sizeof(double));
    }
    pair.features[0] = few[0];
    pair.features[1] = few[1];
    tx_align_loss(&pair, &work, NULL, &result);
    parts[1 + other] = result.loss;
  }
  tx_align_loss(&batch, &work, targets, &result);
  assert_true(fabs(result.loss - (parts[0] + parts[1] + parts[2]) / 3) < 1e-12);
  assert_int_equal(result.judged, 2 * (6 + 4 + 4));
  for (size_t k = 0; k < WIDTH; k++)
    assert_true(gradients[1][WIDTH + k] == 0 && gradients[0][WIDTH + k] != 0);
  batch.present[1] = batch.present[2] = (const unsigned char[COUNT]){0, 0, 1, 0, 0, 0};
  tx_align_loss(&batch, &work, targets, &result); /* no pair has two records */
  assert_true(result.loss == 0 && result.d_log_scale == 0 && result.judged == 0);
  tx_align_work_free(&work);
}

/* ---- whole runs ---- */

static void test_learns(void **state)
{
  fixture *f = *state;
  watch w = {0};
  tx_model *model;
  use_vectors(f);
  fixture_set(f, "epochs", "12");
  if (watch_run(f, &w, NULL, f->output, false) != TX_OK) fail_msg("%s", f->error.message);
  assert_string_equal(w.metric_name, "pair-accuracy");
  assert_true(w.last_loss < 0.8 * w.first_loss);
  assert_true(w.metric > 0.25); /* of 12 records in a batch at most two are of a species */
  assert_non_null(strstr(f->notes, "image: 28 of 36 training records have one of its 39 vectors (width 6)"));
  assert_non_null(
      strstr(f->notes, "without a partner: 2 training and 0 validation records are left out"));
  model = open_model(f->output);
  assert_int_equal(tx_model_shared_width(model), 16);
  assert_int_equal(tx_model_modalities(model), 2);
  assert_int_equal(tx_model_modality(model, "text"), 1);
  assert_int_equal(tx_model_modality_width(model, 0), IMAGE);
  assert_int_equal(tx_taxonomy_rank_count(tx_model_taxonomy(model)), 0);
  tx_model_close(model);
}

static void test_threads_and_resuming(void **state)
{
  fixture *f = *state;
  char other[256], resumed[256];
  snprintf(other, sizeof other, "%s/other", f->folder);
  snprintf(resumed, sizeof resumed, "%s/resumed", f->folder);
  use_vectors(f);
  fixture_set(f, "ema", "0.9");
  must_train_whole(f, f->output);
  fixture_set(f, "threads", "1");
  must_train_whole(f, other);
  assert_same_bytes(f->output, other);
  assert_int_equal(train_until(f, 5, resumed, false), TX_STOPPED);
  assert_int_equal(train_until(f, 0, resumed, true), TX_OK);
  assert_same_bytes(f->output, resumed);
  assert_int_equal(train_until(f, 5, other, false), TX_STOPPED);
  write_modality(f, "text", TEXT, 6, false); /* others than those of the run */
  assert_int_equal(train_until(f, 0, other, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "the vectors"));
}

/* A locked encoder: only the maps learn. */
static void test_frozen_encoder(void **state)
{
  fixture *f = *state;
  char init[256];
  tx_model *before, *after;
  size_t encoder;
  snprintf(init, sizeof init, "%s/init", f->folder);
  fixture_set(f, "references", "false");
  must_train_whole(f, init);
  use_vectors(f);
  fixture_set(f, "init", init);
  fixture_set(f, "freeze-encoder", "true");
  must_train_whole(f, f->output);
  before = open_model(init);
  after = open_model(f->output);
  encoder = tx_head_tensor(&after->dims, 0);
  assert_true(same_tensors(before, after, 0, encoder));
  assert_false(after->weights[tx_log_scale_tensor(&after->dims)][0] == (float)log(1 / 0.07));
  tx_model_close(before);
  tx_model_close(after);
}

/* From a model with the same space: all is taken, with a rate of 0 nothing changes; of another width only the
   encoder. */
static void test_from_an_aligned_model(void **state)
{
  fixture *f = *state;
  char first[256], list[300];
  tx_model *before, *after;
  snprintf(first, sizeof first, "%s/first", f->folder);
  use_vectors(f);
  must_train_whole(f, first);
  fixture_set(f, "init", first);
  fixture_set(f, "learning-rate", "0");
  fixture_set(f, "seed", "2");
  must_train_whole(f, f->output);
  assert_non_null(strstr(f->notes, "heads dna, image, text from"));
  before = open_model(first);
  after = open_model(f->output);
  assert_true(same_tensors(before, after, 0, tx_layout_count(&after->dims)));
  tx_model_close(after);
  snprintf(list, sizeof list, "%s/text.npy", f->folder); /* another number then */
  fixture_set(f, "vectors", list);
  must_train_whole(f, f->output);
  assert_non_null(strstr(f->notes, "heads dna, text from"));
  after = open_model(f->output);
  assert_memory_equal(after->weights[tx_tower_tensor(&after->dims, 0)],
                      before->weights[tx_tower_tensor(&before->dims, 1)], 16 * TEXT * sizeof(float));
  tx_model_close(after);
  tx_model_close(before);
  fixture_set(f, "shared-width", "8");
  must_train_whole(f, f->output);
  assert_non_null(strstr(f->notes, "new: heads dna, text"));
}

static void must_refuse(fixture *f, tx_status status, const char *words)
{
  assert_int_equal(train_until(f, 0, f->output, false), status);
  if (!strstr(f->error.message, words)) fail_msg("'%s' does not say %s", f->error.message, words);
}

static void test_refusals(void **state)
{
  fixture *f = *state;
  char list[300];
  use_vectors(f);
  fixture_set(f, "positives", "colour");
  must_refuse(f, TX_ERROR_USAGE, "'colour' is neither record nor a rank");
  fixture_set(f, "positives", "record");
  fixture_set(f, "metric", "species-accuracy");
  must_refuse(f, TX_ERROR_USAGE, "neither loss nor pair-accuracy");
  fixture_set(f, "metric", "");
  write_modality(f, "dna", TEXT, 6, false);
  snprintf(list, sizeof list, "%s/dna.npy", f->folder);
  fixture_set(f, "vectors", list);
  must_refuse(f, TX_ERROR_USAGE, "'dna' is the modality of the encoder");
  vector_file(f->folder, "image", (const float[]){1, 2}, 1, 2, 0);
  vector_ids(f->folder, "image", "nobody\n");
  snprintf(list, sizeof list, "%s/image.npy", f->folder);
  fixture_set(f, "vectors", list);
  must_refuse(f, TX_ERROR_DATA, "the ids of --vectors, such as 'nobody', are not those of the records");
  fixture_set(f, "vectors", "");
  must_refuse(f, TX_ERROR_USAGE, "--vectors FILE.npy");
  fixture_set(f, "objective", "taxa");
  fixture_set(f, "vectors", list);
  {
    const char *const given[] = {"vectors"}, *const inputs[] = {f->input};
    const tx_train_files files = {.inputs = inputs, .input_count = 1, .output = f->output, .given = given,
                                  .given_count = 1};
    assert_int_equal(tx_train(&f->config, &files, NULL, &f->error), TX_ERROR_USAGE);
    assert_non_null(strstr(f->error.message, "--vectors has no effect"));
  }
}

#define RUN(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      RUN(test_finite_differences), cmocka_unit_test(test_missing_modalities),
      RUN(test_learns),             RUN(test_threads_and_resuming),
      RUN(test_frozen_encoder),     RUN(test_from_an_aligned_model),
      RUN(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
