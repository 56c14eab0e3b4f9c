/* Taxa that only the network knows: where they stand beside the references, how the probability of a new
   taxon is divided among them, and how the weights of that are fitted. */
#include "evidence/lineage.h"
#include "evidence/split_fit.h"
#include "taxon/taxonomy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ORDER, FAMILY, GENUS, SPECIES, RANKS };

static const char references_text[] = "order\tfamily\tgenus\tspecies\n"
                                      "0\t-1\t-1\tO\n0\t-1\t-1\tQ\n"
                                      "1\t0\t0\tFa\n1\t0\t0\tFb\n1\t0\t1\tFq\n"
                                      "2\t1\t0\tGa\n2\t1\t0\tGb\n2\t1\t1\tGc\n2\t1\t2\tGq\n"
                                      "3\t2\t0\tGa a\n3\t2\t0\tGa b\n3\t2\t1\tGb a\n3\t2\t2\tGc a\n"
                                      "3\t2\t3\tGq a\n";
/* A rank above those of the references. Ga stands in another family; Ga b is spelled otherwise; of Gq there
   is a homonym in another order; Fc, Ga c, Gd and what is in them are new. */
static const char network_text[] = "phylum\torder\tfamily\tgenus\tspecies\n"
                                   "0\t-1\t-1\tP\n"
                                   "1\t0\t0\tO\n1\t0\t0\tX\n"
                                   "2\t1\t0\tFa\n2\t1\t0\tFb\n2\t1\t0\tFc\n2\t1\t1\tFx\n"
                                   "3\t2\t0\tGb\n3\t2\t0\tGd\n3\t2\t1\tGa\n3\t2\t2\tGe\n3\t2\t3\tGq\n"
                                   "4\t3\t0\tGb a\n4\t3\t1\tGd a\n4\t3\t1\tGd b\n4\t3\t2\tGa a\n"
                                   "4\t3\t2\tga-B\n4\t3\t2\tGa c\n4\t3\t3\tGe a\n4\t3\t4\tGq z\n";

static tx_taxonomy *references, *network;
static tx_joint joint;
static tx_outcome_space space;

static tx_taxonomy *parse(const char *text)
{
  tx_taxonomy *taxonomy = NULL;
  tx_error error = {0};
  if (tx_taxonomy_read(text, strlen(text), &taxonomy, &error) != TX_OK) fail_msg("%s", error.message);
  return taxonomy;
}

static void join(const tx_taxonomy *ours, const tx_taxonomy *theirs, tx_joint *ret_joint)
{
  tx_witness_map map;
  tx_error error = {0};
  assert_int_equal(tx_witness_map_init(&map, ours, theirs, &error), TX_OK);
  if (tx_joint_init(ret_joint, ours, theirs, &map, &error) != TX_OK) fail_msg("%s", error.message);
  tx_witness_map_clear(&map);
}

static int set_up(void **state)
{
  (void)state;
  references = parse(references_text);
  network = parse(network_text);
  join(references, network, &joint);
  space.ranks = RANKS;
  space.kinds = 5;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  tx_joint_clear(&joint);
  tx_taxonomy_free(references);
  tx_taxonomy_free(network);
  return 0;
}

static int32_t find(const tx_joint *in, size_t rank, const char *name)
{
  int32_t found = -1;
  for (size_t c = 0; c < tx_taxonomy_class_count(in->taxonomy, rank); c++)
    if (strcmp(tx_taxonomy_class_name(in->taxonomy, rank, (int32_t)c), name) == 0) {
      assert_int_equal(found, -1);
      found = (int32_t)c;
    }
  return found;
}

/* The lineage of a taxon, as names with a blank between them and '-' for a gap. */
static void has_lineage(const tx_joint *in, size_t rank, const char *name, const char *want)
{
  int32_t lineage[TX_RANKS_MAX];
  char text[200] = "";
  assert_true(find(in, rank, name) >= 0);
  tx_taxonomy_lineage(in->taxonomy, rank, find(in, rank, name), lineage);
  for (size_t r = 0; r <= rank; r++) {
    const char *own = lineage[r] < 0 ? "-" : tx_taxonomy_class_name(in->taxonomy, r, lineage[r]);
    strcat(strcat(text, r ? " " : ""), own);
  }
  assert_string_equal(text, want);
}

static void close_to(double got, double want)
{
  if (!(fabs(got - want) < 1e-12)) fail_msg("%.15g, not %.15g", got, want);
}

