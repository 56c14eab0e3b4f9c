/* Loading labelled files into a dataset: splits, records that are left out, and notes about both. */
#include "settings/note.h"
#include "dataset/dataset.h"
#include "dataset/lineages.h"
#include "dataset/traits.h"
#include "dataset/second.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "seq/bases.h"
#include "seq/cut.h"
#include "taxon/duplicates.h"
#include "settings/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPLITS_SHOWN = 12, REPORTS_SHOWN = 10 };

/* A pass over a list of files. */
typedef struct intake {
  tx_dataset *dataset;
  const tx_train_config *config;
  const tx_train_files *files;
  const tx_train_hooks *hooks;
  const tx_tokenizer *tokenizer;
  const tx_known_taxa *known;
  bool with_unlabelled; /* see tx_dataset_needs */
  tx_part nameless;     /* records of the training part without any label, if they are kept */
  tx_second_labels *second; /* labels of a second source, NULL = none */
  tx_part seconded;         /* records of the training part that only it labels */
  size_t shortest; /* bases a record needs for a token at every offset */
  uint8_t *codes;
  size_t codes_capacity;
  tx_record_cutter *cutter; /* to the amplicon, if there is one */
  bool has_table, has_split, valid_has_split; /* the input, the input, what validation records come from */
  int rank_map[TX_RANKS_MAX]; /* rank of the reader for each rank of the dataset, -1 = none */
  tx_names *splits;           /* split names seen */
  uint64_t records;           /* read in all */
  uint64_t other;             /* of other splits */
  uint64_t without_site;      /* of the primers */
  uint64_t too_short;
  uint64_t unlabelled;
  tx_bytes hint;              /* of the reader of the input: tx_labelled_hint */
  tx_duplicates *duplicates;    /* records that came before under the same ID */
} intake;

/* Whether `name` is one of the comma-separated `list`. */
static bool in_list(const char *list, const char *name)
{
  size_t length = strlen(name);
  while (*list) {
    size_t word = strcspn(list, ",");
    const char *start = list;
    size_t size = word;
    while (size && *start == ' ') start++, size--;
    while (size && start[size - 1] == ' ') size--;
    if (size == length && memcmp(start, name, length) == 0) return true;
    list += word;
    if (*list) list++;
  }
  return false;
}

/* Options of the readers; `ranks` has those of the dataset, which a validation file is read for. */
static void fill_options(const intake *in, const char **ranks, tx_labelled_options *options)
{
  const tx_train_config *config = in->config;
  const size_t count = tx_dataset_input_ranks(in->dataset);
  for (size_t r = 0; r < count; r++) ranks[r] = tx_taxonomy_builder_rank_name(in->dataset->builder, r);
  *options = (tx_labelled_options){TX_LABELLED_SETTINGS(config), .ranks = config->ranks,
                                   .unlabelled = in->dataset->unlabelled, .wanted = ranks,
                                   .wanted_count = count, .taxa_column = config->taxa_column,
                                   .hooks = tx_train_input_hooks(in->hooks)};
}

/* The first file decides the ranks of the dataset; a validation file is mapped to them by name. */
static tx_status map_ranks(intake *in, const tx_labelled *reader, tx_error *error)
{
  tx_dataset *dataset = in->dataset;
  const size_t count = tx_labelled_rank_count(reader);
  if (!dataset->builder && count) {
    const char *names[TX_RANKS_MAX];
    size_t names_count = count;
    tx_status status = TX_OK;
    for (size_t r = 0; r < count; r++) names[r] = tx_labelled_rank_name(reader, r);
    if (in->known->taxonomy) status = tx_dataset_join_ranks(in->known->taxonomy, names, &names_count, error);
    if (status == TX_OK) status = tx_dataset_set_ranks(dataset, names, names_count, error);
    if (status == TX_OK) status = tx_duplicates_create(dataset->builder, &in->duplicates, error);
    if (status != TX_OK) return status;
  }
  for (size_t r = 0; r < tx_dataset_input_ranks(dataset); r++) {
    in->rank_map[r] = -1;
    for (size_t i = 0; i < count; i++)
      if (strcmp(tx_labelled_rank_name(reader, i), tx_taxonomy_builder_rank_name(dataset->builder, r)) == 0)
        in->rank_map[r] = (int)i;
  }
  return TX_OK;
}

