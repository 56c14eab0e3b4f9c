/* Scores against numbers worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <taxamba/evaluate.h>

static void assert_near(double got, double expected)
{
  assert_true(fabs(got - expected) <= 1e-12);
}

static void add(tx_evaluation *evaluation, const char *genus, const char *species, const char *called_genus,
                const char *called_species)
{
  const char *truth[2] = {genus, species}, *predicted[2] = {called_genus, called_species};
  tx_error error;
  assert_int_equal(tx_evaluation_add(evaluation, truth, predicted, NULL, &error), TX_OK);
}

static tx_evaluation *create(void)
{
  const char *ranks[2] = {"genus", "species"};
  tx_evaluation *evaluation = NULL;
  tx_error error;
  assert_int_equal(tx_evaluation_create(ranks, 2, &evaluation, &error), TX_OK);
  return evaluation;
}

/* Species A: 3 queries (2 right, 1 called B); B: 1 query (right); C (unknown): 2 queries (one called A, one
   without a call). One query has a genus only, and one no label at all. */
static tx_evaluation *example(bool known)
{
  tx_evaluation *evaluation = create();
  tx_error error;
  if (known) {
    assert_int_equal(tx_evaluation_know(evaluation, 0, "G", &error), TX_OK);
    assert_int_equal(tx_evaluation_know(evaluation, 1, "A", &error), TX_OK);
    assert_int_equal(tx_evaluation_know(evaluation, 1, "B", &error), TX_OK);
    assert_int_equal(tx_evaluation_know(evaluation, 1, "B", &error), TX_OK);
  }
  add(evaluation, "G", "A", "G", "A");
  add(evaluation, "G", "A", "G", "A");
  add(evaluation, "G", "A", "G", "B");
  add(evaluation, "G", "B", "G", "B");
  add(evaluation, "H", "C", "G", "A");
  add(evaluation, "H", "C", "G", NULL);
  add(evaluation, "G", NULL, "G", "A");
  add(evaluation, NULL, NULL, "G", "A");
  return evaluation;
}

static void test_all_queries(void **state)
{
  tx_evaluation *evaluation = example(true);
  tx_rank_scores scores[2];
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_scores(evaluation, scores, &error), TX_OK);
  assert_int_equal(scores[1].all.queries, 6);
  assert_int_equal(scores[1].all.called, 5);
  assert_int_equal(scores[1].all.correct, 3);
  assert_int_equal(scores[1].all.classes, 3);
  assert_near(scores[1].all.accuracy, 3.0 / 6);
  assert_near(scores[1].all.coverage, 5.0 / 6);
  assert_near(scores[1].all.macro_accuracy, (2.0 / 3 + 1 + 0) / 3);
  /* F1 of A: precision 2/3, recall 2/3; of B: precision 1/2, recall 1; of C: 0 */
  assert_near(scores[1].all.macro_f1, (2.0 / 3 + 2.0 / 3 + 0) / 3);
  assert_int_equal(scores[0].all.queries, 7);
  assert_int_equal(scores[0].all.correct, 5);
  tx_evaluation_free(evaluation);
}

static void test_known_queries(void **state)
{
  tx_evaluation *evaluation = example(true);
  tx_rank_scores scores[2];
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_scores(evaluation, scores, &error), TX_OK);
  assert_int_equal(scores[1].known.queries, 4);
  assert_int_equal(scores[1].known.called, 4);
  assert_int_equal(scores[1].known.classes, 2);
  assert_near(scores[1].known.accuracy, 3.0 / 4);
  assert_near(scores[1].known.macro_accuracy, (2.0 / 3 + 1) / 2);
  /* the call of C as A is no query of this set: precision of A is 1 */
  assert_near(scores[1].known.macro_f1, (4.0 / 5 + 2.0 / 3) / 2);
  assert_int_equal(scores[0].known.queries, 5);
  assert_near(scores[0].known.accuracy, 1);
  tx_evaluation_free(evaluation);
}

