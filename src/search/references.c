#include "search/references.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

/* A record that was added: where its parts stand in the builder's arrays. */
typedef struct entry {
  size_t word, exception;
  uint32_t length, exception_count;
  uint32_t lineage;
  size_t id, id_length;
} entry;

struct tx_references_builder {
  tx_taxonomy_builder *taxa;
  size_t ranks;
  tx_sequence_buffer packed;
  entry *entries;
  size_t count, capacity;
  uint64_t *words;
  size_t word_count, word_capacity;
  tx_exception *exceptions;
  size_t exception_count, exception_capacity;
  char *ids;
  size_t id_size, id_capacity;
  uint64_t too_short, unlabelled;
};

tx_status tx_references_builder_create(const char *const *ranks, size_t rank_count,
                                       tx_references_builder **ret_builder, tx_error *error)
{
  tx_references_builder *builder = calloc(1, sizeof *builder);
  tx_status status;
  *ret_builder = NULL;
  if (!builder) return tx_fail_memory(error, "the references");
  builder->ranks = rank_count;
  status = tx_taxonomy_builder_create(ranks, rank_count, &builder->taxa, error);
  if (status == TX_OK)
    *ret_builder = builder;
  else
    tx_references_builder_free(builder);
  return status;
}

void tx_references_builder_free(tx_references_builder *builder)
{
  if (!builder) return;
  tx_taxonomy_builder_free(builder->taxa);
  tx_sequence_buffer_free(&builder->packed);
  free(builder->entries);
  free(builder->words);
  free(builder->exceptions);
  free(builder->ids);
  free(builder);
}

static bool has_label(const tx_references_builder *builder, const char *const *taxa)
{
  for (size_t r = 0; r < builder->ranks; r++)
    if (taxa[r] && *taxa[r]) return true;
  return false;
}

static bool store(tx_references_builder *builder, const char *id, uint32_t lineage)
{
  const tx_sequence *view = &builder->packed.view;
  const size_t words = tx_sequence_words(view->count), id_length = strlen(id);
  if (!tx_reserve(&builder->entries, &builder->capacity, builder->count + 1, sizeof *builder->entries) ||
      !tx_reserve(&builder->words, &builder->word_capacity, builder->word_count + words,
                  sizeof *builder->words) ||
      !tx_reserve(&builder->exceptions, &builder->exception_capacity,
                  builder->exception_count + view->exception_count + 1, sizeof *builder->exceptions) ||
      !tx_reserve(&builder->ids, &builder->id_capacity, builder->id_size + id_length + 1, 1))
    return false;
  builder->entries[builder->count++] = (entry){.word = builder->word_count,
                                               .exception = builder->exception_count,
                                               .length = (uint32_t)view->count,
                                               .exception_count = (uint32_t)view->exception_count,
                                               .lineage = lineage,
                                               .id = builder->id_size,
                                               .id_length = id_length};
  memcpy(builder->words + builder->word_count, view->words, words * sizeof *view->words);
  builder->word_count += words;
  if (view->exception_count)
    memcpy(builder->exceptions + builder->exception_count, view->exceptions,
           view->exception_count * sizeof *view->exceptions);
  builder->exception_count += view->exception_count;
  memcpy(builder->ids + builder->id_size, id, id_length);
  builder->id_size += id_length;
  return true;
}

tx_status tx_references_builder_add(tx_references_builder *builder, const tx_reference_record *record,
                                    tx_error *error)
{
  int32_t lineage;
  tx_status status;
  if (!has_label(builder, record->taxa)) {
    builder->unlabelled++;
    return TX_OK;
  }
  if (!tx_sequence_fill(&builder->packed, record->bases, record->base_count, false))
    return tx_fail_memory(error, "the references");
  if (tx_sequence_certain(&builder->packed.view) < TX_REFERENCE_MIN) {
    builder->too_short++;
    return TX_OK;
  }
  if (builder->count == INT32_MAX) return tx_fail(error, TX_ERROR_DATA, "more than 2^31 - 1 references");
  status = tx_taxonomy_builder_add(builder->taxa, record->taxa, record->file, record->line, &lineage, error);
  if (status == TX_OK && !store(builder, record->id, (uint32_t)lineage))
    status = tx_fail_memory(error, "the references");
  return status;
}

