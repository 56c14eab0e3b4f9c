/* tx_taxonomy_builder_finish: from resolved lineages to the tree, its labels and the reports. */
#include "taxon/builder.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "taxon/resolve.h"
#include "taxon/tree.h"

#define NONE UINT32_MAX

/* A name with its number, to be sorted by text. */
typedef struct named {
  const char *text;
  uint32_t number;
} named;

/* Where a taxon comes from, while the tree is made. */
typedef struct origin {
  uint32_t label;   /* number of its name + 1 */
  uint32_t lineage; /* the first added lineage that belongs to it */
} origin;

typedef struct finisher {
  tx_taxonomy_builder *builder;
  const tx_taxonomy_part *part;
  size_t count; /* number of lineages of the part */
  size_t ranks; /* number of ranks of the part */
  const char *rank_names[TX_RANKS_MAX];
  size_t names;
  uint32_t *labels;    /* (count, ranks) resolved */
  uint8_t *cut;        /* (count) */
  /* (names + 1) position of a label in the order of the names' texts, from 1; order_of[0] = 0 */
  uint32_t *order_of;
  uint32_t **rows;     /* (count) sorted: each is {ranks, lineage, order of the label at each rank} */
  uint32_t *row_block; /* memory of the rows */
  int32_t *classes;    /* (count, ranks) of the resolved lineages, -1 = none */
  tx_taxon *taxa;      /* rank-major */
  origin *origins;
  size_t first[TX_RANKS_MAX + 1];
  size_t counts[TX_RANKS_MAX];
} finisher;

/* Number in the builder of a lineage of the part. */
static uint32_t added_number(const finisher *work, size_t lineage)
{
  return work->part->lineages ? work->part->lineages[lineage] : (uint32_t)lineage;
}

/* Rank in the builder of a rank of the part. */
static size_t added_rank(const finisher *work, size_t rank)
{
  return work->part->ranks ? work->part->ranks[rank] : rank;
}

/* Copies labels[ranks] of a lineage as it was added. */
static void added_labels(const finisher *work, size_t lineage, uint32_t *labels)
{
  uint32_t all[TX_RANKS_MAX];
  tx_taxonomy_builder_labels(work->builder, added_number(work, lineage), all);
  for (size_t r = 0; r < work->ranks; r++) labels[r] = all[added_rank(work, r)];
}

static int compare_named(const void *a, const void *b)
{
  const named *x = a;
  const named *y = b;
  return strcmp(x->text, y->text);
}

/* Orders by labels, blank first, then by number, so that the order is total. */
static int compare_rows(const void *a, const void *b)
{
  const uint32_t *x = *(uint32_t *const *)a;
  const uint32_t *y = *(uint32_t *const *)b;
  for (uint32_t r = 0; r < x[0]; r++)
    if (x[2 + r] != y[2 + r]) return x[2 + r] < y[2 + r] ? -1 : 1;
  return x[1] < y[1] ? -1 : x[1] > y[1];
}

static bool order_names(finisher *work)
{
  named *sorted = tx_malloc_aligned(work->names, sizeof *sorted);
  if (!sorted) return false;
  for (size_t i = 0; i < work->names; i++)
    sorted[i] = (named){tx_names_key(work->builder->names, (uint32_t)i, NULL), (uint32_t)i};
  if (work->names > 1) qsort(sorted, work->names, sizeof *sorted, compare_named);
  work->order_of[0] = 0;
  for (size_t i = 0; i < work->names; i++) work->order_of[sorted[i].number + 1] = (uint32_t)i + 1;
  free(sorted);
  return true;
}

static void sort_rows(finisher *work)
{
  for (size_t i = 0; i < work->count; i++) {
    uint32_t *row = work->row_block + i * (work->ranks + 2);
    row[0] = (uint32_t)work->ranks;
    row[1] = (uint32_t)i;
    for (size_t r = 0; r < work->ranks; r++) row[2 + r] = work->order_of[work->labels[i * work->ranks + r]];
    work->rows[i] = row;
  }
  if (work->count > 1) qsort(work->rows, work->count, sizeof *work->rows, compare_rows);
}

