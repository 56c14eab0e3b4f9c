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

tx_status tx_comparison_finish(tx_comparison *comparison, tx_error *error)
{
  tx_status status = choose_sites(comparison, error);
  for (size_t r = 0; r < comparison->rank_count && status == TX_OK; r++)
    status = list_taxa(comparison, &comparison->ranks[r], error);
  comparison->finished = status == TX_OK;
  return status;
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

/* One of the two values of a taxon, by its sign in the call. */
static double value_of(const tx_compared_taxon *taxon, bool reads)
{
  return reads ? taxon->reads : taxon->specimens;
}

/* The rank of a value among all, from 1; equal values have the mean of theirs. */
static double mean_rank(const tx_compared_taxon *taxa, size_t count, size_t at, bool reads)
{
  const double value = value_of(&taxa[at], reads);
  size_t below = 0, equal = 0;
  for (size_t i = 0; i < count; i++) {
    below += value_of(&taxa[i], reads) < value;
    equal += value_of(&taxa[i], reads) == value;
  }
  return (double)below + ((double)equal + 1) / 2;
}

typedef double (*scale_value)(const tx_compared_taxon *taxa, size_t count, size_t at, bool reads);

static double log_value(const tx_compared_taxon *taxa, size_t count, size_t at, bool reads)
{
  (void)count;
  return log1p(value_of(&taxa[at], reads));
}

/* Pearson's correlation of the scaled values. */
static double correlate(const tx_compared_taxon *taxa, size_t count, scale_value scale)
{
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < count; i++) {
    mean_a += scale(taxa, count, i, true) / (double)count;
    mean_b += scale(taxa, count, i, false) / (double)count;
  }
  for (size_t i = 0; i < count; i++) {
    const double a = scale(taxa, count, i, true) - mean_a, b = scale(taxa, count, i, false) - mean_b;
    aa += a * a;
    bb += b * b;
    ab += a * b;
  }
  ab /= sqrt(aa) * sqrt(bb);
  return ab > 1 ? 1 : ab < -1 ? -1 : ab;
}

static bool is_constant(const tx_compared_taxon *taxa, size_t count, bool reads)
{
  for (size_t i = 1; i < count; i++)
    if (value_of(&taxa[i], reads) != value_of(&taxa[0], reads)) return false;
  return true;
}

tx_abundance_scores tx_comparison_abundance(const tx_comparison *comparison, size_t rank, size_t site)
{
  const tx_compared_taxon *taxa;
  const size_t count = tx_comparison_taxa(comparison, rank, site, &taxa);
  tx_abundance_scores scores = {.taxa = count};
  double reads = 0, specimens = 0;
  for (size_t i = 0; i < count; i++) {
    reads += taxa[i].reads;
    specimens += taxa[i].specimens;
  }
  scores.correlated = count >= 3 && !is_constant(taxa, count, true) && !is_constant(taxa, count, false);
  if (scores.correlated) {
    scores.spearman = correlate(taxa, count, mean_rank);
    scores.pearson = correlate(taxa, count, log_value);
  }
  scores.shared = reads > 0 && specimens > 0;
  for (size_t i = 0; scores.shared && i < count; i++)
    scores.bray_curtis += fabs(taxa[i].reads / reads - taxa[i].specimens / specimens) / 2;
  return scores;
}
