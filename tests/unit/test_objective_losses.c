/* Lists in settings, smoothing down trees with gaps, weights of classes and ranks, scales of a batch. */
#include "unit/train_fixture.h"

#include "settings/lists.h"
#include "objective/losses.h"

#include <math.h>

static tx_error error;

static void test_lists(void **state)
{
  double values[TX_RANKS_MAX];
  size_t count;
  const char *const bad[] = {",", "1,",   "0.5,,0.5", "x",       "inf", "0x1",
                             "2", "-0.1", "0.1 0.2",  "0.1;0.2", " "};
  (void)state;
  assert_int_equal(tx_number_list("option", "", 0, 1, values, &count, &error), TX_OK);
  assert_int_equal(count, 0);
  assert_int_equal(tx_number_list("option", "0.25, 1 ,0,1e-2", 0, 1, values, &count, &error), TX_OK);
  assert_int_equal(count, 4);
  assert_true(values[0] == 0.25 && values[1] == 1 && values[2] == 0 && values[3] == 0.01);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (tx_number_list("option", bad[i], 0, 1, values, &count, &error) != TX_ERROR_USAGE)
      fail_msg("'%s' is a list", bad[i]);
    assert_non_null(strstr(error.message, "--option"));
  }
  assert_int_equal(tx_number_list("option", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", 0, 1, values, &count, &error),
                   TX_OK);
  assert_int_equal(
      tx_number_list("option", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", 0, 1, values, &count, &error),
      TX_ERROR_USAGE);
}

/* Records of one base of these lineages. */
static tx_dataset *dataset_of(size_t ranks, size_t records, const char *lineages[][4])
{
  static const char *const names[] = {"order", "family", "genus", "species"};
  tx_dataset *dataset = fixture_dataset(names, ranks);
  const uint8_t code = 0;
  for (size_t i = 0; i < records; i++) fixture_add(dataset, &code, 1, lineages[i], i + 1);
  if (tx_dataset_label(dataset, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  return dataset;
}

/* Lineages of several depths with gaps at every rank: genus Gx hangs from an order, species s7 from a family,
   order B has one path only, family f3 and genus Gd lead to no species. */
static const char *gapped[][4] = {
    {"A", "f1", "Ga", "s1"},  {"A", "f1", "Ga", "s2"}, {"A", "f1", "Gb", "s3"}, {"A", "f2", "Gc", "s4"},
    {"A", NULL, "Gx", "s5"},  {"A", NULL, "Gx", "s6"}, {"A", "f2", NULL, "s7"}, {"B", "f4", "Ge", "s8"},
    {NULL, "f5", "Gf", "s9"}, {"A", "f3", NULL, NULL}, {"A", "f1", "Gd", NULL}, {NULL, NULL, NULL, "s0"},
    {"B", NULL, NULL, NULL},
};
enum { GAPPED = sizeof gapped / sizeof gapped[0] };

static int leads_to(const tx_taxonomy *t, size_t at, int32_t taxon, size_t rank)
{
  if (at == rank) return 1;
  for (size_t c = 0; c < tx_taxonomy_class_count(t, rank); c++) {
    int32_t lineage[TX_RANKS_MAX];
    tx_taxonomy_lineage(t, rank, (int32_t)c, lineage);
    if (lineage[at] == taxon) return 1;
  }
  return 0;
}

/* By definition, from the top: the probability goes to the children that are above classes of the rank. */
static void spread(const tx_taxonomy *t, size_t at, int32_t taxon, size_t rank, double probability,
                   double *target)
{
  size_t children = 0;
  if (at == rank) {
    target[taxon] += probability;
    return;
  }
  for (int turn = 0; turn < 2; turn++)
    for (size_t r = at + 1; r <= rank; r++)
      for (size_t c = 0; c < tx_taxonomy_class_count(t, r); c++) {
        size_t up = 0;
        if (tx_taxonomy_parent(t, r, (int32_t)c, &up) != taxon || up != at ||
            !leads_to(t, r, (int32_t)c, rank))
          continue;
        if (turn == 0)
          children++;
        else
          spread(t, r, (int32_t)c, rank, probability / (double)children, target);
      }
}

static void spread_unknown(const tx_taxonomy *t, size_t level, size_t rank, double probability,
                           double *target)
{
  const size_t taxa = tx_taxonomy_class_count(t, level + 1);
  size_t children = 0;
  for (size_t c = 0; c < taxa; c++) children += (size_t)leads_to(t, level + 1, (int32_t)c, rank);
  for (size_t c = 0; c < taxa; c++)
    if (leads_to(t, level + 1, (int32_t)c, rank))
      spread(t, level + 1, (int32_t)c, rank, probability / (double)children, target);
}

static void check_class(const tx_taxonomy *t, const tx_targets *targets, const double *smoothing, double own,
                        size_t rank, int32_t label)
{
  const size_t classes = tx_taxonomy_class_count(t, rank);
  double target[32] = {0}, sum = 0, on_true = 1 - own;
  float gradient[32] = {0};
  int32_t lineage[TX_RANKS_MAX];
  tx_taxonomy_lineage(t, rank, label, lineage);
  for (size_t c = 0; c < classes; c++)
    if ((int32_t)c != label) target[c] = own / (double)(classes - 1);
  for (size_t l = 0; l < rank; l++) {
    on_true -= smoothing[l];
    if (lineage[l] >= 0)
      spread(t, l, lineage[l], rank, smoothing[l], target);
    else
      spread_unknown(t, l, rank, smoothing[l], target);
  }
  target[label] += on_true;
  /* equal logits: softmax is 1 / classes */
  tx_cross_entropy_targets(gradient, &label, 1, classes, targets, 1.0F);
  for (size_t c = 0; c < classes; c++) {
    const double got = 1.0 / (double)classes - (double)gradient[c];
    sum += got;
    if (!(fabs(got - target[c]) < 1e-6))
      fail_msg("rank %zu true %d class %zu: %.9g, expected %.9g", rank, (int)label, c, got, target[c]);
  }
  assert_true(fabs(sum - 1) < 1e-6);
}

static tx_train_config *defaults(void)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  tx_train_config *config = calloc(1, sizeof *config);
  assert_non_null(config);
  if (tx_param_defaults(params, count, config, &error) != TX_OK) fail_msg("%s", error.message);
  return config;
}

static void check_tree(const char *list, const double *smoothing, double own)
{
  tx_train_config *config = defaults();
  tx_dataset *dataset = dataset_of(4, GAPPED, gapped);
  tx_losses losses;
  snprintf(config->hierarchical_smoothing, sizeof config->hierarchical_smoothing, "%s", list);
  config->label_smoothing = own;
  if (tx_losses_create(config, dataset, &losses, &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t r = 0; r < 4; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(dataset->taxonomy, r); c++)
      check_class(dataset->taxonomy, &losses.targets[r], smoothing, own, r, (int32_t)c);
  tx_losses_free(&losses);
  tx_dataset_free(dataset);
  free(config);
}

static void test_smoothing_with_gaps(void **state)
{
  (void)state;
  check_tree("0.02", (double[]){0.02, 0.02, 0.02}, 0.0);
  check_tree("0.1,0.2,0.3", (double[]){0.1, 0.2, 0.3}, 0.1);
  check_tree("0.1,0,0.3", (double[]){0.1, 0, 0.3}, 0.05);
  check_tree("0,0.2,0", (double[]){0, 0.2, 0}, 0.0);
  check_tree("", (double[]){0, 0, 0}, 0.2);
}

static void test_refusals(void **state)
{
  tx_train_config *config = defaults();
  tx_dataset *dataset = dataset_of(4, GAPPED, gapped);
  tx_losses losses;
  (void)state;
  /* the last rank's share is --label-smoothing */
  strcpy(config->hierarchical_smoothing, "0.02,0.02,0.02,0.02");
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "--hierarchical-smoothing has 4"));
  strcpy(config->hierarchical_smoothing, "0.4");
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "less than 1"));
  config->hierarchical_smoothing[0] = 0;
  strcpy(config->rank_weights, "1,2");
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "--rank-weights has 2"));
  strcpy(config->rank_weights, "0,0,0,0");
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "above 0"));
  tx_dataset_free(dataset);
  free(config);
}

