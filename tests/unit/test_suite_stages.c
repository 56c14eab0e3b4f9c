/* The parts of the suite that have values known by hand: votes, ROC, bands, profiles of 6-mers, names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <taxamba/neighbours.h>

#include "base/json.h"
#include "base/random.h"
#include "suite/profiles.h"
#include "suite/suite.h"
#include "unit/scratch.h"

static void test_several(void **state)
{
  /* cosines with (1, 0): 1, 0.8, 0.8, 0, -1, none */
  const float references[] = {0, 1, 4, 3, 5, 0, 8, -6, -1, 0, 0, 0}, query[] = {2, 0};
  const int64_t expected[] = {2, 1, 3, 0, 4, -1};
  int64_t index[6];
  float cosines[6];
  tx_error error;
  (void)state;
  assert_int_equal(tx_nearest_several(&(tx_nearest_rows){query, 1, references, 6, 2}, 6,
                                      &(tx_nearest_run){.threads = 2}, index, cosines, &error),
                   TX_OK);
  for (size_t i = 0; i < 6; i++) assert_int_equal(index[i], expected[i]);
  assert_true(fabs((double)cosines[1] - 0.8) < 1e-6 && cosines[1] == cosines[2] && cosines[5] == 0);
  for (size_t k = 1; k < 6; k++) {
    int64_t fewer[6];
    assert_int_equal(tx_nearest_several(&(tx_nearest_rows){query, 1, references, 6, 2}, k,
                                        &(tx_nearest_run){.threads = 1}, fewer, NULL, &error),
                     TX_OK);
    assert_memory_equal(fewer, index, k * sizeof *index);
  }
}

static void stop_search(void *context, size_t queries)
{
  int *stop = context;
  assert_true(queries > 0 && queries < 5000);
  *stop = 1;
}

/* A search of many queries can be stopped before its end. */
static void test_stopped_search(void **state)
{
  enum { COUNT = 5000 };
  const float reference[] = {1, 0};
  float *queries = malloc(2 * COUNT * sizeof *queries);
  int64_t *index = malloc(COUNT * sizeof *index);
  int stop = 0;
  tx_error error;
  (void)state;
  for (size_t i = 0; i < 2 * COUNT; i++) queries[i] = 1;
  assert_int_equal(
      tx_nearest_several(&(tx_nearest_rows){queries, COUNT, reference, 1, 2}, 1,
                         &(tx_nearest_run){.threads = 2, .stop = &stop, .progress = stop_search,
                                           .context = &stop},
                         index, NULL, &error),
      TX_STOPPED);
  free(queries);
  free(index);
}

static void test_vote(void **state)
{
  const int32_t labels[] = {7, 8, 8, 7, 9};
  const int64_t all[] = {4, 0, 1, 2, 3};
  const float cosines[] = {0.9F, 0.8F, 0.7F, 0.7F, 0.5F};
  const float equal[] = {0.9F, 0.75F, 0.75F, 0.5F, 0.5F};
  const int64_t few[] = {3, 1, -1, -1, -1}, none[] = {-1};
  (void)state;
  assert_int_equal(tx_vote(all, cosines, 1, labels), 9);
  assert_int_equal(tx_vote(all, cosines, 3, labels), 9); /* three labels: the nearest */
  assert_int_equal(tx_vote(all, cosines, 4, labels), 8); /* most votes */
  assert_int_equal(tx_vote(all, cosines, 5, labels), 8); /* 1.4 against 1.3 */
  assert_int_equal(tx_vote(all, equal, 5, labels), 7);   /* 1.25 each: the nearer */
  assert_int_equal(tx_vote(few, cosines, 5, labels), 7);
  assert_int_equal(tx_vote(none, cosines, 1, labels), -1);
}

static void test_roc(void **state)
{
  const double known[] = {0.1, 0.2, 0.5}, unseen[] = {0.5, 0.9};
  double many_known[500], many_unseen[700];
  tx_roc roc;
  tx_error error;
  (void)state;
  /* 6 pairs: 5 in order, 1 tie */
  assert_int_equal(tx_roc_measure(known, 3, unseen, 2, &roc, &error), TX_OK);
  assert_true(fabs(roc.auroc - 5.5 / 6) < 1e-12);
  assert_int_equal(roc.points, 5);
  assert_true(roc.curve[0][0] == 0 && roc.curve[0][1] == 0);
  assert_true(roc.curve[1][0] == 0 && roc.curve[1][1] == 0.5);
  assert_true(fabs(roc.curve[2][0] - 1.0 / 3) < 1e-12 && roc.curve[2][1] == 1);
  assert_true(roc.curve[4][0] == 1 && roc.curve[4][1] == 1);
  assert_int_equal(tx_roc_measure(known, 3, unseen, 0, &roc, &error), TX_OK);
  assert_true(roc.auroc == 0.5 && roc.points == 0);
  for (size_t i = 0; i < 500; i++) many_known[i] = (double)(i * 7919 % 1000);
  for (size_t i = 0; i < 700; i++) many_unseen[i] = (double)(i * 104729 % 1200);
  assert_int_equal(tx_roc_measure(many_known, 500, many_unseen, 700, &roc, &error), TX_OK);
  assert_true(roc.points > 90 && roc.points <= TX_CURVE_POINTS);
  assert_true(roc.curve[roc.points - 1][0] == 1 && roc.curve[roc.points - 1][1] == 1);
  for (size_t p = 1; p < roc.points; p++)
    assert_true(roc.curve[p][0] >= roc.curve[p - 1][0] && roc.curve[p][1] >= roc.curve[p - 1][1]);
}

