/* Duplicates between the queries and the records that were learned from, and how similar the nearest is. */
#include "suite/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/labelled.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/wait.h"
#include "search/search.h"

static const bool query_splits[TX_SUITE_SPLITS] = {[TX_SUITE_TEST] = true, [TX_SUITE_TEST_UNSEEN] = true};
static const char *const kind_names[] = {"exact", "contained", "reverse_exact", "reverse_contained"};
static const char *const reference_names[] = {"train", "pretrain"};

/* records between two lines of progress */
enum { TELL_EVERY = 20000, IDENTIFY_EVERY = 1024 };

/* A search for duplicates under way. */
typedef struct audit {
  tx_suite *suite;
  const tx_suite_options *options;
  tx_suite_view queries;
  tx_leak_index *index;
  size_t reference_split;
  const char *id; /* of the reference that is compared */
  size_t id_length;
  bool kept;      /* its id is the last of leak_ids */
  size_t kept_at;
} audit;

static tx_suite_leak *leak_of(const audit *own, size_t query, size_t reference_split)
{
  const tx_suite_view *view = &own->queries;
  return &view->parts[query]->leaks[view->records[query] * TX_LEAK_SPLITS + reference_split];
}

/* Keeps the strongest kind, and of equal ones the first reference. */
static void take_leak(void *context, size_t query, tx_leak_kind kind)
{
  audit *own = context;
  tx_suite_leak *leak = leak_of(own, query, own->reference_split);
  if (leak->kind <= (uint8_t)kind) return;
  leak->kind = (uint8_t)kind;
  if (!own->kept) {
    own->kept_at = own->suite->leak_ids.size;
    tx_bytes_append(&own->suite->leak_ids, own->id, own->id_length);
    tx_bytes_append(&own->suite->leak_ids, "", 1);
    own->kept = true;
  }
  leak->reference = own->kept_at;
}

static tx_status compare(audit *own, const char *id, const char *letters, size_t count, tx_error *error)
{
  size_t *audited = &own->suite->audited[own->reference_split];
  tx_status status;
  own->id = id;
  own->id_length = strlen(id);
  own->kept = false;
  if (tx_is_stopped(own->options->stop)) return TX_STOPPED;
  status = tx_leak_index_compare(own->index, letters, count, take_leak, own, error);
  if (status == TX_OK && own->suite->leak_ids.failed)
    status = tx_fail_memory(error, "the list of duplicates");
  if (++*audited % TELL_EVERY == 0 && own->options->progress) {
    char line[96];
    snprintf(line, sizeof line, "duplicates: %zu records of %s", *audited,
             reference_names[own->reference_split]);
    own->options->progress(own->options->context, line);
  }
  return status;
}

/* Prepares the marks of a split, and adds its records to the index. */
static tx_status add_queries(audit *own, tx_error *error)
{
  tx_status status = tx_leak_index_create(&own->index, error);
  for (size_t s = 0; s < TX_SUITE_SPLITS && status == TX_OK; s++) {
    tx_suite_part *part = &own->suite->parts[s];
    if (!query_splits[s]) continue;
    part->leaks = tx_malloc_aligned(part->count + 1, TX_LEAK_SPLITS * sizeof *part->leaks);
    if (!part->leaks) return tx_fail_memory(error, "the search for duplicates");
    for (size_t i = 0; i < part->count * TX_LEAK_SPLITS; i++) part->leaks[i].kind = TX_LEAK_NONE;
  }
  if (status == TX_OK) status = tx_suite_view_create(own->suite, query_splits, &own->queries, error);
  for (size_t i = 0; i < own->queries.count && status == TX_OK; i++) {
    size_t count;
    const char *letters = tx_suite_letters(own->queries.parts[i], own->queries.records[i], &count);
    status = tx_leak_index_add(own->index, letters, count, error);
  }
  return status;
}

static tx_status compare_train(audit *own, tx_error *error)
{
  const tx_suite_part *train = &own->suite->parts[TX_SUITE_TRAIN];
  tx_status status = TX_OK;
  own->reference_split = TX_LEAK_TRAIN;
  for (size_t i = 0; i < train->count && status == TX_OK; i++) {
    size_t count;
    const char *letters = tx_suite_letters(train, i, &count);
    status = compare(own, tx_suite_id(train, i), letters, count, error);
  }
  return status;
}

