/* Records of a study of traits: vectors, called and given lineages, splits. */
#include "traits/trait_study.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the records of traits");
}

tx_status tx_trait_taxon(tx_names *taxa, const char *rank, const char *name, int32_t *ret_taxon,
                         tx_error *error)
{
  tx_bytes key = {0};
  uint32_t number = 0;
  tx_status status;
  tx_bytes_append(&key, rank, strlen(rank) + 1);
  tx_bytes_text(&key, name);
  if (key.failed) {
    tx_bytes_free(&key);
    return out_of_memory(error);
  }
  for (size_t i = strlen(rank) + 1; i < key.size; i++)
    if (key.data[i] == '_') key.data[i] = ' ';
  status = tx_names_add(taxa, key.data, key.size, &number, error);
  tx_bytes_free(&key);
  *ret_taxon = (int32_t)number;
  return status;
}

static tx_status create(tx_points *points, tx_trait_records **ret_records, tx_error *error)
{
  tx_trait_records *records = calloc(1, sizeof *records);
  tx_status status = records ? TX_OK : out_of_memory(error);
  if (status == TX_OK) {
    records->points = points;
    points = NULL;
    status = tx_names_create(&records->taxa, error);
  }
  if (status == TX_OK)
    *ret_records = records;
  else
    tx_trait_records_free(records);
  tx_points_free(points);
  return status;
}

tx_status tx_trait_records_of_points(tx_points *points, tx_trait_records **ret_records, tx_error *error)
{
  return create(points, ret_records, error);
}

tx_status tx_trait_records_create(const tx_model *model, tx_trait_records **ret_records, tx_error *error)
{
  tx_points *points = NULL;
  tx_status status = tx_points_create(tx_model_width(model), &points, error);
  if (status == TX_OK) status = create(points, ret_records, error);
  if (status == TX_OK) (*ret_records)->model = model;
  return status;
}

void tx_trait_records_free(tx_trait_records *records)
{
  if (!records) return;
  tx_points_free(records->points);
  tx_names_free(records->taxa);
  tx_names_free(records->split_names);
  free(records->given);
  free(records->splits);
  free(records->called);
  free(records);
}

const tx_points *tx_trait_records_points(const tx_trait_records *records)
{
  return records->points;
}

static void clear_lineage(tx_trait_lineage *lineage)
{
  for (size_t r = 0; r < TX_RANKS_MAX; r++) lineage->taxa[r] = TX_TRAIT_NO_TAXON;
}

tx_status tx_trait_records_put(void *context, const tx_record *record, const tx_prediction *prediction,
                               tx_error *error)
{
  tx_trait_records *records = context;
  const tx_taxonomy *taxonomy = tx_model_taxonomy(records->model);
  const size_t index = tx_points_count(records->points);
  tx_trait_lineage *called;
  tx_status status = tx_points_put(records->points, record, prediction, error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&records->called, &records->called_capacity, index + 1, sizeof *records->called))
    return out_of_memory(error);
  called = &records->called[index];
  clear_lineage(called);
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy) && status == TX_OK; r++) {
    const int32_t taxon = tx_prediction_taxon(prediction, r);
    if (taxon >= 0)
      status = tx_trait_taxon(records->taxa, tx_taxonomy_rank_name(taxonomy, r),
                              tx_taxonomy_class_name(taxonomy, r, taxon), &called->taxa[r], error);
  }
  return status;
}

/* Labels by name of the records, while they are read. */
typedef struct labelling {
  tx_trait_records *records;
  tx_labelled *reader;
  tx_names *ids;
  uint32_t *id_of;            /* (points) */
  tx_trait_lineage *lineages; /* (ids) */
  int32_t *splits;            /* (ids) -1: none, -2: no row yet */
} labelling;

enum { NO_SPLIT = -1, NO_ROW = -2 };