/* The number of a record's lineage; compares the record with earlier ones of the same ID. */
static tx_status add_lineage(intake *in, const tx_record *record, const char *const *taxa,
                             int32_t *ret_lineage, tx_error *error)
{
  tx_status status =
      tx_taxonomy_builder_add(in->dataset->builder, taxa, record->file, record->line, ret_lineage, error);
  if (status == TX_OK)
    status = tx_duplicates_add(in->duplicates, record->id, record->id_length, *ret_lineage, record->file,
                               record->line, error);
  return status;
}

/* The names of a lineage at the ranks of the dataset. */
static void map_taxa(const intake *in, const char *const *names, const char **taxa)
{
  for (size_t r = 0; r < tx_dataset_input_ranks(in->dataset); r++)
    taxa[r] = in->rank_map[r] >= 0 ? names[in->rank_map[r]] : NULL;
}

/* The number of lineage `index` of a record that may have several. */
static tx_status number_lineage(intake *in, const tx_labelled_record *labelled, size_t index,
                                int32_t *ret_lineage, tx_error *error)
{
  const tx_labelled_lineage *lineage = &labelled->lineages[index];
  const tx_record *record = &labelled->record;
  const char *taxa[TX_RANKS_MAX];
  if (lineage->opt_name)
    return tx_dataset_add_name(in->dataset, lineage->opt_name, record->file, record->line, ret_lineage,
                               error);
  map_taxa(in, lineage->taxa, taxa);
  if (index == 0) return add_lineage(in, record, taxa, ret_lineage, error);
  return tx_taxonomy_builder_add(in->dataset->builder, taxa, record->file, record->line, ret_lineage, error);
}

/* Adds the lineages of a record after the first. */
static tx_status add_more(intake *in, const tx_labelled_record *labelled, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 1; i < labelled->lineage_count && status == TX_OK; i++) {
    int32_t lineage = 0;
    status = number_lineage(in, labelled, i, &lineage, error);
    if (status == TX_OK) status = tx_dataset_add_lineage(in->dataset, (uint32_t)lineage, error);
  }
  return status;
}

static void send_duplicates(const intake *in, const tx_train_hooks *hooks)
{
  const size_t lines = in->duplicates ? tx_duplicates_report_count(in->duplicates) : 0;
  const size_t shown = lines < REPORTS_SHOWN ? lines : REPORTS_SHOWN;
  if (!in->duplicates || tx_duplicates_repeated(in->duplicates) == 0) return;
  tx_train_note(hooks,
                "%" PRIu64 " records repeat an earlier ID, %" PRIu64 " of them with a contradicting "
                "label; all are kept",
                tx_duplicates_repeated(in->duplicates), tx_duplicates_contradicting(in->duplicates));
  for (size_t i = 0; i < shown; i++) tx_train_note(hooks, "%s", tx_duplicates_report(in->duplicates, i));
  if (tx_duplicates_contradicting(in->duplicates) > shown)
    tx_train_note(hooks, "... and %" PRIu64 " more contradictions",
                  tx_duplicates_contradicting(in->duplicates) - shown);
}

/* Adds the labels of the second source to those of a training record: *ret_ranks are the ranks, as bits. A
   record that has no other label is of a part of its own, so that it is not held out. */
static void take_second(intake *in, tx_part **part, const tx_record *record, const char **taxa,
                        uint16_t *ret_ranks)
{
  bool any = false;
  if (!in->second || *part != &in->dataset->train) return;
  for (size_t r = 0; r < tx_dataset_input_ranks(in->dataset); r++) any = any || taxa[r];
  *ret_ranks = tx_second_labels_fill(in->second, record, taxa);
  if (*ret_ranks && !any) *part = &in->seconded;
}

