/* Probabilities of the heads: sums, strands, what cannot be read, and the names that a classifier gives. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <taxamba/classifier.h>
#include <taxamba/head_reader.h>
#include <taxamba/labelled.h>

#define FOLDER TX_TESTS_DIR "/../"

static tx_error error;

static void must(tx_status status)
{
  if (status != TX_OK) fail_msg("%s", error.message);
}

static void check_record(const tx_model *model, tx_head_reader *reader, tx_workspace *workspace,
                         const tx_record *record)
{
  const tx_taxonomy *taxonomy = tx_model_taxonomy(model);
  const double *const *probabilities = NULL;
  const tx_prediction *prediction = NULL;
  must(tx_classify(workspace, record->bases, record->base_count, &prediction, &error));
  must(tx_head_reader_read(reader, record->bases, record->base_count, 0, &probabilities, &error));
  assert_non_null(probabilities);
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++) {
    double sum = 0;
    int32_t best = 0;
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, r); c++) {
      sum += probabilities[r][c];
      if (probabilities[r][c] > probabilities[r][best]) best = (int32_t)c;
    }
    assert_true(fabs(sum - 1) < 1e-9);
    if (tx_prediction_confidence(prediction, r) > 0.99)
      assert_int_equal(best, tx_prediction_taxon(prediction, r));
  }
}

static void test_heads(void **state)
{
  const char *path = FOLDER "data/simulated_metadata.csv";
  const tx_labelled_options labelled = {.unlabelled = 1};
  tx_predict_options options;
  tx_model *model = NULL;
  tx_classifier *classifier = NULL;
  tx_workspace *workspace = NULL;
  tx_head_reader *reader = NULL;
  tx_labelled *records = NULL;
  tx_labelled_record record;
  const double *const *probabilities = NULL;
  char turned[2000];
  double kept;
  size_t length;
  (void)state;
  must(tx_model_open(FOLDER "models/simulated.safetensors", &model, &error));
  tx_predict_defaults(&options);
  must(tx_classifier_create(model, &options, &classifier, &error));
  must(tx_workspace_create(classifier, &workspace, &error));
  must(tx_head_reader_create(model, &options, &reader, &error));
  must(tx_labelled_open(&path, 1, &labelled, &records, &error));
  for (size_t i = 0; i < 20; i++) {
    must(tx_labelled_next(records, &record, &error));
    check_record(model, reader, workspace, &record.record);
  }
  /* The reverse complement, read as such, has the same bits. */
  must(tx_head_reader_read(reader, record.record.bases, record.record.base_count, 0, &probabilities, &error));
  kept = probabilities[0][0];
  length = record.record.base_count;
  for (size_t i = 0; i < length; i++) {
    const char base = record.record.bases[length - 1 - i];
    turned[i] = base == 'A' ? 'T' : base == 'C' ? 'G' : base == 'G' ? 'C' : base == 'T' ? 'A' : 'N';
  }
  must(tx_head_reader_read(reader, turned, length, 1, &probabilities, &error));
  assert_true(probabilities[0][0] == kept);
  must(tx_head_reader_read(reader, "ACGTACGT", 8, 0, &probabilities, &error));
  assert_null(probabilities);
  must(tx_head_reader_read(reader, "", 0, 1, &probabilities, &error));
  assert_null(probabilities);
  tx_labelled_close(records);
  tx_head_reader_free(reader);
  tx_workspace_free(workspace);
  tx_classifier_free(classifier);
  tx_model_close(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_heads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
