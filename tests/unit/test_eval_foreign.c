/* Predictions of other classifiers: every format, told by its first line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "eval/predictions.h"

static tx_status read_text(const char *text, const tx_predictions_options *options,
                           const tx_predictions *lineages, tx_predictions **ret_predictions, tx_error *error)
{
  tx_input *input = NULL;
  assert_int_equal(tx_input_open_memory("p", text, strlen(text), &input, error), TX_OK);
  return tx_predictions_read_input(input, options, lineages, ret_predictions, error);
}

static tx_predictions *read_lineages(const char *text)
{
  tx_input *input = NULL;
  tx_predictions *lineages = NULL;
  tx_error error;
  assert_int_equal(tx_input_open_memory("l", text, strlen(text), &input, &error), TX_OK);
  if (tx_predictions_read_lineages_input(input, NULL, NULL, &lineages, &error) != TX_OK)
    fail_msg("%s", error.message);
  return lineages;
}

/* Writes predictions as "format|id rank=name(confidence) rank=name|id|..."; no confidence, no parentheses. */
static void write_rows(const tx_predictions *predictions, char *out, size_t size)
{
  size_t used = (size_t)snprintf(out, size, "%s", tx_predictions_format_name(predictions));
  for (size_t row = 0; row < tx_predictions_count(predictions); row++) {
    const char *called[TX_RANKS_MAX], *id = tx_predictions_id(predictions, row);
    double confidence[TX_RANKS_MAX];
    assert_true(tx_predictions_find(predictions, id, called, confidence));
    used += (size_t)snprintf(out + used, size - used, "|%s", id);
    for (size_t r = 0; r < tx_predictions_rank_count(predictions); r++) {
      if (!called[r]) continue;
      used += (size_t)snprintf(out + used, size - used, " %s=%s", tx_predictions_rank_name(predictions, r),
                               called[r]);
      if (confidence[r] != TX_NO_CONFIDENCE)
        used += (size_t)snprintf(out + used, size - used, "(%g)", confidence[r]);
    }
  }
}

static const char lineages_text[] = "id,order,genus,species\n"
                                    "r1,Hymenoptera,Apis,Apis mellifera\n"
                                    "r2,Hymenoptera,Apis,Apis cerana\n"
                                    "r3,Hymenoptera,Bombus,None\n";

#define HIT(query, subject, identity, bits)                                                                  \
  query "\t" subject "\t" identity "\t660\t4\t0\t1\t660\t1\t660\t0.0\t" bits "\n"

