#include "report/tally.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct tx_taxa_tree_node {
  uint32_t parent, number; /* number + 1 of the parent, 0 = none; own number */
  uint32_t taxon;
  size_t depth;
  double weight, hits;
};

tx_tally_sums *tx_tally_at(tx_tally *tally, const uint32_t *key, size_t length)
{
  uint32_t number = 0;
  tx_tally_sums *sums;
  if (!tally->keys && tx_names_create(&tally->keys, NULL) != TX_OK) return NULL;
  if (tx_names_add(tally->keys, key, length * sizeof *key, &number, NULL) != TX_OK) return NULL;
  if (number < tally->count) return &tally->sums[number];
  sums = tx_report_grow(&tally->sums, &tally->count, &tally->capacity, sizeof *sums);
  if (sums) sums->key = number;
  return sums;
}

size_t tx_tally_key(const tx_tally *tally, const tx_tally_sums *sums, uint32_t key[TX_TALLY_KEY_MAX])
{
  size_t length = 0;
  const void *bytes = tx_names_key(tally->keys, sums->key, &length);
  memcpy(key, bytes, length);
  return length / sizeof *key;
}

static int compare_sums(const void *a, const void *b)
{
  const tx_tally_sums *x = a, *y = b;
  if (x->reads != y->reads) return x->reads > y->reads ? -1 : 1;
  if (x->records != y->records) return x->records > y->records ? -1 : 1;
  return x->key < y->key ? -1 : x->key > y->key;
}

void tx_tally_sort(tx_tally *tally)
{
  if (tally->count) qsort(tally->sums, tally->count, sizeof *tally->sums, compare_sums);
}

void tx_tally_free(tx_tally *tally)
{
  tx_names_free(tally->keys);
  free(tally->sums);
  *tally = (tx_tally){0};
}

void tx_lineage_text(const tx_result_report *report, const uint32_t *taxa, size_t count, char *text,
                     size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  for (size_t r = 0; r < count && used < size; r++) {
    const char *name = taxa[r] == TX_REPORT_NONE ? "?" : tx_report_taxon(report, taxa[r]);
    used += (size_t)snprintf(text + used, size - used, used ? "; %s" : "%s", name);
  }
}

void tx_match_ranks(const tx_report_calls *calls, char *const *ranks, size_t rank_count,
                    int places[TX_RANKS_MAX])
{
  for (size_t r = 0; r < rank_count; r++)
    places[r] = tx_report_find_rank(calls->ranks, calls->rank_count, ranks[r]);
}

size_t tx_row_lineage(const tx_report_calls *calls, const tx_report_row *row, char *const *ranks,
                      size_t rank_count, uint32_t taxa[TX_RANKS_MAX])
{
  int places[TX_RANKS_MAX];
  size_t depth = 0;
  tx_match_ranks(calls, ranks, rank_count, places);
  for (size_t r = 0; r < rank_count; r++) {
    const tx_report_call *call = places[r] >= 0 ? tx_report_call_at(calls, row, (size_t)places[r]) : NULL;
    taxa[r] = call ? call->taxon : TX_REPORT_NONE;
    if (call) depth = r + 1;
  }
  return depth;
}

tx_status tx_taxa_tree_add(tx_taxa_tree *tree, const uint32_t *taxa, size_t depth, double weight,
                           const bool *opt_hits, tx_error *error)
{
  uint32_t parent = 0;
  tx_status status = TX_OK;
  if (!tree->paths) status = tx_names_create(&tree->paths, error);
  for (size_t d = 0; d < depth && status == TX_OK; d++) {
    const uint32_t key[2] = {parent, taxa[d]};
    uint32_t number = 0;
    status = tx_names_add(tree->paths, key, sizeof key, &number, error);
    if (status != TX_OK) break;
    if (number == tree->count) {
      struct tx_taxa_tree_node *node =
          tx_report_grow(&tree->nodes, &tree->count, &tree->capacity, sizeof *node);
      if (!node) return tx_fail_memory(error, "a tree of taxa");
      *node = (struct tx_taxa_tree_node){parent, number, taxa[d], d, 0, 0};
    }
    tree->nodes[number].weight += weight;
    if (opt_hits && opt_hits[d]) tree->nodes[number].hits += weight;
    parent = number + 1;
  }
  return status;
}