static tx_status take_record(intake *in, tx_part *part, tx_labelled_record *labelled, tx_error *error)
{
  tx_record *record = &labelled->record;
  const char *taxa[TX_RANKS_MAX];
  bool any = false, left;
  uint16_t second = 0;
  size_t count;
  int32_t lineage = 0;
  tx_status status = tx_record_cutter_cut(in->cutter, record, &left, error);
  if (status != TX_OK) return status;
  in->without_site += !left;
  if (!left) return TX_OK;
  if (!tx_reserve(&in->codes, &in->codes_capacity, record->base_count + 1, 1))
    return tx_fail_memory(error, "a sequence");
  count = tx_bases_encode(record->bases, record->base_count, in->codes);
  count = tx_bases_trim(in->codes, count, in->tokenizer->max_bases);
  if (count < in->shortest || tx_bases_certain(in->codes, count) < in->config->min_bases) {
    in->too_short++;
    return TX_OK;
  }
  map_taxa(in, labelled->taxa, taxa);
  take_second(in, &part, record, taxa, &second);
  any = labelled->lineage_count > 0;
  for (size_t r = 0; r < tx_dataset_input_ranks(in->dataset); r++) any = any || taxa[r];
  if (!any && !in->dataset->unlabelled) {
    in->unlabelled++;
    if (!in->with_unlabelled || part != &in->dataset->train || !in->dataset->builder) return TX_OK;
    part = &in->nameless;
    status = tx_taxonomy_builder_add(in->dataset->builder, taxa, record->file, record->line, &lineage, error);
  } else if (labelled->lineage_count) {
    status = number_lineage(in, labelled, 0, &lineage, error);
  } else if (in->dataset->builder) {
    status = add_lineage(in, record, taxa, &lineage, error);
  }
  if (status != TX_OK) return status;
  status = tx_dataset_add(in->dataset, part, in->codes, count, (uint32_t)lineage, error);
  if (status == TX_OK) status = add_more(in, labelled, error);
  if (status == TX_OK && in->second) status = tx_dataset_add_second(in->dataset, second, error);
  if (status == TX_OK && in->dataset->named)
    status = tx_dataset_add_id(in->dataset, record->id, record->id_length, error);
  return status;
}

/* Settings of columns have an effect on tables only, settings of splits on tables with a split column. */
static tx_status check_columns(const intake *in, tx_error *error)
{
  static const char no_table[] = "there is no table in the input",
                    no_split[] = "there is no split column in the input";
  const struct {
    const char *name, *why;
    bool has_effect;
  } settings[] = {{"id-column", no_table, in->has_table},
                  {"sequence-column", no_table, in->has_table},
                  {"split-column", no_table, in->has_table},
                  {"taxa-column", no_table, in->has_table},
                  {"split", no_split, in->has_split},
                  {"valid-split", no_split, in->valid_has_split}};
  tx_status status = TX_OK;
  for (size_t i = 0; i < sizeof settings / sizeof settings[0] && status == TX_OK; i++)
    if (!settings[i].has_effect)
      status =
          tx_train_setting_idle(in->config, in->files, settings[i].name, settings[i].why, in->hooks, error);
  return status;
}

/* Records the kinds of the files opened so far, of the input or of the validation file. The settings are
   checked once all files of a run are known. */
static tx_status note_columns(intake *in, const tx_labelled *reader, bool valid, bool all, tx_error *error)
{
  if (tx_labelled_has_table(reader)) in->has_table = true;
  if (tx_labelled_has_split(reader) && !valid) in->has_split = true;
  if (tx_labelled_has_split(reader) && (valid || !in->config->valid_file[0])) in->valid_has_split = true;
  return all && (valid || !in->config->valid_file[0]) ? check_columns(in, error) : TX_OK;
}

static void note_placeholders(const intake *in, const tx_labelled *reader)
{
  const char *example;
  const uint64_t count = tx_labelled_placeholders(reader, &example);
  if (count)
    tx_train_note(in->hooks, "%" PRIu64 " names stand for no label, the first is '%s'", count, example);
}

/* Reads files into the parts. Records with a split go by `train_splits` and `valid_splits`, others (of tables
   without that column, of FASTA and FASTQ) to `rest`. */
static tx_status read_files(intake *in, const char *const *paths, size_t count, const char *train_splits,
                            const char *valid_splits, tx_part *rest, tx_error *error)
{
  tx_labelled *reader = NULL;
  tx_labelled_options options;
  tx_labelled_record record;
  const bool valid = rest == &in->dataset->valid;
  const char *ranks[TX_RANKS_MAX];
  tx_status status;
  fill_options(in, ranks, &options);
  status = tx_labelled_open(paths, count, &options, &reader, error);
  if (status == TX_OK) status = map_ranks(in, reader, error);
  if (status == TX_OK && in->config->second_labels[0] && !in->second && in->dataset->builder)
    status = tx_second_labels_read(in->config, in->dataset, in->hooks, &in->second, error);
  if (status == TX_OK) status = note_columns(in, reader, valid, count == 1, error);
  while (status == TX_OK && (status = tx_labelled_next(reader, &record, error)) == TX_OK) {
    tx_part *part = rest;
    uint32_t number = 0;
    in->records++;
    if (tx_train_stopped(in->hooks)) {
      status = TX_STOPPED;
      break;
    }
    if (record.split) {
      const char *split = record.split;
      part = in_list(train_splits, split)   ? &in->dataset->train
             : in_list(valid_splits, split) ? &in->dataset->valid
                                            : NULL;
      if (!part && tx_names_count(in->splits) < SPLITS_SHOWN) {
        status = tx_names_add(in->splits, split, strlen(split), &number, error);
        if (status != TX_OK) break;
      }
    }
    if (!part)
      in->other++;
    else
      status = take_record(in, part, &record, error);
    if (status != TX_OK) break;
  }
  if (status == TX_END) status = count > 1 ? note_columns(in, reader, valid, true, error) : TX_OK;
  if (status == TX_OK) note_placeholders(in, reader);
  if (status == TX_OK && !valid) tx_bytes_text(&in->hint, tx_labelled_hint(reader));
  tx_labelled_close(reader);
  return status;
}

