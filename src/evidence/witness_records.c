#include "evidence/witness_records.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* The number of a record's taxon: records of one stand side by side, with one pointer to their label. */
static void number_taxa(const tx_calibration_records *records, uint32_t *numbers)
{
  for (size_t i = 0; i < records->count; i++) {
    const bool same = i && records->records[i].label == records->records[i - 1].label;
    numbers[i] = i == 0 ? 0 : numbers[i - 1] + !same;
  }
}

static tx_status fit(const tx_witness_examples *task, const uint32_t *taxa, tx_witness_example *examples,
                     tx_witness_length *ret_length, tx_error *error)
{
  size_t count = 0;
  for (size_t i = 0; i < task->examples->count; i++) {
    const struct tx_outcome_example *e = &task->examples->examples[i];
    const bool own = i >= task->held;
    if (!e->asked) continue;
    examples[count++] = (tx_witness_example){
        .outcomes = task->examples->outcomes + e->first,
        .count = e->count,
        .truth = e->truth,
        .fold = own ? task->records->records[task->items[i]].fold : e->half,
        .taxon = own ? taxa[task->items[i]] : 0,
        .own = own};
  }
  return tx_witness_fit(&(tx_witness_task){.space = task->space,
                                           .examples = examples,
                                           .count = count,
                                           .evidence = task->evidence,
                                           .prior = task->prior,
                                           .reliability = task->reliability},
                        ret_length, error);
}

tx_status tx_witness_fit_examples(const tx_witness_examples *task, tx_witness_length *ret_length,
                                  tx_error *error)
{
  uint32_t *taxa = calloc(task->records->count + 1, sizeof *taxa);
  tx_witness_example *examples = calloc(task->examples->count + 1, sizeof *examples);
  tx_status status = TX_ERROR_MEMORY;
  if (taxa && examples) {
    number_taxa(task->records, taxa);
    status = fit(task, taxa, examples, ret_length, error);
    if (status == TX_OK) status = tx_calibration_maker_split(task->maker, taxa, ret_length->split, error);
  } else {
    status = tx_fail_memory(error, "the weights of the network");
  }
  free(taxa);
  free(examples);
  return status;
}

static tx_status fit_length(tx_calibration_maker *maker, tx_witness_length *ret_length, tx_error *error)
{
  const tx_fitted_weights *fitted = &maker->set->fitted;
  const tx_outcome_weights *evidence[TX_CALIBRATION_FOLDS];
  tx_outcome_examples examples = {0};
  uint32_t *items = calloc(maker->records->count + 1, sizeof *items);
  tx_status status = items ? tx_calibration_maker_run(maker, &examples, items, error)
                           : tx_fail_memory(error, "the weights of the network");
  for (size_t f = 0; f < TX_CALIBRATION_FOLDS; f++) evidence[f] = &fitted->weights[maker->at];
  if (status == TX_OK)
    status = tx_witness_fit_examples(&(tx_witness_examples){.space = &maker->set->space,
                                                            .records = maker->records,
                                                            .examples = &examples,
                                                            .items = items,
                                                            .evidence = evidence,
                                                            .prior = fitted->prior,
                                                            .reliability = &fitted->reliability[maker->at],
                                                            .maker = maker},
                                     ret_length, error);
  tx_outcome_examples_free(&examples);
  free(items);
  return status;
}

tx_status tx_witness_fit_records(tx_calibration_maker *maker, tx_witness *ret_witness, tx_error *error)
{
  tx_status status = TX_OK;
  memset(ret_witness, 0, sizeof *ret_witness);
  ret_witness->present = true;
  ret_witness->network = maker->opt_voice->network;
  for (maker->at = 0; status == TX_OK && maker->at < maker->set->fitted.length_count; maker->at++)
    status = fit_length(maker, &ret_witness->lengths[maker->at], error);
  return status;
}
