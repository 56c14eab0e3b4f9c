/* The network as a witness: what its word moves and what it never moves, which of its taxa are which, and
   that it helps exactly where it knows something. */
#include "tree_fixture.h"

#include "evidence/witness.h"
#include "taxon/taxonomy.h"

#include <math.h>

enum { EXAMPLES = 200, OUTCOMES = 5, KINDS = 3 };

static tree *whole;
static tx_reference_set *set;

static int set_up(void **state)
{
  tx_references_builder *builder = begin_references();
  tx_error error = {0};
  (void)state;
  whole = make_tree(5);
  for (size_t i = 0; i < whole->count; i++) add_tree_record(builder, &whole->records[i]);
  assert_int_equal(tx_reference_set_create(end_references(builder), &set, &error), TX_OK);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  tx_reference_set_free(set);
  free(whole);
  return 0;
}

/* Three species, a genus and none. */
static void list_outcomes(tx_outcome *outcomes)
{
  memset(outcomes, 0, OUTCOMES * sizeof *outcomes);
  for (size_t i = 0; i < OUTCOMES; i++) {
    outcomes[i].rank = i < 3 ? 3 : i == 3 ? 2 : -1;
    outcomes[i].taxon = i < 3 ? (int32_t)i : i == 3 ? 0 : -1;
    outcomes[i].kind = i < 3 ? 0 : i == 3 ? 1 : set->space.kinds - 1;
    outcomes[i].features[TX_FEATURE_ONE] = 1;
  }
}

static void hear(tx_outcome *outcome, double log_probability)
{
  outcome->heard = true;
  outcome->log_probability = log_probability;
}

static void close_to(double got, double want)
{
  if (!(fabs(got - want) < 1e-12)) fail_msg("%.15g, not %.15g", got, want);
}

static void what_is_moved_stays_in_its_kind(void **state)
{
  const tx_witness_weights weights = {{0.5, 2, 2}}, none = {{0, 0, 0}};
  const double before[OUTCOMES] = {0.4, 0.1, 0.2, 0.2, 0.1};
  double p[OUTCOMES];
  tx_outcome outcomes[OUTCOMES];
  (void)state;
  list_outcomes(outcomes);
  memcpy(p, before, sizeof p);
  tx_witness_weigh(&weights, outcomes, OUTCOMES, p); /* nothing was heard */
  for (size_t i = 0; i < OUTCOMES; i++) close_to(p[i], before[i]);
  hear(&outcomes[0], -4);
  hear(&outcomes[1], 0);
  hear(&outcomes[3], -9); /* the only one of its kind */
  tx_witness_weigh(&weights, outcomes, OUTCOMES, p);
  close_to(p[0] + p[1], 0.5);
  close_to(p[0] / p[1], 4 * exp(-2));
  close_to(p[2], 0.2); /* the network lacks it: neither gained nor lost */
  close_to(p[3], 0.2);
  close_to(p[4], 0.1);
  memcpy(p, before, sizeof p);
  tx_witness_weigh(&none, outcomes, OUTCOMES, p);
  for (size_t i = 0; i < OUTCOMES; i++) close_to(p[i], before[i]);
  /* Where all has no probability, nothing becomes of it, and no number is lost. */
  p[0] = p[1] = 0;
  tx_witness_weigh(&weights, outcomes, OUTCOMES, p);
  close_to(p[0], 0);
  close_to(p[1], 0);
}

static void it_is_asked_where_something_can_move(void **state)
{
  double p[OUTCOMES] = {0.97, 0.01, 0.005, 0.01, 0.005};
  tx_outcome outcomes[OUTCOMES];
  (void)state;
  list_outcomes(outcomes);
  assert_false(tx_witness_undecided(outcomes, p, OUTCOMES));
  p[1] = 0.02;
  assert_true(tx_witness_undecided(outcomes, p, OUTCOMES));
  memcpy(p, (double[]){0.5, 0, 0, 0.3, 0.2}, sizeof p); /* one of each kind */
  assert_false(tx_witness_undecided(outcomes, p, OUTCOMES));
}

/* The class that the network has for the taxon of this name, -1: none. */
static int32_t class_of(const tx_witness_map *map, size_t rank, const char *name)
{
  const tx_taxonomy *taxonomy = set->references->taxonomy;
  for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, rank); c++)
    if (strcmp(tx_taxonomy_class_name(taxonomy, rank, (int32_t)c), name) == 0)
      return tx_witness_class(map, rank, (int32_t)c);
  fail_msg("no taxon %s", name);
  return -1;
}

