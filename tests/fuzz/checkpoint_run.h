/* The training that the checkpoints of the fuzzing belong to: the smallest with everything a checkpoint can
   have. */
#ifndef TX_TESTS_FUZZ_CHECKPOINT_RUN_H
#define TX_TESTS_FUZZ_CHECKPOINT_RUN_H

#include "harness.h"

#include "objective/contrast.h"
#include "objective/list.h"
#include "optim/optimiser.h"
#include "settings/config.h"
#include "train/checkpoint.h"

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
  tx_optimiser optimiser;
  tx_contrast contrast;
  tx_state_parts parts;
  tx_checkpoint checkpoint; /* of the above */
} checkpoint_run;

/* What a checkpoint keeps of the run beside its weights. */
static inline void run_list_parts(checkpoint_run *run)
{
  const tx_objective_term term = {.functions = &tx_objective_contrast, .state = &run->contrast};
  const tx_state_part average = {"checkpoint.average", TX_STATE_FINITE,
                                 run->average ? tx_layout_elements(&run->dims) : 0, run->average};
  tx_error error = {0};
  require(tx_optimiser_parts(&run->optimiser, &run->parts, &error) == TX_OK, "no parts");
  require(tx_state_parts_add(&run->parts, average, &error) == TX_OK, "no parts");
  require(tx_objective_contrast.parts(&term, &run->parts, &error) == TX_OK, "no parts");
}

/* Of matrices as well, or AdamW alone: the settings of the file stay the same. */
static inline void run_create_optimiser(checkpoint_run *run, bool everything)
{
  tx_train_config *config = malloc(sizeof *config);
  tx_error error = {0};
  require(config != NULL, "out of memory");
  *config = run->config;
  config->optimiser = everything ? TX_OPTIMISER_KL_SOAP : TX_OPTIMISER_ADAMW;
  config->preconditioner_limit = 100;
  config->preconditioner_frequency = 1;
  config->preconditioner_block = 100;
  config->preconditioner_clamp = 1e5;
  require(tx_optimiser_create(config, &run->dims, 1, &run->optimiser, &error) == TX_OK, "no optimiser");
  free(config);
}

/* A place that lasts: one training of a process, `everything` or AdamW alone. */
static inline void run_create(checkpoint_run *run, bool everything)
{
  tx_error error = {0};
  size_t count, elements;
  const tx_param *params = tx_train_params(&count);
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
                        .head_count = 2,
                        .heads = {{TX_HEAD_TAXA, 2}, {TX_HEAD_TAXA, 3}}};
  elements = tx_layout_elements(&run->dims);
  require(tx_taxonomy_read(run_taxonomy, sizeof run_taxonomy - 1, &run->taxonomy, &error) == TX_OK,
          "no taxonomy");
  run->weights = calloc(2 * elements, sizeof(float));
  require(run->weights != NULL, "out of memory");
  tx_layout_initialise(&run->dims, 7, run->weights);
  require(tx_pool_create(1, &run->pool, &error) == TX_OK, "no pool");
  run_create_optimiser(run, everything);
  if (everything) {
    run->average = run->weights + elements;
    memcpy(run->average, run->weights, elements * sizeof(float));
    run->contrast = (tx_contrast){.capacity = RUN_MEMORY, .width = run->dims.width};
    run->contrast.embeddings = calloc(RUN_MEMORY * run->dims.width, sizeof(float));
    run->contrast.records = calloc(RUN_MEMORY, sizeof(int32_t));
    require(run->contrast.embeddings && run->contrast.records, "out of memory");
  }
  run_list_parts(run);
  run->checkpoint = (tx_checkpoint){.dims = &run->dims,
                                    .tokenizer = &run->tokenizer,
                                    .taxonomy = run->taxonomy,
                                    .config = run->json,
                                    .fingerprint = RUN_FINGERPRINT,
                                    .state = &run->state,
                                    .weights = run->weights,
                                    .parts = &run->parts};
}

#endif
