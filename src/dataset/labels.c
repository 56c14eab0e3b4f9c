/* Labels of a dataset: the taxonomy of its training records, and every record's class at every rank. */
#include "dataset/lineages.h"
#include "settings/note.h"
#include "dataset/dataset.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "taxon/spellings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REPORTS_SHOWN = 10 };

typedef struct labelling {
  tx_dataset *dataset;
  const tx_train_hooks *hooks;
  size_t ranks;
  size_t kept[TX_RANKS_MAX]; /* rank of the input for each rank that is learnt */
  size_t lineages;           /* of the dataset */
  uint32_t *learnt;          /* (learnt_count) lineages of the training records; allocated for all */
  size_t learnt_count;
  int32_t *places;        /* (lineages) place in `learnt`, -1 for lineages of validation records only */
  int32_t *learnt_labels; /* (learnt_count, ranks) */
} labelling;

/* Sets the names of a lineage at the ranks that are learnt; NULL = no label. */
static void names_of(const labelling *work, uint32_t lineage, const char **names)
{
  for (size_t r = 0; r < work->ranks; r++)
    names[r] = tx_taxonomy_builder_label(work->dataset->builder, (int32_t)lineage, work->kept[r]);
}

/* Lists the lineages of training records, in the order in which they were read. */
static void list_learnt(labelling *work)
{
  const tx_dataset *dataset = work->dataset;
  for (size_t i = 0; i < work->lineages; i++) work->places[i] = -1;
  for (size_t i = 0; i < dataset->train.count; i++) {
    const uint32_t record = dataset->train.records[i], *more;
    const size_t count = tx_dataset_more_lineages(dataset, record, &more);
    work->places[dataset->lineages[record]] = 0;
    for (size_t k = 0; k < count; k++) work->places[more[k]] = 0;
  }
  for (size_t i = 0; i < dataset->known_count; i++) work->places[dataset->known[i]] = 0;
  for (size_t i = 0; i < work->lineages; i++) {
    if (work->places[i] < 0) continue;
    work->places[i] = (int32_t)work->learnt_count;
    work->learnt[work->learnt_count++] = (uint32_t)i;
  }
}

/* Finds the ranks that have a label among the training records. */
static void find_ranks(labelling *work)
{
  const tx_taxonomy_builder *builder = work->dataset->builder;
  for (size_t r = 0; r < tx_dataset_input_ranks(work->dataset); r++) {
    size_t i = 0;
    while (i < work->learnt_count && !tx_taxonomy_builder_label(builder, (int32_t)work->learnt[i], r)) i++;
    if (i < work->learnt_count)
      work->kept[work->ranks++] = r;
    else
      tx_train_note(work->hooks, "rank %s has no label among the training records and is left out",
                    tx_taxonomy_builder_rank_name(builder, r));
  }
}

/* Limits the number of reports, so that a large table does not fill the terminal. */
static void send_reports(const labelling *work)
{
  const size_t count = tx_taxonomy_builder_report_count(work->dataset->builder);
  for (size_t i = 0; i < count && i < REPORTS_SHOWN; i++)
    tx_train_note(work->hooks, "%s", tx_taxonomy_builder_report(work->dataset->builder, i));
  if (count > REPORTS_SHOWN)
    tx_train_note(work->hooks, "... and %zu more notes on the taxonomy", count - REPORTS_SHOWN);
}

static tx_status build_taxonomy(labelling *work, tx_error *error)
{
  const tx_taxonomy_part part = {work->kept, work->ranks, work->learnt, work->learnt_count};
  tx_status status = tx_taxonomy_builder_finish_part(work->dataset->builder, &part, &work->dataset->taxonomy,
                                                     &work->learnt_labels, error);
  if (status == TX_OK) send_reports(work);
  return status;
}

