/* The thresholds of --error-rate: the table by kinds of outcomes, any prior, and halves of the taxa. */
#include "tree_fixture.h"

#include "evidence/cross_validation.h"

#include <math.h>

/* n examples of a kind, all called, of which `share` are wrong below threshold t. */
static void set_kind(tx_reliability *table, size_t kind, double n, double share, size_t t)
{
  table->examples[kind] = n;
  for (size_t i = 0; i < TX_THRESHOLDS; i++) {
    table->called[kind][i] = n;
    table->wrong[kind][i] = i < t ? share * n : 0;
  }
}

static void the_prior_weighs_the_kinds(void **state)
{
  static tx_reliability table;
  const double usual[] = {.6, .4, .0001}, known[] = {.99, .01, .0001}, other[] = {1, 1, 8};
  (void)state;
  memset(&table, 0, sizeof table);
  set_kind(&table, 0, 4000, 0.01, 10);
  set_kind(&table, 1, 1000, 1, 30);
  assert_true(tx_reliability_threshold(&table, 3, usual, 0.05) == tx_threshold(30));
  assert_true(tx_reliability_threshold(&table, 3, known, 0.05) == tx_threshold(0));
  assert_true(tx_reliability_threshold(&table, 3, known, 0.015) == tx_threshold(10));
  /* A kind without examples has no say, however large its share. */
  assert_true(tx_reliability_threshold(&table, 3, other, 0.05) == tx_threshold(30));
  /* The standard error counts: 40 % wrong, 1 / 1000 + 9 / 4000 as the sum of the squared weights. */
  set_kind(&table, 1, 1000, 0.4, 30);
  memset(table.wrong[0], 0, sizeof table.wrong[0]);
  for (double margin = -1e-4; margin < 2e-4; margin += 2e-4) {
    const double p = 0.1, n = 1 / (.25 * .25 / 1000 + .75 * .75 / 4000), prior[] = {.75, .25};
    const double rate = p + 1.5 * sqrt(p * (1 - p) / n) + margin;
    assert_true(tx_reliability_threshold(&table, 2, prior, rate) == tx_threshold(margin < 0 ? 30 : 0));
  }
}

static void few_examples_promise_nothing(void **state)
{
  static tx_reliability table;
  const double prior[] = {.5, .5};
  (void)state;
  memset(&table, 0, sizeof table);
  assert_true(tx_reliability_threshold(&table, 2, prior, 0.05) == 1);
  set_kind(&table, 0, 99, 0, 0);
  assert_true(tx_reliability_threshold(&table, 2, prior, 0.05) == 1);
  set_kind(&table, 0, 100, 0, 0);
  assert_true(tx_reliability_threshold(&table, 2, prior, 0.05) == 0);
  /* 10,000 of one kind do not stand for the other, of which there are ten. */
  set_kind(&table, 0, 10000, 0, 0);
  set_kind(&table, 1, 10, 0, 0);
  assert_true(tx_reliability_threshold(&table, 2, prior, 0.05) == 1);
}

static void a_file_keeps_the_numbers(void **state)
{
  enum { RANKS = 3, KINDS = 4 };
  static tx_reliability table, other;
  double numbers[3 * RANKS * TX_EVIDENCE_BINS + KINDS * (1 + 2 * TX_THRESHOLDS)];
  tx_random random;
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  assert_int_equal(tx_reliability_size(RANKS, KINDS), sizeof numbers / sizeof *numbers);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) numbers[i] = tx_random_real(&random);
  tx_reliability_unpack(numbers, RANKS, KINDS, &table);
  assert_true(table.weight[RANKS - 1][9] == numbers[29] && table.confidence[0][0] == numbers[30]);
  assert_true(table.right[RANKS - 1][9] == numbers[89] && table.examples[0] == numbers[90]);
  assert_true(table.wrong[KINDS - 1][TX_THRESHOLDS - 1] == numbers[sizeof numbers / sizeof *numbers - 1]);
  assert_true(table.weight[RANKS][0] == 0 && table.examples[KINDS] == 0);
  memset(numbers, 0, sizeof numbers);
  tx_reliability_pack(&table, RANKS, KINDS, numbers);
  tx_reliability_unpack(numbers, RANKS, KINDS, &other);
  assert_memory_equal(&table, &other, sizeof table);
}

typedef struct fixture {
  tree *tree;
  tx_reference_set *set;
} fixture;

static int set_up(void **state)
{
  static fixture f;
  f.tree = make_tree(5);
  f.set = fit_references(tree_references(f.tree, false), 2);
  *state = &f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tx_reference_set_free(f->set);
  free(f->tree);
  return 0;
}

/* 27 genera are divided, never a genus; another seed divides them in another way. */
static void halves_keep_relatives_together(void **state)
{
  const fixture *f = *state;
  const size_t rank = tx_halves_rank(&f->set->space);
  unsigned half_of[27], count[2] = {0, 0}, moved = 0;
  assert_int_equal(rank, 2);
  memset(half_of, 9, sizeof half_of);
  for (uint32_t i = 0; i < tx_reference_set_count(f->set); i++) {
    const int32_t genus = tx_reference_set_taxon(f->set, i, rank);
    const unsigned half = tx_half_of(&f->set->space, rank, i, 1);
    assert_in_range(half, 0, 1);
    count[half]++;
    if (half_of[genus] <= 1) assert_int_equal(half_of[genus], half);
    half_of[genus] = half;
    moved += tx_half_of(&f->set->space, rank, i, 2) != half;
  }
  assert_true(count[0] > 40 && count[1] > 40);
  assert_true(moved > 0);
}

