/* Labels of a dataset: the taxonomy of its training records, and every record's class at every rank. */
#include "settings/note.h"
#include "dataset/dataset.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REPORTS_SHOWN = 10 };

typedef struct labelling {
  tx_dataset *dataset;
  const tx_train_hooks *hooks;
  size_t ranks;
  size_t kept[TX_RANKS_MAX]; /* rank of the input for each rank that is learnt */
  /* (lineages) number in the builder, -1 for lineages of validation records only */
  int32_t *numbers;
  tx_taxonomy_builder *builder;
  int32_t *builder_labels; /* (builder's lineages, ranks) */
} labelling;

/* Sets the names of a lineage at all ranks of the input; NULL = no label. */
static void names_of(const tx_dataset *dataset, uint32_t lineage, const char **names)
{
  const char *text = tx_names_key(dataset->lineage_names, lineage, NULL);
  for (size_t r = 0; r < dataset->input_ranks; r++) {
    names[r] = *text ? text : NULL;
    text += strlen(text) + 1;
  }
}

static void kept_names_of(const labelling *work, uint32_t lineage, const char **names)
{
  const char *all[TX_RANKS_MAX];
  names_of(work->dataset, lineage, all);
  for (size_t r = 0; r < work->ranks; r++) names[r] = all[work->kept[r]];
}

/* Marks the lineages of training records (0 in numbers) and finds the ranks that have a label among them. */
static void find_ranks(labelling *work)
{
  tx_dataset *dataset = work->dataset;
  bool has_label[TX_RANKS_MAX] = {false};
  const char *names[TX_RANKS_MAX];
  const size_t lineages = tx_names_count(dataset->lineage_names);
  for (size_t i = 0; i < lineages; i++) work->numbers[i] = -1;
  for (size_t i = 0; i < dataset->train.count; i++)
    work->numbers[dataset->lineages[dataset->train.records[i]]] = 0;
  for (size_t i = 0; i < lineages; i++) {
    if (work->numbers[i] < 0) continue;
    names_of(dataset, (uint32_t)i, names);
    for (size_t r = 0; r < dataset->input_ranks; r++) has_label[r] = has_label[r] || names[r];
  }
  for (size_t r = 0; r < dataset->input_ranks; r++) {
    if (has_label[r])
      work->kept[work->ranks++] = r;
    else
      tx_train_note(work->hooks, "rank %s has no label among the training records and is left out",
                    dataset->input_rank_names[r]);
  }
}

/* Limits the number of reports, so that a large table does not fill the terminal. */
static void send_reports(const labelling *work)
{
  const size_t count = tx_taxonomy_builder_report_count(work->builder);
  for (size_t i = 0; i < count && i < REPORTS_SHOWN; i++)
    tx_train_note(work->hooks, "%s", tx_taxonomy_builder_report(work->builder, i));
  if (count > REPORTS_SHOWN)
    tx_train_note(work->hooks, "... and %zu more notes on the taxonomy", count - REPORTS_SHOWN);
}

static tx_status build_taxonomy(labelling *work, tx_error *error)
{
  tx_dataset *dataset = work->dataset;
  const char *names[TX_RANKS_MAX];
  const size_t lineages = tx_names_count(dataset->lineage_names);
  tx_status status;
  for (size_t r = 0; r < work->ranks; r++) names[r] = dataset->input_rank_names[work->kept[r]];
  status = tx_taxonomy_builder_create(names, work->ranks, &work->builder, error);
  for (size_t i = 0; i < lineages && status == TX_OK; i++) {
    if (work->numbers[i] < 0) continue;
    kept_names_of(work, (uint32_t)i, names);
    status = tx_taxonomy_builder_add(work->builder, names,
                                     tx_names_key(dataset->file_names, dataset->places[i].file, NULL),
                                     dataset->places[i].line, &work->numbers[i], error);
  }
  if (status == TX_OK)
    status = tx_taxonomy_builder_finish(work->builder, &dataset->taxonomy, &work->builder_labels, error);
  if (status == TX_OK) send_reports(work);
  return status;
}

