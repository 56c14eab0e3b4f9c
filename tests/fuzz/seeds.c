/* Writes the first inputs of the harnesses whose files are not written by hand: models of every kind, and
   checkpoints, and references, in the present format.  fuzz_seeds FOLDER fills FOLDER/model,
   FOLDER/checkpoint and FOLDER/references. Each is opened again, so that no harness begins with what is
   refused. */
#include "checkpoint_run.h"

#include "evidence/prior.h"
#include "evidence/reference_file.h"
#include "model/model.h"

#include <sys/stat.h>
#include <sys/types.h>

enum { PATH_SIZE = 4096 };

static const tx_regression regression = {
    .count = 2, .outputs = {{"length", false, 10.25, 2.5}, {"a+b", true, -0.125, 1e-3}}};
static const char config[] = "{\"d-model\": 2, \"note\": \"a \\\"quoted\\\" caf\\u00e9\"}";
static const char provenance[] = "{\"name\":\"seed\",\"version\":\"0.1.0\",\"simulated\":true,\"data\":[{"
                                 "\"file\":\"a.fasta\",\"records\":10}],\"best_metric\":0.5}";

static void check(tx_status status, const tx_error *error)
{
  if (status == TX_OK) return;
  fprintf(stderr, "fuzz_seeds: %s\n", error->message);
  exit(1);
}

static void name_file(char *path, const char *folder, const char *kind, const char *name)
{
  snprintf(path, PATH_SIZE, "%s/%s", folder, kind);
  (void)mkdir(path, 0777);
  snprintf(path, PATH_SIZE, "%s/%s/%s", folder, kind, name);
}

static void write_model(const char *folder, const char *name, tx_tokenizer tokenizer, tx_dims dims,
                        tx_precision precision)
{
  char path[PATH_SIZE];
  tx_taxonomy *taxonomy = NULL;
  tx_model *model = NULL;
  tx_error error = {0};
  float *weights;
  check(tx_taxonomy_read(run_taxonomy, sizeof run_taxonomy - 1, &taxonomy, &error), &error);
  dims.vocabulary = tx_tokenizer_vocabulary(&tokenizer);
  weights = malloc(tx_layout_elements(&dims) * sizeof *weights);
  require(weights != NULL, "out of memory");
  tx_layout_initialise(&dims, 42, weights);
  for (size_t i = 0; i < tx_layout_elements(&dims); i++) weights[i] *= 8; /* so that answers differ */
  name_file(path, folder, "model", name);
  check(tx_model_write(path,
                       &(tx_model_parts){.dims = &dims,
                                         .tokenizer = &tokenizer,
                                         .taxonomy = taxonomy,
                                         .opt_regression = &regression,
                                         .weights = weights,
                                         .precision = precision,
                                         .config = config,
                                         .provenance = provenance},
                       &error),
        &error);
  check(tx_model_open(path, &model, &error), &error);
  tx_model_close(model);
  tx_taxonomy_free(taxonomy);
  free(weights);
}

static void write_models(const char *folder)
{
  const tx_dims small = {.width = 2,
                         .layers = 1,
                         .state = 1,
                         .head_width = 2,
                         .expand = 1,
                         .kernel = 2,
                         .mlp = 2,
                         .head_count = 2,
                         .heads = {{TX_HEAD_TAXA, 2}, {TX_HEAD_TAXA, 3}}};
  const tx_dims wide = {.width = 17,
                        .layers = 2,
                        .state = 5,
                        .head_width = 17,
                        .expand = 2,
                        .kernel = 4,
                        .mlp = 19,
                        .head_count = 2,
                        .heads = {{TX_HEAD_TAXA, 2}, {TX_HEAD_TAXA, 3}}};
  const tx_tokenizer letters = {.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1, .max_bases = 660};
  const tx_tokenizer words = {.kind = TX_TOKENIZER_KMER, .k = 3, .stride = 2, .max_bases = 60, .pad_to = 66};
  const tx_bpe_pair pairs[] = {{3, 4}, {7, 7}, {5, 8}};
  tx_tokenizer learned = {.kind = TX_TOKENIZER_BPE, .k = 1, .stride = 1};
  tx_dims dims = small;
  tx_error error = {0};
  check(tx_bpe_create(pairs, sizeof pairs / sizeof *pairs, &learned.bpe, &error), &error);
  write_model(folder, "char", letters, small, TX_PRECISION_FLOAT32);
  write_model(folder, "kmer", words, small, TX_PRECISION_FLOAT32);
  write_model(folder, "bpe", learned, small, TX_PRECISION_FLOAT32);
  write_model(folder, "bf16", letters, small, TX_PRECISION_BF16);
  write_model(folder, "int8", letters, small, TX_PRECISION_INT8);
  write_model(folder, "wide", letters, wide, TX_PRECISION_FLOAT32);
  write_model(folder, "wide_int8", letters, wide, TX_PRECISION_INT8);
  dims.positions = 3;
  write_model(folder, "positions", letters, dims, TX_PRECISION_FLOAT32);
  dims.strands = 2;
  write_model(folder, "both_strands", letters, dims, TX_PRECISION_FLOAT32);
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_REGRESSION, 2};
  write_model(folder, "traits", letters, dims, TX_PRECISION_FLOAT32);
  tx_tokenizer_free(&learned);
}

