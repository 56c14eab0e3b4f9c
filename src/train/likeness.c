#include "train/likeness.h"

#include "base/error.h"
#include "settings/note.h"

#include <stdlib.h>

typedef struct records {
  const tx_dataset *dataset;
  size_t rank;
} records;

/* The highest rank with enough taxa, else the lowest. */
static size_t judged_rank(const tx_dataset *dataset)
{
  size_t rank = 0;
  while (rank + 1 < dataset->ranks && tx_taxonomy_class_count(dataset->taxonomy, rank) < TX_LIKENESS_TAXA)
    rank++;
  return rank;
}

/* The group of a record is its taxon at the rank, or below it where it has none there. */
static size_t read_record(void *context, size_t number, uint8_t *codes, uint64_t *ret_group)
{
  const records *own = context;
  const uint32_t record = own->dataset->train.records[number];
  *ret_group = 0;
  for (size_t r = own->rank; r < own->dataset->ranks && *ret_group == 0; r++) {
    const int32_t label = tx_dataset_label_of(own->dataset, record, r);
    if (label >= 0)
      *ret_group = tx_likeness_group(r, tx_taxonomy_class_name(own->dataset->taxonomy, r, label));
  }
  return tx_dataset_codes(own->dataset, record, codes);
}

tx_status tx_trainer_make_likeness(tx_trainer *trainer, tx_error *error)
{
  const tx_dataset *dataset = trainer->dataset;
  records own = {dataset, 0};
  const tx_likeness_source source = {dataset->train.count, dataset->longest, &own, read_record};
  tx_status status;
  if (!trainer->objective->references || trainer->config->add || dataset->ranks == 0) return TX_OK;
  own.rank = judged_rank(dataset);
  trainer->likeness_scores = calloc(TX_LIKENESS_WORDS, 1);
  if (!trainer->likeness_scores) return tx_fail_memory(error, "the chain of the bases");
  status = tx_likeness_fit(&source, trainer->likeness_scores, &trainer->likeness, error);
  if (status == TX_OK && trainer->likeness.scores)
    tx_train_note(trainer->hooks,
                  "unlike: a sequence of %.0f bases gets no name below %.2f bits a base above chance",
                  trainer->likeness.length[trainer->likeness.lengths - 1],
                  trainer->likeness.threshold[trainer->likeness.lengths - 1]);
  return status;
}

void tx_trainer_free_likeness(tx_trainer *trainer)
{
  free(trainer->likeness_scores);
}
