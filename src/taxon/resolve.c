#include "taxon/resolve.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

#define NONE UINT32_MAX
#define CONFLICT UINT32_MAX /* two different names at a rank of a union of labels */
#define RANKS_MAX 16

typedef struct resolver {
  uint32_t *labels; /* (count, ranks) */
  size_t count, ranks;
  uint32_t *head;      /* (name_count + 1) first lineage of a name at the current rank, otherwise NONE */
  uint32_t *next;      /* (count) next lineage of the same name */
  uint32_t *members;   /* (count) lineages of the current group, ordered by mask once sorted */
  uint32_t *sorted;    /* (count) scratch of sort_members */
  uint32_t *mask_slot; /* (2^ranks) slot + 1 of a mask in the current group, otherwise 0 */
  uint8_t *ambiguous;  /* (count) whether the lineage is ambiguous at the current rank */
  bool changed;
  bool any_ambiguous;
} resolver;

/* A group's members with the same ranks labelled above the group's rank. */
typedef struct mask_class {
  uint32_t mask;
  size_t begin, end; /* in members */
} mask_class;

/* A group whose members do not all agree, ordered by mask. */
typedef struct group {
  size_t rank;
  size_t size;
  mask_class *classes;
  size_t class_count;
  size_t class_capacity;
  uint32_t *unions; /* (size, rank) per member: all labels of the members it agrees with */
} group;

static uint32_t *lineage(const resolver *work, uint32_t index)
{
  return work->labels + (size_t)index * work->ranks;
}

static uint32_t mask_of(const uint32_t *labels, size_t rank)
{
  uint32_t mask = 0;
  for (size_t q = 0; q < rank; q++)
    if (labels[q]) mask |= 1u << q;
  return mask;
}

/* Adds labels to a union. True if every rank still has at most one name. */
static bool unite(uint32_t *sum, const uint32_t *labels, size_t rank)
{
  bool sound = true;
  for (size_t q = 0; q < rank; q++) {
    if (!labels[q] || labels[q] == sum[q]) {
      if (sum[q] == CONFLICT) sound = false;
      continue;
    }
    sum[q] = sum[q] ? CONFLICT : labels[q];
    if (sum[q] == CONFLICT) sound = false;
  }
  return sound;
}

static void fill_blanks(resolver *work, uint32_t member, const uint32_t *sum, size_t rank)
{
  uint32_t *labels = lineage(work, member);
  for (size_t q = 0; q < rank; q++) {
    if (labels[q] || !sum[q]) continue;
    labels[q] = sum[q];
    work->changed = true;
  }
}

/* Orders the members by mask and lists the masks. */
static tx_status sort_members(resolver *work, group *set, tx_error *error)
{
  size_t begin = 0;
  for (size_t i = 0; i < set->size; i++) {
    uint32_t mask = mask_of(lineage(work, work->members[i]), set->rank);
    if (!work->mask_slot[mask]) {
      if (!tx_reserve(&set->classes, &set->class_capacity, set->class_count + 1, sizeof *set->classes))
        return tx_fail_memory(error, "the gaps of lineages");
      set->classes[set->class_count++] = (mask_class){mask, 0, 0};
      work->mask_slot[mask] = (uint32_t)set->class_count;
    }
    set->classes[work->mask_slot[mask] - 1].end++; /* a count until the loop below */
  }
  for (size_t c = 0; c < set->class_count; c++) {
    size_t size = set->classes[c].end;
    set->classes[c].begin = set->classes[c].end = begin;
    begin += size;
  }
  for (size_t i = 0; i < set->size; i++) {
    mask_class *own = &set->classes[work->mask_slot[mask_of(lineage(work, work->members[i]), set->rank)] - 1];
    work->sorted[own->end++] = work->members[i];
  }
  memcpy(work->members, work->sorted, set->size * sizeof *work->members);
  return TX_OK;
}

/* Copies the labels that both masks have: members agree exactly if these are equal. */
static void project(const uint32_t *labels, size_t rank, uint32_t mask, uint32_t *key)
{
  for (size_t q = 0; q < rank; q++) key[q] = mask >> q & 1 ? labels[q] : 0;
}

/* Unions of labels, one per distinct projection. */
typedef struct projections {
  tx_names *keys; /* the projections */
  uint32_t *unions;
  size_t capacity;
} projections;

