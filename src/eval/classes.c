#include <taxamba/classes.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

struct tx_classes {
  size_t points, rank_count, unknown;
  char *rank_names[TX_RANKS_MAX];
  int32_t *at[TX_RANKS_MAX]; /* (points) per rank */
};

/* Classes while they are read. */
typedef struct reading {
  tx_classes *classes;
  tx_names *ids;                 /* distinct names of points */
  uint32_t *id_of;               /* (points) number of the name */
  int32_t *labels[TX_RANKS_MAX]; /* by number of the name */
  tx_names *taxa[TX_RANKS_MAX];
} reading;

void tx_classes_free(tx_classes *classes)
{
  if (!classes) return;
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    free(classes->rank_names[r]);
    free(classes->at[r]);
  }
  free(classes);
}

size_t tx_classes_rank_count(const tx_classes *classes)
{
  return classes->rank_count;
}

const char *tx_classes_rank_name(const tx_classes *classes, size_t rank)
{
  return classes->rank_names[rank];
}

const int32_t *tx_classes_at(const tx_classes *classes, size_t rank)
{
  return classes->at[rank];
}

size_t tx_classes_unknown(const tx_classes *classes)
{
  return classes->unknown;
}

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the classes of points");
}

static tx_status number_points(const tx_points *points, reading *work, tx_error *error)
{
  const size_t count = tx_points_count(points);
  tx_status status = tx_names_create(&work->ids, error);
  work->id_of = tx_malloc_aligned(count + 1, sizeof *work->id_of);
  if (status == TX_OK && !work->id_of) status = out_of_memory(error);
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    const char *id = tx_points_id(points, i);
    status = tx_names_add(work->ids, id, strlen(id), &work->id_of[i], error);
  }
  return status;
}

static tx_status prepare_ranks(const tx_labelled *reader, reading *work, tx_error *error)
{
  tx_classes *classes = work->classes;
  const size_t names = tx_names_count(work->ids);
  classes->rank_count = tx_labelled_rank_count(reader);
  for (size_t r = 0; r < classes->rank_count; r++) {
    const char *name = tx_labelled_rank_name(reader, r);
    const tx_status status = tx_names_create(&work->taxa[r], error);
    if (status != TX_OK) return status;
    classes->rank_names[r] = tx_copy_text(name, strlen(name));
    classes->at[r] = tx_malloc_aligned(classes->points + 1, sizeof *classes->at[r]);
    work->labels[r] = tx_malloc_aligned(names + 1, sizeof *work->labels[r]);
    if (!classes->rank_names[r] || !classes->at[r] || !work->labels[r]) return out_of_memory(error);
    for (size_t i = 0; i < names; i++) work->labels[r][i] = TX_CLASS_UNKNOWN;
  }
  return TX_OK;
}

static tx_status take_record(const tx_labelled_record *record, reading *work, tx_error *error)
{
  const int64_t id = tx_names_find(work->ids, record->record.id, record->record.id_length);
  if (id < 0) return TX_OK;
  for (size_t r = 0; r < work->classes->rank_count; r++) {
    uint32_t number = 0;
    int32_t label = TX_CLASS_MISSING;
    if (record->taxa[r]) {
      const tx_status status =
          tx_names_add(work->taxa[r], record->taxa[r], strlen(record->taxa[r]), &number, error);
      if (status != TX_OK) return status;
      label = (int32_t)number;
    }
    if (work->labels[r][id] != TX_CLASS_UNKNOWN && work->labels[r][id] != label)
      return tx_fail_at(error, TX_ERROR_DATA, record->record.file, record->record.line, record->record.number,
                        "'%.200s' has another %s than in a row before: a point of this name could be either",
                        record->record.id, work->classes->rank_names[r]);
    work->labels[r][id] = label;
  }
  return TX_OK;
}