/* Reads the records of pretraining, one at a time. */
static tx_status compare_pretrain(audit *own, tx_error *error)
{
  const tx_suite *suite = own->suite;
  const char *const folder_path = suite->pretrain_path;
  tx_labelled_options options = suite->input.labelled;
  tx_labelled_record record;
  tx_labelled *reader = NULL;
  tx_status status;
  if (!suite->pretrain && !folder_path) return TX_OK;
  options.unlabelled = 1;
  options.ranks = options.taxonomy_file = NULL;
  options.split = folder_path ? NULL : "pretrain";
  own->reference_split = TX_LEAK_PRETRAIN;
  status = tx_labelled_open(folder_path ? &folder_path : suite->input.paths,
                            folder_path ? 1 : suite->input.count, &options, &reader, error);
  while (status == TX_OK && (status = tx_labelled_next(reader, &record, error)) == TX_OK)
    status = compare(own, record.record.id, record.record.bases, record.record.base_count, error);
  tx_labelled_close(reader);
  return status == TX_END ? TX_OK : status;
}

tx_status tx_suite_leaks(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  audit own = {.suite = suite, .options = options};
  tx_status status = add_queries(&own, error);
  if (status == TX_OK) status = compare_train(&own, error);
  if (status == TX_OK) status = compare_pretrain(&own, error);
  tx_leak_index_free(own.index);
  tx_suite_view_free(&own.queries);
  if (status == TX_OK) status = tx_suite_identify(suite, options, error);
  suite->audit = status == TX_OK;
  return status;
}

/* Identity to the nearest record of train. */

typedef struct identities {
  const tx_suite_view *queries;
  const tx_search_index *index;
  tx_search **searches; /* (threads) */
  tx_sequence_buffer (*buffers)[2];
  double *values; /* (queries) */
  const tx_suite_options *options;
  size_t first;   /* of the queries that are searched at a time */
  bool *failed;   /* (threads) no memory */
} identities;

static void tell_identities(const identities *own)
{
  char line[96];
  if (!own->options->progress) return;
  snprintf(line, sizeof line, "identity to the nearest record of train: %zu of %zu", own->first,
           own->queries->count);
  own->options->progress(own->options->context, line);
}

static tx_status build(const tx_suite *suite, tx_references **ret_references, tx_error *error)
{
  const tx_suite_part *train = &suite->parts[TX_SUITE_TRAIN];
  const char *ranks[TX_RANKS_MAX], *taxa[TX_RANKS_MAX];
  tx_references_builder *builder = NULL;
  tx_status status;
  for (size_t r = 0; r < suite->rank_count; r++) ranks[r] = suite->ranks[r];
  status = tx_references_builder_create(ranks, suite->rank_count, &builder, error);
  for (size_t i = 0; i < train->count && status == TX_OK; i++) {
    tx_reference_record record = {.id = tx_suite_id(train, i), .taxa = taxa, .file = "train", .line = i + 1};
    record.bases = tx_suite_letters(train, i, &record.base_count);
    for (size_t r = 0; r < suite->rank_count; r++)
      taxa[r] = tx_suite_taxon(suite, r, tx_suite_labels(suite, train, i)[r]);
    status = tx_references_builder_add(builder, &record, error);
  }
  if (status == TX_OK) status = tx_references_builder_finish(builder, ret_references, error);
  tx_references_builder_free(builder);
  return status;
}

static double search_strand(tx_search *search, const tx_sequence *sequence)
{
  size_t count = 0;
  uint32_t votes;
  const tx_candidate *nearest = tx_search_run(search, sequence, NULL, &count, &votes);
  if (!count) return 0;
  return 1 - (double)nearest->alignment.mismatches / (double)nearest->alignment.length;
}

static void identify(void *context, size_t task, size_t thread)
{
  const identities *own = context;
  const size_t query = own->first + task;
  tx_sequence_buffer *forward = &own->buffers[thread][0], *reverse = &own->buffers[thread][1];
  size_t count;
  const char *letters = tx_suite_letters(own->queries->parts[query], own->queries->records[query], &count);
  double minus;
  own->values[query] = 0;
  if (tx_is_stopped(own->options->stop)) return;
  if (!tx_sequence_fill(forward, letters, count, false) || !tx_sequence_reverse(reverse, &forward->view)) {
    own->failed[thread] = true;
    return;
  }
  own->values[query] = search_strand(own->searches[thread], &forward->view);
  minus = search_strand(own->searches[thread], &reverse->view);
  if (minus > own->values[query]) own->values[query] = minus;
}