static tx_status start(labelling *work, tx_error *error)
{
  const tx_points *points = work->records->points;
  const size_t count = tx_points_count(points);
  tx_status status = tx_names_create(&work->ids, error);
  work->id_of = tx_malloc_aligned(count + 1, sizeof *work->id_of);
  work->lineages = tx_malloc_aligned(count + 1, sizeof *work->lineages);
  work->splits = tx_malloc_aligned(count + 1, sizeof *work->splits);
  if (status == TX_OK && (!work->id_of || !work->lineages || !work->splits)) status = out_of_memory(error);
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    const char *id = tx_points_id(points, i);
    status = tx_names_add(work->ids, id, strlen(id), &work->id_of[i], error);
    clear_lineage(&work->lineages[i]);
    work->splits[i] = NO_ROW;
  }
  return status;
}

static tx_status take(labelling *work, const tx_labelled_record *record, tx_error *error)
{
  const int64_t id = tx_names_find(work->ids, record->record.id, record->record.id_length);
  tx_trait_lineage lineage;
  int32_t split = NO_SPLIT;
  tx_status status = TX_OK;
  if (id < 0) return TX_OK;
  clear_lineage(&lineage);
  for (size_t r = 0; r < tx_labelled_rank_count(work->reader) && status == TX_OK; r++)
    if (record->taxa[r])
      status = tx_trait_taxon(work->records->taxa, tx_labelled_rank_name(work->reader, r), record->taxa[r],
                              &lineage.taxa[r], error);
  if (status == TX_OK && record->split && *record->split) {
    uint32_t number = 0;
    status = tx_names_add(work->records->split_names, record->split, strlen(record->split), &number, error);
    split = (int32_t)number;
  }
  if (status == TX_OK && work->splits[id] != NO_ROW &&
      (work->splits[id] != split || memcmp(&work->lineages[id], &lineage, sizeof lineage) != 0))
    return tx_fail_at(error, TX_ERROR_DATA, record->record.file, record->record.line, record->record.number,
                      "'%.200s' has other labels or another split than in a row before", record->record.id);
  work->splits[id] = split;
  work->lineages[id] = lineage;
  return status;
}

static tx_status finish(labelling *work, tx_error *error)
{
  tx_trait_records *records = work->records;
  const size_t count = tx_points_count(records->points);
  size_t found = 0;
  records->given = tx_malloc_aligned(count + 1, sizeof *records->given);
  if (tx_labelled_has_split(work->reader))
    records->splits = tx_malloc_aligned(count + 1, sizeof *records->splits);
  if (!records->given || (tx_labelled_has_split(work->reader) && !records->splits))
    return out_of_memory(error);
  records->given_ranks = tx_labelled_rank_count(work->reader);
  for (size_t i = 0; i < count; i++) {
    const uint32_t id = work->id_of[i];
    records->given[i] = work->lineages[id];
    found += work->splits[id] != NO_ROW;
    if (records->splits) records->splits[i] = work->splits[id] < 0 ? NO_SPLIT : work->splits[id];
  }
  if (found) return TX_OK;
  return tx_fail(error, TX_ERROR_DATA,
                 "none of the records is among the labels: their names must be the same");
}

tx_status tx_trait_records_label(tx_trait_records *records, const char *path,
                                 const tx_labelled_options *options, tx_error *error)
{
  labelling work = {.records = records};
  tx_labelled_record record;
  tx_status status = start(&work, error);
  if (status == TX_OK) status = tx_names_create(&records->split_names, error);
  if (status == TX_OK) status = tx_labelled_open(&path, 1, options, &work.reader, error);
  while (status == TX_OK) {
    status = tx_labelled_next(work.reader, &record, error);
    if (status == TX_OK) status = take(&work, &record, error);
  }
  if (status == TX_END) status = finish(&work, error);
  tx_labelled_close(work.reader);
  tx_names_free(work.ids);
  free(work.id_of);
  free(work.lineages);
  free(work.splits);
  return status;
}