/* Unites the members of `other`, except the ambiguous ones. */
static tx_status sum_class(const resolver *work, const group *set, const mask_class *other, uint32_t mask,
                           projections *sums, tx_error *error)
{
  uint32_t key[RANKS_MAX];
  for (size_t i = other->begin; i < other->end; i++) {
    const uint32_t *labels = lineage(work, work->members[i]);
    size_t known = tx_names_count(sums->keys);
    uint32_t number;
    tx_status status;
    if (work->ambiguous[work->members[i]]) continue;
    project(labels, set->rank, mask, key);
    status = tx_names_add(sums->keys, key, set->rank * sizeof *key, &number, error);
    if (status) return status;
    if (number == known) {
      if (!tx_reserve(&sums->unions, &sums->capacity, (known + 1) * set->rank, sizeof *sums->unions))
        return tx_fail_memory(error, "the gaps of lineages");
      memset(sums->unions + known * set->rank, 0, set->rank * sizeof *sums->unions);
    }
    unite(sums->unions + (size_t)number * set->rank, labels, set->rank);
  }
  return TX_OK;
}

/* Adds to the union of each member of `own` the members of `other` that it agrees with. */
static tx_status join_classes(const resolver *work, group *set, const mask_class *own,
                              const mask_class *other, tx_error *error)
{
  uint32_t mask = own->mask & other->mask;
  uint32_t key[RANKS_MAX];
  projections sums = {0};
  tx_status status = tx_names_create(&sums.keys, error);
  if (status) return status;
  status = sum_class(work, set, other, mask, &sums, error);
  for (size_t i = own->begin; i < own->end && !status; i++) {
    int64_t number;
    project(lineage(work, work->members[i]), set->rank, mask, key);
    number = tx_names_find(sums.keys, key, set->rank * sizeof *key);
    if (number >= 0) unite(set->unions + i * set->rank, sums.unions + (size_t)number * set->rank, set->rank);
  }
  free(sums.unions);
  tx_names_free(sums.keys);
  return status;
}

/* Fills `unions`: for each member its own labels and those of the members that it agrees with, except
   ambiguous ones. */
static tx_status unite_group(const resolver *work, group *set, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < set->size; i++)
    memcpy(set->unions + i * set->rank, lineage(work, work->members[i]), set->rank * sizeof *set->unions);
  for (size_t a = 0; a < set->class_count && !status; a++)
    for (size_t b = 0; b < set->class_count && !status; b++)
      if (a != b) status = join_classes(work, set, &set->classes[a], &set->classes[b], error);
  return status;
}

/* Marks the ambiguous members, then fills the blanks of the others. */
static tx_status settle_members(resolver *work, group *set, tx_error *error)
{
  tx_status status = unite_group(work, set, error);
  if (status) return status;
  for (size_t i = 0; i < set->size; i++) {
    const uint32_t *sum = set->unions + i * set->rank;
    for (size_t q = 0; q < set->rank; q++)
      if (sum[q] == CONFLICT) work->ambiguous[work->members[i]] = 1;
    if (work->ambiguous[work->members[i]]) work->any_ambiguous = true;
  }
  status = unite_group(work, set, error);
  if (status) return status;
  for (size_t i = 0; i < set->size; i++)
    if (!work->ambiguous[work->members[i]])
      fill_blanks(work, work->members[i], set->unions + i * set->rank, set->rank);
  return TX_OK;
}

/* Resolves a name with contradicting labels above it. Without gaps nothing needs to be resolved: lineages are
   either equal or different. */
static tx_status settle_homonym(resolver *work, size_t rank, size_t size, tx_error *error)
{
  group set = {.rank = rank, .size = size};
  tx_status status = sort_members(work, &set, error);
  if (!status && set.class_count > 1) {
    set.unions = tx_malloc_aligned(size * rank, sizeof *set.unions);
    status = set.unions ? settle_members(work, &set, error) : tx_fail_memory(error, "the gaps of lineages");
  }
  for (size_t c = 0; c < set.class_count; c++) work->mask_slot[set.classes[c].mask] = 0;
  free(set.unions);
  free(set.classes);
  return status;
}

