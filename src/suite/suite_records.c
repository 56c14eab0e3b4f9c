/* The records of a benchmark by split, and the passes of a model over them. */
#include "suite/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "eval/truth.h"

static const char *const split_names[] = {"train", "test", "test_unseen", "key_unseen"};
/* The files of the Canadian-invertebrates benchmark, of the splits in their order. */
static const char *const canadian_files[] = {"supervised_train.csv", "supervised_test.csv", "unseen.csv"};
#define CANADIAN_FILES (sizeof canadian_files / sizeof *canadian_files)
#define CANADIAN_PRETRAIN "pretrain.csv"
#define PRETRAIN "pretrain"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the records of the benchmark");
}

const char *tx_suite_split_name(tx_suite_split split)
{
  return split_names[split];
}

static void free_part(tx_suite_part *part)
{
  tx_bytes_free(&part->letters);
  tx_bytes_free(&part->ids);
  free(part->letter_ends);
  free(part->id_ends);
  free(part->labels);
  free(part->vectors);
  free(part->called);
  free(part->confidences);
  free(part->leaks);
  free(part->identities);
}

void tx_suite_free(tx_suite *suite)
{
  if (!suite) return;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) free_part(&suite->parts[s]);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    free(suite->ranks[r]);
    tx_names_free(suite->taxa[r]);
  }
  for (size_t p = 0; suite->paths && p < suite->path_count; p++) free(suite->paths[p]);
  free(suite->paths);
  free(suite->pretrain_path);
  tx_bytes_free(&suite->leak_ids);
  for (size_t i = 0; i < suite->answer_count; i++) {
    free(suite->answers[i].called);
    free(suite->answers[i].confidences);
  }
  for (size_t i = 0; i < suite->cluster_count; i++) {
    free(suite->clusters[i].splits);
    free(suite->clusters[i].records);
    free(suite->clusters[i].labels);
  }
  for (size_t i = 0; i < suite->newness_count; i++) {
    free(suite->newness[i].known);
    free(suite->newness[i].unseen);
  }
  free(suite);
}

size_t tx_suite_records(const tx_suite *suite, tx_suite_split split)
{
  return suite->parts[split].count;
}

const char *tx_suite_cuts(const tx_suite *suite)
{
  return suite->cuts;
}

size_t tx_suite_rank_count(const tx_suite *suite)
{
  return suite->rank_count;
}

const char *tx_suite_letters(const tx_suite_part *part, size_t record, size_t *ret_count)
{
  const size_t start = record ? part->letter_ends[record - 1] : 0;
  *ret_count = part->letter_ends[record] - start - 1;
  return part->letters.data + start;
}

const char *tx_suite_id(const tx_suite_part *part, size_t record)
{
  return part->ids.data + (record ? part->id_ends[record - 1] : 0);
}

static char *join(const char *folder, const char *name)
{
  tx_bytes path = {0};
  tx_bytes_text(&path, folder);
  if (path.size && path.data[path.size - 1] != '/') tx_bytes_text(&path, "/");
  tx_bytes_text(&path, name);
  if (!path.failed) return path.data;
  tx_bytes_free(&path);
  return NULL;
}

/* Names the files of a folder; the list of pretraining may be missing. */
static tx_status list_folder(tx_suite *suite, const tx_suite_input *input, tx_error *error)
{
  struct stat status;
  tx_error missing;
  int descriptor = -1;
  if (input->count != 1)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the benchmark canadian-invertebrates is one folder, with the files %s, %s and %s",
                   canadian_files[0], canadian_files[1], canadian_files[2]);
  suite->path_count = CANADIAN_FILES;
  suite->paths = calloc(CANADIAN_FILES, sizeof *suite->paths);
  suite->pretrain_path = join(input->paths[0], CANADIAN_PRETRAIN);
  if (!suite->paths || !suite->pretrain_path) return out_of_memory(error);
  for (size_t f = 0; f < CANADIAN_FILES; f++) {
    suite->paths[f] = join(input->paths[0], canadian_files[f]);
    if (!suite->paths[f]) return out_of_memory(error);
  }
  if (tx_open_regular(suite->pretrain_path, &status, &descriptor, &missing) == TX_OK) {
    close(descriptor);
  } else {
    free(suite->pretrain_path);
    suite->pretrain_path = NULL;
  }
  return TX_OK;
}

