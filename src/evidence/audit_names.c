/* Names of one rank that are nearly the same: they differ in letter case, blanks and punctuation only, or in
   one letter. */
#include "evidence/audit.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/wait.h"
#include "taxon/spellings.h"

#include <stdlib.h>
#include <string.h>

/* Of names that are compared letter by letter: shorter ones are often similar, longer ones are no names. */
enum { LETTERS_LEAST = 8, LETTERS_MOST = 200 };

/* A name, and all taxa of the rank that have it. */
typedef struct name {
  const tx_spelling *own; /* borrowed from `spellings` */
  int32_t taxon;    /* the first one */
  size_t reference; /* the first one with that name */
  size_t references;
} name;

/* A folded name, or one without one of its letters, by a hash of what is left. */
typedef struct key {
  uint64_t hash;
  uint32_t name;
} key;

typedef struct pair {
  uint32_t a, b; /* a < b */
} pair;

typedef struct rank_names {
  const tx_references *references;
  size_t rank;
  tx_spellings spellings;
  name *names; /* in the order of the folded forms, then of the names */
  size_t count;
  key *keys;
  size_t key_count, key_capacity;
  pair *pairs;
  size_t pair_count, pair_capacity;
  tx_search *search; /* borrowed */
} rank_names;

static const char *folded(const rank_names *self, size_t at)
{
  return self->names[at].own->folded;
}

static size_t length_of(const rank_names *self, size_t at)
{
  return self->names[at].own->length;
}

/* The references of a taxon. */
typedef struct tally {
  size_t first, count;
} tally;

static void count_references(const rank_names *self, tally *tallies)
{
  for (size_t i = self->references->count; i-- > 0;) {
    const int32_t taxon = tx_references_lineage(self->references, i)[self->rank];
    if (taxon < 0) continue;
    tallies[taxon].count++;
    tallies[taxon].first = i;
  }
}

/* Joins the taxa of one name, and leaves out those without references. */
static void collect(rank_names *self, const tally *tallies)
{
  for (size_t i = 0; i < self->spellings.count; i++) {
    const tx_spelling *own = &self->spellings.items[i];
    const tally *of = &tallies[own->taxon];
    name *last = self->count ? &self->names[self->count - 1] : NULL;
    if (!of->count) continue;
    if (!last || strcmp(last->own->text, own->text) != 0) {
      self->names[self->count++] = (name){own, own->taxon, of->first, of->count};
      continue;
    }
    last->references += of->count;
    if (of->first < last->reference) {
      last->reference = of->first;
      last->taxon = own->taxon;
    }
  }
}

static tx_status list_names(rank_names *self, tx_error *error)
{
  const tx_taxonomy *taxonomy = self->references->taxonomy;
  const size_t count = tx_taxonomy_class_count(taxonomy, self->rank);
  tally *tallies;
  tx_status status = tx_spellings_list(taxonomy, self->rank, &self->spellings, error);
  if (status != TX_OK) return status;
  tallies = calloc(count + 1, sizeof *tallies);
  self->names = calloc(count + 1, sizeof *self->names);
  if (tallies && self->names) {
    count_references(self, tallies);
    collect(self, tallies);
  } else {
    status = tx_fail_memory(error, "the audit");
  }
  free(tallies);
  return status;
}

static bool add_pair(rank_names *self, size_t a, size_t b)
{
  if (!tx_reserve(&self->pairs, &self->pair_capacity, self->pair_count + 1, sizeof *self->pairs))
    return false;
  self->pairs[self->pair_count++] =
      a < b ? (pair){(uint32_t)a, (uint32_t)b} : (pair){(uint32_t)b, (uint32_t)a};
  return true;
}

static bool equal_folded(const rank_names *self, size_t a, size_t b)
{
  return tx_spelling_equal(self->names[a].own, self->names[b].own);
}

