#include "train/match.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
  const char *name;
  int32_t class_index;
} entry;

struct tx_matcher {
  const tx_taxonomy *taxonomy;
  entry *ranks[TX_RANKS_MAX];
};

static int compare_entries(const void *left, const void *right)
{
  const entry *a = left, *b = right;
  int order = strcmp(a->name, b->name);
  return order ? order : (a->class_index > b->class_index) - (a->class_index < b->class_index);
}

tx_status tx_matcher_create(const tx_taxonomy *taxonomy, tx_matcher **ret_matcher, tx_error *error)
{
  tx_matcher *matcher = calloc(1, sizeof *matcher);
  if (!matcher) return tx_fail_memory(error, "the names of the taxonomy");
  matcher->taxonomy = taxonomy;
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++) {
    const size_t count = tx_taxonomy_class_count(taxonomy, r);
    matcher->ranks[r] = calloc(count + 1, sizeof *matcher->ranks[r]);
    if (!matcher->ranks[r]) {
      tx_matcher_free(matcher);
      return tx_fail_memory(error, "the names of the taxonomy");
    }
    for (size_t c = 0; c < count; c++) {
      matcher->ranks[r][c].name = tx_taxonomy_class_name(taxonomy, r, (int32_t)c);
      matcher->ranks[r][c].class_index = (int32_t)c;
    }
    qsort(matcher->ranks[r], count, sizeof *matcher->ranks[r], compare_entries);
  }
  *ret_matcher = matcher;
  return TX_OK;
}

void tx_matcher_free(tx_matcher *matcher)
{
  if (!matcher) return;
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(matcher->ranks[r]);
  free(matcher);
}

/* Whether the ancestors of a taxon have the lineage's names at every rank where both have one. */
static bool ancestors_agree(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index, const char *const *taxa)
{
  int32_t lineage[TX_RANKS_MAX];
  tx_taxonomy_lineage(taxonomy, rank, class_index, lineage);
  for (size_t r = 0; r < rank; r++)
    if (taxa[r] && lineage[r] >= 0 && strcmp(taxa[r], tx_taxonomy_class_name(taxonomy, r, lineage[r])) != 0) return false;
  return true;
}

static int32_t find_at_rank(const tx_matcher *matcher, size_t rank, const char *const *taxa, int32_t unknown)
{
  const entry *entries = matcher->ranks[rank];
  const size_t count = tx_taxonomy_class_count(matcher->taxonomy, rank);
  size_t low = 0, high = count;
  int32_t found = unknown;
  while (low < high) { /* the first entry that is not before the name */
    size_t middle = low + (high - low) / 2;
    if (strcmp(entries[middle].name, taxa[rank]) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < count && strcmp(entries[low].name, taxa[rank]) == 0; low++) {
    if (!ancestors_agree(matcher->taxonomy, rank, entries[low].class_index, taxa)) continue;
    if (found != unknown) return unknown;
    found = entries[low].class_index;
  }
  return found;
}

void tx_matcher_find(const tx_matcher *matcher, const char *const *taxa, int32_t none, int32_t unknown, int32_t *classes)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(matcher->taxonomy); r++)
    classes[r] = taxa[r] ? find_at_rank(matcher, r, taxa, unknown) : none;
}