/* There is no training record: the message gives the reason. */
static tx_status fail_empty(const intake *in, const char *file, tx_error *error)
{
  tx_bytes text = {0};
  tx_status status;
  const bool by_split = in->other > 0, unlabelled = in->dataset->unlabelled;
  tx_bytes_printf(&text, "no %srecord in", unlabelled ? "" : "labelled ");
  if (by_split) tx_bytes_printf(&text, " split '%s' of", in->config->split);
  tx_bytes_printf(&text, " %s: of %" PRIu64 " records", file, in->records);
  if (!unlabelled) tx_bytes_printf(&text, " %" PRIu64 " have no label at any rank,", in->unlabelled);
  tx_bytes_printf(&text, " %" PRIu64 " are too short (fewer than %" PRIu64 " certain bases)", in->too_short,
                  in->config->min_bases);
  if (in->without_site)
    tx_bytes_printf(&text, ", %" PRIu64 " have no site of the primers", in->without_site);
  if (by_split) {
    tx_bytes_printf(&text, " and %" PRIu64 " are of other splits (", in->other);
    for (size_t i = 0; i < tx_names_count(in->splits); i++)
      tx_bytes_printf(&text, "%s'%s'", i ? ", " : "", tx_names_key(in->splits, (uint32_t)i, NULL));
    tx_bytes_text(&text, "); choose with --split");
  }
  if (!unlabelled && in->unlabelled && in->hint.data) tx_bytes_text(&text, in->hint.data);
  status = text.failed ? tx_fail_memory(error, "a message") : tx_fail(error, TX_ERROR_DATA, "%s", text.data);
  tx_bytes_free(&text);
  return status;
}

static void note_records(const intake *in, const tx_train_hooks *hooks)
{
  char unlabelled[96] = "";
  if (!in->dataset->unlabelled)
    snprintf(unlabelled, sizeof unlabelled, ", %" PRIu64 " without any label%s", in->unlabelled,
             in->nameless.count ? ", which are learnt from --teacher" : "");
  tx_train_note(hooks,
                "read %" PRIu64 " records: %zu for training, %" PRIu64 " of other splits, %" PRIu64
                " too short%s",
                in->records, in->dataset->train.count + in->seconded.count, in->other, in->too_short,
                unlabelled);
}

/* Reports what the second source has added. */
static tx_status note_second(const intake *in, const tx_train_hooks *hooks, tx_error *error)
{
  tx_second_counts counts;
  if (!in->second) return TX_OK;
  counts = tx_second_labels_counts(in->second);
  tx_train_note(hooks,
                "second labels: %" PRIu64 " ids (%" PRIu64 " contradict themselves); %" PRIu64
                " training records have got labels of them, %" PRIu64 " had no other; of those with names in "
                "both %" PRIu64 " have the same, %" PRIu64 " another one, where the first counts",
                counts.labelled, counts.conflicts, counts.filled, counts.alone, counts.same, counts.other);
  if (counts.filled) return TX_OK;
  return tx_train_setting_idle(in->config, in->files, "second-labels",
                               "it adds no label to a training record: are the ids the same?", hooks, error);
}

/* Reports how the records became amplicons. */
static void note_cuts(const intake *in, const tx_train_hooks *hooks)
{
  char text[TX_MESSAGE_SIZE / 2];
  tx_record_cutter_describe(in->cutter, text, sizeof text);
  if (text[0]) tx_train_note(hooks, "%s", text);
}

/* Chooses the validation records: from a split of the input, from a file of their own, or by holding out a
   share. */