static tx_status fill_labels(labelling *work, tx_error *error)
{
  tx_dataset *dataset = work->dataset;
  const size_t ranks = work->ranks;
  const char *names[TX_RANKS_MAX];
  dataset->labels = tx_calloc_aligned(work->lineages * ranks, sizeof *dataset->labels);
  if (!dataset->labels) return tx_fail_memory(error, "the labels");
  for (size_t i = 0; i < work->lineages; i++) {
    int32_t *labels = dataset->labels + i * ranks;
    if (work->places[i] >= 0) {
      memcpy(labels, work->learnt_labels + (size_t)work->places[i] * ranks, ranks * sizeof *labels);
    } else {
      names_of(work, (uint32_t)i, names);
      tx_taxonomy_match(dataset->taxonomy, names, labels);
      for (size_t r = 0; r < ranks; r++)
        if (labels[r] < 0) labels[r] = names[r] ? TX_LABEL_UNKNOWN : TX_LABEL_NONE;
    }
  }
  return TX_OK;
}

static void count_labels(tx_dataset *dataset)
{
  for (size_t r = 0; r < dataset->ranks; r++) {
    for (size_t i = 0; i < dataset->train.count; i++)
      dataset->labelled[r] += tx_dataset_has_label(dataset, dataset->train.records[i], r, 0);
    for (size_t i = 0; i < dataset->valid.count; i++) {
      const uint32_t record = dataset->valid.records[i];
      dataset->valid_labelled[r] += tx_dataset_has_label(dataset, record, r, TX_LABEL_UNKNOWN);
      dataset->valid_known[r] += tx_dataset_has_label(dataset, record, r, 0);
    }
  }
}

/* The label of the first validation record that has one at a rank. */
static const char *first_valid_label(const labelling *work, size_t rank)
{
  const tx_dataset *dataset = work->dataset;
  for (size_t i = 0; i < dataset->valid.count; i++) {
    const int32_t lineage = (int32_t)dataset->lineages[dataset->valid.records[i]];
    const char *name = tx_taxonomy_builder_label(dataset->builder, lineage, work->kept[rank]);
    if (name) return name;
  }
  return "";
}

/* Warns of the ranks at which the validation says nothing, as its names are others than those of the training
   records. If these are all ranks there is no validation. */
static void check_validation(const labelling *work)
{
  tx_dataset *dataset = work->dataset;
  bool any = false, labelled = false;
  for (size_t r = 0; r < dataset->ranks; r++) {
    any = any || dataset->valid_known[r];
    if (!dataset->valid_labelled[r] || dataset->valid_known[r]) continue;
    labelled = true;
    tx_train_note(work->hooks,
                  "warning: no validation label at rank %s is a taxon of the training records: one is "
                  "'%.100s', they have '%.100s'; no epoch is chosen by this rank",
                  tx_taxonomy_rank_name(dataset->taxonomy, r), first_valid_label(work, r),
                  tx_taxonomy_class_name(dataset->taxonomy, r, 0));
  }
  if (any || !labelled) return;
  tx_train_note(work->hooks,
                "warning: the validation records have no taxon of the training records: there is no "
                "validation; the kept model has the lowest training loss and nothing stops early");
  dataset->valid.count = 0;
  memset(dataset->valid_labelled, 0, sizeof dataset->valid_labelled);
}

/* Notes on the names of the training records. */
static tx_status note_names(const labelling *work, tx_error *error)
{
  const tx_dataset *dataset = work->dataset;
  char text[TX_MESSAGE_SIZE / 2];
  tx_status status = TX_OK;
  for (size_t r = 0; status == TX_OK && r < dataset->ranks; r++) {
    status = tx_spellings_describe(dataset->taxonomy, r, text, sizeof text, error);
    if (status == TX_OK && text[0]) tx_train_note(work->hooks, "%s", text);
  }
  tx_own_names_describe(dataset->taxonomy, dataset->labelled[dataset->ranks - 1], text, sizeof text);
  if (text[0]) tx_train_note(work->hooks, "warning: %s", text);
  return status;
}