void tx_references_builder_left_out(const tx_references_builder *builder, uint64_t *ret_short,
                                    uint64_t *ret_unlabelled)
{
  *ret_short = builder->too_short;
  *ret_unlabelled = builder->unlabelled;
}

size_t tx_references_builder_report_count(const tx_references_builder *builder)
{
  return tx_taxonomy_builder_report_count(builder->taxa);
}

const char *tx_references_builder_report(const tx_references_builder *builder, size_t index)
{
  return tx_taxonomy_builder_report(builder->taxa, index);
}

static tx_sequence entry_sequence(const tx_references_builder *builder, const entry *e)
{
  return (tx_sequence){builder->words + e->word, e->length, builder->exceptions + e->exception,
                       e->exception_count};
}

/* What sorting looks at; file-scope state is avoided by carrying it in each element. */
typedef struct sortable {
  const tx_references_builder *builder;
  const entry *entry;
  const int32_t *lineage;
} sortable;

/* By sequence, then lineage: equal ones are one reference. */
static int compare_content(const sortable *a, const sortable *b)
{
  const tx_sequence x = entry_sequence(a->builder, a->entry), y = entry_sequence(b->builder, b->entry);
  const int order = tx_sequence_compare(&x, &y);
  if (order) return order;
  for (size_t r = 0; r < a->builder->ranks; r++)
    if (a->lineage[r] != b->lineage[r]) return a->lineage[r] < b->lineage[r] ? -1 : 1;
  return 0;
}

static int compare(const void *left, const void *right)
{
  const sortable *a = left, *b = right;
  const char *ids = a->builder->ids;
  size_t shorter;
  int order = compare_content(a, b);
  if (order) return order;
  shorter = a->entry->id_length < b->entry->id_length ? a->entry->id_length : b->entry->id_length;
  order = memcmp(ids + a->entry->id, ids + b->entry->id, shorter);
  if (order) return order;
  return (a->entry->id_length > b->entry->id_length) - (a->entry->id_length < b->entry->id_length);
}

static sortable *sort_entries(const tx_references_builder *builder, const int32_t *labels)
{
  sortable *order = calloc(builder->count, sizeof *order);
  if (!order) return NULL;
  for (size_t i = 0; i < builder->count; i++)
    order[i] =
        (sortable){builder, &builder->entries[i], labels + builder->entries[i].lineage * builder->ranks};
  qsort(order, builder->count, sizeof *order, compare);
  return order;
}

/* Distinct lineages by their classes: two lineages of names may have become one. */
static tx_status number_lineages(tx_references *references, const int32_t *labels, size_t count,
                                 uint32_t *numbers, tx_error *error)
{
  tx_names *known;
  tx_status status = tx_names_create(&known, error);
  references->lineages = status == TX_OK ? calloc(count * references->ranks, sizeof *references->lineages)
                                         : NULL;
  if (status == TX_OK && !references->lineages) status = tx_fail_memory(error, "the references");
  for (size_t i = 0; status == TX_OK && i < count; i++) {
    const int32_t *classes = labels + i * references->ranks;
    status = tx_names_add(known, classes, references->ranks * sizeof *classes, &numbers[i], error);
    if (status == TX_OK)
      memcpy(references->lineages + numbers[i] * references->ranks, classes,
             references->ranks * sizeof *classes);
  }
  if (status == TX_OK) references->lineage_count = tx_names_count(known);
  tx_names_free(known);
  return status;
}

