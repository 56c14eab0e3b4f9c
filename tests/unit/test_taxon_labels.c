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

/* A copy of the part of a header that holds the lineage, "" if there is none. */
static char *copy_part(const char *start, size_t length, char *text)
{
  memcpy(text, start ? start : "", start ? length : 0);
  text[start ? length : 0] = '\0';
  return text;
}

static char *find_unite(const char *header, char *text)
{
  size_t length = 0;
  const char *start = tx_lineage_find_unite(header, &length);
  return copy_part(start, length, text);
}

static char *find_sintax(const char *header, char *text)
{
  size_t length = 0;
  const char *start = tx_lineage_find_sintax(header, &length);
  return copy_part(start, length, text);
}

static const char *name_of(const tx_lineage *lineage, const char *rank)
{
  return lineage->names[tx_lineage_find_rank(rank)];
}

static bool occurs(const tx_lineage *lineage, const char *rank)
{
  return memchr(lineage->order, tx_lineage_find_rank(rank), lineage->count) != NULL;
}

static void test_unite(void **state)
{
  static const char header[] = "SH1.08FU_x_reps|k__Fungi;p__Basidiomycota;c__;o__unidentified;g__Two "
                               "words;s__Two_words|SH1.08FU;p__no";
  char twice[] = "g__A;g__B", strange[] = "k__A;Basidiomycota", unknown[] = "k__A;xyz__B;g__C;x__D";
  char fault[TX_FAULT_SIZE], text[200];
  tx_lineage lineage;
  (void)state;
  assert_true(tx_lineage_read_unite(find_unite(header, text), &lineage, fault));
  assert_string_equal(name_of(&lineage, "kingdom"), "Fungi");
  assert_null(name_of(&lineage, "class"));
  assert_null(name_of(&lineage, "order"));
  assert_string_equal(name_of(&lineage, "genus"), "Two words");
  assert_string_equal(name_of(&lineage, "species"), "Two_words");
  assert_true(occurs(&lineage, "order"));
  assert_false(occurs(&lineage, "family"));
  assert_true(
      tx_lineage_read_unite(find_unite("ID7 k__Fungi; p__Ascomycota ; sh__SH1", text), &lineage, fault));
  assert_string_equal(name_of(&lineage, "phylum"), "Ascomycota");
  assert_string_equal(lineage.names[TX_LINEAGE_HYPOTHESIS], "SH1");
  assert_string_equal(find_unite("ID7|SH1.08FU k_Fungi", text), "");
  assert_false(tx_lineage_read_unite(twice, &lineage, fault));
  assert_non_null(strstr(fault, "'genus'"));
  assert_false(tx_lineage_read_unite(strange, &lineage, fault));
  assert_non_null(strstr(fault, "Basidiomycota"));
  assert_true(tx_lineage_read_unite(unknown, &lineage, fault));
  assert_string_equal(name_of(&lineage, "genus"), "C");
  assert_int_equal(lineage.skipped, 2);
  assert_string_equal(lineage.first_skipped, "xyz__B");
}

/* What follows the last name is no part of it. */
static void test_descriptions(void **state)
{
  static const struct {
    const char *header, *found;
  } cases[] = {
      {"k__A;s__B c", "k__A;s__B c"},
      {"X s__Escherichia coli [location=1..9] [len=8]", "s__Escherichia coli"},
      {"X|k__A;s__B c len=8", "k__A;s__B c"},
      {"X|k__A;s__B_c internal spacer", "k__A;s__B_c"},
      {"X|k__A;s__B_c d|more", "k__A;s__B_c d"},
      {"X|k__A;s__[B] c", "k__A;s__[B] c"},
      {"X|k__A;g__B coli_D", "k__A;g__B coli_D"},
      {"X|k__A;g__B_c;", "k__A;g__B_c;"},
      {"X k__A\tk__B", "k__A"},
  };
  char text[200];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(find_unite(cases[i].header, text), cases[i].found);
  assert_string_equal(find_sintax("A;tax=g:B,s:B_c some words", text), "g:B,s:B_c");
  assert_string_equal(find_sintax("A;tax=g:B,s:B_c some words;", text), "g:B,s:B_c some words");
  assert_string_equal(find_sintax("A tax=g:B,s:B c", text), "g:B,s:B c");
}

static void test_sintax(void **state)
{
  char bad[] = "k:Fungi,Ascomycota", nothing[] = "", unassigned[] = "Unassigned";
  char fault[TX_FAULT_SIZE], text[200];
  tx_lineage lineage;
  (void)state;
  assert_true(tx_lineage_read_sintax(
      find_sintax("ID1;tax=d:Bacteria,p:Firm:icutes, g:Bacillus,s:;size=3", text), &lineage, fault));
  assert_string_equal(name_of(&lineage, "domain"), "Bacteria");
  assert_string_equal(name_of(&lineage, "phylum"), "Firm:icutes");
  assert_string_equal(name_of(&lineage, "genus"), "Bacillus");
  assert_null(name_of(&lineage, "species"));
  assert_true(tx_lineage_read_sintax(find_sintax("ID1 a comment;tax=k:Fungi", text), &lineage, fault));
  assert_string_equal(name_of(&lineage, "kingdom"), "Fungi");
  assert_string_equal(find_sintax("syntax=k:Fungi", text), "");
  assert_false(tx_lineage_read_sintax(bad, &lineage, fault));
  assert_true(tx_lineage_read_sintax(nothing, &lineage, fault));
  assert_int_equal(lineage.count, 0);
  assert_true(tx_lineage_read_sintax(unassigned, &lineage, fault));
}