/* A tree read from a file may have its classes in any order; the builder of a run sorts them. */
static void test_unsorted(void **state)
{
  static const char text[] =
      "order\tfamily\n0\t-1\t-1\tA\n0\t-1\t-1\tB\n1\t0\t0\ta1\n1\t0\t1\tb1\n1\t0\t0\ta2\n";
  const double smoothing[] = {0.1};
  tx_taxonomy *taxonomy = NULL;
  tx_hierarchy hierarchy;
  (void)state;
  if (tx_taxonomy_read(text, sizeof text - 1, &taxonomy, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_hierarchy_create(taxonomy, 1, smoothing, &hierarchy, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "family"));
  tx_taxonomy_free(taxonomy);
}

static void test_class_weights(void **state)
{
  const uint64_t counts[] = {1, 4, 0, 16};
  float weights[4];
  (void)state;
  tx_class_weights(counts, 4, 0.5, weights);
  assert_true(fabs((double)weights[0] - 1 / 1.75) < 1e-7 && fabs((double)weights[1] - 0.5 / 1.75) < 1e-7);
  assert_true(weights[2] == 0.0F && fabs((double)weights[3] - 0.25 / 1.75) < 1e-7);
  tx_class_weights(counts, 4, 0, weights);
  assert_true(fabs((double)weights[3] - 1.0 / 3) < 1e-7);
}

static const char *counted[][4] = {{"A", "f"}, {"A", "f"}, {"A", "f"}, {"A", "f"}, {"A", "g"}, {"A", NULL}};

static void test_scales(void **state)
{
  tx_train_config *config = defaults();
  tx_dataset *dataset = dataset_of(2, 6, counted);
  const uint32_t mixed[] = {0, 1, 4, 5}, unlabelled[] = {5, 5};
  const uint8_t reversed[] = {0, 0, 1, 1};
  const tx_objective_batch mixed_batch = {.records = mixed, .count = 4},
                           turned_batch = {.records = mixed, .count = 4, .opt_reversed = reversed},
                           unlabelled_batch = {.records = unlabelled, .count = 2};
  tx_losses losses;
  double scales[2];
  (void)state;
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_OK);
  tx_loss_scales(&losses, dataset, &mixed_batch, scales); /* order 4 labels, family 3 */
  assert_true(scales[0] == 1.0 / 4 / 2 && scales[1] == 1.0 / 3 / 2);
  tx_loss_scales(&losses, dataset, &turned_batch, scales); /* order 2, family 2: the others are reversed */
  assert_true(scales[0] == 1.0 / 2 / 2 && scales[1] == 1.0 / 2 / 2);
  tx_loss_scales(&losses, dataset, &unlabelled_batch, scales);
  assert_true(scales[0] == 0.5 && scales[1] == 0.0);
  tx_losses_free(&losses);
  config->class_weights = 0.5; /* families: 4 and 1 records, weights 1/3 and 2/3 */
  strcpy(config->rank_weights, "1,3");
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_OK);
  tx_loss_scales(&losses, dataset, &mixed_batch, scales);
  assert_true(fabs(scales[0] - 0.25 / 4) < 1e-7 && fabs(scales[1] - 0.75 / (4.0 / 3)) < 1e-6);
  tx_loss_scales(&losses, dataset, &unlabelled_batch, scales);
  assert_true(fabs(scales[0] - 0.5) < 1e-7 && scales[1] == 0.0);
  tx_losses_free(&losses);
  strcpy(config->rank_weights, "0,1"); /* a batch whose only labels have no weight */
  assert_int_equal(tx_losses_create(config, dataset, &losses, &error), TX_OK);
  tx_loss_scales(&losses, dataset, &unlabelled_batch, scales);
  assert_true(scales[0] == 0.0 && scales[1] == 0.0);
  tx_losses_free(&losses);
  tx_dataset_free(dataset);
  free(config);
}

