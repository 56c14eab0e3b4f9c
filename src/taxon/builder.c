#include "taxon/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "taxon/tree.h"

tx_status tx_taxonomy_builder_create(const char *const *ranks, size_t rank_count,
                                     tx_taxonomy_builder **ret_builder, tx_error *error)
{
  tx_taxonomy_builder *builder;
  tx_status status = tx_ranks_check(ranks, rank_count, TX_ERROR_USAGE, error);
  *ret_builder = NULL;
  if (status) return status;
  builder = calloc(1, sizeof *builder);
  if (!builder) return tx_fail_memory(error, "the taxonomy");
  for (size_t r = 0; r < rank_count && !status; r++) {
    builder->ranks[r] = tx_copy_text(ranks[r], strlen(ranks[r]));
    if (!builder->ranks[r]) status = tx_fail_memory(error, "the taxonomy");
  }
  builder->rank_count = rank_count;
  if (!status) status = tx_names_create(&builder->names, error);
  if (!status) status = tx_names_create(&builder->files, error);
  if (!status) status = tx_names_create(&builder->lineages, error);
  if (status) {
    tx_taxonomy_builder_free(builder);
    return status;
  }
  *ret_builder = builder;
  return TX_OK;
}

tx_status tx_taxonomy_builder_add(tx_taxonomy_builder *builder, const char *const *taxa, const char *file,
                                  uint64_t line, int32_t *ret_lineage, tx_error *error)
{
  uint32_t labels[TX_RANKS_MAX] = {0};
  size_t known = tx_names_count(builder->lineages);
  uint32_t number;
  tx_status status;
  for (size_t r = 0; r < builder->rank_count; r++) {
    if (!taxa[r] || !*taxa[r]) continue;
    if (tx_text_has_control(taxa[r]))
      return tx_fail_at(error, TX_ERROR_DATA, file, line, 0, "a control character in %s '%s'",
                        builder->ranks[r], taxa[r]);
    status = tx_names_add(builder->names, taxa[r], strlen(taxa[r]), &number, error);
    if (status) return status;
    labels[r] = number + 1;
  }
  if (!tx_reserve(&builder->places, &builder->place_capacity, known + 1, sizeof *builder->places))
    return tx_fail_memory(error, "the lineages");
  status = tx_names_add(builder->lineages, labels, builder->rank_count * sizeof *labels, &number, error);
  if (status) return status;
  if (number > INT32_MAX) return tx_fail(error, TX_ERROR_DATA, "more than %d different lineages", INT32_MAX);
  if (number == known) {
    uint32_t file_number = 0;
    status = tx_names_add(builder->files, file ? file : "", file ? strlen(file) : 0, &file_number, error);
    /* also on failure: lineages and places must have the same number */
    builder->places[number] = (tx_lineage_place){line, file_number};
    if (status) return status;
  }
  *ret_lineage = (int32_t)number;
  return TX_OK;
}

size_t tx_taxonomy_builder_lineage_count(const tx_taxonomy_builder *builder)
{
  return tx_names_count(builder->lineages);
}

void tx_taxonomy_builder_labels(const tx_taxonomy_builder *builder, size_t lineage, uint32_t *labels)
{
  memcpy(labels, tx_names_key(builder->lineages, (uint32_t)lineage, NULL),
         builder->rank_count * sizeof *labels);
}

const char *tx_taxonomy_builder_label(const tx_taxonomy_builder *builder, int32_t lineage, size_t rank)
{
  uint32_t labels[TX_RANKS_MAX];
  if (lineage < 0 || (size_t)lineage >= tx_names_count(builder->lineages) || rank >= builder->rank_count)
    return NULL;
  tx_taxonomy_builder_labels(builder, (size_t)lineage, labels);
  return labels[rank] ? tx_names_key(builder->names, labels[rank] - 1, NULL) : NULL;
}

const char *tx_taxonomy_builder_rank_name(const tx_taxonomy_builder *builder, size_t rank)
{
  return rank < builder->rank_count ? builder->ranks[rank] : NULL;
}

size_t tx_taxonomy_builder_rank_count(const tx_taxonomy_builder *builder)
{
  return builder->rank_count;
}

size_t tx_taxonomy_builder_report_count(const tx_taxonomy_builder *builder)
{
  return builder->reports.count;
}

const char *tx_taxonomy_builder_report(const tx_taxonomy_builder *builder, size_t index)
{
  return index < builder->reports.count ? builder->reports.lines[index] : NULL;
}

void tx_taxonomy_builder_free(tx_taxonomy_builder *builder)
{
  if (!builder) return;
  for (size_t r = 0; r < builder->rank_count; r++) free(builder->ranks[r]);
  tx_names_free(builder->names);
  tx_names_free(builder->files);
  tx_names_free(builder->lineages);
  tx_reports_free(&builder->reports);
  free(builder->places);
  free(builder);
}