static void the_fit_fills_the_table(void **state)
{
  const fixture *f = *state;
  for (size_t l = 0; l < f->set->fitted.length_count; l++) {
    const tx_reliability *table = &f->set->fitted.reliability[l];
    for (size_t k = 0; k < f->set->space.kinds; k++) {
      assert_true(table->examples[k] > 0);
      assert_true(table->called[k][0] == table->examples[k]);
      for (size_t t = 0; t < TX_THRESHOLDS; t++) {
        assert_true(table->wrong[k][t] <= table->called[k][t]);
        if (t) assert_true(table->called[k][t] <= table->called[k][t - 1]);
      }
    }
  }
  assert_true(tx_fitted_threshold(&f->set->fitted, f->set->space.kinds, NULL, false, 200, 0.05) < 1);
}

/* Outcomes of two kinds with a feature that says nothing, but differs between the truths of one half. */
static void make_examples(const fixture *f, tx_outcome_examples *examples, double sign)
{
  tx_random random;
  tx_random_seed(&random, 4, 0, 0, 0);
  for (size_t i = 0; i < 400; i++) {
    tx_outcome outcomes[2];
    const size_t truth = (size_t)tx_random_below(&random, 2);
    memset(outcomes, 0, sizeof outcomes);
    outcomes[0].rank = TREE_RANKS - 1;
    outcomes[0].taxon = (int32_t)tx_random_below(&random, 81);
    outcomes[1].rank = -1;
    outcomes[1].taxon = -1;
    outcomes[1].kind = f->set->space.kinds - 1;
    outcomes[0].features[1] = (truth == 0 ? 1 : -1) * (i % 2 ? sign : 1);
    assert_true(tx_outcome_examples_add(examples, outcomes, 2, truth));
    examples->examples[i].half = i % 2;
  }
}

/* What one half teaches is measured on the other: where they disagree the answers are wrong. */
static void weights_of_one_half_are_measured_on_the_other(void **state)
{
  const fixture *f = *state;
  static tx_reliability table, plain;
  const tx_outcome_weights start = {{{0}}};
  const double prior[TX_KINDS_MAX] = {.5, .1, .1, .1, .2};
  tx_cross_validation task = {&f->set->space, &start, prior, 0.1, 30};
  tx_error error = {0};
  for (double sign = -1; sign < 2; sign += 2) {
    tx_outcome_examples examples = {0};
    make_examples(f, &examples, sign);
    assert_int_equal(tx_reliability_cross_validate(&task, &examples, &table, &error), TX_OK);
    assert_true(table.examples[0] + table.examples[4] == 400);
    /* sign 1: no one of "none" is called at 0.5; -1: all of them are, and are wrong */
    assert_true(table.wrong[4][6] == (sign > 0 ? 0 : table.examples[4]));
    tx_outcome_examples_free(&examples);
  }
  /* Too few to fit: the table is that of the start. */
  task.fewest = 1000;
  for (size_t again = 0; again < 2; again++) {
    tx_outcome_examples examples = {0};
    make_examples(f, &examples, 1);
    memset(&plain, 0, sizeof plain);
    assert_int_equal(tx_reliability_cross_validate(&task, &examples, &table, &error), TX_OK);
    tx_reliability_add(&f->set->space, &examples, TX_BOTH_HALVES, &start, &plain);
    assert_memory_equal(table.called, plain.called, sizeof plain.called);
    assert_memory_equal(table.wrong, plain.wrong, sizeof plain.wrong);
    tx_outcome_examples_free(&examples);
  }
}

static void kinds_get_their_shares(void **state)
{
  const fixture *f = *state;
  const double prior[TX_KINDS_MAX] = {.6, .1, .1, .1, .2};
  tx_outcome_examples examples = {0};
  double sums[2] = {0, 0};
  make_examples(f, &examples, 1);
  for (unsigned half = 0; half <= TX_BOTH_HALVES; half++) {
    const size_t total = tx_outcome_examples_weigh(&examples, half, prior);
    assert_int_equal(total, half == TX_BOTH_HALVES ? 400 : 200);
    sums[0] = sums[1] = 0;
    for (size_t i = 0; i < 400; i++) {
      if (half != TX_BOTH_HALVES && examples.examples[i].half != half)
        assert_true(examples.examples[i].weight == 0);
      sums[tx_outcome_examples_kind(&examples, i) > 0] += examples.examples[i].weight;
    }
    assert_true(fabs(sums[0] - .75 * (double)total) < 1e-9 && fabs(sums[1] - .25 * (double)total) < 1e-9);
  }
  tx_outcome_examples_free(&examples);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_prior_weighs_the_kinds),
      cmocka_unit_test(few_examples_promise_nothing),
      cmocka_unit_test(a_file_keeps_the_numbers),
      cmocka_unit_test(halves_keep_relatives_together),
      cmocka_unit_test(the_fit_fills_the_table),
      cmocka_unit_test(weights_of_one_half_are_measured_on_the_other),
      cmocka_unit_test(kinds_get_their_shares),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
