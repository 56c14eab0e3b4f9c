#include "train/references.h"

#include "base/error.h"
#include "settings/note.h"

#include <stdlib.h>
#include <string.h>

/* The names of a record's taxa, (ranks) of the input. */
static void list_taxa(const tx_dataset *dataset, uint32_t record, const char **taxa)
{
  for (size_t r = 0; r < tx_dataset_input_ranks(dataset); r++)
    taxa[r] = tx_taxonomy_builder_label(dataset->builder, (int32_t)dataset->lineages[record], r);
}

static tx_status add_records(const tx_trainer *trainer, tx_references_builder *builder, tx_error *error)
{
  const tx_dataset *dataset = trainer->dataset;
  uint8_t *codes = malloc(dataset->longest + 1);
  char *bases = malloc(dataset->longest + 1);
  tx_status status = codes && bases ? TX_OK : tx_fail_memory(error, "the references");
  for (size_t i = 0; status == TX_OK && i < dataset->train.count; i++) {
    const uint32_t record = dataset->train.records[i];
    const size_t count = tx_dataset_codes(dataset, record, codes);
    const char *taxa[TX_RANKS_MAX];
    const tx_reference_record reference = {tx_dataset_id(dataset, record), bases, count, taxa, "", 0};
    for (size_t j = 0; j < count; j++) bases[j] = "ACGTN"[codes[j]];
    list_taxa(dataset, record, taxa);
    status = tx_references_builder_add(builder, &reference, error);
  }
  free(codes);
  free(bases);
  return status;
}

static tx_status build(const tx_trainer *trainer, tx_references **ret_references, tx_error *error)
{
  const tx_dataset *dataset = trainer->dataset;
  const char *ranks[TX_RANKS_MAX];
  tx_references_builder *builder = NULL;
  tx_status status;
  *ret_references = NULL;
  for (size_t r = 0; r < tx_dataset_input_ranks(dataset); r++)
    ranks[r] = tx_taxonomy_builder_rank_name(dataset->builder, r);
  status = tx_references_builder_create(ranks, tx_dataset_input_ranks(dataset), &builder, error);
  if (status == TX_OK) status = add_records(trainer, builder, error);
  if (status == TX_OK) {
    status = tx_references_builder_finish(builder, ret_references, error);
    if (status == TX_ERROR_DATA) { /* none is left: no fault of a training */
      tx_train_note(trainer->hooks, "the model gets no references: no record has 50 certain bases");
      status = TX_OK;
    }
  }
  tx_references_builder_free(builder);
  return status;
}

tx_status tx_trainer_make_references(tx_trainer *trainer, tx_error *error)
{
  const volatile int *stop = trainer->hooks ? trainer->hooks->stop : NULL;
  tx_references *references = NULL;
  tx_status status;
  if (!trainer->config->references || !trainer->dataset->builder || trainer->dataset->unlabelled)
    return TX_OK;
  status = build(trainer, &references, error);
  if (status != TX_OK || !references) return status;
  status = tx_reference_set_create(references, &trainer->references, error);
  if (status == TX_OK)
    status = tx_evidence_fit(&trainer->references->space, trainer->pool, trainer->config->seed, stop,
                             &trainer->references->fitted, error);
  if (status == TX_OK)
    status = tx_reference_sections_create(trainer->references, &trainer->reference_sections, error);
  if (status == TX_OK)
    tx_train_note(trainer->hooks, "references: %zu barcodes go into the model (--no-references: none)",
                  trainer->references->references->count);
  return status;
}

void tx_trainer_free_references(tx_trainer *trainer)
{
  tx_reference_sections_free(&trainer->reference_sections);
  tx_reference_set_free(trainer->references);
}
