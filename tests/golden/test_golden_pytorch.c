/* Published checkpoints against golden/pytorch: files of torch.save with random weights, and what a plain
   implementation in double precision computes from them (make_pytorch.py). The classifier's probabilities are
   those of its logits; weights that were written and read again are the same bytes. */
#include "golden/golden.h"
#include "model/model.h"
#include "unit/scratch.h"

#include <taxamba/classifier.h>
#include <taxamba/pytorch.h>

#define FOLDER TX_TESTS_DIR "/golden/pytorch/"

enum { BARCODES = 5, WIDTH_MAX = 16, CLASSES = 5, TEXT_SIZE = 128 };

static char barcodes[BARCODES][TEXT_SIZE];

static void read_barcodes(void)
{
  FILE *file = fopen(FOLDER "barcodes.fasta", "r");
  char line[TEXT_SIZE];
  size_t count = 0;
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    if (*line != '>') memcpy(barcodes[count++], line, sizeof line);
  }
  fclose(file);
  assert_int_equal(count, BARCODES);
}

static tx_model *import(const char *checkpoint, const tx_pytorch_options *options, const char *path)
{
  tx_model *model = NULL;
  tx_error error = {0};
  if (tx_pytorch_import(checkpoint, options, path, &error) != TX_OK) fail_msg("%s", error.message);
  if (tx_model_open(path, &model, &error) != TX_OK) fail_msg("%s", error.message);
  return model;
}

static void compare_answers(const tx_model *model, const float *embeddings, const float *opt_logits)
{
  const size_t width = tx_model_width(model);
  tx_predict_options options;
  tx_classifier *classifier = NULL;
  tx_workspace *workspace = NULL;
  tx_error error = {0};
  tx_predict_defaults(&options);
  options.min_bases = 1;
  options.embed = true;
  options.classify = opt_logits != NULL;
  assert_int_equal(tx_classifier_create(model, &options, &classifier, &error), TX_OK);
  assert_int_equal(tx_workspace_create(classifier, &workspace, &error), TX_OK);
  for (size_t i = 0; i < BARCODES; i++) {
    const tx_prediction *prediction = NULL;
    size_t best = 0;
    double sum = 0;
    assert_int_equal(tx_classify(workspace, barcodes[i], strlen(barcodes[i]), &prediction, &error), TX_OK);
    golden_compare("embedding", tx_prediction_embedding(prediction), embeddings + i * width, width, 1e-5);
    if (!opt_logits) continue;
    for (size_t c = 0; c < CLASSES; c++)
      if (opt_logits[i * CLASSES + c] > opt_logits[i * CLASSES + best]) best = c;
    for (size_t c = 0; c < CLASSES; c++)
      sum += exp((double)opt_logits[i * CLASSES + c] - (double)opt_logits[i * CLASSES + best]);
    assert_int_equal(tx_prediction_taxon(prediction, 0), best);
    /* rounded down to 4 decimals */
    if (!(fabs(tx_prediction_confidence(prediction, 0) + 5e-5 - 1 / sum) <= 6e-5))
      fail_msg("confidence %g, expected %g", tx_prediction_confidence(prediction, 0), 1 / sum);
  }
  tx_workspace_free(workspace);
  tx_classifier_free(classifier);
}

/* Writes the model for PyTorch and reads it again, with nothing but the file. */
static void compare_round(const tx_model *model, const char *folder, const char *ending)
{
  char exported[512], imported[512];
  tx_model *again;
  tx_error error = {0};
  snprintf(exported, sizeof exported, "%s/exported%s", folder, ending);
  snprintf(imported, sizeof imported, "%s/imported.safetensors", folder);
  if (tx_pytorch_export(model, exported, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  again = import(exported, NULL, imported);
  assert_int_equal(tx_layout_elements(&again->dims), tx_layout_elements(&model->dims));
  assert_memory_equal(&again->dims, &model->dims, sizeof model->dims);
  assert_memory_equal(&again->tokenizer, &model->tokenizer, sizeof model->tokenizer);
  for (size_t i = 0; i < tx_layout_count(&model->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    assert_memory_equal(again->weights[i], model->weights[i], info.count * sizeof(float));
  }
  assert_int_equal(tx_taxonomy_rank_count(again->taxonomy), tx_taxonomy_rank_count(model->taxonomy));
  for (size_t c = 0; tx_taxonomy_rank_count(model->taxonomy) && c < CLASSES; c++)
    assert_string_equal(tx_taxonomy_class_name(again->taxonomy, 0, (int32_t)c),
                        tx_taxonomy_class_name(model->taxonomy, 0, (int32_t)c));
  tx_model_close(again);
  unlink(exported);
  unlink(imported);
}

static void pretrained_embeddings_are_the_same(void **state)
{
  tx_safetensors *expected = NULL;
  tx_error error = {0};
  scratch place;
  tx_model *model;
  (void)state;
  scratch_create(&place);
  read_barcodes();
  assert_int_equal(tx_safetensors_open(FOLDER "expected.safetensors", 0, &expected, &error), TX_OK);
  model = import(FOLDER "char.ckpt", NULL, place.path);
  assert_int_equal(model->tokenizer.kind, TX_TOKENIZER_CHAR);
  assert_int_equal(model->tokenizer.pad_to, 60); /* among the settings of the checkpoint */
  compare_answers(model, golden_floats(expected, "", "char.embeddings", BARCODES * 16), NULL);
  compare_round(model, place.folder, ".ckpt");
  compare_round(model, place.folder, ".safetensors");
  tx_model_close(model);
  tx_safetensors_close(expected);
  scratch_remove(&place);
}

static void classifier_answers_are_the_same(void **state)
{
  static const char labels[] = "Aus one\nAus two\nBus one\nBus two\nCus one\n";
  tx_safetensors *expected = NULL;
  tx_error error = {0};
  char names[512];
  scratch place;
  tx_model *model;
  (void)state;
  scratch_create(&place);
  read_barcodes();
  snprintf(names, sizeof names, "%s/labels.txt", place.folder);
  write_whole(names, labels, sizeof labels - 1);
  assert_int_equal(tx_safetensors_open(FOLDER "expected.safetensors", 0, &expected, &error), TX_OK);
  model = import(FOLDER "kmer.ckpt", &(tx_pytorch_options){.opt_labels = names}, place.path);
  assert_int_equal(model->tokenizer.k, 3);
  assert_int_equal(model->tokenizer.stride, 3);
  assert_string_equal(tx_taxonomy_rank_name(model->taxonomy, 0), "species");
  compare_answers(model, golden_floats(expected, "", "kmer.embeddings", BARCODES * 12),
                  golden_floats(expected, "", "kmer.logits", BARCODES * CLASSES));
  compare_round(model, place.folder, ".pt");
  compare_round(model, place.folder, ".safetensors");
  tx_model_close(model);
  tx_safetensors_close(expected);
  unlink(names);
  scratch_remove(&place);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(pretrained_embeddings_are_the_same),
                                     cmocka_unit_test(classifier_answers_are_the_same)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
