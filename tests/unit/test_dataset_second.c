/* Labels of a second source: which records get them, what is left to the first, their weight, and whole
   runs. */
#include "unit/train_runs.h"

#include "dataset/batch.h"
#include "objective/losses.h"
#include "tensor/loss.h"

#include <math.h>
#include <taxamba/references.h>

static const tx_tokenizer kmers = {TX_TOKENIZER_KMER, 4, 4, 0, 0, false, NULL};

#define BASES "ACGTTGCAACGTAGCTAGCTAGGATCGATCGGATCGATTAGCTAGCTTAG"
#define HEADER "processid,family,genus,species,dna_barcode,split\n"

static tx_status load(fixture *f, tx_dataset **dataset)
{
  const char *const inputs[] = {f->input};
  const tx_train_files files = {.inputs = inputs, .input_count = 1, .output = f->output};
  const tx_train_hooks hooks = {NULL, fixture_note, f, NULL};
  const tx_dataset_needs needs = {.labels = true, .tokens = 2};
  f->notes[0] = 0;
  return tx_dataset_load(&f->config, &needs, &kmers, &files, &hooks, dataset, &f->error);
}

static void must_load(fixture *f, tx_dataset **dataset)
{
  if (load(f, dataset) != TX_OK) fail_msg("%s", f->error.message);
}

static void use_second(fixture *f, const char *text)
{
  char path[192];
  fixture_write(f, "second.csv", text, path);
  fixture_set(f, "second-labels", path);
  fixture_set(f, "second-prefix", "other_");
  fixture_set(f, "second-weight", "0.25");
}

/* The name of a record's label at a rank, NULL = none. */
static const char *label(const tx_dataset *dataset, size_t record, size_t rank)
{
  const int32_t class_index = tx_dataset_label_of(dataset, (uint32_t)record, rank);
  return class_index < 0 ? NULL : tx_taxonomy_class_name(dataset->taxonomy, rank, class_index);
}

static void check(const tx_dataset *dataset, size_t record, const char *const names[3],
                  const double weights[3])
{
  for (size_t r = 0; r < 3; r++) {
    const char *got = label(dataset, record, r);
    if (!got != !names[r] || (got && strcmp(got, names[r]) != 0))
      fail_msg("record %zu rank %zu: %s, not %s", record, r, got ? got : "none",
               names[r] ? names[r] : "none");
    assert_true(tx_dataset_weight_of(dataset, (uint32_t)record, r) == weights[r]);
  }
}

/* Deeper ranks and whole lineages are filled; a difference at any rank leaves the first alone; validation has
   none of it. */
static void test_who_gets_them(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  fixture_write(f, "t.csv",
                HEADER "a,F,G,G one," BASES ",train\n"
                       "b,F,G,," BASES ",train\n"
                       "c,,,," BASES ",train\n"
                       "d,F,H,," BASES ",train\n"
                       "e,F,G,G_one," BASES ",train\n"
                       "g,F,G,," BASES ",val\n"
                       "h,,,," BASES ",train\n"
                       "i,F,G,," BASES ",train\n",
                f->input);
  use_second(f, "processid,other_family,other_genus,other_species\n"
                "a,F,G,G two\nb,F,G,G two\nc,F,H,H one\nd,F,G,G two\ne,,G,G one\ng,F,G,G one\ni,F,G,G one\n"
                "i,F,G,G two\ni,F,G,G two\nunknown,F,G,G one\n");
  must_load(f, &dataset);
  assert_int_equal(dataset->train.count, 6);
  assert_int_equal(dataset->valid.count, 1);
  check(dataset, 0, (const char *[]){"F", "G", "G one"}, (double[]){1, 1, 1});
  check(dataset, 1, (const char *[]){"F", "G", "G two"}, (double[]){1, 1, 0.25});
  check(dataset, 2, (const char *[]){"F", "H", "H one"}, (double[]){0.25, 0.25, 0.25});
  check(dataset, 3, (const char *[]){"F", "H", NULL}, (double[]){1, 1, 1});
  check(dataset, 5, (const char *[]){"F", "G", NULL}, (double[]){1, 1, 1});
  check(dataset, 6, (const char *[]){"F", "G", NULL}, (double[]){1, 1, 1});
  assert_non_null(strstr(f->notes, "8 ids (1 contradict themselves); 2 training records have got labels of "
                                   "them, 1 had no other; of those with names in both 2 have the same, 2 "
                                   "another one"));
  assert_non_null(strstr(f->notes, "1 without any label"));
  tx_dataset_free(dataset);
}

