/* taxon/ranks and taxon/spellings: the order of ranks; names that nearly agree, '_' in place of a blank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "taxon/ranks.h"
#include "taxon/spellings.h"

static void finds_ranks_upside_down(void **state)
{
  static const struct {
    const char *ranks[4];
    int above, below; /* -1: the order is possible */
  } cases[] = {
      {{"kingdom", "domain", "phylum", "class"}, -1, -1}, {{"domain", "Kingdom", "Genus", "species"}, -1, -1},
      {{"a", "genus", "b", "species"}, -1, -1},           {{"species", "dna_bin", "a", "strain"}, -1, -1},
      {{"phylum", "kingdom", "genus", "family"}, 0, 1},   {{"order", "a", "genus", "Family"}, 2, 3},
      {{"dna_bin", "species", "genus", "x"}, 1, 2},
  };
  (void)state;
  assert_int_equal(tx_rank_level("bin_uri"), 0);
  assert_int_equal(tx_rank_level("processid"), -1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t above = 9, below = 9;
    const bool inverted = tx_ranks_inverted(cases[i].ranks, 4, &above, &below);
    assert_int_equal(inverted, cases[i].above >= 0);
    if (inverted && ((int)above != cases[i].above || (int)below != cases[i].below)) fail_msg("case %zu", i);
  }
}

/* A taxonomy of one genus and its species. */
static tx_taxonomy *make(const char *const *names, size_t count)
{
  static const char *const ranks[] = {"genus", "species"};
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy;
  int32_t *labels, lineage;
  tx_error error;
  assert_int_equal(tx_taxonomy_builder_create(ranks, 2, &builder, &error), TX_OK);
  for (size_t i = 0; i < count; i++) {
    const char *taxa[2] = {"Aus", names[i]};
    assert_int_equal(tx_taxonomy_builder_add(builder, taxa, "f", i + 1, &lineage, &error), TX_OK);
  }
  assert_int_equal(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error), TX_OK);
  free(labels);
  tx_taxonomy_builder_free(builder);
  return taxonomy;
}

static void describes_near_names(void **state)
{
  static const char *const names[] = {"Aus bus", "AUS_bus", "Aus cus", "Aus sp. 1-1", "Aus sp. 11",
                                      "Aus sp 11", "Aus d", "Aus-d", "aus d"};
  tx_taxonomy *all = make(names, 9), *apart = make(names + 2, 3);
  char text[400];
  tx_error error;
  (void)state;
  assert_int_equal(tx_spellings_describe(all, 1, text, sizeof text, &error), TX_OK);
  assert_string_equal(text, "rank species: 4 names are nearly another one, but for letter case, blanks or "
                            "punctuation, as 'AUS_bus' and 'Aus bus': they count as different taxa");
  assert_int_equal(tx_spellings_describe(all, 0, text, sizeof text, &error), TX_OK);
  assert_string_equal(text, "");
  assert_int_equal(tx_spellings_describe(apart, 1, text, sizeof text, &error), TX_OK);
  assert_string_equal(text, "");
  tx_taxonomy_free(all);
  tx_taxonomy_free(apart);
}

static void describes_names_of_their_own(void **state)
{
  char names[40][12], text[400];
  const char *list[40];
  tx_taxonomy *taxonomy;
  (void)state;
  for (size_t i = 0; i < 40; i++) {
    snprintf(names[i], sizeof names[i], "ID%02zu", i);
    list[i] = names[i];
  }
  taxonomy = make(list, 40);
  tx_own_names_describe(taxonomy, 44, text, sizeof text);
  assert_non_null(strstr(text, "(40 names of 44 records, as 'ID00')"));
  tx_own_names_describe(taxonomy, 45, text, sizeof text);
  assert_string_equal(text, "");
  tx_taxonomy_free(taxonomy);
  taxonomy = make(list, 20); /* too few to tell */
  tx_own_names_describe(taxonomy, 20, text, sizeof text);
  assert_string_equal(text, "");
  tx_taxonomy_free(taxonomy);
}

static void takes_underscores_for_blanks(void **state)
{
  static const char *const names[] = {"Aus bus", "Aus_bus", "Aus_cus", "Aus dus"};
  static const struct {
    const char *genus, *species, *match; /* name of the class, NULL: none */
  } cases[] = {{"Aus", "Aus bus", "Aus bus"}, {"Aus", "Aus_bus", "Aus_bus"}, {NULL, "Aus cus", "Aus_cus"},
               {"Aus", "Aus_dus", "Aus dus"}, {"Bus", "Aus_dus", NULL},      {NULL, "aus dus", NULL},
               {NULL, "Aus", NULL},           {NULL, "Aus cus ", NULL}};
  tx_taxonomy *taxonomy = make(names, 4);
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *taxa[2] = {cases[i].genus, cases[i].species};
    int32_t labels[2];
    const char *match;
    tx_taxonomy_match(taxonomy, taxa, labels);
    match = tx_taxonomy_class_name(taxonomy, 1, labels[1]);
    if (!match != !cases[i].match || (match && strcmp(match, cases[i].match) != 0)) fail_msg("case %zu", i);
  }
  assert_true(tx_taxonomy_knows(taxonomy, 1, "Aus cus"));
  assert_true(tx_taxonomy_knows(taxonomy, 1, "Aus_dus"));
  assert_false(tx_taxonomy_knows(taxonomy, 1, "Aus-dus"));
  tx_taxonomy_free(taxonomy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_ranks_upside_down),
      cmocka_unit_test(describes_near_names),
      cmocka_unit_test(describes_names_of_their_own),
      cmocka_unit_test(takes_underscores_for_blanks),
  };
  return cmocka_run_group_tests_name("taxon/names", tests, NULL, NULL);
}