/* Number of ranks from the top in which a row equals the one before it. */
static size_t common_ranks(const finisher *work, size_t row)
{
  size_t r = 0;
  if (!row) return 0;
  while (r < work->ranks && work->rows[row][2 + r] == work->rows[row - 1][2 + r]) r++;
  return r;
}

/* Numbers the classes. Equal rows are neighbours: a taxon begins where a row first differs from the previous
   one. */
static void number_classes(finisher *work)
{
  int32_t current[TX_RANKS_MAX];
  for (size_t i = 0; i < work->count; i++) {
    size_t lineage = work->rows[i][1];
    for (size_t r = common_ranks(work, i); r < work->ranks; r++)
      current[r] = work->rows[i][2 + r] ? (int32_t)work->counts[r]++ : -1;
    memcpy(work->classes + lineage * work->ranks, current, work->ranks * sizeof *current);
  }
  for (size_t r = 0; r < work->ranks; r++) work->first[r + 1] = work->first[r] + work->counts[r];
}

static void describe_taxa(finisher *work)
{
  for (size_t i = 0; i < work->first[work->ranks]; i++) work->origins[i] = (origin){0, NONE};
  /* in the order of addition, so that the first occurrence is kept */
  for (size_t i = 0; i < work->count; i++) {
    const int32_t *classes = work->classes + i * work->ranks;
    uint32_t added[TX_RANKS_MAX];
    int32_t parent_rank = -1;
    added_labels(work, i, added);
    for (size_t r = 0; r < work->ranks; r++) {
      size_t at;
      uint32_t label = work->labels[i * work->ranks + r];
      if (classes[r] < 0) continue;
      at = work->first[r] + (size_t)classes[r];
      work->taxa[at].name = tx_names_key(work->builder->names, label - 1, NULL);
      work->taxa[at].parent_rank = parent_rank;
      work->taxa[at].parent = parent_rank < 0 ? -1 : classes[parent_rank];
      work->origins[at].label = label;
      /* not for a filled gap */
      if (work->origins[at].lineage == NONE && added[r]) work->origins[at].lineage = (uint32_t)i;
      parent_rank = (int32_t)r;
    }
  }
}

static void describe_place(const finisher *work, uint32_t lineage, char *text, size_t size)
{
  const tx_lineage_place *place = &work->builder->places[added_number(work, lineage)];
  const char *file = tx_names_key(work->builder->files, place->file, NULL);
  size_t length = strlen(file);
  size_t shown = length > 120 ? 120 : length; /* the end of a path is more specific than its beginning */
  if (place->line)
    snprintf(text, size, "%s%s:%" PRIu64, shown < length ? "..." : "", file + length - shown, place->line);
  else
    snprintf(text, size, "%s%s", shown < length ? "..." : "", file + length - shown);
}

/* Writes "family 'Moraceae' (a.csv:12)". */
static void describe_parent(const finisher *work, size_t rank, size_t at, char *text, size_t size)
{
  const tx_taxon *taxon = &work->taxa[work->first[rank] + at];
  uint32_t lineage = work->origins[work->first[rank] + at].lineage;
  char place[192] = "";
  if (lineage != NONE) describe_place(work, lineage, place, sizeof place);
  if (taxon->parent < 0)
    snprintf(text, size, "no parent (%s)", place);
  else
    snprintf(text, size, "%s '%.100s' (%s)", work->rank_names[taxon->parent_rank],
             work->taxa[work->first[taxon->parent_rank] + (size_t)taxon->parent].name, place);
}

static bool same_parent_name(const finisher *work, size_t rank, size_t a, size_t b)
{
  const tx_taxon *x = &work->taxa[work->first[rank] + a];
  const tx_taxon *y = &work->taxa[work->first[rank] + b];
  if (x->parent_rank != y->parent_rank) return false;
  return x->parent_rank < 0 || work->origins[work->first[x->parent_rank] + (size_t)x->parent].label ==
                                   work->origins[work->first[y->parent_rank] + (size_t)y->parent].label;
}

/* Reports taxa of one rank and name, class `first` and those linked from it. Two parents of one name have
   reports of their own. */