static void references_win(void **state)
{
  (void)state;
  assert_non_null(joint.taxonomy);
  for (size_t r = 0; r < RANKS; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(references, r); c++)
      assert_string_equal(tx_taxonomy_class_name(joint.taxonomy, r, (int32_t)c),
                          tx_taxonomy_class_name(references, r, (int32_t)c));
  has_lineage(&joint, SPECIES, "Ga a", "O Fa Ga Ga a");
  has_lineage(&joint, SPECIES, "Ga c", "O Fa Ga Ga c"); /* in the family that the references have it in */
  has_lineage(&joint, SPECIES, "Gd b", "O Fa Gd Gd b");
  has_lineage(&joint, SPECIES, "Ge a", "O Fc Ge Ge a");
  has_lineage(&joint, FAMILY, "Fx", "X Fx");
  assert_int_equal(find(&joint, SPECIES, "ga-B"), -1); /* it is Ga b */
  assert_int_not_equal(joint.outputs[SPECIES][find(&joint, SPECIES, "Ga b")], TX_JOINT_UNHEARD);
  assert_int_equal(find(&joint, SPECIES, "Gq z"), -1); /* of a genus that may be another one of its name */
  assert_int_equal(joint.outputs[SPECIES][find(&joint, SPECIES, "Gc a")], TX_JOINT_UNHEARD);
  assert_true(tx_joint_is_foreign(&joint, GENUS, find(&joint, GENUS, "Gd")));
  assert_false(tx_joint_is_foreign(&joint, GENUS, find(&joint, GENUS, "Gc")));
  assert_false(tx_joint_is_foreign(&joint, GENUS, -1));
  assert_int_equal(joint.output_count, 1 + 2 + 4 + 5 + 8);
  assert_int_equal(joint.outputs[SPECIES][find(&joint, SPECIES, "Ga c")], 1 + 2 + 4 + 5 + 5);
}

static void ranks_may_be_missing(void **state)
{
  static const char coarse[] = "order\tgenus\tspecies\tstrain\n0\t-1\t-1\tO\n1\t0\t0\tGd\n1\t0\t0\tGe\n"
                               "2\t1\t0\tGd a\n2\t1\t1\tGe a\n3\t2\t0\ts\n3\t2\t1\tt\n";
  static const char twice[] = "section\tgenus\tspecies\n0\t-1\t-1\tA\n0\t-1\t-1\tB\n"
                              "1\t0\t0\tGd\n1\t0\t1\tGd\n1\t0\t0\t?\n1\t0\t1\t?\n"
                              "2\t1\t0\tGd a\n2\t1\t1\tGd b\n";
  static const char upside_down[] = "species\tgenus\n0\t-1\t-1\tGd a\n1\t0\t0\tGd\n";
  tx_taxonomy *other = parse(coarse);
  tx_joint own;
  (void)state;
  join(references, other, &own);
  has_lineage(&own, SPECIES, "Gd a", "O - Gd Gd a");
  tx_joint_clear(&own);
  tx_taxonomy_free(other);
  /* Two taxa of the network that are one where a rank is left out; and one that has no name. */
  other = parse(twice);
  join(references, other, &own);
  has_lineage(&own, GENUS, "Gd", "- - Gd");
  has_lineage(&own, SPECIES, "Gd a", "- - Gd Gd a");
  assert_int_equal(find(&own, GENUS, "?"), -1);
  tx_joint_clear(&own);
  tx_taxonomy_free(other);
  other = parse(upside_down);
  join(references, other, &own);
  assert_null(own.taxonomy);
  tx_joint_clear(&own);
  tx_taxonomy_free(other);
}

static void no_more_taxa_no_taxonomy(void **state)
{
  tx_joint own;
  (void)state;
  join(references, references, &own);
  assert_null(own.taxonomy);
  assert_int_equal(own.output_count, 0);
  assert_false(tx_joint_is_foreign(&own, SPECIES, 3));
  tx_joint_clear(&own);
}

/* What the network says: little, but of some taxa. */
static void say(double *said, size_t rank, const char *name, double probability)
{
  said[joint.outputs[rank][find(&joint, rank, name)]] = log(probability);
}

/* A known species, new ones of the genera Ga and Gc, a new genus of the family Fa, and none. */
static size_t list_outcomes(tx_outcome *outcomes, double *probabilities)
{
  static const double p[] = {0.2, 0.4, 0.1, 0.2, 0.1};
  static const int ranks[] = {SPECIES, GENUS, GENUS, FAMILY, -1};
  static const char *const names[] = {"Ga a", "Ga", "Gc", "Fa"};
  static const size_t kinds[] = {0, 1, 1, 2, 4};
  memset(outcomes, 0, 5 * sizeof *outcomes);
  for (size_t i = 0; i < 5; i++) {
    outcomes[i].rank = ranks[i];
    outcomes[i].taxon = i < 4 ? find(&joint, (size_t)ranks[i], names[i]) : -1;
    outcomes[i].kind = kinds[i];
    probabilities[i] = p[i];
  }
  return 5;
}

