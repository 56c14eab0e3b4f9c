#include "search/groups.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
  SKETCH = 8,    /* 32-mers of a reference by which its group is found: those with the lowest hashes */
  TRIES = 64,    /* representatives that a reference is compared with at most */
  OVERHANG = 16, /* bases of a member that may lie outside its representative */
  PER_CENT = 2,  /* substitutions of a member */
  CERTAIN = 9    /* tenths of the columns that must be certain in both */
};

/* A 32-mer and its place. */
typedef struct mark {
  uint64_t hash;
  uint32_t at;
} mark;

/* A mark of a representative, in the chain of a bucket. */
typedef struct entry {
  uint32_t hash; /* the low half */
  uint32_t at;
  uint32_t reference;
  uint32_t next; /* number + 1 of the entry behind it; 0: none */
} entry;

typedef struct grouping {
  const tx_references *references;
  uint32_t *buckets; /* (mask + 1) number + 1 of the first entry */
  uint64_t mask;
  entry *entries;
  size_t entry_count, entry_capacity;
  uint32_t *representatives;                         /* (references) that of each reference */
  int32_t *shifts;                                   /* (references) */
  uint64_t own[TX_SEQUENCE_MAX / TX_WORD_BASES + 1]; /* certain bits of the reference in hand */
  uint64_t other[TX_SEQUENCE_MAX / TX_WORD_BASES + 1];
} grouping;

/* The finaliser of splitmix64: every bit of the word moves every bit of the hash. */
static uint64_t hash_word(uint64_t word)
{
  word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
  return word ^ word >> 31;
}

/* Where a mark is chained, by the lineage too: a conserved 32-mer may be that of thousands of lineages. */
static uint32_t *bucket_of(const grouping *g, uint64_t hash, uint32_t lineage)
{
  return &g->buckets[(hash + lineage * UINT64_C(0x9e3779b97f4a7c15)) & g->mask];
}

/* Puts a mark among the lowest, each hash once. Returns their number. */
static size_t put_mark(mark *marks, size_t count, mark own)
{
  size_t at = count;
  while (at > 0 && marks[at - 1].hash > own.hash) at--;
  if (at > 0 && marks[at - 1].hash == own.hash) return count;
  if (count < SKETCH) count++;
  memmove(marks + at + 1, marks + at, (count - 1 - at) * sizeof *marks);
  marks[at] = own;
  return count;
}

static size_t sketch(const tx_sequence *sequence, mark marks[SKETCH])
{
  size_t at = 0, exception = 0, end, count = 0;
  for (; tx_sequence_stretch(sequence, &at, &exception, &end); at = end)
    for (size_t i = at; i + TX_WORD_BASES <= end; i++) {
      const mark own = {hash_word(tx_sequence_word(sequence->words, i)), (uint32_t)i};
      if (count < SKETCH || own.hash < marks[count - 1].hash) count = put_mark(marks, count, own);
    }
  return count;
}

/* Whether a sequence is a near-copy of a longer one. own, other: their certain bits. */
static bool is_copy(const grouping *g, const tx_sequence *sequence, const tx_sequence *longer, int32_t shift)
{
  const size_t first = shift < 0 ? (size_t)-shift : 0, from = shift < 0 ? 0 : (size_t)shift;
  size_t count, columns = 0, differing = 0;
  if (first > OVERHANG || first >= sequence->count || from >= longer->count) return false;
  count = sequence->count - first;
  if (count > longer->count - from) count = longer->count - from;
  if (count + OVERHANG < sequence->count) return false;
  for (size_t i = 0; i < count; i += TX_WORD_BASES) {
    const uint64_t difference =
        tx_sequence_word(sequence->words, first + i) ^ tx_sequence_word(longer->words, from + i);
    uint64_t certain = tx_sequence_word(g->own, first + i) & tx_sequence_word(g->other, from + i);
    if (count - i < TX_WORD_BASES) certain &= (UINT64_C(1) << 2 * (count - i)) - 1;
    columns += tx_count_bases(certain);
    differing += tx_count_bases((difference | difference >> 1) & certain);
  }
  return differing * 100 <= columns * PER_CENT && columns * 10 >= count * CERTAIN;
}

/* Looks for a representative among those that share a mark; what it finds depends on the references of the
   same lineage alone. */