static tx_status fill_labels(labelling *work, tx_error *error)
{
  tx_dataset *dataset = work->dataset;
  const size_t lineages = tx_names_count(dataset->lineage_names), ranks = work->ranks;
  const char *names[TX_RANKS_MAX];
  dataset->labels = tx_calloc_aligned(lineages * ranks, sizeof *dataset->labels);
  if (!dataset->labels) return tx_fail_memory(error, "the labels");
  for (size_t i = 0; i < lineages; i++) {
    int32_t *labels = dataset->labels + i * ranks;
    if (work->numbers[i] >= 0) {
      memcpy(labels, work->builder_labels + (size_t)work->numbers[i] * ranks, ranks * sizeof *labels);
    } else {
      kept_names_of(work, (uint32_t)i, names);
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
      dataset->labelled[r] += tx_dataset_label_of(dataset, dataset->train.records[i], r) >= 0;
    for (size_t i = 0; i < dataset->valid.count; i++)
      dataset->valid_labelled[r] +=
          tx_dataset_label_of(dataset, dataset->valid.records[i], r) != TX_LABEL_NONE;
  }
}

static uint32_t fingerprint(const tx_dataset *dataset)
{
  const size_t lineages = tx_names_count(dataset->lineage_names);
  uint32_t crc = tx_crc32(0, dataset->packed, dataset->packed_size);
  crc = tx_crc32(crc, dataset->lengths, dataset->count * sizeof *dataset->lengths);
  crc = tx_crc32(crc, dataset->lineages, dataset->count * sizeof *dataset->lineages);
  crc = tx_crc32(crc, dataset->train.records, dataset->train.count * sizeof *dataset->train.records);
  crc = tx_crc32(crc, dataset->valid.records, dataset->valid.count * sizeof *dataset->valid.records);
  for (size_t i = 0; i < lineages; i++) {
    size_t length;
    const char *key = tx_names_key(dataset->lineage_names, (uint32_t)i, &length);
    crc = tx_crc32(crc, key, length);
  }
  return crc;
}

tx_status tx_dataset_label(tx_dataset *dataset, const tx_train_hooks *hooks, tx_error *error)
{
  labelling work = {.dataset = dataset, .hooks = hooks};
  tx_bytes text = {0};
  tx_status status = TX_OK;
  if (dataset->unlabelled) {
    dataset->fingerprint = fingerprint(dataset);
    return tx_taxonomy_read("\n", 1, &dataset->taxonomy, error);
  }
  work.numbers = calloc(tx_names_count(dataset->lineage_names) + 1, sizeof *work.numbers);
  if (!work.numbers) return tx_fail_memory(error, "the labels");
  find_ranks(&work);
  if (work.ranks == 0) status = tx_fail(error, TX_ERROR_DATA, "no training record has a label at any rank");
  if (status == TX_OK) status = build_taxonomy(&work, error);
  if (status == TX_OK) status = fill_labels(&work, error);
  if (status == TX_OK) {
    dataset->ranks = work.ranks;
    count_labels(dataset);
    dataset->fingerprint = fingerprint(dataset);
    for (size_t r = 0; r < dataset->ranks; r++)
      tx_bytes_printf(&text, "%s%s %zu (%" PRIu64 " records)",
                      r ? ", " : "taxa: ", tx_taxonomy_rank_name(dataset->taxonomy, r),
                      tx_taxonomy_class_count(dataset->taxonomy, r), dataset->labelled[r]);
    if (!text.failed) tx_train_note(hooks, "%s", text.data);
  }
  tx_bytes_free(&text);
  free(work.builder_labels);
  tx_taxonomy_builder_free(work.builder);
  free(work.numbers);
  return status;
}