/* Copies the names, as the tables are read again later. */
static tx_status list_files(tx_suite *suite, const tx_suite_input *input, tx_error *error)
{
  suite->path_count = input->count;
  suite->paths = calloc(input->count + 1, sizeof *suite->paths);
  for (size_t f = 0; suite->paths && f < input->count; f++) {
    suite->paths[f] = tx_copy_text(input->paths[f], strlen(input->paths[f]));
    if (!suite->paths[f]) return out_of_memory(error);
  }
  return suite->paths ? TX_OK : out_of_memory(error);
}

/* The ranks that the labels and the model have; those of the labels without a model that names taxa. */
static tx_status match_ranks(const tx_suite *suite, tx_truth *truth, tx_error *error)
{
  const char *names[TX_RANKS_MAX];
  const bool own = !suite->taxonomy;
  const size_t count =
      own ? tx_labelled_rank_count(truth->reader) : tx_taxonomy_rank_count(suite->taxonomy);
  for (size_t r = 0; r < count; r++)
    names[r] = own ? tx_labelled_rank_name(truth->reader, r) : tx_taxonomy_rank_name(suite->taxonomy, r);
  return tx_truth_match(truth, names, count, own ? "the labels have" : "the model has", error);
}

static tx_status keep_ranks(tx_suite *suite, const tx_truth *truth, tx_error *error)
{
  suite->rank_count = tx_truth_rank_count(truth);
  for (size_t r = 0; r < suite->rank_count; r++) {
    const char *name = tx_truth_ranks(truth)[r];
    const tx_status status = tx_names_create(&suite->taxa[r], error);
    if (status != TX_OK) return status;
    suite->model_ranks[r] = truth->other[r];
    suite->ranks[r] = tx_copy_text(name, strlen(name));
    if (!suite->ranks[r]) return out_of_memory(error);
  }
  return TX_OK;
}

static tx_status keep_labels(tx_suite *suite, tx_suite_part *part, const tx_labelled_record *record,
                             tx_error *error)
{
  int32_t *labels;
  bool any = false;
  if (!tx_reserve(&part->labels, &part->label_capacity, (part->count + 1) * suite->rank_count,
                  sizeof *part->labels))
    return out_of_memory(error);
  labels = part->labels + part->count * suite->rank_count;
  for (size_t r = 0; r < suite->rank_count; r++) {
    uint32_t number = 0;
    tx_status status = TX_OK;
    labels[r] = -1;
    if (!record->taxa[r]) continue;
    status = tx_names_add_spaced(suite->taxa[r], record->taxa[r], &number, error);
    if (status != TX_OK) return status;
    labels[r] = (int32_t)number;
    any = true;
  }
  part->labelled += any;
  return TX_OK;
}

static tx_status keep_record(tx_suite *suite, tx_suite_part *part, const tx_labelled_record *record,
                             tx_error *error)
{
  tx_status status;
  if (!tx_reserve(&part->letter_ends, &part->letter_capacity, part->count + 1, sizeof *part->letter_ends) ||
      !tx_reserve(&part->id_ends, &part->id_capacity, part->count + 1, sizeof *part->id_ends))
    return out_of_memory(error);
  status = keep_labels(suite, part, record, error);
  if (status != TX_OK) return status;
  tx_bytes_append(&part->letters, record->record.bases, record->record.base_count);
  tx_bytes_append(&part->letters, "", 1);
  tx_bytes_append(&part->ids, record->record.id, record->record.id_length);
  tx_bytes_append(&part->ids, "", 1);
  if (part->letters.failed || part->ids.failed) return out_of_memory(error);
  part->letter_ends[part->count] = part->letters.size;
  part->id_ends[part->count++] = part->ids.size;
  return TX_OK;
}

/* The split of a record; TX_SUITE_SPLITS: it is not kept. */
static tx_suite_split split_of(const tx_suite *suite, const tx_labelled_record *record)
{
  size_t split = 0;
  if (suite->benchmark == TX_BENCHMARK_BIOSCAN5M) {
    if (!record->split) return TX_SUITE_SPLITS;
    while (split < TX_SUITE_SPLITS && strcmp(record->split, split_names[split]) != 0) split++;
    return (tx_suite_split)split;
  }
  while (split < suite->path_count && strcmp(record->record.file, suite->paths[split]) != 0) split++;
  return split < suite->path_count ? (tx_suite_split)split : TX_SUITE_SPLITS;
}

enum { TELL_EVERY = 100000 }; /* rows between two lines of progress */

