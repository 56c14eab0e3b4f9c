/* The training that the checkpoints of the fuzzing belong to: the smallest with everything a checkpoint can
 * have. */
#ifndef TX_TESTS_FUZZ_CHECKPOINT_RUN_H
#define TX_TESTS_FUZZ_CHECKPOINT_RUN_H

#include "harness.h"

#include "train/checkpoint.h"
#include "settings/config.h"

enum { RUN_FINGERPRINT = 0x5eed, RUN_MEMORY = 3 };

static const char run_taxonomy[] =
    "order\tspecies\n0\t-1\t-1\tA\n0\t-1\t-1\tB\n1\t0\t0\ta\n1\t0\t0\tb\n1\t0\t1\tc\n";

typedef struct checkpoint_run {
  tx_train_config config;
  tx_dims dims;
  tx_tokenizer tokenizer;
  tx_taxonomy *taxonomy;
  tx_pool *pool;
  char *json;
  float *weights, *average;
  tx_train_state state;
  tx_adamw optimiser;
  tx_kl matrices;
  tx_contrast contrast;
  tx_checkpoint checkpoint; /* of the above */
} checkpoint_run;

/* A place that lasts: one training of a process, `everything` or AdamW alone. */
static inline void run_create(checkpoint_run *run, bool everything)
{
  const tx_kl_options options = {.soap = true,
                                 .beta1 = 0.9,
                                 .beta2 = 0.9,
                                 .epsilon = 1e-8,
                                 .clamp = 1e5,
                                 .frequency = 1,
                                 .slow_share = 1};
  tx_error error = {0};
  size_t count, elements;
  const tx_param *params = tx_train_params(&count);
  bool *taken;
  memset(run, 0, sizeof *run);
  require(tx_param_defaults(params, count, &run->config, &error) == TX_OK, "no configuration");
  require(tx_train_config_write(&run->config, &run->json, &error) == TX_OK, "no configuration");
  run->tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1, .max_bases = 660};
  run->dims = (tx_dims){.vocabulary = 8,
                        .width = 2,
                        .layers = 1,
                        .state = 1,
                        .head_width = 2,
                        .expand = 1,
                        .kernel = 2,
                        .mlp = 2,
                        .ranks = 2,
                        .classes = {2, 3}};
  elements = tx_layout_elements(&run->dims);
  require(tx_taxonomy_read(run_taxonomy, sizeof run_taxonomy - 1, &run->taxonomy, &error) == TX_OK,
          "no taxonomy");
  run->weights = calloc(2 * elements, sizeof(float));
  taken = calloc(tx_layout_count(&run->dims), sizeof *taken);
  require(run->weights && taken, "out of memory");
  tx_layout_initialise(&run->dims, 7, run->weights);
  for (size_t i = 0; everything && i < tx_layout_count(&run->dims); i++)
    taken[i] = tx_kl_takes(&run->dims, i, 100);
  require(tx_pool_create(1, &run->pool, &error) == TX_OK, "no pool");
  require(tx_adamw_create(&run->dims, 0.9, 0.99, 1e-8, 0.1, false, taken, &run->optimiser, &error) == TX_OK,
          "no optimiser");
  require(tx_kl_create(&run->dims, &options, everything ? 100 : 0, 1, &run->matrices, &error) == TX_OK,
          "no matrices");
  free(taken);
  if (everything) {
    run->average = run->weights + elements;
    memcpy(run->average, run->weights, elements * sizeof(float));
    run->contrast = (tx_contrast){.capacity = RUN_MEMORY, .width = run->dims.width};
    run->contrast.embeddings = calloc(RUN_MEMORY * run->dims.width, sizeof(float));
    run->contrast.records = calloc(RUN_MEMORY, sizeof(int32_t));
    require(run->contrast.embeddings && run->contrast.records, "out of memory");
  }
  run->checkpoint = (tx_checkpoint){.dims = &run->dims,
                                    .tokenizer = &run->tokenizer,
                                    .taxonomy = run->taxonomy,
                                    .config = run->json,
                                    .fingerprint = RUN_FINGERPRINT,
                                    .state = &run->state,
                                    .weights = run->weights,
                                    .average = run->average,
                                    .optimiser = &run->optimiser,
                                    .matrices = &run->matrices,
                                    .contrast = &run->contrast};
}

#endif
