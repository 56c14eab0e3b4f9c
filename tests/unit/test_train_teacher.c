/* Whole runs with --teacher: a learner comes closer to it than without, resumes to the same bytes, learns
   from records without labels, and refuses what cannot teach. */
#include "unit/train_runs.h"

#include "infer/work.h"
#include "nn/layout.h"

#include <math.h>

#define SIMULATED TX_TESTS_DIR "/../data/simulated_metadata.csv"
#define TEACHER TX_TESTS_DIR "/../models/simulated.safetensors"

/* A model of the table of the fixture, in `path`, which becomes the teacher. */
static void make_teacher(fixture *f, const char *name, char path[256])
{
  snprintf(path, 256, "%s/%s", f->folder, name);
  fixture_set(f, "teacher", "");
  must_train_whole(f, path);
  fixture_set(f, "teacher", path);
}

/* ---- closer ---- */

/* The answers of a model about one barcode: the logarithms of its probabilities. */
typedef struct witness {
  tx_model *model;
  tx_classifier *classifier;
  tx_predict_work *work;
  double *logarithms;
} witness;

static void open_witness(witness *w, const char *path)
{
  tx_predict_options options;
  tx_error error;
  tx_predict_defaults(&options);
  w->model = open_model(path);
  assert_int_equal(tx_classifier_create(w->model, &options, &w->classifier, &error), TX_OK);
  assert_int_equal(tx_predict_work_create(w->classifier, &w->work, &error), TX_OK);
  w->logarithms =
      calloc(tx_lineage_decoder_classes(w->classifier->opt_decoder), sizeof *w->logarithms);
  assert_non_null(w->logarithms);
}

static void close_witness(witness *w)
{
  free(w->logarithms);
  tx_predict_work_free(w->work);
  tx_classifier_free(w->classifier);
  tx_model_close(w->model);
}

static const double *answer_of(witness *w, const uint8_t *codes, size_t count, size_t rank)
{
  const tx_strand_codes strand = {codes, count};
  tx_strand_answer answer = {.opt_log_probabilities = w->logarithms};
  tx_predict_work_add(w->classifier, w->work, &strand, &answer);
  tx_predict_work_run(w->classifier, w->work);
  assert_int_equal(answer.status, TX_RECORD_OK);
  return w->logarithms + tx_lineage_decoder_start(w->classifier->opt_decoder, rank);
}

/* The mean divergence of a learner from the teacher over ranks and barcodes, halves of those of the teacher's
   own species, changed at random. The taxa are the same in the same order. */
static double divergence(const char *teacher, const char *learner)
{
  witness a = {0}, b = {0};
  size_t cells = 0;
  double sum = 0;
  open_witness(&a, teacher);
  open_witness(&b, learner);
  assert_int_equal(tx_dims_ranks(&a.model->dims), tx_dims_ranks(&b.model->dims));
  for (size_t s = 0; s < 2 * FIXTURE_SPECIES; s++)
    for (size_t r = 0; r < tx_dims_ranks(&a.model->dims); r++) {
      uint8_t codes[FIXTURE_BASES];
      tx_random random;
      const double *x, *y;
      tx_random_seed(&random, 7, s % FIXTURE_SPECIES, 0, 0);
      for (size_t i = 0; i < FIXTURE_BASES; i++) codes[i] = (uint8_t)tx_random_below(&random, 4);
      const uint8_t *half = codes + (s < FIXTURE_SPECIES ? 0 : FIXTURE_BASES / 2);
      x = answer_of(&a, half, FIXTURE_BASES / 2, r);
      y = answer_of(&b, half, FIXTURE_BASES / 2, r);
      for (size_t c = 0; c < a.model->dims.heads[r].size; c++) sum += exp(x[c]) * (x[c] - y[c]);
      cells++;
    }
  close_witness(&a);
  close_witness(&b);
  return sum / (double)cells;
}

/* The teacher has learnt to leave some probability to other taxa, which the labels do not ask for. */
static void test_closer_with_a_teacher(void **state)
{
  fixture *f = *state;
  char teacher[256], alone[256];
  double with, without;
  fixture_set(f, "references", "false");
  fixture_set(f, "crop", "0.7");
  fixture_set(f, "valid-fraction", "0");
  fixture_set(f, "epochs", "40");
  fixture_table(f, "nosplit.csv", 8, false, f->input);
  fixture_set(f, "label-smoothing", "0.3");
  make_teacher(f, "teacher", teacher);
  fixture_set(f, "label-smoothing", "0.05");
  fixture_set(f, "d-model", "16");
  snprintf(alone, sizeof alone, "%s/alone", f->folder);
  fixture_set(f, "teacher", "");
  must_train_whole(f, alone);
  fixture_set(f, "teacher", teacher);
  fixture_set(f, "teacher-weight", "2");
  fixture_set(f, "teacher-embedding", "0.5");
  must_train_whole(f, f->output);
  assert_non_null(strstr(f->notes, "teacher: "));
  assert_non_null(strstr(f->notes, "species 6 of 6"));
  without = divergence(teacher, alone);
  with = divergence(teacher, f->output);
  assert_true(divergence(teacher, teacher) < 1e-9);
  if (!(with < 0.75 * without)) fail_msg("with %g, without %g", with, without);
}

