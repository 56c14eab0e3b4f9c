/* A small model with known contents, for the tests of model files. */
#ifndef TX_TESTS_MODEL_FIXTURE_H
#define TX_TESTS_MODEL_FIXTURE_H

#include "model/model.h"

#include "unit/scratch.h"

typedef struct model_fixture {
  tx_dims dims;
  tx_tokenizer tokenizer;
  tx_taxonomy *taxonomy;
  float *weights;
  tx_model_parts parts; /* of the above, without extras */
} model_fixture;

static const char fixture_config[] = "{\"d-model\": 8, \"learning-rate\": 0.0008, \"seed\": 11, \"note\": "
                                     "\"a \\\"quoted\\\" caf\\u00e9\"}";
static const char fixture_provenance[] =
    "{\"name\":\"fixture\",\"version\":\"0.1.0\",\"simulated\":true,\"data\":[{\"file\":\"a.fasta\","
    "\"records\":10},{\"file\":\"b.fasta\","
    "\"records\":2}],\"best_metric\":0.96875,\"splits\":[\"train\",\"val\"],\"ranks\":[{\"name\":\"order\","
    "\"taxa\":2,\"training_records\":"
    "9}]}";

static inline void fixture_create(model_fixture *fixture)
{
  static const char *const ranks[] = {"order", "family", "species"};
  static const char *const lineages[][3] = {{"Diptera", "Culicidae", "Aedes aegypti"},
                                            {"Diptera", "Culicidae", "Culex pipiens"},
                                            {"Diptera", NULL, "Musca domestica"},
                                            {"Coleoptera", "Carabidae", "Carabus auratus"}};
  tx_taxonomy_builder *builder = NULL;
  int32_t *labels = NULL;
  tx_error error = {0};

  memset(fixture, 0, sizeof *fixture);
  assert_int_equal(tx_taxonomy_builder_create(ranks, 3, &builder, &error), TX_OK);
  for (size_t i = 0; i < 4; i++) {
    int32_t lineage;
    assert_int_equal(tx_taxonomy_builder_add(builder, lineages[i], "test", i + 1, &lineage, &error), TX_OK);
  }
  assert_int_equal(tx_taxonomy_builder_finish(builder, &fixture->taxonomy, &labels, &error), TX_OK);
  tx_taxonomy_builder_free(builder);
  free(labels);

  fixture->tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_KMER, .k = 3, .stride = 2, .max_bases = 660};
  fixture->dims = (tx_dims){.vocabulary = 72,
                            .width = 8,
                            .layers = 2,
                            .state = 4,
                            .head_width = 8,
                            .expand = 2,
                            .kernel = 4,
                            .mlp = 12,
                            .head_count = 3,
                            .heads = {{TX_HEAD_TAXA, 2}, {TX_HEAD_TAXA, 2}, {TX_HEAD_TAXA, 4}}};
  assert_null(tx_dims_fault(&fixture->dims));
  fixture->weights = malloc(tx_layout_elements(&fixture->dims) * sizeof *fixture->weights);
  assert_non_null(fixture->weights);
  tx_layout_initialise(&fixture->dims, 11, fixture->weights);
  fixture->parts = (tx_model_parts){.dims = &fixture->dims,
                                    .tokenizer = &fixture->tokenizer,
                                    .taxonomy = fixture->taxonomy,
                                    .weights = fixture->weights,
                                    .config = fixture_config,
                                    .provenance = fixture_provenance};
}

static inline void fixture_free(model_fixture *fixture)
{
  tx_taxonomy_free(fixture->taxonomy);
  free(fixture->weights);
}

/* Opening the file must fail as a model, with a message that has `word` and the path. */
static inline void expect_model_fault(const char *path, const char *word)
{
  tx_model *model = NULL;
  tx_error error = {0};
  const tx_status status = tx_model_open(path, &model, &error);
  if (status != TX_ERROR_MODEL) fail_msg("expected '%s', got status %d", word, (int)status);
  assert_null(model);
  assert_int_equal(error.code, TX_ERROR_MODEL);
  if (!strstr(error.message, word) || !strstr(error.message, path))
    fail_msg("expected '%s' in '%s'", word, error.message);
}

#endif
