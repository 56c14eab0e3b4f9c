#include "taxon/duplicates.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "taxon/reports.h"

/* The first occurrence of an ID. */
typedef struct first {
  uint64_t line;
  uint32_t file;
  int32_t lineage;
} first;

struct tx_duplicates {
  const tx_taxonomy_builder *builder;
  tx_names *ids;
  first *firsts; /* (ids) */
  size_t capacity;
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
  status = tx_names_create(&duplicates->ids, error);
  if (status == TX_OK) status = tx_names_create(&duplicates->files, error);
  if (status) {
    tx_duplicates_free(duplicates);
    return status;
  }
  *ret_duplicates = duplicates;
  return TX_OK;
}

/* Compares the labels of ID `number` here and at its first occurrence. */
static tx_status compare_labels(tx_duplicates *duplicates, uint32_t number, const first *here,
                                const char *file, tx_error *error)
{
  const tx_taxonomy_builder *builder = duplicates->builder;
  const first *before = &duplicates->firsts[number];
  for (size_t r = 0; r < tx_taxonomy_builder_rank_count(builder); r++) {
    const char *one = tx_taxonomy_builder_label(builder, before->lineage, r);
    const char *two = tx_taxonomy_builder_label(builder, here->lineage, r);
    if (!one || !two || !strcmp(one, two)) continue;
    duplicates->contradicting++;
    return tx_reports_add(
        &duplicates->reports, error,
        "record '%.100s' is %s '%.100s' in %.200s:%" PRIu64 " and '%.100s' in %.200s:%" PRIu64,
        tx_names_key(duplicates->ids, number, NULL), tx_taxonomy_builder_rank_name(builder, r), one,
        tx_names_key(duplicates->files, before->file, NULL), before->line, two, file, here->line);
  }
  return TX_OK;
}

tx_status tx_duplicates_add(tx_duplicates *duplicates, const char *id, size_t id_length, int32_t lineage,
                            const char *file, uint64_t line, tx_error *error)
{
  const size_t known = tx_names_count(duplicates->ids);
  first here = {.line = line, .lineage = lineage};
  uint32_t number;
  tx_status status;
  if (!id_length) return TX_OK;
  if (!file) file = "input";
  if (!tx_reserve(&duplicates->firsts, &duplicates->capacity, known + 1, sizeof *duplicates->firsts))
    return tx_fail_memory(error, "the record IDs");
  status = tx_names_add(duplicates->ids, id, id_length, &number, error);
  if (status) return status;
  if (number < known) {
    duplicates->repeated++;
    return compare_labels(duplicates, number, &here, file, error);
  }
  status = tx_names_add(duplicates->files, file, strlen(file), &here.file, error);
  duplicates->firsts[number] = here; /* also on failure: IDs and places must have the same number */
  return status;
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
  tx_names_free(duplicates->ids);
  free(duplicates->firsts);
  tx_names_free(duplicates->files);
  tx_reports_free(&duplicates->reports);
  free(duplicates);
}
