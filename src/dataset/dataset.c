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
  if (!dataset) return tx_fail_memory(error, "the training records");
  *ret_dataset = dataset;
  return TX_OK;
}

void tx_dataset_free(tx_dataset *dataset)
{
  if (!dataset) return;
  free(dataset->packed);
  free(dataset->ids);
  free(dataset->id_starts);
  free(dataset->offsets);
  free(dataset->lengths);
  free(dataset->lineages);
  free(dataset->more.records);
  free(dataset->more.lineages);
  free(dataset->more.is_named);
  free(dataset->train.records);
  free(dataset->valid.records);
  tx_taxonomy_builder_free(dataset->builder);
  tx_taxonomy_free(dataset->taxonomy);
  free(dataset->known);
  free(dataset->labels);
  free(dataset);
}

tx_status tx_dataset_set_ranks(tx_dataset *dataset, const char *const *ranks, size_t count, tx_error *error)
{
  return tx_taxonomy_builder_create(ranks, count, &dataset->builder, error);
}

size_t tx_dataset_input_ranks(const tx_dataset *dataset)
{
  return dataset->builder ? tx_taxonomy_builder_rank_count(dataset->builder) : 0;
}

size_t tx_dataset_lineage_count(const tx_dataset *dataset)
{
  return dataset->builder ? tx_taxonomy_builder_lineage_count(dataset->builder) : 1;
}

static tx_status add_to_part(tx_part *part, uint32_t record, tx_error *error)
{
  if (!tx_reserve(&part->records, &part->capacity, part->count + 1, sizeof *part->records))
    return tx_fail_memory(error, "the training records");
  part->records[part->count++] = record;
  return TX_OK;
}

tx_status tx_part_append(tx_part *part, const tx_part *more, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < more->count && status == TX_OK; i++)
    status = add_to_part(part, more->records[i], error);
  return status;
}

tx_status tx_dataset_add(tx_dataset *dataset, tx_part *part, const uint8_t *codes, size_t count,
                         uint32_t lineage, tx_error *error)
{
  const size_t bytes = (count + 1) / 2, at = dataset->count;
  tx_status status;
  if (at >= UINT32_MAX - 1 || count > UINT32_MAX)
    return tx_fail(error, TX_ERROR_DATA, "more than %u records", UINT32_MAX - 1);
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

tx_status tx_dataset_add_id(tx_dataset *dataset, const char *id, size_t length, tx_error *error)
{
  if (!tx_reserve(&dataset->ids, &dataset->ids_capacity, dataset->ids_size + length + 1, 1) ||
      !tx_reserve(&dataset->id_starts, &dataset->id_starts_capacity, dataset->count,
                  sizeof *dataset->id_starts))
    return tx_fail_memory(error, "the training records");
  dataset->id_starts[dataset->count - 1] = dataset->ids_size;
  memcpy(dataset->ids + dataset->ids_size, id, length);
  dataset->ids[dataset->ids_size + length] = '\0';
  dataset->ids_size += length + 1;
  return TX_OK;
}

const char *tx_dataset_id(const tx_dataset *dataset, uint32_t record)
{
  return dataset->ids ? dataset->ids + dataset->id_starts[record] : "";
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
         dataset->lengths_capacity * sizeof *dataset->lengths + dataset->ids_capacity +
         dataset->id_starts_capacity * sizeof *dataset->id_starts +
         dataset->lineages_capacity * sizeof *dataset->lineages +
         (dataset->more.records_capacity + dataset->more.lineages_capacity) * sizeof *dataset->lineages +
         (dataset->train.capacity + dataset->valid.capacity) * sizeof *dataset->train.records;
}