/* Copies a sequence and its identifier as reference `index`. */
static void append(tx_references *references, const sortable *from, size_t index)
{
  const tx_references_builder *builder = from->builder;
  const entry *e = from->entry;
  const size_t words = tx_sequence_words(e->length);
  references->references[index] = (tx_reference){.word = references->word_count,
                                                 .exception = (uint32_t)references->exception_count,
                                                 .length = e->length};
  memcpy(references->words + references->word_count, builder->words + e->word,
         words * sizeof *references->words);
  references->word_count += words;
  memcpy(references->exceptions + references->exception_count, builder->exceptions + e->exception,
         e->exception_count * sizeof *references->exceptions);
  references->exception_count += e->exception_count;
  memcpy(references->ids + references->id_starts[index], builder->ids + e->id, e->id_length);
  references->id_starts[index + 1] = references->id_starts[index] + e->id_length;
}

static bool allocate(tx_references *references, const tx_references_builder *builder)
{
  references->references = calloc(builder->count + 1, sizeof *references->references);
  references->words = tx_malloc_aligned(builder->word_count, sizeof *references->words);
  references->exceptions = calloc(builder->exception_count + 1, sizeof *references->exceptions);
  references->id_starts = calloc(builder->count + 1, sizeof *references->id_starts);
  references->ids = malloc(builder->id_size + 1);
  return references->references && references->words && references->exceptions && references->id_starts &&
         references->ids;
}

static tx_status fill(tx_references *references, const tx_references_builder *builder, const int32_t *labels,
                      const uint32_t *numbers, tx_error *error)
{
  sortable *order = sort_entries(builder, labels);
  if (!order || !allocate(references, builder)) {
    free(order);
    return tx_fail_memory(error, "the references");
  }
  for (size_t i = 0; i < builder->count; i++) {
    if (i == 0 || compare_content(&order[i - 1], &order[i]) != 0) {
      append(references, &order[i], references->count);
      references->references[references->count++].lineage = numbers[order[i].entry->lineage];
    }
    references->references[references->count - 1].records++;
  }
  references->records = builder->count;
  references->references[references->count].word = references->word_count;
  references->references[references->count].exception = (uint32_t)references->exception_count;
  free(order);
  return TX_OK;
}

tx_status tx_references_builder_finish(tx_references_builder *builder, tx_references **ret_references,
                                       tx_error *error)
{
  tx_references *references = calloc(1, sizeof *references);
  const size_t lineages = tx_taxonomy_builder_lineage_count(builder->taxa);
  uint32_t *numbers = calloc(lineages + 1, sizeof *numbers);
  int32_t *labels = NULL;
  tx_status status = TX_OK;
  *ret_references = NULL;
  if (!references || !numbers)
    status = tx_fail_memory(error, "the references");
  else if (!builder->count)
    status = tx_fail(error, TX_ERROR_DATA, "no reference is left: each record is too short or has no label");
  if (status == TX_OK) {
    references->ranks = builder->ranks;
    status = tx_taxonomy_builder_finish(builder->taxa, &references->taxonomy, &labels, error);
  }
  if (status == TX_OK) status = number_lineages(references, labels, lineages, numbers, error);
  if (status == TX_OK) status = fill(references, builder, labels, numbers, error);
  free(numbers);
  free(labels);
  if (status == TX_OK)
    *ret_references = references;
  else
    tx_references_free(references);
  return status;
}

const char *tx_references_id(const tx_references *references, size_t index, size_t *ret_length)
{
  *ret_length = (size_t)(references->id_starts[index + 1] - references->id_starts[index]);
  return references->ids + references->id_starts[index];
}

void tx_references_free(tx_references *references)
{
  if (!references) return;
  tx_taxonomy_free(references->taxonomy);
  free(references->references);
  free(references->words);
  free(references->exceptions);
  free(references->lineages);
  free(references->id_starts);
  free(references->ids);
  free(references);
}