static void test_lists(void **state)
{
  static const struct {
    const char *header;
    size_t count;
    int shorter;
    const char *found; /* NULL: none */
  } cases[] = {{"A;B;C;", 3, 0, "A;B;C;"},
               {"A;B c;D e; ", 3, 0, "A;B c;D e; "},
               {"id|x|y z|A,B,None", 3, 0, "A,B,None"},
               {"id A;B;C", 3, 0, "A;B;C"},
               {"id|x a,b;c;d", 3, 0, "a,b;c;d"},
               {"A;B;C", 2, 2, NULL},
               {"A;B", 3, 0, NULL},
               {"A;B", 3, 1, NULL},
               {"A;B", 3, 2, "A;B"},
               {"A;B;", 3, 1, "A;B;"},
               {"A;", 3, 1, "A;"},
               {"A,B", 3, 2, NULL},
               {"A", 3, 2, NULL},
               {"A;size=3;", 3, 2, NULL},
               {"x Root;A;B", 2, 0, "Root;A;B"},
               {"x Root;A", 2, 1, "Root;A"},
               {"x###root_1;A_1;B_2", 2, 0, "root_1;A_1;B_2"},
               {"A", 1, 0, NULL},
               {"", 2, 2, NULL},
               {"||", 2, 0, NULL},
               {";", 2, 0, NULL},
               {";;", 2, 0, ";;"},
               {"id  ;B", 2, 0, ";B"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tx_name_list list;
    char text[64];
    if (tx_name_list_find(cases[i].header, cases[i].count, cases[i].shorter, &list) != !!cases[i].found)
      fail_msg("case %zu: %s", i, cases[i].header);
    if (!cases[i].found) continue;
    assert_string_equal(copy_part(list.start, list.length, text), cases[i].found);
    assert_int_equal(list.separator, strchr(text, ';') ? ';' : ',');
  }
}

/* Numbers are taxids only where all names have one and the first is one of the largest taxa. */
static void test_taxids(void **state)
{
  char text[] = "k__Eukaryota_2759;p__Discosea_555280;c__class_Discosea_555280;s__Clydonella sawyeri_2201168";
  char fault[TX_FAULT_SIZE];
  tx_lineage lineage;
  (void)state;
  assert_true(tx_names_have_taxids("root_1;Eukaryota_2759;Chordata_7711", ';'));
  assert_true(tx_names_have_taxids(" k:Bacteria_2, p:Firmicutes_1239,", ','));
  assert_false(tx_names_have_taxids("Otu_1;Otu_2", ';'));
  assert_false(tx_names_have_taxids("Eukaryota_2759;Chordata", ';'));
  assert_false(tx_names_have_taxids("Eukaryota_2759", ';'));
  assert_false(tx_names_have_taxids("", ';'));
  assert_true(tx_lineage_read_unite(text, &lineage, fault));
  assert_string_equal(name_of(&lineage, "kingdom"), "Eukaryota");
  assert_null(name_of(&lineage, "class"));
  assert_string_equal(name_of(&lineage, "species"), "Clydonella sawyeri");
  assert_int_equal(lineage.taxid, 2201168);
  assert_int_equal(lineage.placeholders, 1);
}

/* The headers' own order counts; a rank that is in none of the first gets its usual place. */
static void test_order(void **state)
{
  static const char *const lineages[] = {"k:A,d:B,g:C", "f:D,g:C", "d:B,p:E",
                                         "s:F",         "x:G",     "k:A,o:H,c:I,f:J"};
  static const char *const wanted[] = {"kingdom", "domain", "phylum", "order", "class", "family", "genus",
                                       "species"};
  tx_rank_order order = {.count = 0};
  (void)state;
  for (size_t i = 0; i < sizeof lineages / sizeof *lineages; i++) {
    char text[64], fault[TX_FAULT_SIZE];
    tx_lineage lineage;
    strcpy(text, lineages[i]);
    assert_true(tx_lineage_read_sintax(text, &lineage, fault));
    tx_rank_order_add(&order, &lineage);
  }
  assert_int_equal(order.count, sizeof wanted / sizeof *wanted);
  for (size_t i = 0; i < order.count; i++)
    assert_string_equal(tx_lineage_rank(order.ranks[i]), wanted[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_missing),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_unite),
      cmocka_unit_test(test_descriptions),
      cmocka_unit_test(test_sintax),
      cmocka_unit_test(test_lists),
      cmocka_unit_test(test_taxids),
      cmocka_unit_test(test_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
