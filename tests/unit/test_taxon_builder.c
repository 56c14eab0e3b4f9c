/* The taxonomy builder: gaps, homonyms, order, reports, size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "taxon/taxonomy.h"

#define RANKS 4
#define ROWS_MAX 64

static const char *const ranks4[] = {"class", "order", "family", "genus"};

typedef struct built {
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy;
  int32_t *labels;
  int32_t lineage[ROWS_MAX]; /* of each row given */
} built;

/* Rows of RANKS names; "" = no label. Row i stands at line i + 2 of t.csv. */
static built build(const char *const rows[][RANKS], size_t count)
{
  built result = {0};
  tx_error error;
  assert_int_equal(tx_taxonomy_builder_create(ranks4, RANKS, &result.builder, &error), TX_OK);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(
        tx_taxonomy_builder_add(result.builder, rows[i], "t.csv", i + 2, &result.lineage[i], &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_finish(result.builder, &result.taxonomy, &result.labels, &error),
                   TX_OK);
  return result;
}

static void drop(built *result)
{
  tx_taxonomy_builder_free(result->builder);
  tx_taxonomy_free(result->taxonomy);
  free(result->labels);
}

static int32_t label(const built *result, size_t row, size_t rank)
{
  return result->labels[(size_t)result->lineage[row] * RANKS + rank];
}

/* "class/order/family/genus" of a taxon, "-" where the lineage has none. */
static void lineage_text(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index, char *text)
{
  int32_t lineage[TX_RANKS_MAX];
  tx_taxonomy_lineage(taxonomy, rank, class_index, lineage);
  *text = '\0';
  for (size_t r = 0; r <= rank; r++) {
    if (r) strcat(text, "/");
    strcat(text, lineage[r] < 0 ? "-" : tx_taxonomy_class_name(taxonomy, r, lineage[r]));
  }
}

static void assert_lineage(const built *result, size_t row, size_t rank, const char *wanted)
{
  char text[256];
  assert_true(label(result, row, rank) >= 0);
  lineage_text(result->taxonomy, rank, label(result, row, rank), text);
  assert_string_equal(text, wanted);
}

static void test_plain_tree(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Insecta", "Diptera", "Muscidae", "Musca"},
      {"Insecta", "Coleoptera", "Carabidae", "Carabus"},
      {"Insecta", "Diptera", "Muscidae", "Musca"},
      {"Arachnida", "Araneae", "", ""},
      {"", "", "", ""},
  };
  built result = build(rows, 5);
  size_t parent_rank = 99;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_lineage_count(result.builder), 4);
  assert_int_equal(result.lineage[0], result.lineage[2]);
  assert_int_equal(tx_taxonomy_rank_count(result.taxonomy), 4);
  assert_string_equal(tx_taxonomy_rank_name(result.taxonomy, 3), "genus");
  assert_null(tx_taxonomy_rank_name(result.taxonomy, 4));
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 0), 2);
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 1), 3);
  assert_string_equal(tx_taxonomy_class_name(result.taxonomy, 0, 0), "Arachnida"); /* sorted */
  assert_string_equal(tx_taxonomy_class_name(result.taxonomy, 1, 1), "Coleoptera");
  assert_null(tx_taxonomy_class_name(result.taxonomy, 1, 3));
  assert_null(tx_taxonomy_class_name(result.taxonomy, 1, -1));
  assert_int_equal(tx_taxonomy_parent(result.taxonomy, 3, 0, &parent_rank), 0);
  assert_int_equal(parent_rank, 2);
  assert_int_equal(tx_taxonomy_parent(result.taxonomy, 0, 0, &parent_rank), -1);
  assert_lineage(&result, 0, 3, "Insecta/Diptera/Muscidae/Musca");
  for (size_t r = 0; r < RANKS; r++) assert_int_equal(label(&result, 4, r), -1);
  assert_int_equal(label(&result, 3, 2), -1);
  assert_true(tx_taxonomy_knows(result.taxonomy, 3, "Musca"));
  assert_false(tx_taxonomy_knows(result.taxonomy, 2, "Musca"));
  assert_false(tx_taxonomy_knows(result.taxonomy, 3, "Mus"));
  assert_false(tx_taxonomy_knows(result.taxonomy, 4, "Musca"));
  assert_int_equal(tx_taxonomy_builder_report_count(result.builder), 0);
  drop(&result);
}

