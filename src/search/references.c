#include "search/references.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "taxon/tree.h"

#include <stdlib.h>
#include <string.h>

/* A record that was added: the positions of its parts in the builder's arrays. */
typedef struct entry {
  size_t word, exception;
  uint32_t length, exception_count;
  uint32_t lineage, records;
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
  uint64_t records, too_short, unlabelled;
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

/* Returns the length of an identifier without the lineage that headers of UNITE ("|k__Fungi;..."), SINTAX
   (";tax=...") and MIDORI2 ("###root_1;...") have behind it. */
static size_t identifier_length(const char *id)
{
  size_t i = 0;
  for (; id[i]; i++) {
    if (id[i] == '|' && id[i + 1] >= 'a' && id[i + 1] <= 'z' && id[i + 2] == '_' && id[i + 3] == '_') break;
    if (strncmp(id + i, ";tax=", strlen(";tax=")) == 0 || strncmp(id + i, "###", strlen("###")) == 0) break;
  }
  return i;
}

/* Stores a sequence with its identifier as the next entry. */
static bool store(tx_references_builder *builder, const tx_sequence *view, const char *id, size_t id_length)
{
  const size_t words = tx_sequence_words(view->count);
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

/* Sets the lineage and the number of records of the last entry. */
static tx_status label(tx_references_builder *builder, int32_t lineage, uint32_t records, tx_error *error)
{
  entry *last = &builder->entries[builder->count - 1];
  if (records > INT32_MAX - builder->records)
    return tx_fail(error, TX_ERROR_DATA, "more than 2^31 - 1 records of references");
  last->lineage = (uint32_t)lineage;
  last->records = records;
  builder->records += records;
  return TX_OK;
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
  status = tx_taxonomy_builder_add(builder->taxa, record->taxa, record->file, record->line, &lineage, error);
  if (status == TX_OK && !store(builder, &builder->packed.view, record->id, identifier_length(record->id)))
    status = tx_fail_memory(error, "the references");
  return status == TX_OK ? label(builder, lineage, 1, error) : status;
}

/* Finds the rank of the builder for each rank of the references. */
static tx_status map_ranks(const tx_references_builder *builder, const tx_taxonomy *taxonomy, size_t *ranks,
                           tx_error *error)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++) {
    const char *name = tx_taxonomy_rank_name(taxonomy, r);
    ranks[r] = 0;
    while (ranks[r] < builder->ranks &&
           strcmp(tx_taxonomy_builder_rank_name(builder->taxa, ranks[r]), name) != 0)
      ranks[r]++;
    if (ranks[r] == builder->ranks)
      return tx_fail(error, TX_ERROR_USAGE, "the references have rank '%.40s', the records do not", name);
  }
  return TX_OK;
}

tx_status tx_references_builder_take(tx_references_builder *builder, const tx_references *references,
                                     const char *file, tx_error *error)
{
  size_t ranks[TX_RANKS_MAX];
  tx_status status = map_ranks(builder, references->taxonomy, ranks, error);
  for (size_t i = 0; status == TX_OK && i < references->count; i++) {
    const tx_sequence sequence = tx_references_sequence(references, i);
    const int32_t *classes = tx_references_lineage(references, i);
    const char *taxa[TX_RANKS_MAX] = {NULL};
    size_t length;
    const char *id = tx_references_id(references, i, &length);
    int32_t lineage = 0;
    for (size_t r = 0; r < references->ranks; r++)
      if (classes[r] >= 0) taxa[ranks[r]] = tx_taxonomy_class_name(references->taxonomy, r, classes[r]);
    status = tx_taxonomy_builder_add(builder->taxa, taxa, file, 0, &lineage, error);
    if (status == TX_OK && !store(builder, &sequence, id, length))
      status = tx_fail_memory(error, "the references");
    if (status == TX_OK) status = label(builder, lineage, references->references[i].records, error);
  }
  return status;
}

void tx_references_builder_left_out(const tx_references_builder *builder, uint64_t *ret_short,
                                    uint64_t *ret_unlabelled)
{
  *ret_short = builder->too_short;
  *ret_unlabelled = builder->unlabelled;
}

uint64_t tx_references_builder_count(const tx_references_builder *builder)
{
  return builder->records;
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

/* The values that sorting compares; each element has its own copy of them, to avoid state at file scope. */
typedef struct sortable {
  const tx_references_builder *builder;
  const entry *entry;
  const int32_t *lineage;
} sortable;

/* Orders by sequence, then lineage: equal entries are one reference. */
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

/* Numbers the distinct lineages by their classes: two lineages of names may have become one. */
static tx_status number_lineages(tx_references *references, const int32_t *labels, size_t count,
                                 uint32_t *numbers, tx_error *error)
{
  tx_names *known;
  tx_status status = tx_names_create(&known, error);
  references->lineages =
      status == TX_OK ? calloc(count * references->ranks, sizeof *references->lineages) : NULL;
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
    references->references[references->count - 1].records += order[i].entry->records;
  }
  references->records = builder->records;
  references->references[references->count].word = references->word_count;
  references->references[references->count].exception = (uint32_t)references->exception_count;
  free(order);
  return TX_OK;
}