static void taxa_are_matched_by_name(void **state)
{
  /* A rank that the references lack, no family, another order of the taxa; Tbab is under another order. */
  static const char text[] = "kingdom\torder\tgenus\tspecies\n"
                             "0\t-1\t-1\tK\n1\t0\t0\tTb\n1\t0\t0\tTa\n"
                             "2\t1\t1\tTabc\n2\t1\t1\tTbab\n2\t1\t0\tTbba\n"
                             "3\t2\t0\tTabcb\n3\t2\t2\tother\n3\t2\t0\tTabca\n";
  tx_taxonomy *network = NULL;
  tx_witness_map map;
  tx_error error = {0};
  (void)state;
  if (tx_taxonomy_read(text, sizeof text - 1, &network, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_witness_map_init(&map, set->references->taxonomy, network, &error), TX_OK);
  assert_int_equal(class_of(&map, 0, "Ta"), 1);
  assert_int_equal(class_of(&map, 0, "Tb"), 0);
  assert_int_equal(class_of(&map, 0, "Tc"), -1);
  assert_int_equal(class_of(&map, 1, "Tab"), -1);
  assert_int_equal(class_of(&map, 2, "Tabc"), 0);
  assert_int_equal(class_of(&map, 2, "Tbab"), -1);
  assert_int_equal(class_of(&map, 2, "Tbba"), 2);
  assert_int_equal(class_of(&map, 3, "Tabca"), 2);
  assert_int_equal(class_of(&map, 3, "Tabcb"), 0);
  assert_int_equal(class_of(&map, 3, "Tabcc"), -1);
  assert_true(tx_witness_map_is_useful(&map, &set->space));
  tx_witness_map_clear(&map);
  tx_taxonomy_free(network);
}

static void underscores_are_spaces(void **state)
{
  static const char theirs[] = "genus\tspecies\n0\t-1\t-1\tA\n1\t0\t0\tA_b_c\n1\t0\t0\tA d\n";
  static const char ours[] = "genus\tspecies\n0\t-1\t-1\tA\n1\t0\t0\tA b c\n1\t0\t0\tA_d\n1\t0\t0\tA e\n";
  tx_taxonomy *network = NULL, *references = NULL;
  tx_witness_map map;
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_taxonomy_read(theirs, sizeof theirs - 1, &network, &error), TX_OK);
  assert_int_equal(tx_taxonomy_read(ours, sizeof ours - 1, &references, &error), TX_OK);
  assert_int_equal(tx_witness_map_init(&map, references, network, &error), TX_OK);
  assert_int_equal(tx_witness_class(&map, 1, 0), 0);
  assert_int_equal(tx_witness_class(&map, 1, 1), 1);
  assert_int_equal(tx_witness_class(&map, 1, 2), -1);
  tx_witness_map_clear(&map);
  tx_taxonomy_free(network);
  tx_taxonomy_free(references);
}

/* Examples whose references cannot tell the three species apart; the network says the right one in
   `knows` of ten, and any of them else. */
static tx_witness_example examples[EXAMPLES];
static tx_outcome outcomes_of[EXAMPLES][OUTCOMES];

static void make_examples(size_t count, uint64_t knows)
{
  tx_random random;
  tx_random_seed(&random, 11, knows, 0, 0);
  for (size_t i = 0; i < count; i++) {
    const size_t truth = tx_random_below(&random, 3);
    const size_t said = tx_random_below(&random, 10) < knows ? truth : tx_random_below(&random, 3);
    list_outcomes(outcomes_of[i]);
    for (size_t o = 0; o < 3; o++) hear(&outcomes_of[i][o], o == said ? -0.1 : -3);
    examples[i] = (tx_witness_example){outcomes_of[i], OUTCOMES, truth, (unsigned)(i % 5), (uint32_t)(i / 5),
                                       true};
  }
}

