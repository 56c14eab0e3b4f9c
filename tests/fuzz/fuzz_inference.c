/* Whatever model is accepted must answer: the mended file (mended.h) is opened and reads two short records,
   together and alone. Each answer is inside the taxonomy and the same in both, or the error is that a number
   is not finite. */
#include "mended.h"

#include "infer/group.h"

#include <math.h>

enum { RECORDS = 2, MOST_PADDING = 512 };

static const char *const sequences[RECORDS] = {
    "ACTTTATATTTTATTTTTGGAGCTTGATCAGGAATAGTAGGAACTTCTTTAAGNNAATTTTAATTCGA",
    "acgtryswkmACGTNNNNTTGACCATAGGACCCATATAGAGACACAGGTTTAACACCCAGGGATACGATTTACA"};

/* The bytes choose among the options; of many offsets two are averaged, so that an input stays cheap. */
static tx_predict_options choose(const tx_model *model, uint32_t choice)
{
  tx_predict_options options;
  tx_predict_defaults(&options);
  options.classify = tx_dims_ranks(&model->dims) > 0;
  options.embed = true;
  options.normalise = choice & 1;
  options.min_bases = 1;
  options.cache_bytes = choice & 32 ? 4096 : 0;
  options.min_confidence = choice & 2 ? 0.3 : 0;
  options.strand = tx_dims_ranks(&model->dims) ? (tx_strand)((choice >> 2) % 3) : TX_STRAND_MINUS;
  options.offsets = tx_tokenizer_offsets(&model->tokenizer) > 1 && choice & 16 ? 2 : 1;
  return options;
}

static void check_answer(const tx_model *model, const tx_prediction *prediction)
{
  const float *embedding = tx_prediction_embedding(prediction);
  if (tx_prediction_status(prediction) != TX_RECORD_OK) return;
  for (size_t rank = 0; rank < tx_dims_ranks(&model->dims); rank++) {
    const int32_t taxon = tx_prediction_taxon(prediction, rank);
    const double confidence = tx_prediction_confidence(prediction, rank);
    require(taxon >= -1 && taxon < (int32_t)model->dims.heads[rank].size, "a taxon that does not exist");
    require(confidence >= 0 && confidence <= 1, "no confidence");
  }
  for (size_t i = 0; i < model->dims.width; i++)
    require(isfinite(embedding[i]), "an embedding that is not finite");
}

static bool same(const tx_model *model, const tx_prediction *a, const tx_prediction *b)
{
  if (tx_prediction_status(a) != tx_prediction_status(b) ||
      tx_prediction_strand(a) != tx_prediction_strand(b))
    return false;
  if (tx_prediction_status(a) != TX_RECORD_OK) return true;
  for (size_t rank = 0; rank < tx_dims_ranks(&model->dims); rank++) {
    const double first = tx_prediction_confidence(a, rank), second = tx_prediction_confidence(b, rank);
    if (tx_prediction_taxon(a, rank) != tx_prediction_taxon(b, rank) ||
        memcmp(&first, &second, sizeof first) != 0)
      return false;
  }
  return memcmp(tx_prediction_embedding(a), tx_prediction_embedding(b), model->dims.width * sizeof(float)) ==
         0;
}

static void require_numeric(tx_status status, const tx_error *error)
{
  require(status == TX_ERROR_NUMERIC || status == TX_ERROR_MEMORY, "an error of another kind");
  require_error(status, error);
}

/* Predicts all records side by side. Returns how many answers there are. */
static size_t predict_together(const tx_classifier *classifier, tx_result *const *results)
{
  tx_record records[RECORDS] = {{0}};
  void *places[RECORDS];
  tx_group *group = NULL;
  tx_error error = {0};
  size_t computed = RECORDS;
  tx_status status;
  for (size_t i = 0; i < RECORDS; i++) {
    records[i] = (tx_record){.id = "a",
                             .id_length = 1,
                             .comment = "",
                             .bases = sequences[i],
                             .base_count = strlen(sequences[i]),
                             .file = "fuzz",
                             .line = i + 1,
                             .number = i + 1};
    places[i] = results[i];
  }
  if (tx_group_create(classifier, &group, &error) != TX_OK) return 0; /* no memory for it */
  status = tx_group_predict(classifier, group, records, places, RECORDS, &computed, &error);
  if (status != TX_OK) {
    require_numeric(status, &error);
    require(computed < RECORDS, "an error of no record");
  }
  tx_group_free(group);
  return status == TX_OK ? RECORDS : computed;
}

static void compare_alone(const tx_classifier *classifier, const char *sequence,
                          const tx_prediction *together)
{
  const tx_prediction *alone = NULL;
  tx_workspace *workspace = NULL;
  tx_error error = {0};
  if (tx_workspace_create(classifier, &workspace, &error) != TX_OK) return;
  const tx_status status = tx_classify(workspace, sequence, strlen(sequence), &alone, &error);
  if (status == TX_OK)
    require(same(classifier->model, together, alone), "an answer that depends on its neighbour");
  else
    require(status == TX_ERROR_MEMORY, "an error alone, and none together");
  tx_workspace_free(workspace);
}

static void answer(const tx_model *model, const tx_predict_options *options)
{
  tx_classifier *classifier = NULL;
  tx_error error = {0};
  tx_result *together[RECORDS];
  size_t count;
  if (tx_classifier_create(model, options, &classifier, &error) != TX_OK) {
    require_error(error.code, &error);
    return;
  }
  for (size_t i = 0; i < RECORDS; i++) {
    together[i] = calloc(1, tx_result_size(classifier));
    require(together[i] != NULL, "out of memory");
  }
  count = predict_together(classifier, together);
  for (size_t i = 0; i < count; i++) check_answer(model, &together[i]->prediction);
  if (count == RECORDS) compare_alone(classifier, sequences[RECORDS - 1], &together[RECORDS - 1]->prediction);
  for (size_t i = 0; i < RECORDS; i++) free(together[i]);
  tx_classifier_free(classifier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  size_t mended_size = 0;
  uint8_t *mended = mend(data, size, &mended_size);
  tx_model *model = NULL;
  tx_error error = {0};
  if (mended && tx_model_read("fuzz", mended, mended_size, &model, &error) == TX_OK &&
      model->tokenizer.pad_to <= MOST_PADDING) {
    const tx_predict_options options = choose(model, tx_crc32(0, mended, mended_size));
    answer(model, &options);
  }
  tx_model_close(model);
  free(mended);
  return 0;
}