/* Numbers the lineages in the order of the references, so that nothing depends on the order of the input. */
static tx_status order_lineages(tx_references *references, tx_error *error)
{
  const size_t ranks = references->ranks;
  uint32_t *numbers = calloc(references->lineage_count + 1, sizeof *numbers); /* from 1 */
  int32_t *lineages = calloc(references->lineage_count * ranks + 1, sizeof *lineages);
  uint32_t count = 0;
  if (!numbers || !lineages) {
    free(numbers);
    free(lineages);
    return tx_fail_memory(error, "the references");
  }
  for (size_t i = 0; i < references->count; i++) {
    tx_reference *reference = &references->references[i];
    if (!numbers[reference->lineage]) {
      memcpy(lineages + count * ranks, references->lineages + reference->lineage * ranks,
             ranks * sizeof *lineages);
      numbers[reference->lineage] = ++count;
    }
    reference->lineage = numbers[reference->lineage] - 1;
  }
  free(numbers);
  free(references->lineages);
  references->lineages = lineages;
  return TX_OK;
}

/* Makes the taxonomy without the ranks that have no taxon: kept (old ranks) are those that stay, `new_rank`
   their numbers by the old ones. */
static tx_status shrink_taxonomy(tx_references *references, const size_t *kept, size_t kept_count,
                                 const int32_t *new_rank, tx_error *error)
{
  const tx_taxonomy *old = references->taxonomy;
  const char *names[TX_RANKS_MAX];
  size_t counts[TX_RANKS_MAX], total = 0;
  tx_taxonomy *taxonomy = NULL;
  tx_taxon *taxa;
  tx_status status;
  for (size_t k = 0; k < kept_count; k++) total += tx_taxonomy_class_count(old, kept[k]);
  taxa = calloc(total + 1, sizeof *taxa);
  if (!taxa) return tx_fail_memory(error, "the references");
  total = 0;
  for (size_t k = 0; k < kept_count; k++) {
    names[k] = tx_taxonomy_rank_name(old, kept[k]);
    counts[k] = tx_taxonomy_class_count(old, kept[k]);
    for (size_t c = 0; c < counts[k]; c++) {
      size_t rank;
      const int32_t parent = tx_taxonomy_parent(old, kept[k], (int32_t)c, &rank);
      taxa[total++] = (tx_taxon){tx_taxonomy_class_name(old, kept[k], (int32_t)c), parent,
                                 parent < 0 ? -1 : new_rank[rank]};
    }
  }
  status = tx_taxonomy_assemble(names, kept_count, counts, taxa, TX_ERROR_DATA, &taxonomy, error);
  free(taxa);
  if (status != TX_OK) return status;
  tx_taxonomy_free(references->taxonomy);
  references->taxonomy = taxonomy;
  return TX_OK;
}

/* Leaves out the ranks at which no reference has a label. */
static tx_status drop_ranks(tx_references *references, tx_error *error)
{
  size_t kept[TX_RANKS_MAX], count = 0;
  int32_t new_rank[TX_RANKS_MAX];
  tx_status status;
  for (size_t r = 0; r < references->ranks; r++) {
    new_rank[r] = (int32_t)count;
    if (tx_taxonomy_class_count(references->taxonomy, r)) kept[count++] = r;
  }
  if (count == references->ranks) return TX_OK;
  if (!count) return tx_fail(error, TX_ERROR_DATA, "no reference has a label that is certain");
  status = shrink_taxonomy(references, kept, count, new_rank, error);
  for (size_t i = 0; status == TX_OK && i < references->lineage_count; i++)
    for (size_t k = 0; k < count; k++)
      references->lineages[i * count + k] = references->lineages[i * references->ranks + kept[k]];
  if (status == TX_OK) references->ranks = count;
  return status;
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
  if (status == TX_OK) status = order_lineages(references, error);
  if (status == TX_OK) status = drop_ranks(references, error);
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

int tx_references_compare(const tx_references *references, size_t a, size_t b)
{
  const tx_sequence x = tx_references_sequence(references, a), y = tx_references_sequence(references, b);
  const int32_t *left = tx_references_lineage(references, a), *right = tx_references_lineage(references, b);
  const int order = tx_sequence_compare(&x, &y);
  if (order) return order;
  for (size_t r = 0; r < references->ranks; r++)
    if (left[r] != right[r]) return left[r] < right[r] ? -1 : 1;
  return 0;
}

/* Whether the lineage has another taxon at a rank than those before it; `taxa` (ranks) are theirs. */
static bool contradicts(const int32_t *lineage, size_t ranks, int32_t *taxa)
{
  bool found = false;
  for (size_t r = 0; r < ranks; r++) {
    found = found || (lineage[r] >= 0 && taxa[r] >= 0 && lineage[r] != taxa[r]);
    if (lineage[r] >= 0) taxa[r] = lineage[r];
  }
  return found;
}

size_t tx_references_conflicts(const tx_references *references, size_t *ret_distinct)
{
  size_t conflicts = 0;
  *ret_distinct = 0;
  for (size_t first = 0, next; first < references->count; first = next, ++*ret_distinct) {
    const tx_sequence sequence = tx_references_sequence(references, first);
    int32_t taxa[TX_RANKS_MAX];
    bool found = false;
    memcpy(taxa, tx_references_lineage(references, first), references->ranks * sizeof *taxa);
    for (next = first + 1; next < references->count; next++) {
      const tx_sequence other = tx_references_sequence(references, next);
      if (tx_sequence_compare(&sequence, &other) != 0) break;
      found = contradicts(tx_references_lineage(references, next), references->ranks, taxa) || found;
    }
    conflicts += found;
  }
  return conflicts;
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