static tx_status search_all(identities *own, size_t threads, tx_error *error)
{
  tx_pool *pool = NULL;
  bool failed = false;
  tx_status status = tx_pool_create(threads, &pool, error);
  threads = threads ? threads : 1;
  own->searches = calloc(threads, sizeof *own->searches);
  own->buffers = calloc(threads, sizeof *own->buffers);
  own->failed = calloc(threads, sizeof *own->failed);
  if (status == TX_OK && !(own->searches && own->buffers && own->failed))
    status = tx_fail_memory(error, "the search");
  for (size_t t = 0; t < threads && status == TX_OK; t++)
    status = tx_search_create(own->index, &own->searches[t], error);
  for (own->first = 0; status == TX_OK && own->first < own->queries->count; own->first += IDENTIFY_EVERY) {
    const size_t left = own->queries->count - own->first;
    tell_identities(own);
    tx_pool_run(pool, left < IDENTIFY_EVERY ? left : IDENTIFY_EVERY, identify, own);
    if (tx_is_stopped(own->options->stop)) break;
  }
  if (status == TX_OK && tx_is_stopped(own->options->stop)) status = TX_STOPPED;
  for (size_t t = 0; t < threads; t++) {
    failed = failed || (own->failed && own->failed[t]);
    if (own->searches) tx_search_free(own->searches[t]);
    for (size_t b = 0; own->buffers && b < 2; b++) tx_sequence_buffer_free(&own->buffers[t][b]);
  }
  free(own->searches);
  free(own->buffers);
  free(own->failed);
  tx_pool_free(pool);
  return status == TX_OK && failed ? tx_fail_memory(error, "the search") : status;
}

/* Hands the values of the view to the splits. */
static tx_status share(tx_suite *suite, const identities *own, tx_error *error)
{
  size_t at = 0;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) {
    tx_suite_part *part = &suite->parts[s];
    if (!query_splits[s]) continue;
    part->identities = tx_malloc_aligned(part->count + 1, sizeof *part->identities);
    if (!part->identities) return tx_fail_memory(error, "the identities");
    memcpy(part->identities, own->values + at, part->count * sizeof *part->identities);
    at += part->count;
  }
  return TX_OK;
}

tx_status tx_suite_identify(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  tx_suite_view queries = {0};
  tx_references *references = NULL;
  tx_search_index *index = NULL;
  tx_suite_result result = {.name = "identity", .settings = "", .references = {[TX_SUITE_TRAIN] = true}};
  bool found = false;
  identities own = {.queries = &queries, .options = options};
  tx_status status;
  if (suite->parts[TX_SUITE_TEST].identities) return TX_OK;
  status = tx_suite_view_create(suite, query_splits, &queries, error);
  own.values = tx_malloc_aligned(queries.count + 1, sizeof *own.values);
  if (status == TX_OK && !own.values) status = tx_fail_memory(error, "the identities");
  memcpy(result.queries, query_splits, sizeof query_splits);
  result.data = own.values;
  result.size = queries.count * sizeof *own.values;
  if (status == TX_OK) status = tx_suite_recall_result(suite, options, &result, &found, error);
  if (status == TX_OK && !found) status = build(suite, &references, error);
  if (status == TX_OK && !found) status = tx_search_index_create(references, &index, error);
  own.index = index;
  if (status == TX_OK && !found) status = search_all(&own, options->threads, error);
  if (status == TX_OK && !found) status = tx_suite_keep_result(suite, options, &result, error);
  if (status == TX_OK) status = share(suite, &own, error);
  free(own.values);
  tx_search_index_free(index);
  tx_references_free(references);
  tx_suite_view_free(&queries);
  return status;
}

/* The list. */

static void put_row(tx_bytes *text, const tx_suite *suite, size_t split, size_t record,
                    size_t reference_split)
{
  const tx_suite_part *part = &suite->parts[split];
  const tx_suite_leak *leak = &part->leaks[record * TX_LEAK_SPLITS + reference_split];
  if (leak->kind == TX_LEAK_NONE) return;
  tx_bytes_text(text, tx_suite_id(part, record));
  tx_bytes_printf(text, "\t%s\t%s\t", tx_suite_split_name((tx_suite_split)split), kind_names[leak->kind]);
  tx_bytes_text(text, suite->leak_ids.data + leak->reference);
  tx_bytes_printf(text, "\t%s\n", reference_names[reference_split]);
}

tx_status tx_suite_write_leaks(const tx_suite *suite, const char *path, const volatile int *opt_stop,
                               tx_error *error)
{
  tx_bytes text = {0};
  tx_output *output = NULL;
  tx_status status;
  tx_bytes_text(&text, "query\tsplit\tkind\treference\treference_split\n");
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
    for (size_t i = 0; suite->parts[s].leaks && i < suite->parts[s].count; i++)
      for (size_t l = 0; l < TX_LEAK_SPLITS; l++) put_row(&text, suite, s, i, l);
  status = text.failed ? tx_fail_memory(error, "the list of duplicates")
                       : tx_output_open(path, opt_stop, &output, error);
  if (status == TX_OK) status = tx_output_write(output, text.data, text.size, error);
  if (status == TX_OK)
    status = tx_output_commit(output, error);
  else
    tx_output_abort(output);
  tx_bytes_free(&text);
  return status;
}