static const struct {
  const char *text, *expected;
  double min_confidence;
} readable[] = {
    /* vsearch --sintax: the whole header, an unclassified query, a name with parentheses */
    {"q1 of mine\td:A(1.00),g:Apis(0.98),s:Apis_mellifera(0.50)\t+\td:A,g:Apis\nq2\t\t\t\n",
     "sintax|q1 domain=A(1) genus=Apis(0.98) species=Apis_mellifera(0.5)|q2", 0},
    {"q2\t\t\nq1\tg:Apis(0.98),s:Apis_mellifera(0.50)\t-\n", "sintax|q2|q1 genus=Apis(0.98)", 0.9},
    {"q1\tg:A (b)(0.98),s:uncultured(0.50)\t+\n", "sintax|q1 genus=A (b)(0.98)", 0},
    /* QIIME 2: the confidence is that of the last name */
    {"Feature ID\tTaxon\tConfidence\nq1\tk__A; g__Apis; s__\t0.99\nq2\tUnassigned\t0.2\n",
     "QIIME 2 taxonomy|q1 kingdom=A genus=Apis(0.99)|q2", 0},
    {"Feature ID\tTaxon\tConsensus\n#q2:types\tcategorical\tcategorical\nq1\td__A; g__Apis\t0.5\n",
     "QIIME 2 taxonomy|q1", 0.9},
    {"Feature ID\tTaxon\nq1\tAnimalia;Apidae;Apis\nq2\tAnimalia\n",
     "QIIME 2 taxonomy|q1 kingdom=Animalia family=Apidae genus=Apis|q2 kingdom=Animalia", 0},
    /* hits: the largest bit score, then identity; of equal ones what they agree on */
    {HIT("q1", "r1", "99.0", "1000") HIT("q1", "r2", "99.9", "900"),
     "BLAST6|q1 order=Hymenoptera genus=Apis species=Apis mellifera", 0},
    {HIT("q1", "r1", "99.0", "0") HIT("q2", "r3", "99", "0") HIT("q1", "r2", "99.9", "0"),
     "BLAST6|q1 order=Hymenoptera genus=Apis species=Apis cerana|q2 order=Hymenoptera genus=Bombus", 0},
    {"# BLASTN 2.12.0+\n# Query: q1\n" HIT("q1", "r1", "99", "9") HIT("q1", "r2", "99", "9"),
     "BLAST6|q1 order=Hymenoptera genus=Apis", 0},
    {HIT("q1", "r1;size=3", "99", "9") HIT("q2", "*", "0.0", "0"),
     "BLAST6|q1 order=Hymenoptera genus=Apis species=Apis mellifera|q2", 0},
    /* kraken2 --use-names */
    {"C\tq1\tApis mellifera (taxid 7460)\t150|150\t7460:5 |:| 0:3\nU\tq2\tunclassified (taxid 0)\t150\t0:3\n"
     "C\tq3\troot (taxid 1)\t10\t\nC\tq4\tApis (taxid 7459)\t10\tA:1\n",
     "kraken|q1 order=Hymenoptera genus=Apis species=Apis mellifera|q2|q3|q4 order=Hymenoptera genus=Apis",
     0},
    {"{\"id\":\"q1\",\"lineage\":[{\"rank\":\"genus\",\"taxon\":\"Apis\",\"confidence\":0.9}]}\n"
     "{\"id\":\"q2\",\"lineage\":[{\"rank\":\"genus\",\"taxon\":\"Apis\"}]}\n",
     "JSON lines|q1 genus=Apis(0.9)|q2 genus=Apis", 0},
    {"id,genus,note,species\n\"q1\",Apis,\"a, b\",\"Apis mellifera\"\n",
     "table|q1 genus=Apis species=Apis mellifera", 0},
    {"id\tbin\tgenus\tgenus_confidence\nq1\tBOLD:1\tApis\t0.5\n", "table|q1 bin=BOLD:1 genus=Apis(0.5)", 0},
};

static void test_formats(void **state)
{
  tx_predictions *lineages = read_lineages(lineages_text);
  (void)state;
  for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
    const tx_predictions_options options = {.min_confidence = readable[i].min_confidence,
                                            .ranks = "kingdom,family,genus"};
    tx_predictions *predictions = NULL;
    char found[500];
    tx_error error;
    if (read_text(readable[i].text, &options, lineages, &predictions, &error) != TX_OK)
      fail_msg("text %zu: %s", i, error.message);
    write_rows(predictions, found, sizeof found);
    assert_string_equal(found, readable[i].expected);
    tx_predictions_free(predictions);
  }
  tx_predictions_free(lineages);
}

/* Without a file of lineages those in the names of the hits are read. */
static void test_lineages_of_hits(void **state)
{
  const tx_predictions_options options = {0};
  tx_predictions *predictions = NULL;
  char found[200];
  tx_error error;
  (void)state;
  assert_int_equal(read_text(HIT("q1", "r1;tax=k:A,g:Apis,s:Apis_cerana;", "99", "0")
                                 HIT("q1", "r2;tax=k:A,g:Apis,s:Apis_mellifera;", "99", "0"),
                             &options, NULL, &predictions, &error),
                   TX_OK);
  write_rows(predictions, found, sizeof found);
  assert_string_equal(found, "BLAST6|q1 kingdom=A genus=Apis");
  tx_predictions_free(predictions);
}

