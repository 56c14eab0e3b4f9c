/* What counts as no label, lists of words, and lineages written in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "taxon/lineage.h"

#include <taxamba/labelled.h>

static void test_missing(void **state)
{
  static const char *const missing[] = {"",
                                        "  ",
                                        "\t",
                                        "None",
                                        "none",
                                        "NA",
                                        "na",
                                        "N/A",
                                        "n/a",
                                        "NaN",
                                        "nan",
                                        "null",
                                        "NULL",
                                        "unknown",
                                        "Unknown",
                                        "not_classified",
                                        "not classified",
                                        "unidentified",
                                        "unidentified_1",
                                        "Unidentified Fungi",
                                        "unclassified",
                                        "unclassified Diptera",
                                        "Unassigned",
                                        "Incertae_sedis",
                                        "Agaricales_fam_Incertae_sedis",
                                        "incertae sedis",
                                        "Incertae-sedis",
                                        "incertaesedis",
                                        "Apis sp",
                                        "Apis_sp",
                                        "Apis sp.",
                                        "Apis_sp.",
                                        "s__",
                                        "g__",
                                        "sh__",
                                        "s__unidentified",
                                        "g__None",
                                        "s__Tomentella_sp",
                                        "uncultured",
                                        "uncultured_bacterium",
                                        "Uncultured Baetis",
                                        "metagenome",
                                        "marine metagenome",
                                        "environmental samples",
                                        "Ambiguous_taxa",
                                        "Apis spp.",
                                        "Apis_spp",
                                        "Apis indet.",
                                        "Unknown insect",
                                        "undetermined",
                                        "sp",
                                        "sp.",
                                        " sp",
                                        "?",
                                        "-",
                                        " None "};
  static const char *const labels[] = {"Apis",
                                       "Apis mellifera",
                                       "Apis sp. 1",
                                       "Apis sp. BOLD:AAA1234",
                                       "Apis_sp_2",
                                       "Nana",
                                       "NAsutus",
                                       "s",
                                       "s_",
                                       "Nonea",
                                       "unknownia",
                                       "Asp",
                                       "Spp",
                                       "Uncultur",
                                       "Metagenomeia",
                                       "Aspindet",
                                       "Unknownia",
                                       "Crisp",
                                       "Wasp.",
                                       "incertae",
                                       "sedis",
                                       "incertae - sedis",
                                       "0",
                                       "BOLD:AAA1234",
                                       "s__Apis_mellifera",
                                       "Abc__",
                                       "\xC3\x84pfel"};
  (void)state;
  assert_true(tx_label_is_missing(NULL));
  for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
    if (!tx_label_is_missing(missing[i])) fail_msg("'%s' is taken for a label", missing[i]);
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
    if (tx_label_is_missing(labels[i])) fail_msg("'%s' is taken for no label", labels[i]);
}

static void test_words(void **state)
{
  tx_words words;
  tx_error error;
  (void)state;
  assert_int_equal(tx_words_split(NULL, "ranks", &words, &error), TX_OK);
  assert_int_equal(words.count, 0);
  tx_words_free(&words);
  assert_int_equal(tx_words_split("family, genus ,species", "ranks", &words, &error), TX_OK);
  assert_int_equal(words.count, 3);
  assert_string_equal(words.items[1], "genus");
  assert_true(tx_words_contain(&words, "species"));
  assert_false(tx_words_contain(&words, "Species"));
  tx_words_free(&words);
  assert_int_equal(tx_words_split("genus,,species", "ranks", &words, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_words_split("genus,", "ranks", &words, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_words_split("genus,genus", "ranks", &words, &error), TX_ERROR_USAGE);
  assert_string_equal(error.message, "ranks 'genus,genus': 'genus' occurs twice");
}

static void test_unite(void **state)
{
  char header[] = "SH1.08FU_x_reps|k__Fungi;p__Basidiomycota;c__;o__unidentified;g__Two "
                  "words;s__Two_words|SH1.08FU;p__no";
  char spaced[] = "ID7 k__Fungi; p__Ascomycota ; sh__SH1";
  char none[] = "ID7|SH1.08FU k_Fungi";
  char twice[] = "g__A;g__B";
  char strange[] = "k__A;Basidiomycota";
  char fault[160];
  tx_lineage lineage;
  char *text = tx_lineage_find_unite(header);
  (void)state;
  assert_non_null(text);
  assert_true(tx_lineage_read_unite(text, &lineage, fault));
  assert_string_equal(lineage.names[tx_prefix_find("kingdom")], "Fungi");
  assert_null(lineage.names[tx_prefix_find("class")]);
  assert_null(lineage.names[tx_prefix_find("order")]);
  assert_string_equal(lineage.names[tx_prefix_find("genus")], "Two words");
  assert_string_equal(lineage.names[tx_prefix_find("species")], "Two_words");
  assert_true(lineage.present >> tx_prefix_find("order") & 1);
  assert_false(lineage.present >> tx_prefix_find("family") & 1);
  text = tx_lineage_find_unite(spaced);
  assert_non_null(text);
  assert_true(tx_lineage_read_unite(text, &lineage, fault));
  assert_string_equal(lineage.names[tx_prefix_find("phylum")], "Ascomycota");
  assert_string_equal(lineage.names[TX_PREFIX_HYPOTHESIS], "SH1");
  assert_null(tx_lineage_find_unite(none));
  assert_false(tx_lineage_read_unite(twice, &lineage, fault));
  assert_non_null(strstr(fault, "'genus'"));
  assert_false(tx_lineage_read_unite(strange, &lineage, fault));
  assert_non_null(strstr(fault, "Basidiomycota"));
}

static void test_sintax(void **state)
{
  char header[] = "ID1;tax=d:Bacteria,p:Firm:icutes, g:Bacillus,s:;size=3";
  char behind[] = "ID1 a comment;tax=k:Fungi";
  char inside[] = "syntax=k:Fungi";
  char bad[] = "k:Fungi,Ascomycota";
  char nothing[] = "";
  char unassigned[] = "Unassigned";
  char fault[160];
  tx_lineage lineage;
  (void)state;
  assert_true(tx_lineage_read_sintax(tx_lineage_find_sintax(header), &lineage, fault));
  assert_string_equal(lineage.names[tx_prefix_find("domain")], "Bacteria");
  assert_string_equal(lineage.names[tx_prefix_find("phylum")], "Firm:icutes");
  assert_string_equal(lineage.names[tx_prefix_find("genus")], "Bacillus");
  assert_null(lineage.names[tx_prefix_find("species")]);
  assert_true(tx_lineage_read_sintax(tx_lineage_find_sintax(behind), &lineage, fault));
  assert_string_equal(lineage.names[tx_prefix_find("kingdom")], "Fungi");
  assert_null(tx_lineage_find_sintax(inside));
  assert_false(tx_lineage_read_sintax(bad, &lineage, fault));
  assert_true(tx_lineage_read_sintax(nothing, &lineage, fault));
  assert_int_equal(lineage.present, 0);
  assert_true(tx_lineage_read_sintax(unassigned, &lineage, fault));
}

static void test_positions(void **state)
{
  static const struct {
    const char *header;
    size_t count;
    const char *found; /* NULL: none */
  } cases[] = {{"A;B;C;", 3, "A;B;C;"},
               {"A;B c;D e; ", 3, "A;B c;D e; "},
               {"id|x|y z|A,B,None", 3, "A,B,None"},
               {"id A;B;C", 3, "A;B;C"},
               {"id|x a,b;c;d", 3, "a,b;c;d"},
               {"A;B;C", 2, NULL},
               {"A;B", 3, NULL},
               {"A", 1, NULL},
               {"", 2, NULL},
               {"||", 2, NULL},
               {";", 2, NULL},
               {";;", 2, ";;"},
               {"id  ;B", 2, ";B"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char header[64], separator;
    const char *found;
    strcpy(header, cases[i].header);
    found = tx_lineage_find_positions(header, cases[i].count, &separator);
    if (!found || !cases[i].found) {
      if (found || cases[i].found) fail_msg("case %zu: %s", i, found ? found : "none");
      continue;
    }
    assert_string_equal(found, cases[i].found);
    assert_int_equal(separator, strchr(found, ';') ? ';' : ',');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_missing),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_unite),
      cmocka_unit_test(test_sintax),
      cmocka_unit_test(test_positions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
