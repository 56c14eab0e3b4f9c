#include "evidence/cross_validation.h"

#include "base/random.h"

#include <string.h>

size_t tx_halves_rank(const tx_outcome_space *space)
{
  const tx_taxonomy *taxonomy = space->index->references->taxonomy;
  for (size_t r = 0; r < space->ranks; r++)
    if (tx_taxonomy_class_count(taxonomy, r) >= TX_HALVES_TAXA) return r;
  return space->ranks - 1;
}

unsigned tx_half_of(const tx_outcome_space *space, size_t rank, uint32_t reference, uint64_t seed)
{
  const int32_t *lineage = tx_references_lineage(space->index->references, reference);
  tx_random random;
  while (rank + 1 < space->ranks && lineage[rank] < 0) rank++;
  tx_random_seed(&random, seed, rank, (uint64_t)(uint32_t)lineage[rank], 0);
  return (unsigned)tx_random_below(&random, 2);
}

tx_status tx_reliability_cross_validate(const tx_cross_validation *task, tx_outcome_examples *examples,
                                        tx_reliability *ret_reliability, tx_error *error)
{
  tx_outcome_weights weights[TX_BOTH_HALVES] = {*task->start, *task->start};
  tx_status status = TX_OK;
  memset(ret_reliability, 0, sizeof *ret_reliability);
  for (unsigned half = 0; status == TX_OK && half < TX_BOTH_HALVES; half++) {
    double loss;
    if (tx_outcome_examples_weigh(examples, 1 - half, task->prior) < task->fewest) continue;
    status =
        tx_outcome_weights_fit(examples, task->space->kinds, task->penalty, &weights[half], &loss, error);
  }
  (void)tx_outcome_examples_weigh(examples, TX_BOTH_HALVES, task->prior);
  for (unsigned half = 0; status == TX_OK && half < TX_BOTH_HALVES; half++)
    tx_reliability_add(task->space, examples, half, &weights[half], ret_reliability);
  return status;
}