static const struct {
  const char *text, *message;
  tx_status status;
  double min_confidence;
} refused[] = {
    {"", "p: an empty file", TX_ERROR_DATA, 0},
    {"a\tb\nc\td\n", "p:1: no header with id, RANK", TX_ERROR_DATA, 0},
    {"q1\tg:Apis(1.50)\t+\n", "p:1: confidence '1.50' is no number from 0 to 1", TX_ERROR_DATA, 0},
    {"q1\tg:Apis(1.00)\t+\nq2\tg:Apis\t+\n", "p:2: no confidence in parentheses behind g:Apis", TX_ERROR_DATA,
     0},
    {"q1\tg:Apis(1.00)\t+\nq1\tg:Apis(1.00)\t+\n", "p:2: id 'q1' is there a second time", TX_ERROR_DATA, 0},
    {"Feature ID\tTaxon\nq1\tk__A\n", "p has no confidences that --min-confidence", TX_ERROR_USAGE, 0.5},
    {HIT("q1", "r1", "99", "9"), "p:1: the lineages of the hits are missing", TX_ERROR_DATA, 0},
    {"C\tq1\tApis (taxid 7460)\t150\t7460:5\n", "p:1: output of kraken: the lineages", TX_ERROR_DATA, 0},
    {"{\"id\":\"q1\"}\n", "p:1: no object with id and lineage", TX_ERROR_DATA, 0},
    {"{\"id\":\"q1\",\"lineage\":[{\"rank\":\"genus\",\"taxon\":\"A\",\"confidence\":2}]}\n",
     "p:1: a confidence that is not from 0 to 1", TX_ERROR_DATA, 0},
    {"{\"id\":\n", "p:1: a prediction:", TX_ERROR_DATA, 0},
};

static void test_refusals(void **state)
{
  tx_predictions *lineages = read_lineages(lineages_text), *predictions = NULL;
  const tx_predictions_options plain = {0};
  tx_error error;
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const tx_predictions_options options = {.min_confidence = refused[i].min_confidence};
    assert_int_equal(read_text(refused[i].text, &options, NULL, &predictions, &error), refused[i].status);
    assert_null(predictions);
    if (strncmp(error.message, refused[i].message, strlen(refused[i].message)) != 0)
      fail_msg("text %zu: '%s' does not begin with '%s'", i, error.message, refused[i].message);
  }
  assert_int_equal(read_text(HIT("q1", "r9", "99", "9"), &plain, lineages, &predictions, &error),
                   TX_ERROR_DATA);
  assert_string_equal(error.message, "p:1: --prediction-taxonomy has no lineage of the hit r9");
  assert_int_equal(read_text("C\tq1\t7460\t150\t0:1\n", &plain, lineages, &predictions, &error),
                   TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "run kraken2 with --use-names; the taxon is 7460"));
  assert_int_equal(read_text("C\tq1\tMus (taxid 3)\t150\t0:1\n", &plain, lineages, &predictions, &error),
                   TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "none of its names is in the lineages"));
  tx_predictions_free(lineages);
}

/* Lineages: a table without sequences, FASTA, a QIIME 2 taxonomy with and without its header. */
static void test_lineages(void **state)
{
  static const char *const texts[] = {"id,genus\nr1,Apis\n", ">r1 x;tax=g:Apis;\nACGT\n",
                                      "Feature ID\tTaxon\nr1\tg__Apis\n", "r1\tg__Apis\n"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    tx_predictions *lineages = read_lineages(texts[i]);
    const char *called[TX_RANKS_MAX];
    double confidence[TX_RANKS_MAX];
    assert_int_equal(tx_predictions_rank_count(lineages), 1);
    assert_true(tx_predictions_find(lineages, "r1", called, confidence));
    assert_string_equal(called[0], "Apis");
    assert_true(confidence[0] == TX_NO_CONFIDENCE);
    assert_false(tx_predictions_has_confidences(lineages));
    tx_predictions_free(lineages);
  }
}

/* Annotations count only where they tell ids apart. */
static void test_annotations(void **state)
{
  static const char text[] = "id\tgenus\nA;size=3\tApis\nB;size=1\tBombus\nB;size=2\tBombus\nC\tMus\n";
  const tx_predictions_options options = {0};
  const char *called[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  tx_predictions *predictions = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(read_text(text, &options, NULL, &predictions, &error), TX_OK);
  assert_true(tx_predictions_find(predictions, "A", called, confidence));
  assert_true(tx_predictions_find(predictions, "A;size=9", called, confidence));
  assert_string_equal(called[0], "Apis");
  assert_true(tx_predictions_find(predictions, "B;size=2", called, confidence));
  assert_false(tx_predictions_find(predictions, "B", called, confidence));
  assert_null(called[0]);
  assert_true(tx_predictions_find(predictions, "C;size=2", called, confidence));
  tx_predictions_free(predictions);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formats),     cmocka_unit_test(test_lineages_of_hits),
      cmocka_unit_test(test_refusals),    cmocka_unit_test(test_lineages),
      cmocka_unit_test(test_annotations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