static void test_bands(void **state)
{
  const double identities[] = {1, 0.9999, 0.99, 0.9899, 0.97, 0.96, 0.95, 0.9, 0.89, 0};
  const char *const bands[] = {"100", "99-100", "99-100", "97-99", "97-99", "95-97", "95-97", "90-95",
                               "<90", "<90"};
  (void)state;
  for (size_t i = 0; i < sizeof identities / sizeof *identities; i++)
    assert_string_equal(tx_suite_band_name(tx_suite_band(identities[i])), bands[i]);
}

static const char *const profile_references[] = {"CCCCCCCC", "aaaaaac", "AAAAAAAC", "AAAANAAAAC", "AAAAAAAC"};
enum { MANY = 5000 }; /* more than are searched at a time */

static const char *profile_reference(void *context, size_t number, size_t *ret_count)
{
  static const char far[] = "ACGTACGT";
  size_t *asked = context;
  assert_int_equal(*asked, number);
  ++*asked;
  *ret_count = number < MANY ? strlen(far) : strlen(profile_references[number - MANY]);
  return number < MANY ? far : profile_references[number - MANY];
}

/* Counts by hand: the query has AAAAAA twice and AAAAAC once. */
static void test_profiles(void **state)
{
  static uint32_t sets[MANY + 5];
  static const uint32_t last[] = {3, 3, 1, 3, 3}; /* the second set lacks one, the third has the far ones */
  const int64_t expected[] = {MANY + 2, MANY + 4, 1, -1, -1, -1, MANY + 1, MANY + 1, 1};
  tx_profiles *queries = NULL;
  int64_t index[9];
  tx_error error;
  (void)state;
  assert_int_equal(tx_profiles_create(&queries, &error), TX_OK);
  assert_int_equal(tx_profiles_add(queries, "AAAAAAACGTACGT", 14, &error), TX_OK);
  assert_int_equal(tx_profiles_add(queries, "ACGTN", 5, &error), TX_OK);
  assert_int_equal(tx_profiles_add(queries, "UUAAAAAAC", 9, &error), TX_OK);
  assert_int_equal(tx_profiles_count(queries), 3);
  for (size_t i = 0; i < MANY; i++) sets[i] = i ? 4 : 0;
  memcpy(sets + MANY, last, sizeof last);
  for (size_t threads = 1; threads < 3; threads++) {
    size_t asked = 0;
    const tx_profile_search search = {.queries = queries,
                                      .reference_count = MANY + 5,
                                      .sets = 3,
                                      .sets_of = sets,
                                      .reference = profile_reference,
                                      .context = &asked,
                                      .threads = threads};
    assert_int_equal(tx_profiles_nearest(&search, index, &error), TX_OK);
    for (size_t i = 0; i < 9; i++) assert_int_equal(index[i], expected[i]);
  }
  tx_profiles_free(queries);
}

/* Sequences as they come: some with a 6-mer that stands more often than 256 times, some equal, some without a
   6-mer. */
enum { QUERIES = 150, REFERENCES = 2500 };

typedef struct sequences {
  char letters[1200];
  size_t count;
} sequences;

static sequences sequence_of(size_t number)
{
  sequences own = {.count = 300 + number * 7 % 300};
  tx_random random;
  tx_random_seed(&random, number % 900, 0, 0, 0);
  for (size_t i = 0; i < own.count; i++)
    own.letters[i] = "ACGTN"[tx_random_below(&random, number % 5 ? 4 : 5)];
  if (number % 10 == 3)
    for (; own.count < 600 + number % 3 * 300; own.count++) own.letters[own.count] = 'A';
  if (number % 97 == 5) own.count = number % 8; /* some have no 6-mer */
  return own;
}

static const char *made_reference(void *context, size_t number, size_t *ret_count)
{
  sequences *own = context;
  *own = sequence_of(number);
  *ret_count = own->count;
  return own->letters;
}

