/* One lineage from outcomes and their probabilities, in taxonomies with gaps. */
#include "evidence/lineage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ORDER, FAMILY, GENUS, SPECIES, RANKS };

static const tx_outcome_space space = {.ranks = RANKS};

static void assert_near(double got, double want)
{
  assert_true(got >= want - 1e-12 && got <= want + 1e-12);
}

/* A genus without a family, and a family that is hardly probable: the gap is chosen, and it does not bound
   what is below it. */
static void a_gap_is_chosen(void **state)
{
  static const double probabilities[] = {.75, .15, .01, .06, .03};
  tx_lineages lineages = {{0, -1, 0, 0}, {0, -1, 0, -1}, {0, 0, 1, 1}, {0, -1, -1, -1}, {-1, -1, -1, -1}};
  int32_t taxa[RANKS];
  double confidence[RANKS];
  (void)state;
  tx_lineages_choose(&space, lineages, probabilities, 5, taxa, confidence);
  assert_int_equal(taxa[ORDER], 0);
  assert_int_equal(taxa[FAMILY], -1);
  assert_int_equal(taxa[GENUS], 0);
  assert_int_equal(taxa[SPECIES], 0);
  assert_near(confidence[ORDER], .97);
  assert_near(confidence[FAMILY], 0);
  assert_near(confidence[GENUS], .90);
  assert_near(confidence[SPECIES], .75);
}

/* Genera without a family compete one by one with a family, and with the family chosen are out. */
static void a_family_is_chosen(void **state)
{
  static const double probabilities[] = {.3, .3, .2, .2};
  tx_lineages lineages = {{0, -1, 0, 0}, {0, -1, 1, 1}, {0, 0, 2, 2}, {0, 0, 3, 3}};
  int32_t taxa[RANKS];
  double confidence[RANKS];
  (void)state;
  tx_lineages_choose(&space, lineages, probabilities, 4, taxa, confidence);
  assert_int_equal(taxa[FAMILY], 0);
  assert_int_equal(taxa[GENUS], 2);
  assert_int_equal(taxa[SPECIES], 2);
  assert_near(confidence[FAMILY], .4);
  assert_near(confidence[GENUS], .2);
}

/* Outcomes that end higher up name nothing below. */
static void a_lineage_ends(void **state)
{
  static const double probabilities[] = {.6, .4};
  tx_lineages lineages = {{0, 0, -1, -1}, {-1, -1, -1, -1}};
  int32_t taxa[RANKS];
  double confidence[RANKS];
  (void)state;
  tx_lineages_choose(&space, lineages, probabilities, 2, taxa, confidence);
  assert_int_equal(taxa[FAMILY], 0);
  assert_near(confidence[FAMILY], .6);
  assert_int_equal(taxa[GENUS], -1);
  assert_int_equal(taxa[SPECIES], -1);
  assert_near(confidence[GENUS], 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_gap_is_chosen),
      cmocka_unit_test(a_family_is_chosen),
      cmocka_unit_test(a_lineage_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