static double logistic(double x)
{
  return 1 / (1 + exp(-x));
}

static double probability_of(const tx_outcome *outcomes, const double *probabilities, size_t count,
                             size_t rank, const char *name)
{
  const int32_t taxon = find(&joint, rank, name);
  for (size_t i = 5; i < count; i++)
    if (outcomes[i].rank == (int)rank && outcomes[i].taxon == taxon) return probabilities[i];
  return 0;
}

static const tx_split_weights weights = {{true, true, true}, {0.5, -0.25, 1}, {1, 2, 0.5}};

static void a_new_taxon_is_divided(void **state)
{
  tx_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];
  double p[TX_ANSWER_OUTCOMES_MAX], said[20], sum = 0, genus, within;
  size_t count = list_outcomes(outcomes, p);
  (void)state;
  for (size_t i = 0; i < 20; i++) said[i] = -30;
  say(said, SPECIES, "Ga c", 0.6);
  say(said, GENUS, "Gd", 0.3);
  say(said, SPECIES, "Gd a", 0.02);
  say(said, SPECIES, "Gd b", 0.06);
  count = tx_split_divide(&joint, &weights, 0, said, outcomes, p, count);
  close_to(p[0], 0.2);
  close_to(probability_of(outcomes, p, count, SPECIES, "Ga c"), 0.4 * logistic(0.5 + log(0.6)));
  close_to(p[1], 0.4 * (1 - logistic(0.5 + log(0.6))));
  close_to(p[2], 0.1); /* the network knows nothing new in it */
  genus = 0.2 * logistic(-0.25 + 2 * log(0.3));
  within = logistic(1 + 0.5 * log(0.08));
  close_to(p[3], 0.2 - genus);
  close_to(probability_of(outcomes, p, count, GENUS, "Gd"), genus * (1 - within));
  close_to(probability_of(outcomes, p, count, SPECIES, "Gd a"), genus * within * 0.25);
  close_to(probability_of(outcomes, p, count, SPECIES, "Gd b"), genus * within * 0.75);
  close_to(probability_of(outcomes, p, count, ORDER, "X"), 0); /* too little */
  for (size_t i = 0; i < count; i++) sum += p[i];
  close_to(sum, 1);
}

static void nothing_is_divided_without_weights(void **state)
{
  const tx_split_weights none = {{false, false, false}, {0.5, 0, 1}, {1, 2, 0.5}};
  tx_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];
  double p[TX_ANSWER_OUTCOMES_MAX], said[20];
  const size_t count = list_outcomes(outcomes, p);
  (void)state;
  for (size_t i = 0; i < 20; i++) said[i] = -1;
  assert_false(tx_split_is_due(&joint, &none, 0, outcomes, p, count));
  assert_int_equal(tx_split_divide(&joint, &none, 0, said, outcomes, p, count), count);
  close_to(p[1], 0.4);
}

static void it_is_asked_where_something_can_be_divided(void **state)
{
  tx_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];
  double p[TX_ANSWER_OUTCOMES_MAX];
  const size_t count = list_outcomes(outcomes, p);
  (void)state;
  assert_true(tx_split_is_due(&joint, &weights, 0, outcomes, p, count));
  memcpy(p, (double[]){0.97, 0.005, 0.015, 0.005, 0.005}, 5 * sizeof *p);
  assert_false(tx_split_is_due(&joint, &weights, 0, outcomes, p, count));
  memcpy(p, (double[]){0.015, 0.005, 0.97, 0.005, 0.005}, 5 * sizeof *p); /* Gc: nothing to name */
  assert_false(tx_split_is_due(&joint, &weights, 0, outcomes, p, count));
}