static void fit(size_t count, tx_witness_length *length)
{
  static tx_reliability alone;
  tx_outcome_weights weights;
  const tx_outcome_weights *folds[TX_CALIBRATION_FOLDS];
  double prior[TX_KINDS_MAX];
  tx_error error = {0};
  memset(&weights, 0, sizeof weights);
  for (size_t f = 0; f < TX_CALIBRATION_FOLDS; f++) folds[f] = &weights;
  for (size_t k = 0; k < set->space.kinds; k++) {
    prior[k] = 1 / (double)set->space.kinds;
    alone.examples[k] = 1000;
    for (size_t t = 0; t < TX_THRESHOLDS; t++) alone.called[k][t] = 100 * (double)(k + 1);
  }
  assert_int_equal(tx_witness_fit(&(tx_witness_task){.space = &set->space,
                                                     .examples = examples,
                                                     .count = count,
                                                     .evidence = folds,
                                                     .prior = prior,
                                                     .reliability = &alone},
                                  length, &error),
                   TX_OK);
}

static void one_that_knows_helps(void **state)
{
  static tx_witness_length length;
  const tx_witness_scores *s = &length.scores;
  (void)state;
  make_examples(EXAMPLES, 9);
  fit(EXAMPLES, &length);
  assert_true(s->fitted && s->helps);
  assert_int_equal(s->records, EXAMPLES);
  assert_int_equal(s->asked, EXAMPLES);
  assert_true(s->weight[0] > 0.5 && s->weight[1] == 0 && s->weight[2] == 0);
  assert_true(s->log_loss_with < s->log_loss - 0.2);
  assert_true(s->log_loss - s->log_loss_with > 2 * s->gain_error && s->gain_error > 0);
  assert_true(s->corrected > 100 && s->spoiled < 10); /* two in three were wrong before */
  /* Its errors are counted with its word; of the kinds that it was not asked about, as by the references. */
  close_to(length.reliability.examples[0], EXAMPLES);
  close_to(length.reliability.examples[1], 1000);
  close_to(length.reliability.called[1][7], 200);
  close_to(length.reliability.called[0][0], EXAMPLES);
}

static void one_that_guesses_does_not(void **state)
{
  static tx_witness_length length;
  (void)state;
  make_examples(EXAMPLES, 0);
  fit(EXAMPLES, &length);
  assert_true(length.scores.fitted && !length.scores.helps);
  assert_true(length.scores.weight[0] < 0.15);
  assert_true(length.scores.log_loss_with < length.scores.log_loss + 0.01);
}

/* What the network lacks is as before, however sure it is of the others. */
static void one_that_lacks_the_taxa_changes_nothing(void **state)
{
  static tx_witness_length length;
  (void)state;
  make_examples(EXAMPLES, 9);
  for (size_t i = 0; i < EXAMPLES; i++) outcomes_of[i][examples[i].truth].heard = false;
  fit(EXAMPLES, &length);
  assert_true(length.scores.fitted && !length.scores.helps);
  close_to(length.scores.weight[0], 0);
  close_to(length.scores.log_loss_with, length.scores.log_loss);
  assert_int_equal(length.scores.corrected + length.scores.spoiled, 0);
}

static void few_records_fit_nothing(void **state)
{
  static tx_witness_length length;
  (void)state;
  make_examples(29, 9);
  fit(29, &length);
  assert_true(!length.scores.fitted && !length.scores.helps);
  assert_int_equal(length.scores.records, 29);
  make_examples(EXAMPLES, 9); /* held-out references are no records */
  for (size_t i = 29; i < EXAMPLES; i++) examples[i].own = false;
  fit(EXAMPLES, &length);
  assert_false(length.scores.fitted);
}

/* Records of one taxon say the same: with few taxa a gain may be chance. */
static void alike_records_are_less_sure(void **state)
{
  static tx_witness_length apart, alike;
  (void)state;
  make_examples(EXAMPLES, 7);
  for (size_t i = 0; i < EXAMPLES; i++) {
    examples[i] = examples[i / 10 * 10];
    examples[i].taxon = (uint32_t)i;
    examples[i].fold = (unsigned)(i / 10 % TX_CALIBRATION_FOLDS);
  }
  fit(EXAMPLES, &apart);
  for (size_t i = 0; i < EXAMPLES; i++) examples[i].taxon = (uint32_t)(i / 10);
  fit(EXAMPLES, &alike);
  close_to(alike.scores.log_loss_with, apart.scores.log_loss_with);
  assert_true(alike.scores.gain_error > 3 * apart.scores.gain_error);
}

