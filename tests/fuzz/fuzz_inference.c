/* Whatever model is accepted must answer: the mended file (mended.h) is opened and reads two short records, together and alone. Each
   answer is inside the taxonomy and the same in both, or the error is that a number is not finite. */
#include "mended.h"

#include "infer/group.h"

#include <math.h>

enum { RECORDS = 2, MOST_PADDING = 512 };

static const char *const sequences[RECORDS] = {
    "ACTTTATATTTTATTTTTGGAGCTTGATCAGGAATAGTAGGAACTTCTTTAAGNNAATTTTAATTCGA", "acgtryswkmACGTNNNNTTGACCATAGGACCCATATAGAGACACAGGTTTAACACCCAGGGATACGATTTACA"};

/* The bytes choose among the options; of many offsets two are averaged, so that an input stays cheap. */
static tx_predict_options choose(const tx_model *model, uint32_t choice)
{
  tx_predict_options options;
  tx_predict_defaults(&options);
  options.classify = model->dims.ranks > 0;
  options.embed = true;
  options.normalise = choice & 1;
  options.min_bases = 1;
  options.cache_bytes = 0; /* every answer is computed */
  options.min_confidence = choice & 2 ? 0.3 : 0;
  options.strand = model->dims.ranks ? (tx_strand)((choice >> 2) % 3) : TX_STRAND_MINUS;
  options.offsets = tx_tokenizer_offsets(&model->tokenizer) > 1 && choice & 16 ? 2 : 1;
  return options;
}

static void check_answer(const tx_model *model, const tx_prediction *prediction)
{
  if (prediction->status != TX_RECORD_OK) return;
  for (size_t rank = 0; rank < model->dims.ranks; rank++) {
    require(prediction->taxa[rank] >= -1 && prediction->taxa[rank] < (int32_t)model->dims.classes[rank], "a taxon that does not exist");
    if (prediction->taxa[rank] >= 0) require(prediction->confidence[rank] >= 0 && prediction->confidence[rank] <= 1, "no confidence");
  }
  for (size_t i = 0; i < model->dims.width; i++) require(isfinite(prediction->embedding[i]), "an embedding that is not finite");
}

static bool same(const tx_model *model, const tx_prediction *a, const tx_prediction *b)
{
  if (a->status != b->status || a->strand != b->strand) return false;
  if (a->status != TX_RECORD_OK) return true;
  for (size_t rank = 0; rank < model->dims.ranks; rank++) {
    if (a->taxa[rank] != b->taxa[rank]) return false;
    if (a->taxa[rank] >= 0 && memcmp(&a->confidence[rank], &b->confidence[rank], sizeof(double)) != 0) return false;
  }
  return memcmp(a->embedding, b->embedding, model->dims.width * sizeof(float)) == 0;
}

/* Predicts records from `first` on. Returns how many answers there are. */
static size_t predict(const tx_classifier *classifier, size_t first, tx_result *const *results)
{
  tx_record records[RECORDS] = {{0}};
  void *places[RECORDS];
  tx_group *group = NULL;
  tx_error error = {0};
  size_t computed = RECORDS - first;
  tx_status status;
  for (size_t i = first; i < RECORDS; i++) {
    records[i] = (tx_record){.id = "a", .id_length = 1, .comment = "", .bases = sequences[i], .base_count = strlen(sequences[i]),
                             .file = "fuzz", .line = i + 1, .number = i + 1};
    places[i] = results[i];
  }
  if (tx_group_create(classifier, &group, &error) != TX_OK) return 0; /* no memory for it */
  status = tx_group_predict(classifier, group, records + first, places + first, RECORDS - first, &computed, &error);
  if (status != TX_OK) {
    require(status == TX_ERROR_NUMERIC || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(computed < RECORDS - first, "an error of no record");
  }
  tx_group_free(group);
  return status == TX_OK ? RECORDS - first : computed;
}

static void answer(const tx_model *model, const tx_predict_options *options)
{
  tx_classifier *classifier = NULL;
  tx_error error = {0};
  tx_result *together[RECORDS], *alone[RECORDS];
  size_t count;
  if (tx_classifier_create(model, options, &classifier, &error) != TX_OK) return;
  for (size_t i = 0; i < RECORDS; i++) {
    together[i] = calloc(1, tx_result_size(classifier));
    alone[i] = calloc(1, tx_result_size(classifier));
    require(together[i] && alone[i], "out of memory");
  }
  count = predict(classifier, 0, together);
  for (size_t i = 0; i < count; i++) check_answer(model, &together[i]->prediction);
  if (count == RECORDS && predict(classifier, RECORDS - 1, alone))
    require(same(model, &together[RECORDS - 1]->prediction, &alone[RECORDS - 1]->prediction), "an answer that depends on its neighbour");
  for (size_t i = 0; i < RECORDS; i++) {
    free(together[i]);
    free(alone[i]);
  }
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
