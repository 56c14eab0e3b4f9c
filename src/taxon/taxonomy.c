#include "taxon/taxonomy.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "taxon/tree.h"

tx_status tx_ranks_check(const char *const *ranks, size_t rank_count, tx_status code, tx_error *error)
{
  if (!rank_count) return tx_fail(error, code, "there are no ranks");
  if (rank_count > TX_RANKS_MAX)
    return tx_fail(error, code, "%zu ranks: at most %d are possible", rank_count, TX_RANKS_MAX);
  for (size_t i = 0; i < rank_count; i++) {
    if (!*ranks[i]) return tx_fail(error, code, "rank %zu has an empty name", i + 1);
    if (tx_text_has_control(ranks[i]))
      return tx_fail(error, code, "a control character in rank name '%s'", ranks[i]);
    for (size_t j = 0; j < i; j++)
      if (!strcmp(ranks[i], ranks[j])) return tx_fail(error, code, "rank '%s' occurs twice", ranks[i]);
  }
  return TX_OK;
}

/* Compares names as strcmp does; '_' is a blank. */
static int compare_names(const char *a, const char *b)
{
  for (;; a++, b++) {
    const unsigned char x = *a == '_' ? ' ' : (unsigned char)*a, y = *b == '_' ? ' ' : (unsigned char)*b;
    if (x != y || !x) return x - y;
  }
}

static int compare_entries(const void *a, const void *b)
{
  const tx_taxon_entry *x = a;
  const tx_taxon_entry *y = b;
  int order = compare_names(x->name, y->name);
  if (!order) order = strcmp(x->name, y->name);
  if (order) return order;
  if (x->parent_rank != y->parent_rank) return x->parent_rank < y->parent_rank ? -1 : 1;
  if (x->parent != y->parent) return x->parent < y->parent ? -1 : 1;
  return x->class_index < y->class_index ? -1 : x->class_index > y->class_index;
}

/* Allocates one block for all names, NULL when there is no memory. */
static char *allocate_text(const char *const *ranks, size_t rank_count, const tx_taxon *taxa,
                           size_t taxon_count)
{
  size_t total = 0;
  for (size_t i = 0; i < rank_count; i++)
    if (!tx_add(total, strlen(ranks[i]) + 1, &total)) return NULL;
  for (size_t i = 0; i < taxon_count; i++)
    if (!tx_add(total, strlen(taxa[i].name) + 1, &total)) return NULL;
  return malloc(total ? total : 1);
}

static const char *put_name(char **text, const char *name)
{
  size_t size = strlen(name) + 1;
  char *copy = memcpy(*text, name, size);
  *text += size;
  return copy;
}

/* Makes the index of one rank; refuses two equal taxa. */
static tx_status index_rank(tx_taxonomy *taxonomy, size_t rank, tx_status code, tx_error *error)
{
  size_t first = taxonomy->first[rank];
  size_t count = taxonomy->first[rank + 1] - first;
  tx_taxon_entry *entries = taxonomy->entries + first;
  for (size_t i = 0; i < count; i++) {
    const tx_taxon *taxon = &taxonomy->taxa[first + i];
    entries[i] = (tx_taxon_entry){taxon->name, taxon->parent, taxon->parent_rank, (int32_t)i};
  }
  if (count > 1) qsort(entries, count, sizeof *entries, compare_entries);
  for (size_t i = 1; i < count; i++)
    if (entries[i].parent == entries[i - 1].parent && entries[i].parent_rank == entries[i - 1].parent_rank &&
        !strcmp(entries[i].name, entries[i - 1].name))
      return tx_fail(error, code, "taxonomy: %s '%s' occurs twice under one parent",
                     taxonomy->rank_names[rank], entries[i].name);
  return TX_OK;
}

tx_status tx_taxonomy_assemble(const char *const *ranks, size_t rank_count, const size_t *counts,
                               const tx_taxon *taxa, tx_status code, tx_taxonomy **ret_taxonomy,
                               tx_error *error)
{
  tx_taxonomy *taxonomy = calloc(1, sizeof *taxonomy);
  size_t total = 0;
  char *at;
  tx_status status = TX_OK;
  *ret_taxonomy = NULL;
  if (!taxonomy) return tx_fail_memory(error, "the taxonomy");
  for (size_t r = 0; r < rank_count; r++) {
    total += counts[r];
    taxonomy->first[r + 1] = total;
  }
  taxonomy->rank_count = rank_count;
  taxonomy->text = at = allocate_text(ranks, rank_count, taxa, total);
  taxonomy->taxa = calloc(total ? total : 1, sizeof *taxonomy->taxa);
  taxonomy->entries = calloc(total ? total : 1, sizeof *taxonomy->entries);
  if (!at || !taxonomy->taxa || !taxonomy->entries) {
    tx_taxonomy_free(taxonomy);
    return tx_fail_memory(error, "the taxonomy");
  }
  for (size_t r = 0; r < rank_count; r++) taxonomy->rank_names[r] = put_name(&at, ranks[r]);
  for (size_t i = 0; i < total; i++) {
    taxonomy->taxa[i] = taxa[i];
    taxonomy->taxa[i].name = put_name(&at, taxa[i].name);
  }
  for (size_t r = 0; r < rank_count && !status; r++) status = index_rank(taxonomy, r, code, error);
  if (status) {
    tx_taxonomy_free(taxonomy);
    return status;
  }
  *ret_taxonomy = taxonomy;
  return TX_OK;
}

