/* The details of an answer by references: complete, in order, the same for every way to ask, and as JSON. */
#include "tree_fixture.h"

#include "evidence/details.h"
#include "out/details.h"

#include <taxamba/output.h>
#include <taxamba/predict.h>

#include <math.h>

#include "infer/prediction.h"

typedef struct fixture {
  tree *tree;
  tx_reference_set *set;
} fixture;

static int set_up(void **state)
{
  static fixture f;
  f.tree = make_tree(5);
  f.set = fit_references(tree_references(f.tree, false), 2);
  *state = &f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tx_reference_set_free(f->set);
  free(f->tree);
  return 0;
}

/* Random barcodes of the tree, each twice, and one without any resemblance. */
enum { RECORDS = 41 };
typedef struct stream {
  const fixture *f;
  size_t next, seen;
  char bases[RECORDS][TREE_BASES + 1];
  size_t with_answer;
  tx_bytes text;
} stream;

static void fill(stream *s)
{
  tx_random random;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < RECORDS; i++) {
    memcpy(s->bases[i], i % 2 ? s->bases[i - 1] : s->f->tree->records[i * 7].bases, TREE_BASES + 1);
    if (i % 2 == 0) mutate(&random, s->bases[i], i);
  }
  for (size_t i = 0; i < TREE_BASES; i++) s->bases[RECORDS - 1][i] = "ACGT"[tx_random_below(&random, 4)];
}

static tx_status source(void *context, tx_record *ret_record, tx_error *error)
{
  stream *s = context;
  (void)error;
  if (s->next == RECORDS) return TX_END;
  *ret_record = (tx_record){.id = "x", .id_length = 1, .comment = "", .file = "memory", .line = 1};
  ret_record->number = s->next + 1;
  ret_record->bases = s->bases[s->next++];
  ret_record->base_count = TREE_BASES;
  return TX_OK;
}

static void check_outcomes(const fixture *f, const tx_prediction *prediction)
{
  tx_answer_outcome outcome;
  double sum = 0, above = 1, known = 0;
  size_t count = 0, none = 0;
  for (; tx_prediction_outcome(prediction, count, &outcome); count++) {
    assert_true(outcome.probability >= 0 && outcome.probability <= above);
    above = outcome.probability;
    sum += outcome.probability;
    none += outcome.rank < 0;
    if (outcome.rank == TREE_RANKS - 1 && outcome.taxon == tx_prediction_taxon(prediction, TREE_RANKS - 1))
      known = outcome.probability;
  }
  assert_true(fabs(sum - 1) <= 1e-9);
  assert_int_equal(none, 1);
  assert_true(fabs(known - tx_prediction_confidence(prediction, f->set->space.ranks - 1)) <= 1e-4);
  assert_int_equal(tx_prediction_outcome(prediction, count + 5, &outcome), 0);
}

static void check_candidates(const fixture *f, const tx_prediction *prediction)
{
  tx_answer_candidate candidate;
  tx_match nearest;
  double before = 0;
  size_t i = 0;
  assert_int_equal(tx_prediction_nearest(prediction, &nearest), 1);
  for (; tx_prediction_candidate(prediction, i, &candidate); i++) {
    const double distance = (candidate.mismatches + 1.0) / (candidate.columns + 10.0);
    assert_true(distance >= before);
    before = distance;
    if (i == 0) assert_int_equal(candidate.reference, nearest.reference);
    assert_true(candidate.reference < tx_reference_set_count(f->set));
    assert_true(candidate.transversions <= candidate.mismatches && candidate.mismatches <= candidate.columns);
    assert_int_equal(candidate.codon_substitutions >= 0, f->set->index->coding);
    assert_true(candidate.score > 0);
  }
  assert_in_range(i, 1, TX_CANDIDATES_MAX);
}

static tx_status sink(void *context, const tx_record *record, const tx_prediction *prediction,
                      tx_error *error)
{
  stream *s = context;
  tx_answer_outcome outcome;
  (void)record;
  (void)error;
  s->seen++;
  tx_details_put(&s->text, tx_reference_set_taxonomy(s->f->set), s->f->set, prediction);
  if (tx_prediction_status(prediction) != TX_RECORD_OK) {
    assert_int_equal(tx_prediction_outcome(prediction, 0, &outcome), 0);
    return TX_OK;
  }
  s->with_answer++;
  check_outcomes(s->f, prediction);
  check_candidates(s->f, prediction);
  return TX_OK;
}