static tx_status read_records(tx_labelled *reader, reading *work, tx_error *error)
{
  tx_classes *classes = work->classes;
  tx_labelled_record record;
  tx_status status = TX_OK;
  while (status == TX_OK) {
    status = tx_labelled_next(reader, &record, error);
    if (status == TX_OK) status = take_record(&record, work, error);
  }
  if (status != TX_END) return status;
  for (size_t i = 0; i < classes->points; i++)
    for (size_t r = 0; r < classes->rank_count; r++) {
      classes->at[r][i] = work->labels[r][work->id_of[i]];
      classes->unknown += r == 0 && classes->at[r][i] == TX_CLASS_UNKNOWN;
    }
  if (classes->rank_count && classes->unknown < classes->points) return TX_OK;
  return tx_fail(error, TX_ERROR_DATA,
                 classes->rank_count ? "none of the points is among the labels: their names must be the same"
                                     : "the labels have no rank to score");
}

tx_status tx_classes_read(const tx_points *points, const char *const *paths, size_t count,
                          const tx_labelled_options *options, tx_classes **ret_classes, tx_error *error)
{
  reading work = {.classes = calloc(1, sizeof *work.classes)};
  tx_labelled *reader = NULL;
  tx_status status = work.classes ? number_points(points, &work, error) : out_of_memory(error);
  if (status == TX_OK) {
    work.classes->points = tx_points_count(points);
    status = tx_labelled_open(paths, count, options, &reader, error);
  }
  if (status == TX_OK) status = prepare_ranks(reader, &work, error);
  if (status == TX_OK) status = read_records(reader, &work, error);
  tx_labelled_close(reader);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    tx_names_free(work.taxa[r]);
    free(work.labels[r]);
  }
  tx_names_free(work.ids);
  free(work.id_of);
  if (status == TX_OK)
    *ret_classes = work.classes;
  else
    tx_classes_free(work.classes);
  return status;
}

tx_status tx_classes_distinct(const tx_classes *classes, const tx_points *points, size_t rank,
                              tx_missing_labels missing, size_t *ret_count, tx_error *error)
{
  const int32_t *at = classes->at[rank];
  unsigned char *seen = calloc(classes->points + 2, 1);
  if (!seen) return out_of_memory(error);
  *ret_count = 0;
  for (size_t i = 0; i < classes->points; i++) {
    const int32_t class_number = at[i];
    if (class_number == TX_CLASS_UNKNOWN || !tx_points_vector(points, i)) continue;
    if (class_number == TX_CLASS_MISSING && missing == TX_MISSING_OMIT) continue;
    *ret_count += !seen[class_number + 1];
    seen[class_number + 1] = 1;
  }
  free(seen);
  return TX_OK;
}

tx_status tx_classes_score(const tx_classes *classes, const tx_clustering *clustering, size_t rank,
                           tx_missing_labels missing, tx_class_scores *ret_scores, tx_error *error)
{
  const int32_t *labels = tx_clustering_labels(clustering);
  int32_t *truth = tx_malloc_aligned(classes->points + 1, sizeof *truth),
          *found = tx_malloc_aligned(classes->points + 1, sizeof *found);
  size_t count = 0, clustered = 0;
  tx_status status = truth && found ? TX_OK : out_of_memory(error);
  *ret_scores = (tx_class_scores){0};
  for (size_t i = 0; i < classes->points && status == TX_OK; i++) {
    const int32_t class_number = classes->at[rank][i];
    if (labels[i] == TX_NO_VECTOR || class_number == TX_CLASS_UNKNOWN) continue;
    ret_scores->missing += class_number == TX_CLASS_MISSING;
    if (class_number == TX_CLASS_MISSING && missing == TX_MISSING_OMIT) continue;
    ret_scores->noise += labels[i] == TX_NOISE;
    truth[count] = class_number;
    found[count++] = labels[i];
  }
  if (status == TX_OK && !count)
    status = tx_fail(error, TX_ERROR_DATA, "no record to score: none has a label of rank %s",
                     classes->rank_names[rank]);
  if (status == TX_OK) status = tx_partition_compare(truth, found, count, &ret_scores->all, error);
  for (size_t i = 0; i < count && status == TX_OK; i++)
    if (found[i] != TX_NOISE) {
      truth[clustered] = truth[i];
      found[clustered++] = found[i];
    }
  if (status == TX_OK && clustered)
    status = tx_partition_compare(truth, found, clustered, &ret_scores->clustered, error);
  free(truth);
  free(found);
  return status;
}
