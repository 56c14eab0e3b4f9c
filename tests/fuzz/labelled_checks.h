/* What holds for every reader of labelled records and for the taxonomy that is built of its labels. */
#ifndef TX_TESTS_FUZZ_LABELLED_CHECKS_H
#define TX_TESTS_FUZZ_LABELLED_CHECKS_H

#include "harness.h"

#include "labelled/source.h"
#include "taxon/duplicates.h"
#include "taxon/taxonomy.h"

#include <taxamba/labelled.h>

static inline void check_name(const char *name)
{
  for (; *name; name += tx_utf8_length(name, strlen(name)))
    require(tx_utf8_length(name, strlen(name)) > 0 && !tx_control_length(name),
            "a name that is no plain text");
}

static inline void check_record(const tx_labelled *reader, const tx_labelled_record *record)
{
  require(strlen(record->record.id) == record->record.id_length, "an id of another length");
  require(strlen(record->record.bases) == record->record.base_count, "a sequence of another length");
  require(record->record.line > 0 && record->record.number > 0, "a record without a place");
  require(!record->split == !tx_labelled_has_split(reader), "a split, or none, against the header");
  check_name(record->record.id);
  for (size_t r = 0; r < tx_labelled_rank_count(reader); r++) {
    if (record->taxa[r]) check_name(record->taxa[r]);
    require(!record->taxa[r] || !tx_label_is_missing(record->taxa[r]), "a missing label given as a label");
  }
  for (size_t i = 0; i < record->lineage_count; i++) {
    const tx_labelled_lineage *lineage = &record->lineages[i];
    bool any = lineage->opt_name != NULL;
    if (any) check_name(lineage->opt_name);
    for (size_t r = 0; r < tx_labelled_rank_count(reader); r++) {
      require(!lineage->taxa[r] || (!lineage->opt_name && !tx_label_is_missing(lineage->taxa[r])),
              "a missing label in a lineage, or a label beside a name");
      if (lineage->taxa[r]) check_name(lineage->taxa[r]);
      any = any || lineage->taxa[r];
    }
    require(any, "a lineage without a label");
  }
}

/* The labels of the tree agree with what was added, and its text reads back to the same text. */
static inline void check_tree(tx_taxonomy_builder *builder)
{
  tx_taxonomy *taxonomy;
  tx_taxonomy *again;
  int32_t *labels;
  tx_bytes first = {0};
  tx_bytes second = {0};
  tx_error error;
  size_t ranks = tx_taxonomy_builder_rank_count(builder);
  require(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error) == TX_OK, "no tree");
  for (size_t i = 0; i < tx_taxonomy_builder_lineage_count(builder); i++)
    for (size_t r = 0; r < ranks; r++) {
      const char *added = tx_taxonomy_builder_label(builder, (int32_t)i, r);
      int32_t class_index = labels[i * ranks + r];
      if (class_index >= 0)
        require(added && !strcmp(added, tx_taxonomy_class_name(taxonomy, r, class_index)),
                "a label of another name");
    }
  require(tx_taxonomy_write(taxonomy, &first, &error) == TX_OK, "no text");
  require(tx_taxonomy_read(first.data, first.size, &again, &error) == TX_OK, "a text that is not read back");
  require(tx_taxonomy_write(again, &second, &error) == TX_OK, "no text");
  require(first.size == second.size && !memcmp(first.data, second.data, first.size), "another text");
  tx_bytes_free(&first);
  tx_bytes_free(&second);
  tx_taxonomy_free(taxonomy);
  tx_taxonomy_free(again);
  free(labels);
}

/* Reads all records; takes over the inputs. */
static inline void check_labelled(tx_input *input, tx_input *opt_taxonomy, const tx_labelled_options *options)
{
  const char *ranks[TX_RANKS_MAX];
  tx_labelled *reader;
  tx_labelled_record record;
  tx_taxonomy_builder *builder = NULL;
  tx_duplicates *duplicates = NULL;
  tx_error error = {0};
  tx_status status = tx_labelled_open_inputs(input, "fuzz", opt_taxonomy, options, &reader, &error);
  if (status) {
    require_error(status, &error);
    require(!reader, "a half-open reader");
    return;
  }
  for (size_t r = 0; r < tx_labelled_rank_count(reader); r++) ranks[r] = tx_labelled_rank_name(reader, r);
  if (tx_labelled_rank_count(reader)) {
    require(tx_taxonomy_builder_create(ranks, tx_labelled_rank_count(reader), &builder, &error) == TX_OK,
            "ranks that are refused");
    require(tx_duplicates_create(builder, &duplicates, &error) == TX_OK, "no table of IDs");
  }
  while (!(status = tx_labelled_next(reader, &record, &error))) {
    int32_t lineage;
    check_record(reader, &record);
    if (!builder || tx_taxonomy_builder_add(builder, record.taxa, record.record.file, record.record.line,
                                            &lineage, &error))
      continue;
    tx_duplicates_add(duplicates, record.record.id, record.record.id_length, lineage, record.record.file,
                      record.record.line, &error);
  }
  if (status != TX_END) {
    require_error(status, &error);
    require(tx_labelled_next(reader, &record, &error) == status, "an error that does not stay");
  }
  if (builder) check_tree(builder);
  tx_labelled_close(reader);
  tx_duplicates_free(duplicates);
  tx_taxonomy_builder_free(builder);
}

#endif
