/* The prior: counted by hand for a small set, and what holds for any. */
#include "made_records.h"

#include <math.h>

static double sum_of(const double *prior, size_t kinds)
{
  double sum = 0;
  for (size_t k = 0; k < kinds; k++) sum += prior[k];
  return sum;
}

/* The prior of species that are named by their genera. */
static void estimate(const char *const (*taxa)[MADE_RANKS], size_t count, double *prior, size_t *ret_kinds)
{
  tx_references_builder *builder = make_builder();
  tx_reference_set *set = NULL;
  tx_error error = {0};
  tx_random random;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < count; i++) {
    char bases[MADE_BASES + 1] = {0};
    for (size_t b = 0; b < MADE_BASES; b++) bases[b] = "ACGT"[tx_random_below(&random, 4)];
    assert_int_equal(
        tx_references_builder_add(
            builder,
            &(tx_reference_record){
                .id = "r", .bases = bases, .base_count = MADE_BASES, .taxa = taxa[i], .file = "made"},
            &error),
        TX_OK);
  }
  assert_int_equal(tx_reference_set_create(finish(builder), &set, &error), TX_OK);
  assert_int_equal(tx_prior_estimate(&set->space, prior, &error), TX_OK);
  *ret_kinds = set->space.kinds;
  tx_reference_set_free(set);
}

/* 5 species with a genus, 2 of them alone in it; 6 with a family, 1 of them alone in it. */
static void shares_are_those_of_species_that_are_alone(void **state)
{
  static const char *const taxa[][MADE_RANKS] = {{"F", "G", "G a"}, {"F", "G", "G b"}, {"F", "G", "G c"},
                                                 {"F", "H", "H a"}, {"E", "I", "I a"}, {"F", NULL, "J a"},
                                                 {"F", "G", "G a"}, {"F", "H", NULL}};
  double prior[TX_KINDS_MAX];
  size_t kinds;
  (void)state;
  estimate(taxa, sizeof taxa / sizeof *taxa, prior, &kinds);
  assert_int_equal(kinds, 4);
  const double genus = (2 + 20 * .2) / (5 + 20), family = (1 + 20 * .025) / (6 + 20);
  assert_true(fabs(prior[0] - .60) < 1e-12);
  assert_true(fabs(prior[1] - .37 * (1 - genus)) < 1e-12);
  assert_true(fabs(prior[2] - .37 * (genus - family)) < 1e-12);
  assert_true(fabs(prior[3] - (.03 + .37 * family)) < 1e-12);
}

static void more_species_alone_mean_more_new_genera(void **state)
{
  static const char *const few[][MADE_RANKS] = {
      {"F", "G", "G a"}, {"F", "G", "G b"}, {"E", "H", "H a"}, {"E", "H", "H b"}};
  static const char *const many[][MADE_RANKS] = {
      {"F", "G", "G a"}, {"F", "H", "H a"}, {"E", "I", "I a"}, {"E", "J", "J b"}};
  double without[TX_KINDS_MAX], with[TX_KINDS_MAX];
  size_t kinds;
  (void)state;
  estimate(few, 4, without, &kinds);
  estimate(many, 4, with, &kinds);
  assert_true(with[2] > without[2] && with[1] < without[1]);
}

/* A genus that only species without a family have: fewer are alone in a genus than in a family. */
static void no_kind_is_impossible(void **state)
{
  static const char *const taxa[][MADE_RANKS] = {{"F", NULL, "a"}, {"E", NULL, "b"}, {"D", NULL, "c"},
                                                 {"C", NULL, "d"}, {NULL, "G", "e"}, {NULL, "G", "f"},
                                                 {NULL, "G", "g"}, {NULL, "G", "h"}, {NULL, "G", "i"}};
  double prior[TX_KINDS_MAX];
  size_t kinds;
  (void)state;
  estimate(taxa, sizeof taxa / sizeof *taxa, prior, &kinds);
  for (size_t k = 0; k < kinds; k++) assert_true(prior[k] > .0019);
  assert_true(fabs(sum_of(prior, kinds) - 1) < 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_are_those_of_species_that_are_alone),
      cmocka_unit_test(more_species_alone_mean_more_new_genera),
      cmocka_unit_test(no_kind_is_impossible),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
