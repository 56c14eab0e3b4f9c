#include "dataset/balance.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "dataset/batch.h"
#include "dataset/streams.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Returns the lowest labelled taxon of a lineage, numbered over all ranks; `taxa` if there is none. */
static size_t group_of(const tx_dataset *dataset, size_t lineage, const size_t *first)
{
  const int32_t *labels = dataset->labels + lineage * dataset->ranks;
  for (size_t r = dataset->ranks; r-- > 0;)
    if (labels[r] >= 0) return first[r] + (size_t)labels[r];
  return first[dataset->ranks];
}

static void fill_expected(const tx_dataset *dataset, double power, const size_t *first, uint64_t *counts,
                          double *expected)
{
  const size_t lineages = tx_names_count(dataset->lineage_names), records = dataset->train.count;
  double sum = 0;
  for (size_t i = 0; i < records; i++)
    counts[group_of(dataset, dataset->lineages[dataset->train.records[i]], first)]++;
  for (size_t i = 0; i < lineages; i++) {
    const uint64_t count = counts[group_of(dataset, i, first)];
    expected[i] = count ? pow((double)count, -power) : 0.0; /* 0: a lineage of the validation alone */
  }
  for (size_t i = 0; i < records; i++) sum += expected[dataset->lineages[dataset->train.records[i]]];
  for (size_t i = 0; i < lineages; i++) expected[i] *= (double)records / sum;
}

tx_status tx_balance_create(const tx_dataset *dataset, double power, tx_balance *balance, tx_error *error)
{
  size_t first[TX_RANKS_MAX + 1] = {0};
  uint64_t *counts;
  memset(balance, 0, sizeof *balance);
  if (!(power > 0)) return TX_OK;
  for (size_t r = 0; r < dataset->ranks; r++)
    first[r + 1] = first[r] + tx_taxonomy_class_count(dataset->taxonomy, r);
  counts = calloc(first[dataset->ranks] + 1, sizeof *counts);
  balance->expected = calloc(tx_names_count(dataset->lineage_names) + 1, sizeof *balance->expected);
  balance->shuffled = calloc(dataset->train.count + 1, sizeof *balance->shuffled);
  if (!counts || !balance->expected || !balance->shuffled) {
    free(counts);
    tx_balance_free(balance);
    return tx_fail_memory(error, "the balance of the records");
  }
  fill_expected(dataset, power, first, counts, balance->expected);
  free(counts);
  return TX_OK;
}

void tx_balance_order(const tx_balance *balance, const tx_dataset *dataset, uint64_t seed, uint64_t epoch,
                      uint32_t *order)
{
  const size_t records = dataset->train.count;
  size_t drawn = 0;
  double reached;
  tx_random random;
  if (!balance->expected) {
    tx_epoch_order(&dataset->train, seed, epoch, order);
    return;
  }
  /* Shuffled before the draw too: otherwise adjacent records of the input would never be drawn together. */
  tx_random_seed(&random, seed, epoch, 0, TX_STREAM_ORDER);
  memcpy(balance->shuffled, dataset->train.records, records * sizeof *balance->shuffled);
  tx_random_shuffle(&random, balance->shuffled, records);
  reached = tx_random_real(&random);
  for (size_t i = 0; i < records; i++) {
    reached += balance->expected[dataset->lineages[balance->shuffled[i]]];
    while (drawn < records && (double)(drawn + 1) <= reached) order[drawn++] = balance->shuffled[i];
  }
  /* at most one, for the rounding of the sum */
  while (drawn < records) order[drawn++] = balance->shuffled[records - 1];
  tx_random_shuffle(&random, order, records);
}

void tx_balance_free(tx_balance *balance)
{
  free(balance->expected);
  free(balance->shuffled);
  memset(balance, 0, sizeof *balance);
}
