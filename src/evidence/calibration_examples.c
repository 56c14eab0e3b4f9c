#include "evidence/calibration_examples.h"

#include "base/error.h"

#include <stdlib.h>

/* The part of a record that is an example of the length in hand: all of it if no other length is nearer,
   else a cut. No bases: none. */
static bool choose_part(tx_calibration_maker *self, size_t item, size_t thread, tx_sequence *ret_part)
{
  const tx_sequence *whole = &self->records->records[item].sequence.view;
  const tx_fitted_weights *fitted = &self->set->fitted;
  const uint32_t length = fitted->lengths[self->at];
  tx_random random;
  *ret_part = *whole;
  if (tx_fitted_nearest(fitted, (double)whole->count) == self->at) return true;
  ret_part->count = 0;
  if (whole->count <= length) return true;
  tx_random_seed(&random, self->seed, item, 3, length);
  if (!tx_sequence_cut(&self->cuts[thread], whole, tx_cut_start(&random, whole->count, length), length))
    return false;
  *ret_part = self->cuts[thread].view;
  return true;
}

/* An example of one record. */
static tx_status make_example(void *context, size_t item, size_t thread, tx_outcome_list *list)
{
  tx_calibration_maker *self = context;
  const tx_calibration_record *record = &self->records->records[item];
  const tx_outcome_space *space = &self->set->space;
  const tx_candidate *candidates;
  int32_t lineage[TX_RANKS_MAX] = {0};
  tx_sequence part;
  size_t count;
  uint32_t votes;
  if (!choose_part(self, item, thread, &part)) return TX_ERROR_MEMORY;
  if (!part.count) return TX_OK;
  candidates = tx_search_run(self->searches[thread], &part, NULL, &count, &votes);
  if (!count) return TX_OK;
  if (record->rank >= 0)
    tx_taxonomy_lineage(space->index->references->taxonomy, (size_t)record->rank, record->taxon, lineage);
  list->count = tx_outcomes_list(space, candidates, count, NULL, list->outcomes);
  list->truth = tx_outcomes_truth(space, lineage, record->rank, list->outcomes, list->count);
  list->asked = self->opt_voice != NULL;
  if (!list->asked) return TX_OK;
  return self->opt_voice->hear(self->opt_voice->context, thread, &part, list->outcomes, list->count);
}

tx_status tx_calibration_maker_init(tx_calibration_maker *maker, tx_error *error)
{
  const size_t threads = tx_pool_threads(maker->pool);
  tx_status status = TX_OK;
  maker->searches = calloc(threads, sizeof(tx_search *));
  maker->cuts = calloc(threads, sizeof *maker->cuts);
  if (!maker->searches || !maker->cuts) status = tx_fail_memory(error, "the calibration");
  for (size_t i = 0; status == TX_OK && i < threads; i++)
    status = tx_search_create(maker->set->index, &maker->searches[i], error);
  return status;
}

void tx_calibration_maker_clear(tx_calibration_maker *maker)
{
  for (size_t i = 0; i < (maker->pool ? tx_pool_threads(maker->pool) : 0); i++) {
    if (maker->searches) tx_search_free(maker->searches[i]);
    if (maker->cuts) tx_sequence_buffer_free(&maker->cuts[i]);
  }
  free(maker->searches);
  free(maker->cuts);
}

tx_status tx_calibration_maker_run(tx_calibration_maker *maker, tx_outcome_examples *examples,
                                   uint32_t *items, tx_error *error)
{
  const tx_example_maker task = {maker->pool, maker->opt_stop, make_example, maker};
  return tx_examples_make(&task, maker->records->count, examples, items, error);
}
