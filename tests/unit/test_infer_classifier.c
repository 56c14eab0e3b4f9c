/* One record at a time: the same answers as a run of all of them, from any number of threads. */
#include "unit/predict_fixture.h"

#include <pthread.h>
#include <taxamba/classifier.h>

static tx_classifier *make_classifier(const tx_predict_options *options)
{
  tx_classifier *classifier = NULL;
  tx_error error = {0};
  if (tx_classifier_create(model, options, &classifier, &error) != TX_OK) fail_msg("%s", error.message);
  return classifier;
}

static answer answer_of(const tx_prediction *prediction)
{
  answer own;
  memset(&own, 0, sizeof own);
  own.prediction = *prediction;
  own.prediction.embedding = NULL;
  if (tx_prediction_embedding(prediction))
    memcpy(own.embedding, tx_prediction_embedding(prediction), sizeof own.embedding);
  return own;
}

static void single_records_have_the_answers_of_a_run(void **state)
{
  static answer run[RECORDS];
  (void)state;
  for (tx_strand strand = TX_STRAND_PLUS; strand <= TX_STRAND_BOTH; strand++)
    for (size_t cache = 0; cache < 2; cache++) {
      tx_predict_options options = make_options();
      tx_workspace *workspace = NULL;
      tx_classifier *classifier;
      tx_error error = {0};
      options.strand = strand;
      options.min_confidence = 0.3;
      options.cache_bytes = cache << 20;
      predict(&options, all_texts(), RECORDS, NULL, run);
      classifier = make_classifier(&options);
      assert_int_equal(tx_workspace_create(classifier, &workspace, &error), TX_OK);
      for (size_t i = 0; i < 2 * RECORDS; i++) {
        const char *text = bases[i % RECORDS];
        const tx_prediction *prediction = NULL;
        answer own;
        if (tx_classify(workspace, text, strlen(text), &prediction, &error) != TX_OK)
          fail_msg("%s", error.message);
        own = answer_of(prediction);
        if (!same_answer(&own, &run[i % RECORDS]))
          fail_msg("record %zu, strand %d", i % RECORDS, (int)strand);
      }
      tx_workspace_free(workspace);
      tx_classifier_free(classifier);
    }
}

static void accessors_tell_the_prediction(void **state)
{
  tx_predict_options options = make_options();
  tx_classifier *classifier = make_classifier(&options);
  tx_workspace *workspace = NULL;
  const tx_prediction *prediction = NULL;
  tx_error error = {0};
  const tx_taxonomy *taxonomy = tx_model_taxonomy(model);
  (void)state;
  assert_int_equal(tx_workspace_create(classifier, &workspace, &error), TX_OK);
  assert_int_equal(tx_classify(workspace, bases[0], strlen(bases[0]), &prediction, &error), TX_OK);
  assert_int_equal(tx_prediction_status(prediction), TX_RECORD_OK);
  assert_int_equal(tx_prediction_strand(prediction), '+');
  assert_non_null(tx_prediction_embedding(prediction));
  assert_true(tx_prediction_taxon(prediction, 0) >= 0);
  assert_non_null(tx_taxonomy_class_name(taxonomy, 0, tx_prediction_taxon(prediction, 0)));
  assert_true(tx_prediction_confidence(prediction, 0) > 0 && tx_prediction_confidence(prediction, 0) <= 1);
  assert_int_equal(tx_prediction_taxon(prediction, RANKS), -1);
  assert_int_equal(tx_prediction_taxon(prediction, SIZE_MAX), -1);
  assert_true(tx_prediction_confidence(prediction, SIZE_MAX) <= 0);
  assert_int_equal(tx_classify(workspace, "ACGT", 4, &prediction, &error), TX_OK);
  assert_int_equal(tx_prediction_status(prediction), TX_RECORD_TOO_SHORT);
  assert_int_equal(tx_prediction_strand(prediction), '.');
  assert_int_equal(tx_prediction_taxon(prediction, 0), -1);
  assert_null(tx_prediction_embedding(prediction));
  assert_int_equal(tx_classify(workspace, "", 0, &prediction, &error), TX_OK);
  assert_int_equal(tx_prediction_status(prediction), TX_RECORD_NO_BASES);
  tx_workspace_free(workspace);
  tx_classifier_free(classifier);
  tx_workspace_free(NULL);
  tx_classifier_free(NULL);
}

static void bad_options_are_refused(void **state)
{
  tx_predict_options options = make_options();
  tx_classifier *classifier = NULL;
  tx_error error = {0};
  (void)state;
  options.offsets = 0;
  assert_int_equal(tx_classifier_create(model, &options, &classifier, &error), TX_ERROR_USAGE);
  assert_null(classifier);
  options = make_options();
  options.classify = options.embed = false;
  assert_int_equal(tx_classifier_create(model, &options, &classifier, &error), TX_ERROR_USAGE);
  options = make_options();
  options.min_confidence = NAN;
  assert_int_equal(tx_classifier_create(model, &options, &classifier, &error), TX_ERROR_USAGE);
}

typedef struct job {
  const tx_classifier *classifier;
  const answer *expected;
  size_t first, faults;
} job;

static void *classify_all(void *context)
{
  job *own = context;
  tx_workspace *workspace = NULL;
  tx_error error = {0};
  own->faults = tx_workspace_create(own->classifier, &workspace, &error) != TX_OK;
  for (size_t turn = 0; !own->faults && turn < 3 * RECORDS; turn++) {
    const size_t i = (own->first + turn) % RECORDS;
    const tx_prediction *prediction = NULL;
    answer single;
    if (tx_classify(workspace, bases[i], strlen(bases[i]), &prediction, &error) != TX_OK) {
      own->faults++;
      break;
    }
    single = answer_of(prediction);
    own->faults += !same_answer(&single, &own->expected[i]);
  }
  tx_workspace_free(workspace);
  return NULL;
}

static void threads_share_a_classifier(void **state)
{
  enum { THREADS = 4 };
  static answer run[RECORDS];
  tx_predict_options options = make_options();
  tx_classifier *classifier;
  pthread_t threads[THREADS];
  job jobs[THREADS];
  (void)state;
  predict(&options, all_texts(), RECORDS, NULL, run);
  classifier = make_classifier(&options);
  for (size_t i = 0; i < THREADS; i++) {
    jobs[i] = (job){classifier, run, i * 7, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, classify_all, &jobs[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(jobs[i].faults, 0);
  }
  tx_classifier_free(classifier);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_records_have_the_answers_of_a_run),
      cmocka_unit_test(accessors_tell_the_prediction),
      cmocka_unit_test(bad_options_are_refused),
      cmocka_unit_test(threads_share_a_classifier),
  };
  return cmocka_run_group_tests(tests, make_place, remove_place);
}
