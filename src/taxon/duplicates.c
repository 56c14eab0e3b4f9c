#include "taxon/duplicates.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "taxon/reports.h"

typedef struct slot {
  uint64_t hash; /* of the ID, never 0; 0 = free */
  uint64_t line;
  uint32_t file;
  int32_t lineage;
} slot;

struct tx_duplicates {
  const tx_taxonomy_builder *builder;
  slot *slots;
  size_t slot_count; /* a power of two */
  size_t used;
  tx_names *files;
  uint64_t repeated;
  uint64_t contradicting;
  tx_reports reports;
};

tx_status tx_duplicates_create(const tx_taxonomy_builder *builder, tx_duplicates **ret_duplicates,
                               tx_error *error)
{
  tx_duplicates *duplicates = calloc(1, sizeof *duplicates);
  tx_status status;
  *ret_duplicates = NULL;
  if (!duplicates) return tx_fail_memory(error, "the record IDs");
  duplicates->builder = builder;
  duplicates->slot_count = 1024;
  duplicates->slots = calloc(duplicates->slot_count, sizeof *duplicates->slots);
  status = duplicates->slots ? tx_names_create(&duplicates->files, error)
                             : tx_fail_memory(error, "the record IDs");
  if (status) {
    tx_duplicates_free(duplicates);
    return status;
  }
  *ret_duplicates = duplicates;
  return TX_OK;
}

/* FNV-1a with the finish of MurmurHash3, so that all bits count. */
static uint64_t hash_id(const char *id, size_t length)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
  hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
  hash = (hash ^ (hash >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
  hash ^= hash >> 33;
  return hash ? hash : 1;
}

/* The slot with this hash, or the free one where it belongs. */
static slot *find_slot(slot *slots, size_t slot_count, uint64_t hash)
{
  size_t at = (size_t)hash & (slot_count - 1);
  while (slots[at].hash && slots[at].hash != hash) at = (at + 1) & (slot_count - 1);
  return &slots[at];
}

static bool grow(tx_duplicates *duplicates)
{
  size_t slot_count = duplicates->slot_count * 2;
  slot *slots = calloc(slot_count, sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < duplicates->slot_count; i++)
    if (duplicates->slots[i].hash)
      *find_slot(slots, slot_count, duplicates->slots[i].hash) = duplicates->slots[i];
  free(duplicates->slots);
  duplicates->slots = slots;
  duplicates->slot_count = slot_count;
  return true;
}

static tx_status compare_labels(tx_duplicates *duplicates, const slot *first, const char *id,
                                size_t id_length, int32_t lineage, const char *file, uint64_t line,
                                tx_error *error)
{
  const tx_taxonomy_builder *builder = duplicates->builder;
  for (size_t r = 0; r < tx_taxonomy_builder_rank_count(builder); r++) {
    const char *one = tx_taxonomy_builder_label(builder, first->lineage, r);
    const char *two = tx_taxonomy_builder_label(builder, lineage, r);
    if (!one || !two || !strcmp(one, two)) continue;
    duplicates->contradicting++;
    return tx_reports_add(
        &duplicates->reports, error,
        "record '%.*s' is %s '%.100s' in %.200s:%" PRIu64 " and '%.100s' in %.200s:%" PRIu64,
        (int)(id_length > 100 ? 100 : id_length), id, tx_taxonomy_builder_rank_name(builder, r), one,
        tx_names_key(duplicates->files, first->file, NULL), first->line, two, file, line);
  }
  return TX_OK;
}

tx_status tx_duplicates_add(tx_duplicates *duplicates, const char *id, size_t id_length, int32_t lineage,
                            const char *file, uint64_t line, tx_error *error)
{
  uint64_t hash = hash_id(id, id_length);
  slot *found;
  uint32_t file_number;
  tx_status status;
  if (!id_length) return TX_OK;
  if (!file) file = "input";
  found = find_slot(duplicates->slots, duplicates->slot_count, hash);
  if (found->hash) {
    duplicates->repeated++;
    return compare_labels(duplicates, found, id, id_length, lineage, file, line, error);
  }
  if (duplicates->used + 1 > duplicates->slot_count / 4 * 3) {
    if (!grow(duplicates)) return tx_fail_memory(error, "the record IDs");
    found = find_slot(duplicates->slots, duplicates->slot_count, hash);
  }
  status = tx_names_add(duplicates->files, file, strlen(file), &file_number, error);
  if (status) return status;
  *found = (slot){hash, line, file_number, lineage};
  duplicates->used++;
  return TX_OK;
}

uint64_t tx_duplicates_repeated(const tx_duplicates *duplicates)
{
  return duplicates->repeated;
}

uint64_t tx_duplicates_contradicting(const tx_duplicates *duplicates)
{
  return duplicates->contradicting;
}

size_t tx_duplicates_report_count(const tx_duplicates *duplicates)
{
  return duplicates->reports.count;
}

const char *tx_duplicates_report(const tx_duplicates *duplicates, size_t index)
{
  return index < duplicates->reports.count ? duplicates->reports.lines[index] : NULL;
}

void tx_duplicates_free(tx_duplicates *duplicates)
{
  if (!duplicates) return;
  free(duplicates->slots);
  tx_names_free(duplicates->files);
  tx_reports_free(&duplicates->reports);
  free(duplicates);
}