static void tell_rows(const tx_suite_input *input, size_t rows)
{
  char line[64];
  if (!input->progress || rows % TELL_EVERY) return;
  snprintf(line, sizeof line, "reading: %zu rows", rows);
  input->progress(input->context, line);
}

static tx_status read_records(tx_suite *suite, const tx_suite_input *input, tx_truth *truth, tx_error *error)
{
  tx_labelled_record record;
  size_t rows = 0;
  tx_status status;
  while ((status = tx_truth_next(truth, &record, error)) == TX_OK) {
    const tx_suite_split split = record.record.base_count ? split_of(suite, &record) : TX_SUITE_SPLITS;
    bool left = true;
    tell_rows(input, ++rows);
    if (split == TX_SUITE_TEST || split == TX_SUITE_TEST_UNSEEN)
      status = tx_record_cutter_cut(truth->cutter, &record.record, &left, error);
    if (status != TX_OK) return status;
    if (!left) continue;
    if (split < TX_SUITE_SPLITS) {
      status = keep_record(suite, &suite->parts[split], &record, error);
      if (status != TX_OK) return status;
    } else if (record.record.base_count && record.split && strcmp(record.split, PRETRAIN) == 0) {
      suite->pretrain++;
    }
  }
  return status == TX_END ? TX_OK : status;
}

static tx_status check_records(const tx_suite *suite, tx_error *error)
{
  if (!suite->parts[TX_SUITE_TRAIN].count)
    return tx_fail(error, TX_ERROR_DATA, "no record with a sequence of split train");
  if (!suite->parts[TX_SUITE_TEST].count && !suite->parts[TX_SUITE_TEST_UNSEEN].count)
    return tx_fail(error, TX_ERROR_DATA, "no record with a sequence of split test or test_unseen");
  return TX_OK;
}

static tx_status open_and_read(tx_suite *suite, const tx_suite_input *input, tx_error *error)
{
  tx_truth *truth = NULL;
  tx_status status;
  suite->input.labelled = input->labelled;
  suite->input.labelled.split = NULL;
  suite->input.usual_split = NULL;
  suite->input.cut = input->cut;
  status = (input->benchmark == TX_BENCHMARK_BIOSCAN5M ? list_files : list_folder)(suite, input, error);
  suite->input.paths = (const char *const *)suite->paths;
  suite->input.count = suite->path_count;
  if (status == TX_OK) status = tx_truth_open(&suite->input, &truth, error);
  if (status == TX_OK) status = match_ranks(suite, truth, error);
  if (status == TX_OK && input->benchmark == TX_BENCHMARK_BIOSCAN5M && !tx_truth_has_split(truth))
    status = tx_fail(error, TX_ERROR_DATA,
                     "%s: no split column, which tells train, test and test_unseen apart (--split-column)",
                     input->paths[0]);
  if (status == TX_OK) status = keep_ranks(suite, truth, error);
  if (status == TX_OK) status = read_records(suite, input, truth, error);
  if (status == TX_OK) tx_truth_describe_cuts(truth, suite->cuts, sizeof suite->cuts);
  if (status == TX_OK) status = check_records(suite, error);
  tx_truth_close(truth);
  return status;
}

tx_status tx_suite_open(const tx_suite_input *input, tx_suite **ret_suite, tx_error *error)
{
  tx_suite *suite = calloc(1, sizeof *suite);
  tx_status status;
  if (!suite) return out_of_memory(error);
  suite->benchmark = input->benchmark;
  if (input->taxonomy && tx_taxonomy_rank_count(input->taxonomy)) suite->taxonomy = input->taxonomy;
  status = open_and_read(suite, input, error);
  if (status == TX_OK)
    *ret_suite = suite;
  else
    tx_suite_free(suite);
  return status;
}

/* Passes of a model. */

tx_status tx_suite_source(void *context, tx_record *record, tx_error *error)
{
  tx_suite_pass *pass = context;
  const tx_suite_part *part = &pass->suite->parts[pass->split];
  (void)error;
  if (pass->next >= part->count) return TX_END;
  *record = (tx_record){.id = tx_suite_id(part, pass->next),
                        .comment = "",
                        .size = 1,
                        .file = split_names[pass->split],
                        .number = pass->next + 1};
  record->id_length = strlen(record->id);
  record->bases = tx_suite_letters(part, pass->next++, &record->base_count);
  return TX_OK;
}