static void run(const fixture *f, size_t threads, size_t batch, size_t cache, stream *s)
{
  const tx_predict_steps steps = {source, s, sink, NULL, s};
  tx_predict_options options;
  tx_error error = {0};
  memset(s, 0, sizeof *s);
  s->f = f;
  fill(s);
  tx_predict_defaults(&options);
  options.references = f->set;
  options.details = true;
  options.threads = threads;
  options.batch = batch;
  options.cache_bytes = cache;
  if (tx_predict(NULL, &options, &steps, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(s->seen, RECORDS);
  assert_int_equal(s->with_answer, RECORDS - 1);
  assert_false(s->text.failed);
}

static void threads_batches_and_cache_change_nothing(void **state)
{
  static stream one, other;
  run(*state, 1, 64, 0, &one);
  for (size_t threads = 1; threads <= 3; threads++)
    for (size_t cache = 0; cache < 2; cache++) {
      run(*state, threads, 1 + 6 * threads, cache << 20, &other);
      assert_int_equal(other.text.size, one.text.size);
      assert_memory_equal(other.text.data, one.text.data, one.text.size);
      tx_bytes_free(&other.text);
    }
  tx_bytes_free(&one.text);
}

/* The bytes of two outcomes, none, and a candidate with a gap in its lineage; then of no details. */
static void the_json_is_exact(void **state)
{
  static const char *const taxa[] = {"An \"order\"", NULL, "Genus", "Genus spe\\cies"}, *const other[] = {
                                                                                            "Other", "Family",
                                                                                            "Else",
                                                                                            "Else is"};
  static tx_evidence_details details;
  tx_references_builder *builder = begin_references();
  tx_reference_set *set = NULL;
  tx_prediction prediction = {.opt_details = &details};
  tx_bytes text = {0};
  tx_error error = {0};
  size_t own = 0;
  const fixture *f = *state;
  add_record(builder, "a\\b", f->tree->records[0].bases, taxa);
  add_record(builder, "c", f->tree->records[100].bases, other);
  if (tx_reference_set_create(end_references(builder), &set, &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t i = 0; i < 2; i++) {
    size_t length;
    if (tx_reference_set_id(set, i, &length)[0] == 'a') own = i;
  }
  details.candidates[0].reference = own;
  details.outcome_count = 3;
  details.outcomes[0] =
      (tx_answer_outcome){.rank = 3, .taxon = tx_reference_set_taxon(set, own, 3), .probability = 0.9};
  details.outcomes[1] =
      (tx_answer_outcome){.rank = 0, .taxon = tx_reference_set_taxon(set, own, 0), .probability = 0.0999994};
  details.outcomes[2] = (tx_answer_outcome){.rank = -1, .taxon = -1};
  details.candidate_count = 1;
  details.candidates[0].columns = 640;
  details.candidates[0].mismatches = 2;
  details.candidates[0].transversions = 1;
  details.candidates[0].codon_substitutions = -1;
  details.candidates[0].score = 4294967295u;
  tx_details_put(&text, tx_reference_set_taxonomy(set), set, &prediction);
  assert_string_equal(
      text.data, ",\"outcomes\":[{\"kind\":\"known\",\"rank\":\"species\",\"taxon\":\"Genus spe\\\\cies\","
                 "\"probability\":0.900000},{\"kind\":\"new family of\",\"rank\":\"order\",\"taxon\":"
                 "\"An \\\"order\\\"\",\"probability\":0.099999},{\"kind\":\"none\",\"rank\":null,"
                 "\"taxon\":null,\"probability\":0.000000}],\"candidates\":[{\"id\":\"a\\\\b\","
                 "\"lineage\":{\"order\":\"An \\\"order\\\"\",\"genus\":\"Genus\",\"species\":"
                 "\"Genus spe\\\\cies\"},\"identity\":99.69,\"aligned\":640,\"mismatches\":2,"
                 "\"transversions\":1,\"score\":4294967295}]");
  tx_bytes_clear(&text);
  prediction.opt_details = NULL;
  tx_details_put(&text, tx_reference_set_taxonomy(set), set, &prediction);
  assert_string_equal(text.data, ",\"outcomes\":[],\"candidates\":[]");
  tx_bytes_free(&text);
  tx_reference_set_free(set);
}

static void references_are_needed(void **state)
{
  const fixture *f = *state;
  tx_prediction_writer *writer = NULL;
  tx_error error = {0};
  assert_int_equal(tx_prediction_writer_open("-", TX_FORMAT_EVIDENCE, tx_reference_set_taxonomy(f->set), NULL,
                                             NULL, &writer, &error),
                   TX_ERROR_USAGE);
  assert_null(writer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_batches_and_cache_change_nothing),
      cmocka_unit_test(the_json_is_exact),
      cmocka_unit_test(references_are_needed),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
