/* Scores of two partitions from their contingency table. */
#include <taxamba/partition.h>

#include "base/error.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* A cell of the table that is not empty: how many records are in this class and this cluster. */
typedef struct cell {
  uint32_t class_number, cluster;
  uint64_t count;
} cell;

typedef struct contingency {
  cell *cells;
  size_t cell_count, record_count;
  uint64_t *class_sizes, *cluster_sizes;
  size_t class_count, cluster_count;
} contingency;

typedef struct pair {
  int32_t class_value, cluster_value;
} pair;

static int compare_pairs(const void *a, const void *b)
{
  const pair *x = a, *y = b;
  if (x->class_value != y->class_value) return x->class_value < y->class_value ? -1 : 1;
  return (x->cluster_value > y->cluster_value) - (x->cluster_value < y->cluster_value);
}

static int compare_numbers(const void *a, const void *b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int compare_sizes(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Sorts the numbers and keeps each once; returns how many are left. */
static size_t keep_distinct(int32_t *numbers, size_t count)
{
  size_t kept = 0;
  qsort(numbers, count, sizeof *numbers, compare_numbers);
  for (size_t i = 0; i < count; i++)
    if (!kept || numbers[kept - 1] != numbers[i]) numbers[kept++] = numbers[i];
  return kept;
}

static void free_contingency(contingency *table)
{
  free(table->cells);
  free(table->class_sizes);
  free(table->cluster_sizes);
}

/* Fills the cells from the sorted pairs. */
static void count_cells(contingency *table, const pair *pairs, const int32_t *distinct)
{
  size_t class_number = 0;
  for (size_t i = 0; i < table->record_count; i++) {
    const int32_t *found =
        bsearch(&pairs[i].cluster_value, distinct, table->cluster_count, sizeof *distinct, compare_numbers);
    const size_t cluster = (size_t)(found - distinct);
    cell *last = table->cell_count ? &table->cells[table->cell_count - 1] : NULL;
    if (i && pairs[i].class_value != pairs[i - 1].class_value) class_number++;
    table->class_sizes[class_number]++;
    table->cluster_sizes[cluster]++;
    if (last && last->class_number == class_number && last->cluster == cluster)
      last->count++;
    else
      table->cells[table->cell_count++] = (cell){(uint32_t)class_number, (uint32_t)cluster, 1};
  }
  table->class_count = class_number + 1;
}

static tx_status build(const int32_t *classes, const int32_t *clusters, size_t count, contingency *table,
                       tx_error *error)
{
  pair *pairs = tx_malloc_aligned(count, sizeof *pairs);
  int32_t *distinct = tx_malloc_aligned(count, sizeof *distinct);
  *table = (contingency){.record_count = count};
  table->cells = tx_malloc_aligned(count, sizeof *table->cells);
  table->class_sizes = tx_calloc_aligned(count, sizeof *table->class_sizes);
  table->cluster_sizes = tx_calloc_aligned(count, sizeof *table->cluster_sizes);
  if (!pairs || !distinct || !table->cells || !table->class_sizes || !table->cluster_sizes) {
    free(pairs);
    free(distinct);
    free_contingency(table);
    return tx_fail_memory(error, "the scores of a clustering");
  }
  for (size_t i = 0; i < count; i++) {
    pairs[i] = (pair){classes[i], clusters[i]};
    distinct[i] = clusters[i];
  }
  qsort(pairs, count, sizeof *pairs, compare_pairs);
  table->cluster_count = keep_distinct(distinct, count);
  count_cells(table, pairs, distinct);
  free(pairs);
  free(distinct);
  return TX_OK;
}

static double entropy(const uint64_t *sizes, size_t count, double records)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum -= (double)sizes[i] / records * log((double)sizes[i] / records);
  return sum > 0 ? sum : 0;
}

static double mutual_information(const contingency *table)
{
  const double records = (double)table->record_count;
  double sum = 0;
  for (size_t i = 0; i < table->cell_count; i++) {
    const cell *c = &table->cells[i];
    const double both = (double)c->count, expected = (double)table->class_sizes[c->class_number] *
                                                     (double)table->cluster_sizes[c->cluster] / records;
    sum += both / records * log(both / expected);
  }
  return sum > 0 ? sum : 0;
}

/* Sums of a hypergeometric distribution: `u` marked among `n`, `v` drawn, x marked ones among those. The
   probabilities are found from their ratios, starting at the most probable x, and divided by their sum: with
   logarithms of factorials they would lose as many digits as those have before the point. */
static double expected_of_pair(double u, double v, double n)
{
  const double low = fmax(0, u + v - n), high = fmin(u, v);
  const double mode = fmin(high, fmax(low, floor((u + 1) * (v + 1) / (n + 2))));
  double total = 0, sum = 0, share = 1;
  for (double x = mode; x <= high; x++) {
    total += share;
    if (x > 0) sum += share * x * log(n * x / (u * v));
    share *= (u - x) * (v - x) / ((x + 1) * (n - u - v + x + 1));
    if (share < total * 1e-22) break;
  }
  share = 1;
  for (double x = mode; x > low; x--) {
    share *= x * (n - u - v + x) / ((u - x + 1) * (v - x + 1));
    total += share;
    if (x > 1) sum += share * (x - 1) * log(n * (x - 1) / (u * v));
    if (share < total * 1e-22) break;
  }
  return sum / (total * n);
}

/* The expectation of the mutual information over partitions with these sizes (Vinh et al. 2010, equation 24).
   Sorts the sizes: what belongs to a pair of sizes is computed once. */
static double expected_information(contingency *table)
{
  const double records = (double)table->record_count;
  double sum = 0;
  qsort(table->class_sizes, table->class_count, sizeof *table->class_sizes, compare_sizes);
  qsort(table->cluster_sizes, table->cluster_count, sizeof *table->cluster_sizes, compare_sizes);
  for (size_t a = 0, a_end; a < table->class_count; a = a_end) {
    for (a_end = a; a_end < table->class_count && table->class_sizes[a_end] == table->class_sizes[a];)
      a_end++;
    for (size_t b = 0, b_end; b < table->cluster_count; b = b_end) {
      for (b_end = b; b_end < table->cluster_count && table->cluster_sizes[b_end] == table->cluster_sizes[b];)
        b_end++;
      sum += (double)(a_end - a) * (double)(b_end - b) *
             expected_of_pair((double)table->class_sizes[a], (double)table->cluster_sizes[b], records);
    }
  }
  return sum;
}

/* The scores that count pairs of records. */
static void score_pairs(const contingency *table, tx_partition_scores *scores)
{
  const double records = (double)table->record_count;
  double cells = 0, classes = 0, clusters = 0, both, class_only, cluster_only, neither, pairs;
  for (size_t i = 0; i < table->cell_count; i++)
    cells += (double)table->cells[i].count * (double)table->cells[i].count;
  for (size_t i = 0; i < table->class_count; i++)
    classes += (double)table->class_sizes[i] * (double)table->class_sizes[i];
  for (size_t i = 0; i < table->cluster_count; i++)
    clusters += (double)table->cluster_sizes[i] * (double)table->cluster_sizes[i];
  both = cells - records;
  class_only = classes - cells;
  cluster_only = clusters - cells;
  pairs = records * records - records;
  neither = pairs - both - class_only - cluster_only;
  scores->ri = pairs > 0 ? (both + neither) / pairs : 1;
  scores->ari = 1;
  if (class_only > 0 || cluster_only > 0)
    scores->ari =
        2 * (both * neither - class_only * cluster_only) /
        ((both + class_only) * (class_only + neither) + (both + cluster_only) * (cluster_only + neither));
  scores->fmi = both > 0 ? sqrt(both / (classes - records)) * sqrt(both / (clusters - records)) : 0;
}

static void score_information(contingency *table, tx_partition_scores *scores)
{
  const double records = (double)table->record_count;
  /* Each class is one cluster and the other way round. */
  const bool same = table->cell_count == table->class_count && table->cell_count == table->cluster_count;
  double mean, spread;
  scores->mi = mutual_information(table);
  scores->class_entropy = entropy(table->class_sizes, table->class_count, records);
  scores->cluster_entropy = entropy(table->cluster_sizes, table->cluster_count, records);
  scores->expected_mi = expected_information(table);
  mean = (scores->class_entropy + scores->cluster_entropy) / 2;
  spread = mean - scores->expected_mi;
  if (fabs(spread) < DBL_EPSILON) spread = spread < 0 ? -DBL_EPSILON : DBL_EPSILON;
  scores->ami = same ? 1 : (scores->mi - scores->expected_mi) / spread;
  scores->nmi = same ? 1 : scores->mi > 0 ? scores->mi / mean : 0;
  scores->homogeneity = table->class_count > 1 ? scores->mi / scores->class_entropy : 1;
  scores->completeness = table->cluster_count > 1 ? scores->mi / scores->cluster_entropy : 1;
  scores->v =
      scores->homogeneity + scores->completeness > 0
          ? 2 * scores->homogeneity * scores->completeness / (scores->homogeneity + scores->completeness)
          : 0;
  if (same) scores->homogeneity = scores->completeness = scores->v = 1;
}

tx_status tx_partition_compare(const int32_t *classes, const int32_t *clusters, size_t count,
                               tx_partition_scores *ret_scores, tx_error *error)
{
  contingency table;
  tx_status status;
  if (count == 0 || count > INT32_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "%zu records cannot be scored: there must be 1 to %d", count,
                   INT32_MAX);
  status = build(classes, clusters, count, &table, error);
  if (status != TX_OK) return status;
  *ret_scores =
      (tx_partition_scores){.records = count, .classes = table.class_count, .clusters = table.cluster_count};
  score_pairs(&table, ret_scores);
  score_information(&table, ret_scores);
  free_contingency(&table);
  return TX_OK;
}
