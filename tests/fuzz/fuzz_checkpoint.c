/* Checkpoints: the mended file (mended.h) is read into a training with everything and into one with AdamW
   alone. What is accepted must be good for one more step of the optimisers, however odd its numbers, and is
   written again. */
#include "mended.h"

#include "checkpoint_run.h"

static void require_refusal(tx_status status, const tx_error *error)
{
  require(status == TX_ERROR_MODEL || status == TX_ERROR_USAGE || status == TX_ERROR_MEMORY ||
              status == TX_ERROR_DATA,
          "an error of another kind");
  require_error(status, error);
}

static void step(checkpoint_run *run)
{
  static float gradients[1024];
  const size_t elements = tx_layout_elements(&run->dims);
  const tx_kl_entry *failed = NULL;
  tx_status status;
  require(elements <= sizeof gradients / sizeof *gradients, "a network that is too large");
  for (size_t i = 0; i < elements; i++) gradients[i] = 0.01F * (float)(i % 7) - 0.02F;
  tx_optimiser_set_step(&run->optimiser, run->state.step);
  status = tx_optimiser_step(&run->optimiser, run->pool, 0.01, 1, gradients, run->weights, &failed);
  require(status == TX_OK || status == TX_ERROR_NUMERIC || status == TX_ERROR_MEMORY,
          "an error of another kind");
  require((status == TX_OK) == (failed == NULL), "an error of no matrix");
}

static void try_run(checkpoint_run *run, const tx_safetensors *file)
{
  tx_error error = {0};
  const tx_status status = tx_checkpoint_load(file, "fuzz", &run->config, &run->checkpoint, &error);
  if (status != TX_OK)
    require_refusal(status, &error);
  else
    step(run);
}

static void try_tokenizer(const checkpoint_run *run, const tx_safetensors *file, tx_tokenizer_kind kind)
{
  tx_tokenizer tokenizer = {.kind = kind};
  tx_error error = {0};
  const tx_status status = tx_checkpoint_load_tokenizer(file, "fuzz", &run->config, &tokenizer, &error);
  if (status == TX_OK) {
    require(tokenizer.kind == kind, "a tokenizer of another kind");
    tx_tokenizer_free(&tokenizer);
  } else {
    require_refusal(status, &error);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static checkpoint_run everything, plain;
  size_t mended_size = 0;
  uint8_t *mended = mend(data, size, &mended_size);
  tx_safetensors *file = NULL;
  tx_error error = {0};
  if (!everything.json) {
    run_create(&everything, true);
    run_create(&plain, false);
  }
  if (mended && tx_safetensors_read("fuzz", mended, mended_size, 1, &file, &error) == TX_OK) {
    try_run(&everything, file);
    try_run(&plain, file);
    try_tokenizer(&plain, file, TX_TOKENIZER_BPE);
    try_tokenizer(&plain, file, TX_TOKENIZER_CHAR);
  }
  tx_safetensors_close(file);
  free(mended);
  return 0;
}
