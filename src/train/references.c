#include "train/references.h"

#include "base/error.h"
#include "settings/note.h"

#include <stdlib.h>
#include <string.h>

/* The ranks of the references: those of the input, and with --add those that the model's references have. */
typedef struct reference_ranks {
  const char *names[TX_RANKS_MAX];
  size_t count;
  size_t places[TX_RANKS_MAX]; /* of each rank of the input */
} reference_ranks;

static tx_status find_ranks(const tx_dataset *dataset, const tx_reference_set *opt_old,
                            reference_ranks *ranks, tx_error *error)
{
  tx_status status = TX_OK;
  ranks->count = tx_dataset_input_ranks(dataset);
  for (size_t r = 0; r < ranks->count; r++)
    ranks->names[r] = tx_taxonomy_builder_rank_name(dataset->builder, r);
  if (opt_old)
    status = tx_dataset_join_ranks(opt_old->references->taxonomy, ranks->names, &ranks->count, error);
  for (size_t r = 0; status == TX_OK && r < tx_dataset_input_ranks(dataset); r++) {
    ranks->places[r] = 0;
    while (strcmp(ranks->names[ranks->places[r]], tx_taxonomy_builder_rank_name(dataset->builder, r)) != 0)
      ranks->places[r]++;
  }
  return status;
}

/* The names of a record's taxa. */
static void list_taxa(const tx_dataset *dataset, uint32_t record, const reference_ranks *ranks,
                      const char **taxa)
{
  for (size_t r = 0; r < tx_dataset_input_ranks(dataset); r++)
    taxa[ranks->places[r]] =
        tx_taxonomy_builder_label(dataset->builder, (int32_t)dataset->lineages[record], r);
}

static tx_status add_records(const tx_trainer *trainer, const reference_ranks *ranks,
                             tx_references_builder *builder, tx_error *error)
{
  const tx_dataset *dataset = trainer->dataset;
  uint8_t *codes = malloc(dataset->longest + 1);
  char *bases = malloc(dataset->longest + 1);
  tx_status status = codes && bases ? TX_OK : tx_fail_memory(error, "the references");
  for (size_t i = 0; status == TX_OK && i < dataset->train.count; i++) {
    const uint32_t record = dataset->train.records[i];
    const size_t count = tx_dataset_codes(dataset, record, codes);
    const char *taxa[TX_RANKS_MAX] = {NULL};
    const tx_reference_record reference = {tx_dataset_id(dataset, record), bases, count, taxa, "", 0};
    for (size_t j = 0; j < count; j++) bases[j] = "ACGTN"[codes[j]];
    list_taxa(dataset, record, ranks, taxa);
    status = tx_references_builder_add(builder, &reference, error);
  }
  free(codes);
  free(bases);
  return status;
}

static tx_status build(const tx_trainer *trainer, tx_references **ret_references, tx_error *error)
{
  reference_ranks ranks;
  tx_references_builder *builder = NULL;
  tx_reference_set *old = NULL;
  tx_status status = TX_OK;
  *ret_references = NULL;
  if (trainer->config->add) status = tx_reference_set_of_model(trainer->init, &old, error);
  if (status == TX_OK) status = find_ranks(trainer->dataset, old, &ranks, error);
  if (status == TX_OK) status = tx_references_builder_create(ranks.names, ranks.count, &builder, error);
  if (status == TX_OK && old)
    status = tx_references_builder_take(builder, old->references, trainer->config->init, error);
  tx_reference_set_free(old);
  if (status == TX_OK) status = add_records(trainer, &ranks, builder, error);
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
  if (!trainer->config->references || !trainer->objective->references || !trainer->dataset->builder)
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