/* Names with equal folded forms: each is compared with the one that has the most references. */
static bool pair_equal(rank_names *self)
{
  for (size_t first = 0, next; first < self->count; first = next) {
    size_t most = first;
    for (next = first + 1; next < self->count && equal_folded(self, first, next); next++)
      if (self->names[next].references > self->names[most].references) most = next;
    for (size_t i = first; i < next; i++)
      if (i != most && !add_pair(self, i, most)) return false;
  }
  return true;
}

/* Whether a name is compared letter by letter. Numbers tell provisional names apart, and so does a last word
   of one letter. */
static bool is_compared(const rank_names *self, size_t at)
{
  const char *text = self->names[at].own->text, *letters = folded(self, at);
  const size_t size = strlen(text);
  if (length_of(self, at) < LETTERS_LEAST || length_of(self, at) > LETTERS_MOST ||
      (size >= 2 && tx_is_punctuation(text[size - 2]))) return false;
  for (size_t i = 0; i < length_of(self, at); i++)
    if (letters[i] >= '0' && letters[i] <= '9') return false;
  return at == 0 || !equal_folded(self, at - 1, at);
}

/* FNV-1a of a text without the letter at `left_out`. */
static uint64_t hash_without(const char *text, size_t length, size_t left_out)
{
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < length; i++)
    if (i != left_out) hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
  return hash;
}

/* Names that are one edit apart have a key in common: with a letter exchanged, both without it; with a letter
   too many, that name without it and the other one. */
static bool list_keys(rank_names *self)
{
  for (size_t i = 0; i < self->count; i++) {
    const size_t length = length_of(self, i);
    if (!is_compared(self, i)) continue;
    if (!tx_reserve(&self->keys, &self->key_capacity, self->key_count + length + 1, sizeof *self->keys))
      return false;
    for (size_t left_out = 0; left_out <= length; left_out++)
      self->keys[self->key_count++] =
          (key){hash_without(folded(self, i), length, left_out), (uint32_t)i};
  }
  return true;
}

static int compare_keys(const void *left, const void *right)
{
  const key *a = left, *b = right;
  if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
  return a->name < b->name ? -1 : a->name > b->name;
}

static bool is_one_edit(const rank_names *self, size_t a, size_t b)
{
  const char *x = folded(self, a), *y = folded(self, b);
  size_t x_count = length_of(self, a), y_count = length_of(self, b);
  if (x_count > y_count + 1 || y_count > x_count + 1) return false;
  while (x_count && y_count && *x == *y) x++, y++, x_count--, y_count--;
  while (x_count && y_count && x[x_count - 1] == y[y_count - 1]) x_count--, y_count--;
  return x_count <= 1 && y_count <= 1 && x_count + y_count > 0;
}

/* The name without that of its parent, with which the name of a species usually begins; else the name. */
static const char *without_parent(const rank_names *self, size_t at)
{
  const tx_taxonomy *taxonomy = self->references->taxonomy;
  const char *text = self->names[at].own->text, *parent;
  size_t rank = 0;
  const int32_t class_index = tx_taxonomy_parent(taxonomy, self->rank, self->names[at].taxon, &rank);
  if (class_index < 0) return text;
  parent = tx_taxonomy_class_name(taxonomy, rank, class_index);
  return strncmp(text, parent, strlen(parent)) == 0 ? text + strlen(parent) : text;
}

/* Whether two names are reported: those that differ in the names of their parents only are not. */
static bool is_suspicious(const rank_names *self, size_t a, size_t b)
{
  return is_one_edit(self, a, b) && strcmp(without_parent(self, a), without_parent(self, b)) != 0;
}

static bool pair_edited(rank_names *self)
{
  if (!list_keys(self)) return false;
  if (self->key_count) qsort(self->keys, self->key_count, sizeof *self->keys, compare_keys);
  for (size_t i = 0; i < self->key_count; i++)
    for (size_t j = i + 1; j < self->key_count && self->keys[j].hash == self->keys[i].hash; j++)
      if (self->keys[i].name != self->keys[j].name &&
          is_suspicious(self, self->keys[i].name, self->keys[j].name) &&
          !add_pair(self, self->keys[i].name, self->keys[j].name))
        return false;
  return true;
}

