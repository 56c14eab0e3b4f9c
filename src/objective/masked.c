/* The objective of a masked language model: tokens that are replaced by MASK are predicted from the other
   tokens (as in BarcodeBERT). */
#include "objective/list.h"
#include "objective/tokens.h"

static void fill(const tx_objective_term *term, tx_shard *shard, tx_random *random)
{
  tx_tokens_mask(shard, term->context->config->mask_share, random);
}

const tx_objective_functions tx_objective_masked = {.name = "masked",
                                                    .needs = {.tokens = 2},
                                                    .reverse_complement = 0.5,
                                                    .one_strand = true,
                                                    .head = "token head",
                                                    .set_sizes = tx_tokens_set_sizes,
                                                    .choose_metric = tx_tokens_choose_metric,
                                                    .prepare_worker = tx_tokens_prepare_worker,
                                                    .release_worker = tx_tokens_release_worker,
                                                    .fill = fill,
                                                    .learn = tx_tokens_learn,
                                                    .backward = tx_tokens_backward,
                                                    .conclude = tx_tokens_conclude,
                                                    .validate = tx_tokens_validate,
                                                    .figures = tx_tokens_figures};
