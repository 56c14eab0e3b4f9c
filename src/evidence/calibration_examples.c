#include "evidence/calibration_examples.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

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

/* What the network has said of a record as examples of taxa that only it knows. */
static tx_status make_splits(tx_calibration_maker *self, size_t item, size_t thread)
{
  const tx_calibration_record *record = &self->records->records[item];
  const tx_split_truth truth = {record->rank, record->taxon, record->joint_rank, record->joint_taxon};
  tx_record_splits *own = &self->opt_record_splits[item];
  tx_split_example examples[TX_SPLIT_EXAMPLES_MAX];
  tx_random random;
  if (!record->clear) return TX_OK;
  tx_random_seed(&random, self->seed, item, 4, self->at);
  own->count = tx_split_examples_make(self->opt_voice->joint, self->set->space.top, &truth, self->coverage,
                                      self->said[thread], &random, examples);
  own->examples = malloc((own->count + 1) * sizeof *examples);
  if (!own->examples) return TX_ERROR_MEMORY;
  memcpy(own->examples, examples, own->count * sizeof *examples);
  return TX_OK;
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
  tx_status status;
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
  status = self->opt_voice->hear(self->opt_voice->context, thread, &part, list->outcomes, list->count,
                                 self->splits ? self->said[thread] : NULL);
  return status == TX_OK && self->splits ? make_splits(self, item, thread) : status;
}

static void clear_splits(tx_calibration_maker *maker)
{
  for (size_t i = 0; maker->opt_record_splits && i < maker->records->count; i++) {
    free(maker->opt_record_splits[i].examples);
    maker->opt_record_splits[i] = (tx_record_splits){NULL, 0};
  }
}

/* Prepares the examples of taxa that only the network knows, if there are any. */
static tx_status prepare_splits(tx_calibration_maker *maker, tx_error *error)
{
  const size_t threads = tx_pool_threads(maker->pool);
  const tx_joint *joint = maker->opt_voice ? maker->opt_voice->joint : NULL;
  bool allocated;
  if (!joint || !joint->taxonomy) return TX_OK;
  maker->splits = true;
  tx_split_coverage(joint, maker->coverage);
  maker->said = calloc(threads, sizeof *maker->said);
  maker->opt_record_splits = calloc(maker->records->count + 1, sizeof *maker->opt_record_splits);
  allocated = maker->said && maker->opt_record_splits;
  for (size_t i = 0; allocated && i < threads; i++) {
    maker->said[i] = calloc(joint->output_count + 1, sizeof **maker->said);
    allocated = maker->said[i] != NULL;
  }
  return allocated ? TX_OK : tx_fail_memory(error, "the calibration");
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
  return status == TX_OK ? prepare_splits(maker, error) : status;
}

void tx_calibration_maker_clear(tx_calibration_maker *maker)
{
  for (size_t i = 0; i < (maker->pool ? tx_pool_threads(maker->pool) : 0); i++) {
    if (maker->searches) tx_search_free(maker->searches[i]);
    if (maker->cuts) tx_sequence_buffer_free(&maker->cuts[i]);
    if (maker->said) free(maker->said[i]);
  }
  clear_splits(maker);
  free(maker->opt_record_splits);
  free(maker->said);
  free(maker->searches);
  free(maker->cuts);
}

tx_status tx_calibration_maker_run(tx_calibration_maker *maker, tx_outcome_examples *examples,
                                   uint32_t *items, tx_error *error)
{
  const tx_example_maker task = {maker->pool, maker->opt_stop, make_example, maker};
  clear_splits(maker);
  return tx_examples_make(&task, maker->records->count, examples, items, error);
}

tx_status tx_calibration_maker_split(const tx_calibration_maker *maker, const uint32_t *taxa,
                                     tx_split_scores scores[TX_SPLIT_GROUPS], tx_error *error)
{
  tx_split_item *items;
  size_t count = 0;
  tx_status status;
  if (!maker->splits) return TX_OK;
  for (size_t i = 0; i < maker->records->count; i++) count += maker->opt_record_splits[i].count;
  items = calloc(count + 1, sizeof *items);
  if (!items) return tx_fail_memory(error, "the weights of the network");
  count = 0;
  for (size_t i = 0; i < maker->records->count; i++)
    for (size_t e = 0; e < maker->opt_record_splits[i].count; e++)
      items[count++] = (tx_split_item){maker->opt_record_splits[i].examples[e],
                                       maker->records->records[i].fold, taxa[i]};
  status = tx_split_fit(items, count, scores, error);
  free(items);
  return status;
}