/* Of records that are held out the labels of the second source are taken away again, and those that only it
   labels are not held out. */
static void test_hold_out(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  char *text = calloc(1, 1 << 16), *second = calloc(1, 1 << 14);
  size_t used, used_second;
  assert_true(text && second);
  used = (size_t)sprintf(text, "processid,family,genus,species,dna_barcode\n");
  used_second = (size_t)sprintf(second, "processid,other_genus,other_species\n");
  for (size_t i = 0; i < 60; i++) {
    used += (size_t)sprintf(text + used, "r%zu,F,%s,," BASES "\n", i, i % 3 ? "G" : "");
    used_second += (size_t)sprintf(second + used_second, "r%zu,G,G %s\n", i, i % 2 ? "one" : "two");
  }
  fixture_write(f, "t.csv", text, f->input);
  use_second(f, second);
  fixture_set(f, "ranks", "genus,species");
  fixture_set(f, "valid-fraction", "0.5");
  must_load(f, &dataset);
  assert_int_equal(dataset->valid.count, 20);
  assert_int_equal(dataset->train.count, 40);
  for (size_t i = 0; i < dataset->valid.count; i++) {
    assert_true(label(dataset, dataset->valid.records[i], 0) != NULL);
    assert_true(label(dataset, dataset->valid.records[i], 1) == NULL);
  }
  assert_int_equal(dataset->valid_labelled[1], 0);
  assert_int_equal(dataset->labelled[1], 40);
  tx_dataset_free(dataset);
  free(text);
  free(second);
}

static void test_refusals(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  use_second(f, "processid,genus,species\nR0-0,Genus0,Species0\n");
  assert_int_equal(load(f, &dataset), TX_ERROR_DATA);
  assert_non_null(strstr(f->error.message, "no column 'other_species' or of another rank"));
  use_second(f, "processid,other_genus\nnobody,G\n");
  assert_int_equal(load(f, &dataset), TX_OK);
  assert_non_null(strstr(f->notes, "it adds no label to a training record"));
  tx_dataset_free(dataset);
}

/* The loss of a row is its weight times that without one, and so is the gradient, which is that of finite
   differences. */
static void test_weighted_loss(void **state)
{
  enum { ROWS = 4, CLASSES = 5 };
  const float weights[ROWS] = {1.0F, 0.25F, 0.5F, 0.75F}, class_weights[CLASSES] = {1, 2, 0.5F, 1, 1.5F};
  const int32_t labels[ROWS] = {2, 0, TX_LABEL_NONE, 4};
  const tx_targets targets = {.on_true = 0.9F,
                              .other = 0.025F,
                              .robustness = 0.3F,
                              .row_weights = weights,
                              .class_weights = class_weights};
  const double scale = 0.5, step = 1e-2;
  float logits[ROWS * CLASSES], gradient[ROWS * CLASSES];
  double sum = 0, got;
  (void)state;
  for (size_t i = 0; i < ROWS * CLASSES; i++) logits[i] = (float)(i * i % 7) - 3.0F;
  for (size_t row = 0; row < ROWS; row++) {
    tx_targets plain = targets;
    float one[CLASSES];
    plain.row_weights = NULL;
    memcpy(one, logits + row * CLASSES, sizeof one);
    sum += (double)weights[row] * tx_cross_entropy_targets(one, &labels[row], 1, CLASSES, &plain, 1.0F);
  }
  memcpy(gradient, logits, sizeof gradient);
  got = tx_cross_entropy_targets(gradient, labels, ROWS, CLASSES, &targets, (float)scale);
  assert_true(fabs(got - sum) < 1e-6);
  for (size_t i = 0; i < ROWS * CLASSES; i++) {
    double values[2], expected;
    for (int side = 0; side < 2; side++) {
      float moved[ROWS * CLASSES];
      memcpy(moved, logits, sizeof moved);
      moved[i] += (float)(side ? step : -step);
      values[side] = tx_cross_entropy_targets(moved, labels, ROWS, CLASSES, &targets, 1.0F);
    }
    expected = scale * (values[1] - values[0]) / (2 * step);
    if (!(fabs((double)gradient[i] - expected) < 2e-5))
      fail_msg("logit %zu: %.9g, expected %.9g", i, (double)gradient[i], expected);
  }
}