static tx_status report_homonym(const finisher *work, size_t rank, uint32_t first, const uint32_t *next,
                                tx_error *error)
{
  char one[384];
  char two[384];
  size_t taxa = 1;
  uint32_t other = NONE;
  for (uint32_t i = next[first]; i != NONE; i = next[i]) {
    taxa++;
    if (other == NONE && !same_parent_name(work, rank, first, i)) other = i;
  }
  if (other == NONE) return TX_OK;
  describe_parent(work, rank, first, one, sizeof one);
  describe_parent(work, rank, other, two, sizeof two);
  if (taxa == 2)
    return tx_reports_add(&work->builder->reports, error, "%s '%.100s' is under %s and %s: kept as two taxa",
                          work->rank_names[rank], work->taxa[work->first[rank] + first].name, one, two);
  return tx_reports_add(&work->builder->reports, error,
                        "%s '%.100s' is under %s, %s and others: kept as %zu taxa",
                        work->rank_names[rank], work->taxa[work->first[rank] + first].name, one, two, taxa);
}

/* Reports the homonyms of a rank. `head` (names + 1) is NONE throughout, before and after; `next` has an
   element for each class of any rank. */
static tx_status report_homonyms(const finisher *work, size_t rank, uint32_t *head, uint32_t *next,
                                 tx_error *error)
{
  const origin *origins = work->origins + work->first[rank];
  tx_status status = TX_OK;
  for (size_t i = work->counts[rank]; i-- > 0;) {
    next[i] = head[origins[i].label];
    head[origins[i].label] = (uint32_t)i;
  }
  for (size_t i = 0; i < work->counts[rank]; i++) {
    if (head[origins[i].label] == (uint32_t)i && next[i] != NONE && !status)
      status = report_homonym(work, rank, (uint32_t)i, next, error);
    if (head[origins[i].label] == (uint32_t)i) head[origins[i].label] = NONE;
  }
  return status;
}

/* Reports lineages that lost labels at `rank`, once per name. `tally` (names + 1) is NONE throughout, before
   and after. */
static tx_status report_cuts(const finisher *work, size_t rank, uint32_t *tally, tx_error *error)
{
  uint32_t added[TX_RANKS_MAX];
  tx_status status = TX_OK;
  for (size_t i = 0; i < work->count; i++) {
    if (work->cut[i] != rank) continue;
    added_labels(work, i, added);
    tally[added[rank]] = tally[added[rank]] == NONE ? 1 : tally[added[rank]] + 1;
  }
  for (size_t i = 0; i < work->count; i++) {
    char place[192];
    if (work->cut[i] != rank) continue;
    added_labels(work, i, added);
    if (tally[added[rank]] == NONE) continue;
    describe_place(work, (uint32_t)i, place, sizeof place);
    if (!status)
      status = tx_reports_add(
          &work->builder->reports, error,
          "%s '%.100s' (%s) may be any of several taxa of that name, for want of ranks above "
          "it: "
          "%" PRIu32 " %s without a label at %s and below",
          work->rank_names[rank], tx_names_key(work->builder->names, added[rank] - 1, NULL), place,
          tally[added[rank]], tally[added[rank]] == 1 ? "lineage is left" : "lineages are left",
          work->rank_names[rank]);
    tally[added[rank]] = NONE;
  }
  return status;
}

static tx_status report_all(finisher *work, tx_error *error)
{
  uint32_t *head = tx_malloc_aligned(work->names + 1, sizeof *head);
  uint32_t *next = tx_malloc_aligned(work->first[work->ranks] + 1, sizeof *next);
  tx_status status = head && next ? TX_OK : tx_fail_memory(error, "reports");
  tx_reports_free(&work->builder->reports);
  for (size_t i = 0; i <= work->names && !status; i++) head[i] = NONE;
  for (size_t r = 0; r < work->ranks && !status; r++) {
    status = report_homonyms(work, r, head, next, error);
    if (!status) status = report_cuts(work, r, head, error);
  }
  if (!status) status = tx_reports_close(&work->builder->reports, error);
  free(head);
  free(next);
  return status;
}