/* Resolves one name at one rank: the lineages from `first` on. */
static tx_status settle_name(resolver *work, size_t rank, uint32_t first, tx_error *error)
{
  uint32_t sum[RANKS_MAX] = {0};
  bool sound = true;
  size_t size = 0;
  for (uint32_t i = first; i != NONE; i = work->next[i]) {
    work->members[size++] = i;
    if (!unite(sum, lineage(work, i), rank)) sound = false;
  }
  if (size == 1) return TX_OK;
  if (!sound) return settle_homonym(work, rank, size, error);
  for (size_t i = 0; i < size; i++) fill_blanks(work, work->members[i], sum, rank);
  return TX_OK;
}

/* Resolves all names of one rank. Afterwards `ambiguous` is set for it. */
static tx_status settle_rank(resolver *work, size_t rank, tx_error *error)
{
  tx_status status = TX_OK;
  memset(work->ambiguous, 0, work->count);
  work->any_ambiguous = false;
  for (size_t i = work->count; i-- > 0;) {
    uint32_t name = lineage(work, (uint32_t)i)[rank];
    if (!name) continue;
    work->next[i] = work->head[name];
    work->head[name] = (uint32_t)i;
  }
  for (size_t i = 0; i < work->count; i++) {
    uint32_t name = lineage(work, (uint32_t)i)[rank];
    uint32_t first = name ? work->head[name] : NONE;
    if (first == NONE) continue;
    if (!status) status = settle_name(work, rank, first, error);
    work->head[name] = NONE;
  }
  return status;
}

/* Fills the blanks from the top rank down: what a family's own rows say about it takes precedence over what
   its genera imply. */
static tx_status fill_all(resolver *work, tx_error *error)
{
  tx_status status = TX_OK;
  do {
    work->changed = false;
    for (size_t r = 1; r < work->ranks && !status; r++) status = settle_rank(work, r, error);
    for (size_t r = work->ranks; r-- > 1 && !status;) status = settle_rank(work, r, error);
  } while (work->changed && !status);
  return status;
}

/* Removes the ambiguous labels of the highest rank that has any. *ret_done if there are none. */
static tx_status cut_ambiguous(resolver *work, uint8_t *cut, bool *ret_done, tx_error *error)
{
  *ret_done = true;
  for (size_t r = 1; r < work->ranks; r++) {
    tx_status status = settle_rank(work, r, error);
    if (status) return status;
    if (!work->any_ambiguous) continue;
    for (size_t i = 0; i < work->count; i++) {
      if (!work->ambiguous[i]) continue;
      cut[i] = (uint8_t)r;
      memset(lineage(work, (uint32_t)i) + r, 0, (work->ranks - r) * sizeof *work->labels);
    }
    *ret_done = false;
    return TX_OK;
  }
  return TX_OK;
}

static tx_status run(resolver *work, uint8_t *cut, tx_error *error)
{
  bool done = false;
  tx_status status = TX_OK;
  while (!done && !status) {
    status = fill_all(work, error);
    if (!status) status = cut_ambiguous(work, cut, &done, error);
  }
  return status;
}

tx_status tx_resolve_lineages(uint32_t *labels, size_t count, size_t rank_count, size_t name_count,
                              uint8_t *cut, tx_error *error)
{
  resolver work = {.labels = labels, .count = count, .ranks = rank_count};
  tx_status status;
  memset(cut, (int)rank_count, count);
  if (!count) return TX_OK;
  work.head = tx_malloc_aligned(name_count + 1, sizeof *work.head);
  work.next = tx_malloc_aligned(count, sizeof *work.next);
  work.members = tx_malloc_aligned(count, sizeof *work.members);
  work.sorted = tx_malloc_aligned(count, sizeof *work.sorted);
  work.mask_slot = tx_calloc_aligned((size_t)1 << rank_count, sizeof *work.mask_slot);
  work.ambiguous = tx_malloc_aligned(count, 1);
  if (work.head && work.next && work.members && work.sorted && work.mask_slot && work.ambiguous) {
    for (size_t i = 0; i <= name_count; i++) work.head[i] = NONE;
    status = run(&work, cut, error);
  } else {
    status = tx_fail_memory(error, "the gaps of lineages");
  }
  free(work.head);
  free(work.next);
  free(work.members);
  free(work.sorted);
  free(work.mask_slot);
  free(work.ambiguous);
  return status;
}