static uint32_t fingerprint(const tx_dataset *dataset)
{
  const size_t ranks = tx_dataset_input_ranks(dataset);
  uint32_t crc = tx_crc32(0, dataset->packed, dataset->packed_size);
  crc = tx_crc32(crc, dataset->lengths, dataset->count * sizeof *dataset->lengths);
  crc = tx_crc32(crc, dataset->lineages, dataset->count * sizeof *dataset->lineages);
  if (dataset->more.count) {
    crc = tx_crc32(crc, dataset->more.records, dataset->more.count * sizeof *dataset->more.records);
    crc = tx_crc32(crc, dataset->more.lineages, dataset->more.count * sizeof *dataset->more.lineages);
  }
  if (dataset->second) crc = tx_crc32(crc, dataset->second, dataset->count * sizeof *dataset->second);
  crc = tx_crc32(crc, dataset->train.records, dataset->train.count * sizeof *dataset->train.records);
  crc = tx_crc32(crc, dataset->valid.records, dataset->valid.count * sizeof *dataset->valid.records);
  for (size_t i = 0; ranks && i < tx_dataset_lineage_count(dataset); i++)
    for (size_t r = 0; r < ranks; r++) {
      const char *name = tx_taxonomy_builder_label(dataset->builder, (int32_t)i, r);
      crc = name ? tx_crc32(crc, name, strlen(name) + 1) : tx_crc32(crc, "", 1);
    }
  return crc;
}

static tx_status make_empty_taxonomy(tx_taxonomy **ret_taxonomy, tx_error *error)
{
  return tx_taxonomy_read("\n", 1, ret_taxonomy, error);
}

tx_status tx_dataset_forget_labels(tx_dataset *dataset, tx_error *error)
{
  tx_taxonomy *empty = NULL;
  tx_status status = make_empty_taxonomy(&empty, error);
  if (status != TX_OK) return status;
  tx_taxonomy_free(dataset->taxonomy);
  dataset->taxonomy = empty;
  dataset->ranks = 0;
  dataset->unlabelled = true;
  return TX_OK;
}

tx_status tx_dataset_label(tx_dataset *dataset, const tx_train_hooks *hooks, tx_error *error)
{
  labelling work = {.dataset = dataset, .hooks = hooks};
  tx_bytes text = {0};
  tx_status status = TX_OK;
  if (dataset->unlabelled) {
    dataset->fingerprint = fingerprint(dataset);
    return make_empty_taxonomy(&dataset->taxonomy, error);
  }
  status = tx_dataset_resolve_names(dataset, hooks, error);
  if (status != TX_OK) return status;
  work.lineages = tx_dataset_lineage_count(dataset);
  work.learnt = tx_malloc_aligned(work.lineages, sizeof *work.learnt);
  work.places = tx_malloc_aligned(work.lineages, sizeof *work.places);
  if (!work.learnt || !work.places) status = tx_fail_memory(error, "the labels");
  if (status == TX_OK) {
    list_learnt(&work);
    find_ranks(&work);
  }
  if (status == TX_OK && work.ranks == 0)
    status = tx_fail(error, TX_ERROR_DATA, "no training record has a label at any rank");
  if (status == TX_OK) status = build_taxonomy(&work, error);
  if (status == TX_OK) status = fill_labels(&work, error);
  if (status == TX_OK) {
    dataset->ranks = work.ranks;
    memcpy(dataset->input_ranks, work.kept, sizeof dataset->input_ranks);
    count_labels(dataset);
    check_validation(&work);
    dataset->fingerprint = fingerprint(dataset);
    for (size_t r = 0; r < dataset->ranks; r++)
      tx_bytes_printf(&text, "%s%s %zu (%" PRIu64 " records)",
                      r ? ", " : "taxa: ", tx_taxonomy_rank_name(dataset->taxonomy, r),
                      tx_taxonomy_class_count(dataset->taxonomy, r), dataset->labelled[r]);
    if (!text.failed) tx_train_note(hooks, "%s", text.data);
    status = note_names(&work, error);
  }
  tx_bytes_free(&text);
  free(work.learnt_labels);
  free(work.learnt);
  free(work.places);
  return status;
}
