#include "evidence/lineage.h"

void tx_lineages_fill(const tx_outcome_space *space, const tx_outcome *outcomes, size_t count,
                      tx_lineages lineages)
{
  const tx_taxonomy *taxonomy = space->index->references->taxonomy;
  for (size_t o = 0; o < count; o++) {
    if (outcomes[o].rank >= 0)
      tx_taxonomy_lineage(taxonomy, (size_t)outcomes[o].rank, outcomes[o].taxon, lineages[o]);
    else
      for (size_t r = 0; r < space->ranks; r++) lineages[o][r] = -1;
  }
}

/* Whether an outcome goes through the taxa chosen so far. */
static bool agrees(const int32_t *lineage, const int32_t *taxa, size_t rank)
{
  for (size_t r = 0; r < rank; r++)
    if (taxa[r] >= 0 && lineage[r] >= 0 && lineage[r] != taxa[r]) return false;
  return true;
}

/* Whether an outcome has a taxon below a rank at which it has none. */
static bool has_gap(const int32_t *lineage, size_t rank, size_t ranks)
{
  if (lineage[rank] >= 0) return false;
  for (size_t r = rank + 1; r < ranks; r++)
    if (lineage[r] >= 0) return true;
  return false;
}

void tx_lineages_choose(const tx_outcome_space *space, tx_lineages lineages, const double *probabilities,
                        size_t count, int32_t *taxa, double *confidence)
{
  double above = 1;
  for (size_t r = 0; r < space->ranks; r++) {
    double gaps = 0;
    taxa[r] = -1;
    confidence[r] = 0;
    for (size_t o = 0; o < count; o++) {
      const int32_t taxon = lineages[o][r];
      double sum = 0;
      if (has_gap(lineages[o], r, space->ranks) && agrees(lineages[o], taxa, r)) gaps += probabilities[o];
      if (taxon < 0 || !agrees(lineages[o], taxa, r)) continue;
      for (size_t i = 0; i < count; i++)
        if (lineages[i][r] == taxon) sum += probabilities[i];
      if (sum <= confidence[r]) continue;
      taxa[r] = taxon;
      confidence[r] = sum;
    }
    if (gaps > confidence[r]) {
      taxa[r] = -1;
      confidence[r] = 0;
    }
    if (taxa[r] < 0) continue;
    if (confidence[r] > above) confidence[r] = above;
    above = confidence[r];
  }
}