static tx_status choose_validation(intake *in, const tx_train_hooks *hooks, tx_error *error)
{
  const tx_train_config *config = in->config;
  tx_dataset *dataset = in->dataset;
  tx_status status = TX_OK;
  if (config->valid_file[0]) {
    const char *path = config->valid_file;
    status = read_files(in, &path, 1, "", config->valid_split, &dataset->valid, error);
    if (status == TX_OK && dataset->valid.count == 0)
      return tx_fail(error, TX_ERROR_DATA, "no %srecord for validation in %s",
                     dataset->unlabelled ? "" : "labelled ", path);
    if (status == TX_OK) tx_train_note(hooks, "validation: %zu records of %s", dataset->valid.count, path);
    return status;
  }
  if (dataset->valid.count > 0) {
    tx_train_note(hooks, "validation: %zu records of split '%s'", dataset->valid.count, config->valid_split);
    return tx_train_setting_idle(config, in->files, "valid-fraction", "the input has validation records",
                                 hooks, error);
  }
  status = tx_dataset_hold_out(dataset, config->valid_fraction, config->seed, error);
  if (status != TX_OK) return status;
  if (dataset->valid.count > 0)
    tx_train_note(hooks, "validation: %zu of the training records (%.3g %%) are held out by seed %" PRIu64,
                  dataset->valid.count, 100.0 * config->valid_fraction, config->seed);
  else
    tx_train_note(hooks,
                  "validation: there are no validation records; the kept model has the lowest training loss "
                  "and nothing stops early");
  return TX_OK;
}

size_t tx_dataset_shortest(const tx_dataset_needs *needs, const tx_tokenizer *tokenizer)
{
  return needs->tokens * (size_t)tokenizer->k;
}

tx_status tx_dataset_load(const tx_train_config *config, const tx_dataset_needs *needs,
                          const tx_tokenizer *tokenizer, const tx_train_files *files,
                          const tx_train_hooks *hooks, tx_dataset **ret_dataset, tx_error *error)
{
  intake in = {
      .config = config, .files = files, .hooks = hooks, .tokenizer = tokenizer, .known = &needs->known};
  tx_status status = tx_dataset_create(&in.dataset, error);
  in.shortest = tx_dataset_shortest(needs, tokenizer);
  in.with_unlabelled = needs->with_unlabelled;
  if (status == TX_OK)
    status = tx_record_cutter_create(&(tx_cut_options){.opt_amplicon = config->amplicon}, &in.cutter, error);
  if (status == TX_OK) in.dataset->unlabelled = !needs->labels;
  if (status == TX_OK) in.dataset->second_weight = config->second_weight;
  if (status == TX_OK)
    in.dataset->named = needs->ids || (needs->labels && (config->references || config->traits[0]));
  if (status == TX_OK) status = tx_names_create(&in.splits, error);
  if (status == TX_OK)
    status = read_files(&in, files->inputs, files->input_count, config->split,
                        config->valid_file[0] ? "" : config->valid_split, &in.dataset->train, error);
  if (status == TX_OK && in.dataset->train.count + in.seconded.count == 0)
    status = fail_empty(&in, files->inputs[0], error);
  if (status == TX_OK) {
    note_records(&in, hooks);
    status = choose_validation(&in, hooks, error);
  }
  if (status == TX_OK) status = tx_part_append(&in.dataset->train, &in.seconded, error);
  if (status == TX_OK) status = tx_dataset_drop_second(in.dataset, error);
  if (status == TX_OK) status = note_second(&in, hooks, error);
  if (status == TX_OK) status = tx_part_append(&in.dataset->train, &in.nameless, error);
  if (status == TX_OK) note_cuts(&in, hooks);
  if (status == TX_OK) send_duplicates(&in, hooks);
  tx_bytes_free(&in.hint);
  tx_duplicates_free(in.duplicates);
  if (status == TX_OK && needs->known.taxonomy && in.dataset->builder)
    status = tx_dataset_add_known(in.dataset, &needs->known, error);
  if (status == TX_OK) status = tx_dataset_label(in.dataset, hooks, error);
  if (status == TX_OK) status = tx_dataset_read_traits(config, hooks, in.dataset, error);
  free(in.codes);
  free(in.nameless.records);
  free(in.seconded.records);
  tx_second_labels_free(in.second);
  tx_record_cutter_free(in.cutter);
  tx_names_free(in.splits);
  if (status == TX_OK)
    *ret_dataset = in.dataset;
  else
    tx_dataset_free(in.dataset);
  return status;
}