static void test_gap_is_one_genus(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Insecta", "Lepidoptera", "", "Achalarus"},
      {"Insecta", "Lepidoptera", "Hesperiidae", "Achalarus"},
      {"", "", "", "Achalarus"},
      {"Insecta", "Lepidoptera", "", "Lonely"},
  };
  built result = build(rows, 4);
  (void)state;
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 3), 2);
  for (size_t i = 0; i < 3; i++) assert_lineage(&result, i, 3, "Insecta/Lepidoptera/Hesperiidae/Achalarus");
  assert_lineage(&result, 3, 3, "Insecta/Lepidoptera/-/Lonely");
  assert_int_equal(label(&result, 0, 2), -1); /* a gap stays a gap in the labels */
  assert_int_equal(label(&result, 2, 0), -1);
  assert_int_equal(tx_taxonomy_builder_report_count(result.builder), 0);
  drop(&result);
}

/* Two rows that each lack what the other has, and a family whose own rows tell its order. */
static void test_gaps_complete_each_other(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Insecta", "", "Apidae", "Apis"},
      {"", "Hymenoptera", "", "Apis"},
      {"", "", "Muscidae", "Musca"},
      {"Insecta", "Diptera", "Muscidae", ""},
  };
  built result = build(rows, 4);
  (void)state;
  assert_lineage(&result, 0, 3, "Insecta/Hymenoptera/Apidae/Apis");
  assert_int_equal(label(&result, 0, 3), label(&result, 1, 3));
  assert_lineage(&result, 0, 2, "Insecta/Hymenoptera/Apidae");
  assert_lineage(&result, 2, 3, "Insecta/Diptera/Muscidae/Musca");
  drop(&result);
}

static void test_homonyms(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Plantae", "Rosales", "Moraceae", "Morus"},
      {"Aves", "Suliformes", "Sulidae", "Morus"},
      {"Aves", "", "", "Morus"},
  };
  built result = build(rows, 3);
  (void)state;
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 3), 2);
  assert_lineage(&result, 0, 3, "Plantae/Rosales/Moraceae/Morus");
  assert_lineage(&result, 2, 3, "Aves/Suliformes/Sulidae/Morus"); /* the class tells which */
  assert_true(tx_taxonomy_knows(result.taxonomy, 3, "Morus"));
  assert_int_equal(tx_taxonomy_builder_report_count(result.builder), 1);
  assert_string_equal(tx_taxonomy_builder_report(result.builder, 0),
                      "genus 'Morus' is under family 'Sulidae' (t.csv:3) and family 'Moraceae' (t.csv:2): "
                      "kept as two taxa");
  drop(&result);
}

/* The children of a name under two parents are not reported again. */
static void test_homonyms_once(void **state)
{
  static const char *const rows[][RANKS] = {
      {"A", "X", "F", "G"}, {"B", "X", "F", "G"}, {"C", "X", "F", "G"},
      {"C", "X", "F", "H"}, {"B", "X", "F", "H"},
  };
  built result = build(rows, 5);
  (void)state;
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 1), 3);
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 3), 5);
  assert_int_equal(tx_taxonomy_builder_report_count(result.builder), 1);
  assert_string_equal(tx_taxonomy_builder_report(result.builder, 0),
                      "order 'X' is under class 'A' (t.csv:2), class 'B' (t.csv:3) and others: kept as 3 "
                      "taxa");
  drop(&result);
}