tx_status tx_suite_put_answer(void *context, const tx_record *record, const tx_prediction *prediction,
                              tx_error *error)
{
  const tx_suite_pass *pass = context;
  tx_suite *suite = pass->suite;
  tx_suite_part *part = &suite->parts[pass->split];
  const size_t first = part->answered * suite->rank_count;
  (void)record;
  if (!part->called) {
    part->called = tx_calloc_aligned(part->count, suite->rank_count * sizeof *part->called);
    part->confidences = tx_calloc_aligned(part->count, suite->rank_count * sizeof *part->confidences);
    if (!part->called || !part->confidences) return tx_fail_memory(error, "the answers");
  }
  if (part->answered >= part->count) return tx_fail(error, TX_ERROR_USAGE, "more answers than records");
  for (size_t r = 0; r < suite->rank_count; r++) {
    const int32_t taxon = tx_prediction_taxon(prediction, suite->model_ranks[r]);
    if (taxon < 0) continue;
    part->called[first + r] = tx_taxonomy_class_name(pass->taxonomy, suite->model_ranks[r], taxon);
    part->confidences[first + r] = tx_prediction_confidence(prediction, suite->model_ranks[r]);
  }
  part->answered++;
  suite->method = pass->method;
  return TX_OK;
}

tx_status tx_suite_put_embedding(void *context, const tx_record *record, const tx_prediction *prediction,
                                 tx_error *error)
{
  const tx_suite_pass *pass = context;
  tx_suite *suite = pass->suite;
  tx_suite_part *part = &suite->parts[pass->split];
  const float *vector = tx_prediction_embedding(prediction);
  (void)record;
  suite->width = pass->width;
  if (!part->vectors) {
    part->vectors = tx_malloc_aligned(part->count, suite->width * sizeof *part->vectors);
    if (!part->vectors) return tx_fail_memory(error, "the embeddings");
  }
  if (part->embedded >= part->count) return tx_fail(error, TX_ERROR_USAGE, "more embeddings than records");
  for (size_t i = 0; i < suite->width; i++)
    part->vectors[part->embedded * suite->width + i] = vector ? vector[i] : NAN;
  part->embedded++;
  return TX_OK;
}

/* Views. */

tx_status tx_suite_view_create(const tx_suite *suite, const bool splits[TX_SUITE_SPLITS],
                               tx_suite_view *ret_view, tx_error *error)
{
  tx_suite_view view = {0};
  size_t at = 0;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
    if (splits[s]) view.count += suite->parts[s].count;
  memcpy(view.splits, splits, sizeof view.splits);
  view.parts = tx_malloc_aligned(view.count + 1, sizeof *view.parts);
  view.records = tx_malloc_aligned(view.count + 1, sizeof *view.records);
  *ret_view = view;
  if (!view.parts || !view.records) return out_of_memory(error);
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
    for (size_t i = 0; splits[s] && i < suite->parts[s].count; i++) {
      view.parts[at] = &suite->parts[s];
      view.records[at++] = i;
    }
  return TX_OK;
}

float *tx_suite_vectors(const tx_suite *suite, const tx_suite_view *view)
{
  float *vectors = tx_malloc_aligned(view->count + 1, suite->width * sizeof *vectors);
  for (size_t i = 0; vectors && i < view->count; i++)
    memcpy(vectors + i * suite->width, view->parts[i]->vectors + view->records[i] * suite->width,
           suite->width * sizeof *vectors);
  return vectors;
}

void tx_suite_view_free(tx_suite_view *view)
{
  free(view->parts);
  free(view->records);
}

tx_status tx_suite_add_answers(tx_suite *suite, const tx_suite_answers *head, const tx_suite_view *queries,
                               bool confident, tx_suite_answers **ret_answers, tx_error *error)
{
  tx_suite_answers *answers = &suite->answers[suite->answer_count];
  if (suite->answer_count == TX_SUITE_RESULTS)
    return tx_fail(error, TX_ERROR_USAGE, "more than %d results of the suite", TX_SUITE_RESULTS);
  *answers = *head;
  answers->count = queries->count;
  memcpy(answers->queries, queries->splits, sizeof answers->queries);
  answers->called = tx_calloc_aligned(queries->count + 1, suite->rank_count * sizeof *answers->called);
  answers->confidences =
      confident ? tx_calloc_aligned(queries->count + 1, suite->rank_count * sizeof(double)) : NULL;
  suite->answer_count++;
  if (!answers->called || (confident && !answers->confidences)) return out_of_memory(error);
  *ret_answers = answers;
  return TX_OK;
}
