/* Scores of a comparison: shared names, and reads against specimens. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "eval/comparison.h"

static int compare_taxa(const void *a, const void *b)
{
  return strcmp(((const tx_compared_taxon *)a)->name, ((const tx_compared_taxon *)b)->name);
}

/* A site while the sites are put in order. */
typedef struct named_site {
  const char *name;
  uint32_t number;
} named_site;

static int compare_sites(const void *a, const void *b)
{
  return strcmp(((const named_site *)a)->name, ((const named_site *)b)->name);
}

/* The sites of both sides, in order of their names. */
static tx_status choose_sites(tx_comparison *comparison, tx_error *error)
{
  const size_t all = tx_names_count(comparison->sites);
  named_site *sites = calloc(all + 1, sizeof *sites);
  const char *bulk, *specimens;
  size_t count = 0;
  comparison->compared = calloc(all + 1, sizeof *comparison->compared);
  if (!sites || !comparison->compared) {
    free(sites);
    return tx_fail_memory(error, "the comparison");
  }
  for (size_t s = 0; s < all; s++)
    if (comparison->has_bulk[s] && comparison->has_specimens[s])
      sites[count++] = (named_site){tx_names_key(comparison->sites, (uint32_t)s, NULL), (uint32_t)s};
  qsort(sites, count, sizeof *sites, compare_sites);
  for (size_t s = 0; s < count; s++) comparison->compared[s] = sites[s].number;
  free(sites);
  comparison->site_count = count;
  if (count) return TX_OK;
  (void)tx_comparison_lone_sites(comparison, true, &bulk);
  (void)tx_comparison_lone_sites(comparison, false, &specimens);
  return tx_fail(error, TX_ERROR_DATA,
                 "no site is on both sides: the counts have '%.100s', the specimens '%.100s'; replicates "
                 "become sites by --samples",
                 bulk ? bulk : "none", specimens ? specimens : "none");
}

/* Lists the taxa of each compared site. */
static tx_status list_taxa(const tx_comparison *comparison, tx_compared_rank *rank, tx_error *error)
{
  const size_t cells = tx_names_count(rank->keys), all = tx_names_count(comparison->sites);
  size_t *place = calloc(all + 1, sizeof *place), *next = calloc(comparison->site_count + 1, sizeof *next);
  rank->listed = calloc(cells + 1, sizeof *rank->listed);
  rank->starts = calloc(comparison->site_count + 2, sizeof *rank->starts);
  if (!place || !next || !rank->listed || !rank->starts) {
    free(place);
    free(next);
    return tx_fail_memory(error, "the comparison");
  }
  for (size_t s = 0; s < comparison->site_count; s++) place[comparison->compared[s]] = s + 1;
  for (size_t i = 0; i < cells; i++)
    if (place[rank->cells[i].site]) rank->starts[place[rank->cells[i].site]]++;
  for (size_t s = 0; s < comparison->site_count; s++) rank->starts[s + 1] += rank->starts[s];
  memcpy(next, rank->starts, (comparison->site_count + 1) * sizeof *next);
  for (size_t i = 0; i < cells; i++) {
    const tx_compared_cell *cell = &rank->cells[i];
    if (!place[cell->site]) continue;
    rank->listed[next[place[cell->site] - 1]++] = (tx_compared_taxon){
        tx_names_key(rank->taxa, cell->taxon, NULL), cell->reads, cell->specimens, rank->known[cell->taxon]};
  }
  for (size_t s = 0; s < comparison->site_count; s++)
    qsort(rank->listed + rank->starts[s], rank->starts[s + 1] - rank->starts[s], sizeof *rank->listed,
          compare_taxa);
  free(place);
  free(next);
  return TX_OK;
}

size_t tx_comparison_taxa(const tx_comparison *comparison, size_t rank_index, size_t site,
                          const tx_compared_taxon **ret_taxa)
{
  const tx_compared_rank *rank = &comparison->ranks[rank_index];
  *ret_taxa = rank->listed + rank->starts[site];
  return rank->starts[site + 1] - rank->starts[site];
}

double tx_comparison_unassigned(const tx_comparison *comparison, size_t rank, size_t site)
{
  return comparison->ranks[rank].unassigned[comparison->compared[site]];
}

static double share(uint64_t part, uint64_t whole)
{
  return whole ? (double)part / (double)whole : 0;
}

static void fill_scores(tx_list_scores *scores)
{
  const uint64_t both = scores->both, bulk = scores->bulk_only, specimens = scores->specimens_only;
  scores->precision = share(both, both + bulk);
  scores->recall = share(both, both + specimens);
  scores->f1 = share(2 * both, 2 * both + bulk + specimens);
  scores->jaccard = share(both, both + bulk + specimens);
}

tx_list_scores tx_comparison_list(const tx_comparison *comparison, size_t rank, size_t site)
{
  const tx_compared_taxon *taxa;
  const size_t count = tx_comparison_taxa(comparison, rank, site, &taxa);
  tx_list_scores scores = {0};
  for (size_t i = 0; i < count; i++) {
    if (taxa[i].reads > 0 && taxa[i].specimens > 0)
      scores.both++;
    else if (taxa[i].reads > 0)
      scores.bulk_only++;
    else
      scores.specimens_only++;
  }
  fill_scores(&scores);
  return scores;
}