static void test_ambiguous(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Plantae", "Rosales", "Moraceae", "Morus"},
      {"Aves", "Suliformes", "Sulidae", "Morus"},
      {"", "", "", "Morus"},
      {"Aves", "Suliformes", "Sulidae", ""},
  };
  built result = build(rows, 4);
  (void)state;
  assert_int_equal(tx_taxonomy_class_count(result.taxonomy, 3), 2);
  assert_int_equal(label(&result, 2, 3), -1);
  assert_int_equal(tx_taxonomy_builder_report_count(result.builder), 2);
  assert_non_null(strstr(tx_taxonomy_builder_report(result.builder, 1), "genus 'Morus' (t.csv:4) may be any "
      "of several taxa"));
  assert_non_null(strstr(tx_taxonomy_builder_report(result.builder, 1), "1 lineage is left without a label "
      "at genus and below"));
  drop(&result);
}

/* An ambiguous family is settled by a genus below it that is known elsewhere. */
static void test_lower_rank_settles(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Plantae", "O1", "Same", "Ficus"},
      {"Aves", "O2", "Same", "Sula"},
      {"", "", "Same", "Ficus"},
      {"", "", "Same", "Unknownia"},
  };
  built result = build(rows, 4);
  (void)state;
  assert_lineage(&result, 2, 2, "Plantae/O1/Same");
  assert_int_equal(label(&result, 3, 2), -1);
  assert_int_equal(label(&result, 3, 3), -1); /* and what is below goes with it */
  assert_false(tx_taxonomy_knows(result.taxonomy, 3, "Unknownia"));
  drop(&result);
}

/* (C1, -) agrees with F1 and F2, which exclude each other; both stay taxa, and neither is taken to be in
   C1. */
static void test_ambiguous_teaches_nothing(void **state)
{
  static const char *const rows[][RANKS] = {
      {"C1", "", "", "G"},
      {"", "", "F1", "G"},
      {"", "", "F2", "G"},
  };
  built result = build(rows, 3);
  (void)state;
  assert_int_equal(label(&result, 0, 3), -1);
  assert_int_equal(label(&result, 0, 0), 0);
  assert_lineage(&result, 1, 3, "-/-/F1/G");
  assert_lineage(&result, 2, 3, "-/-/F2/G");
  drop(&result);
}

static char *text_of(const tx_taxonomy *taxonomy)
{
  tx_bytes bytes = {0};
  tx_error error;
  assert_int_equal(tx_taxonomy_write(taxonomy, &bytes, &error), TX_OK);
  return bytes.data;
}

/* Whatever the input, each kept label is the row's own name, and its ancestors are the row's other kept
   labels. */
static void assert_coherent(const built *result, size_t row, const char *const *names)
{
  for (size_t r = 0; r < RANKS; r++) {
    int32_t lineage[TX_RANKS_MAX];
    int32_t class_index = label(result, row, r);
    if (!*names[r]) assert_int_equal(class_index, -1);
    if (class_index < 0) continue;
    assert_string_equal(tx_taxonomy_class_name(result->taxonomy, r, class_index), names[r]);
    tx_taxonomy_lineage(result->taxonomy, r, class_index, lineage);
    for (size_t q = 0; q < r; q++)
      if (label(result, row, q) >= 0) assert_int_equal(lineage[q], label(result, row, q));
  }
}

/* A random forest with gaps and homonyms gives the same tree, and the same labels of each row, in any
   order. */