static void write_checkpoint(const char *folder, const char *name, bool everything)
{
  static checkpoint_run run;
  char path[PATH_SIZE];
  tx_output *output = NULL;
  tx_error error = {0};
  run_create(&run, everything);
  name_file(path, folder, "checkpoint", name);
  check(tx_output_open(path, NULL, &output, &error), &error);
  check(tx_checkpoint_put(output, &run.checkpoint, &error), &error);
  check(tx_output_commit(output, &error), &error);
  check(tx_checkpoint_read(path, &run.config, &run.checkpoint, &error), &error);
  free(run.json);
  tx_taxonomy_free(run.taxonomy);
  free(run.weights);
  tx_optimiser_free(&run.optimiser);
  tx_state_parts_free(&run.parts);
  free(run.contrast.embeddings);
  free(run.contrast.records);
  tx_pool_free(run.pool);
}

/* `count` barcodes of `bases` letters in two genera, every third with uncertain letters. */
/* heard: with weights of a network. */
static void write_references(const char *folder, const char *name, size_t count, size_t bases, bool heard)
{
  static const char *const ranks[] = {"order", "genus", "species"};
  char path[PATH_SIZE], letters[256] = "", id[16], species[16];
  tx_references_builder *builder = NULL;
  tx_references *references = NULL;
  tx_reference_set *set = NULL;
  tx_error error = {0};
  uint32_t random = 1;
  check(tx_references_builder_create(ranks, 3, &builder, &error), &error);
  for (size_t i = 0; i < count; i++) {
    const char *const taxa[] = {i ? "Diptera" : NULL, i % 2 ? "Musca" : "Aedes", i % 4 ? species : NULL};
    for (size_t at = 0; at < bases; at++) {
      random = random * 1664525 + 1013904223;
      if (!letters[at] || random >> 29 == 0) letters[at] = "ACGT"[random >> 20 & 3];
    }
    if (i % 3 == 0) memcpy(letters + 5, "NNYR", 4);
    snprintf(id, sizeof id, "r%zu", i);
    snprintf(species, sizeof species, "species %zu", i / 2);
    check(tx_references_builder_add(builder,
                                    &(tx_reference_record){.id = id,
                                                           .bases = letters,
                                                           .base_count = bases,
                                                           .taxa = taxa,
                                                           .file = "seed"},
                                    &error),
          &error);
  }
  check(tx_references_builder_finish(builder, &references, &error), &error);
  tx_references_builder_free(builder);
  check(tx_reference_set_create(references, &set, &error), &error);
  set->fitted.length_count = 2;
  set->fitted.lengths[0] = 50;
  set->fitted.lengths[1] = (uint32_t)bases;
  check(tx_prior_estimate(&set->space, set->fitted.prior, &error), &error);
  for (size_t f = 0; f < TX_FEATURES; f++) set->fitted.weights[1].of[0][f] = 0.5 - 0.125 * (double)f;
  set->fitted.witness.present = heard;
  if (heard) {
    set->fitted.witness.lengths[1].scores = (tx_witness_scores){.fitted = true, .records = 30, .asked = 4};
    set->fitted.witness.lengths[1].weights.of[0] = 0.5;
  }
  name_file(path, folder, "references", name);
  check(tx_reference_set_write(set, path, NULL, &error), &error);
  tx_reference_set_free(set);
  check(tx_reference_set_open(path, &set, &error), &error);
  tx_reference_set_free(set);
}

int main(int argument_count, char **arguments)
{
  if (argument_count != 2) {
    fputs("usage: fuzz_seeds FOLDER\n", stderr);
    return 2;
  }
  (void)mkdir(arguments[1], 0777);
  write_models(arguments[1]);
  write_checkpoint(arguments[1], "adamw", false);
  write_checkpoint(arguments[1], "everything", true);
  write_references(arguments[1], "one", 1, 80, false);
  write_references(arguments[1], "some", 12, 128, false);
  write_references(arguments[1], "heard", 12, 128, true);
  return 0;
}