/* ---- the same bytes ---- */

/* The map of the embedding, whose width differs from the teachers', is in the checkpoint and not in the
   model; the answers are made again. Two teachers, one of which reads both strands, and the other terms. */
static void test_resumes_to_the_same(void **state)
{
  static const uint64_t stops[] = {1, 4, 7};
  fixture *f = *state;
  char first[256], second[256], both[520], whole[256];
  tx_model *model;
  tx_safetensors *file = NULL;
  make_teacher(f, "first", first);
  fixture_set(f, "both-strands", "true");
  make_teacher(f, "second", second);
  fixture_set(f, "both-strands", "false");
  snprintf(both, sizeof both, "%s\n%s", first, second);
  fixture_set(f, "teacher", both);
  fixture_set(f, "teacher-embedding", "0.5");
  fixture_set(f, "contrast", "0.3");
  fixture_set(f, "contrast-memory", "20");
  fixture_set(f, "ema", "0.9");
  fixture_set(f, "d-model", "24");
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  fixture_set(f, "threads", "1");
  must_train_whole(f, whole);
  for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
    fixture_set(f, "threads", i % 2 ? "2" : "3");
    assert_int_equal(train_until(f, stops[i], f->output, i > 0), TX_STOPPED);
  }
  assert_int_equal(tx_safetensors_open(f->checkpoint, 1, &file, &f->error), TX_OK);
  assert_non_null(tx_safetensors_find(file, "projection.weight"));
  assert_int_equal(tx_safetensors_find(file, "projection.weight")->shape[0], 64);
  tx_safetensors_close(file);
  fixture_set(f, "contrast", "0"); /* trains another model into one of the teachers */
  fixture_set(f, "teacher-embedding", "0");
  fixture_set(f, "ema", "0");
  fixture_set(f, "seed", "2");
  fixture_set(f, "teacher", "");
  must_train_whole(f, second);
  fixture_set(f, "seed", "1");
  fixture_set(f, "contrast", "0.3");
  fixture_set(f, "teacher-embedding", "0.5");
  fixture_set(f, "ema", "0.9");
  fixture_set(f, "teacher", both);
  assert_int_equal(train_until(f, 0, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--teacher, are not those"));
  fixture_set(f, "teacher", first);
  assert_int_equal(train_until(f, 0, f->output, true), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "with --teacher '"));
  fixture_set(f, "both-strands", "true"); /* the same teacher again */
  fixture_set(f, "d-model", "32");
  fixture_set(f, "contrast", "0");
  fixture_set(f, "teacher-embedding", "0");
  fixture_set(f, "ema", "0");
  fixture_set(f, "threads", "2");
  make_teacher(f, "second", second);
  fixture_set(f, "both-strands", "false");
  fixture_set(f, "d-model", "24");
  fixture_set(f, "contrast", "0.3");
  fixture_set(f, "teacher-embedding", "0.5");
  fixture_set(f, "ema", "0.9");
  fixture_set(f, "teacher", both);
  assert_int_equal(train_until(f, 0, f->output, true), TX_OK);
  assert_same_bytes(whole, f->output);
  model = open_model(whole);
  assert_null(tx_safetensors_find(model->file, "projection.weight"));
  assert_non_null(strstr(model->provenance, "\"teachers\":[{\"file\":\"first\",\"crc32\":\""));
  assert_non_null(strstr(model->provenance, "},{\"file\":\"second\",\"crc32\":\""));
  tx_model_close(model);
}

/* ---- records without labels ---- */

/* Two files: the table, and FASTA without lineages of a species that no row has. They take part in training
   with a teacher and nowhere else: not in the validation, nor as references. */