static void test_order_does_not_matter(void **state)
{
  (void)state;
  for (uint64_t trial = 0; trial < 300; trial++) {
    const char *rows[ROWS_MAX][RANKS];
    const char *shuffled[ROWS_MAX][RANKS];
    char names[ROWS_MAX][RANKS][16];
    uint32_t order[ROWS_MAX];
    built one;
    built two;
    char *text_one;
    char *text_two;
    tx_random random;
    size_t count = 3 + trial % 40;
    tx_random_seed(&random, 17, trial, 0, 0);
    for (size_t i = 0; i < count; i++) {
      order[i] = (uint32_t)i;
      for (size_t r = 0; r < RANKS; r++) {
        snprintf(names[i][r], sizeof names[i][r], "%c%d", "cofg"[r], (int)tx_random_below(&random, 3));
        rows[i][r] = tx_random_below(&random, 3) ? names[i][r] : "";
      }
    }
    tx_random_shuffle(&random, order, count);
    for (size_t i = 0; i < count; i++) memcpy(shuffled[i], rows[order[i]], sizeof shuffled[i]);
    one = build((const char *const(*)[RANKS])rows, count);
    two = build((const char *const(*)[RANKS])shuffled, count);
    text_one = text_of(one.taxonomy);
    text_two = text_of(two.taxonomy);
    assert_string_equal(text_one, text_two);
    for (size_t i = 0; i < count; i++) {
      for (size_t r = 0; r < RANKS; r++) assert_int_equal(label(&two, i, r), label(&one, order[i], r));
      assert_coherent(&two, i, shuffled[i]);
    }
    free(text_one);
    free(text_two);
    drop(&one);
    drop(&two);
  }
}

static void test_match(void **state)
{
  static const char *const rows[][RANKS] = {
      {"Plantae", "Rosales", "Moraceae", "Morus"},
      {"Aves", "Suliformes", "Sulidae", "Morus"},
      {"Aves", "Suliformes", "Sulidae", "Sula"},
  };
  static const char *const bird[] = {"Aves", NULL, NULL, "Morus"};
  static const char *const any[] = {NULL, NULL, NULL, "Morus"};
  static const char *const strange[] = {"Aves", "Suliformes", "Fregatidae", "Fregata"};
  int32_t labels[RANKS];
  char text[256];
  built result = build(rows, 3);
  (void)state;
  tx_taxonomy_match(result.taxonomy, bird, labels);
  lineage_text(result.taxonomy, 3, labels[3], text);
  assert_string_equal(text, "Aves/Suliformes/Sulidae/Morus");
  assert_int_equal(labels[1], -1);
  assert_int_equal(labels[0], 0);
  tx_taxonomy_match(result.taxonomy, any, labels);
  assert_int_equal(labels[3], -1);
  tx_taxonomy_match(result.taxonomy, strange, labels);
  assert_int_equal(labels[0], 0);
  assert_true(labels[1] >= 0);
  assert_int_equal(labels[2], -1);
  assert_int_equal(labels[3], -1);
  drop(&result);
}

/* A validation label is found under its own parent, and is unknown when the name alone fits or several do. */
static void test_match_of_all_kinds(void **state)
{
  static const char *const ranks[] = {"family", "genus", "species"};
  static const char *const lineages[][3] = {{"F1", "G", "S"}, {"F2", "G", "S"}, {"F2", "H", "T"}};
  static const struct {
    const char *taxa[3];
    int known[3]; /* 0 no label, -1 unknown, else 1 + index of the lineage it belongs to */
  } cases[] = {{{"F1", "G", "S"}, {1, 1, 1}},   {{"F2", "G", "S"}, {2, 2, 2}},
               {{NULL, "G", NULL}, {0, -1, 0}}, {{NULL, NULL, "T"}, {0, 0, 3}},
               {{"F1", "H", "T"}, {1, -1, -1}}, {{"F3", "G", "S"}, {-1, -1, -1}},
               {{"F2", NULL, "S"}, {2, 0, 2}},  {{"F2", "H", "X"}, {3, 3, -1}}};
  tx_taxonomy_builder *builder = NULL;
  tx_taxonomy *taxonomy = NULL;
  int32_t *labels = NULL, number, classes[3];
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_create(ranks, 3, &builder, &error), TX_OK);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(tx_taxonomy_builder_add(builder, lineages[i], "f", i + 1, &number, &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error), TX_OK);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tx_taxonomy_match(taxonomy, cases[i].taxa, classes);
    for (size_t r = 0; r < 3; r++) {
      const int known = cases[i].known[r];
      const int32_t expected = known <= 0 ? -1 : labels[(size_t)(known - 1) * 3 + r];
      if (classes[r] != expected)
        fail_msg("case %zu rank %zu: %d, expected %d", i, r, (int)classes[r], (int)expected);
    }
  }
  tx_taxonomy_free(taxonomy);
  free(labels);
  tx_taxonomy_builder_free(builder);
}

