/* Truth of an evaluation: ranks, splits, tags, the join with predictions, and labels of the nearest
   reference. */
#include "unit/input_files.h"

#include <taxamba/neighbours.h>

#include "infer/prediction.h"

static const char queries_text[] = "id,dna,split,genus,species\n"
                                   "q1,ACGT,test,Apis,Apis mellifera\n"
                                   "q2,ACGA,train,Apis,Apis cerana\n"
                                   "q3,,test,Apis,Apis mellifera\n"
                                   "q4,ACGC,test,Bombus,\n"
                                   "q5,ACGG,test,Apis,Apis mellifera\n";

static tx_truth *open_truth(input_files *files, const char *name, const char *text, const char *ranks)
{
  tx_truth *truth = NULL;
  tx_error error;
  const char *path = input_files_text(files, name, text);
  const tx_truth_input input = {.paths = &path,
                                .count = 1,
                                .usual_split = "test",
                                .labelled = {.ranks = ranks, .sequence_column = "dna"}};
  if (tx_truth_open(&input, &truth, &error) != TX_OK) fail_msg("%s", error.message);
  return truth;
}

static void test_ranks_of_both(void **state)
{
  static const char *const other[] = {"species", "order", "genus"}, *const none[] = {"order"};
  input_files files;
  tx_truth *truth, *asked;
  tx_error error;
  (void)state;
  input_files_create(&files);
  truth = open_truth(&files, "a.csv", queries_text, NULL);
  assert_int_equal(tx_truth_rank_count(truth), 0);
  assert_int_equal(tx_truth_match(truth, other, 3, "the model has", &error), TX_OK);
  assert_int_equal(tx_truth_rank_count(truth), 2);
  assert_string_equal(tx_truth_ranks(truth)[0], "genus");
  assert_string_equal(tx_truth_ranks(truth)[1], "species");
  assert_int_equal(tx_truth_match(truth, none, 1, "the model has", &error), TX_ERROR_DATA);
  assert_string_equal(error.message, "no rank to score: the labels have genus, species; the model has order");
  asked = open_truth(&files, "b.csv", queries_text, "genus,species");
  assert_int_equal(tx_truth_match(asked, other, 2, "the model has", &error), TX_ERROR_USAGE);
  assert_string_equal(error.message, "--ranks: the model has no rank 'genus'; there are species, order");
  tx_truth_close(asked);
  tx_truth_close(truth);
  tx_truth_close(NULL);
  input_files_remove(&files);
}

/* Tags are the lineages: equal ones are one array, and it stays while the source goes on. */
static void test_tags(void **state)
{
  static const char *const other[] = {"genus", "species"};
  const char *const *taxa[3];
  input_files files;
  tx_truth *truth;
  tx_record record;
  tx_error error;
  (void)state;
  input_files_create(&files);
  truth = open_truth(&files, "a.csv", queries_text, NULL);
  assert_int_equal(tx_truth_match(truth, other, 2, "the model has", &error), TX_OK);
  for (size_t i = 0; i < 3; i++) {
    static const char *const ids[] = {"q1", "q4", "q5"};
    assert_int_equal(tx_truth_source(truth, &record, &error), TX_OK);
    assert_string_equal(record.id, ids[i]);
    taxa[i] = record.tag;
  }
  assert_int_equal(tx_truth_source(truth, &record, &error), TX_END);
  assert_ptr_equal(taxa[0], taxa[2]);
  assert_string_equal(taxa[0][0], "Apis");
  assert_string_equal(taxa[0][1], "Apis mellifera");
  assert_string_equal(taxa[1][0], "Bombus");
  assert_null(taxa[1][1]);
  assert_int_equal(tx_truth_without_bases(truth), 1);
  assert_true(tx_truth_has_table(truth) && tx_truth_has_split(truth));
  tx_truth_close(truth);
  input_files_remove(&files);
}

