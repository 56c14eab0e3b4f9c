#include "dataset/dataset.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "dataset/streams.h"
#include "seq/bases.h"

#include <stdlib.h>
#include <string.h>

tx_status tx_dataset_create(tx_dataset **ret_dataset, tx_error *error)
{
  tx_dataset *dataset = calloc(1, sizeof *dataset);
  tx_status status;
  if (!dataset) return tx_fail_memory(error, "the training records");
  status = tx_names_create(&dataset->lineage_names, error);
  if (status == TX_OK) status = tx_names_create(&dataset->file_names, error);
  if (status != TX_OK) {
    tx_dataset_free(dataset);
    return status;
  }
  *ret_dataset = dataset;
  return TX_OK;
}

void tx_dataset_free(tx_dataset *dataset)
{
  if (!dataset) return;
  free(dataset->packed);
  free(dataset->offsets);
  free(dataset->lengths);
  free(dataset->lineages);
  free(dataset->train.records);
  free(dataset->valid.records);
  for (size_t i = 0; i < TX_RANKS_MAX; i++) free(dataset->input_rank_names[i]);
  tx_names_free(dataset->lineage_names);
  tx_names_free(dataset->file_names);
  free(dataset->places);
  tx_taxonomy_free(dataset->taxonomy);
  free(dataset->labels);
  free(dataset);
}

/* Returns the number of a lineage, which is added if it is new. */
static tx_status add_lineage(tx_dataset *dataset, const char *const *taxa, const char *file, uint64_t line,
                             uint32_t *ret_number, tx_error *error)
{
  tx_bytes key = {0};
  tx_status status;
  uint32_t number = 0, file_number = 0;
  size_t before = tx_names_count(dataset->lineage_names);
  for (size_t r = 0; r < dataset->input_ranks; r++) {
    const char *name = taxa[r] ? taxa[r] : "";
    tx_bytes_append(&key, name, strlen(name) + 1);
  }
  if (key.failed) {
    tx_bytes_free(&key);
    return tx_fail_memory(error, "a lineage");
  }
  status = tx_names_add(dataset->lineage_names, key.data, key.size, &number, error);
  tx_bytes_free(&key);
  if (status == TX_OK && number == before) {
    if (!tx_reserve(&dataset->places, &dataset->places_capacity, before + 1, sizeof *dataset->places))
      return tx_fail_memory(error, "a lineage");
    status = tx_names_add(dataset->file_names, file, strlen(file), &file_number, error);
    dataset->places[number].file = file_number;
    dataset->places[number].line = line;
  }
  *ret_number = number;
  return status;
}

static tx_status add_to_part(tx_part *part, uint32_t record, tx_error *error)
{
  if (!tx_reserve(&part->records, &part->capacity, part->count + 1, sizeof *part->records))
    return tx_fail_memory(error, "the training records");
  part->records[part->count++] = record;
  return TX_OK;
}

tx_status tx_dataset_add(tx_dataset *dataset, tx_part *part, const uint8_t *codes, size_t count,
                         const char *const *taxa, const char *file, uint64_t line, tx_error *error)
{
  const size_t bytes = (count + 1) / 2, at = dataset->count;
  uint32_t lineage = 0;
  tx_status status;
  if (at >= UINT32_MAX - 1 || count > UINT32_MAX)
    return tx_fail(error, TX_ERROR_DATA, "more than %u records", UINT32_MAX - 1);
  status = add_lineage(dataset, taxa, file, line, &lineage, error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&dataset->packed, &dataset->packed_capacity, dataset->packed_size + bytes, 1) ||
      !tx_reserve(&dataset->offsets, &dataset->offsets_capacity, at + 1, sizeof *dataset->offsets) ||
      !tx_reserve(&dataset->lengths, &dataset->lengths_capacity, at + 1, sizeof *dataset->lengths) ||
      !tx_reserve(&dataset->lineages, &dataset->lineages_capacity, at + 1, sizeof *dataset->lineages))
    return tx_fail_memory(error, "the training records");
  status = add_to_part(part, (uint32_t)at, error);
  if (status != TX_OK) return status;
  tx_bases_pack(codes, count, dataset->packed + dataset->packed_size);
  dataset->offsets[at] = dataset->packed_size;
  dataset->lengths[at] = (uint32_t)count;
  dataset->lineages[at] = lineage;
  dataset->packed_size += bytes;
  dataset->count++;
  if (count > dataset->longest) dataset->longest = count;
  return TX_OK;
}

tx_status tx_dataset_hold_out(tx_dataset *dataset, double fraction, uint64_t seed, tx_error *error)
{
  tx_part *train = &dataset->train;
  const size_t held = (size_t)((double)train->count * fraction + 0.5);
  size_t kept = 0;
  uint32_t *order;
  uint8_t *is_held;
  tx_random random;
  tx_status status = TX_OK;
  if (held == 0 || held >= train->count) return TX_OK;
  order = malloc(train->count * sizeof *order);
  is_held = calloc(train->count, 1);
  if (order && is_held) {
    for (size_t i = 0; i < train->count; i++) order[i] = (uint32_t)i;
    tx_random_seed(&random, seed, 0, 0, TX_STREAM_HOLD_OUT);
    tx_random_shuffle(&random, order, train->count);
    for (size_t i = 0; i < held; i++) is_held[order[i]] = 1;
    for (size_t i = 0; i < train->count && status == TX_OK; i++) {
      if (is_held[i])
        status = add_to_part(&dataset->valid, train->records[i], error);
      else
        train->records[kept++] = train->records[i];
    }
    if (status == TX_OK) train->count = kept;
  } else {
    status = tx_fail_memory(error, "the validation records");
  }
  free(order);
  free(is_held);
  return status;
}

int32_t tx_dataset_label_of(const tx_dataset *dataset, uint32_t record, size_t rank)
{
  return dataset->labels[(size_t)dataset->lineages[record] * dataset->ranks + rank];
}

size_t tx_dataset_codes(const tx_dataset *dataset, uint32_t record, uint8_t *codes)
{
  tx_bases_unpack(dataset->packed + dataset->offsets[record], dataset->lengths[record], codes);
  return dataset->lengths[record];
}

size_t tx_dataset_memory(const tx_dataset *dataset)
{
  return dataset->packed_capacity + dataset->offsets_capacity * sizeof *dataset->offsets +
         dataset->lengths_capacity * sizeof *dataset->lengths +
         dataset->lineages_capacity * sizeof *dataset->lineages +
         (dataset->train.capacity + dataset->valid.capacity) * sizeof *dataset->train.records;
}
