/* Label smoothing down the tree and weighted losses against golden/hierarchical_loss.safetensors, at each CPU
   level. */
#include "golden/golden.h"

#include "objective/losses.h"
#include "taxon/tree.h"

enum { RANKS = 6, ROWS = 6, CLASSES_MAX = 14, UNKNOWN = 9999999 };

static const size_t class_counts[RANKS] = {2, 3, 5, 7, 10, 14};

typedef struct fixture {
  tx_safetensors *file;
  tx_taxonomy *taxonomy;
  int32_t labels[RANKS][ROWS];
} fixture;

static const int64_t *parents_of(const fixture *f, size_t rank)
{
  char name[16];
  const tx_section *section;
  snprintf(name, sizeof name, "parent%zu", rank);
  section = golden_section(f->file, "", name);
  assert_int_equal(section->size, class_counts[rank] * sizeof(int64_t));
  return section->data;
}

static void make_taxonomy(fixture *f)
{
  const char *const ranks[RANKS] = {"phylum", "class", "order", "family", "genus", "species"};
  tx_taxon taxa[64];
  char names[64][16];
  size_t count = 0;
  tx_error error;
  for (size_t r = 0; r < RANKS; r++) {
    const int64_t *parents = r ? parents_of(f, r) : NULL;
    for (size_t c = 0; c < class_counts[r]; c++, count++) {
      snprintf(names[count], sizeof names[count], "%zu-%02zu", r, c);
      taxa[count] = (tx_taxon){names[count], r ? (int32_t)parents[c] : -1, (int32_t)r - 1};
    }
  }
  if (tx_taxonomy_assemble(ranks, RANKS, class_counts, taxa, TX_ERROR_DATA, &f->taxonomy, &error) != TX_OK)
    fail_msg("%s", error.message);
}

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  const int64_t *labels;
  tx_error error;
  assert_non_null(f);
  if (tx_safetensors_open(TX_TESTS_DIR "/golden/hierarchical_loss.safetensors", 0, &f->file, &error) != TX_OK)
    fail_msg("%s", error.message);
  labels = golden_section(f->file, "", "labels")->data;
  for (size_t r = 0; r < RANKS; r++)
    for (size_t i = 0; i < ROWS; i++)
      f->labels[r][i] = labels[i * RANKS + r] == UNKNOWN ? -1 : (int32_t)labels[i * RANKS + r];
  make_taxonomy(f);
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tx_safetensors_close(f->file);
  tx_taxonomy_free(f->taxonomy);
  free(f);
  return 0;
}

static const float *golden_of(const fixture *f, const char *kind, const char *what, size_t rank, size_t count)
{
  char prefix[16], name[16];
  snprintf(prefix, sizeof prefix, "%s%s", kind, *kind ? "." : "");
  snprintf(name, sizeof name, "%s%zu", what, rank);
  return golden_floats(f->file, prefix, name, count);
}

static tx_targets targets_of(const tx_hierarchy *hierarchy, size_t rank, const double *smoothing, double own)
{
  tx_targets targets = {
      .levels = rank, .spans = hierarchy->spans, .shares = (const float *const *)hierarchy->shares};
  double on_true = 1 - own;
  for (size_t l = 0; l < rank; l++) on_true -= smoothing[l];
  targets.on_true = (float)on_true;
  targets.other = (float)(own / (double)(class_counts[rank] - 1));
  return targets;
}

/* The gradient of a row is softmax - target. */
static void check_labelled_row(const float *logits, const tx_targets *targets, int32_t label, size_t classes,
                               const float *expected)
{
  float gradient[CLASSES_MAX];
  double total = 0;
  memcpy(gradient, logits, classes * sizeof *gradient);
  tx_cross_entropy_targets(gradient, &label, 1, classes, targets, 1.0F);
  for (size_t c = 0; c < classes; c++) total += exp((double)logits[c]);
  for (size_t c = 0; c < classes; c++) {
    const double got = exp((double)logits[c]) / total - (double)gradient[c];
    if (!(fabs(got - (double)expected[c]) <= 1e-6))
      fail_msg("class %zu of %zu: %.9g, expected %.9g", c, classes, got, (double)expected[c]);
  }
}

/* A row without a label at the rank has no loss; its golden target is what its ancestors, known or not,
   spread. */