static int compare_nodes(const void *a, const void *b)
{
  const struct tx_taxa_tree_node *x = a, *y = b;
  if (x->parent != y->parent) return x->parent < y->parent ? -1 : 1;
  if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

/* A walk through the sorted nodes. */
typedef struct walk {
  const struct tx_taxa_tree_node *nodes; /* (count) by parent, then by weight */
  const size_t *first;                   /* (count + 1) first child of a parent */
  size_t count;
  const tx_result_report *report;
  char *const *ranks;
  bool accuracy;
  double total;
  tx_numbers *numbers;
} walk;

static void put_row(const walk *w, const char *lineage, const char *taxon, size_t depth, const double sums[2])
{
  tx_numbers_text(w->numbers, lineage);
  tx_numbers_text(w->numbers, w->ranks[depth]);
  tx_numbers_put(w->numbers, (double)depth);
  tx_numbers_text(w->numbers, taxon);
  tx_numbers_put(w->numbers, sums[0]);
  tx_numbers_put(w->numbers, w->accuracy ? sums[1] / sums[0] : sums[0] / w->total);
}

/* Rows of the children of a parent. The depth of a tree is that of the ranks. */
static void put_children(const walk *w, uint32_t parent, const char *above)
{
  size_t small = 0, at = w->first[parent], depth = 0;
  double sums[2] = {0, 0};
  for (; at < w->count && w->nodes[at].parent == parent; at++) {
    const struct tx_taxa_tree_node *node = &w->nodes[at];
    const char *taxon = node->taxon == TX_REPORT_NONE ? (node->depth ? "unnamed" : "unclassified")
                                                      : tx_report_taxon(w->report, node->taxon);
    char lineage[1200];
    depth = node->depth;
    if (node->weight * 300 < w->total) {
      small++;
      sums[0] += node->weight;
      sums[1] += node->hits;
      continue;
    }
    snprintf(lineage, sizeof lineage, *above ? "%s; %s" : "%s%s", above, taxon);
    put_row(w, lineage, taxon, node->depth,
            (const double[2]){node->weight, w->accuracy && node->taxon == TX_REPORT_NONE ? NAN : node->hits});
    put_children(w, node->number + 1, lineage);
  }
  if (small) {
    char name[64], lineage[1300];
    snprintf(name, sizeof name, "%zu small taxa", small);
    snprintf(lineage, sizeof lineage, *above ? "%s; %s" : "%s%s", above, name);
    put_row(w, lineage, name, depth, sums);
  }
}

tx_status tx_taxa_tree_put(const tx_taxa_tree *tree, const tx_result_report *report, char *const *ranks,
                           bool accuracy, tx_numbers *numbers, tx_error *error)
{
  struct tx_taxa_tree_node *nodes = calloc(tree->count + 1, sizeof *nodes);
  size_t *first = calloc(tree->count + 2, sizeof *first);
  walk w = {.nodes = nodes,
            .first = first,
            .count = tree->count,
            .report = report,
            .ranks = ranks,
            .accuracy = accuracy,
            .numbers = numbers};
  if (!nodes || !first) {
    free(nodes);
    free(first);
    return tx_fail_memory(error, "a tree of taxa");
  }
  if (tree->count) {
    memcpy(nodes, tree->nodes, tree->count * sizeof *nodes);
    qsort(nodes, tree->count, sizeof *nodes, compare_nodes);
  }
  for (size_t p = 0; p <= tree->count; p++) first[p] = tree->count;
  for (size_t i = tree->count; i-- > 0;) first[nodes[i].parent] = i;
  for (size_t i = 0; i < tree->count && nodes[i].parent == 0; i++) w.total += nodes[i].weight;
  put_children(&w, 0, "");
  free(nodes);
  free(first);
  return TX_OK;
}

void tx_taxa_tree_free(tx_taxa_tree *tree)
{
  tx_names_free(tree->paths);
  free(tree->nodes);
  *tree = (tx_taxa_tree){0};
}