/* (1 - exp(-q L)) / q of the weighted, smoothed loss L, and its gradient by finite differences. */
static void test_robust(void **state)
{
  tx_train_config *config = defaults();
  tx_dataset *dataset = dataset_of(4, GAPPED, gapped);
  tx_losses plain, robust;
  const size_t rank = 3, classes = tx_taxonomy_class_count(dataset->taxonomy, rank);
  const double q = 0.3, scale = 0.5;
  const int32_t label = 2;
  float logits[32], gradient[32];
  (void)state;
  config->class_weights = 0.5;
  strcpy(config->hierarchical_smoothing, "0.05");
  assert_int_equal(tx_losses_create(config, dataset, &plain, &error), TX_OK);
  config->noise_robustness = q;
  assert_int_equal(tx_losses_create(config, dataset, &robust, &error), TX_OK);
  for (size_t c = 0; c < classes; c++) logits[c] = (float)(c * c % 7) - 3.0F;
  memcpy(gradient, logits, sizeof gradient);
  const double weight = (double)plain.class_weights[rank][label];
  const double loss =
      tx_cross_entropy_targets(gradient, &label, 1, classes, &plain.targets[rank], 1.0F) / weight;
  memcpy(gradient, logits, sizeof gradient);
  const double got =
      tx_cross_entropy_targets(gradient, &label, 1, classes, &robust.targets[rank], (float)scale);
  assert_true(fabs(got - weight * (1 - exp(-q * loss)) / q) < 1e-6);
  for (size_t c = 0; c < classes; c++) {
    const double step = 1e-2;
    double values[2];
    for (int side = 0; side < 2; side++) {
      float moved[32];
      memcpy(moved, logits, sizeof moved);
      moved[c] += (float)(side ? step : -step);
      values[side] = tx_cross_entropy_targets(moved, &label, 1, classes, &robust.targets[rank], 1.0F);
    }
    const double expected = scale * (values[1] - values[0]) / (2 * step);
    if (!(fabs((double)gradient[c] - expected) < 1e-5))
      fail_msg("class %zu: %.9g, expected %.9g", c, (double)gradient[c], expected);
  }
  tx_losses_free(&plain);
  tx_losses_free(&robust);
  tx_dataset_free(dataset);
  free(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lists),    cmocka_unit_test(test_smoothing_with_gaps),
      cmocka_unit_test(test_refusals), cmocka_unit_test(test_unsorted),
      cmocka_unit_test(test_scales),   cmocka_unit_test(test_class_weights),
      cmocka_unit_test(test_robust)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