static void test_nothing_known_and_no_query(void **state)
{
  tx_evaluation *evaluation = create();
  tx_rank_scores scores[2];
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_scores(evaluation, scores, &error), TX_OK);
  assert_int_equal(scores[0].all.queries, 0);
  assert_near(scores[0].all.accuracy, 0);
  assert_near(scores[0].all.macro_f1, 0);
  assert_int_equal(scores[1].known.queries, 0);
  tx_evaluation_free(evaluation);
}

static void test_know_comes_first(void **state)
{
  tx_evaluation *evaluation = example(true);
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_know(evaluation, 1, "D", &error), TX_ERROR_USAGE);
  assert_int_equal(tx_evaluation_know(evaluation, 2, "D", &error), TX_ERROR_USAGE);
  tx_evaluation_free(evaluation);
}

static void test_create_refuses_no_rank(void **state)
{
  tx_evaluation *evaluation = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_create(NULL, 0, &evaluation, &error), TX_ERROR_USAGE);
  assert_null(evaluation);
}

/* Species calls with confidences: 1/15 and 0 in bin 0 (one right), 0.95 and 1.0 in bin 14 (one right), 0.5 in
   bin 7 (right); a query without a call, one without a label, and a call of an unknown taxon. */
static tx_evaluation *with_confidences(void)
{
  static const struct {
    const char *truth, *called;
    double confidence;
  } queries[] = {{"A", "A", 1.0 / 15}, {"A", "B", 0.0},  {"A", "A", 0.95}, {"B", "A", 1.0},
                 {"B", "B", 0.5},      {"A", NULL, 7.0}, {NULL, "A", 0.3}, {"C", "A", 0.4}};
  tx_evaluation *evaluation = create();
  tx_error error;
  assert_int_equal(tx_evaluation_know(evaluation, 1, "A", &error), TX_OK);
  assert_int_equal(tx_evaluation_know(evaluation, 1, "B", &error), TX_OK);
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
    const char *truth[2] = {NULL, queries[i].truth}, *called[2] = {NULL, queries[i].called};
    const double confidence[2] = {0, queries[i].confidence};
    assert_int_equal(tx_evaluation_add(evaluation, truth, called, confidence, &error), TX_OK);
  }
  return evaluation;
}

static void test_calibration(void **state)
{
  tx_evaluation *evaluation = with_confidences();
  tx_rank_calibration calibration[2];
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_calibration(evaluation, calibration, &error), TX_OK);
  assert_int_equal(calibration[1].known.calls, 5);
  assert_int_equal(calibration[1].known.bins[0].count, 2);
  assert_near(calibration[1].known.bins[0].confidence, 1.0 / 30);
  assert_near(calibration[1].known.bins[0].accuracy, 0.5);
  assert_int_equal(calibration[1].known.bins[1].count, 0);
  assert_int_equal(calibration[1].known.bins[7].count, 1);
  assert_near(calibration[1].known.bins[7].accuracy, 1);
  assert_int_equal(calibration[1].known.bins[14].count, 2);
  assert_near(calibration[1].known.bins[14].confidence, 0.975);
  /* |1 - 1/15| + |1 - 0.5| + |1 - 1.95|, over 5 calls */
  assert_near(calibration[1].known.ece, (14.0 / 15 + 0.5 + 0.95) / 5);
  assert_int_equal(calibration[1].all.calls, 6);
  assert_int_equal(calibration[1].all.bins[5].count, 1); /* 0.4 = 6/15 */
  assert_near(calibration[1].all.bins[5].accuracy, 0);
  assert_near(calibration[1].all.ece, (14.0 / 15 + 0.5 + 0.95 + 0.4) / 6);
  assert_int_equal(calibration[0].all.calls, 0);
  assert_near(calibration[0].all.ece, 0);
  tx_evaluation_free(evaluation);
}