static void test_refusals(void **state)
{
  static const char *const twice[] = {"genus", "genus"};
  static const char *const empty[] = {""};
  static const char *const rows[] = {"A", "B\tC", "", ""};
  static const char *const other_rows[] = {"A", "B\302\2332J", "", ""};
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy;
  int32_t *labels;
  int32_t lineage;
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_create(twice, 2, &builder, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_taxonomy_builder_create(empty, 1, &builder, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_taxonomy_builder_create(ranks4, 0, &builder, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_taxonomy_builder_create(ranks4, 17, &builder, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_taxonomy_builder_create(ranks4, RANKS, &builder, &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_add(builder, rows, "x.tsv", 7, &lineage, &error), TX_ERROR_DATA);
  assert_int_equal(error.line, 7);
  /* U+009B begins a command to a terminal */
  assert_int_equal(tx_taxonomy_builder_add(builder, other_rows, "x.tsv", 8, &lineage, &error), TX_ERROR_DATA);
  assert_int_equal(error.line, 8);
  /* nothing at all is a taxonomy too */
  assert_int_equal(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error), TX_OK);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 0), 0);
  tx_taxonomy_free(taxonomy);
  free(labels);
  tx_taxonomy_builder_free(builder);
  tx_taxonomy_builder_free(NULL);
  tx_taxonomy_free(NULL);
}

static void test_reports_are_capped(void **state)
{
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy;
  int32_t *labels;
  int32_t lineage;
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_create(ranks4, RANKS, &builder, &error), TX_OK);
  for (int i = 0; i < 2400; i++) {
    char name[32];
    const char *taxa[RANKS] = {i % 2 ? "A" : "B", NULL, NULL, name};
    snprintf(name, sizeof name, "G%d", i / 2);
    assert_int_equal(tx_taxonomy_builder_add(builder, taxa, "t.csv", 1, &lineage, &error), TX_OK);
  }
  assert_int_equal(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_report_count(builder), 1001);
  assert_string_equal(tx_taxonomy_builder_report(builder, 1000), "and 200 more reports of this kind");
  tx_taxonomy_free(taxonomy);
  free(labels);
  tx_taxonomy_builder_free(builder);
}

/* Lineages and ranks that a part leaves out have no effect: labels, names and reports are those of a builder
   that has never seen them. */