/* Counts of all 6-mers, and the sum of their squares. */
static double count_kmers(const sequences *own, uint32_t counts[TX_PROFILE_KMERS])
{
  double squares = 0;
  memset(counts, 0, TX_PROFILE_KMERS * sizeof *counts);
  for (size_t i = 0; i + 6 <= own->count; i++) {
    uint32_t kmer = 0;
    bool known = true;
    for (size_t j = 0; j < 6; j++) {
      const char *letter = strchr("ACGT", own->letters[i + j]);
      known = known && letter;
      kmer = kmer << 2 | (known ? (uint32_t)(letter - "ACGT") : 0);
    }
    if (known) counts[kmer]++;
  }
  for (size_t k = 0; k < TX_PROFILE_KMERS; k++) squares += (double)counts[k] * counts[k];
  return squares;
}

static void test_made_profiles(void **state)
{
  static uint32_t counts[QUERIES][TX_PROFILE_KMERS], sets[REFERENCES], other[TX_PROFILE_KMERS];
  static double cosines[QUERIES];
  int64_t index[QUERIES], expected[QUERIES];
  tx_profiles *queries = NULL;
  sequences own;
  tx_error error;
  const tx_profile_search search = {.reference_count = REFERENCES,
                                    .sets = 1,
                                    .sets_of = sets,
                                    .reference = made_reference,
                                    .context = &own,
                                    .threads = 2};
  tx_profile_search how = search;
  (void)state;
  assert_int_equal(tx_profiles_create(&queries, &error), TX_OK);
  for (size_t q = 0; q < QUERIES; q++) {
    const sequences query = sequence_of(q * 13 + 1);
    assert_int_equal(tx_profiles_add(queries, query.letters, query.count, &error), TX_OK);
    expected[q] = count_kmers(&query, counts[q]) > 0 ? -1 : -2;
    cosines[q] = -1;
  }
  for (size_t r = 0; r < REFERENCES; r++) {
    const sequences reference = sequence_of(r);
    const double squares = count_kmers(&reference, other), length = squares > 0 ? 1 / sqrt(squares) : 0;
    sets[r] = r % 7 != 0;
    for (size_t q = 0; q < QUERIES && sets[r] && squares > 0; q++) {
      double sum = 0;
      if (expected[q] == -2) continue;
      for (size_t k = 0; k < TX_PROFILE_KMERS; k++) sum += (double)counts[q][k] * other[k];
      if (sum * length > cosines[q]) {
        cosines[q] = sum * length;
        expected[q] = (int64_t)r;
      }
    }
  }
  how.queries = queries;
  assert_int_equal(tx_profiles_nearest(&how, index, &error), TX_OK);
  for (size_t q = 0; q < QUERIES; q++) assert_int_equal(index[q], expected[q] < 0 ? -1 : expected[q]);
  tx_profiles_free(queries);
}

