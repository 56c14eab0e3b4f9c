#include "settings/note.h"
#include "dataset/symbols.h"

#include "base/error.h"

#include <stdlib.h>

/* Whether record i is in a share of `part` of `whole`, spread evenly; the first is, and with part >= whole
   all are. */
static bool in_share(uint64_t i, uint64_t part, uint64_t whole)
{
  return part >= whole || i == 0 || i * part / whole != (i - 1) * part / whole;
}

static tx_status fill(const tx_dataset *dataset, tx_bpe_learner **ret_learner, tx_error *error)
{
  const tx_part *part = &dataset->train;
  uint64_t bases = 0;
  uint8_t *codes = malloc(dataset->longest + 1);
  tx_status status;
  if (!codes) return tx_fail_memory(error, "a sequence");
  for (size_t i = 0; i < part->count; i++) bases += dataset->lengths[part->records[i]];
  status = tx_bpe_learner_create(
      part->count, bases < TX_BPE_TRAINING_BASES ? (size_t)bases : TX_BPE_TRAINING_BASES, ret_learner, error);
  for (size_t i = 0; i < part->count && status == TX_OK; i++)
    if (in_share(i, TX_BPE_TRAINING_BASES, bases))
      tx_bpe_learner_add(*ret_learner, codes, tx_dataset_codes(dataset, part->records[i], codes));
  free(codes);
  return status;
}

tx_status tx_learn_symbols(const tx_dataset *dataset, size_t symbols, size_t longest,
                           const tx_train_hooks *hooks, tx_bpe **ret_bpe, tx_error *error)
{
  tx_bpe_learner *learner = NULL;
  tx_status status = fill(dataset, &learner, error);
  if (status == TX_OK)
    status = tx_bpe_learn(learner, symbols, longest, hooks ? hooks->stop : NULL, ret_bpe, error);
  if (status == TX_OK)
    tx_train_note(hooks,
                  "tokenizer: %zu symbols of up to %zu bases are learned from %zu records, %.2f "
                  "bases a token",
                  tx_bpe_symbols(*ret_bpe), tx_bpe_longest(*ret_bpe), tx_bpe_learner_sequences(learner),
                  (double)tx_bpe_learner_bases(learner) / (double)tx_bpe_learner_tokens(learner));
  tx_bpe_learner_free(learner);
  return status;
}