static void test_records_without_labels(void **state)
{
  fixture *f = *state;
  char teacher[256], plain[192], table[192];
  char bases[FIXTURE_BASES + 1] = {0};
  FILE *file;
  tx_random random;
  const char *inputs[2];
  const tx_train_hooks hooks = {.message = fixture_note, .context = f};
  make_teacher(f, "teacher", teacher);
  fixture_table(f, "nosplit.csv", 8, false, table);
  snprintf(plain, sizeof plain, "%s/plain.fasta", f->folder);
  file = fopen(plain, "wb");
  assert_non_null(file);
  tx_random_seed(&random, 8, 99, 0, 0);
  for (size_t i = 0; i < 30; i++) {
    for (size_t b = 0; b < FIXTURE_BASES; b++) bases[b] = "ACGT"[tx_random_below(&random, 4)];
    fprintf(file, ">u%zu\n%s\n", i, bases);
  }
  assert_int_equal(fclose(file), 0);
  inputs[0] = table;
  inputs[1] = plain;
  const tx_train_files files = {.inputs = inputs, .input_count = 2, .output = f->output};
  for (int with = 0; with < 2; with++) {
    char expected[80];
    fixture_set(f, "teacher", with ? teacher : "");
    f->notes[0] = 0;
    if (tx_train(&f->config, &files, &hooks, &f->error) != TX_OK) fail_msg("%s", f->error.message);
    assert_non_null(strstr(f->notes, with ? "read 78 records: 48 for training, 0 of other splits, 0 too "
                                            "short, 30 without any label, which are learnt from --teacher"
                                          : "30 without any label\n"));
    assert_non_null(strstr(f->notes, "validation: 2 of the training records")); /* 5 % of 48 */
    assert_non_null(strstr(f->notes, "references: 45 barcodes")); /* two of the 46 are the same */
    snprintf(expected, sizeof expected, "training: 3 epochs, %d steps of 12 records", with ? 21 : 12);
    assert_non_null(strstr(f->notes, expected)); /* 3 epochs of 76 or 46 records */
  }
  assert_non_null(strstr(f->notes, "teachers: 76 records read"));
}

/* ---- what cannot teach ---- */

static void fails(fixture *f, const char *teacher, tx_status status, const char *message)
{
  fixture_set(f, "teacher", teacher);
  assert_int_equal(train_until(f, 0, f->output, false), status);
  if (!strstr(f->error.message, message)) fail_msg("'%s' is not in: %s", message, f->error.message);
}

static void test_refuses(void **state)
{
  fixture *f = *state;
  char encoder[256], path[192], text[300];
  fails(f, "/nowhere/t.safetensors", TX_ERROR_IO, "/nowhere/t.safetensors");
  fixture_write(f, "text", "no model", path);
  fails(f, path, TX_ERROR_MODEL, path);
  fixture_set(f, "objective", "masked");
  fixture_set(f, "epochs", "1");
  make_teacher(f, "encoder", encoder);
  fixture_set(f, "objective", "taxa");
  fails(f, encoder, TX_ERROR_USAGE, "has no heads of taxa");
  fails(f, TEACHER, TX_ERROR_DATA, "knows none of the taxa");
  fixture_set(f, "teacher-weight", "0");
  fails(f, TEACHER, TX_ERROR_USAGE, "no effect with --teacher-weight 0");
  fixture_set(f, "teacher-weight", "1");
  fixture_set(f, "init", encoder);
  fixture_set(f, "freeze-encoder", "true");
  fixture_set(f, "teacher-embedding", "1");
  make_teacher(f, "frozen", encoder); /* idle without a teacher */
  snprintf(text, sizeof text, "%s", encoder);
  must_train_whole(f, f->output); /* the heads learn from it, the embedding does not */
  assert_non_null(strstr(f->notes, "left aside, as it has no effect with --freeze-encoder"));
}

/* The shipped simulated model teaches the table it was trained on: all its taxa are found, and what it has no
   answer for is nothing. */
static void test_shipped_model(void **state)
{
  fixture *f = *state;
  snprintf(f->input, sizeof f->input, "%s", SIMULATED);
  fixture_set(f, "teacher", TEACHER);
  fixture_set(f, "ranks", "order,family,genus,species");
  fixture_set(f, "d-model", "16");
  fixture_set(f, "n-layer", "1");
  fixture_set(f, "epochs", "1");
  fixture_set(f, "references", "false");
  must_train_whole(f, f->output);
  assert_non_null(strstr(f->notes, "order 3 of 3, family 8 of 8, genus 20 of 20, species 46 of 46"));
  assert_non_null(strstr(f->notes, "teachers: 414 records read"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_closer_with_a_teacher), TEST(test_resumes_to_the_same),
                                     TEST(test_records_without_labels), TEST(test_refuses),
                                     TEST(test_shipped_model)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