static void check_unlabelled_row(const fixture *f, const tx_hierarchy *hierarchy, size_t row, size_t rank,
                                 const double *smoothing, double own, const float *expected)
{
  const size_t classes = class_counts[rank];
  double target[CLASSES_MAX], shares[CLASSES_MAX];
  tx_error error;
  for (size_t c = 0; c < classes; c++) target[c] = own / (double)(classes - 1);
  for (size_t l = 0; l < rank; l++) {
    if (!(smoothing[l] > 0)) continue;
    if (f->labels[l][row] < 0) {
      assert_int_equal(tx_hierarchy_uniform(f->taxonomy, l, rank, shares, &error), TX_OK);
      for (size_t c = 0; c < classes; c++) target[c] += smoothing[l] * shares[c];
      continue;
    }
    for (size_t c = 0; c < classes; c++) {
      int32_t lineage[RANKS];
      tx_taxonomy_lineage(f->taxonomy, rank, (int32_t)c, lineage);
      if (lineage[l] == f->labels[l][row])
        target[c] += (double)hierarchy->shares[l][c] - (l ? (double)hierarchy->shares[l - 1][c] : 0.0);
    }
  }
  for (size_t c = 0; c < classes; c++) assert_true(fabs(target[c] - (double)expected[c]) <= 1e-6);
}

/* The reference computes its weighted loss, and only that, as -log(p + 2^-23), which lowers it by up to 6e-6
   here; the exact loss is ours. What the constant takes from the loss of a row (its sum in float32 leaves
   another 1e-6 at a loss of 3.7): */
static double floor_effect(const float *logits, size_t classes, const float *target)
{
  double total = 0, effect = 0;
  for (size_t c = 0; c < classes; c++) total += exp((double)logits[c]);
  for (size_t c = 0; c < classes; c++)
    effect += (double)target[c] * log1p(ldexp(1.0, -23) * total / exp((double)logits[c]));
  return effect;
}

static void check_losses(const fixture *f, const char *kind, size_t rank, tx_targets *targets)
{
  const size_t classes = class_counts[rank];
  const float *logits = golden_of(f, "", "logits", rank, ROWS * classes),
              *target = golden_of(f, kind, "target", rank, ROWS * classes);
  uint64_t counts[CLASSES_MAX];
  float weights[CLASSES_MAX], rows[ROWS * CLASSES_MAX];
  double known = 0, weight = 0, effect = 0, loss;
  for (size_t c = 0; c < classes; c++) counts[c] = c + 1;
  tx_class_weights(counts, classes, 0.5, weights);
  for (size_t i = 0; i < ROWS; i++) {
    const int32_t label = f->labels[rank][i];
    if (label < 0) continue;
    known++;
    weight += (double)weights[label];
    effect += (double)weights[label] * floor_effect(logits + i * classes, classes, target + i * classes);
  }
  memcpy(rows, logits, ROWS * classes * sizeof *rows);
  loss = tx_cross_entropy_targets(rows, f->labels[rank], ROWS, classes, targets, 1.0F) / known;
  assert_true(fabs(loss - (double)*golden_of(f, kind, "loss", rank, 1)) <= 1e-6);
  targets->class_weights = weights;
  memcpy(rows, logits, ROWS * classes * sizeof *rows);
  loss = (tx_cross_entropy_targets(rows, f->labels[rank], ROWS, classes, targets, 1.0F) - effect) / weight;
  assert_true(fabs(loss - (double)*golden_of(f, kind, "wloss", rank, 1)) <= 1e-6 * fmax(1.0, loss));
  targets->class_weights = NULL;
}

static void check_kind(const fixture *f, const char *kind, double each, double own)
{
  double smoothing[RANKS];
  for (size_t r = 0; r < RANKS; r++) smoothing[r] = each;
  for (size_t r = 0; r < RANKS; r++) {
    const size_t classes = class_counts[r];
    const float *expected = golden_of(f, kind, "target", r, ROWS * classes),
                *logits = golden_of(f, "", "logits", r, ROWS * classes);
    tx_hierarchy hierarchy;
    tx_targets targets;
    tx_error error;
    if (tx_hierarchy_create(f->taxonomy, r, smoothing, &hierarchy, &error) != TX_OK)
      fail_msg("%s", error.message);
    targets = targets_of(&hierarchy, r, smoothing, own);
    for (size_t i = 0; i < ROWS; i++) {
      if (f->labels[r][i] >= 0)
        check_labelled_row(logits + i * classes, &targets, f->labels[r][i], classes, expected + i * classes);
      else
        check_unlabelled_row(f, &hierarchy, i, r, smoothing, own, expected + i * classes);
    }
    check_losses(f, kind, r, &targets);
    tx_hierarchy_free(&hierarchy);
  }
}

static void hierarchical_matches(void **state)
{
  check_kind(*state, "hls", 0.02, 0.0);
}

static void plain_matches(void **state)
{
  check_kind(*state, "sls", 0.0, 0.1);
}

static void none_matches(void **state)
{
  check_kind(*state, "none", 0.0, 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(hierarchical_matches), cmocka_unit_test(plain_matches),
                                     cmocka_unit_test(none_matches)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