/* The labels that were added and not cut, as classes. Filled gaps stay gaps. */
static int32_t *collect_labels(const finisher *work)
{
  int32_t *labels = malloc((work->count * work->ranks + 1) * sizeof *labels);
  uint32_t added[TX_RANKS_MAX];
  if (!labels) return NULL;
  for (size_t i = 0; i < work->count; i++) {
    added_labels(work, i, added);
    for (size_t r = 0; r < work->ranks; r++)
      labels[i * work->ranks + r] = added[r] && r < work->cut[i] ? work->classes[i * work->ranks + r] : -1;
  }
  return labels;
}

static bool allocate(finisher *work)
{
  /* the keys of the lineages have as many, so this does not overflow */
  size_t cells = work->count * work->ranks;
  work->labels = tx_malloc_aligned(cells, sizeof *work->labels);
  work->cut = tx_malloc_aligned(work->count, 1);
  work->order_of = tx_malloc_aligned(work->names + 1, sizeof *work->order_of);
  work->rows = tx_malloc_aligned(work->count, sizeof *work->rows);
  work->row_block = tx_malloc_aligned(cells + 2 * work->count, sizeof *work->row_block);
  work->classes = tx_malloc_aligned(cells, sizeof *work->classes);
  return work->labels && work->cut && work->order_of && work->rows && work->row_block && work->classes;
}

static tx_status make_tree(finisher *work, tx_taxonomy **ret_taxonomy, tx_error *error)
{
  tx_status status;
  for (size_t i = 0; i < work->count; i++) added_labels(work, i, work->labels + i * work->ranks);
  status = tx_resolve_lineages(work->labels, work->count, work->ranks, work->names, work->cut, error);
  if (status) return status;
  if (!order_names(work)) return tx_fail_memory(error, "the taxonomy");
  sort_rows(work);
  number_classes(work);
  if (work->first[work->ranks] > INT32_MAX)
    return tx_fail(error, TX_ERROR_DATA, "more than %d taxa", INT32_MAX);
  work->taxa = tx_calloc_aligned(work->first[work->ranks] + 1, sizeof *work->taxa);
  work->origins = tx_malloc_aligned(work->first[work->ranks] + 1, sizeof *work->origins);
  if (!work->taxa || !work->origins) return tx_fail_memory(error, "the taxonomy");
  describe_taxa(work);
  status = report_all(work, error);
  if (status) return status;
  return tx_taxonomy_assemble(work->rank_names, work->ranks, work->counts, work->taxa, TX_ERROR_DATA,
                              ret_taxonomy, error);
}

tx_status tx_taxonomy_builder_finish_part(tx_taxonomy_builder *builder, const tx_taxonomy_part *part,
                                          tx_taxonomy **ret_taxonomy, int32_t **ret_labels, tx_error *error)
{
  finisher work = {.builder = builder,
                   .part = part,
                   .count = part->lineage_count,
                   .ranks = part->rank_count,
                   .names = tx_names_count(builder->names)};
  tx_status status;
  *ret_taxonomy = NULL;
  *ret_labels = NULL;
  for (size_t r = 0; r < work.ranks; r++) work.rank_names[r] = builder->ranks[added_rank(&work, r)];
  status = allocate(&work) ? make_tree(&work, ret_taxonomy, error) : tx_fail_memory(error, "the taxonomy");
  if (!status) {
    *ret_labels = collect_labels(&work);
    if (!*ret_labels) {
      tx_taxonomy_free(*ret_taxonomy);
      *ret_taxonomy = NULL;
      status = tx_fail_memory(error, "the labels");
    }
  }
  free(work.labels);
  free(work.cut);
  free(work.order_of);
  free(work.rows);
  free(work.row_block);
  free(work.classes);
  free(work.taxa);
  free(work.origins);
  return status;
}

tx_status tx_taxonomy_builder_finish(tx_taxonomy_builder *builder, tx_taxonomy **ret_taxonomy,
                                     int32_t **ret_labels, tx_error *error)
{
  const tx_taxonomy_part all = {.rank_count = builder->rank_count,
                                .lineage_count = tx_names_count(builder->lineages)};
  return tx_taxonomy_builder_finish_part(builder, &all, ret_taxonomy, ret_labels, error);
}