static void test_part(void **state)
{
  static const char *const rows[][RANKS] = {{"I", "Z", "left out", "Apis"}, {"I", "D", "", "Apis"},
                                            {"J", "O", "", "Bombus"},       {"", "O", "", "Apis"},
                                            {"I", "H", "Apidae", "Bombus"}, {"I", "", "Apidae", "Bombus"}};
  static const uint32_t lineages[] = {1, 2, 3, 5};
  static const size_t ranks[] = {0, 1, 3};
  const tx_taxonomy_part part = {ranks, 3, lineages, 4};
  const char *const names[] = {ranks4[0], ranks4[1], ranks4[3]};
  built all = build(rows, 6);
  tx_taxonomy_builder *alone;
  tx_taxonomy *got, *want;
  int32_t *got_labels, *want_labels, lineage;
  tx_bytes got_text = {0}, want_text = {0};
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_create(names, 3, &alone, &error), TX_OK);
  for (size_t i = 0; i < 4; i++) {
    const char *const *row = rows[lineages[i]];
    const char *const taxa[] = {row[0], row[1], row[3]};
    assert_int_equal(tx_taxonomy_builder_add(alone, taxa, "t.csv", lineages[i] + 2, &lineage, &error), TX_OK);
  }
  assert_int_equal(tx_taxonomy_builder_finish(alone, &want, &want_labels, &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_finish_part(all.builder, &part, &got, &got_labels, &error), TX_OK);
  assert_int_equal(tx_taxonomy_write(want, &want_text, &error), TX_OK);
  assert_int_equal(tx_taxonomy_write(got, &got_text, &error), TX_OK);
  assert_string_equal(got_text.data, want_text.data);
  assert_memory_equal(got_labels, want_labels, 4 * 3 * sizeof *want_labels);
  assert_true(tx_taxonomy_builder_report_count(alone) > 0);
  assert_int_equal(tx_taxonomy_builder_report_count(all.builder), tx_taxonomy_builder_report_count(alone));
  for (size_t i = 0; i < tx_taxonomy_builder_report_count(alone); i++)
    assert_string_equal(tx_taxonomy_builder_report(all.builder, i), tx_taxonomy_builder_report(alone, i));
  tx_bytes_free(&got_text), tx_bytes_free(&want_text);
  tx_taxonomy_free(got), tx_taxonomy_free(want);
  free(got_labels), free(want_labels);
  tx_taxonomy_builder_free(alone);
  drop(&all);
}

/* 2.5 million records of 15,000 species in up to 15 states of completeness each; one genus name in a hundred
   is a homonym. */
static void test_many_records(void **state)
{
  static const char *const ranks[] = {"phylum", "class", "order", "family", "subfamily", "genus", "species"};
  const uint32_t species_count = 15000;
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy;
  int32_t *labels;
  int32_t lineage;
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_create(ranks, 7, &builder, &error), TX_OK);
  for (uint32_t i = 0; i < 2500000; i++) {
    char text[7][24];
    const char *taxa[7];
    uint32_t species = (uint32_t)((i * UINT64_C(7919)) % species_count);
    uint32_t genus = species % 3000;
    uint32_t round = i / species_count;
    snprintf(text[0], 24, "Phylum%u", species % 3);
    snprintf(text[1], 24, "Class%u", species % 30);
    snprintf(text[2], 24, "Order%u", species % 300);
    snprintf(text[3], 24, "Family%u", species % 600);
    snprintf(text[5], 24, "Genus%u", genus < 60 ? genus % 30 : genus);
    snprintf(text[6], 24, "Species%u", species);
    for (size_t r = 0; r < 7; r++) taxa[r] = r == 4 ? NULL : text[r];
    if (round % 5 == 0) taxa[3] = NULL;
    if (round % 3 == 0) taxa[4] = text[3]; /* a name may serve at two ranks */
    assert_int_equal(tx_taxonomy_builder_add(builder, taxa, "t.csv", i, &lineage, &error), TX_OK);
  }
  assert_int_equal(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error), TX_OK);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 3), 600);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 4), 600);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 5), 3000);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 6), species_count);
  assert_int_equal(tx_taxonomy_builder_report_count(builder), 30);
  tx_taxonomy_free(taxonomy);
  free(labels);
  tx_taxonomy_builder_free(builder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plain_tree),
      cmocka_unit_test(test_gap_is_one_genus),
      cmocka_unit_test(test_gaps_complete_each_other),
      cmocka_unit_test(test_homonyms),
      cmocka_unit_test(test_homonyms_once),
      cmocka_unit_test(test_ambiguous),
      cmocka_unit_test(test_lower_rank_settles),
      cmocka_unit_test(test_ambiguous_teaches_nothing),
      cmocka_unit_test(test_order_does_not_matter),
      cmocka_unit_test(test_match),
      cmocka_unit_test(test_match_of_all_kinds),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_reports_are_capped),
      cmocka_unit_test(test_part),
      cmocka_unit_test(test_many_records),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
