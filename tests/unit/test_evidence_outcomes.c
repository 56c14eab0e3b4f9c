/* Features of outcomes: the lags of slow substitutions, from alignments that are given. */
#include "made_records.h"

#include <math.h>

enum { GIVEN = 3 };

/* A reference of another genus for each candidate. */
static void choose_references(const tx_references *references, uint32_t *chosen)
{
  const size_t genus = 1;
  size_t count = 0;
  for (uint32_t i = 0; i < references->count && count < GIVEN; i++) {
    const int32_t *own = tx_references_lineage(references, i);
    bool known = own[genus] < 0;
    for (size_t j = 0; j < count && !known; j++)
      known = tx_references_lineage(references, chosen[j])[genus] == own[genus];
    if (!known) chosen[count++] = i;
  }
  assert_int_equal(count, GIVEN);
}

/* Nearest first: 100 columns each, so that counts are percent. */
static void give_candidates(const tx_references *references, tx_candidate *candidates)
{
  static const uint32_t mismatches[GIVEN] = {10, 11, 20}, transversions[GIVEN] = {4, 2, 13},
                        codons[GIVEN] = {1, 3, 2};
  uint32_t chosen[GIVEN];
  choose_references(references, chosen);
  for (size_t i = 0; i < GIVEN; i++)
    candidates[i] = (tx_candidate){.reference = chosen[i],
                                   .alignment = {.length = 100,
                                                 .mismatches = mismatches[i],
                                                 .transversions = transversions[i],
                                                 .codon = codons[i],
                                                 .votes = 50},
                                   .score = 100,
                                   .distance = 100 * (mismatches[i] + 1.0) / 110};
}

static void expect_lags(bool coding)
{
  static const double transversion_lags[GIVEN] = {2, 0, 6}, codon_lags[GIVEN] = {0, 2, 1};
  made_records *made = calloc(1, sizeof *made);
  tx_reference_set *set;
  tx_outcome outcomes[TX_OUTCOMES_MAX];
  tx_candidate candidates[GIVEN];
  tx_outcome_space space = {0};
  tx_search_index index;
  tx_error error = {0};
  size_t count, genera = 0;
  assert_non_null(made);
  make_records(made);
  set = make_set(made);
  index = *set->index;
  index.coding = coding;
  assert_int_equal(tx_outcome_space_init(&space, &index, &error), TX_OK);
  give_candidates(set->references, candidates);
  count = tx_outcomes_list(&space, candidates, GIVEN, NULL, outcomes);
  for (size_t i = 0; i < count; i++) {
    const double *features = outcomes[i].features;
    if (outcomes[i].rank != 1) continue;
    genera++;
    assert_true(fabs(features[TX_FEATURE_TRANSVERSION_LAG] -
                     (coding ? transversion_lags[outcomes[i].nearest] : 0)) < 1e-12);
    assert_true(fabs(features[TX_FEATURE_CODON_LAG] - (coding ? codon_lags[outcomes[i].nearest] : 0)) <
                1e-12);
  }
  assert_int_equal(genera, GIVEN);
  assert_true(outcomes[count - 1].features[TX_FEATURE_TRANSVERSION_LAG] == 0);
  tx_outcome_space_clear(&space);
  tx_reference_set_free(set);
  free(made);
}

static void lags_are_to_the_least_of_all_candidates(void **state)
{
  (void)state;
  expect_lags(true);
}

static void lags_of_a_marker_that_is_not_coding_are_0(void **state)
{
  (void)state;
  expect_lags(false);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lags_are_to_the_least_of_all_candidates),
      cmocka_unit_test(lags_of_a_marker_that_is_not_coding_are_0),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