/* A shard has the weights of its records, rank by rank; without a second source it has none. */
static void test_shard(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  tx_shard shard;
  fixture_write(f, "t.csv", HEADER "a,F,G,," BASES ",train\nb,F,G,G one," BASES ",train\n", f->input);
  use_second(f, "id,other_species\na,G one\n");
  must_load(f, &dataset);
  assert_int_equal(tx_shard_create(dataset, &kmers, 4, 1, &shard, &f->error), TX_OK);
  for (uint32_t record = 0; record < 2; record++) tx_shard_add(&shard, dataset, &kmers, record, NULL, NULL);
  assert_true(tx_shard_weights(&shard, 1)[0] == 1.0F && tx_shard_weights(&shard, 1)[1] == 1.0F);
  assert_true(tx_shard_weights(&shard, 2)[0] == 0.25F && tx_shard_weights(&shard, 2)[1] == 1.0F);
  tx_shard_free(&shard);
  tx_dataset_free(dataset);
  dataset = NULL;
  fixture_set(f, "second-labels", "");
  must_load(f, &dataset);
  assert_int_equal(tx_shard_create(dataset, &kmers, 4, 1, &shard, &f->error), TX_OK);
  assert_null(tx_shard_weights(&shard, 0));
  tx_shard_free(&shard);
  tx_dataset_free(dataset);
}

/* The same bytes for one thread, for three, and for a run that was interrupted; others for another weight.
   The references that go into the model have no label of the second source. */
static void test_whole_runs(void **state)
{
  fixture *f = *state;
  char one[256], three[256], resumed[256], other[256], second[2048] = "processid,other_species\n";
  for (size_t s = 0; s < FIXTURE_SPECIES; s++) sprintf(second + strlen(second), "R%zu-7,Species%zu\n", s, s);
  snprintf(one, sizeof one, "%s/one", f->folder);
  snprintf(three, sizeof three, "%s/three", f->folder);
  snprintf(resumed, sizeof resumed, "%s/resumed", f->folder);
  snprintf(other, sizeof other, "%s/other", f->folder);
  use_second(f, second);
  fixture_set(f, "epochs", "2");
  fixture_set(f, "threads", "1");
  must_train_whole(f, one);
  assert_non_null(strstr(f->notes, "6 training records have got labels of them"));
  fixture_set(f, "threads", "3");
  must_train_whole(f, three);
  assert_same_bytes(one, three);
  assert_int_equal(train_until(f, 3, resumed, false), TX_STOPPED);
  assert_int_equal(train_until(f, 0, resumed, true), TX_OK);
  assert_same_bytes(one, resumed);
  fixture_set(f, "second-weight", "0.75");
  must_train_whole(f, other);
  tx_model *a = open_model(one), *b = open_model(other);
  tx_reference_set *references = NULL;
  size_t species = 0;
  assert_false(same_tensors(a, b, 0, 3));
  assert_int_equal(tx_reference_set_of_model(a, &references, &f->error), TX_OK);
  assert_non_null(references);
  for (size_t i = 0; i < tx_reference_set_count(references); i++) {
    const size_t rank = tx_taxonomy_rank_count(tx_reference_set_taxonomy(references)) - 1;
    species += tx_reference_set_taxon(references, i, rank) >= 0;
  }
  assert_int_equal(species, tx_reference_set_count(references) - FIXTURE_SPECIES);
  tx_reference_set_free(references);
  tx_model_close(a);
  tx_model_close(b);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_who_gets_them), TEST(test_hold_out), TEST(test_refusals),
                                     TEST(test_weighted_loss), TEST(test_shard),    TEST(test_whole_runs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