static bool find_group(grouping *g, uint32_t number, const mark *marks, size_t count)
{
  const tx_reference *references = g->references->references;
  const uint32_t lineage = references[number].lineage;
  const tx_sequence own = tx_references_sequence(g->references, number);
  size_t tries = 0;
  tx_sequence_certain_bits(&own, g->own);
  for (size_t i = 0; i < count; i++)
    for (uint32_t next = *bucket_of(g, marks[i].hash, lineage); next; next = g->entries[next - 1].next) {
      const entry *e = &g->entries[next - 1];
      const tx_sequence longer = tx_references_sequence(g->references, e->reference);
      const int32_t shift = (int32_t)e->at - (int32_t)marks[i].at;
      if (e->hash != (uint32_t)marks[i].hash || references[e->reference].lineage != lineage) continue;
      if (tries++ == TRIES) return false;
      tx_sequence_certain_bits(&longer, g->other);
      if (!is_copy(g, &own, &longer, shift)) continue;
      g->representatives[number] = e->reference;
      g->shifts[number] = shift;
      return true;
    }
  return false;
}

static bool begin_group(grouping *g, uint32_t number, const mark *marks, size_t count)
{
  g->representatives[number] = number;
  if (!tx_reserve(&g->entries, &g->entry_capacity, g->entry_count + count, sizeof *g->entries)) return false;
  for (size_t i = 0; i < count; i++) {
    uint32_t *bucket = bucket_of(g, marks[i].hash, g->references->references[number].lineage);
    g->entries[g->entry_count++] = (entry){(uint32_t)marks[i].hash, marks[i].at, number, *bucket};
    *bucket = (uint32_t)g->entry_count;
  }
  return true;
}

static bool assign(grouping *g)
{
  for (size_t i = g->references->count; i-- > 0;) {
    const tx_sequence sequence = tx_references_sequence(g->references, i);
    mark marks[SKETCH];
    const size_t count = sketch(&sequence, marks);
    if (!find_group(g, (uint32_t)i, marks, count) && !begin_group(g, (uint32_t)i, marks, count)) return false;
  }
  return true;
}

static bool allocate_groups(tx_groups *groups, size_t references)
{
  groups->representatives = calloc(groups->count + 1, sizeof *groups->representatives);
  groups->starts = calloc(groups->count + 2, sizeof *groups->starts);
  groups->members = calloc(references - groups->count + 1, sizeof *groups->members);
  return groups->representatives && groups->starts && groups->members;
}

/* Numbers the groups by their representatives, and lists the members. numbers (references): scratch. */
static bool list_groups(const grouping *g, uint32_t *numbers, tx_groups *groups)
{
  const size_t count = g->references->count;
  uint32_t number = 0;
  for (size_t i = 0; i < count; i++) groups->count += g->representatives[i] == i;
  if (!allocate_groups(groups, count)) return false;
  for (size_t i = 0; i < count; i++)
    if (g->representatives[i] == i) {
      numbers[i] = number;
      groups->representatives[number++] = (uint32_t)i;
    }
  /* Counted two places behind: summed up, starts[n + 1] is where the next member of group n goes. */
  for (size_t i = 0; i < count; i++)
    if (g->representatives[i] != i) groups->starts[numbers[g->representatives[i]] + 2]++;
  for (size_t i = 1; i <= groups->count + 1; i++) groups->starts[i] += groups->starts[i - 1];
  for (size_t i = 0; i < count; i++)
    if (g->representatives[i] != i)
      groups->members[groups->starts[numbers[g->representatives[i]] + 1]++] =
          (tx_group_member){(uint32_t)i, g->shifts[i]};
  return true;
}

static bool begin(grouping *g, const tx_references *references)
{
  g->references = references;
  g->mask = 1;
  while (g->mask < references->count) g->mask *= 2;
  g->buckets = calloc(g->mask, sizeof *g->buckets);
  g->mask--;
  g->representatives = calloc(references->count + 1, sizeof *g->representatives);
  g->shifts = calloc(references->count + 1, sizeof *g->shifts);
  return g->buckets && g->representatives && g->shifts;
}

tx_status tx_groups_create(const tx_references *references, tx_groups **ret_groups, tx_error *error)
{
  tx_groups *groups = calloc(1, sizeof *groups);
  grouping *g = calloc(1, sizeof *g);
  uint32_t *numbers = calloc(references->count + 1, sizeof *numbers);
  const bool done =
      groups && g && numbers && begin(g, references) && assign(g) && list_groups(g, numbers, groups);
  if (g) {
    free(g->buckets);
    free(g->entries);
    free(g->representatives);
    free(g->shifts);
  }
  free(g);
  free(numbers);
  *ret_groups = done ? groups : NULL;
  if (done) return TX_OK;
  tx_groups_free(groups);
  return tx_fail_memory(error, "the groups of the references");
}

void tx_groups_free(tx_groups *groups)
{
  if (!groups) return;
  free(groups->representatives);
  free(groups->starts);
  free(groups->members);
  free(groups);
}