size_t tx_taxonomy_rank_count(const tx_taxonomy *taxonomy)
{
  return taxonomy->rank_count;
}

const char *tx_taxonomy_rank_name(const tx_taxonomy *taxonomy, size_t rank)
{
  return rank < taxonomy->rank_count ? taxonomy->rank_names[rank] : NULL;
}

size_t tx_taxonomy_class_count(const tx_taxonomy *taxonomy, size_t rank)
{
  return rank < taxonomy->rank_count ? taxonomy->first[rank + 1] - taxonomy->first[rank] : 0;
}

static const tx_taxon *get_taxon(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index)
{
  if (class_index < 0 || (size_t)class_index >= tx_taxonomy_class_count(taxonomy, rank)) return NULL;
  return &taxonomy->taxa[taxonomy->first[rank] + (size_t)class_index];
}

const char *tx_taxonomy_class_name(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index)
{
  const tx_taxon *taxon = get_taxon(taxonomy, rank, class_index);
  return taxon ? taxon->name : NULL;
}

int32_t tx_taxonomy_parent(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index, size_t *ret_rank)
{
  const tx_taxon *taxon = get_taxon(taxonomy, rank, class_index);
  if (!taxon || taxon->parent < 0) return -1;
  if (ret_rank) *ret_rank = (size_t)taxon->parent_rank;
  return taxon->parent;
}

void tx_taxonomy_lineage(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index, int32_t *lineage)
{
  for (size_t r = 0; r < taxonomy->rank_count; r++) lineage[r] = -1;
  while (get_taxon(taxonomy, rank, class_index)) {
    lineage[rank] = class_index;
    class_index = tx_taxonomy_parent(taxonomy, rank, class_index, &rank);
  }
}

/* The first index entry of a rank whose name is not before `name`. */
static size_t find_entry(const tx_taxonomy *taxonomy, size_t rank, const char *name)
{
  size_t low = taxonomy->first[rank];
  size_t high = taxonomy->first[rank + 1];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare_names(taxonomy->entries[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

int tx_taxonomy_knows(const tx_taxonomy *taxonomy, size_t rank, const char *name)
{
  size_t at;
  if (rank >= taxonomy->rank_count || !name) return 0;
  at = find_entry(taxonomy, rank, name);
  return at < taxonomy->first[rank + 1] && !compare_names(taxonomy->entries[at].name, name);
}

/* Whether no label above `rank` contradicts the lineage of the taxon. */
static bool agrees(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index, const char *const *taxa)
{
  int32_t lineage[TX_RANKS_MAX];
  tx_taxonomy_lineage(taxonomy, rank, class_index, lineage);
  for (size_t r = 0; r < rank; r++)
    if (taxa[r] && lineage[r] >= 0 &&
        compare_names(taxa[r], tx_taxonomy_class_name(taxonomy, r, lineage[r])))
      return false;
  return true;
}

/* The one taxon of that name that the labels agree with, or -1. If none has exactly the name: the one whose
   name has '_' for a blank, or a blank for it. */
static int32_t match_rank(const tx_taxonomy *taxonomy, size_t rank, const char *const *taxa)
{
  int32_t found[2] = {-1, -1};
  size_t counts[2] = {0, 0};
  for (size_t at = find_entry(taxonomy, rank, taxa[rank]);
       at < taxonomy->first[rank + 1] && !compare_names(taxonomy->entries[at].name, taxa[rank]); at++) {
    const size_t exact = !strcmp(taxonomy->entries[at].name, taxa[rank]);
    if (!agrees(taxonomy, rank, taxonomy->entries[at].class_index, taxa)) continue;
    counts[exact]++;
    found[exact] = taxonomy->entries[at].class_index;
  }
  if (counts[1]) return counts[1] == 1 ? found[1] : -1;
  return counts[0] == 1 ? found[0] : -1;
}

void tx_taxonomy_match(const tx_taxonomy *taxonomy, const char *const *taxa, int32_t *labels)
{
  int32_t below[TX_RANKS_MAX]; /* lineage of the lowest taxon found so far */
  for (size_t r = 0; r < TX_RANKS_MAX; r++) below[r] = -1;
  for (size_t r = taxonomy->rank_count; r-- > 0;) {
    labels[r] = -1;
    if (!taxa[r]) continue;
    if (below[r] >= 0 && !compare_names(taxa[r], tx_taxonomy_class_name(taxonomy, r, below[r]))) {
      labels[r] = below[r];
      continue;
    }
    labels[r] = match_rank(taxonomy, r, taxa);
    if (labels[r] >= 0) tx_taxonomy_lineage(taxonomy, r, labels[r], below);
  }
}

void tx_taxonomy_free(tx_taxonomy *taxonomy)
{
  if (!taxonomy) return;
  free(taxonomy->taxa);
  free(taxonomy->entries);
  free(taxonomy->text);
  free(taxonomy);
}
