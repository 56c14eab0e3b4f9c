/* The objective of a language model: the next token is predicted (as in BarcodeMamba, Gao and Taylor
   2024). */
#include "objective/list.h"
#include "objective/tokens.h"

static tx_status choose_metric(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                               tx_error *error)
{
  return tx_tokens_set_metric(config, dataset, "perplexity", metric, error);
}

static void fill(const tx_objective_term *term, tx_shard *shard, tx_random *random)
{
  (void)term;
  (void)random;
  tx_tokens_next(shard);
}

const tx_objective_functions tx_objective_next_token = {
    .name = "next-token",
    .needs = {.tokens = 3}, /* for each of two to have a next one */
    .reverse_complement = 0.5,
    .one_strand = true,
    .head = "token head",
    .set_sizes = tx_tokens_set_sizes,
    .choose_metric = choose_metric,
    .prepare_worker = tx_tokens_prepare_worker,
    .release_worker = tx_tokens_release_worker,
    .fill = fill,
    .learn = tx_tokens_learn,
    .backward = tx_tokens_backward,
    .conclude = tx_tokens_conclude,
    .validate = tx_tokens_validate,
    .figures = tx_tokens_figures};