/* Whatever the network says: the lineage is a path, its confidences never rise downwards, all sum to 1. */
static void lineages_stay_coherent(void **state)
{
  tx_random random;
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t round = 0; round < 500; round++) {
    tx_outcome outcomes[TX_ANSWER_OUTCOMES_MAX];
    double p[TX_ANSWER_OUTCOMES_MAX], said[20], confidence[TX_RANKS_MAX], sum = 0, above = 1;
    int32_t taxa[TX_RANKS_MAX], path[TX_RANKS_MAX];
    tx_lineages lineages;
    size_t count = list_outcomes(outcomes, p), lowest = RANKS;
    for (size_t i = 0; i < 20; i++) said[i] = -6 * tx_random_real(&random);
    count = tx_split_divide(&joint, &weights, 0, said, outcomes, p, count);
    assert_true(count > 5 && count <= 5 + TX_FOREIGN_MAX);
    for (size_t i = 0; i < count; i++) {
      assert_true(p[i] >= 0);
      sum += p[i];
    }
    close_to(sum, 1);
    tx_lineages_fill(joint.taxonomy, outcomes, count, lineages);
    tx_lineages_choose(&space, lineages, p, count, taxa, confidence);
    for (size_t r = 0; r < RANKS; r++) {
      assert_true(taxa[r] >= 0 && confidence[r] > 0 && confidence[r] <= above);
      above = confidence[r];
      lowest = r;
    }
    tx_taxonomy_lineage(joint.taxonomy, lowest, taxa[lowest], path);
    assert_memory_equal(path, taxa, RANKS * sizeof *taxa);
  }
}

static void records_become_examples(void **state)
{
  const double coverage[2] = {0, 0};
  const int32_t genus = find(&joint, GENUS, "Ga"), species = find(&joint, SPECIES, "Gb a");
  const tx_split_truth fresh = {GENUS, genus, SPECIES, find(&joint, SPECIES, "Ga c")},
                       neither = {GENUS, genus, GENUS, genus}, known = {SPECIES, species, SPECIES, species};
  tx_split_example e[TX_SPLIT_EXAMPLES_MAX];
  tx_random random;
  double said[20], both[2];
  size_t count;
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t i = 0; i < 20; i++) said[i] = -40;
  say(said, SPECIES, "Ga c", 0.5);
  say(said, SPECIES, "Gb a", 0.4);
  say(said, GENUS, "Gb", 0.6);
  say(said, GENUS, "Gd", 0.1);
  say(said, GENUS, "Ge", 0.3);
  count = tx_split_examples_make(&joint, 0, &fresh, coverage, said, &random, e);
  assert_true(count > 1 && e[0].own && e[0].network);
  assert_int_equal(e[0].group, TX_SPLIT_LOWEST);
  close_to(e[0].log_sum, log(0.5));
  close_to(e[0].truth, 1);
  count = tx_split_examples_make(&joint, 0, &neither, coverage, said, &random, e);
  assert_true(count > 1 && e[0].own && !e[0].network);
  close_to(e[0].log_sum, log(0.5));
  close_to(e[0].truth, 0);
  /* Hidden: the genus Gb beside Gd, which the references lack anyway; then as if neither knew it. Its species
     has no sibling, so that there is no example of one that neither knows. */
  count = tx_split_examples_make(&joint, 0, &known, coverage, said, &random, e);
  for (size_t i = 0; i < count; i++) {
    assert_false(e[i].own);
    if (e[i].group == TX_SPLIT_LOWEST) {
      assert_true(e[i].network);
      close_to(e[i].log_sum, log(0.4));
    }
  }
  for (size_t i = 0; i + 1 < count; i++) {
    if (e[i].group != TX_SPLIT_HIGHER || fabs(e[i].log_sum - log(0.7)) > 1e-9) continue;
    close_to(e[i].truth, 6.0 / 7);
    close_to(e[i].most, 6.0 / 7);
    close_to(e[i].squares, 37.0 / 49);
    close_to(e[i + 1].log_sum, log(0.1 / 0.4));
    assert_false(e[i + 1].network);
    tx_split_coverage(&joint, both);
    close_to(both[0], 1.0 / 3); /* Ga c of three */
    return;
  }
  fail_msg("no example of the genus");
}

enum { ITEMS = 400 };

/* Of the examples the network knows half; what it says tells which to the degree of `knows`. */
static void make_items(tx_split_item *items, size_t count, double knows)
{
  tx_random random;
  tx_random_seed(&random, 5, (uint64_t)(100 * knows), 0, 0);
  for (size_t i = 0; i < count; i++) {
    const bool in_network = i % 2;
    const bool high = tx_random_real(&random) < knows ? in_network : tx_random_below(&random, 2) == 1;
    const double sum = (high ? -0.1 : -5) - tx_random_real(&random);
    items[i] = (tx_split_item){{TX_SPLIT_LOWEST, in_network, i % 4 < 2, sum, in_network ? 0.9 : 0, 0.9, 0.82},
                               (unsigned)(i / 2 % 5), (uint32_t)(i / 2)};
  }
}