static void test_join(void **state)
{
  static const char *const other[] = {"genus", "genus_confidence"};
  input_files files;
  tx_truth *truth;
  tx_predictions *predictions;
  tx_evaluation *evaluation;
  tx_rank_scores scores;
  tx_join_counts counts;
  tx_error error;
  volatile int stop = 1;
  (void)state;
  input_files_create(&files);
  assert_int_equal(tx_predictions_read(input_files_text(&files, "p.tsv",
                                                        "id\tgenus\tgenus_confidence\n"
                                                        "q1\tApis\t0.9\nq4\tApis\t0.8\n"),
                                       NULL, &predictions, &error),
                   TX_OK);
  for (int twice = 0; twice < 2; twice++) {
    truth = open_truth(&files, twice ? "twice.csv" : "once.csv",
                       twice ? "id,dna,genus\nq1,A,Apis\nq1,A,Apis\n" : queries_text, NULL);
    assert_int_equal(tx_truth_match(truth, other, 1, "the predictions have", &error), TX_OK);
    assert_int_equal(tx_evaluation_create(tx_truth_ranks(truth), 1, &evaluation, &error), TX_OK);
    assert_int_equal(tx_evaluation_join(evaluation, truth, predictions, &stop, &counts, &error), TX_STOPPED);
    assert_int_equal(tx_evaluation_join(evaluation, truth, predictions, NULL, &counts, &error),
                     twice ? TX_ERROR_DATA : TX_OK);
    if (twice) {
      assert_non_null(strstr(error.message, "twice.csv:3: id 'q1' is there a second time"));
    } else {
      assert_int_equal(counts.queries, 4); /* one of them has no sequence: it counts here */
      assert_int_equal(counts.matched, 2);
      assert_int_equal(tx_evaluation_scores(evaluation, &scores, &error), TX_OK);
      assert_int_equal(scores.all.queries, 4);
      assert_int_equal(scores.all.called, 2);
      assert_int_equal(scores.all.correct, 1);
    }
    tx_evaluation_free(evaluation);
    tx_truth_close(truth);
  }
  tx_predictions_free(predictions);
  input_files_remove(&files);
}

static tx_embeddings *embed(tx_truth *truth, const float (*vectors)[2], size_t count)
{
  tx_embeddings *embeddings;
  tx_record record;
  tx_error error;
  assert_int_equal(tx_embeddings_create(2, &embeddings, &error), TX_OK);
  for (size_t i = 0; i < count; i++) {
    const tx_prediction prediction = {.embedding = vectors[i]};
    assert_int_equal(tx_truth_source(truth, &record, &error), TX_OK);
    assert_int_equal(tx_embeddings_put(embeddings, &record, &prediction, &error), TX_OK);
  }
  assert_int_equal(tx_truth_source(truth, &record, &error), TX_END);
  assert_int_equal(tx_embeddings_count(embeddings), count);
  return embeddings;
}

/* The nearest reference of q1 has no species: at that rank the next one counts. Its ranks stand in another
   order. */
static void test_neighbours(void **state)
{
  static const float query_vectors[][2] = {{1, 0}, {0, 1}, {1, 0.2F}};
  static const float reference_vectors[][2] = {{1, 0}, {0.9F, 0.1F}, {0, 1}};
  input_files files;
  tx_truth *queries, *references;
  tx_embeddings *query_side, *reference_side;
  tx_evaluation *evaluation;
  tx_rank_scores scores[2];
  tx_error error;
  (void)state;
  input_files_create(&files);
  queries = open_truth(&files, "q.csv", queries_text, NULL);
  references = open_truth(&files, "r.csv",
                          "id,dna,species,genus,family\n"
                          "r1,A,,Apis,Apidae\nr2,A,Apis mellifera,Bombus,Apidae\nr3,A,Bombus ater,Bombus,\n",
                          "family,genus,species");
  assert_int_equal(tx_truth_pair(queries, references, false, &error),
                   TX_ERROR_USAGE); /* family was asked for */
  tx_truth_close(references);
  references = open_truth(&files, "s.csv",
                          "id,dna,species,genus\n"
                          "r1,A,,Apis\nr2,A,Apis mellifera,Bombus\nr3,A,Bombus ater,Bombus\n",
                          "genus,species");
  assert_int_equal(tx_truth_pair(queries, references, false, &error), TX_OK);
  assert_string_equal(tx_truth_ranks(references)[1], "species");
  query_side = embed(queries, query_vectors, 3);
  reference_side = embed(references, reference_vectors, 3);
  assert_int_equal(tx_evaluation_create(tx_truth_ranks(queries), 2, &evaluation, &error), TX_OK);
  assert_int_equal(tx_evaluation_neighbours(evaluation, query_side, reference_side, 2, NULL, &error), TX_OK);
  assert_int_equal(tx_evaluation_scores(evaluation, scores, &error), TX_OK);
  assert_int_equal(scores[0].all.queries, 3);
  assert_int_equal(scores[0].all.correct, 2); /* q5 is nearest to r2, a Bombus */
  assert_int_equal(scores[1].all.queries, 2);
  assert_int_equal(scores[1].all.correct, 2);
  assert_int_equal(scores[1].known.queries, 2);
  tx_evaluation_free(evaluation);
  tx_embeddings_free(query_side);
  tx_embeddings_free(reference_side);
  tx_embeddings_free(NULL);
  tx_truth_close(queries);
  tx_truth_close(references);
  input_files_remove(&files);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ranks_of_both),
      cmocka_unit_test(test_tags),
      cmocka_unit_test(test_join),
      cmocka_unit_test(test_neighbours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