static int compare_pairs(const void *left, const void *right)
{
  const pair *a = left, *b = right;
  if (a->a != b->a) return a->a < b->a ? -1 : 1;
  return a->b < b->b ? -1 : a->b > b->b;
}

/* Completes a finding whose taxa are known with the nearest reference of the other taxon, seen from the first
   one of the own: two spellings of one taxon have similar barcodes. */
static void compare_barcodes(const rank_names *self, tx_audit_finding *finding)
{
  const tx_sequence sequence = tx_references_sequence(self->references, finding->reference);
  size_t count;
  uint32_t votes;
  const tx_candidate *candidates = tx_search_run(self->search, &sequence, NULL, &count, &votes);
  for (size_t i = 0; i < count; i++) {
    const tx_alignment *alignment = &candidates[i].alignment;
    const int32_t *other = tx_references_lineage(self->references, candidates[i].reference);
    if (other[self->rank] != finding->other_taxon) continue;
    finding->other = candidates[i].reference;
    finding->identity = 1 - (double)alignment->mismatches / alignment->length;
    return;
  }
}

/* The name with fewer references comes first. */
static tx_status report_pair(const rank_names *self, const pair *item, const tx_audit_options *options,
                             tx_error *error)
{
  const bool swap = self->names[item->a].references > self->names[item->b].references;
  const name *own = &self->names[swap ? item->b : item->a], *other = &self->names[swap ? item->a : item->b];
  tx_audit_finding finding = {.kind = TX_AUDIT_NAME,
                              .reference = own->reference,
                              .other = other->reference,
                              .rank = self->rank,
                              .taxon = own->taxon,
                              .other_taxon = other->taxon,
                              .identity = -1};
  tx_bytes note = {0};
  tx_status status;
  compare_barcodes(self, &finding);
  tx_bytes_text(&note, equal_folded(self, item->a, item->b)
                           ? "the names differ in letter case, blanks or punctuation"
                           : "the names differ in one letter");
  tx_bytes_printf(&note, "; %zu and %zu reference%s", own->references, other->references,
                  other->references == 1 ? "" : "s");
  if (finding.identity < 0) tx_bytes_text(&note, "; the barcodes are not similar");
  if (note.failed) return tx_fail_memory(error, "the audit");
  finding.note = note.data;
  status = options->finding(options->context, &finding, error);
  tx_bytes_free(&note);
  return status;
}

static tx_status audit_rank(rank_names *self, const tx_audit_options *options, tx_error *error)
{
  tx_status status = list_names(self, error);
  if (status != TX_OK) return status;
  if (!pair_equal(self) || !pair_edited(self)) return tx_fail_memory(error, "the audit");
  if (self->pair_count) qsort(self->pairs, self->pair_count, sizeof *self->pairs, compare_pairs);
  for (size_t i = 0; status == TX_OK && i < self->pair_count; i++)
    if (i == 0 || compare_pairs(&self->pairs[i - 1], &self->pairs[i]) != 0)
      status = report_pair(self, &self->pairs[i], options, error);
  if (tx_is_stopped(options->stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  return status;
}

tx_status tx_audit_names(const tx_reference_set *set, const tx_audit_options *options, tx_error *error)
{
  tx_search *search = NULL;
  tx_status status = tx_search_create(set->index, &search, error);
  for (size_t r = 0; status == TX_OK && r < set->references->ranks; r++) {
    rank_names self = {.references = set->references, .rank = r, .search = search};
    status = audit_rank(&self, options, error);
    free(self.names);
    tx_spellings_free(&self.spellings);
    free(self.keys);
    free(self.pairs);
  }
  tx_search_free(search);
  return status;
}