static void weights_are_fitted(void **state)
{
  static tx_split_item items[ITEMS];
  tx_split_scores s[TX_SPLIT_GROUPS];
  tx_error error = {0};
  (void)state;
  make_items(items, ITEMS, 0.95);
  assert_int_equal(tx_split_fit(items, ITEMS, s, &error), TX_OK);
  assert_true(s[0].fitted && s[0].helps && s[0].slope > 0.5);
  assert_int_equal(s[0].network, ITEMS / 2);
  assert_int_equal(s[0].neither, ITEMS / 2);
  assert_int_equal(s[0].records, ITEMS / 2);
  close_to(s[0].loss, 0.5); /* 1 where the network knows it, else 0 */
  assert_true(s[0].loss_with < 0.15 && s[0].right > 150 && s[0].wrong < 20);
  assert_true(s[0].loss - s[0].loss_with > 2 * s[0].gain_error && s[0].gain_error > 0);
  assert_true(tx_split_share(s[0].offset, s[0].slope, 0) > 0.8);
  assert_true(tx_split_share(s[0].offset, s[0].slope, -6) < 0.2);
  assert_false(s[1].fitted || s[2].fitted);
  /* Where the names are wrong it does not help, however well it tells new from known. */
  for (size_t i = 0; i < ITEMS; i++) items[i].example.truth = 0;
  assert_int_equal(tx_split_fit(items, ITEMS, s, &error), TX_OK);
  assert_true(s[0].fitted && !s[0].helps && s[0].right == 0);
  /* Few of one kind: nothing. */
  make_items(items, 59, 0.95);
  assert_int_equal(tx_split_fit(items, 59, s, &error), TX_OK);
  assert_false(s[0].fitted || s[0].helps);
  assert_int_equal(s[0].network, 29);
}

/* Records teach how often the network knows what is new only if there are some of either kind. */
static void shares_of_the_records_count(void **state)
{
  static tx_split_item items[ITEMS];
  tx_split_scores equal[TX_SPLIT_GROUPS], more[TX_SPLIT_GROUPS];
  tx_error error = {0};
  (void)state;
  make_items(items, ITEMS, 0);
  for (size_t i = 0; i < ITEMS; i++) items[i].example.own = i % 2 == 1; /* all records are of the network's */
  assert_int_equal(tx_split_fit(items, ITEMS, equal, &error), TX_OK);
  assert_true(fabs(equal[0].loss - 0.5) < 1e-9);
  for (size_t i = 0; i < ITEMS; i++) items[i].example.own = i % 2 == 1 || i % 20 == 0;
  assert_int_equal(tx_split_fit(items, ITEMS, more, &error), TX_OK);
  close_to(more[0].loss, (200.0 + 50) / (200 + 20 + 100));
  assert_true(more[0].offset > equal[0].offset);
}

static void numbers_of_a_file_are_kept_or_refused(void **state)
{
  tx_split_scores scores[TX_SPLIT_GROUPS] = {{true, true, 0.5, 2, 3, 40, 50, 1, 0.5, 0.125, 30, 4},
                                             {true, false, -1, 0, 0, 30, 30, 1, 1.5, 0.1, 0, 9},
                                             {0}};
  double good[TX_SPLIT_COLUMNS], numbers[TX_SPLIT_COLUMNS], again[TX_SPLIT_COLUMNS];
  static const struct {
    size_t at;
    double value;
  } bad[] = {{0, 0.5}, {0, 0},  {1, 2},  {2, 11},  {2, NAN},   {3, -0.5},  {3, 5},
             {4, 0.5}, {6, -1}, {7, -1}, {9, NAN}, {10, 1e13}, {11, -0.0}, {12, 3}};
  (void)state;
  tx_split_pack(scores, good);
  memset(scores, 0, sizeof scores);
  assert_null(tx_split_unpack(good, scores));
  tx_split_pack(scores, again);
  assert_memory_equal(again, good, sizeof good);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    memcpy(numbers, good, sizeof good);
    numbers[bad[i].at] = bad[i].value;
    if (!tx_split_unpack(numbers, scores)) fail_msg("number %zu: %g is accepted", bad[i].at, bad[i].value);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(references_win),
      cmocka_unit_test(ranks_may_be_missing),
      cmocka_unit_test(no_more_taxa_no_taxonomy),
      cmocka_unit_test(a_new_taxon_is_divided),
      cmocka_unit_test(nothing_is_divided_without_weights),
      cmocka_unit_test(it_is_asked_where_something_can_be_divided),
      cmocka_unit_test(lineages_stay_coherent),
      cmocka_unit_test(records_become_examples),
      cmocka_unit_test(weights_are_fitted),
      cmocka_unit_test(shares_of_the_records_count),
      cmocka_unit_test(numbers_of_a_file_are_kept_or_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