static void test_calibration_in_reports(void **state)
{
  tx_evaluation *evaluation = with_confidences();
  char *text = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_report(evaluation, "heads", false, &text, &error), TX_OK);
  assert_string_equal(text, "heads: 8 records\n"
                            "rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  "
                            "macro-F1     ECE\n"
                            "genus    all           0        0         -         -               -         "
                            "-       -\n"
                            "genus    known         0        0         -         -               -         "
                            "-       -\n"
                            "species  all           7        3    0.8571    0.4286          0.3333    "
                            "0.3333  0.4639\n"
                            "species  known         6        2    0.8333    0.5000          0.5000    "
                            "0.5357  0.4767\n");
  free(text);
  assert_int_equal(tx_evaluation_report(evaluation, "heads", true, &text, &error), TX_OK);
  assert_non_null(strstr(text, "\"macro_f1\":null,\"ece\":null,\"reliability\":[{\"count\":0,\"confidence\":"
                               "null,\"accuracy\":null},{"));
  assert_non_null(strstr(text, "\"ece\":0.476667,\"reliability\":[{\"count\":2,\"confidence\":0.033333,"
                               "\"accuracy\":0.500000},{\"count\":0,"));
  assert_non_null(strstr(text, ",{\"count\":2,\"confidence\":0.975000,\"accuracy\":0.500000}]}"));
  free(text);
  tx_evaluation_free(evaluation);
}

/* A confidence beyond 0 to 1, or none at all, is refused before anything is counted; without a call or a
   label it is not read. */
static void test_bad_confidence(void **state)
{
  const char *const truth[2] = {"G", "A"};
  const double bad[] = {-0.1, 1.1, NAN, INFINITY};
  tx_evaluation *evaluation = create();
  tx_rank_scores scores[2];
  tx_error error;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const double confidence[2] = {0.5, bad[i]};
    assert_int_equal(tx_evaluation_add(evaluation, truth, truth, confidence, &error), TX_ERROR_USAGE);
    assert_non_null(strstr(error.message, "species"));
  }
  assert_int_equal(tx_evaluation_scores(evaluation, scores, &error), TX_OK);
  assert_int_equal(scores[0].all.queries, 0);
  tx_evaluation_free(evaluation);
}

static void test_table(void **state)
{
  tx_evaluation *evaluation = example(true);
  char *text = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_report(evaluation, "heads", false, &text, &error), TX_OK);
  assert_string_equal(text, "heads: 8 records\n"
                            "rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  "
                            "macro-F1\n"
                            "genus    all           7        2    1.0000    0.7143          0.5000    "
                            "0.4167\n"
                            "genus    known         5        1    1.0000    1.0000          1.0000    "
                            "1.0000\n"
                            "species  all           6        3    0.8333    0.5000          0.5556    "
                            "0.4444\n"
                            "species  known         4        2    1.0000    0.7500          0.8333    "
                            "0.7333\n");
  free(text);
  tx_evaluation_free(evaluation);
}

static void test_json(void **state)
{
  tx_evaluation *evaluation = example(false);
  char *text = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_evaluation_report(evaluation, "a \"title\"", true, &text, &error), TX_OK);
  assert_string_equal(text, "{\"title\":\"a \\\"title\\\"\",\"records\":8,\"ranks\":["
                            "{\"rank\":\"genus\",\"all\":{\"queries\":7,\"called\":7,\"correct\":5,"
                            "\"classes\":2,\"coverage\":1.000000,"
                            "\"accuracy\":0.714286,\"macro_accuracy\":0.500000,\"macro_f1\":0.416667}},"
                            "{\"rank\":\"species\",\"all\":{\"queries\":6,\"called\":5,\"correct\":3,"
                            "\"classes\":3,\"coverage\":0.833333,"
                            "\"accuracy\":0.500000,\"macro_accuracy\":0.555556,\"macro_f1\":0.444444}}]}\n");
  free(text);
  tx_evaluation_free(evaluation);

  evaluation = create();
  assert_int_equal(tx_evaluation_report(evaluation, "empty", true, &text, &error), TX_OK);
  assert_non_null(strstr(
      text, "\"queries\":0,\"called\":0,\"correct\":0,\"classes\":0,\"coverage\":null,\"accuracy\":null"));
  free(text);
  tx_evaluation_free(evaluation);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_queries),
      cmocka_unit_test(test_known_queries),
      cmocka_unit_test(test_nothing_known_and_no_query),
      cmocka_unit_test(test_know_comes_first),
      cmocka_unit_test(test_create_refuses_no_rank),
      cmocka_unit_test(test_calibration),
      cmocka_unit_test(test_calibration_in_reports),
      cmocka_unit_test(test_bad_confidence),
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_json),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