static void it_is_used_where_it_was_found_to_help(void **state)
{
  static tx_fitted_weights fitted = {.length_count = 3, .lengths = {100, 200, 400}};
  tx_witness_weights weights;
  (void)state;
  fitted.witness.present = true;
  fitted.witness.lengths[0].scores.fitted = true;
  fitted.witness.lengths[2].scores.fitted = fitted.witness.lengths[2].scores.helps = true;
  fitted.witness.lengths[2].weights.of[0] = 1;
  assert_false(tx_fitted_witness_is_used(&fitted, TX_WITNESS_NEVER, 400));
  assert_false(tx_fitted_witness_is_used(&fitted, TX_WITNESS_HELPING, 100));
  assert_true(tx_fitted_witness_is_used(&fitted, TX_WITNESS_FITTED, 100));
  assert_false(tx_fitted_witness_is_used(&fitted, TX_WITNESS_FITTED, 200)); /* few records */
  assert_false(tx_fitted_witness_is_used(&fitted, TX_WITNESS_HELPING, 280));
  assert_true(tx_fitted_witness_is_used(&fitted, TX_WITNESS_HELPING, 290));
  assert_true(tx_fitted_witness_is_used(&fitted, TX_WITNESS_HELPING, 4000));
  tx_fitted_witness_at(&fitted, 200 * sqrt(2), &weights);
  close_to(weights.of[0], 0.5);
  tx_fitted_witness_at(&fitted, 4000, &weights);
  close_to(weights.of[0], 1);
  /* The threshold is that of answers with the network, where there are weights. */
  for (size_t l = 0; l < 3; l++) {
    fitted.prior[0] = 1;
    fitted.reliability[l].examples[0] = fitted.witness.lengths[l].reliability.examples[0] = 1000;
    for (size_t t = 0; t < TX_THRESHOLDS; t++) {
      fitted.reliability[l].called[0][t] = fitted.witness.lengths[l].reliability.called[0][t] = 1000;
      fitted.witness.lengths[l].reliability.wrong[0][t] = 500;
    }
  }
  close_to(tx_fitted_threshold(&fitted, 1, NULL, false, 400, 0.05), 0);
  close_to(tx_fitted_threshold(&fitted, 1, NULL, true, 400, 0.05), 1);
  close_to(tx_fitted_threshold(&fitted, 1, NULL, true, 200, 0.05), 0);
}

/* What is read is what would be written: a count that is no whole number, or -0, is refused. */
static void numbers_of_a_file_are_kept_or_refused(void **state)
{
  static const double good[TX_WITNESS_COLUMNS] = {1, 1, 0.5, 0, 2, 40, 9, 0.5, 0.25, 0.125, 3, 1};
  static const size_t counts[] = {0, 1, 5, 6, 10, 11};
  static tx_witness_length length;
  double numbers[TX_WITNESS_COLUMNS], again[TX_WITNESS_COLUMNS];
  (void)state;
  assert_null(tx_witness_unpack(good, &length));
  tx_witness_pack(&length, again);
  assert_memory_equal(again, good, sizeof good);
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    for (size_t j = 0; j < 2; j++) {
      memcpy(numbers, good, sizeof good);
      numbers[counts[i]] = j ? -0.0 : 0.5;
      assert_non_null(tx_witness_unpack(numbers, &length));
    }
  memcpy(numbers, good, sizeof good);
  numbers[0] = 0; /* it helps, but has no weights */
  assert_non_null(tx_witness_unpack(numbers, &length));
  numbers[0] = 1;
  numbers[4] = 2.5;
  assert_non_null(tx_witness_unpack(numbers, &length));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_moved_stays_in_its_kind),
      cmocka_unit_test(it_is_asked_where_something_can_move),
      cmocka_unit_test(taxa_are_matched_by_name),
      cmocka_unit_test(underscores_are_spaces),
      cmocka_unit_test(one_that_knows_helps),
      cmocka_unit_test(one_that_guesses_does_not),
      cmocka_unit_test(one_that_lacks_the_taxa_changes_nothing),
      cmocka_unit_test(few_records_fit_nothing),
      cmocka_unit_test(alike_records_are_less_sure),
      cmocka_unit_test(it_is_used_where_it_was_found_to_help),
      cmocka_unit_test(numbers_of_a_file_are_kept_or_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