static void test_stages(void **state)
{
  bool wanted[TX_STAGES];
  tx_error error;
  (void)state;
  assert_int_equal(tx_suite_stages("knn,leaks", wanted, &error), TX_OK);
  for (int s = 0; s < TX_STAGES; s++)
    assert_int_equal(wanted[s], s == TX_STAGE_KNN || s == TX_STAGE_LEAKS);
  for (int s = 0; s < TX_STAGES; s++) {
    assert_int_equal(tx_suite_stages(tx_suite_stage_name((tx_suite_stage)s), wanted, &error), TX_OK);
    assert_true(wanted[s]);
  }
  assert_int_equal(tx_suite_stages("knn,", wanted, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_suite_stages("knns", wanted, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "'knns' is no stage"));
}

/* A table of made sequences: two species in train, a copy of one record in test, and a species that train
   lacks, which is nearer to the second. */
static void write_table(const char *path)
{
  static const char *const letters = "ACGTTGCAAGCTTAGGCATCGATTACGGATCCTTGACAGTCAGGATTCAACGT";
  char a[200], b[200], c[200];
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  for (size_t i = 0; i < 150; i++) {
    a[i] = letters[(i * i + i / 7) % 52];
    b[i] = letters[(i * 3 + i / 11) % 52];
  }
  a[150] = b[150] = '\0';
  strcpy(c, b);
  c[70] = c[70] == 'A' ? 'C' : 'A';
  fprintf(file, "processid,genus,species,dna_barcode,split\n");
  fprintf(file, "t1,Aa,Aa one,%s,train\nt2,Bb,Bb two,%s,train\nt3,Bb,Bb two,%s,train\n", a, b, b + 3);
  fprintf(file, "q1,Aa,Aa_one,%s,test\nq2,Bb,Bb two,%.140s,test\n", a, c);
  fprintf(file, "u1,Bb,\"Bb \"\"three\"\"\",%s,test_unseen\n", c);
  fclose(file);
}

static const tx_json *stage_of(const tx_json *document, const char *method, const char *split)
{
  const tx_json *stage = tx_json_first(tx_json_get(document, "stages"));
  for (; stage; stage = tx_json_next(stage)) {
    const tx_json *queries = tx_json_get(stage, "queries");
    if (strcmp(tx_json_string(tx_json_get(stage, "method")), method) == 0 &&
        (!queries || strcmp(tx_json_string(tx_json_first(queries)), split) == 0))
      return stage;
  }
  fail_msg("no %s of %s", method, split);
  return NULL;
}

/* Accuracy at a rank over all taxa. */
static double accuracy_of(const tx_json *scores, size_t rank)
{
  const tx_json *at = tx_json_first(tx_json_get(scores, "ranks"));
  for (; rank; rank--) at = tx_json_next(at);
  return tx_json_number(tx_json_get(tx_json_get(at, "all"), "accuracy"));
}

static void check_report(const char *text)
{
  tx_json *document = NULL;
  const tx_json *stage, *leaks;
  tx_error error;
  assert_int_equal(tx_json_parse(text, strlen(text), "the report", &document, &error), TX_OK);
  stage = stage_of(document, "6-mer 1-nearest neighbour", "test");
  assert_true(accuracy_of(tx_json_get(stage, "scores"), 0) == 1);
  assert_true(accuracy_of(tx_json_get(stage, "scores"), 1) == 1);
  assert_true(tx_json_number(tx_json_get(tx_json_get(stage, "scores"), "records")) == 2);
  assert_true(tx_json_number(tx_json_get(tx_json_get(stage, "without_leaks"), "records")) == 1);
  stage = stage_of(document, "6-mer 1-nearest neighbour", "test_unseen");
  assert_true(accuracy_of(tx_json_get(stage, "scores"), 0) == 1);
  assert_true(accuracy_of(tx_json_get(stage, "scores"), 1) == 0);
  stage = stage_of(document, "majority", "test");
  assert_true(accuracy_of(tx_json_get(stage, "scores"), 0) == 0.5);
  stage = stage_of(document, "identity", "test");
  /* identities 1 and 139/140 against 149/150: one pair of two is in order */
  assert_true(tx_json_number(tx_json_get(tx_json_get(stage, "scores"), "auroc")) == 0.5);
  leaks = tx_json_first(tx_json_get(tx_json_get(document, "leaks"), "rows"));
  assert_true(tx_json_number(tx_json_get(leaks, "exact")) == 1);
  assert_true(tx_json_number(tx_json_get(leaks, "leaked")) == 1);
  tx_json_free(document);
}

static void test_whole(void **state)
{
  scratch place;
  const char *const paths[] = {place.path};
  const tx_suite_input input = {.paths = paths, .count = 1};
  const tx_suite_options options = {.neighbours = 1, .threads = 2, .seed = 1};
  tx_suite *suite = NULL;
  char *text = NULL;
  tx_error error;
  (void)state;
  scratch_create(&place);
  write_table(place.path);
  assert_int_equal(tx_suite_open(&input, &suite, &error), TX_OK);
  assert_int_equal(tx_suite_records(suite, TX_SUITE_TRAIN), 3);
  assert_int_equal(tx_suite_rank_count(suite), 2);
  assert_non_null(tx_suite_obstacle(suite, TX_STAGE_HEADS, false, false));
  assert_non_null(tx_suite_obstacle(suite, TX_STAGE_KNN, false, false));
  assert_null(tx_suite_obstacle(suite, TX_STAGE_LEAKS, false, false));
  assert_int_equal(tx_suite_run(suite, TX_STAGE_KNN, &options, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_suite_run(suite, TX_STAGE_HEADS, &options, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_suite_run(suite, TX_STAGE_NOVELTY, &options, &error), TX_OK);
  assert_int_equal(tx_suite_run(suite, TX_STAGE_BASELINES, &options, &error), TX_OK);
  assert_int_equal(tx_suite_run(suite, TX_STAGE_LEAKS, &options, &error), TX_OK);
  assert_int_equal(tx_suite_run(suite, TX_STAGE_LEAKS, &options, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_suite_report(suite, "a \"model\"", &options, true, &text, &error), TX_OK);
  check_report(text);
  free(text);
  assert_int_equal(tx_suite_report(suite, "model", &options, false, &text, &error), TX_OK);
  assert_non_null(strstr(text, "leaks: records"));
  free(text);
  tx_suite_free(suite);
  scratch_remove(&place);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_several), cmocka_unit_test(test_stopped_search),
                                     cmocka_unit_test(test_vote),     cmocka_unit_test(test_roc),
                                     cmocka_unit_test(test_bands),
                                     cmocka_unit_test(test_profiles), cmocka_unit_test(test_made_profiles),
                                     cmocka_unit_test(test_stages),
                                     cmocka_unit_test(test_whole)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