tx_list_scores tx_comparison_micro(const tx_comparison *comparison, size_t rank)
{
  tx_list_scores sum = {0};
  for (size_t s = 0; s < comparison->site_count; s++) {
    const tx_list_scores scores = tx_comparison_list(comparison, rank, s);
    sum.both += scores.both;
    sum.bulk_only += scores.bulk_only;
    sum.specimens_only += scores.specimens_only;
  }
  fill_scores(&sum);
  return sum;
}

tx_list_scores tx_comparison_macro(const tx_comparison *comparison, size_t rank)
{
  const double sites = (double)comparison->site_count;
  tx_list_scores mean = {0};
  for (size_t s = 0; s < comparison->site_count; s++) {
    const tx_list_scores scores = tx_comparison_list(comparison, rank, s);
    mean.precision += scores.precision / sites;
    mean.recall += scores.recall / sites;
    mean.f1 += scores.f1 / sites;
    mean.jaccard += scores.jaccard / sites;
  }
  return mean;
}

/* A value and its place, to be put in order. */
typedef struct placed_value {
  double value;
  size_t place;
} placed_value;

/* Values of the taxa of one site; each has room for the taxa of the largest. */
typedef struct site_values {
  double *reads, *specimens;
  placed_value *order;
} site_values;

static int compare_values(const void *a, const void *b)
{
  const double one = ((const placed_value *)a)->value, other = ((const placed_value *)b)->value;
  return (one > other) - (one < other);
}

/* Replaces values by their ranks, from 1; equal values have the mean of theirs. */
static void rank_values(double *values, size_t count, placed_value *order)
{
  for (size_t i = 0; i < count; i++) order[i] = (placed_value){values[i], i};
  qsort(order, count, sizeof *order, compare_values);
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && !(order[end].value > order[i].value);) end++;
    for (size_t k = i; k < end; k++) values[order[k].place] = (double)(i + 1 + end) / 2;
  }
}

/* Pearson's correlation. */
static double correlate(const double *a, const double *b, size_t count)
{
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < count; i++) {
    mean_a += a[i] / (double)count;
    mean_b += b[i] / (double)count;
  }
  for (size_t i = 0; i < count; i++) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  ab /= sqrt(aa) * sqrt(bb);
  return ab > 1 ? 1 : ab < -1 ? -1 : ab;
}

static bool is_constant(const double *values, size_t count)
{
  for (size_t i = 1; i < count; i++)
    if (values[i] != values[0]) return false;
  return true;
}

static tx_abundance_scores score_site(const tx_compared_taxon *taxa, size_t count, site_values *values)
{
  tx_abundance_scores scores = {.taxa = count};
  double *const reads = values->reads, *const specimens = values->specimens;
  double sum_reads = 0, sum_specimens = 0;
  for (size_t i = 0; i < count; i++) {
    sum_reads += reads[i] = taxa[i].reads;
    sum_specimens += specimens[i] = taxa[i].specimens;
  }
  scores.shared = sum_reads > 0 && sum_specimens > 0;
  for (size_t i = 0; scores.shared && i < count; i++)
    scores.bray_curtis += fabs(reads[i] / sum_reads - specimens[i] / sum_specimens) / 2;
  scores.correlated = count >= 3 && !is_constant(reads, count) && !is_constant(specimens, count);
  if (!scores.correlated) return scores;
  rank_values(reads, count, values->order);
  rank_values(specimens, count, values->order);
  scores.spearman = correlate(reads, specimens, count);
  for (size_t i = 0; i < count; i++) {
    reads[i] = log1p(taxa[i].reads);
    specimens[i] = log1p(taxa[i].specimens);
  }
  scores.pearson = correlate(reads, specimens, count);
  return scores;
}

static tx_status score_abundance(const tx_comparison *comparison, tx_compared_rank *rank, tx_error *error)
{
  const size_t most = tx_names_count(rank->keys) + 1;
  site_values values = {calloc(most, sizeof(double)), calloc(most, sizeof(double)),
                        calloc(most, sizeof(placed_value))};
  tx_status status = TX_OK;
  rank->abundance = calloc(comparison->site_count + 1, sizeof *rank->abundance);
  if (!values.reads || !values.specimens || !values.order || !rank->abundance)
    status = tx_fail_memory(error, "the comparison");
  for (size_t s = 0; s < comparison->site_count && status == TX_OK; s++)
    rank->abundance[s] =
        score_site(rank->listed + rank->starts[s], rank->starts[s + 1] - rank->starts[s], &values);
  free(values.reads);
  free(values.specimens);
  free(values.order);
  return status;
}

tx_status tx_comparison_finish(tx_comparison *comparison, tx_error *error)
{
  tx_status status = choose_sites(comparison, error);
  for (size_t r = 0; r < comparison->rank_count && status == TX_OK; r++) {
    status = list_taxa(comparison, &comparison->ranks[r], error);
    if (status == TX_OK) status = score_abundance(comparison, &comparison->ranks[r], error);
  }
  comparison->finished = status == TX_OK;
  return status;
}

tx_abundance_scores tx_comparison_abundance(const tx_comparison *comparison, size_t rank, size_t site)
{
  return comparison->ranks[rank].abundance[site];
}
